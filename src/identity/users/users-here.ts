// Users at the machine itself: whoever has the machine has the database, so the command line admits the first admin,
// helps one back in who lost everything, and fills a sandbox. All of it is on record as done by the command line.

import { accepted, type Outcome, refused } from "../../errors/refusal.ts";
import { hashPassword } from "../../secret/password.ts";
import type { AccessDeps } from "../access-deps.ts";
import { COMMAND_LINE, recordActs } from "../audit.ts";
import { isSellerRole } from "../roles.ts";
import { saveTotp } from "../sessions/factors.ts";
import { type Invitation, type Newcomer, newInvitation, recordUser } from "./invite-user.ts";
import { applyChange } from "./user-change.ts";
import { findUserByEmail, loadUser, normaliseEmail, type User, updateUser } from "./users.ts";

/**
 * Adds a user at the machine itself: the first admin, or whoever the owner of the machine says. On record as done by
 * the command line. Refused as `recordUser`, and `role-invalid`.
 */
export async function addUserHere(
  deps: AccessDeps,
  newcomer: Newcomer,
): Promise<Outcome<{ readonly user: User; readonly invitation: Invitation }>> {
  const now = deps.clock.now();
  if (isSellerRole(newcomer.role) !== (newcomer.sellerId !== null)) {
    return refused("role-invalid", "A seller's role names its seller, and no other role does.");
  }
  return deps.database.transaction(async (tx) => {
    const made = await recordUser(tx, deps.tenantId, newcomer, "invited", now);
    if (!made.ok) return made;
    const user = made.value;
    const invitation = await newInvitation(tx, deps, user, now);
    const { role, sellerId } = user;
    await recordActs(tx, deps.tenantId, [
      {
        subject: user.userId,
        kind: "user-invited",
        at: now,
        actor: COMMAND_LINE,
        client: null,
        data: { act: "admit", after: { role, sellerId } },
      },
    ]);
    return accepted({ user, invitation });
  });
}

/** A sandbox's user, ready to sign in with a known password and authenticator secret. Null: it is there already. */
export async function addSandboxUser(
  deps: AccessDeps,
  newcomer: Newcomer,
  known: { readonly password: string; readonly totpSecret: string },
): Promise<User | null> {
  const now = deps.clock.now();
  const passwordHash = await hashPassword(known.password, deps.scryptCost);
  return deps.database.transaction(async (tx) => {
    const made = await recordUser(tx, deps.tenantId, newcomer, "invited", now);
    if (!made.ok) {
      if (made.refusal.code === "email-taken") return null;
      throw new Error(made.refusal.message);
    }
    const { userId } = made.value;
    await updateUser(tx, deps.tenantId, userId, { passwordHash, state: "active" });
    await saveTotp(tx, deps, userId, { secret: known.totpSecret, step: 0 }, now);
    const { role, sellerId } = newcomer;
    await recordActs(tx, deps.tenantId, [
      {
        subject: userId,
        kind: "user-invited",
        at: now,
        actor: COMMAND_LINE,
        client: null,
        data: { act: "sandbox", after: { role, sellerId } },
      },
    ]);
    return loadUser(tx, deps.tenantId, userId);
  });
}

/**
 * Begins a user's sign-in anew: their factors are gone, a new invitation is good. Refused: `user-unknown`,
 * `user-state` for one who is disabled or not admitted.
 */
export async function resetUserHere(
  deps: AccessDeps,
  email: string,
): Promise<Outcome<{ readonly user: User; readonly invitation: Invitation }>> {
  const now = deps.clock.now();
  return deps.database.transaction(async (tx) => {
    const user = await findUserByEmail(tx, deps.tenantId, normaliseEmail(email) ?? "");
    if (user === null) return refused("user-unknown", `Nobody has the e-mail address ${email}.`);
    if (user.state !== "active" && user.state !== "invited") {
      return refused("user-state", `This user is ${user.state}: that cannot be done now.`);
    }
    const { role, sellerId, state, userId } = user;
    const after = { role, sellerId };
    const body = { act: "reset-sign-in", userId, before: { ...after, state }, after } as const;
    const doer = { actor: COMMAND_LINE, approvalId: null, client: null };
    await applyChange(tx, deps.tenantId, body, doer, now);
    const invitation = await newInvitation(tx, deps, user, now);
    return accepted({ user: (await loadUser(tx, deps.tenantId, userId)) ?? user, invitation });
  });
}
