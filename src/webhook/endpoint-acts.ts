// What people do with endpoints: register, change, enable, disable, give new secrets, delete, try. Every act is an event
// with who did it.

import { accepted, type Outcome, refused } from "../errors/refusal.ts";
import { freshId } from "../secret/random.ts";
import type { Sealer } from "../secret/seal.ts";
import type { Tx } from "../storage/database.ts";
import { type Instant, instantOfMs, msOf } from "../time/instant.ts";
import { lastSeq } from "../timeline/feed.ts";
import { appendEvents } from "../timeline/timeline.ts";
import {
  ENDPOINTS_PER_SELLER_MAX,
  isSubscription,
  loadEndpoint,
  loadEndpoints,
  type StoredEndpoint,
  sealSecrets,
} from "./endpoint.ts";
import type { WebhookSettings } from "./settings.ts";
import { newWebhookSecrets, type WebhookSecrets } from "./standard-signature.ts";
import { readEndpointUrl } from "./target-guard.ts";

/** How long the secrets before a rotation sign besides the new ones, so that receivers change without a gap. */
export const ROTATION_OVERLAP_MS = 24 * 60 * 60 * 1000;
const DESCRIPTION_LENGTH_MAX = 200;

export type EndpointActs = {
  readonly tenantId: string;
  readonly sealer: Sealer;
  readonly settings: WebhookSettings;
  readonly now: Instant;
  /** Who does it: `user_…` or `key_…`. */
  readonly actor: string;
};

export type EndpointFields = {
  readonly url: string;
  readonly description: string;
  readonly eventTypes: readonly string[];
};

/** An endpoint with its secrets in the open: shown once, when they are made. */
export type WithSecrets = { readonly endpoint: StoredEndpoint; readonly secrets: WebhookSecrets };

function faultOf(fields: Partial<EndpointFields>, settings: WebhookSettings): Outcome<string> {
  const { url, description = "", eventTypes = [] } = fields;
  if (description.length > DESCRIPTION_LENGTH_MAX) {
    const most = `A description has at most ${DESCRIPTION_LENGTH_MAX} characters.`;
    return refused("webhook-description-too-long", most);
  }
  const unknown = eventTypes.find((text) => !isSubscription(text));
  if (unknown !== undefined) {
    const told = `"${unknown}" is no event type of the catalogue (docs/reference/events.md).`;
    return refused("webhook-event-type-unknown", told);
  }
  return url === undefined ? accepted("") : readEndpointUrl(url, settings);
}

/**
 * Registers an endpoint for the events that come from now on. Refused: what `readEndpointUrl` refuses,
 * `webhook-event-type-unknown`, `webhook-description-too-long`, `webhook-endpoints-too-many`.
 */
export async function createEndpoint(
  tx: Tx,
  acts: EndpointActs,
  sellerId: string | null,
  fields: EndpointFields,
): Promise<Outcome<WithSecrets>> {
  const { tenantId, now, actor } = acts;
  const url = faultOf(fields, acts.settings);
  if (!url.ok) return url;
  const same = await loadEndpoints(tx, tenantId, "seller_id IS NOT DISTINCT FROM $2", [sellerId]);
  if (same.length >= ENDPOINTS_PER_SELLER_MAX) {
    const most = `At most ${ENDPOINTS_PER_SELLER_MAX} endpoints. Delete one that is not used.`;
    return refused("webhook-endpoints-too-many", most);
  }
  const id = freshId("we", now);
  const secrets = newWebhookSecrets();
  await tx.query(
    `INSERT INTO webhook_endpoint (tenant_id, endpoint_id, seller_id, url, description, event_types, state,
       secrets_sealed, public_key, after_seq, failure_count, made_by, made_at, version)
     VALUES ($1, $2, $3, $4, $5, $6::jsonb, 'enabled', $7, $8, $9, 0, $10, $11, 1)`,
    [
      tenantId,
      id,
      sellerId,
      url.value,
      fields.description,
      JSON.stringify(fields.eventTypes),
      sealSecrets(acts.sealer, id, secrets),
      secrets.publicKey,
      await lastSeq(tx, tenantId),
      actor,
      now,
    ],
  );
  const endpoint = await tell(tx, acts, id, "webhook-created", {
    eventTypes: fields.eventTypes,
  });
  return accepted({ endpoint, secrets });
}

/** Changes what is given; refused as `createEndpoint` refuses. The caller has compared the version under `lock`. */
export async function changeEndpoint(
  tx: Tx,
  acts: EndpointActs,
  endpoint: StoredEndpoint,
  changes: Partial<EndpointFields>,
): Promise<Outcome<StoredEndpoint>> {
  const url = faultOf(changes, acts.settings);
  if (!url.ok) return url;
  await tx.query(
    `UPDATE webhook_endpoint SET url = $3, description = $4, event_types = $5::jsonb, version = version + 1
      WHERE tenant_id = $1 AND endpoint_id = $2`,
    [
      acts.tenantId,
      endpoint.id,
      changes.url === undefined ? endpoint.url : url.value,
      changes.description ?? endpoint.description,
      JSON.stringify(changes.eventTypes ?? endpoint.eventTypes),
    ],
  );
  const { eventTypes, description } = changes;
  return accepted(
    await tell(tx, acts, endpoint.id, "webhook-changed", {
      ...(eventTypes === undefined ? {} : { eventTypes }),
      ...(description === undefined ? {} : { description }),
    }),
  );
}

