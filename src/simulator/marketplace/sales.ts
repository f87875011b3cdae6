// What a sale is worth line by line, as settlement files tell it: price, tax collected and kept back again, and
// Amazon's fees. Rates are those of a common category (15 % referral fee); amounts are drawn from the seed.

import { exponentOf } from "../../money/currency.ts";
import { divideMinor } from "../../money/money.ts";
import { drawDigits, drawInteger } from "../seeded-draw.ts";
import type { Marketplace } from "./marketplaces.ts";
import type { LineState } from "./state.ts";

/** Amazon's referral fee of most categories. */
const COMMISSION_BPS = 1_500n;
/** Kept by Amazon of the commission when an order is refunded: 20 % of it [Amazon's fee schedule]. */
const REFUND_COMMISSION_BPS = 2_000n;
const WHOLE_BPS = 10_000n;

/** A price between these, in hundredths of the currency (in its units where it has no decimals: yen). */
const PRICE_LOW = 999;
const PRICE_HIGH = 24_999;

export type SaleDraw = {
  readonly seed: number;
  readonly storeId: string;
  /** Tells one sale of the store from another. */
  readonly number: number;
  readonly marketplace: Marketplace;
  readonly priceMinor?: bigint;
  readonly quantity?: number;
};

/** The lines of one shipped order with one item. */
export function saleLines(draw: SaleDraw): readonly LineState[] {
  const { marketplace } = draw;
  const at = (low: number, high: number, what: string) =>
    drawInteger(draw.seed, low, high, draw.storeId, draw.number, what);
  const quantity = draw.quantity ?? (at(1, 8, "several") === 1 ? 2 : 1);
  const unitMinor = draw.priceMinor ?? scaled(at(PRICE_LOW, PRICE_HIGH, "price"), marketplace);
  const principal = unitMinor * BigInt(quantity);
  const tax = partOf(principal, BigInt(marketplace.taxBps));
  const shipping = at(1, 4, "ships") === 1 ? scaled(at(299, 999, "shipping"), marketplace) : 0n;
  const promotion = at(1, 8, "promoted") === 1 ? -partOf(principal, 500n) : 0n;
  const item = {
    sku: skuOf(draw),
    itemCode: drawDigits(draw.seed, 14, draw.storeId, draw.number, "item"),
    quantity,
  };
  const line = (amountType: string, amountDescription: string, amountMinor: bigint): LineState => ({
    transactionType: "Order",
    amountType,
    amountDescription,
    amountMinor,
    ...item,
  });
  return [
    line("ItemPrice", "Principal", principal),
    line("ItemPrice", "Tax", tax),
    line("ItemPrice", "Shipping", shipping),
    line("Promotion", "Principal", promotion),
    line("ItemWithheldTax", "MarketplaceFacilitatorTax-Principal", -tax),
    line("ItemFees", "Commission", -partOf(principal, COMMISSION_BPS)),
    line("ItemFees", "FBAPerUnitFulfillmentFee", -scaled(at(250, 900, "fulfilment"), marketplace)),
    ...(shipping > 0n ? [line("ItemFees", "ShippingChargeback", -shipping)] : []),
  ].filter(({ amountMinor }) => amountMinor !== 0n);
}

/** The lines that give a sale back: what the buyer paid, and the commission less what Amazon keeps of it. */
export function refundLines(sale: readonly LineState[]): readonly LineState[] {
  const back = sale
    .filter(({ amountDescription }) => amountDescription !== "FBAPerUnitFulfillmentFee")
    .map((line) => ({
      ...line,
      transactionType: "Refund",
      amountMinor: -line.amountMinor,
    }));
  const commission = back.find(({ amountDescription }) => amountDescription === "Commission");
  if (commission === undefined) return back;
  const kept = partOf(commission.amountMinor, REFUND_COMMISSION_BPS);
  return [...back, { ...commission, amountDescription: "RefundCommission", amountMinor: -kept }];
}

/** Charges of the whole account that a control can post, as the vocabulary of settlement files names them. */
export const FEES = {
  advertising: ["ServiceFee", "Cost of Advertising", "TransactionTotalAmount"],
  subscription: ["other-transaction", "other-transaction", "Subscription Fee"],
  storage: ["other-transaction", "other-transaction", "Storage Fee"],
  placement: ["FBAFees", "FBA Inbound Placement Service Fee", "Base fee"],
  reimbursement: ["other-transaction", "FBA Inventory Reimbursement", "WAREHOUSE_LOST"],
  adjustment: ["other-transaction", "other-transaction", "BalanceAdjustment"],
  "micro-deposit": ["other-transaction", "other-transaction", "Micro Deposit"],
  /** In no vocabulary: a reader must keep it visible. */
  unheard: ["other-transaction", "other-transaction", "Moon Landing Surcharge"],
} as const;

export type FeeKind = keyof typeof FEES;

export function accountLine(
  [transactionType, amountType, amountDescription]: readonly [string, string, string],
  amountMinor: bigint,
): LineState {
  return {
    transactionType,
    amountType,
    amountDescription,
    amountMinor,
    sku: null,
    itemCode: null,
    quantity: null,
  };
}

export function otherLine(amountDescription: string, amountMinor: bigint): LineState {
  return accountLine(["other-transaction", "other-transaction", amountDescription], amountMinor);
}

export function sumOf(lines: readonly { readonly amountMinor: bigint }[]): bigint {
  return lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
}

/** Half up: the marketplace rounds each of its fees by itself. */
function partOf(amountMinor: bigint, bps: bigint): bigint {
  return divideMinor(amountMinor * bps, WHOLE_BPS, "half-up");
}

function scaled(hundredths: number, { currency }: Marketplace): bigint {
  const exponent = exponentOf(currency);
  return BigInt(hundredths) * 10n ** BigInt(Math.max(0, exponent - 2));
}

/** One in eight has a name beyond ASCII, as sellers' own names do. */
function skuOf({ seed, storeId, number, marketplace }: SaleDraw): string {
  const product = drawInteger(seed, 0, 39, storeId, number, "product");
  const plain = `SW-${String(product).padStart(3, "0")}`;
  if (product % 8 !== 0) return plain;
  return `${plain}-${marketplace.charset === "shift_jis" ? "サイズ" : "Größe"}`;
}
