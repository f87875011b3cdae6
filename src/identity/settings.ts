// What an operator says about access: where the channel is reached, how long sessions last, whose sign-ins count.

import { z } from "zod";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const domain = z.string().regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, "a domain in lower case");

/** A company's own sign-in by OpenID Connect. */
const ssoProvider = z.strictObject({
  /** Stands in addresses: /v1/sign-in/sso/{id}. */
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,30}$/, "letters a-z, digits and hyphens, at most 31"),
  /** What the button says. */
  name: z.string().min(1).max(60),
  issuer: z.url(),
  clientId: z.string().min(1).max(200),
  clientSecret: z.string().min(1).max(500),
  /** E-mail domains that this provider speaks for; it names no user of another domain. */
  emailDomains: z.array(domain).min(1).max(50),
  /** True: its sign-in counts as both factors. False: the user's own second factor is asked as well. */
  trustsSecondFactor: z.boolean().default(false),
});

export const accessSettings = z.strictObject({
  /** Where people reach the channel ("https://channel.example.com"): for links, cookies, passkeys, origins. */
  publicUrl: z
    .url({ protocol: /^https?$/ })
    .refine(
      (url) => URL.canParse(url) && new URL(url).pathname === "/",
      "an origin, without a path",
    )
    .optional(),
  /** A session ends when it was not used for this long (ASVS 5.0, 7.3.1). */
  sessionIdleMinutes: z.int().min(5).max(720).default(30),
  /** A session ends after this long, used or not (ASVS 5.0, 7.3.2). */
  sessionMaxHours: z.int().min(1).max(24).default(12),
  invitationHours: z.int().min(1).max(168).default(72),
  sso: z.array(ssoProvider).max(20).default([]),
});

export type SsoProvider = z.infer<typeof ssoProvider>;

/** The settings as the use cases take them. */
export type AccessSettings = {
  /** Origin without a slash at its end. */
  readonly publicUrl: string;
  readonly sessionIdleMs: number;
  readonly sessionMaxMs: number;
  readonly invitationMs: number;
  readonly sso: readonly SsoProvider[];
};

/** `ownUrl` is asked where the program itself listens, for when no address is set. */
export function accessSettingsOf(
  read: z.infer<typeof accessSettings>,
  ownUrl: () => string,
): AccessSettings {
  return {
    get publicUrl() {
      return read.publicUrl === undefined ? localOrigin(ownUrl()) : new URL(read.publicUrl).origin;
    },
    sessionIdleMs: read.sessionIdleMinutes * MINUTE_MS,
    sessionMaxMs: read.sessionMaxHours * HOUR_MS,
    invitationMs: read.invitationHours * HOUR_MS,
    sso: read.sso,
  };
}

const LOOPBACK: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

export function isLoopback(url: string): boolean {
  return LOOPBACK.has(new URL(url).hostname);
}

/** This machine by its name: browsers make passkeys for names, not for addresses. */
function localOrigin(text: string): string {
  const url = new URL(text);
  if (isLoopback(text)) url.hostname = "localhost";
  return url.origin;
}

/**
 * True for an origin of our own pages. This machine has several names for itself, and nobody else's page has any of
 * them with our port.
 */
export function isOwnOrigin({ publicUrl }: AccessSettings, origin: string): boolean {
  if (origin === publicUrl) return true;
  if (!isLoopback(publicUrl) || !URL.canParse(origin) || !isLoopback(origin)) return false;
  const [own, other] = [new URL(publicUrl), new URL(origin)];
  return own.protocol === other.protocol && own.port === other.port;
}

/** Cookies are bound to https, and named so that a browser holds them to it, wherever people reach us by https. */
export function isHttps({ publicUrl }: AccessSettings): boolean {
  return publicUrl.startsWith("https:");
}
