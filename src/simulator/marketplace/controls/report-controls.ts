// Controls over the reports of closed settlements: issued again, late, in another order, broken.

import { instantOfMs, msOf } from "../../../time/instant.ts";
import { issueReport } from "../settlements.ts";
import type { ReportState } from "../state.ts";
import { UnknownInSandbox, type Upkeep } from "./upkeep.ts";

export function reportControls({ state, catchUp, changed }: Upkeep) {
  return {
    /** Puts another report of a closed settlement on the list. */
    reissueReport(
      settlementId: string,
      { form = "whole", afterMs = 0 }: { form?: ReportState["form"]; afterMs?: number } = {},
    ): ReportState {
      const now = catchUp();
      const store = state.stores.find(({ settlements }) =>
        settlements.some((one) => one.settlementId === settlementId && one.endAt !== null),
      );
      if (store === undefined) throw new UnknownInSandbox(`closed settlement ${settlementId}`);
      const createdAt = instantOfMs(msOf(now) + afterMs);
      const issued = issueReport(state, store, settlementId, {
        createdAt,
        form,
        compressed: form !== "reordered",
      });
      changed();
      return issued;
    },

    /** Takes the reports of a settlement from the list and puts a broken one there instead. */
    breakReport(settlementId: string): ReportState {
      catchUp();
      for (const store of state.stores) {
        const index = store.reports.findIndex((report) => report.settlementId === settlementId);
        const report = store.reports[index];
        if (report === undefined) continue;
        const broken: ReportState = { ...report, form: "broken" };
        store.reports[index] = broken;
        changed();
        return broken;
      }
      throw new UnknownInSandbox(`report of settlement ${settlementId}`);
    },
  };
}
