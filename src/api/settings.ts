// Limits of the API, each with its unit. They are settings because an institution's gateway in front may set narrower
// ones; the defaults are printed in docs/reference/api.md.

import { z } from "zod";

export const apiSettings = z.strictObject({
  /** Requests of one caller per window. */
  requestsPerWindow: z.int().min(1).max(1_000_000).default(600),
  /** Requests from one address per window, for callers that nobody knows. */
  anonymousRequestsPerWindow: z.int().min(1).max(1_000_000).default(120),
  /** Notices that one address may send to one bank connection per window. */
  bankRequestsPerWindow: z.int().min(1).max(1_000_000).default(6000),
  /** Seconds in which a spent allowance is whole again. */
  windowSeconds: z.int().min(1).max(3600).default(60),
  /** Bytes of a JSON body at most. */
  bodyBytesMax: z.int().min(1024).max(16_777_216).default(262_144),
  /** Bytes of one uploaded file at most; it is held in memory until it is kept. */
  uploadBytesMax: z.int().min(1024).max(268_435_456).default(67_108_864),
  /**
   * A seller's users and keys may upload bank files too. For a seller who runs the channel alone: money comes into being
   * by what such a file says, so at an institution that hosts sellers it stays false.
   */
  sellersMayUploadBankFiles: z.boolean().default(false),
  /** Proxies of one's own in front, which each add a sender to X-Forwarded-For; 0: the header is not believed. */
  trustedProxyCount: z.int().min(0).max(8).default(0),
});

export type ApiSettings = z.infer<typeof apiSettings>;

export const DEFAULT_API_SETTINGS: ApiSettings = apiSettings.parse({});
