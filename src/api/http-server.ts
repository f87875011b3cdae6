// The socket in front of the API: listens, traces each request, and stops without cutting off who is being answered.

import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { Outage } from "../errors/outage.ts";
import { traced, traceOf, traceparentNow } from "../runtime/tracing.ts";

export type Fetch = (request: Request, env?: object) => Response | Promise<Response>;

export type HttpServer = {
  /** Where it listens: "http://127.0.0.1:8420". */
  readonly url: string;
  readonly port: number;
  /** Takes no more, waits so long for what is being answered, then cuts off (streams that never end by themselves). */
  readonly close: (graceMs: number) => Promise<void>;
};

/** Listens; throws a final outage where the address cannot be had. */
export async function listenHttp(
  fetch: Fetch,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<HttpServer> {
  const server = createAdaptorServer({ fetch: tracedFetch(fetch) }) as Server;
  await new Promise<void>((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException): void =>
      reject(
        new Outage("http", `cannot listen on ${host}:${port} (${error.code ?? error.message})`, {
          retryable: false,
          cause: error,
        }),
      );
    server.once("error", refuse);
    server.listen(port, host, () => {
      server.off("error", refuse);
      resolve();
    });
  });
  const { port: bound } = server.address() as AddressInfo;
  const shown = host.includes(":") ? `[${host}]` : host;
  return {
    url: `http://${shown}:${bound}`,
    port: bound,
    close: (graceMs) => close(server, graceMs),
  };
}

/** Pause between two looks at connections that have become idle while the server closes. */
const IDLE_LOOK_MS = 50;

async function close(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  // Again and again: a connection is idle only once its answer has ended, and would be kept open for another request.
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_LOOK_MS);
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  server.closeIdleConnections();
  await closed;
  clearInterval(idle);
  clearTimeout(cut);
}

/** Each request in a span that goes on with the caller's trace; the API is told the span as its traceparent. */
function tracedFetch(fetch: Fetch): Fetch {
  return (request, env) =>
    traced(
      `HTTP ${request.method}`,
      { "http.request.method": request.method },
      async () => {
        const own = traceparentNow();
        if (own !== null) request.headers.set("traceparent", own);
        return fetch(request, env);
      },
      traceOf(request.headers),
    );
}
