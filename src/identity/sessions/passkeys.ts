// Passkeys (WebAuthn Level 3): a key pair in the user's device that signs a challenge for this origin only, after the
// device has recognised its owner. So one passkey alone is two factors, and it also steps up and follows a password.

import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from "@simplewebauthn/server";
import type { Tx } from "../../storage/database.ts";
import type { AccessDeps, AccessOutcome, Client } from "../access-deps.ts";
import { loadUser, type UserId } from "../users/users.ts";
import {
  findPasskey,
  insertPasskey,
  listPasskeys,
  notePasskeyUse,
  type Passkey,
} from "./factors.ts";
import { closeHearing, failed, openHearing, refuseTry } from "./hearing.ts";
import { findSession, type Session } from "./sessions.ts";
import { type FactorAdded, factorAdded } from "./set-up-factors.ts";
import { type SignInStep, signedIn } from "./sign-in.ts";
import { issueTicket, type TicketPurpose, useTicket } from "./tickets.ts";

/** What a passkey is called unless its owner names it. */
export const PASSKEY_NAME_DEFAULT = "passkey";
export const PASSKEY_NAME_LENGTH_MAX = 60;
const TIMEOUT_MS = 5 * 60 * 1000;
/** Bound to nobody: a sign-in that begins with a passkey. */
const ANYBODY = "anybody";

/** Where passkeys are good: the host people reach us at, and everything below it. */
function relyingParty({ settings }: AccessDeps): { rpID: string; origin: string } {
  return { rpID: new URL(settings.publicUrl).hostname, origin: settings.publicUrl };
}

/** Options for navigator.credentials.create, for the owner of this session. */
export async function offerPasskey(
  deps: AccessDeps,
  session: Session,
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const user = await loadUser(deps.database, deps.tenantId, session.userId);
  const known = await listPasskeys(deps.database, deps.tenantId, session.userId);
  const options = await generateRegistrationOptions({
    rpName: "Straitway",
    rpID: relyingParty(deps).rpID,
    userName: user?.email ?? "",
    userDisplayName: user?.name ?? "",
    userID: new Uint8Array(Buffer.from(session.userId, "utf8")),
    timeout: TIMEOUT_MS,
    attestationType: "none",
    excludeCredentials: known.map(idOf),
    authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
  });
  const { challenge: text } = options;
  const ticket = { text, purpose: "passkey-add", boundTo: session.userId, data: {} } as const;
  await issueTicket(deps.database, deps, ticket, deps.clock.now());
  return options;
}

function idOf(passkey: Passkey): { id: string; transports: string[] } {
  return { id: passkey.credentialId, transports: [...passkey.transports] };
}

/** Takes the device's answer. Refused: `passkey-refused`. */
export async function addPasskey(
  deps: AccessDeps,
  session: Session,
  answer: { readonly response: RegistrationResponseJSON; readonly name: string },
  client: Client,
): Promise<AccessOutcome<FactorAdded>> {
  const challenge = challengeOf(answer.response);
  const now = deps.clock.now();
  const ticket = await useTicket(deps.database, deps, "passkey-add", challenge, now);
  const { rpID, origin } = relyingParty(deps);
  const info = await verified(async () => {
    const { response } = answer;
    const expected = { expectedChallenge: challenge, expectedOrigin: origin, expectedRPID: rpID };
    const result = await verifyRegistrationResponse({ response, ...expected });
    return result.verified ? result.registrationInfo : null;
  });
  if (ticket?.boundTo !== session.userId || info === null || info === undefined)
    return refusedPasskey();
  const added = await deps.database.transaction(async (tx) => {
    const isNew = await insertPasskey(tx, deps.tenantId, {
      credentialId: info.credential.id,
      userId: session.userId as UserId,
      publicKey: Buffer.from(info.credential.publicKey).toString("base64url"),
      useCount: info.credential.counter,
      transports: info.credential.transports ?? [],
      name: answer.name.trim().slice(0, PASSKEY_NAME_LENGTH_MAX) || PASSKEY_NAME_DEFAULT,
      isBackedUp: info.credentialBackedUp,
      addedAt: now,
      usedAt: null,
    });
    return isNew ? factorAdded(tx, deps, session, "passkey", client) : null;
  });
  return added === null ? refusedPasskey() : { ok: true, value: added };
}

function refusedPasskey<Value>(): AccessOutcome<Value> {
  const message = "The device's answer is not good for this sign-in: begin anew.";
  return { ok: false, refusal: { code: "passkey-refused", message, line: null } };
}

/** The challenge that the device signed, as its answer says; whether it is one of ours is found by its ticket. */
function challengeOf(response: { readonly response: { readonly clientDataJSON: string } }): string {
  try {
    const text = Buffer.from(response.response.clientDataJSON, "base64url").toString("utf8");
    const { challenge } = JSON.parse(text) as { challenge?: unknown };
    return typeof challenge === "string" ? challenge : "";
  } catch {
    return "";
  }
}

