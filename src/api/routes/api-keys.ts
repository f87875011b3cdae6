// API keys over HTTP: thin over the use cases. Another seller's key is as none.

import { type ApiKey, listKeys, loadKey } from "../../identity/api-keys/api-keys.ts";
import {
  isOfCaller,
  type KeyDraft,
  makeKey,
  revokeKey,
  rotateKey,
} from "../../identity/api-keys/change-keys.ts";
import {
  type ApiKeyJson,
  createKeyRoute,
  getKeyRoute,
  listKeysRoute,
  revokeKeyRoute,
  rotateKeyRoute,
} from "../contract/api-keys.ts";
import { pageFrom, placeOf } from "../page.ts";
import { problem } from "../problems.ts";
import { valueOf } from "../refused.ts";
import type { RegisterRoutes } from "../register.ts";
import { sellerScope } from "../seller-scope.ts";
import { clientOf } from "../session-cookie.ts";

const LIST = "api-keys";

export const apiKeyRoutes: RegisterRoutes = (app, deps) => {
  const { access } = deps;
  const { clock, tenantId } = access;
  app.openapi(listKeysRoute, async (c) => {
    const { limit, cursor, sellerId } = c.req.valid("query");
    const caller = c.get("caller");
    const after = placeOf(LIST, cursor, ["text"])?.[0] ?? null;
    const filter = { sellerId: sellerScope(caller, sellerId), after, limit: limit + 1 };
    const rows = await deps.read(caller, (tx) => listKeys(tx, tenantId, filter));
    return c.json(
      pageFrom(LIST, rows, limit, (row) => [row.keyId], keyJson),
      200,
    );
  });
  app.openapi(getKeyRoute, async (c) => {
    const caller = c.get("caller");
    const { keyId } = c.req.valid("param");
    const key = await deps.read(caller, (tx) => loadKey(tx, tenantId, keyId));
    if (key === null || !isOfCaller(caller, key)) throw problem("not-found");
    return c.json(keyJson(key), 200);
  });
  app.openapi(createKeyRoute, async (c) => {
    const { scopes, ...rest } = c.req.valid("json");
    const draft: KeyDraft = scopes === undefined ? rest : { ...rest, scopes };
    const outcome = await makeKey(access, c.get("caller"), draft, clientOf(c));
    const { key, secret } = valueOf(outcome, clock.now());
    c.header("Location", `/v1/api-keys/${key.keyId}`);
    return c.json({ key: keyJson(key), secret }, 201);
  });
  app.openapi(rotateKeyRoute, async (c) => {
    const { keyId } = c.req.valid("param");
    const { graceHours } = c.req.valid("json");
    const outcome = await rotateKey(access, c.get("caller"), keyId, graceHours, clientOf(c));
    const { key, secret } = valueOf(outcome, clock.now());
    c.header("Location", `/v1/api-keys/${key.keyId}`);
    return c.json({ key: keyJson(key), secret }, 201);
  });
  app.openapi(revokeKeyRoute, async (c) => {
    const { keyId } = c.req.valid("param");
    valueOf(await revokeKey(access, c.get("caller"), keyId, clientOf(c)), clock.now());
    const key = await loadKey(access.database, tenantId, keyId);
    if (key === null) throw problem("not-found");
    return c.json(keyJson(key), 200);
  });
};

function keyJson(key: ApiKey): ApiKeyJson {
  return {
    id: key.keyId,
    name: key.name,
    hint: key.hint,
    role: key.role,
    sellerId: key.sellerId,
    scopes: [...key.scopes],
    madeBy: key.madeBy,
    madeAt: key.madeAt,
    expiresAt: key.expiresAt,
    revokedAt: key.revokedAt,
    replaces: key.replaces,
    usedAt: key.usedAt,
  };
}