/** Disables it by hand, or enables it again: what waits is tried at once, and the feed goes on from where it stopped. */
export async function setEndpointEnabled(
  tx: Tx,
  acts: EndpointActs,
  endpoint: StoredEndpoint,
  isEnabled: boolean,
): Promise<StoredEndpoint> {
  if ((endpoint.state === "enabled") === isEnabled) return endpoint;
  const at = [acts.tenantId, endpoint.id];
  if (!isEnabled) {
    await tx.query(
      `UPDATE webhook_endpoint SET state = 'disabled', disabled_code = 'by-hand', version = version + 1
        WHERE tenant_id = $1 AND endpoint_id = $2`,
      at,
    );
    return tell(tx, acts, endpoint.id, "webhook-disabled", { code: "by-hand" });
  }
  await tx.query(
    `UPDATE webhook_endpoint SET state = 'enabled', disabled_code = NULL, failure_count = 0, failing_since = NULL,
            paused_until = NULL, version = version + 1
      WHERE tenant_id = $1 AND endpoint_id = $2`,
    at,
  );
  await tx.query(
    `UPDATE webhook_delivery SET next_attempt_at = $3
      WHERE tenant_id = $1 AND endpoint_id = $2 AND state = 'pending'`,
    [...at, acts.now],
  );
  return tell(tx, acts, endpoint.id, "webhook-enabled", {});
}

/** New secrets; those before them sign besides for a day. A second rotation within the day ends the first ones. */
export async function rotateSecrets(
  tx: Tx,
  acts: EndpointActs,
  endpoint: StoredEndpoint,
): Promise<WithSecrets> {
  const secrets = newWebhookSecrets();
  const until = instantOfMs(msOf(acts.now) + ROTATION_OVERLAP_MS);
  await tx.query(
    `UPDATE webhook_endpoint SET earlier_sealed = secrets_sealed, earlier_until = $3, secrets_sealed = $4,
            public_key = $5, version = version + 1
      WHERE tenant_id = $1 AND endpoint_id = $2`,
    [
      acts.tenantId,
      endpoint.id,
      until,
      sealSecrets(acts.sealer, endpoint.id, secrets),
      secrets.publicKey,
    ],
  );
  const told = { earlierSecretsUntil: until };
  return { endpoint: await tell(tx, acts, endpoint.id, "webhook-secrets-rotated", told), secrets };
}

/** It gets nothing more, and its secrets are forgotten; its log stays as long as any. */
export async function deleteEndpoint(
  tx: Tx,
  acts: EndpointActs,
  endpoint: StoredEndpoint,
): Promise<void> {
  await tell(tx, acts, endpoint.id, "webhook-deleted", {});
  await tx.query(
    `UPDATE webhook_endpoint SET state = 'deleted', disabled_code = NULL, secrets_sealed = '', earlier_sealed = NULL,
            earlier_until = NULL, version = version + 1
      WHERE tenant_id = $1 AND endpoint_id = $2`,
    [acts.tenantId, endpoint.id],
  );
  await tx.query(
    `UPDATE webhook_delivery SET state = 'cancelled', ended_at = $3
      WHERE tenant_id = $1 AND endpoint_id = $2 AND state = 'pending'`,
    [acts.tenantId, endpoint.id, acts.now],
  );
  await tx.query(
    `UPDATE webhook_replay SET state = 'cancelled', ended_at = $3
      WHERE tenant_id = $1 AND endpoint_id = $2 AND state = 'running'`,
    [acts.tenantId, endpoint.id, acts.now],
  );
}

/** An event about the endpoint itself, to try it. */
export async function pingEndpoint(
  tx: Tx,
  acts: EndpointActs,
  endpoint: StoredEndpoint,
): Promise<void> {
  await tell(tx, acts, endpoint.id, "webhook-pinged", {});
}

/** Tells the act; returns the endpoint as it stands now. */
async function tell(
  tx: Tx,
  { tenantId, now, actor }: EndpointActs,
  endpointId: string,
  kind: string,
  data: Readonly<Record<string, unknown>>,
): Promise<StoredEndpoint> {
  const endpoint = await loadEndpoint(tx, tenantId, endpointId);
  if (endpoint === null) throw new RangeError(`there is no endpoint ${endpointId}`);
  await appendEvents(tx, tenantId, [
    {
      subject: endpointId,
      kind,
      at: now,
      data: { url: endpoint.url, ...data },
      source: null,
      actor,
      // Two acts within one millisecond are two.
      occasion: freshId("act", now),
    },
  ]);
  return endpoint;
}
