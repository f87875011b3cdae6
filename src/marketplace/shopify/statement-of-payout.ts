// The statement behind a payout of Shopify's: its balance transactions, each an amount and a fee, summed into groups. The
// payout's own row in the balance is not part of the sum: it is what the others must sum to.

import type { Reason } from "../../errors/refusal.ts";
import type { StatementGroup, StatementOrder, StatementReading } from "../statement.ts";
import type { BalanceTransaction, Payout } from "./payments-nodes.ts";
import { mismatchText, shopifyReason } from "./reasons.ts";
import { classOfType } from "./vocabulary.ts";

export function statementOf(
  payoutId: string,
  told: readonly BalanceTransaction[],
  payout: Payout | null,
  takesOrders = false,
): StatementReading {
  const transactions = eachOnce(told);
  const own = transactions.filter(({ type }) => classOfType(type) === "payout");
  const lines = transactions.filter(({ type }) => classOfType(type) !== "payout");
  const currency = (lines[0] ?? own[0])?.currency ?? null;
  const numbers = told.map(({ line }) => line);
  const firstLine = Math.min(...numbers);
  const instants = transactions.flatMap(({ at }) => (at === null ? [] : [at])).sort();
  const declared = declaredMinor(payout, own);
  const sums = groupsOf(lines);
  const summed = sums.reduce((sum, group) => sum + group.totalMinor, 0n);
  const reasons = [...contradictions(told, transactions), ...faultsOf(transactions, payout)];
  const moved = movedMinor(own);
  if (payout !== null && moved !== null && moved !== payout.net.minor) {
    const detail = mismatchText(payout.net.minor, moved, payout.net.currency);
    reasons.push(shopifyReason("total-differs", own[0]?.line ?? null, detail));
  }
  if (declared === null) reasons.push(shopifyReason("total-missing", firstLine));
  else if (currency !== null && declared !== summed) {
    const detail = mismatchText(declared, summed, currency);
    reasons.push(shopifyReason("total-mismatch", firstLine, detail));
  }
  const charge = chargeOf(declared, own[0] ?? null, firstLine);
  const groups = charge === null ? sums : [...sums, charge];
  const charged = charge?.totalMinor ?? 0n;
  return {
    format: "shopify-payments",
    marketplace: "shopify",
    marketplaceNames: [],
    settlementId: payoutId,
    currency,
    periodStartAt: instants[0] ?? null,
    periodEndAt: payout?.issuedAt ?? instants.at(-1) ?? null,
    depositAt: null,
    lineCount: lines.length,
    declaredTotalMinor: declared === null ? null : declared + charged,
    summedTotalMinor: summed + charged,
    groups,
    verdict: reasons.length === 0 ? "proven" : "quarantined",
    reasons,
    ...(takesOrders ? { orders: ordersOf(lines) } : {}),
    firstLine,
    lastLine: Math.max(...numbers),
  };
}

/** What the payout says of itself; else its own row in the balance, which takes the money out. */
function declaredMinor(payout: Payout | null, own: readonly BalanceTransaction[]): bigint | null {
  return payout === null ? movedMinor(own) : payout.net.minor;
}

/** What the payout's own row takes out of the balance; null where the file has none. */
function movedMinor(own: readonly BalanceTransaction[]): bigint | null {
  return own.length === 0 ? null : own.reduce((sum, { netMinor }) => sum - netMinor, 0n);
}

/**
 * A withdrawal takes the debt from the seller's own bank account at once: nothing is carried to a later statement, so it
 * is a last line that brings this one to zero, as other marketplaces write it themselves.
 */
function chargeOf(
  declared: bigint | null,
  own: BalanceTransaction | null,
  firstLine: number,
): StatementGroup | null {
  if (declared === null || declared >= 0n) return null;
  return {
    transactionType: own?.type ?? "WITHDRAWAL",
    amountType: "amount",
    amountDescription: own?.description ?? "",
    class: "charge-to-seller",
    known: true,
    lineCount: own === null ? 0 : 1,
    totalMinor: -declared,
    firstLine: own?.line ?? firstLine,
  };
}

/** Pages that overlap repeat a transaction: that is one, not two. */
export function eachOnce(told: readonly BalanceTransaction[]): readonly BalanceTransaction[] {
  const byId = new Map<string, BalanceTransaction>();
  for (const one of told) if (!byId.has(one.id)) byId.set(one.id, one);
  return [...byId.values()];
}

/** Repeats that do not say the same. */
function contradictions(
  told: readonly BalanceTransaction[],
  kept: readonly BalanceTransaction[],
): Reason[] {
  const byId = new Map(kept.map((one) => [one.id, one]));
  return told
    .filter((one) => factsOf(one) !== factsOf(byId.get(one.id) ?? one))
    .map(({ line }) => shopifyReason("item-contradicts", line));
}

function factsOf(one: BalanceTransaction): string {
  const { type, currency, amountMinor, feeMinor, netMinor, at, isTest } = one;
  return [type, currency, amountMinor, feeMinor, netMinor, at, isTest].join(" ");
}

function faultsOf(transactions: readonly BalanceTransaction[], payout: Payout | null): Reason[] {
  const reasons: Reason[] = [];
  const currency = payout?.net.currency ?? transactions[0]?.currency;
  for (const one of transactions) {
    if (one.isTest) reasons.push(shopifyReason("test-transaction", one.line));
    if (one.currency !== currency) reasons.push(shopifyReason("currency-differs", one.line));
    if (one.amountMinor - one.feeMinor !== one.netMinor) {
      reasons.push(shopifyReason("components-mismatch", one.line));
    }
  }
  return reasons;
}

/** Sums of each order that a transaction names. */
function ordersOf(lines: readonly BalanceTransaction[]): readonly StatementOrder[] {
  const orders = new Map<string, StatementOrder>();
  for (const { orderId, type, amountMinor, netMinor } of lines) {
    if (orderId === null) continue;
    const known = orders.get(orderId);
    const kind = classOfType(type);
    const { saleMinor = 0n, refundMinor = 0n } = known ?? {};
    orders.set(orderId, {
      orderId,
      saleMinor: saleMinor + (kind === "sales" ? amountMinor : 0n),
      refundMinor: refundMinor - (kind === "refunds" ? amountMinor : 0n),
      netMinor: (known?.netMinor ?? 0n) + netMinor,
    });
  }
  return [...orders.values()];
}

function groupsOf(lines: readonly BalanceTransaction[]): readonly StatementGroup[] {
  const groups = new Map<string, StatementGroup>();
  const add = (one: BalanceTransaction, amountType: "amount" | "fee", minor: bigint) => {
    const key = `${one.type}\t${amountType}\t${one.description}`;
    const found = classOfType(one.type);
    const isFee = amountType === "fee";
    const group = groups.get(key) ?? {
      transactionType: one.type,
      amountType,
      amountDescription: one.description,
      class: found === null ? "suspense" : isFee ? "selling-fees" : found,
      known: found !== null,
      lineCount: 0,
      totalMinor: 0n,
      firstLine: one.line,
    };
    groups.set(key, {
      ...group,
      lineCount: group.lineCount + 1,
      totalMinor: group.totalMinor + minor,
    });
  };
  for (const one of lines) {
    add(one, "amount", one.amountMinor);
    if (one.feeMinor !== 0n) add(one, "fee", -one.feeMinor);
  }
  return [...groups.values()];
}
