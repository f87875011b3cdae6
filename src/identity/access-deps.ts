// What the use cases of access need, handed in by the edge; and who is at the other end of a request.

import type { Refusal } from "../errors/refusal.ts";
import type { ScryptCost } from "../secret/password.ts";
import type { Sealer } from "../secret/seal.ts";
import type { Database } from "../storage/database.ts";
import type { Clock } from "../time/clock.ts";
import type { Instant } from "../time/instant.ts";
import type { AccessSettings } from "./settings.ts";

export type AccessDeps = {
  readonly database: Database;
  readonly tenantId: string;
  /** The time of people and their devices: codes and sessions follow it, also in a sandbox whose own time is moved. */
  readonly clock: Clock;
  /** The channel's own time, by which approvals live. */
  readonly channelClock: Clock;
  readonly sealer: Sealer;
  readonly settings: AccessSettings;
  /** Costs of a password's hash; the product's own unless told (tests). */
  readonly scryptCost?: ScryptCost;
};

/** Where a request came from, as far as the edge knows: for the audit trail and the limits. */
export type Client = {
  /** The network address, or "" where none is known. */
  readonly address: string;
  /** What the browser or program calls itself. */
  readonly agent: string;
};

/** As `Outcome`; a refusal may say when a next try is heard. */
export type AccessOutcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly refusal: Refusal; readonly retryAt?: Instant };

/** Characters of an agent that are kept. */
const AGENT_LENGTH_MAX = 200;

export function agentText(client: Client): string {
  return client.agent.slice(0, AGENT_LENGTH_MAX);
}
