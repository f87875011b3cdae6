// Cost and time: the months beside a baseline, and the presets to choose one from.

import { reportCost } from "../../report/cost/cost-report.ts";
import { FEE_PRESETS } from "../../report/cost/fee-presets.ts";
import { parseCivilDate } from "../../time/instant.ts";
import { getCostReport } from "../contract/cost.ts";
import { moneyOfMinor } from "../contract/values.ts";
import { problem } from "../problems.ts";
import type { RegisterRoutes } from "../register.ts";
import { sellerScope } from "../seller-scope.ts";

export const costRoutes: RegisterRoutes = (app, deps) => {
  app.openapi(getCostReport, async (c) => {
    const query = c.req.valid("query");
    const caller = c.get("caller");
    const [from, to] = [parseCivilDate(query.from), parseCivilDate(query.to)];
    if (from === null || to === null || to < from)
      throw problem("report-span-invalid", {
        detail: `${query.from} to ${query.to} is no span of days.`,
      });
    const { baselineBps } = query;
    const asked = { from, to, baselineBps, sellerId: sellerScope(caller, query.sellerId) };
    const months = await deps.read(caller, (tx) => reportCost(tx, deps.tenantId, asked));
    return c.json(
      {
        from,
        to,
        basis: "period" as const,
        baselineBps,
        months: months.map(({ sentMinor, chargedMinor, baselineMinor, savedMinor, ...month }) => ({
          ...month,
          sent: moneyOfMinor(sentMinor, month.currency),
          charged: moneyOfMinor(chargedMinor, month.currency),
          baseline: moneyOfMinor(baselineMinor, month.currency),
          saved: moneyOfMinor(savedMinor, month.currency),
        })),
        presets: [...FEE_PRESETS],
      },
      200,
    );
  });
};
