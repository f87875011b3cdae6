// Changes of who may act: a newcomer, another role, a disabled user back, a sign-in begun anew. What gives power that
// reaches beyond a seller's own desk waits for a second person; taking power away never waits.

import { z } from "zod";
import type { Approval } from "../../approval/approval.ts";
import { recordExecution, requestApproval } from "../../approval/approval-acts.ts";
import { accepted, type Outcome, refused } from "../../errors/refusal.ts";
import type { Tx } from "../../storage/database.ts";
import type { Instant } from "../../time/instant.ts";
import type { Client } from "../access-deps.ts";
import { type ActKind, recordActs } from "../audit.ts";
import type { Caller } from "../caller.ts";
import { isSellerRole, needsSecondPerson, ROLES, type Role, rolesGivenBy } from "../roles.ts";
import { removeAllFactors } from "../sessions/factors.ts";
import { endSessionsOf } from "../sessions/sessions.ts";
import { endTickets } from "../sessions/tickets.ts";
import { lockUser, type User, type UserState, updateUser } from "./users.ts";

/** What is asked for a user. */
export type UserAct = "admit" | "change-role" | "enable" | "reset-sign-in";

/** The body of a `role-change` approval: who, what, and how it was when it was asked. */
const changeBody = z.strictObject({
  act: z.enum(["admit", "change-role", "enable", "reset-sign-in"]),
  userId: z.string(),
  before: z.strictObject({
    role: z.enum(ROLES),
    sellerId: z.string().nullable(),
    state: z.enum(["proposed", "invited", "active", "disabled"]),
  }),
  after: z.strictObject({ role: z.enum(ROLES), sellerId: z.string().nullable() }),
});
export type UserChangeBody = z.infer<typeof changeBody>;

/** In which states a user may be for each act, and how the act is called in the audit trail. */
const ACTS: Readonly<
  Record<UserAct, { readonly from: readonly UserState[]; readonly kind: ActKind }>
> = {
  admit: { from: ["proposed"], kind: "user-invited" },
  "change-role": { from: ["active", "invited"], kind: "user-role-changed" },
  enable: { from: ["disabled"], kind: "user-enabled" },
  "reset-sign-in": { from: ["active", "invited"], kind: "user-invited" },
};

/** What became of asking: done at once, or waiting for a second person. */
export type ChangeAsked = { readonly approval: Approval | null };

export type ChangeRequest = {
  readonly act: UserAct;
  /** The role and seller that the user has afterwards. */
  readonly after: { readonly role: Role; readonly sellerId: string | null };
  /** Why; needed where a second person decides. */
  readonly reason: string;
};

/** True when the caller may see and change this user at all: all of them, or those of their own seller. */
export function isWithin(caller: Caller, user: Pick<User, "sellerId">): boolean {
  return caller.sellerId === null || caller.sellerId === user.sellerId;
}

/** Why the caller may not give this role, or null. */
export function grantRefusal(
  caller: Caller,
  after: { readonly role: Role; readonly sellerId: string | null },
): Outcome<never> | null {
  if (isSellerRole(after.role) !== (after.sellerId !== null)) {
    return refused("role-invalid", "A seller's role names its seller, and no other role does.");
  }
  if (!rolesGivenBy(caller.role).includes(after.role)) {
    return refused("role-not-yours", `A ${caller.role} cannot give the role ${after.role}.`);
  }
  if (caller.sellerId !== null && caller.sellerId !== after.sellerId) {
    return refused("role-not-yours", "You give roles at your own seller only.");
  }
  return null;
}

/**
 * Asks for a change of a user, and makes it at once where it needs nobody else. Refused: `user-state` (not in a
 * state for it), `role-invalid`, `role-not-yours`, `not-yourself`, and as approvals are.
 */
export async function askUserChange(
  tx: Tx,
  tenantId: string,
  caller: Caller,
  user: User,
  request: ChangeRequest,
  client: Client,
  now: Instant,
): Promise<Outcome<ChangeAsked>> {
  const { act, after } = request;
  if (!ACTS[act].from.includes(user.state)) {
    return refused("user-state", `This user is ${user.state}: that cannot be done now.`);
  }
  if (caller.personId === user.userId) {
    return refused(
      "not-yourself",
      "Nobody changes their own role or sign-in here: ask another person.",
    );
  }
  // Whom one may not make, one may not change either: an owner does not reset an operator.
  for (const role of [after, { role: user.role, sellerId: user.sellerId }]) {
    const refusal = grantRefusal(caller, role);
    if (refusal !== null) return refusal;
  }
  const body: UserChangeBody = {
    act,
    userId: user.userId,
    before: { role: user.role, sellerId: user.sellerId, state: user.state },
    after: { role: after.role, sellerId: after.sellerId },
  };
  if (!needsSecondPerson(after.role) && !needsSecondPerson(user.role)) {
    await applyChange(tx, tenantId, body, { actor: caller.id, approvalId: null, client }, now);
    return accepted({ approval: null });
  }
  const asked = await requestApproval(
    tx,
    tenantId,
    {
      kind: "role-change",
      claim: user.userId,
      subject: user.userId,
      sellerId: after.sellerId ?? user.sellerId,
      body,
      told: { act, before: body.before, after: body.after },
      reason: request.reason,
      maker: { id: caller.id, personId: caller.personId },
    },
    now,
  );
  return asked.ok ? accepted({ approval: asked.value }) : asked;
}

