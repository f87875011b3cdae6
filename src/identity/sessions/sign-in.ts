// Signing in: a password, then a second factor; never one without the other. Who has no second factor yet comes in
// only as far as to set one up. Every try is on record, and answers tell nothing about who is known here.

import { hashPassword, isOldHash, isPassword } from "../../secret/password.ts";
import type { Tx } from "../../storage/database.ts";
import type { AccessDeps, AccessOutcome, Client } from "../access-deps.ts";
import { recordActs } from "../audit.ts";
import {
  findUserByEmail,
  loadPasswordHash,
  loadUser,
  normaliseEmail,
  type User,
  updateUser,
} from "../users/users.ts";
import {
  type FactorMethod,
  loadFactors,
  methodsOf,
  takeRecoveryCode,
  takeTotp,
} from "./factors.ts";
import { closeHearing, failed, openHearing, refuseTry } from "./hearing.ts";
import {
  endSession,
  type Factor,
  findSession,
  type OpenedSession,
  openSession,
  type Session,
} from "./sessions.ts";

/** Where a sign-in stands: what the session allows next. */
export type SignInStep = OpenedSession & {
  /** What may be shown as second factor, at the stage "first-factor"; empty otherwise. */
  readonly methods: readonly FactorMethod[];
};

/** First step. Refused: `sign-in-failed`, `sign-in-locked` (with the time of the next try). */
export async function signInWithPassword(
  deps: AccessDeps,
  typed: { readonly email: string; readonly password: string },
  client: Client,
): Promise<AccessOutcome<SignInStep>> {
  const email = normaliseEmail(typed.email) ?? "";
  const heard = await openHearing(deps, { kind: "email", value: email }, client);
  if (!heard.ok) return heard;
  const user = await findUserByEmail(deps.database, deps.tenantId, email);
  const hash =
    user === null ? null : await loadPasswordHash(deps.database, deps.tenantId, user.userId);
  const isRight = await isPassword(typed.password, hash, deps.scryptCost);
  if (user === null || !isRight || !maySignIn(user)) {
    const reason = user !== null && isRight ? `user-${user.state}` : "password";
    const userId = user?.userId ?? null;
    return refuseTry(deps, heard.value, client, {
      kind: "sign-in-refused",
      userId,
      actor: null,
      reason,
    });
  }
  if (hash !== null && isOldHash(hash, deps.scryptCost))
    await renewHash(deps, user, typed.password);
  const step = await deps.database.transaction(async (tx) => {
    await closeHearing(tx, deps, heard.value);
    return firstFactorShown(tx, deps, user, "password", client);
  });
  return { ok: true, value: step };
}

function maySignIn(user: User): boolean {
  return user.state === "active" || user.state === "invited";
}

async function renewHash(deps: AccessDeps, user: User, password: string): Promise<void> {
  const passwordHash = await hashPassword(password, deps.scryptCost);
  await updateUser(deps.database, deps.tenantId, user.userId, { passwordHash });
}

/** After a first factor: on to the second, or to setting one up. */
export async function firstFactorShown(
  tx: Tx,
  deps: AccessDeps,
  user: User,
  factor: Factor,
  client: Client,
): Promise<SignInStep> {
  const methods = methodsOf(await loadFactors(tx, deps.tenantId, user.userId));
  const stage = methods.length > 0 && user.state === "active" ? "first-factor" : "enrol";
  const opened = await openSession(
    tx,
    deps,
    { userId: user.userId, stage, factor, client, steppedUp: false },
    deps.clock.now(),
  );
  return { ...opened, methods: stage === "first-factor" ? methods : [] };
}

