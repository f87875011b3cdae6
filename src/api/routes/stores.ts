// Stores: which marketplace accounts are bound to whom, and where each consent stands.

import { maySeeSeller } from "../../identity/caller.ts";
import {
  findStore,
  listBindings,
  listStores as listStoreViews,
  type StoreView,
} from "../../marketplace/stores/store.ts";
import { getStore, listStores, type StoreJson } from "../contract/stores.ts";
import { etagOf } from "../entity-tag.ts";
import { type Place, pageFrom, placeOf } from "../page.ts";
import { problem } from "../problems.ts";
import type { RegisterRoutes } from "../register.ts";
import { sellerScope } from "../seller-scope.ts";

const LIST = "stores";

export const storeRoutes: RegisterRoutes = (app, deps) => {
  const { tenantId, clock } = deps;
  app.openapi(listStores, async (c) => {
    const query = c.req.valid("query");
    const caller = c.get("caller");
    const place = placeOf(LIST, query.cursor, ["instant", "text"]);
    const views = await deps.read(caller, (tx) =>
      listStoreViews(tx, tenantId, clock.now(), { sellerId: sellerScope(caller, query.sellerId) }),
    );
    const rows = views.toReversed().filter((view) => place === null || isAfter(view, place));
    return c.json(pageFrom(LIST, rows, query.limit, placeOfStore, storeJson), 200);
  });
  app.openapi(getStore, async (c) => {
    const { storeId } = c.req.valid("param");
    const caller = c.get("caller");
    const { view, bindings } = await deps.read(caller, async (tx) => {
      const found = await findStore(tx, tenantId, storeId, clock.now());
      if (found === null || !maySeeSeller(caller, found.sellerId)) throw problem("not-found");
      return { view: found, bindings: await listBindings(tx, tenantId, storeId) };
    });
    c.header("ETag", etagOf(view.version));
    const shown = bindings.map(({ bindingId, ...binding }) => ({ id: bindingId, ...binding }));
    return c.json({ ...storeJson(view), bindings: shown }, 200);
  });
};

function placeOfStore(view: StoreView): Place {
  return [view.createdAt, view.storeId];
}

/** Later in a list that begins with the newest. */
function isAfter(view: StoreView, [createdAt = "", storeId = ""]: Place): boolean {
  return view.createdAt < createdAt || (view.createdAt === createdAt && view.storeId < storeId);
}

/** A store as every answer shows it. */
export function storeJson({ storeId, version: _version, ...view }: StoreView): StoreJson {
  return { id: storeId, ...view, participations: [...view.participations] };
}