/** The library throws at what does not verify: for us that is an answer, not a fault. */
async function verified<Value>(check: () => Promise<Value | null>): Promise<Value | null> {
  try {
    return await check();
  } catch {
    return null;
  }
}

/**
 * Options for navigator.credentials.get: with the half-way session's passkeys after a password, with those of the
 * signed-in user to step up, and with none named to sign in by a passkey alone.
 */
export async function askForPasskey(
  deps: AccessDeps,
  session: Session | null,
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const known =
    session === null ? [] : await listPasskeys(deps.database, deps.tenantId, session.userId);
  const options = await generateAuthenticationOptions({
    rpID: relyingParty(deps).rpID,
    timeout: TIMEOUT_MS,
    userVerification: "required",
    allowCredentials: known.map(idOf),
  });
  const purpose: TicketPurpose = session?.stage === "full" ? "passkey-step-up" : "passkey-sign-in";
  const boundTo = session?.sessionId ?? ANYBODY;
  const ticket = { text: options.challenge, purpose, boundTo, data: {} } as const;
  await issueTicket(deps.database, deps, ticket, deps.clock.now());
  return options;
}

/** The passkey whose owner signed the challenge of this ticket; null when anything about it is wrong. */
export async function takePasskey(
  deps: AccessDeps,
  purpose: TicketPurpose,
  session: Session | null,
  response: AuthenticationResponseJSON,
): Promise<Passkey | null> {
  const now = deps.clock.now();
  const challenge = challengeOf(response);
  const ticket = await useTicket(deps.database, deps, purpose, challenge, now);
  if (ticket === null || ticket.boundTo !== (session?.sessionId ?? ANYBODY)) return null;
  const passkey = await findPasskey(deps.database, deps.tenantId, response.id);
  if (passkey === null || (session !== null && session.userId !== passkey.userId)) return null;
  const { rpID, origin } = relyingParty(deps);
  const info = await verified(async () => {
    const result = await verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: rpID,
      credential: {
        id: passkey.credentialId,
        publicKey: new Uint8Array(Buffer.from(passkey.publicKey, "base64url")),
        counter: passkey.useCount,
        transports: [...passkey.transports],
      },
    });
    return result.verified ? result.authenticationInfo : null;
  });
  if (info === null) return null;
  const { tenantId } = deps;
  const isFresh = await notePasskeyUse(
    deps.database,
    tenantId,
    passkey.credentialId,
    info.newCounter,
    now,
  );
  return isFresh ? passkey : null;
}

/** Signs in: as second step where `token` names a half-way session, else alone. Refused: `sign-in-failed`. */
export async function signInWithPasskey(
  deps: AccessDeps,
  token: string | null,
  response: AuthenticationResponseJSON,
  client: Client,
): Promise<AccessOutcome<SignInStep>> {
  const session = token === null ? null : await halfWaySession(deps, token);
  const heard = await openHearing(
    deps,
    { kind: "factor", value: `passkey:${response.id}` },
    client,
  );
  if (!heard.ok) return heard;
  const passkey = await takePasskey(deps, "passkey-sign-in", session, response);
  const step =
    passkey === null
      ? null
      : await deps.database.transaction(async (tx) => {
          await closeHearing(tx, deps, heard.value);
          return openFor(tx, deps, passkey, session, client);
        });
  if (step !== null) return { ok: true, value: step };
  const known = await findPasskey(deps.database, deps.tenantId, response.id);
  return refuseTry(deps, heard.value, client, {
    kind: "sign-in-refused",
    userId: session?.userId ?? known?.userId ?? null,
    actor: null,
    reason: passkey === null ? "passkey" : "user-disabled",
  });
}

async function halfWaySession(deps: AccessDeps, token: string): Promise<Session | null> {
  const found = await findSession(deps.database, deps, token, deps.clock.now());
  return found?.session.stage === "first-factor" ? found.session : null;
}

async function openFor(
  tx: Tx,
  deps: AccessDeps,
  passkey: Passkey,
  session: Session | null,
  client: Client,
): Promise<SignInStep | null> {
  const user = await loadUser(tx, deps.tenantId, passkey.userId);
  return user?.state === "active" ? signedIn(tx, deps, user, "passkey", session, client) : null;
}

/** Options to step up by a passkey; refused when the session is not a full one. */
export async function askForStepUp(
  deps: AccessDeps,
  token: string,
): Promise<AccessOutcome<PublicKeyCredentialRequestOptionsJSON>> {
  const found = await findSession(deps.database, deps, token, deps.clock.now());
  if (found?.session.stage !== "full") return failed();
  return { ok: true, value: await askForPasskey(deps, found.session) };
}
