// Search: objects of every kind that the caller may read.

import { callerMay } from "../../identity/caller.ts";
import type { Permission } from "../../identity/roles.ts";
import {
  FOUND_KINDS,
  type FoundKind,
  type FoundObject,
  searchObjects,
} from "../../report/search.ts";
import { type FoundJson, searchRoute } from "../contract/search.ts";
import { moneyOf } from "../contract/values.ts";
import type { RegisterRoutes } from "../register.ts";

const PERMISSION_OF: Readonly<Record<FoundKind, Permission>> = {
  payout: "payouts.read",
  statement: "statements.read",
  credit: "credits.read",
  hold: "holds.read",
  store: "stores.read",
  approval: "approvals.read",
  file: "files.read",
};

export const searchRoutes: RegisterRoutes = (app, deps) => {
  app.openapi(searchRoute, async (c) => {
    const { q } = c.req.valid("query");
    const caller = c.get("caller");
    const kinds = FOUND_KINDS.filter((kind) => callerMay(caller, PERMISSION_OF[kind]));
    const found = await deps.read(caller, (tx) =>
      searchObjects(tx, deps.tenantId, { text: q, kinds, sellerId: caller.sellerId }),
    );
    return c.json({ data: found.map(foundJson) }, 200);
  });
};

function foundJson({ amount, currency, ...found }: FoundObject): FoundJson {
  return {
    ...found,
    amount: amount === null || currency === null ? null : moneyOf(amount, currency),
  };
}
