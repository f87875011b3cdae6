// Setting up second factors: an authenticator app is confirmed by a first code before it counts; recovery codes come
// with the first factor. Half-way sessions may do this, and people who have just shown a factor that they have.

import type { Outcome } from "../../errors/refusal.ts";
import { accepted, refused } from "../../errors/refusal.ts";
import { randomToken } from "../../secret/random.ts";
import type { Tx } from "../../storage/database.ts";
import type { AccessDeps, AccessOutcome, Client } from "../access-deps.ts";
import { recordActs } from "../audit.ts";
import { hasSteppedUp } from "../caller.ts";
import { loadUser, lockUser, updateUser } from "../users/users.ts";
import {
  loadFactors,
  makeRecoveryCodes,
  methodsOf,
  removePasskey,
  removeTotp,
  saveTotp,
} from "./factors.ts";
import { closeHearing, openHearing, refuseTry } from "./hearing.ts";
import { callerOfSession, findSession, type Session } from "./sessions.ts";
import { type SignInStep, signedIn } from "./sign-in.ts";
import { findTicket, issueTicket, useTicket } from "./tickets.ts";
import { matchTotp, newTotpSecret, totpUri } from "./totp.ts";

/** What comes of a factor that was set up. */
export type FactorAdded = {
  /** Shown once, with the first factor; null: the user has theirs. */
  readonly recoveryCodes: readonly string[] | null;
  /** The sign-in that this completed; null when the user was signed in already. */
  readonly signedIn: SignInStep | null;
};

/**
 * The session that may set up or remove factors: one that stands at "enrol", or a full one whose owner showed a
 * factor in the last minutes. Refused: `not-signed-in`, `step-up-needed`.
 */
export async function sessionToSetUp(deps: AccessDeps, token: string): Promise<Outcome<Session>> {
  const now = deps.clock.now();
  const found = await findSession(deps.database, deps, token, now);
  if (found === null || found.session.stage === "first-factor") {
    return refused("not-signed-in", "Sign in first.");
  }
  if (found.session.stage === "enrol") return accepted(found.session);
  const caller = callerOfSession(found);
  return caller !== null && hasSteppedUp(caller, now)
    ? accepted(found.session)
    : refused("step-up-needed", "Show your second factor again, then change your factors.");
}

export type TotpOffer = {
  /** For typing into an app, in base 32. */
  readonly secret: string;
  /** For a QR code. */
  readonly uri: string;
  /** Comes back with the first code. */
  readonly ticket: string;
};

/** Offers a new authenticator secret; nothing counts before a code of it came. */
export async function offerTotp(deps: AccessDeps, session: Session): Promise<TotpOffer> {
  const [secret, ticket] = [newTotpSecret(), randomToken()];
  const offered = { text: ticket, purpose: "totp-add", boundTo: session.userId } as const;
  await issueTicket(deps.database, deps, { ...offered, data: { secret } }, deps.clock.now());
  const user = await loadUser(deps.database, deps.tenantId, session.userId);
  return { secret, uri: totpUri(secret, user?.email ?? ""), ticket };
}

/** What was offered under this ticket, while it is good: for showing it again after a wrong code. */
export async function offeredTotp(
  deps: AccessDeps,
  session: Session,
  ticket: string,
): Promise<TotpOffer | null> {
  const found = await findTicket(deps.database, deps, "totp-add", ticket, deps.clock.now());
  if (found?.boundTo !== session.userId) return null;
  const secret = String(found.data["secret"]);
  const user = await loadUser(deps.database, deps.tenantId, session.userId);
  return { secret, uri: totpUri(secret, user?.email ?? ""), ticket };
}

