// Webhook endpoints: registering them, changing them, new secrets, and an event to try them with.

import type { Context } from "hono";
import type { Refusal } from "../../errors/refusal.ts";
import type { Caller } from "../../identity/caller.ts";
import type { Tx } from "../../storage/database.ts";
import { loadEndpoint, loadEndpoints, type StoredEndpoint } from "../../webhook/endpoint.ts";
import {
  changeEndpoint,
  createEndpoint,
  deleteEndpoint,
  type EndpointActs,
  type EndpointFields,
  pingEndpoint,
  rotateSecrets,
  setEndpointEnabled,
  type WithSecrets,
} from "../../webhook/endpoint-acts.ts";
import { eventWebhook } from "../contract/events.ts";
import {
  changeWebhookEndpoint,
  createWebhookEndpoint,
  deleteWebhookEndpoint,
  getWebhookEndpoint,
  listWebhookEndpoints,
  pingWebhookEndpoint,
  rotateWebhookSecrets,
  type WebhookEndpointJson,
} from "../contract/webhook-endpoints.ts";
import type { ApiDeps } from "../deps.ts";
import { checkMatch, etagOf } from "../entity-tag.ts";
import { pageFrom, placeOf } from "../page.ts";
import { type ApiProblem, problem } from "../problems.ts";
import type { ApiEnv, RegisterRoutes } from "../register.ts";
import { NO_SELLER, sellerScope } from "../seller-scope.ts";
import { isWebhookProblem } from "../webhook-problems.ts";

const LIST = "webhook-endpoints";

export const webhookEndpointRoutes: RegisterRoutes = (app, deps) => {
  const { tenantId, store } = deps;
  app.openAPIRegistry.registerWebhook({ ...eventWebhook, tags: [...eventWebhook.tags] });
  app.openapi(listWebhookEndpoints, async (c) => {
    const { cursor, limit, sellerId } = c.req.valid("query");
    const caller = c.get("caller");
    const after = placeOf(LIST, cursor, ["instant", "text"]);
    const all = await deps.read(caller, (tx) =>
      loadEndpoints(
        tx,
        tenantId,
        `($2::text IS NULL OR seller_id = $2)
           AND ($3::timestamptz IS NULL OR (made_at, endpoint_id) < ($3::timestamptz, $4::text))`,
        [sellerScope(caller, sellerId), after?.[0] ?? null, after?.[1] ?? null],
      ),
    );
    const rows = all.slice(0, limit + 1);
    return c.json(
      pageFrom(LIST, rows, limit, ({ madeAt, id }) => [madeAt, id], endpointJson),
      200,
    );
  });
  app.openapi(createWebhookEndpoint, async (c) => {
    const { sellerId, ...fields } = c.req.valid("json");
    const caller = c.get("caller");
    const owner = sellerScope(caller, sellerId ?? undefined);
    const made = await store.database.transaction(async (tx) => {
      await checkSeller(tx, tenantId, owner);
      return createEndpoint(tx, actsOf(deps, caller), owner, fields);
    });
    if (!made.ok) throw webhookProblem(made.refusal);
    c.header("Location", `/v1/webhook-endpoints/${made.value.endpoint.id}`);
    c.header("ETag", etagOf(made.value.endpoint.version));
    return c.json(secretsJson(made.value), 201);
  });
  app.openapi(getWebhookEndpoint, async (c) => {
    const { endpointId } = c.req.valid("param");
    const caller = c.get("caller");
    const endpoint = await deps.read(caller, (tx) => ownEndpoint(tx, tenantId, caller, endpointId));
    c.header("ETag", etagOf(endpoint.version));
    return c.json(endpointJson(endpoint), 200);
  });
  app.openapi(changeWebhookEndpoint, async (c) => {
    const { state, ...fields } = c.req.valid("json");
    const changed = await act(c, deps, c.req.valid("param").endpointId, (tx, acts, endpoint) => {
      checkMatch(c, endpoint.version);
      return applyChanges(tx, acts, endpoint, fields, state);
    });
    c.header("ETag", etagOf(changed.version));
    return c.json(endpointJson(changed), 200);
  });
  app.openapi(deleteWebhookEndpoint, async (c) => {
    await act(c, deps, c.req.valid("param").endpointId, deleteEndpoint);
    return c.body(null, 204);
  });
  app.openapi(rotateWebhookSecrets, async (c) => {
    const made = await act(c, deps, c.req.valid("param").endpointId, rotateSecrets);
    c.header("ETag", etagOf(made.endpoint.version));
    return c.json(secretsJson(made), 200);
  });
  app.openapi(pingWebhookEndpoint, async (c) => {
    await act(c, deps, c.req.valid("param").endpointId, (tx, acts, endpoint) => {
      if (endpoint.state !== "enabled") throw problem("webhook-disabled");
      return pingEndpoint(tx, acts, endpoint);
    });
    return c.body(null, 202);
  });
};

