// The V2 settlement file of a closed settlement, made from the store's record whenever it is asked for: the bytes
// follow from the state alone, in the dates, numbers and charset of the marketplace.

import { Buffer } from "node:buffer";
import { invariant } from "../../errors/invariant.ts";
import type { Charset } from "../../marketplace/amazon/charset.ts";
import type { SettlementV2Line } from "../../marketplace/amazon/settlement-v2-text.ts";
import { settlementV2Head, settlementV2Line } from "../../marketplace/amazon/settlement-v2-text.ts";
import { knownMarketplace, type Marketplace } from "./marketplaces.ts";
import { transactionsOf } from "./postings.ts";
import type { LineState, ReportState, StoreState, TransactionState } from "./state.ts";

/** The whole file, as its report has it. */
export function settlementReportBytes(store: StoreState, report: ReportState): Uint8Array {
  const settlement = store.settlements.find(
    ({ settlementId }) => settlementId === report.settlementId,
  );
  invariant(settlement?.endAt, "a report is of a settlement that is closed");
  const marketplace = knownMarketplace(store.marketplaceId);
  const { currency, style, charset } = marketplace;
  const { settlementId } = settlement;
  const head = settlementV2Head(
    {
      settlementId,
      periodStartAt: settlement.startAt,
      periodEndAt: settlement.endAt,
      totalMinor: settlement.totalMinor ?? 0n,
      currency,
    },
    style,
  );
  const lines = transactionsOf(store, settlementId).flatMap((transaction) =>
    transaction.lines.map((line) => v2Line(marketplace, transaction, line)),
  );
  const text = shaped(lines, report.form).map((line) =>
    settlementV2Line(settlementId, currency, style, line),
  );
  return encoded(head + text.join(""), charset);
}

function shaped(
  lines: readonly SettlementV2Line[],
  form: ReportState["form"],
): readonly SettlementV2Line[] {
  if (form === "whole") return lines;
  if (form === "reordered") return lines.toReversed();
  // The line with the largest amount is the one that would be missed most.
  const largest = lines.toSorted((a, b) => (size(a) < size(b) ? 1 : -1))[0];
  return lines.filter((line) => line !== largest);
}

function size({ amountMinor }: SettlementV2Line): bigint {
  return amountMinor < 0n ? -amountMinor : amountMinor;
}

/** Account-level lines name neither store nor order; a fee line of an order stands without a merchant's own id. */
function v2Line(
  marketplace: Marketplace,
  { orderId, shipmentId, postedAt, transactionId }: TransactionState,
  line: LineState,
): SettlementV2Line {
  const isOfOrder = line.sku !== null;
  const isRefund = line.transactionType === "Refund";
  return {
    transactionType: line.transactionType,
    orderId: orderId ?? "",
    merchantOrderId: isOfOrder ? (orderId ?? "") : "",
    adjustmentId: isRefund ? transactionId.slice(0, 14) : "",
    shipmentId: shipmentId ?? "",
    marketplaceName: isOfOrder ? marketplace.name : "",
    amountType: line.amountType,
    amountDescription: line.amountDescription,
    amountMinor: line.amountMinor,
    fulfillmentId: isOfOrder ? "AFN" : "",
    postedAt,
    orderItemCode: line.itemCode ?? "",
    sku: line.sku ?? "",
    quantity: line.quantity === null ? "" : String(line.quantity),
    promotionId: line.amountType === "Promotion" ? "PLM-sandbox" : "",
  };
}

/** The text in the charset; one that cannot carry it is a broken invariant, never a question mark. */
function encoded(text: string, charset: Charset): Uint8Array {
  if (charset === "utf-8") return Buffer.from(text, "utf8");
  if (charset === "shift_jis") {
    return Buffer.from(text.replace(/[\u0080-\uffff]/g, katakana), "latin1");
  }
  // From A0 on, windows-1252 and Latin-1 are the same.
  invariant(!/[\u0080-\u009f\u0100-\uffff]/.test(text), "the text fits windows-1252");
  return Buffer.from(text, "latin1");
}

/** Row 5 of JIS X 0208: ァ is 83 40, ム follows ミ (83 7E) at 83 80. */
function katakana(letter: string): string {
  const place = (letter.codePointAt(0) ?? 0) - 0x30a1;
  invariant(place >= 0 && place < 86, "the sandbox writes no Japanese but katakana");
  return String.fromCharCode(0x83, 0x40 + place + (place > 62 ? 1 : 0));
}
