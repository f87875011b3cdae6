// The parts of an answer of Shopify's Admin API (GraphQL) about Shopify Payments: payouts and balance transactions, as
// nodes or edges, from one answer or an array of pages. Fields: ShopifyPaymentsPayout, ShopifyPaymentsBalanceTransaction.

import type { Currency } from "../../money/currency.ts";
import { currencyOf } from "../../money/currency.ts";
import type { Money } from "../../money/money.ts";
import { money, parseMinor } from "../../money/money.ts";
import type { Instant } from "../../time/instant.ts";
import {
  isArray,
  isObject,
  type JsonObject,
  type JsonValue,
  plainDecimal,
  textOf,
} from "../amazon/json-decimal.ts";
import { type FieldOutcome, instantField } from "../amazon/payout-fields.ts";

export type Nodes = {
  readonly payouts: readonly JsonValue[];
  readonly transactions: readonly JsonValue[];
};

/** Null when no page is about Shopify Payments. */
export function nodesOf(value: JsonValue): Nodes | null {
  const accounts = (isArray(value) ? value : [value]).map(accountOf);
  if (accounts.length === 0 || accounts.some((account) => account === null)) return null;
  const found = accounts.filter((account) => account !== null);
  return {
    payouts: found.flatMap((account) => listOf(account, "payouts")),
    transactions: found.flatMap((account) => listOf(account, "balanceTransactions")),
  };
}

function accountOf(page: JsonValue): JsonObject | null {
  if (!isObject(page)) return null;
  const data = page.get("data");
  const account = (isObject(data) ? data : page).get("shopifyPaymentsAccount");
  return isObject(account) ? account : null;
}

function listOf(account: JsonObject, key: string): readonly JsonValue[] {
  const connection = account.get(key);
  if (!isObject(connection)) return [];
  const nodes = connection.get("nodes");
  if (isArray(nodes)) return nodes;
  const edges = connection.get("edges");
  return (isArray(edges) ? edges : []).map((edge) =>
    isObject(edge) ? (edge.get("node") ?? null) : edge,
  );
}

/** "gid://shopify/ShopifyPaymentsPayout/98278121" → "98278121"; null where there is no id. */
export function plainId(object: JsonObject): string | null {
  return /([^/?]+)(?:\?.*)?$/.exec(textOf(object, "id") ?? "")?.[1] ?? null;
}

export type Payout = {
  readonly id: string;
  readonly statusText: string;
  readonly issuedAt: Instant | null;
  /** Negative when Shopify took money from the seller's account. */
  readonly net: Money;
  readonly traceId: string | null;
  readonly line: number;
};

export function payoutOf(node: JsonObject, line: number): FieldOutcome<Payout> {
  const id = plainId(node);
  if (id === null) return { ok: false, problem: "a payout has no id" };
  const net = amountField(node, "net");
  if (!net.ok) return net;
  const issuedAt = instantField(node, "issuedAt");
  if (!issuedAt.ok) return issuedAt;
  const isWithdrawal = textOf(node, "transactionType") === "WITHDRAWAL";
  const signed = isWithdrawal && net.value.minor > 0n ? -net.value.minor : net.value.minor;
  return {
    ok: true,
    value: {
      id,
      statusText: textOf(node, "status") ?? "",
      issuedAt: issuedAt.value,
      net: money(net.value.currency, signed),
      traceId: textOf(node, "externalTraceId"),
      line,
    },
  };
}

export type BalanceTransaction = {
  readonly id: string;
  readonly type: string;
  /** The reason of an adjustment, else the source's type. */
  readonly description: string;
  readonly currency: Currency;
  readonly amountMinor: bigint;
  readonly feeMinor: bigint;
  readonly netMinor: bigint;
  readonly at: Instant | null;
  readonly isTest: boolean;
  /** Null while no payout has been made of it. */
  readonly payoutId: string | null;
  /** Shopify's own id of the order, not the shop's number of it, which every shop counts anew; null: of no order. */
  readonly orderId: string | null;
  readonly line: number;
};

export function transactionOf(node: JsonObject, line: number): FieldOutcome<BalanceTransaction> {
  const id = plainId(node);
  if (id === null) return { ok: false, problem: "it has no id" };
  const amount = amountField(node, "amount");
  if (!amount.ok) return amount;
  const { currency } = amount.value;
  const fee = amountField(node, "fee", currency);
  if (!fee.ok) return fee;
  const net = amountField(node, "net", currency);
  if (!net.ok) return net;
  if (fee.value.currency !== currency || net.value.currency !== currency) {
    return { ok: false, problem: "its amounts are of several currencies" };
  }
  const at = instantField(node, "transactionDate");
  if (!at.ok) return at;
  const associated = node.get("associatedPayout");
  const order = node.get("associatedOrder");
  return {
    ok: true,
    value: {
      id,
      type: textOf(node, "type") ?? "",
      description: textOf(node, "adjustmentReason") ?? textOf(node, "sourceType") ?? "",
      currency,
      amountMinor: amount.value.minor,
      feeMinor: fee.value.minor,
      netMinor: net.value.minor,
      at: at.value,
      isTest: node.get("test") === true,
      payoutId: isObject(associated) ? plainId(associated) : null,
      orderId: isObject(order) ? plainId(order) : null,
      line,
    },
  };
}

/** MoneyV2: `{"amount": "12.50", "currencyCode": "USD"}`; Shopify's own example asks for the code once a transaction. */
function amountField(
  node: JsonObject,
  key: string,
  unlessTold: Currency | null = null,
): FieldOutcome<Money> {
  const field = node.get(key);
  if (!isObject(field)) return { ok: false, problem: `${key} is missing` };
  const currency = currencyOf(textOf(field, "currencyCode") ?? unlessTold ?? "");
  if (currency === null) return { ok: false, problem: `${key} has no known currency` };
  const decimal = plainDecimal(field.get("amount"));
  const minor = decimal === null ? null : parseMinor(decimal, currency);
  if (minor?.ok !== true) return { ok: false, problem: `${key} is no exact amount of ${currency}` };
  return { ok: true, value: money(currency, minor.minor) };
}
