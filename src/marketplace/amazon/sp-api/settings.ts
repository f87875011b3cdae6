// The settings of the connection to Amazon: the application that the operator registered there, and how often each kind
// of work is done. Every address may be replaced, which is how the sandbox marketplace stands in.

import { z } from "zod";

const minutes = (unlessTold: number) => z.number().positive().max(10_080).default(unlessTold);
const webAddress = z.url({ protocol: /^https?$/ });

/**
 * Minutes between two polls. Within the published plans even for many stores, because plans are counted per store:
 * getReports allows one call in 45 s, listPayouts one in 2 s.
 */
const everyMinutes = z.strictObject({
  reports: minutes(10),
  payouts: minutes(5),
  eventGroups: minutes(30),
  balances: minutes(60),
  expectedPayouts: minutes(60),
  deferred: minutes(360),
  controlTotals: minutes(30),
  account: minutes(1440),
  payoutRequests: minutes(1),
});

export const amazonSettings = z.strictObject({
  /** "amzn1.sp.solution.…" or "amzn1.sellerapps.app.…": names the application on the page where the seller consents. */
  applicationId: z.string().min(1).max(200),
  clientId: z.string().min(1).max(200),
  clientSecret: z.string().min(1).max(500),
  /** Where Amazon sends the browser after the consent: this server's /v1/stores/callback. */
  redirectUri: webAddress,
  /** True while the application is a draft at Amazon: consents carry `version=beta`. */
  isDraft: z.boolean().default(false),
  /** True: Amazon's own sandbox hosts, which answer with fixed pairs. */
  usesStaticSandbox: z.boolean().default(false),
  tokenUrl: webAddress.default("https://api.amazon.com/auth/o2/token"),
  /** One address for the API of all regions; absent: Amazon's. */
  apiUrl: webAddress.optional(),
  /** One address for all consents; absent: Amazon's, by country. */
  consentUrl: webAddress.optional(),
  /** Days that a consent lasts. Amazon asks sellers to renew theirs once a year. */
  consentDays: z.int().min(1).max(3650).default(365),
  everyMinutes: everyMinutes.default(everyMinutes.parse({})),
});

export type AmazonSettings = z.infer<typeof amazonSettings>;
/** As a configuration file gives it. */
export type AmazonSettingsInput = z.input<typeof amazonSettings>;
