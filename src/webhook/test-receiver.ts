// A subscriber of the tests: an HTTP server on this machine that keeps what it got and answers as it is told. Used by
// tests only; the program never imports it.

import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import type { EventBody } from "./event-body.ts";

export type Received = {
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly event: EventBody;
};

export type TestAnswer = {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

export type TestReceiver = {
  readonly url: string;
  readonly received: Received[];
  /** Says what to answer to a message; may wait. 200 unless told. */
  answer: (message: Received) => TestAnswer | Promise<TestAnswer>;
  readonly close: () => Promise<void>;
};

export async function openTestReceiver(): Promise<TestReceiver> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.once("end", () => {
      const text = Buffer.concat(chunks).toString("utf8");
      const message = {
        headers: request.headers,
        text,
        event: JSON.parse(text) as EventBody,
      };
      received.push(message);
      const give = async (): Promise<void> => {
        const { status, body = "", headers = {} } = await receiver.answer(message);
        response.writeHead(status, headers);
        response.end(body);
      };
      void give();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const receiver: TestReceiver = {
    url: `http://127.0.0.1:${port}/hooks`,
    received,
    answer: () => ({ status: 200 }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return receiver;
}
