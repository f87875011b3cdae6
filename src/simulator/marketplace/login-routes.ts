// Login with Amazon over HTTP: the page on which a seller lets an application in, and the exchange of codes and
// refresh tokens for access tokens. Both in one place here; at Amazon they are two hosts.

import type { Context, Hono } from "hono";
import type { Instant } from "../../time/instant.ts";
import type { Application } from "./consents.ts";
import {
  ACCESS_LIFE_SECONDS,
  accessTokenOf,
  consentOfRefreshToken,
  giveConsent,
  grantlessTokenOf,
  issueCode,
  refreshTokenOf,
  useCode,
} from "./consents.ts";
import type { ConsentState, MarketplaceState } from "./state.ts";

export const CONSENT_PATH = "/apps/authorize/consent";
export const TOKEN_PATH = "/auth/o2/token";

export type LoginDeps = {
  readonly state: MarketplaceState;
  readonly application: Application;
  readonly catchUp: () => Instant;
  readonly changed: () => void;
};

export function addLoginRoutes(app: Hono, deps: LoginDeps): void {
  app.get(CONSENT_PATH, (c) => showConsent(c, deps));
  app.post(CONSENT_PATH, (c) => decideConsent(c, deps));
  app.post(TOKEN_PATH, async (c) => token(c, deps));
}

type Asked = { readonly state: string; readonly redirectUri: string };

/** What the application asks for, or why it may not. */
function askedOf(
  { application }: LoginDeps,
  given: (name: string) => string | null,
): Asked | string {
  if (given("application_id") !== application.applicationId) return "unknown application_id";
  const redirectUri = given("redirect_uri") ?? application.redirectUris[0] ?? "";
  if (!mayRedirectTo(application, redirectUri)) return "redirect_uri is not registered";
  const state = given("state") ?? "";
  return state === "" ? "state is missing" : { state, redirectUri };
}

function mayRedirectTo({ redirectUris }: Application, uri: string): boolean {
  if (redirectUris.includes(uri)) return true;
  const url = URL.canParse(uri) ? new URL(uri) : null;
  return url !== null && ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
}

function showConsent(c: Context, deps: LoginDeps): Response {
  deps.catchUp();
  const asked = askedOf(deps, (name) => c.req.query(name) ?? null);
  if (typeof asked === "string") return c.text(asked, 400);
  const sellers = deps.state.sellers.map(
    ({ sellerId, legalName }) =>
      `<option value="${escapeHtml(sellerId)}">${escapeHtml(legalName)} (${escapeHtml(sellerId)})</option>`,
  );
  const hidden = [
    ["application_id", deps.application.applicationId],
    ["state", asked.state],
    ["redirect_uri", asked.redirectUri],
  ].map(
    ([name = "", value = ""]) =>
      `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`,
  );
  c.header("Referrer-Policy", "no-referrer");
  return c.html(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Sandbox marketplace</title></head><body>
<h1>Sandbox marketplace</h1>
<p>An application asks to read your settlements and payouts. This is a sandbox: nothing here is real.</p>
<form method="post" action="${CONSENT_PATH}">
${hidden.join("\n")}
<label>Sign in as <select name="selling_partner_id">${sellers.join("")}</select></label>
<button name="decision" value="confirm">Confirm</button>
<button name="decision" value="cancel">Cancel</button>
</form></body></html>
`);
}

async function decideConsent(c: Context, deps: LoginDeps): Promise<Response> {
  const now = deps.catchUp();
  const form = new URLSearchParams(await c.req.text());
  const asked = askedOf(deps, (name) => form.get(name));
  if (typeof asked === "string") return c.text(asked, 400);
  const sellerId = form.get("selling_partner_id");
  const seller = deps.state.sellers.find((one) => one.sellerId === sellerId);
  if (seller === undefined) return c.text("unknown selling_partner_id", 400);
  const target = new URL(asked.redirectUri);
  target.searchParams.set("state", asked.state);
  if (form.get("decision") === "cancel") {
    target.searchParams.set("error", "access_denied");
    return c.redirect(target.toString(), 303);
  }
  const consent = giveConsent(deps.state, seller, deps.application, now);
  const code = issueCode(deps.state, consent, asked.redirectUri, now);
  deps.changed();
  target.searchParams.set("selling_partner_id", seller.sellerId);
  target.searchParams.set("spapi_oauth_code", code);
  return c.redirect(target.toString(), 303);
}

/** Form or JSON: clients send either. */
async function token(c: Context, deps: LoginDeps): Promise<Response> {
  const { state, application } = deps;
  const now = deps.catchUp();
  const given = await bodyOf(c);
  c.header("Cache-Control", "no-store");
  if (given === null) return refuse(c, 400, "invalid_request", "The request body cannot be read");
  const clientId = given["client_id"] ?? "";
  if (clientId !== application.clientId || given["client_secret"] !== application.clientSecret) {
    return refuse(c, 401, "invalid_client", "Client authentication failed");
  }
  switch (given["grant_type"] ?? "") {
    case "authorization_code": {
      const redirectUri = given["redirect_uri"] ?? null;
      const consent = useCode(state, given["code"] ?? "", clientId, redirectUri, now);
      if (consent === null) {
        return refuse(c, 400, "invalid_grant", "The request has an invalid grant parameter : code");
      }
      deps.changed();
      return tokens(c, deps, consent, now);
    }
    case "refresh_token": {
      const refreshToken = given["refresh_token"] ?? "";
      const consent = consentOfRefreshToken(state, refreshToken, clientId, now);
      if (consent === null) {
        const message =
          "The request has an invalid grant parameter : refresh_token. User may have revoked or didn't grant the permission.";
        return refuse(c, 400, "invalid_grant", message);
      }
      return tokens(c, deps, consent, now);
    }
    case "client_credentials":
      return c.json({
        access_token: grantlessTokenOf(state, given["scope"] ?? "", now),
        token_type: "bearer",
        expires_in: ACCESS_LIFE_SECONDS,
      });
    default:
      return refuse(
        c,
        400,
        "unsupported_grant_type",
        "The authorization grant type is not supported",
      );
  }
}

function tokens(c: Context, { state }: LoginDeps, consent: ConsentState, now: Instant): Response {
  return c.json({
    access_token: accessTokenOf(state, consent, now),
    token_type: "bearer",
    expires_in: ACCESS_LIFE_SECONDS,
    refresh_token: refreshTokenOf(state, consent),
  });
}

function refuse(c: Context, status: 400 | 401, code: string, description: string): Response {
  return c.json({ error: code, error_description: description }, status);
}

async function bodyOf(c: Context): Promise<Readonly<Record<string, string>> | null> {
  const text = await c.req.text();
  if (!(c.req.header("content-type") ?? "").includes("json")) {
    return Object.fromEntries(new URLSearchParams(text));
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return null;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, typeof inner === "string" ? inner : ""]),
    );
  } catch {
    return null;
  }
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
