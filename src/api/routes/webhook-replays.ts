// Replays: a stretch of the feed, or of one object's story, delivered to an endpoint again.

import { askReplay, listReplays, type Replay } from "../../webhook/delivery-log.ts";
import { eventIdOf } from "../../webhook/event-body.ts";
import {
  createWebhookReplay,
  getWebhookReplay,
  listWebhookReplays,
  type WebhookReplayJson,
} from "../contract/webhook-deliveries.ts";
import { problem } from "../problems.ts";
import type { RegisterRoutes } from "../register.ts";
import { seqOf } from "./webhook-deliveries.ts";
import { ownEndpoint, webhookProblem } from "./webhook-endpoints.ts";

export const webhookReplayRoutes: RegisterRoutes = (app, deps) => {
  const { tenantId, store, clock } = deps;
  app.openapi(createWebhookReplay, async (c) => {
    const { endpointId } = c.req.valid("param");
    const { fromEventId, throughEventId, subject } = c.req.valid("json");
    const caller = c.get("caller");
    const draft = {
      fromSeq: seqOf(fromEventId),
      throughSeq: throughEventId === undefined ? null : seqOf(throughEventId),
      subject: subject ?? null,
      askedBy: caller.id,
    };
    const replay = await store.database.transaction(async (tx) => {
      const endpoint = await ownEndpoint(tx, tenantId, caller, endpointId, true);
      const asked = await askReplay(tx, tenantId, endpoint, draft, clock.now());
      if (!asked.ok) throw webhookProblem(asked.refusal);
      return asked.value;
    });
    c.header("Location", `/v1/webhook-endpoints/${endpointId}/replays/${replay.id}`);
    return c.json(replayJson(replay), 202);
  });
  app.openapi(listWebhookReplays, async (c) => {
    const { endpointId } = c.req.valid("param");
    const caller = c.get("caller");
    const replays = await deps.read(caller, async (tx) => {
      await ownEndpoint(tx, tenantId, caller, endpointId);
      return listReplays(tx, tenantId, endpointId);
    });
    return c.json({ data: replays.map(replayJson) }, 200);
  });
  app.openapi(getWebhookReplay, async (c) => {
    const { endpointId, replayId } = c.req.valid("param");
    const caller = c.get("caller");
    const [replay] = await deps.read(caller, async (tx) => {
      await ownEndpoint(tx, tenantId, caller, endpointId);
      return listReplays(tx, tenantId, endpointId, replayId);
    });
    if (replay === undefined) throw problem("not-found");
    return c.json(replayJson(replay), 200);
  });
};

function replayJson(replay: Replay): WebhookReplayJson {
  const { fromSeq, throughSeq, ...rest } = replay;
  return { ...rest, fromEventId: eventIdOf(fromSeq), throughEventId: eventIdOf(throughSeq) };
}
