// A signed-in person sets another password: the old one is asked for, and every other session of theirs ends.

import { hashPassword, isPassword } from "../../secret/password.ts";
import type { AccessDeps, AccessOutcome, Client } from "../access-deps.ts";
import { recordActs } from "../audit.ts";
import { closeHearing, openHearing, refuseTry } from "../sessions/hearing.ts";
import { endSessionsOf, type Session } from "../sessions/sessions.ts";
import { passwordRefusal } from "./password-rule.ts";
import { loadPasswordHash, loadUser, updateUser } from "./users.ts";

/**
 * Refused: `sign-in-failed` (the old password is wrong), `sign-in-locked`, `password-weak`. Who has no password yet
 * (company sign-in) leaves the old one empty.
 */
export async function changePassword(
  deps: AccessDeps,
  session: Session,
  typed: { readonly old: string; readonly password: string },
  client: Client,
): Promise<AccessOutcome<{ readonly endedSessions: number }>> {
  const { userId } = session;
  const heard = await openHearing(deps, { kind: "factor", value: userId }, client);
  if (!heard.ok) return heard;
  const [user, hash] = await Promise.all([
    loadUser(deps.database, deps.tenantId, userId),
    loadPasswordHash(deps.database, deps.tenantId, userId),
  ]);
  const isRight = hash === null || (await isPassword(typed.old, hash, deps.scryptCost));
  if (user === null || !isRight) {
    const refused = { kind: "step-up-refused", userId, actor: userId, reason: "password" } as const;
    return refuseTry(deps, heard.value, client, refused);
  }
  const weak = passwordRefusal(typed.password, [user.email, user.name]);
  if (weak !== null) return { ok: false, refusal: weak };
  const passwordHash = await hashPassword(typed.password, deps.scryptCost);
  const now = deps.clock.now();
  return deps.database.transaction(async (tx) => {
    await closeHearing(tx, deps, heard.value);
    await updateUser(tx, deps.tenantId, userId, { passwordHash });
    const endedSessions = await endSessionsOf(tx, deps.tenantId, userId, session.sessionId, now);
    await recordActs(tx, deps.tenantId, [
      {
        subject: userId,
        kind: "password-set",
        at: now,
        actor: userId,
        client,
        data: { endedSessions },
      },
    ]);
    return { ok: true, value: { endedSessions } } as const;
  });
}
