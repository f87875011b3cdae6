// Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-07): a request that moves money is done once, however
// often it is sent. Its answer is kept for 30 days and given again; while the first runs, a repeat is told to wait; the
// same key with another request is refused.

import { createHash } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Tx } from "../storage/database.ts";
import { type Instant, instantOfMs, msOf } from "../time/instant.ts";
import { PROBLEMS, type ProblemCode, problem } from "./problems.ts";
import type { ApiEnv } from "./register.ts";

/** How long an answer is kept. */
export const IDEMPOTENCY_DAYS = 30;
/** A run that has not said so long that it lives was interrupted: the next repeat does it again, with the same ids. */
export const RUNNING_MS_MAX = 2 * 60 * 1000;
/** How often a run says that it lives. */
const RENEW_EVERY_MS = 30_000;
const DAY_MS = 86_400_000;

/** Headers of an answer that are part of it. */
const KEPT_HEADERS = ["content-type", "location", "etag", "content-language"] as const;

/** Faults of the request's form: nothing was done, so the key is free for the corrected request. */
const OF_FORM: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  "request-invalid",
  "json-malformed",
  "body-too-large",
  "media-type-not-supported",
]);

type KeyRow = {
  fingerprint: string;
  attempt: number;
  state: "running" | "answered";
  lease_until: Instant;
  status: number | null;
  headers: Readonly<Record<string, string>> | null;
  body: string | null;
};

