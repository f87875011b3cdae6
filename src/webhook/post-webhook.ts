// One attempt over HTTP: one POST, no redirects, a bounded time, and no more of the answer than the log keeps.

import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP } from "node:net";
import type { WebhookSettings } from "./settings.ts";
import { AddressRefused, addressRule, guardedLookup, hostOf } from "./target-guard.ts";

/** Milliseconds that an endpoint has to answer, connecting included; Standard Webhooks recommends 15 to 30 seconds. */
export const ATTEMPT_MS_MAX = 15_000;
/** Characters of an answer that are kept in the log. */
export const RESPONSE_LENGTH_MAX = 4_096;

export type WebhookPost = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export type PostAnswer =
  | {
      readonly kind: "answered";
      readonly status: number;
      /** The beginning of the answer's body. */
      readonly body: string;
      readonly isCut: boolean;
      /** What the endpoint asked to wait, in milliseconds (Retry-After in seconds); null when it did not. */
      readonly askedWaitMs: number | null;
    }
  | {
      readonly kind: "failed";
      readonly code: "timeout" | "address-refused" | "name-not-found" | "tls" | "connection";
    };

/** Never rejects: whatever goes wrong is an answer. */
export type PostWebhook = (post: WebhookPost, signal?: AbortSignal) => Promise<PostAnswer>;

export function webhookPoster(
  settings: WebhookSettings,
  attemptMsMax: number = ATTEMPT_MS_MAX,
): PostWebhook {
  const isAllowed = addressRule(settings);
  const lookup = guardedLookup(isAllowed);
  return async ({ url: text, headers, body }, stop) => {
    const url = new URL(text);
    const host = hostOf(url);
    // An address in the URL is never looked up, so it is checked here.
    if (isIP(host) !== 0 && !isAllowed(host)) return { kind: "failed", code: "address-refused" };
    const timeout = AbortSignal.timeout(attemptMsMax);
    const signal = stop === undefined ? timeout : AbortSignal.any([timeout, stop]);
    const request = url.protocol === "https:" ? httpsRequest : httpRequest;
    try {
      return await new Promise<PostAnswer>((resolve, reject) => {
        const call = request(url, {
          method: "POST",
          headers: { ...headers, "content-length": Buffer.byteLength(body) },
          // A connection of its own: a kept one might have been closed by the other side meanwhile.
          agent: false,
          lookup,
          signal,
        });
        call.once("error", reject);
        call.once("response", (response) => {
          answerOf(response).then(resolve, reject);
        });
        call.end(body);
      });
    } catch (error) {
      return { kind: "failed", code: timeout.aborted ? "timeout" : failureOf(error) };
    }
  };
}

async function answerOf(response: IncomingMessage): Promise<PostAnswer> {
  const chunks: Buffer[] = [];
  let length = 0;
  let isCut = false;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    // One more than is kept, so that it is known to be longer; the rest is not waited for.
    if (length > RESPONSE_LENGTH_MAX) {
      isCut = true;
      break;
    }
  }
  response.destroy();
  const retryAfter = response.headers["retry-after"] ?? "";
  return {
    kind: "answered",
    status: response.statusCode ?? 0,
    body: textOf(Buffer.concat(chunks).subarray(0, RESPONSE_LENGTH_MAX)),
    isCut,
    askedWaitMs: /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) * 1_000 : null,
  };
}

/** What PostgreSQL's text and a reader's terminal can take: no NUL, and no other control but line ends and tabs. */
function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString("utf8")
    .replace(/[^\P{Cc}\n\r\t]/gu, "\uFFFD");
}

function failureOf(error: unknown): Extract<PostAnswer, { kind: "failed" }>["code"] {
  if (error instanceof AddressRefused) return "address-refused";
  const { code = "" } = error as { code?: string };
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "name-not-found";
  return /CERT|SSL|TLS|ALTNAME|SELF_SIGNED/.test(code) ? "tls" : "connection";
}
