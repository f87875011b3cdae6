// A company's own sign-in by OpenID Connect: code flow with PKCE, state and nonce, bound to the browser that began it
// (OpenID Connect Core 1.0; RFC 9700). It says who somebody is; what they may do stands here, so nobody comes in whom
// this channel did not admit.

import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientSecretPost,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  enableNonRepudiationChecks,
  type IDToken,
  randomPKCECodeVerifier,
} from "openid-client";
import { Outage } from "../../errors/outage.ts";
import { accepted, type Outcome, refused } from "../../errors/refusal.ts";
import { hashToken } from "../../secret/password.ts";
import { randomToken } from "../../secret/random.ts";
import type { Tx } from "../../storage/database.ts";
import type { AccessDeps, AccessOutcome, Client } from "../access-deps.ts";
import { recordActs } from "../audit.ts";
import { isLoopback, type SsoProvider } from "../settings.ts";
import {
  findUserByEmail,
  lockUser,
  normaliseEmail,
  type User,
  updateUser,
} from "../users/users.ts";
import { closeHearing, type Hearing, openHearing, refuseTry } from "./hearing.ts";
import { firstFactorShown, type SignInStep, signedIn } from "./sign-in.ts";
import { issueTicket, useTicket } from "./tickets.ts";

export type SsoBegun = {
  /** Where the browser goes now. */
  readonly url: string;
  /** For a cookie of this browser: only it may come back. */
  readonly browserToken: string;
};

export type SsoDone = {
  readonly step: SignInStep;
  /** The page that the browser wanted: a path of ours. */
  readonly returnTo: string;
};

export type Sso = {
  /** Refused: `sso-unknown`. Throws an `Outage` of port "sso" when the provider does not answer. */
  readonly begin: (providerId: string, returnTo: string) => Promise<Outcome<SsoBegun>>;
  /** `query` is what the provider sent the browser back with. Refused: `sso-unknown`, `sign-in-failed`, `sign-in-locked`. */
  readonly finish: (
    providerId: string,
    query: URLSearchParams,
    browserToken: string,
    client: Client,
  ) => Promise<AccessOutcome<SsoDone>>;
};

const TIMEOUT_SECONDS = 10;

/** Knows the providers of the settings; asks each for its addresses and keys when it is first used. */
export function openSso(deps: AccessDeps): Sso {
  const known = new Map<string, Promise<Configuration>>();
  const configurationOf = (provider: SsoProvider): Promise<Configuration> => {
    const asked = known.get(provider.id) ?? discover(provider);
    known.set(provider.id, asked);
    // What failed once is asked again.
    asked.catch(() => known.delete(provider.id));
    return asked;
  };
  const providerOf = (id: string) => deps.settings.sso.find((provider) => provider.id === id);
  return {
    begin: async (providerId, returnTo) => {
      const provider = providerOf(providerId);
      if (provider === undefined) return unknownProvider();
      return accepted(await begin(deps, provider, await configurationOf(provider), returnTo));
    },
    finish: async (providerId, query, browserToken, client) => {
      const provider = providerOf(providerId);
      if (provider === undefined) return unknownProvider();
      const configuration = await configurationOf(provider);
      return finish(deps, provider, configuration, query, browserToken, client);
    },
  };
}

function unknownProvider(): Outcome<never> & { readonly ok: false } {
  const message = "No company sign-in of this name is set up here.";
  return { ok: false, refusal: refusalOf("sso-unknown", message) };
}

function refusalOf(code: string, message: string) {
  return { code, message, line: null };
}

async function discover(provider: SsoProvider): Promise<Configuration> {
  const issuer = new URL(provider.issuer);
  try {
    return await discovery(
      issuer,
      provider.clientId,
      undefined,
      ClientSecretPost(provider.clientSecret),
      {
        timeout: TIMEOUT_SECONDS,
        // The token's own signature is checked, not only the connection that it came by. Without TLS on this machine
        // only: a provider in a sandbox.
        execute: [
          enableNonRepudiationChecks,
          ...(isLoopback(provider.issuer) ? [allowInsecureRequests] : []),
        ],
      },
    );
  } catch (error) {
    throw outage(provider, error);
  }
}

function outage(provider: SsoProvider, cause: unknown): Outage {
  return new Outage("sso", `the sign-in of ${provider.name} does not answer`, {
    retryable: true,
    cause,
  });
}

function callbackUrl({ settings }: AccessDeps, provider: SsoProvider): string {
  return `${settings.publicUrl}/v1/sign-in/sso/${provider.id}/callback`;
}

/** A path of ours, so that nobody is sent on to another site. */
export function ownPath(text: string): string {
  return /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(text) ? text : "/";
}

async function begin(
  deps: AccessDeps,
  provider: SsoProvider,
  configuration: Configuration,
  returnTo: string,
): Promise<SsoBegun> {
  const [state, nonce, browserToken] = [randomToken(), randomToken(), randomToken()];
  const verifier = randomPKCECodeVerifier();
  await issueTicket(
    deps.database,
    deps,
    {
      text: state,
      purpose: "sso",
      boundTo: hashToken(browserToken),
      data: { provider: provider.id, nonce, verifier, returnTo: ownPath(returnTo) },
    },
    deps.clock.now(),
  );
  const url = buildAuthorizationUrl(configuration, {
    redirect_uri: callbackUrl(deps, provider),
    scope: "openid email profile",
    state,
    nonce,
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  });
  return { url: url.href, browserToken };
}

