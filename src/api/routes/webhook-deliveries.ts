// The log of webhooks: what was sent to an endpoint and what it answered, and one event sent again.

import type { Tx } from "../../storage/database.ts";
import {
  type Delivery,
  listAttempts,
  listDeliveries,
  loadDelivery,
  resendEvent,
} from "../../webhook/delivery-log.ts";
import { eventIdOf, seqOfEventId } from "../../webhook/event-body.ts";
import {
  getWebhookDelivery,
  listWebhookDeliveries,
  resendWebhookEvent,
  type WebhookDeliveryDetailJson,
  type WebhookDeliveryJson,
} from "../contract/webhook-deliveries.ts";
import { pageFrom, placeOf } from "../page.ts";
import { problem } from "../problems.ts";
import type { RegisterRoutes } from "../register.ts";
import { ownEndpoint, webhookProblem } from "./webhook-endpoints.ts";

const LIST = "webhook-deliveries";

export const webhookDeliveryRoutes: RegisterRoutes = (app, deps) => {
  const { tenantId, store, clock } = deps;
  app.openapi(listWebhookDeliveries, async (c) => {
    const { endpointId } = c.req.valid("param");
    const { cursor, limit, state, eventId } = c.req.valid("query");
    const caller = c.get("caller");
    const [madeAt, id] = placeOf(LIST, cursor, ["instant", "text"]) ?? [];
    const rows = await deps.read(caller, async (tx) => {
      await ownEndpoint(tx, tenantId, caller, endpointId);
      return listDeliveries(tx, tenantId, endpointId, {
        state: state ?? null,
        seq: eventId === undefined ? null : (seqOfEventId(eventId) ?? 0n),
        limit: limit + 1,
        before: madeAt === undefined || id === undefined ? null : { madeAt, id },
      });
    });
    const page = pageFrom(LIST, rows, limit, (row) => [row.madeAt, row.id], deliveryJson);
    return c.json(page, 200);
  });
  app.openapi(getWebhookDelivery, async (c) => {
    const { endpointId, deliveryId } = c.req.valid("param");
    const caller = c.get("caller");
    const detail = await deps.read(caller, async (tx) => {
      await ownEndpoint(tx, tenantId, caller, endpointId);
      return deliveryDetail(tx, tenantId, endpointId, deliveryId);
    });
    return c.json(detail, 200);
  });
  app.openapi(resendWebhookEvent, async (c) => {
    const { endpointId } = c.req.valid("param");
    const seq = seqOf(c.req.valid("json").eventId);
    const caller = c.get("caller");
    const delivery = await store.database.transaction(async (tx) => {
      const endpoint = await ownEndpoint(tx, tenantId, caller, endpointId, true);
      const made = await resendEvent(
        tx,
        tenantId,
        endpoint,
        { seq, askedBy: caller.id },
        clock.now(),
      );
      if (!made.ok) throw webhookProblem(made.refusal);
      return loadDelivery(tx, tenantId, endpointId, made.value);
    });
    if (delivery === null) throw problem("internal-fault");
    c.header("Location", `/v1/webhook-endpoints/${endpointId}/deliveries/${delivery.id}`);
    return c.json(deliveryJson(delivery), 202);
  });
};

/** The place that an event's id names; what is no id of an event names none. */
export function seqOf(eventId: string): bigint {
  const seq = seqOfEventId(eventId);
  if (seq === null) throw problem("event-unknown");
  return seq;
}

async function deliveryDetail(
  tx: Tx,
  tenantId: string,
  endpointId: string,
  deliveryId: string,
): Promise<WebhookDeliveryDetailJson> {
  const delivery = await loadDelivery(tx, tenantId, endpointId, deliveryId);
  if (delivery === null) throw problem("not-found");
  const attempts = await listAttempts(tx, tenantId, deliveryId);
  return { ...deliveryJson(delivery), attempts: attempts.map((attempt) => ({ ...attempt })) };
}

function deliveryJson(delivery: Delivery): WebhookDeliveryJson {
  const { seq, ...rest } = delivery;
  return { ...rest, eventId: eventIdOf(seq) };
}
