// The people of a sandbox: one of each role, with a password and an authenticator key that everybody may know. For a
// channel on this machine with made-up money; the command that starts a sandbox adds them, nothing else does.

import type { AccessDeps, Client } from "../access-deps.ts";
import { isSellerRole, ROLES, type Role } from "../roles.ts";
import { type SignInStep, signedIn } from "../sessions/sign-in.ts";
import { stepOf, totpCode } from "../sessions/totp.ts";
import { findUserByEmail } from "./users.ts";
import { addSandboxUser } from "./users-here.ts";

export const SANDBOX_PASSWORD = "a sandbox has no secrets";
/** RFC 4648 base 32, as an authenticator app takes it. */
export const SANDBOX_TOTP_SECRET = "SANDBOXSANDBOXSANDBOXSANDBOXSAND";

export type SandboxUser = { readonly email: string; readonly role: Role };

/** Who signs in to a sandbox: `operator@sandbox.example`, `seller-owner@sandbox.example` … */
export const SANDBOX_USERS: readonly SandboxUser[] = ROLES.map((role) => ({
  email: `${role}@sandbox.example`,
  role,
}));

/** Whom a visitor may look around as: the three kinds of people that the console is for, and who decides. */
export const LOOK_AROUND_ROLES: readonly Role[] = [
  "seller-owner",
  "operator",
  "approver",
  "supervisor",
];

/** Adds whoever is not there yet; those of a seller's roles belong to the demo seller. */
export async function addSandboxUsers(deps: AccessDeps, sellerId: string): Promise<void> {
  for (const { email, role } of SANDBOX_USERS) {
    const newcomer = { email, name: role, role, sellerId: isSellerRole(role) ? sellerId : null };
    const known = { password: SANDBOX_PASSWORD, totpSecret: SANDBOX_TOTP_SECRET };
    await addSandboxUser(deps, newcomer, known);
  }
}

/** The code that the sandbox's people show now, for who has no authenticator app at hand. */
export function sandboxCode({ clock }: Pick<AccessDeps, "clock">): string {
  return totpCode(SANDBOX_TOTP_SECRET, stepOf(clock.now()));
}

/** Signs a visitor in as one of the sandbox's people, without a password; null: nobody has that role here. */
export type LookAround = (role: Role, client: Client) => Promise<SignInStep | null>;

/** What the command that starts a sandbox hands to the front. Nothing else may: test/tidy.test.ts holds it. */
export function sandboxLookAround(deps: AccessDeps): LookAround {
  return async (role, client) => {
    const { email } = SANDBOX_USERS.find((user) => user.role === role) ?? { email: "" };
    const user = await findUserByEmail(deps.database, deps.tenantId, email);
    if (user === null || user.state !== "active" || user.role !== role) return null;
    return deps.database.transaction((tx) => signedIn(tx, deps, user, "sandbox", null, client));
  };
}
