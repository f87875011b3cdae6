// One call to a bank over HTTP: a body out, a body back, with a limit on time and size. What goes wrong on the way is
// an outage; no redirect is followed, because a bank does not move its interface in passing.

import { Outage } from "../../errors/outage.ts";

/** Milliseconds until the whole answer must be there. */
export const CALL_TIMEOUT_MS = 30_000;
/** Bytes of one answer: 2,000 notices are below 4 MB. */
export const ANSWER_BYTES_MAX = 16 * 1024 * 1024;

export type BankAnswer = { readonly status: number; readonly body: Uint8Array };

export async function callBank(
  url: string,
  body: Uint8Array,
  headers: Readonly<Record<string, string>>,
): Promise<BankAnswer> {
  try {
    const answer = await fetch(url, {
      method: "POST",
      body: Buffer.from(body.buffer as ArrayBuffer, body.byteOffset, body.byteLength),
      headers,
      redirect: "error",
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
    });
    return { status: answer.status, body: await limited(answer) };
  } catch (error) {
    if (error instanceof Outage) throw error;
    const { message, cause } = error as Error;
    const why = cause instanceof Error ? cause.message : message;
    throw outage(`no answer from ${new URL(url).host}: ${why}`, error);
  }
}

async function limited(answer: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let byteCount = 0;
  for await (const chunk of answer.body ?? []) {
    byteCount += chunk.length;
    if (byteCount > ANSWER_BYTES_MAX) throw outage("the bank's answer is too large", null);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function outage(message: string, cause: unknown): Outage {
  return new Outage("bank-api", message, { retryable: true, cause });
}
