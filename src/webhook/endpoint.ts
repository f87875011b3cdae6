// An endpoint that subscribes to events: its row, its secrets, and which events it wants.

import type { Sealer } from "../secret/seal.ts";
import type { Tx } from "../storage/database.ts";
import type { Instant } from "../time/instant.ts";
import { EVENT_TYPES, isEventType, isTypeIn } from "./event-types.ts";
import type { WebhookSecrets } from "./standard-signature.ts";

export type DisabledCode = "by-hand" | "gone" | "failing";

export type Endpoint = {
  /** `we_…` */
  readonly id: string;
  /** Whose events it gets; null: everybody's. */
  readonly sellerId: string | null;
  readonly url: string;
  readonly description: string;
  /** "payout.released", or "payout.*" for all of an object; none: all types. */
  readonly eventTypes: readonly string[];
  readonly state: "enabled" | "disabled";
  /** Why it is disabled: by somebody, it answered 410, or it took nothing for days. */
  readonly disabledCode: DisabledCode | null;
  /** `whpk_…`: checks the signatures of version v1a. */
  readonly publicKey: string;
  /** Until when the secrets before the last rotation sign as well; null when they do not. */
  readonly earlierSecretsUntil: Instant | null;
  /** The feed was looked through to here for it. */
  readonly afterSeq: bigint;
  /** Failed attempts in a row. */
  readonly failureCount: number;
  readonly failingSince: Instant | null;
  readonly pausedUntil: Instant | null;
  readonly succeededAt: Instant | null;
  readonly madeBy: string;
  readonly madeAt: Instant;
  /** Raised by every edit. */
  readonly version: bigint;
};

/** An endpoint with what signs for it, as it stands sealed in its row. */
export type StoredEndpoint = Endpoint & {
  readonly secretsSealed: string;
  readonly earlierSealed: string | null;
};

type Row = {
  endpoint_id: string;
  seller_id: string | null;
  url: string;
  description: string;
  event_types: readonly string[];
  state: "enabled" | "disabled";
  disabled_code: DisabledCode | null;
  secrets_sealed: string;
  public_key: string;
  earlier_sealed: string | null;
  earlier_until: Instant | null;
  after_seq: bigint;
  failure_count: number;
  failing_since: Instant | null;
  paused_until: Instant | null;
  succeeded_at: Instant | null;
  made_by: string;
  made_at: Instant;
  version: bigint;
};

/** Endpoints of one seller, the institution's own counted as one. A bound, not a price. */
export const ENDPOINTS_PER_SELLER_MAX = 16;

/**
 * Endpoints that are not deleted, the newest first; `condition` is SQL over the row and the values from $2 on. One that
 * is asked for by `lock` is held until the transaction ends.
 */
export async function loadEndpoints(
  tx: Tx,
  tenantId: string,
  condition: string,
  values: readonly unknown[],
  lock = false,
): Promise<readonly StoredEndpoint[]> {
  const rows = await tx.query<Row>(
    `SELECT * FROM webhook_endpoint
      WHERE tenant_id = $1 AND state <> 'deleted' AND ${condition}
      ORDER BY made_at DESC, endpoint_id DESC ${lock ? "FOR UPDATE" : ""}`,
    [tenantId, ...values],
  );
  return rows.map(endpointOf);
}

export async function loadEndpoint(
  tx: Tx,
  tenantId: string,
  endpointId: string,
  lock = false,
): Promise<StoredEndpoint | null> {
  const [found] = await loadEndpoints(tx, tenantId, "endpoint_id = $2", [endpointId], lock);
  return found ?? null;
}

function endpointOf(row: Row): StoredEndpoint {
  return {
    id: row.endpoint_id,
    sellerId: row.seller_id,
    url: row.url,
    description: row.description,
    eventTypes: row.event_types,
    state: row.state,
    disabledCode: row.disabled_code,
    publicKey: row.public_key,
    earlierSecretsUntil: row.earlier_until,
    afterSeq: row.after_seq,
    failureCount: row.failure_count,
    failingSince: row.failing_since,
    pausedUntil: row.paused_until,
    succeededAt: row.succeeded_at,
    madeBy: row.made_by,
    madeAt: row.made_at,
    version: row.version,
    secretsSealed: row.secrets_sealed,
    earlierSealed: row.earlier_sealed,
  };
}

/** A row copied to another endpoint stays closed. */
function purposeOf(endpointId: string): string {
  return `webhook:${endpointId}`;
}

export function sealSecrets(sealer: Sealer, endpointId: string, secrets: WebhookSecrets): string {
  return sealer.seal(JSON.stringify(secrets), purposeOf(endpointId));
}

/** What signs for the endpoint now, the newest first. */
export function openSecrets(
  sealer: Sealer,
  endpoint: StoredEndpoint,
  now: Instant,
): readonly WebhookSecrets[] {
  const { earlierSealed, earlierSecretsUntil: until } = endpoint;
  const isEarlierGood = earlierSealed !== null && until !== null && now < until;
  return [endpoint.secretsSealed, ...(isEarlierGood ? [earlierSealed] : [])].map(
    (sealed) => JSON.parse(sealer.open(sealed, purposeOf(endpoint.id))) as WebhookSecrets,
  );
}

/** What may be subscribed to: a type of the catalogue, or all of an object's. */
export function isSubscription(text: string): boolean {
  if (!text.endsWith(".*")) return isEventType(text);
  return EVENT_TYPES.some(({ type }) => type.startsWith(text.slice(0, -1)));
}

export function wantsType({ eventTypes }: Pick<Endpoint, "eventTypes">, type: string): boolean {
  return eventTypes.length === 0 || isTypeIn(type, eventTypes);
}