/** Both factors were shown: the half-way session ends, a new one begins, the user's sign-in is on record. */
export async function signedIn(
  tx: Tx,
  deps: AccessDeps,
  user: { readonly userId: string },
  factor: Factor,
  half: Session | null,
  client: Client,
): Promise<SignInStep> {
  const now = deps.clock.now();
  if (half !== null) await endSession(tx, deps.tenantId, user.userId, half.sessionId, now);
  const opened = await openSession(
    tx,
    deps,
    { userId: user.userId, stage: "full", factor, client, steppedUp: true },
    now,
  );
  await updateUser(tx, deps.tenantId, user.userId, { signedInAt: now });
  await recordActs(tx, deps.tenantId, [
    {
      subject: user.userId,
      kind: "signed-in",
      at: now,
      actor: user.userId,
      client,
      data: { sessionId: opened.session.sessionId, first: half?.factor ?? factor, second: factor },
    },
  ]);
  return { ...opened, methods: [] };
}

/** The session that a half-way sign-in's cookie names, at the stage; null when it is over. */
export async function halfWay(
  deps: AccessDeps,
  token: string,
  stage: "first-factor" | "enrol",
): Promise<Session | null> {
  const found = await findSession(deps.database, deps, token, deps.clock.now());
  return found?.session.stage === stage ? found.session : null;
}

/** Second step by an authenticator app's code. Refused as the first. */
export async function signInWithTotp(
  deps: AccessDeps,
  token: string,
  code: string,
  client: Client,
): Promise<AccessOutcome<SignInStep>> {
  return secondFactor(deps, token, client, "totp", async (tx, session) => {
    const isRight = await takeTotp(tx, deps, session.userId, code, deps.clock.now());
    return isRight ? signedIn(tx, deps, session, "totp", session, client) : null;
  });
}

/**
 * Second step by a code that was kept for a lost device: it opens the way to setting up a new second factor, and
 * nothing else. Refused as the first.
 */
export async function signInWithRecoveryCode(
  deps: AccessDeps,
  token: string,
  code: string,
  client: Client,
): Promise<AccessOutcome<SignInStep>> {
  return secondFactor(deps, token, client, "recovery-code", async (tx, session) => {
    const now = deps.clock.now();
    if (!(await takeRecoveryCode(tx, deps.tenantId, session.userId, code, now))) return null;
    await endSession(tx, deps.tenantId, session.userId, session.sessionId, now);
    const { userId } = session;
    const opening = { userId, factor: "recovery-code", client, steppedUp: false } as const;
    const opened = await openSession(tx, deps, { ...opening, stage: "enrol" }, now);
    await recordActs(tx, deps.tenantId, [
      { subject: userId, kind: "recovery-code-used", at: now, actor: userId, client },
    ]);
    return { ...opened, methods: [] };
  });
}

async function secondFactor(
  deps: AccessDeps,
  token: string,
  client: Client,
  factor: Factor,
  take: (tx: Tx, session: Session) => Promise<SignInStep | null>,
): Promise<AccessOutcome<SignInStep>> {
  const session = await halfWay(deps, token, "first-factor");
  if (session === null) return failed();
  const heard = await openHearing(deps, { kind: "factor", value: session.userId }, client);
  if (!heard.ok) return heard;
  const step = await deps.database.transaction(async (tx) => {
    const user = await loadUser(tx, deps.tenantId, session.userId);
    if (user?.state !== "active") return null;
    const taken = await take(tx, session);
    if (taken !== null) await closeHearing(tx, deps, heard.value);
    return taken;
  });
  if (step !== null) return { ok: true, value: step };
  return refuseTry(deps, heard.value, client, {
    kind: "sign-in-refused",
    userId: session.userId,
    actor: null,
    reason: factor,
  });
}

/** Ends the session at its owner's wish. */
export async function signOut(deps: AccessDeps, token: string, client: Client): Promise<void> {
  const now = deps.clock.now();
  const found = await findSession(deps.database, deps, token, now);
  if (found === null) return;
  const { sessionId, userId } = found.session;
  await deps.database.transaction(async (tx) => {
    if (!(await endSession(tx, deps.tenantId, userId, sessionId, now))) return;
    await recordActs(tx, deps.tenantId, [
      { subject: userId, kind: "signed-out", at: now, actor: userId, client, data: { sessionId } },
    ]);
  });
}