type Doer = {
  readonly actor: string;
  readonly approvalId: string | null;
  readonly client: Client | null;
};

/** Makes the change; the user's sessions end, so that nothing goes on under an old role. */
export async function applyChange(
  tx: Tx,
  tenantId: string,
  body: UserChangeBody,
  doer: Doer,
  now: Instant,
): Promise<void> {
  const { act, userId, before, after } = body;
  const state: UserState =
    act === "admit" || act === "reset-sign-in" ? "invited" : stateAfter(body);
  await updateUser(tx, tenantId, userId, { role: after.role, sellerId: after.sellerId, state });
  if (act === "reset-sign-in") {
    await updateUser(tx, tenantId, userId, { passwordHash: null });
    await removeAllFactors(tx, tenantId, userId);
    await endTickets(tx, tenantId, "invitation", userId, now);
  }
  const endedSessions = await endSessionsOf(tx, tenantId, userId, null, now);
  await recordActs(tx, tenantId, [
    {
      subject: userId,
      kind: ACTS[act].kind,
      at: now,
      actor: doer.actor,
      client: doer.client,
      data: {
        act,
        before,
        after,
        endedSessions,
        ...(doer.approvalId === null ? {} : { approvalId: doer.approvalId }),
      },
    },
  ]);
}

/** Who never finished an invitation is invited again; others are as active as they were. */
function stateAfter({ act, before }: UserChangeBody): UserState {
  return act === "change-role" ? before.state : "active";
}

/**
 * Makes an approved `role-change` true, in the transaction of its decision, and records what became of it. It lapses
 * when the user is no longer as they were when it was asked. Twice changes nothing.
 */
export async function carryOutUserChange(
  tx: Tx,
  tenantId: string,
  approval: Approval,
  now: Instant,
): Promise<Outcome<null>> {
  const outcome = await changeAsApproved(tx, tenantId, approval, now);
  await recordExecution(tx, tenantId, approval, outcome, now);
  return outcome;
}

async function changeAsApproved(
  tx: Tx,
  tenantId: string,
  approval: Approval,
  now: Instant,
): Promise<Outcome<null>> {
  const checker = approval.decision?.outcome === "approved" ? approval.decision.checker : null;
  if (approval.kind !== "role-change" || checker === null || approval.execution !== null) {
    return refused("approval-not-approved", "This request is not approved, or was carried out.");
  }
  const body = changeBody.parse(approval.body);
  const user = await lockUser(tx, tenantId, body.userId);
  const { before } = body;
  const isAsBefore =
    user?.role === before.role && user.sellerId === before.sellerId && user.state === before.state;
  if (!isAsBefore) {
    return refused(
      "user-changed-meanwhile",
      "The user changed since this was asked for: ask anew.",
    );
  }
  const doer = { actor: checker, approvalId: approval.approvalId, client: null };
  await applyChange(tx, tenantId, body, doer, now);
  return accepted(null);
}

/**
 * Takes a user's power at once: sessions and open invitations end. Refused: `user-state`, `not-yourself`,
 * `role-not-yours`, `last-admin`.
 */
export async function disableUser(
  tx: Tx,
  tenantId: string,
  caller: Caller,
  user: User,
  client: Client,
  now: Instant,
): Promise<Outcome<null>> {
  if (user.state === "disabled") return refused("user-state", "This user is disabled already.");
  if (caller.personId === user.userId) {
    return refused("not-yourself", "Nobody disables themselves: ask another person.");
  }
  const refusal = grantRefusal(caller, { role: user.role, sellerId: user.sellerId });
  if (refusal !== null) return refusal;
  if (user.role === "admin" && (await isLastAdmin(tx, tenantId, user.userId))) {
    return refused("last-admin", "This is the last admin who can sign in.");
  }
  await updateUser(tx, tenantId, user.userId, { state: "disabled" });
  const endedSessions = await endSessionsOf(tx, tenantId, user.userId, null, now);
  await endTickets(tx, tenantId, "invitation", user.userId, now);
  await recordActs(tx, tenantId, [
    {
      subject: user.userId,
      kind: "user-disabled",
      at: now,
      actor: caller.id,
      client,
      data: { role: user.role, before: user.state, endedSessions },
    },
  ]);
  return accepted(null);
}

async function isLastAdmin(tx: Tx, tenantId: string, userId: string): Promise<boolean> {
  const rows = await tx.query<{ user_id: string }>(
    `SELECT user_id FROM access_user WHERE tenant_id = $1 AND role = 'admin' AND state = 'active' FOR UPDATE`,
    [tenantId],
  );
  return rows.every((row) => row.user_id === userId);
}