async function finish(
  deps: AccessDeps,
  provider: SsoProvider,
  configuration: Configuration,
  query: URLSearchParams,
  browserToken: string,
  client: Client,
): Promise<AccessOutcome<SsoDone>> {
  const heard = await openHearing(deps, { kind: "ticket", value: client.address }, client);
  if (!heard.ok) return heard;
  const refuse = (reason: string, userId: string | null = null) =>
    refuseTry<SsoDone>(deps, heard.value, client, {
      kind: "sign-in-refused",
      userId,
      actor: null,
      reason,
      data: { provider: provider.id },
    });
  const state = query.get("state") ?? "";
  const ticket = await useTicket(deps.database, deps, "sso", state, deps.clock.now());
  const isOurs =
    ticket?.boundTo === hashToken(browserToken) && ticket.data["provider"] === provider.id;
  if (ticket === null || !isOurs) return refuse("sso-state");
  const claims = await claimsOf(deps, provider, configuration, query, {
    state,
    nonce: String(ticket.data["nonce"]),
    verifier: String(ticket.data["verifier"]),
  });
  if (claims === null) return refuse("sso-answer");
  const found = await deps.database.transaction((tx) => userOf(tx, deps, provider, claims, client));
  if (!found.ok) return refuse(found.refusal.code, found.refusal.message || null);
  const step = await deps.database.transaction((tx) =>
    enter(tx, deps, provider, found.value, heard.value, client),
  );
  return { ok: true, value: { step, returnTo: ownPath(String(ticket.data["returnTo"])) } };
}

/** What the provider's token says, once signature, issuer, audience, times, state and nonce are right; else null. */
async function claimsOf(
  deps: AccessDeps,
  provider: SsoProvider,
  configuration: Configuration,
  query: URLSearchParams,
  expected: { readonly state: string; readonly nonce: string; readonly verifier: string },
): Promise<IDToken | null> {
  const url = new URL(`${callbackUrl(deps, provider)}?${query.toString()}`);
  try {
    const tokens = await authorizationCodeGrant(configuration, url, {
      expectedState: expected.state,
      expectedNonce: expected.nonce,
      pkceCodeVerifier: expected.verifier,
      idTokenExpected: true,
    });
    return tokens.claims() ?? null;
  } catch (error) {
    // A network that fails is an outage; everything else is an answer that is not right.
    if (error instanceof TypeError && "cause" in error) throw outage(provider, error);
    return null;
  }
}

/**
 * The user whom the provider's subject is, or becomes: by the link on record, else by an address that the provider
 * has verified and speaks for. The refusal's code is the reason for the record, its message the user it was about.
 */
async function userOf(
  tx: Tx,
  deps: AccessDeps,
  provider: SsoProvider,
  claims: IDToken,
  client: Client,
): Promise<Outcome<User>> {
  const { iss, sub } = claims;
  const [link] = await tx.query<{ user_id: string }>(
    `SELECT user_id FROM access_identity WHERE tenant_id = $1 AND issuer = $2 AND subject = $3`,
    [deps.tenantId, iss, sub],
  );
  if (link !== undefined) return ableUser(await lockUser(tx, deps.tenantId, link.user_id));
  const email = typeof claims["email"] === "string" ? normaliseEmail(claims["email"]) : null;
  const domain = email?.split("@")[1] ?? "";
  if (email === null || claims["email_verified"] !== true) return refused("sso-email", "");
  if (!provider.emailDomains.includes(domain)) return refused("sso-domain", "");
  const byEmail = await findUserByEmail(tx, deps.tenantId, email);
  const user = ableUser(byEmail && (await lockUser(tx, deps.tenantId, byEmail.userId)));
  if (!user.ok) return user;
  const { userId } = user.value;
  const [other] = await tx.query(
    `SELECT 1 FROM access_identity WHERE tenant_id = $1 AND issuer = $2 AND user_id = $3`,
    [deps.tenantId, iss, userId],
  );
  // The address went to somebody else at the company: an admin decides, by beginning the user's sign-in anew.
  if (other !== undefined) return refused("sso-other-subject", userId);
  await tx.query(
    `INSERT INTO access_identity (tenant_id, issuer, subject, user_id, linked_at) VALUES ($1, $2, $3, $4, $5)`,
    [deps.tenantId, iss, sub, userId, deps.clock.now()],
  );
  const data = { provider: provider.id };
  const act = { subject: userId, at: deps.clock.now(), actor: userId, client, data } as const;
  await recordActs(tx, deps.tenantId, [{ ...act, kind: "identity-linked" }]);
  return user;
}

function ableUser(user: User | null): Outcome<User> {
  if (user === null) return refused("sso-user-unknown", "");
  return user.state === "active" || user.state === "invited"
    ? accepted(user)
    : refused(`user-${user.state}`, user.userId);
}

async function enter(
  tx: Tx,
  deps: AccessDeps,
  provider: SsoProvider,
  user: User,
  hearing: Hearing,
  client: Client,
): Promise<SignInStep> {
  await closeHearing(tx, deps, hearing);
  if (!provider.trustsSecondFactor) return firstFactorShown(tx, deps, user, "sso", client);
  if (user.state === "invited") {
    await updateUser(tx, deps.tenantId, user.userId, { state: "active" });
  }
  return signedIn(tx, deps, user, "sso", null, client);
}
