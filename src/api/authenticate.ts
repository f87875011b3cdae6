// Who sends a request: a program by the key in Authorization, else a person by the session's cookie. A key that is not
// good is refused whatever else comes with it; a session that is over is as if nobody had signed in.

import type { Context } from "hono";
import type { AccessDeps } from "../identity/access-deps.ts";
import { type ApiKey, presentKey } from "../identity/api-keys/api-keys.ts";
import { recordActs } from "../identity/audit.ts";
import type { Caller } from "../identity/caller.ts";
import { callerOfSession, findSession } from "../identity/sessions/sessions.ts";
import { msOf } from "../time/instant.ts";
import type { Authenticate } from "./deps.ts";
import { problem } from "./problems.ts";
import type { ApiEnv } from "./register.ts";
import { checkOrigin, clientOf, sessionToken } from "./session-cookie.ts";

/** A program that goes on with an ended key is put on record this often, not at each request. */
const REFUSED_KEY_EVERY_MS = 10 * 60 * 1000;
/** Keys of which the last record is remembered, at most. */
const REFUSED_KEYS_MAX = 10_000;

export function authenticator(access: AccessDeps): Authenticate {
  const recordedMs = new Map<string, number>();
  return async (c) => {
    const bearer = bearerOf(c);
    if (bearer !== null) return callerOfBearer(access, c, bearer, recordedMs);
    const token = sessionToken(c);
    if (token === null) return null;
    const found = await findSession(access.database, access, token, access.clock.now());
    const caller = found === null ? null : callerOfSession(found);
    if (caller !== null) checkOrigin(c, true);
    return caller;
  };
}

function bearerOf(c: Context<ApiEnv>): string | null {
  const header = c.req.header("authorization");
  if (header === undefined) return null;
  const bearer = /^bearer +(\S+) *$/i.exec(header)?.[1];
  if (bearer === undefined) throw notSignedIn();
  return bearer;
}

function notSignedIn() {
  const headers = { "WWW-Authenticate": 'Bearer error="invalid_token"' };
  return problem("not-signed-in", { headers });
}

async function callerOfBearer(
  access: AccessDeps,
  c: Context<ApiEnv>,
  secret: string,
  recordedMs: Map<string, number>,
): Promise<Caller> {
  const presented = await presentKey(access.database, access.tenantId, secret, access.clock.now());
  if (presented.ok) return presented.caller;
  if (presented.key !== null) {
    await noteRefusedKey(access, c, presented.key, presented.reason, recordedMs);
  }
  throw notSignedIn();
}

async function noteRefusedKey(
  access: AccessDeps,
  c: Context<ApiEnv>,
  { keyId }: ApiKey,
  reason: string,
  recordedMs: Map<string, number>,
): Promise<void> {
  const now = access.clock.now();
  const lastMs = recordedMs.get(keyId);
  if (lastMs !== undefined && msOf(now) - lastMs < REFUSED_KEY_EVERY_MS) return;
  if (recordedMs.size >= REFUSED_KEYS_MAX) recordedMs.clear();
  recordedMs.set(keyId, msOf(now));
  const act = { subject: keyId, actor: null, client: clientOf(c), data: { reason } } as const;
  await access.database.transaction((tx) =>
    recordActs(tx, access.tenantId, [{ ...act, kind: "api-key-refused", at: now }]),
  );
}
