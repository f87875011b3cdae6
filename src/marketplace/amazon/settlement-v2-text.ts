// How a V2 settlement file is written: its columns, its dates and amounts in the styles of the marketplaces, its
// summary row and its lines. The generator of benchmarks and the sandbox marketplace write with it; what is read
// stands in settlement-v2.ts. Source of the columns: Amazon's settlement-reports-attributes page.

import type { Currency } from "../../money/currency.ts";
import { exponentOf } from "../../money/currency.ts";
import type { Instant } from "../../time/instant.ts";
import { instantOfMs, msOf } from "../../time/instant.ts";
import type { NumberStyle } from "./number-style.ts";

/** "2026-10-19", "19.10.2026", "2026/10/19": United States; Europe, Canada and Australia; Japan. */
export type DateStyle = "y-m-d" | "d.m.y" | "y/m/d";

export type SettlementV2Style = { readonly date: DateStyle; readonly number: NumberStyle };

export const SETTLEMENT_V2_COLUMNS = [
  "settlement-id\tsettlement-start-date\tsettlement-end-date\tdeposit-date\ttotal-amount\tcurrency",
  "transaction-type\torder-id\tmerchant-order-id\tadjustment-id\tshipment-id\tmarketplace-name",
  "amount-type\tamount-description\tamount\tfulfillment-id\tposted-date\tposted-date-time",
  "order-item-code\tmerchant-order-item-id\tmerchant-adjustment-item-id\tsku\tquantity-purchased",
  "promotion-id",
].join("\t");

/** Amazon's nominal deposit date is two days after the end of the period, whatever becomes of the money. */
export const DEPOSIT_DELAY_MS = 172_800_000;

export type SettlementV2Summary = {
  readonly settlementId: string;
  readonly periodStartAt: Instant;
  readonly periodEndAt: Instant;
  readonly totalMinor: bigint;
  readonly currency: Currency;
};

/** One line; texts that are not known are empty. Fields may not hold tabs or line ends. */
export type SettlementV2Line = {
  readonly transactionType: string;
  readonly orderId: string;
  readonly merchantOrderId: string;
  readonly adjustmentId: string;
  readonly shipmentId: string;
  readonly marketplaceName: string;
  readonly amountType: string;
  readonly amountDescription: string;
  readonly amountMinor: bigint;
  readonly fulfillmentId: string;
  readonly postedAt: Instant;
  readonly orderItemCode: string;
  readonly sku: string;
  readonly quantity: string;
  readonly promotionId: string;
};

/** The header and the summary row, each with its line end. */
export function settlementV2Head(summary: SettlementV2Summary, style: SettlementV2Style): string {
  const end = msOf(summary.periodEndAt);
  const row = [
    summary.settlementId,
    settlementV2Stamp(msOf(summary.periodStartAt), style.date),
    settlementV2Stamp(end, style.date),
    settlementV2Stamp(end + DEPOSIT_DELAY_MS, style.date),
    settlementV2Amount(summary.totalMinor, summary.currency, style.number),
    summary.currency,
  ];
  return `${SETTLEMENT_V2_COLUMNS}\n${row.join("\t")}${"\t".repeat(18)}\n`;
}

/** One line with its line end: the settlement's id, and the five columns of the summary row empty. */
export function settlementV2Line(
  settlementId: string,
  currency: Currency,
  style: SettlementV2Style,
  line: SettlementV2Line,
): string {
  const posted = settlementV2Stamp(msOf(line.postedAt), style.date);
  const fields = [
    line.transactionType,
    line.orderId,
    line.merchantOrderId,
    line.adjustmentId,
    line.shipmentId,
    line.marketplaceName,
    line.amountType,
    line.amountDescription,
    settlementV2Amount(line.amountMinor, currency, style.number),
    line.fulfillmentId,
    posted.slice(0, 10),
    posted,
    line.orderItemCode,
    "",
    "",
    line.sku,
    line.quantity,
    line.promotionId,
  ];
  return `${settlementId}\t\t\t\t\t\t${fields.join("\t")}\n`;
}

export function settlementV2Stamp(atMs: number, style: DateStyle): string {
  const iso = instantOfMs(atMs);
  const [year, month, day] = [iso.slice(0, 4), iso.slice(5, 7), iso.slice(8, 10)];
  const date = {
    "y-m-d": `${year}-${month}-${day}`,
    "d.m.y": `${day}.${month}.${year}`,
    "y/m/d": `${year}/${month}/${day}`,
  }[style];
  return `${date} ${iso.slice(11, 19)} UTC`;
}

/**
 * Minor units as the marketplace writes them: no thousands, always the currency's decimals. A number must be a
 * safe integer.
 */
export function settlementV2Amount(
  minor: bigint | number,
  currency: Currency,
  style: NumberStyle,
): string {
  const exponent = exponentOf(currency);
  const sign = minor < 0 ? "-" : "";
  const digits = String(minor < 0 ? -minor : minor).padStart(exponent + 1, "0");
  if (exponent === 0) return sign + digits;
  const mark = style === "dot" ? "." : ",";
  return `${sign}${digits.slice(0, -exponent)}${mark}${digits.slice(-exponent)}`;
}
