// Which addresses an endpoint may have. The URL is checked when it is registered, and the address behind its name again
// at every attempt, on the very address that is connected to: a name may point elsewhere a moment later.

import { lookup as systemLookup } from "node:dns";
import { isIP, isIPv6, type LookupFunction } from "node:net";
import { accepted, type Outcome, refused } from "../errors/refusal.ts";
import { blockList, type WebhookSettings } from "./settings.ts";

const URL_LENGTH_MAX = 2_048;

/** IANA IPv4 Special-Purpose Address Registry (RFC 6890 and later), multicast and reserved. */
const NOT_PUBLIC_V4 = blockList([
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/3",
]);
/** Global unicast (RFC 4291, 2.4). Everything else of IPv6 is local, multicast, or IPv4 in disguise. */
const PUBLIC_V6 = blockList(["2000::/3"]);
/** Parts of it that are no single host: IETF protocols with Teredo, documentation, 6to4 (IPv4 inside), SRv6. */
const NOT_PUBLIC_V6 = blockList(["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"]);
const LOOPBACK = blockList(["127.0.0.0/8", "::1/128"]);

/** Says whether an IP address may be connected to. */
export type AddressRule = (address: string) => boolean;

export function addressRule(settings: WebhookSettings): AddressRule {
  const allowed = blockList(settings.allowedNetworks);
  return (address) => {
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    if (isIP(address) === 0) return false;
    if (allowed.check(address, family)) return true;
    if (LOOPBACK.check(address, family)) return settings.allowLoopback;
    return family === "ipv4"
      ? !NOT_PUBLIC_V4.check(address, family)
      : PUBLIC_V6.check(address, family) && !NOT_PUBLIC_V6.check(address, family);
  };
}

/** The host of a URL as an address or a name: without the brackets of IPv6. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, "$1");
}

/** True for what only this machine answers to. */
function isLoopbackHost(host: string): boolean {
  if (host === "localhost") return true;
  return isIP(host) !== 0 && LOOPBACK.check(host, isIPv6(host) ? "ipv6" : "ipv4");
}

/**
 * Reads an endpoint's URL. Refused as `webhook-url-invalid` (no absolute URL, too long, with a password or a
 * fragment), `webhook-url-insecure` (not HTTPS) or `webhook-url-not-public`.
 */
export function readEndpointUrl(text: string, settings: WebhookSettings): Outcome<string> {
  const url = URL.canParse(text) && text.length <= URL_LENGTH_MAX ? new URL(text) : null;
  if (url === null || !["http:", "https:"].includes(url.protocol)) {
    const form = `An endpoint is an absolute https:// URL of at most ${URL_LENGTH_MAX} characters.`;
    return refused("webhook-url-invalid", form);
  }
  if (url.username !== "" || url.password !== "" || url.hash !== "") {
    const parts = "An endpoint's URL has no user, password or fragment: signatures say who sends.";
    return refused("webhook-url-invalid", parts);
  }
  const host = hostOf(url);
  const isLocal = isLoopbackHost(host) && settings.allowLoopback;
  if (url.protocol === "http:" && !isLocal) {
    return refused("webhook-url-insecure", "An endpoint is reached by HTTPS.");
  }
  const isKnownPrivate = isIP(host) !== 0 ? !addressRule(settings)(host) : isLoopbackHost(host);
  if (isKnownPrivate && !isLocal) {
    const place = "This address is not a public one, nor of a network that the settings allow.";
    return refused("webhook-url-not-public", place);
  }
  return accepted(url.href);
}

/** The name points to an address that webhooks may not reach. */
export class AddressRefused extends Error {
  constructor(host: string) {
    super(`${host} is at an address that webhooks may not reach`);
    this.name = "AddressRefused";
  }
}

/** Finds addresses as the system does, and gives none where one of them is not allowed. */
export function guardedLookup(
  isAllowed: AddressRule,
  lookup: typeof systemLookup = systemLookup,
): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, "", 0);
      const [first] = addresses;
      if (first === undefined || !addresses.every(({ address }) => isAllowed(address))) {
        return callback(new AddressRefused(hostname), "", 0);
      }
      if (options.all === true) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };
}
