// Login with Amazon: the address where a seller consents, the exchange of its code, and access tokens from the refresh
// token. Source: Amazon's website authorisation workflow; the code is good for five minutes, an access token for an hour.

import { Outage } from "../../../errors/outage.ts";
import { accepted, type Outcome, refused } from "../../../errors/refusal.ts";
import { isObject, type JsonObject, plainDecimal, readJson, textOf } from "../json-decimal.ts";
import { exchange } from "./http-exchange.ts";
import { CONSENT_COUNTRY, COUNTRIES, type Region } from "./regions.ts";
import type { AmazonSettings } from "./settings.ts";

const TOKEN_BYTES_MAX = 64 * 1024;

/** Where the seller's browser goes; `state` comes back with it. */
export function consentUrl(
  settings: AmazonSettings,
  region: Region,
  country: string | null,
  state: string,
): string {
  const address =
    COUNTRIES[country ?? CONSENT_COUNTRY[region]] ?? COUNTRIES[CONSENT_COUNTRY[region]];
  const url = new URL(
    "/apps/authorize/consent",
    settings.consentUrl ?? address?.consentHost ?? "https://sellercentral.amazon.com",
  );
  url.searchParams.set("application_id", settings.applicationId);
  url.searchParams.set("state", state);
  url.searchParams.set("redirect_uri", settings.redirectUri);
  if (settings.isDraft) url.searchParams.set("version", "beta");
  return url.href;
}

export type Tokens = {
  readonly accessToken: string;
  /** Seconds from the answer. */
  readonly expiresInS: number;
  /** Null where the answer brings no new one. */
  readonly refreshToken: string | null;
};

/** Refused: `consent-code-invalid` when Amazon does not take the code (used, or older than five minutes). */
export function exchangeCode(
  fetcher: typeof fetch,
  settings: AmazonSettings,
  code: string,
): Promise<Outcome<Tokens>> {
  return askToken(
    fetcher,
    settings,
    { grant_type: "authorization_code", code, redirect_uri: settings.redirectUri },
    "consent-code-invalid",
    "Amazon does not take this consent's code: it is good once and for five minutes. Begin the consent again.",
  );
}

/** Refused: `authorisation-withdrawn` when Amazon does not take the refresh token any more. */
export function refreshAccess(
  fetcher: typeof fetch,
  settings: AmazonSettings,
  refreshToken: string,
): Promise<Outcome<Tokens>> {
  return askToken(
    fetcher,
    settings,
    { grant_type: "refresh_token", refresh_token: refreshToken },
    "authorisation-withdrawn",
    "Amazon does not take the store's authorisation any more: the seller withdrew it, or it ran out. Bind the store again.",
  );
}

/** RFC 6749 section 5.2: the grant itself is at fault; anything else is the application's or Amazon's fault. */
const GRANT_AT_FAULT = "invalid_grant";

async function askToken(
  fetcher: typeof fetch,
  settings: AmazonSettings,
  form: Readonly<Record<string, string>>,
  refusalCode: string,
  refusalMessage: string,
): Promise<Outcome<Tokens>> {
  const body = new URLSearchParams({
    ...form,
    client_id: settings.clientId,
    client_secret: settings.clientSecret,
  });
  const answer = await exchange(fetcher, {
    method: "POST",
    url: settings.tokenUrl,
    headers: { "content-type": "application/x-www-form-urlencoded;charset=UTF-8" },
    body: body.toString(),
    bytesMax: TOKEN_BYTES_MAX,
    label: "Login with Amazon",
  });
  const read = readJson(answer.bytes.toString("utf8"));
  const json: JsonObject = read.ok && isObject(read.value) ? read.value : new Map();
  if (answer.status === 200) return tokensOf(json);
  const fault = textOf(json, "error") ?? `status ${answer.status}`;
  if (fault === GRANT_AT_FAULT) return refused(refusalCode, refusalMessage);
  const retryable = answer.status === 429 || answer.status >= 500;
  throw new Outage("amazon-login", `Login with Amazon answered ${fault}`, { retryable });
}

function tokensOf(json: JsonObject): Outcome<Tokens> {
  const accessToken = textOf(json, "access_token") ?? "";
  const expiresInS = Number(plainDecimal(json.get("expires_in")) ?? "NaN");
  if (accessToken === "" || !Number.isFinite(expiresInS)) {
    throw new Outage("amazon-login", "Login with Amazon answered without a token", {
      retryable: true,
    });
  }
  return accepted({ accessToken, expiresInS, refreshToken: textOf(json, "refresh_token") });
}
