// Calls of the Selling Partner API: a token of the operation's bucket first, an access token in the header, and patience
// with what passes. A call that changes something is sent once; whoever made it looks up what became of it.

import { Outage } from "../../../errors/outage.ts";
import type { Outcome, Reason } from "../../../errors/refusal.ts";
import type { Clock } from "../../../time/clock.ts";
import { instantOfMs, msOf } from "../../../time/instant.ts";
import type { JsonObject, JsonValue } from "../json-decimal.ts";
import { isArray, isObject, readJson, textOf } from "../json-decimal.ts";
import { JSON_BYTES_MAX } from "../limits.ts";
import { exchange, type HttpAnswer } from "./http-exchange.ts";
import { refreshAccess, type Tokens } from "./login.ts";
import { type Operation, type OperationName, operationOf } from "./operations.ts";
import type { RateLimiter } from "./rate-limiter.ts";
import { API_HOSTS, type Region, SANDBOX_HOSTS } from "./regions.ts";
import type { AmazonSettings } from "./settings.ts";
import { Throttled } from "./throttled.ts";

/** Longest wait for a token of the bucket within one run; beyond it the work is put off. */
export const BUCKET_WAIT_MS_MAX = 10_000;
/** Refusals for the rate that one call takes before the work is put off. */
const THROTTLED_MAX = 2;
/** Tries of a reading call that Amazon answers with a fault of its own, and the pause after the first; it doubles. */
const FAULT_TRIES_MAX = 3;
const FAULT_WAIT_FIRST_MS = 1_000;
/** An access token is not used in its last minute. */
const ACCESS_MARGIN_MS = 60_000;

/** One store's way into the API. */
export type Access = {
  readonly region: Region;
  readonly partnerId: string;
  readonly refreshToken: string;
};

export type ClientParts = {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly wait: (ms: number) => Promise<void>;
  readonly settings: AmazonSettings;
  readonly limiter: RateLimiter;
};

export type Call = {
  readonly operation: OperationName;
  /** Parameters in the path. */
  readonly path?: Readonly<Record<string, string>>;
  /** A list goes out as one value with commas; null and absent ones are left out. */
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  /** Sent as JSON. */
  readonly body?: Readonly<Record<string, string>>;
};

export type Answer =
  | { readonly ok: true; readonly bytes: Buffer; readonly json: JsonValue }
  /** Amazon refuses: 400 to 499 but 429. `reasons` are its errors, their codes as it writes them. */
  | { readonly ok: false; readonly status: number; readonly reasons: readonly Reason[] };

export type SpApi = {
  /**
   * Throws `Throttled` when the limits say later, an `Outage` of port "amazon" when Amazon fails, and one of port
   * "amazon-authorisation" when the store's authorisation is not taken any more.
   */
  readonly call: (access: Access, call: Call, signal?: AbortSignal) => Promise<Answer>;
};

export function createSpApi(parts: ClientParts): SpApi {
  const tokens = new Map<string, Promise<{ accessToken: string; untilMs: number }>>();
  const accessToken = async ({ refreshToken }: Access, isStale: boolean): Promise<string> => {
    const nowMs = msOf(parts.clock.now());
    const known = isStale ? undefined : await tokens.get(refreshToken);
    if (known !== undefined && known.untilMs > nowMs) return known.accessToken;
    const asking = askAccess(parts, refreshToken);
    tokens.set(refreshToken, asking);
    asking.catch(() => tokens.delete(refreshToken));
    return (await asking).accessToken;
  };
  return {
    call: async (access, call, signal) => {
      const operation = operationOf(call.operation);
      const key = `${access.partnerId}/${access.region}/${operation.name}`;
      let isStale = false;
      let throttled = 0;
      for (let tries = 1; ; tries += 1) {
        await takeTurn(parts, operation, key);
        const token = await accessToken(access, isStale);
        const sent = await send(parts, access, operation, call, token, signal);
        const rate = sent.headers.get("x-amzn-ratelimit-limit");
        if (rate !== null) parts.limiter.told(key, Number(rate));
        if (sent.status === 429) {
          parts.limiter.refused(key, operation.plan);
          throttled += 1;
          if (throttled > THROTTLED_MAX) throw laterOf(parts, operation, key);
        } else if (isAccessRefused(sent) && !isStale) {
          isStale = true;
        } else if (sent.status >= 500) {
          await afterFault(parts, operation, sent.status, tries);
        } else return answerOf(sent, operation);
      }
    },
  };
}