/** The endpoint, if it is the caller's to see; held until the transaction ends where `lock` asks for it. */
export async function ownEndpoint(
  tx: Tx,
  tenantId: string,
  caller: Caller,
  endpointId: string,
  lock = false,
): Promise<StoredEndpoint> {
  const endpoint = await loadEndpoint(tx, tenantId, endpointId, lock);
  const isOwn = caller.sellerId === null || endpoint?.sellerId === caller.sellerId;
  if (endpoint === null || !isOwn) throw problem("not-found");
  return endpoint;
}

function actsOf(deps: ApiDeps, caller: Caller): EndpointActs {
  return {
    tenantId: deps.tenantId,
    sealer: deps.access.sealer,
    settings: deps.webhooks,
    now: deps.clock.now(),
    actor: caller.id,
  };
}

/** Does something with an endpoint of the caller's, in one transaction that holds it. */
async function act<Value>(
  c: Context<ApiEnv>,
  deps: ApiDeps,
  endpointId: string,
  work: (tx: Tx, acts: EndpointActs, endpoint: StoredEndpoint) => Promise<Value>,
): Promise<Value> {
  const caller = c.get("caller");
  return deps.store.database.transaction(async (tx) => {
    const endpoint = await ownEndpoint(tx, deps.tenantId, caller, endpointId, true);
    return work(tx, actsOf(deps, caller), endpoint);
  });
}

async function applyChanges(
  tx: Tx,
  acts: EndpointActs,
  endpoint: StoredEndpoint,
  {
    url,
    description,
    eventTypes,
  }: { [Name in keyof EndpointFields]?: EndpointFields[Name] | undefined },
  state: "enabled" | "disabled" | undefined,
): Promise<StoredEndpoint> {
  const changes = {
    ...(url === undefined ? {} : { url }),
    ...(description === undefined ? {} : { description }),
    ...(eventTypes === undefined ? {} : { eventTypes }),
  };
  let changed = endpoint;
  if (Object.keys(changes).length > 0) {
    const outcome = await changeEndpoint(tx, acts, endpoint, changes);
    if (!outcome.ok) throw webhookProblem(outcome.refusal);
    changed = outcome.value;
  }
  return state === undefined ? changed : setEndpointEnabled(tx, acts, changed, state === "enabled");
}

/** A seller that is named must be there. */
async function checkSeller(tx: Tx, tenantId: string, sellerId: string | null): Promise<void> {
  if (sellerId === null) return;
  const known = await tx.query("SELECT 1 FROM seller WHERE tenant_id = $1 AND seller_id = $2", [
    tenantId,
    sellerId,
  ]);
  if (sellerId === NO_SELLER || known.length === 0) {
    const detail = "There is no such seller.";
    throw problem("request-invalid", {
      errors: [{ pointer: "/body/sellerId", code: "seller-unknown", detail }],
    });
  }
}

/** A refusal of the webhooks' own, as the catalogue has it. */
export function webhookProblem({ code, message }: Refusal): ApiProblem {
  return isWebhookProblem(code) ? problem(code, { detail: message }) : problem("internal-fault");
}

function endpointJson(endpoint: StoredEndpoint): WebhookEndpointJson {
  return {
    id: endpoint.id,
    url: endpoint.url,
    description: endpoint.description,
    eventTypes: [...endpoint.eventTypes],
    sellerId: endpoint.sellerId,
    state: endpoint.state,
    disabledCode: endpoint.disabledCode,
    publicKey: endpoint.publicKey,
    earlierSecretsUntil: endpoint.earlierSecretsUntil,
    failureCount: endpoint.failureCount,
    failingSince: endpoint.failingSince,
    pausedUntil: endpoint.pausedUntil,
    succeededAt: endpoint.succeededAt,
    madeBy: endpoint.madeBy,
    madeAt: endpoint.madeAt,
  };
}

function secretsJson({ endpoint, secrets }: WithSecrets) {
  const { secret, publicKey } = secrets;
  return { endpoint: endpointJson(endpoint), secret, publicKey };
}
