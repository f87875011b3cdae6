// Cells in US dollars: each cell is brought over at its own day's rate and rounded once, so that every sum of a report
// is the sum of its parts.

import type { Currency } from "../../money/currency.ts";
import type { CivilDate } from "../../time/instant.ts";
import type { FlowCell } from "./flow.ts";
import type { UnratedCell } from "./load-flows.ts";

/** US dollar cents of an amount on a day; null where no rate is on record. */
export type UsdOf = (minor: bigint, currency: Currency, on: CivilDate) => bigint | null;

export function withUsd(cells: readonly UnratedCell[], usdOf: UsdOf): readonly FlowCell[] {
  return cells.map((cell) => ({ ...cell, usdMinor: usdOf(cell.minor, cell.currency, cell.on) }));
}
