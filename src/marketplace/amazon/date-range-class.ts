// What a column of a date-range row means in the books. The report merges detail that the
// settlement file has (one tax column against six tax components), so it is a second source and the
// bank tail's, not the ledger's.

import type { StatementClass } from "../statement.ts";
import type { Component, RowType } from "./date-range-words.ts";
import { componentOf, rowTypeOf } from "./date-range-words.ts";
import type { OrderPart } from "./order-sums.ts";
import type { Classification } from "./vocabulary.ts";

const COMPONENT_CLASSES: Readonly<Record<Exclude<Component, "other">, StatementClass>> = {
  "product-sales": "sales",
  "product-sales-tax": "tax-collected",
  "shipping-credits": "sales",
  "shipping-credits-tax": "tax-collected",
  "gift-wrap-credits": "sales",
  "gift-wrap-credits-tax": "tax-collected",
  "regulatory-fee": "tax-collected",
  "regulatory-fee-tax": "tax-collected",
  promotions: "promotions",
  "promotions-tax": "tax-collected",
  points: "promotions",
  "tax-collected": "tax-collected",
  "tax-withheld": "tax-withheld",
  "selling-fees": "selling-fees",
  "fba-fees": "fulfilment-fees",
  // The preamble: "FBA shipping chargebacks, or shipping fees of orders that the seller ships".
  "other-transaction-fees": "fulfilment-fees",
};

const SUSPENSE: Classification = { class: "suspense", known: false };

/**
 * Types that carry buyer orders: their description is a product title and must not split the
 * groups.
 */
const ORDER_TYPES: ReadonlySet<RowType> = new Set<RowType>([
  "order",
  "refund",
  "order-retrocharge",
  "refund-retrocharge",
  "liquidation",
  "claim",
]);

/** True when the description of such a row says what kind of money it is. */
export function describesMoney(type: RowType | null): boolean {
  return type !== null && !ORDER_TYPES.has(type);
}

/** Which sum of its order an amount goes to; "none": the row is of no buyer's order. */
export function orderPartOfRow(typeWord: string, columnHeader: string): OrderPart {
  const type = rowTypeOf(typeWord);
  if (type === null || !ORDER_TYPES.has(type)) return "none";
  const { class: kind } = classifyDateRange(typeWord, columnHeader, "");
  if (kind !== "sales" && kind !== "refunds" && kind !== "promotions") return "rest";
  return type === "order" || type === "order-retrocharge" || type === "liquidation"
    ? "sale"
    : "refund";
}

/** Class of one amount: row type and column as written in the file, in any language. */
export function classifyDateRange(
  typeWord: string,
  columnHeader: string,
  description: string,
): Classification {
  const type = rowTypeOf(typeWord);
  const component = componentOf(columnHeader);
  if (type === null || component === null) return SUSPENSE;
  const found = ORDER_TYPES.has(type)
    ? orderClass(type, component)
    : accountClass(type, component, description);
  return found === null ? SUSPENSE : { class: found, known: true };
}

function orderClass(type: RowType, component: Component): StatementClass | null {
  if (component === "other") return null;
  const found = COMPONENT_CLASSES[component];
  return found === "sales" && (type === "refund" || type === "claim") ? "refunds" : found;
}

/** Rows of the account: the type says what the money is, and for some types the description. */
const ACCOUNT_CLASSES: ReadonlyMap<RowType, (description: string) => StatementClass> = new Map<
  RowType,
  (description: string) => StatementClass
>([
  ["transfer", () => "payout"],
  ["service-fee", serviceFeeClass],
  ["fba-inventory-fee", inventoryFeeClass],
  ["fba-transaction-fee", () => "fulfilment-fees"],
  ["amazon-fee", () => "other-fees"],
  ["deal-fee", () => "advertising"],
  ["adjustment", adjustmentClass],
  ["fee-adjustment", () => "adjustments"],
  ["reimbursement", () => "reimbursements"],
]);

function accountClass(
  type: RowType,
  component: Component,
  description: string,
): StatementClass | null {
  if (component !== "other" && component !== "other-transaction-fees") {
    return COMPONENT_CLASSES[component];
  }
  return ACCOUNT_CLASSES.get(type)?.(description) ?? null;
}

function inventoryFeeClass(description: string): StatementClass {
  return /storage|stock|lager|保管/i.test(description) ? "storage-fees" : "fulfilment-fees";
}

function adjustmentClass(description: string): StatementClass {
  return /reimbursement|在庫の返金/i.test(description) ? "reimbursements" : "adjustments";
}

function serviceFeeClass(description: string): StatementClass {
  if (/advertis|publicité|werbekosten|pubblicità|publicidad|広告/i.test(description)) {
    return "advertising";
  }
  return /subscription|abonnement|月額登録料/i.test(description)
    ? "subscription-fees"
    : "other-fees";
}
