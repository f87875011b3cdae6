// A newcomer: asked for, admitted, given an invitation that is good once, in with a password of their own choice. The
// invitation goes by hand: the channel sends no mail.

import type { Approval } from "../../approval/approval.ts";
import { accepted, type Outcome, refused } from "../../errors/refusal.ts";
import { hashPassword } from "../../secret/password.ts";
import { freshId, randomToken } from "../../secret/random.ts";
import type { Tx } from "../../storage/database.ts";
import type { Instant } from "../../time/instant.ts";
import type { AccessDeps, AccessOutcome, Client } from "../access-deps.ts";
import { recordActs } from "../audit.ts";
import type { Caller } from "../caller.ts";
import type { Role } from "../roles.ts";
import { closeHearing, openHearing } from "../sessions/hearing.ts";
import { firstFactorShown, type SignInStep } from "../sessions/sign-in.ts";
import { endTickets, findTicket, issueTicket, useTicket } from "../sessions/tickets.ts";
import { passwordRefusal } from "./password-rule.ts";
import { askUserChange, grantRefusal } from "./user-change.ts";
import {
  insertUser,
  loadUser,
  lockUser,
  NAME_LENGTH_MAX,
  normaliseEmail,
  type User,
  updateUser,
} from "./users.ts";

export type Newcomer = {
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly sellerId: string | null;
};

export type Invitation = {
  /** Address of the page where the newcomer sets a password; shown once. */
  readonly url: string;
  readonly expiresAt: Instant;
};

export type Proposed = {
  readonly user: User;
  /** The request that a second person decides; null: admitted at once. */
  readonly approval: Approval | null;
  readonly invitation: Invitation | null;
};

/** Rolls the transaction back with a refusal. */
class Refused extends Error {
  readonly outcome: Outcome<never>;
  constructor(outcome: Outcome<never>) {
    super("refused");
    this.outcome = outcome;
  }
}

/** Puts the newcomer on record. Refused: `email-invalid`, `email-taken`, `seller-unknown`. */
export async function recordUser(
  tx: Tx,
  tenantId: string,
  newcomer: Newcomer,
  state: User["state"],
  now: Instant,
): Promise<Outcome<User>> {
  const email = normaliseEmail(newcomer.email);
  const name = newcomer.name.trim();
  if (email === null) return refused("email-invalid", "This is no e-mail address.");
  if (name === "" || name.length > NAME_LENGTH_MAX) {
    return refused("name-invalid", `A name has 1 to ${NAME_LENGTH_MAX} characters.`);
  }
  if (newcomer.sellerId !== null) {
    const rows = await tx.query(`SELECT 1 FROM seller WHERE tenant_id = $1 AND seller_id = $2`, [
      tenantId,
      newcomer.sellerId,
    ]);
    if (rows.length === 0) return refused("seller-unknown", "There is no such seller.");
  }
  const userId = freshId("user", now);
  const { role, sellerId } = newcomer;
  const made = { userId, email, name, role, sellerId, state, madeAt: now };
  if (!(await insertUser(tx, tenantId, made))) {
    return refused("email-taken", "Somebody has this e-mail address already.");
  }
  return accepted((await loadUser(tx, tenantId, userId))!);
}

/**
 * Asks for a newcomer. Admitted at once with an invitation where one person may; otherwise a second person decides,
 * and the invitation is issued afterwards. Refused as `recordUser` and `askUserChange` are.
 */
export async function proposeUser(
  deps: AccessDeps,
  caller: Caller,
  newcomer: Newcomer,
  reason: string,
  client: Client,
): Promise<Outcome<Proposed>> {
  const { role, sellerId } = newcomer;
  const refusal = grantRefusal(caller, { role, sellerId });
  if (refusal !== null) return refusal;
  const now = deps.clock.now();
  try {
    return await deps.database.transaction(async (tx) => {
      const made = await recordUser(tx, deps.tenantId, newcomer, "proposed", now);
      if (!made.ok) return made;
      const { userId } = made.value;
      await recordActs(tx, deps.tenantId, [
        {
          subject: userId,
          kind: "user-proposed",
          at: now,
          actor: caller.id,
          client,
          data: { role, sellerId },
        },
      ]);
      const request = { act: "admit", after: { role, sellerId }, reason } as const;
      const asked = await askUserChange(
        tx,
        deps.tenantId,
        caller,
        made.value,
        request,
        client,
        deps.channelClock.now(),
      );
      if (!asked.ok) throw new Refused(asked);
      const { approval } = asked.value;
      const user = (await loadUser(tx, deps.tenantId, userId))!;
      const invitation = approval === null ? await newInvitation(tx, deps, user, now) : null;
      return accepted({ user, approval, invitation });
    });
  } catch (error) {
    if (error instanceof Refused) return error.outcome;
    throw error;
  }
}