/** The key bare or as a structured-field string (RFC 9651, 3.3.3): 8 to 128 visible characters. */
export function readIdempotencyKey(header: string | undefined): string {
  if (header === undefined || header.trim() === "") throw problem("idempotency-key-missing");
  const text = header.trim();
  const quoted = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/.exec(text)?.[1];
  const key = quoted === undefined ? text : quoted.replace(/\\(["\\])/g, "$1");
  if (!/^[\x21-\x7e]{8,128}$/.test(key) || (quoted === undefined && /["\\]/.test(key))) {
    throw problem("idempotency-key-invalid");
  }
  return key;
}

export function idempotent(): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const { access, store, tenantId } = c.get("deps");
    // People's own time: a sandbox moves the channel's clock while a request runs.
    const { clock } = access;
    const callerId = c.get("caller").id;
    const key = readIdempotencyKey(c.req.header("idempotency-key"));
    const fingerprint = await fingerprintOf(c);
    const at = { tenantId, callerId, key };
    const claim = await store.database.transaction((tx) =>
      claimKey(tx, at, fingerprint, clock.now()),
    );
    if (claim.kind === "answered") return repeated(claim.row);
    c.set("actKey", `${callerId}/${key}`);
    const renewing = setInterval(() => {
      // A renewal that fails is made up for by the next; without any the run counts as interrupted.
      void renew(store.database, at, claim.attempt, clock.now()).catch(() => undefined);
    }, RENEW_EVERY_MS);
    try {
      await next();
    } finally {
      clearInterval(renewing);
    }
    const code = c.get("problem");
    if (code !== undefined && OF_FORM.has(code)) await freeKey(store.database, at, claim.attempt);
    else if (isFinal(c)) await keepAnswer(store.database, at, claim.attempt, c.res.clone());
    else await endRun(store.database, at, claim.attempt, clock.now());
    c.header("Idempotency-Hit", "false");
    return undefined;
  };
}

type KeyPlace = { readonly tenantId: string; readonly callerId: string; readonly key: string };

async function fingerprintOf(c: Context<ApiEnv>): Promise<string> {
  const body = new Uint8Array(await c.req.arrayBuffer());
  const { pathname, search } = new URL(c.req.url);
  return createHash("sha256")
    .update(JSON.stringify([c.req.method, pathname, search]))
    .update(body)
    .digest("hex");
}

type Claim =
  | { readonly kind: "ours"; readonly attempt: number }
  | { readonly kind: "answered"; readonly row: KeyRow };

/** Takes the key for this run, or finds what became of an earlier one. */
async function claimKey(tx: Tx, at: KeyPlace, fingerprint: string, now: Instant): Promise<Claim> {
  const place = [at.tenantId, at.callerId, at.key];
  await tx.query(
    `DELETE FROM idempotency_key WHERE tenant_id = $1 AND caller_id = $2 AND key = $3 AND expires_at <= $4`,
    [...place, now],
  );
  const made = await tx.query(
    `INSERT INTO idempotency_key (tenant_id, caller_id, key, fingerprint, attempt, state, started_at, lease_until, expires_at)
     VALUES ($1, $2, $3, $4, 1, 'running', $5, $6, $7) ON CONFLICT DO NOTHING RETURNING 1`,
    [
      ...place,
      fingerprint,
      now,
      leaseFrom(now),
      instantOfMs(msOf(now) + IDEMPOTENCY_DAYS * DAY_MS),
    ],
  );
  if (made.length === 1) return { kind: "ours", attempt: 1 };
  const [row] = await tx.query<KeyRow>(
    `SELECT fingerprint, attempt, state, lease_until, status, headers, body FROM idempotency_key
      WHERE tenant_id = $1 AND caller_id = $2 AND key = $3 FOR UPDATE`,
    place,
  );
  // Freed between the two statements: its run did nothing.
  if (row === undefined)
    throw problem("idempotency-key-running", { headers: { "Retry-After": "1" } });
  if (row.fingerprint !== fingerprint) throw problem("idempotency-key-reused");
  if (row.state === "answered") return { kind: "answered", row };
  if (row.lease_until > now) {
    throw problem("idempotency-key-running", { headers: { "Retry-After": "1" } });
  }
  await tx.query(
    `UPDATE idempotency_key SET attempt = attempt + 1, started_at = $4, lease_until = $5
      WHERE tenant_id = $1 AND caller_id = $2 AND key = $3`,
    [...place, now, leaseFrom(now)],
  );
  return { kind: "ours", attempt: row.attempt + 1 };
}

function leaseFrom(now: Instant): Instant {
  return instantOfMs(msOf(now) + RUNNING_MS_MAX);
}

/** An answer is final when the act was done, or refused for what it is and not for the moment. */
function isFinal(c: Context<ApiEnv>): boolean {
  const code = c.get("problem");
  if (code !== undefined) return !PROBLEMS[code].retryable;
  return c.error === undefined && c.res.status < 500;
}

async function keepAnswer(tx: Tx, at: KeyPlace, attempt: number, answer: Response): Promise<void> {
  const headers = Object.fromEntries(
    KEPT_HEADERS.flatMap((name) => {
      const value = answer.headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
  await tx.query(
    `UPDATE idempotency_key SET state = 'answered', status = $5, headers = $6::jsonb, body = $7
      WHERE tenant_id = $1 AND caller_id = $2 AND key = $3 AND attempt = $4 AND state = 'running'`,
    [
      at.tenantId,
      at.callerId,
      at.key,
      attempt,
      answer.status,
      JSON.stringify(headers),
      await answer.text(),
    ],
  );
}

async function renew(tx: Tx, at: KeyPlace, attempt: number, now: Instant): Promise<void> {
  await tx.query(
    `UPDATE idempotency_key SET lease_until = $5
      WHERE tenant_id = $1 AND caller_id = $2 AND key = $3 AND attempt = $4 AND state = 'running'`,
    [at.tenantId, at.callerId, at.key, attempt, leaseFrom(now)],
  );
}

/** It failed, and what it did is not known: the same request may run again at once, another one may not. */
async function endRun(tx: Tx, at: KeyPlace, attempt: number, now: Instant): Promise<void> {
  await tx.query(
    `UPDATE idempotency_key SET lease_until = $5
      WHERE tenant_id = $1 AND caller_id = $2 AND key = $3 AND attempt = $4 AND state = 'running'`,
    [at.tenantId, at.callerId, at.key, attempt, now],
  );
}

/** Nothing was done: the key may come with the corrected request. */
async function freeKey(tx: Tx, at: KeyPlace, attempt: number): Promise<void> {
  await tx.query(
    `DELETE FROM idempotency_key
      WHERE tenant_id = $1 AND caller_id = $2 AND key = $3 AND attempt = $4 AND state = 'running'`,
    [at.tenantId, at.callerId, at.key, attempt],
  );
}

function repeated(row: KeyRow): Response {
  const isEmpty = row.body === "" || row.status === 204;
  return new Response(isEmpty ? null : row.body, {
    status: row.status as ContentfulStatusCode,
    headers: { ...row.headers, "Idempotency-Hit": "true" },
  });
}
