// The session's cookie, and what a request tells of its sender. The cookie is no script's to read, is sent by pages of
// our own, and where people reach us by https it is bound to this host (the `__Host-` name, RFC 6265bis 4.1.3).

import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { Client } from "../identity/access-deps.ts";
import { ownPath } from "../identity/sessions/sso.ts";
import { type AccessSettings, isHttps, isOwnOrigin } from "../identity/settings.ts";
import { CONSENT_MS_MAX } from "../marketplace/stores/consent.ts";
import { type Instant, msOf } from "../time/instant.ts";
import { type Language, languageOf } from "./language.ts";
import { clientAddress, UNKNOWN_ADDRESS } from "./middleware.ts";
import { problem } from "./problems.ts";
import type { ApiEnv } from "./register.ts";

const SESSION = "straitway";
/** The browser that began a company sign-in, until it comes back. */
const SSO = "straitway-sso";
const SSO_SECONDS = 600;
/** Where a visitor wanted to go, while signing in. */
const RETURN = "straitway-return";
const RETURN_SECONDS = 1800;
const LANGUAGE = "straitway-language";
const LANGUAGE_SECONDS = 365 * 86_400;
/** The browser that began a store's consent, until it comes back. */
const CONSENT = "straitway-consent";

function named(name: string, settings: AccessSettings): string {
  return isHttps(settings) ? `__Host-${name}` : name;
}

function optionsOf(settings: AccessSettings) {
  // Lax, so that a link from outside and the way back from a company sign-in arrive signed in; what changes something
  // is a POST, with which a foreign page sends no such cookie, and whose origin is checked besides.
  return { path: "/", httpOnly: true, secure: isHttps(settings), sameSite: "Lax" } as const;
}

/** Does the request carry a session at all? Whether it is a good one, only the API can say. */
export function hasSessionCookie(request: Request): boolean {
  const cookies = request.headers.get("cookie") ?? "";
  return new RegExp(`(?:^|; )(?:__Host-)?${SESSION}=`).test(cookies);
}

export function sessionToken(c: Context<ApiEnv>): string | null {
  const { settings } = c.get("deps").access;
  return getCookie(c, named(SESSION, settings)) ?? null;
}

export function setSessionCookie(c: Context<ApiEnv>, token: string, endsAt: Instant): void {
  const { settings, clock } = c.get("deps").access;
  const maxAge = Math.max(0, Math.floor((msOf(endsAt) - msOf(clock.now())) / 1000));
  setCookie(c, named(SESSION, settings), token, { ...optionsOf(settings), maxAge });
}

export function clearSessionCookie(c: Context<ApiEnv>): void {
  const { settings } = c.get("deps").access;
  deleteCookie(c, named(SESSION, settings), optionsOf(settings));
}

export function ssoToken(c: Context<ApiEnv>): string {
  return getCookie(c, named(SSO, c.get("deps").access.settings)) ?? "";
}

export function setSsoCookie(c: Context<ApiEnv>, token: string): void {
  const { settings } = c.get("deps").access;
  setCookie(c, named(SSO, settings), token, { ...optionsOf(settings), maxAge: SSO_SECONDS });
}

export function clearSsoCookie(c: Context<ApiEnv>): void {
  const { settings } = c.get("deps").access;
  deleteCookie(c, named(SSO, settings), optionsOf(settings));
}

export function consentToken(c: Context<ApiEnv>): string | null {
  return getCookie(c, named(CONSENT, c.get("deps").access.settings)) ?? null;
}

export function setConsentCookie(c: Context<ApiEnv>, token: string): void {
  const { settings } = c.get("deps").access;
  const maxAge = CONSENT_MS_MAX / 1000;
  setCookie(c, named(CONSENT, settings), token, { ...optionsOf(settings), maxAge });
}

export function clearConsentCookie(c: Context<ApiEnv>): void {
  const { settings } = c.get("deps").access;
  deleteCookie(c, named(CONSENT, settings), optionsOf(settings));
}

/** Where a visitor wanted to go before the sign-in; "/" without. Good for one answer. */
export function takeReturnPath(c: Context<ApiEnv>): string {
  const { settings } = c.get("deps").access;
  const path = getCookie(c, named(RETURN, settings));
  if (path !== undefined) deleteCookie(c, named(RETURN, settings), optionsOf(settings));
  return ownPath(path ?? "/");
}

export function keepReturnPath(c: Context<ApiEnv>, path: string): void {
  const { settings } = c.get("deps").access;
  setCookie(c, named(RETURN, settings), ownPath(path), {
    ...optionsOf(settings),
    maxAge: RETURN_SECONDS,
  });
}

/** The language that the visitor chose, here or in the console; without a choice the browser's. */
export function chosenLanguage(c: Context<ApiEnv>): Language {
  return languageOf(getCookie(c, LANGUAGE) ?? c.req.header("accept-language"));
}

export function keepLanguage(c: Context<ApiEnv>, language: Language): void {
  const { settings } = c.get("deps").access;
  // The console's script reads and sets it too: a language is no secret.
  setCookie(c, LANGUAGE, language, {
    ...optionsOf(settings),
    httpOnly: false,
    maxAge: LANGUAGE_SECONDS,
  });
}

export function clientOf(c: Context<ApiEnv>): Client {
  const { settings } = c.get("deps");
  const address = clientAddress(c, settings.trustedProxyCount);
  return {
    address: address === UNKNOWN_ADDRESS ? "" : address,
    agent: c.req.header("user-agent") ?? "",
  };
}

const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Refuses a request that changes something and was sent by another site's page (`origin-refused`). With `strictly` a
 * request that does not say where it comes from is refused too: as long as it carries a session, it is a browser's.
 */
export function checkOrigin(c: Context<ApiEnv>, strictly: boolean): void {
  if (SAFE_METHODS.has(c.req.method)) return;
  const site = c.req.header("sec-fetch-site");
  const origin = c.req.header("origin");
  // What the browser itself says of both sites comes first: a form of a page that sends no referrer has no origin.
  const isOwn =
    site !== undefined
      ? site === "same-origin"
      : origin === undefined
        ? !strictly
        : isOwnOrigin(c.get("deps").access.settings, origin);
  if (!isOwn) throw problem("origin-refused");
}
