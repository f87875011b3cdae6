// Login with Amazon as a seller's consent uses it: a code of five minutes that is used once, access tokens of an
// hour, a refresh token that holds until the consent is withdrawn or a year has passed. Tokens are signed texts, so
// only consents are kept. Source: Amazon's website authorisation workflow.

import type { Instant } from "../../time/instant.ts";
import { instantOfMs, msOf } from "../../time/instant.ts";
import { drawToken, sandboxSignature } from "../seeded-draw.ts";
import type { ConsentState, MarketplaceState, SellerState } from "./state.ts";
import { nextNumber } from "./state.ts";

export const CODE_LIFE_MS = 5 * 60_000;
export const ACCESS_LIFE_SECONDS = 3_600;
/** Sellers re-authorise yearly. */
export const CONSENT_LIFE_MS = 365 * 86_400_000;

/** A registered application of a developer. */
export type Application = {
  readonly applicationId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Where a consent may be sent to; loopback addresses always may. */
  readonly redirectUris: readonly string[];
};

export function giveConsent(
  state: MarketplaceState,
  seller: SellerState,
  application: Application,
  now: Instant,
): ConsentState {
  const number = nextNumber(state);
  const consent: ConsentState = {
    consentId: drawToken(state.seed, 20, "consent", number),
    sellerId: seller.sellerId,
    clientId: application.clientId,
    grantedAt: now,
    expiresAt: instantOfMs(msOf(now) + CONSENT_LIFE_MS),
    revokedAt: null,
  };
  state.consents.push(consent);
  return consent;
}

/** The code that carries a consent to the application's redirect address. */
export function issueCode(
  state: MarketplaceState,
  consent: ConsentState,
  redirectUri: string,
  now: Instant,
): string {
  const code = drawToken(state.seed, 20, "code", nextNumber(state));
  // What is too old answers the same whether it is kept or not.
  const fresh = state.codes.filter(({ expiresAt }) => expiresAt > now);
  state.codes.splice(0, state.codes.length, ...fresh);
  state.codes.push({
    code,
    consentId: consent.consentId,
    redirectUri,
    expiresAt: instantOfMs(msOf(now) + CODE_LIFE_MS),
    usedAt: null,
  });
  return code;
}

/** The consent that the code stands for, once; null when it is unknown, used, too old or of another application. */
export function useCode(
  state: MarketplaceState,
  code: string,
  clientId: string,
  redirectUri: string | null,
  now: Instant,
): ConsentState | null {
  const found = state.codes.find((one) => one.code === code);
  if (found === undefined || found.usedAt !== null || found.expiresAt <= now) return null;
  if (redirectUri !== null && redirectUri !== found.redirectUri) return null;
  const consent = standing(state, found.consentId, now);
  if (consent === null || consent.clientId !== clientId) return null;
  found.usedAt = now;
  return consent;
}

export function refreshTokenOf(state: MarketplaceState, consent: ConsentState): string {
  return `Atzr|${signed(state.seed, consent.consentId)}`;
}

/** The consent of a refresh token; null when it was not made here, was withdrawn or is too old. */
export function consentOfRefreshToken(
  state: MarketplaceState,
  token: string,
  clientId: string,
  now: Instant,
): ConsentState | null {
  const consentId = token.startsWith("Atzr|") ? unsigned(state.seed, token.slice(5)) : null;
  const consent = consentId === null ? null : standing(state, consentId, now);
  return consent?.clientId === clientId ? consent : null;
}

export function accessTokenOf(
  state: MarketplaceState,
  consent: ConsentState,
  now: Instant,
): string {
  const expiresAt = instantOfMs(msOf(now) + ACCESS_LIFE_SECONDS * 1_000);
  return `Atza|${signed(state.seed, `${consent.consentId} ${expiresAt}`)}`;
}

/** A token without a seller, for operations that need none: the operations of this sandbox all do. */
export function grantlessTokenOf(state: MarketplaceState, scope: string, now: Instant): string {
  return `Atza|${signed(state.seed, `scope:${scope} ${now}`)}`;
}

export type AccessCheck =
  | { readonly ok: true; readonly consent: ConsentState }
  | { readonly ok: false; readonly why: "invalid" | "expired" };

export function checkAccessToken(
  state: MarketplaceState,
  token: string,
  now: Instant,
): AccessCheck {
  const text = token.startsWith("Atza|") ? unsigned(state.seed, token.slice(5)) : null;
  const [consentId = "", expiresAt = ""] = text?.split(" ") ?? [];
  if (text === null) return { ok: false, why: "invalid" };
  if (expiresAt <= now && !consentId.startsWith("scope:")) return { ok: false, why: "expired" };
  const consent = standing(state, consentId, now);
  return consent === null ? { ok: false, why: "invalid" } : { ok: true, consent };
}

function standing(state: MarketplaceState, consentId: string, now: Instant): ConsentState | null {
  const consent = state.consents.find((one) => one.consentId === consentId);
  if (consent === undefined || consent.revokedAt !== null || consent.expiresAt <= now) return null;
  return consent;
}

function signed(seed: number, text: string): string {
  const body = Buffer.from(text).toString("base64url");
  return `${body}.${sandboxSignature(seed, body)}`;
}

function unsigned(seed: number, text: string): string | null {
  const [body = "", signature] = text.split(".");
  if (signature !== sandboxSignature(seed, body)) return null;
  return Buffer.from(body, "base64url").toString();
}
