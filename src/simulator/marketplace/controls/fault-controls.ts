// Controls over how well the marketplace answers: usage plans, refusals, outages, empty pages, lost answers.

import type { FaultState, MarketplaceState } from "../state.ts";
import type { Upkeep } from "./upkeep.ts";

export function faultControls({ state, catchUp, changed }: Upkeep) {
  return {
    /** The next `times` calls of the operation get this instead of (or, for a lost answer, after) their answer. */
    disturb(operation: string, kind: FaultState["kind"], times = 1): void {
      catchUp();
      state.faults.push({ operation, kind, times });
      changed();
    },

    /** Items on a page of the operation, so that a few of them make several pages. */
    setPageSize(operation: string, size: number): void {
      catchUp();
      state.pageSizes[operation] = size;
      changed();
    },

    setThrottling(throttling: MarketplaceState["throttling"]): void {
      catchUp();
      state.throttling = throttling;
      changed();
    },
  };
}
