// One request to Amazon and its answer as bytes, within limits of time and size. What goes wrong on the way is an
// outage; what Amazon answers, whatever its status, is an answer.

import { Outage } from "../../../errors/outage.ts";

/** Longest wait for an answer; SP-API cuts its own side off at about 30 s. */
export const REQUEST_MS_MAX = 60_000;
/** Amazon asks callers to name application and language ("Include a User-Agent header"). */
export const USER_AGENT = "Straitway/0.1 (Language=TypeScript)";

export type HttpRequest = {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Bytes of the answer at most. */
  readonly bytesMax: number;
  /** Says what was asked in messages; never the address, which may carry a signature. */
  readonly label: string;
  readonly signal?: AbortSignal | undefined;
};

export type HttpAnswer = {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
};

export async function exchange(fetcher: typeof fetch, request: HttpRequest): Promise<HttpAnswer> {
  const { method, url, headers, body, label, bytesMax } = request;
  const timeout = AbortSignal.timeout(REQUEST_MS_MAX);
  const signal =
    request.signal === undefined ? timeout : AbortSignal.any([timeout, request.signal]);
  try {
    const response = await fetcher(url, {
      method,
      headers: { "user-agent": USER_AGENT, ...headers },
      redirect: "error",
      signal,
      ...(body === undefined ? {} : { body }),
    });
    const bytes = await readBody(response, bytesMax, label);
    return { status: response.status, headers: response.headers, bytes };
  } catch (error) {
    if (error instanceof Outage) throw error;
    throw new Outage("amazon", `${label} got no answer`, { retryable: true, cause: error });
  }
}

async function readBody(response: Response, bytesMax: number, label: string): Promise<Buffer> {
  if (response.body === null) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    length += chunk.byteLength;
    if (length > bytesMax) {
      throw new Outage("amazon", `${label} answered more than ${bytesMax} bytes`, {
        retryable: false,
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}
