// Declarations: what declares each receipt.

import { completeDeclaration } from "../../declaration/complete-declaration.ts";
import { type Declaration, loadDeclarations } from "../../declaration/declaration-rows.ts";
import { civilDateIn } from "../../time/instant.ts";
import {
  completeDeclarationRoute,
  type DeclarationJson,
  listDeclarations,
} from "../contract/declarations.ts";
import { pageFrom, placeOf } from "../page.ts";
import { problem } from "../problems.ts";
import { refusalProblem } from "../refused.ts";
import type { RegisterRoutes } from "../register.ts";
import { sellerScope } from "../seller-scope.ts";

const LIST = "declarations";

export const declarationRoutes: RegisterRoutes = (app, deps) => {
  app.openapi(listDeclarations, async (c) => {
    const query = c.req.valid("query");
    const caller = c.get("caller");
    const [after = ""] = placeOf(LIST, query.cursor, ["text"]) ?? [];
    const today = civilDateIn(deps.policy.zone, deps.clock.now());
    const filter = {
      sellerId: sellerScope(caller, query.sellerId),
      ...(query.creditId === undefined ? {} : { creditIds: [query.creditId] }),
      after,
      limit: query.limit + 1,
    };
    const rows = await deps.read(caller, (tx) =>
      loadDeclarations(tx, deps.tenantId, filter, today),
    );
    return c.json(
      pageFrom(LIST, rows, query.limit, ({ rptNo }) => [rptNo], declarationJson),
      200,
    );
  });
  app.openapi(completeDeclarationRoute, async (c) => {
    const { declarationId } = c.req.valid("param");
    const caller = c.get("caller");
    const { policy, tenantId, clock } = deps;
    if (policy.declaration === null) throw problem("declarations-off");
    const at = {
      settings: policy.declaration,
      today: civilDateIn(policy.zone, clock.now()),
      now: clock.now(),
    };
    const wish = {
      declarationId,
      sellerId: caller.sellerId,
      completion: c.req.valid("json"),
      by: caller.id,
    };
    const completed = await deps.store.database.transaction((tx) =>
      completeDeclaration(tx, tenantId, wish, at),
    );
    if (completed.ok) return c.json(declarationJson(completed.value), 200);
    if (completed.refusal.code === "declaration-unknown") throw problem("not-found");
    throw refusalProblem(completed.refusal);
  });
};

function declarationJson(one: Declaration): DeclarationJson {
  const { base, information, faults } = one.version;
  const coded =
    information.second === null ? [information.first] : [information.first, information.second];
  return {
    id: one.declarationId,
    rptNo: one.rptNo,
    creditId: one.creditId,
    payoutId: one.payoutId,
    sellerId: one.sellerId,
    kind: one.kind,
    state: one.state,
    isLate: one.isLate,
    creditedOn: one.creditedOn,
    dueOn: one.dueOn,
    currency: base.txCcy,
    amount: base.txAmt.toString(),
    country: information.country,
    codes: coded.map(({ code, amount, remark }) => ({ code, amount: amount.toString(), remark })),
    faults: faults.map(({ rule, field, message, source }) => ({ rule, field, message, source })),
    answer: one.answer,
    madeAt: one.madeAt,
  };
}