/** The first code of the offered secret. Refused: `sign-in-failed`, `sign-in-locked`. */
export async function confirmTotp(
  deps: AccessDeps,
  session: Session,
  typed: { readonly ticket: string; readonly code: string },
  client: Client,
): Promise<AccessOutcome<FactorAdded>> {
  const { userId } = session;
  const heard = await openHearing(deps, { kind: "factor", value: userId }, client);
  if (!heard.ok) return heard;
  const added = await deps.database.transaction(async (tx) => {
    const now = deps.clock.now();
    const ticket = await findTicket(tx, deps, "totp-add", typed.ticket, now);
    const secret = ticket?.boundTo === userId ? String(ticket.data["secret"]) : null;
    const step = secret === null ? null : matchTotp(secret, typed.code, now, 0);
    if (secret === null || step === null) return null;
    if ((await useTicket(tx, deps, "totp-add", typed.ticket, now)) === null) return null;
    await saveTotp(tx, deps, userId, { secret, step }, now);
    await closeHearing(tx, deps, heard.value);
    return factorAdded(tx, deps, session, "totp", client);
  });
  if (added !== null) return { ok: true, value: added };
  return refuseTry(deps, heard.value, client, {
    kind: "step-up-refused",
    userId,
    actor: null,
    reason: "totp-confirmation",
  });
}

/** A factor counts from now on: the first one brings recovery codes, makes the user active and completes a sign-in. */
export async function factorAdded(
  tx: Tx,
  deps: AccessDeps,
  session: Session,
  factor: "totp" | "passkey",
  client: Client,
): Promise<FactorAdded> {
  const now = deps.clock.now();
  const { userId } = session;
  const user = await lockUser(tx, deps.tenantId, userId);
  const { recoveryCodeCount } = await loadFactors(tx, deps.tenantId, userId);
  // After a lost device the old codes are replaced as well: who found one may have found them all.
  const isNew = recoveryCodeCount === 0 || session.factor === "recovery-code";
  const recoveryCodes = isNew ? await makeRecoveryCodes(tx, deps.tenantId, userId, now) : null;
  if (user?.state === "invited") await updateUser(tx, deps.tenantId, userId, { state: "active" });
  await recordActs(tx, deps.tenantId, [
    {
      subject: userId,
      kind: "second-factor-added",
      at: now,
      actor: userId,
      client,
      data: { factor, recoveryCodes: recoveryCodes?.length ?? 0 },
    },
  ]);
  const isHalfWay = session.stage === "enrol";
  return {
    recoveryCodes,
    signedIn: isHalfWay ? await signedIn(tx, deps, { userId }, factor, session, client) : null,
  };
}

/** Removes the app's secret or one passkey. Refused: `last-factor`, `not-found`. */
export async function removeFactor(
  deps: AccessDeps,
  session: Session,
  what: { readonly kind: "totp" } | { readonly kind: "passkey"; readonly credentialId: string },
  client: Client,
): Promise<Outcome<null>> {
  const { userId } = session;
  return deps.database.transaction(async (tx) => {
    await lockUser(tx, deps.tenantId, userId);
    const factors = await loadFactors(tx, deps.tenantId, userId);
    const count = (factors.hasTotp ? 1 : 0) + factors.passkeyCount;
    if (count <= 1) {
      return refused("last-factor", "This is your only second factor: add another one first.");
    }
    const isGone =
      what.kind === "totp"
        ? await removeTotp(tx, deps.tenantId, userId)
        : await removePasskey(tx, deps.tenantId, userId, what.credentialId);
    if (!isGone) return refused("not-found", "You have no such factor.");
    await recordActs(tx, deps.tenantId, [
      {
        subject: userId,
        kind: "second-factor-removed",
        at: deps.clock.now(),
        actor: userId,
        client,
        data: { factor: what.kind },
      },
    ]);
    return accepted(null);
  });
}

/** New recovery codes instead of the old ones. Refused: `last-factor` while there is nothing to recover. */
export async function renewRecoveryCodes(
  deps: AccessDeps,
  session: Session,
  client: Client,
): Promise<Outcome<readonly string[]>> {
  const { userId } = session;
  return deps.database.transaction(async (tx) => {
    if (methodsOf(await loadFactors(tx, deps.tenantId, userId)).length === 0) {
      return refused("last-factor", "Set up a second factor first.");
    }
    const now = deps.clock.now();
    const codes = await makeRecoveryCodes(tx, deps.tenantId, userId, now);
    await recordActs(tx, deps.tenantId, [
      { subject: userId, kind: "recovery-codes-made", at: now, actor: userId, client },
    ]);
    return accepted(codes);
  });
}
