// What a file of evidence holds once read: orders, parcels, papers, and the rows that could not be read.

import type { Reason } from "../errors/refusal.ts";
import type { Currency } from "../money/currency.ts";
import type { CivilDate, Instant } from "../time/instant.ts";
import type { CustomsMode, GoodsMode } from "./settings.ts";

export type EvidenceFormat =
  | "amazon-orders-report"
  | "amazon-shipments-report"
  | "evidence-table"
  | "evidence-spreadsheet"
  | "evidence-json";

/** What a row of a table tells of. One row may tell of an order and its parcel. */
export type TableKind = "orders" | "shipments" | "papers";

export type OrderStatus = "pending" | "unshipped" | "shipped" | "cancelled";

export type OrderDetail = {
  /** "Stovetop kettle, 1.7 l"; of an order of several articles, the first. */
  readonly goods: string | null;
  /** Article numbers of the seller's own. */
  readonly skus: readonly string[];
  /** ISO 3166 letters as told ("US"); buyers' names and places are never read. */
  readonly buyerCountry: string | null;
  readonly fulfilment: "marketplace" | "seller" | null;
  /** How the goods left, where the report says so. */
  readonly mode: GoodsMode | null;
};

export type OrderTold = {
  readonly marketplace: string;
  readonly orderId: string;
  readonly status: OrderStatus;
  readonly currency: Currency;
  /** Goods, delivery and wrapping less promotions, without taxes: what a statement calls the sale. */
  readonly amountMinor: bigint;
  readonly quantity: bigint;
  readonly orderedAt: Instant;
  readonly detail: OrderDetail;
  /** The first row of it. */
  readonly line: number;
};

export type ShipmentTold = {
  readonly marketplace: string;
  readonly orderId: string;
  /** As compared: upper case letters and digits only. */
  readonly tracking: string;
  readonly carrier: string;
  readonly shippedOn: CivilDate;
  readonly deliveredOn: CivilDate | null;
  readonly quantity: bigint | null;
  readonly line: number;
};

export const PAPER_KINDS = [
  "customs-declaration",
  "customs-list",
  "stocking-order",
  "bonded-record",
  "contract",
  "invoice",
  "packing-list",
] as const;
export type PaperKind = (typeof PAPER_KINDS)[number];

export type PaperOrder = {
  readonly marketplace: string;
  readonly orderId: string;
  /** What the paper says of this order, in the paper's currency; null where it says nothing. */
  readonly amountMinor: bigint | null;
};

export type PaperTold = {
  readonly kind: PaperKind;
  readonly mode: CustomsMode | null;
  /** As compared: upper case letters and digits only. */
  readonly number: string;
  readonly counterparty: string | null;
  readonly currency: Currency | null;
  readonly amountMinor: bigint | null;
  readonly issuedOn: CivilDate | null;
  /** "goods", "services", "licence-fee", …, as told. */
  readonly purpose: string | null;
  readonly orders: readonly PaperOrder[];
  readonly goods: readonly { readonly sku: string; readonly quantity: bigint }[];
  readonly line: number;
};

export type EvidenceReading = {
  readonly format: EvidenceFormat;
  readonly charset: string;
  readonly orders: readonly OrderTold[];
  readonly shipments: readonly ShipmentTold[];
  readonly papers: readonly PaperTold[];
  /** Rows that could not be read, each with its line and reason; the first of them. */
  readonly rejected: readonly Reason[];
  readonly rejectedCount: number;
  /** Not empty: the file is refused as a whole; nothing in it is used. */
  readonly refusals: readonly Reason[];
};

/** A tracking or paper number as it is compared: people and programs write spaces and dashes where they like. */
export function plainNumber(text: string): string {
  return text
    .normalize("NFKC")
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, "");
}
