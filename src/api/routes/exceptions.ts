// Exceptions: what a person must look at, most money and age first.

import {
  comparePlaces,
  type ExceptionView,
  exceptionPlace,
  listExceptions as findExceptions,
} from "../../report/exceptions.ts";
import { type ExceptionJson, listExceptions } from "../contract/exceptions.ts";
import { moneyOf } from "../contract/values.ts";
import { type Place, pageFrom, placeOf } from "../page.ts";
import type { RegisterRoutes } from "../register.ts";
import { sellerScope } from "../seller-scope.ts";

const LIST = "exceptions";

export const exceptionRoutes: RegisterRoutes = (app, deps) => {
  app.openapi(listExceptions, async (c) => {
    const query = c.req.valid("query");
    const caller = c.get("caller");
    const { exceptions } = await deps.read(caller, (tx) =>
      findExceptions(tx, deps.tenantId, {
        policy: deps.policy,
        now: deps.clock.now(),
        limit: Number.POSITIVE_INFINITY,
        sellerId: sellerScope(caller, query.sellerId),
      }),
    );
    const wanted = exceptions.filter(
      (item) => query.kind === undefined || item.kind === query.kind,
    );
    const place = placeOf(LIST, query.cursor, ["count", "text"]);
    const rows = place === null ? wanted : wanted.filter((item) => isAfter(item, place));
    return c.json(pageFrom(LIST, rows, query.limit, placeOfException, exceptionJson), 200);
  });
};

function placeOfException(view: ExceptionView): Place {
  const { weight, key } = exceptionPlace(view);
  return [weight.toString(), key];
}

function isAfter(view: ExceptionView, [weight = "0", key = ""]: Place): boolean {
  return comparePlaces(exceptionPlace(view), { weight: BigInt(weight), key }) > 0;
}

function exceptionJson(view: ExceptionView): ExceptionJson {
  const { kind, code, subject, message, sellerId, since, ageDays, file, line } = view;
  const amount =
    view.amount === null || view.currency === null ? null : moneyOf(view.amount, view.currency);
  return { kind, code, subject, message, amount, sellerId, since, ageDays, file, line };
}
