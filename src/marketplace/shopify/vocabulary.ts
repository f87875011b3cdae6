// Types of Shopify's balance transactions and the class of the books that each goes to. Source: the enumeration
// ShopifyPaymentsTransactionType of the Admin API (2026-10), which gives no meanings beyond its words; a type that is
// not here goes to suspense, is summed and shown.

import type { StatementClass } from "../statement.ts";

const CLASSES: Readonly<Record<string, StatementClass>> = {
  CHARGE: "sales",
  REFUND: "refunds",
  REFUND_FAILURE: "refunds",
  ADJUSTMENT: "adjustments",
  CHARGE_ADJUSTMENT: "adjustments",
  DISPUTE_WITHDRAWAL: "adjustments",
  DISPUTE_REVERSAL: "adjustments",
  CHARGEBACK_FEE: "other-fees",
  CHARGEBACK_FEE_REFUND: "other-fees",
  CHARGEBACK_HOLD: "reserve",
  CHARGEBACK_HOLD_RELEASE: "reserve",
  RESERVED_FUNDS: "reserve",
  RESERVED_FUNDS_REVERSAL: "reserve",
  RESERVED_FUNDS_WITHDRAWAL: "reserve",
  SHIPPING_LABEL: "fulfilment-fees",
  TRANSFER: "payout",
  PAYOUT: "payout",
  TRANSFER_FAILURE: "failed-transfer",
  TRANSFER_CANCEL: "failed-transfer",
};

/** The class of a transaction's amount; null for a type that is not known. */
export function classOfType(type: string): StatementClass | null {
  return CLASSES[type] ?? null;
}
