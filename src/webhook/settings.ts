// Where webhooks may go. By default to public addresses over TLS alone: an address that a subscriber names must not
// reach what stands behind the institution's own walls.

import { BlockList, isIP, isIPv6 } from "node:net";
import { z } from "zod";

const network = z
  .string()
  .refine((text) => networkOf(text) !== null, "an address range, such as 10.20.0.0/16");

export const webhookSettings = z.strictObject({
  /** Plain HTTP to this machine, for the sandbox and for developing. */
  allowLoopback: z.boolean().default(false),
  /** Ranges of the institution's own networks that webhooks may reach besides, by HTTPS. */
  allowedNetworks: z.array(network).max(64).default([]),
});

export type WebhookSettings = z.infer<typeof webhookSettings>;

export const DEFAULT_WEBHOOK_SETTINGS: WebhookSettings = webhookSettings.parse({});

export type Network = { readonly address: string; readonly prefix: number };

/** "10.20.0.0/16" or a single address; null when it is neither. */
export function networkOf(text: string): Network | null {
  const [address = "", bits, ...rest] = text.split("/");
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return null;
  const bitCount = family === 6 ? 128 : 32;
  if (bits !== undefined && !/^\d{1,3}$/.test(bits)) return null;
  const prefix = bits === undefined ? bitCount : Number(bits);
  return prefix <= bitCount ? { address, prefix } : null;
}

export function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of networks) {
    const found = networkOf(text);
    if (found === null) throw new RangeError(`${text} is no address range`);
    list.addSubnet(found.address, found.prefix, isIPv6(found.address) ? "ipv6" : "ipv4");
  }
  return list;
}
