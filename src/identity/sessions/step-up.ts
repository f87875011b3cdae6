// Stepping up: a signed-in person shows a second factor again, because what comes next is sensitive. The session goes
// on under a new token.

import type { AuthenticationResponseJSON } from "@simplewebauthn/server";
import type { AccessDeps, AccessOutcome, Client } from "../access-deps.ts";
import { recordActs } from "../audit.ts";
import { takeTotp } from "./factors.ts";
import { closeHearing, failed, type Hearing, openHearing, refuseTry } from "./hearing.ts";
import { takePasskey } from "./passkeys.ts";
import { findSession, renewSession, type Session } from "./sessions.ts";

/** The new token of the same session, and when the factor was shown. */
export type SteppedUp = { readonly token: string; readonly session: Session };

/** By an authenticator app's code. Refused: `sign-in-failed`, `sign-in-locked`. */
export async function stepUpWithTotp(
  deps: AccessDeps,
  token: string,
  code: string,
  client: Client,
): Promise<AccessOutcome<SteppedUp>> {
  return stepUp(deps, token, client, "totp", (session) =>
    deps.database.transaction((tx) => takeTotp(tx, deps, session.userId, code, deps.clock.now())),
  );
}

/** By a passkey. Refused as above. */
export async function stepUpWithPasskey(
  deps: AccessDeps,
  token: string,
  response: AuthenticationResponseJSON,
  client: Client,
): Promise<AccessOutcome<SteppedUp>> {
  return stepUp(deps, token, client, "passkey", async (session) => {
    return (await takePasskey(deps, "passkey-step-up", session, response)) !== null;
  });
}

async function stepUp(
  deps: AccessDeps,
  token: string,
  client: Client,
  factor: "totp" | "passkey",
  take: (session: Session) => Promise<boolean>,
): Promise<AccessOutcome<SteppedUp>> {
  const found = await findSession(deps.database, deps, token, deps.clock.now());
  if (found?.session.stage !== "full") return failed();
  const { session } = found;
  const heard = await openHearing(deps, { kind: "factor", value: session.userId }, client);
  if (!heard.ok) return heard;
  if (await take(session)) {
    return { ok: true, value: await renew(deps, session, heard.value, factor, client) };
  }
  return refuseTry(deps, heard.value, client, {
    kind: "step-up-refused",
    userId: session.userId,
    actor: session.userId,
    reason: factor,
    data: { sessionId: session.sessionId },
  });
}

function renew(
  deps: AccessDeps,
  session: Session,
  hearing: Hearing,
  factor: "totp" | "passkey",
  client: Client,
): Promise<SteppedUp> {
  const now = deps.clock.now();
  const { sessionId, userId } = session;
  return deps.database.transaction(async (tx) => {
    await closeHearing(tx, deps, hearing);
    const token = await renewSession(tx, deps.tenantId, sessionId, now);
    const act = { subject: userId, at: now, actor: userId, client } as const;
    await recordActs(tx, deps.tenantId, [
      { ...act, kind: "stepped-up", data: { factor, sessionId } },
    ]);
    return { token, session: { ...session, steppedUpAt: now, seenAt: now } };
  });
}