async function askAccess(parts: ClientParts, refreshToken: string) {
  const outcome: Outcome<Tokens> = await refreshAccess(parts.fetch, parts.settings, refreshToken);
  if (!outcome.ok) {
    throw new Outage("amazon-authorisation", outcome.refusal.message, { retryable: false });
  }
  const { accessToken, expiresInS } = outcome.value;
  const untilMs = msOf(parts.clock.now()) + expiresInS * 1000 - ACCESS_MARGIN_MS;
  return { accessToken, untilMs };
}

async function takeTurn(parts: ClientParts, operation: Operation, key: string): Promise<void> {
  const turn = parts.limiter.reserve(key, operation.plan, BUCKET_WAIT_MS_MAX);
  if (!turn.ok) throw new Throttled(operation.name, turn.freeAt);
  if (turn.waitMs > 0) await parts.wait(turn.waitMs);
}

/** When the next token comes, without taking one. */
function laterOf(parts: ClientParts, operation: Operation, key: string): Throttled {
  const turn = parts.limiter.reserve(key, operation.plan, -1);
  const nowMs = msOf(parts.clock.now());
  return new Throttled(operation.name, turn.ok ? instantOfMs(nowMs) : turn.freeAt);
}

async function afterFault(
  parts: ClientParts,
  operation: Operation,
  status: number,
  tries: number,
): Promise<void> {
  if (operation.method !== "GET" || tries >= FAULT_TRIES_MAX) {
    throw new Outage("amazon", `${operation.name} answered ${status}`, { retryable: true });
  }
  await parts.wait(FAULT_WAIT_FIRST_MS * 2 ** (tries - 1));
}

async function send(
  parts: ClientParts,
  { region }: Access,
  { method, path, name }: Operation,
  call: Call,
  token: string,
  signal: AbortSignal | undefined,
): Promise<HttpAnswer> {
  const { settings } = parts;
  const hosts = settings.usesStaticSandbox ? SANDBOX_HOSTS : API_HOSTS;
  const filled = path.replace(/\{(\w+)\}/g, (_, key: string) =>
    encodeURIComponent(call.path?.[key] ?? ""),
  );
  const url = new URL(filled, settings.apiUrl ?? hosts[region]);
  for (const [key, value] of Object.entries(call.query ?? {})) {
    if (value !== null)
      url.searchParams.set(key, typeof value === "string" ? value : value.join(","));
  }
  return exchange(parts.fetch, {
    method,
    url: url.href,
    headers: {
      accept: "application/json",
      "x-amz-access-token": token,
      ...(call.body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    bytesMax: JSON_BYTES_MAX,
    label: name,
    signal,
  });
}

/** An access token that ran out or was taken back is answered with 401, or with 403 and this code. */
function isAccessRefused(sent: HttpAnswer): boolean {
  if (sent.status === 401) return true;
  return sent.status === 403 && errorsOf(sent).some(({ code }) => code === "Unauthorized");
}

function answerOf(sent: HttpAnswer, operation: Operation): Answer {
  if (sent.status >= 400) return { ok: false, status: sent.status, reasons: errorsOf(sent) };
  const read = readJson(sent.bytes.toString("utf8"));
  if (!read.ok) {
    throw new Outage("amazon", `${operation.name} answered what is no JSON (${read.problem})`, {
      retryable: true,
    });
  }
  return { ok: true, bytes: sent.bytes, json: read.value };
}

function errorsOf({ bytes, status }: HttpAnswer): readonly Reason[] {
  const read = readJson(bytes.toString("utf8"));
  const errors = read.ok && isObject(read.value) ? read.value.get("errors") : undefined;
  const found = (isArray(errors) ? errors.filter(isObject) : []).map((error: JsonObject) => ({
    code: textOf(error, "code") ?? `${status}`,
    line: null,
    message: textOf(error, "message") ?? textOf(error, "details") ?? "",
  }));
  return found.length > 0 ? found : [{ code: `${status}`, line: null, message: "" }];
}