/** A new invitation, and the only good one. */
export async function newInvitation(
  tx: Tx,
  deps: AccessDeps,
  user: User,
  now: Instant,
): Promise<Invitation> {
  const token = randomToken();
  await endTickets(tx, deps.tenantId, "invitation", user.userId, now);
  const ticket = { text: token, purpose: "invitation", boundTo: user.userId, data: {} } as const;
  const expiresAt = await issueTicket(tx, deps, ticket, now, deps.settings.invitationMs);
  return { url: `${deps.settings.publicUrl}/sign-in?invitation=${token}`, expiresAt };
}

/** A new invitation for a user who was admitted; the one before is void. Refused: `user-state`, `role-not-yours`. */
export async function inviteUser(
  deps: AccessDeps,
  caller: Caller,
  userId: string,
  client: Client,
): Promise<Outcome<Invitation>> {
  const now = deps.clock.now();
  return deps.database.transaction(async (tx) => {
    const user = await lockUser(tx, deps.tenantId, userId);
    if (user?.state !== "invited") {
      return refused(
        "user-state",
        "Only a user who was admitted and has not come in yet is invited.",
      );
    }
    const refusal = grantRefusal(caller, { role: user.role, sellerId: user.sellerId });
    if (refusal !== null) return refusal;
    const invitation = await newInvitation(tx, deps, user, now);
    await recordActs(tx, deps.tenantId, [
      {
        subject: userId,
        kind: "user-invited",
        at: now,
        actor: caller.id,
        client,
        data: { act: "invite", expiresAt: invitation.expiresAt },
      },
    ]);
    return accepted(invitation);
  });
}

/**
 * The newcomer sets a password; what follows is a second factor. Refused: `invitation-invalid`, `password-weak`,
 * `sign-in-locked`.
 */
export async function acceptInvitation(
  deps: AccessDeps,
  typed: { readonly token: string; readonly password: string },
  client: Client,
): Promise<AccessOutcome<SignInStep>> {
  const heard = await openHearing(deps, { kind: "ticket", value: client.address }, client);
  if (!heard.ok) return heard;
  const invalid: AccessOutcome<never> = refused(
    "invitation-invalid",
    "This invitation is not good any more: ask whoever invited you for a new one.",
  ) as AccessOutcome<never>;
  const now = deps.clock.now();
  const ticket = await findTicket(deps.database, deps, "invitation", typed.token, now);
  const invited =
    ticket === null ? null : await loadUser(deps.database, deps.tenantId, ticket.boundTo);
  if (invited?.state !== "invited") return invalid;
  const weak = passwordRefusal(typed.password, [invited.email, invited.name]);
  if (weak !== null) return { ok: false, refusal: weak };
  const passwordHash = await hashPassword(typed.password, deps.scryptCost);
  return deps.database.transaction(async (tx) => {
    const user = await lockUser(tx, deps.tenantId, invited.userId);
    const used = await useTicket(tx, deps, "invitation", typed.token, now);
    if (user?.state !== "invited" || used === null) return invalid;
    await closeHearing(tx, deps, heard.value);
    await updateUser(tx, deps.tenantId, user.userId, { passwordHash });
    const step = await firstFactorShown(tx, deps, user, "password", client);
    await recordActs(tx, deps.tenantId, [
      {
        subject: user.userId,
        kind: "invitation-accepted",
        at: now,
        actor: user.userId,
        client,
      },
    ]);
    return { ok: true, value: step } as const;
  });
}
