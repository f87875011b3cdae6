// The date-range (Payments → Transaction view) CSV: a preamble of 7 to 9 lines, a header in the
// seller's language, one row a transaction with quoted thousands and local time stamps. It shows
// what the settlement file does not: the transfers, with the tail of the bank account. Rule of its
// proof: date-range-proof.ts.

import type { Reason } from "../../errors/refusal.ts";
import type { MarketplaceReading, ReadOptions } from "../reading.ts";
import { charsetOf } from "./charset.ts";
import { closeDateRange } from "./date-range-close.ts";
import type { DateRangeFile } from "./date-range-file.ts";
import { openDateRange, takeRecord } from "./date-range-file.ts";
import { refusedReading } from "./flat-file.ts";
import { amazonReason } from "./reasons.ts";
import { scanRecords } from "./record-scanner.ts";

/**
 * Reads a date-range CSV: one statement for each settlement id in it, and its transfers as payouts.
 */
export async function readDateRange(
  source: AsyncIterable<Uint8Array>,
  { onProgress, takesOrders = false }: ReadOptions = {},
): Promise<MarketplaceReading> {
  const file = openDateRange(takesOrders);
  const scan = await scanRecords(source, (record) => takeRecord(file, record), onProgress);
  const charset = file.charset ?? charsetOf(scan.charset);
  const refusal = scan.refusal ?? emptyRefusal(file);
  if (refusal !== null) return refusedReading("amazon-date-range", charset, refusal);
  return closeDateRange(file, charset);
}

function emptyRefusal(file: DateRangeFile): Reason | null {
  if (file.header === null) return amazonReason("not-this-format", null, "no header was found");
  return file.book.statements.size === 0 ? amazonReason("header-only", null) : null;
}
