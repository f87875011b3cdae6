// The statement behind a payout of Shopify's: its balance transactions, each an amount and a fee, summed into groups. The
// payout's own row in the balance is not part of the sum: it is what the others must sum to.

import type { Reason } from "../../errors/refusal.ts";
import type { StatementGroup, StatementReading } from "../statement.ts";
import type { BalanceTransaction, Payout } from "./payments-nodes.ts";
import { mismatchText, shopifyReason } from "./reasons.ts";
import { classOfType } from "./vocabulary.ts";

export function statementOf(
  payoutId: string,
  transactions: readonly BalanceTransaction[],
  payout: Payout | null,
): StatementReading {
  const own = transactions.filter(({ type }) => classOfType(type) === "payout");
  const lines = transactions.filter(({ type }) => classOfType(type) !== "payout");
  const currency = (lines[0] ?? own[0])?.currency ?? null;
  const numbers = transactions.map(({ line }) => line);
  const firstLine = Math.min(...numbers);
  const instants = transactions.flatMap(({ at }) => (at === null ? [] : [at])).sort();
  const declared = declaredMinor(payout, own);
  const groups = groupsOf(lines);
  const summed = groups.reduce((sum, group) => sum + group.totalMinor, 0n);
  const reasons = faultsOf(transactions, payout);
  if (declared === null) reasons.push(shopifyReason("total-missing", firstLine));
  else if (currency !== null && declared !== summed) {
    const detail = mismatchText(declared, summed, currency);
    reasons.push(shopifyReason("total-mismatch", firstLine, detail));
  }
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
    declaredTotalMinor: declared,
    summedTotalMinor: summed,
    groups,
    verdict: reasons.length === 0 ? "proven" : "quarantined",
    reasons,
    firstLine,
    lastLine: Math.max(...numbers),
  };
}

/** What the payout says of itself; else its own row in the balance, which takes the money out. */
function declaredMinor(payout: Payout | null, own: readonly BalanceTransaction[]): bigint | null {
  if (payout !== null) return payout.net.minor;
  if (own.length === 0) return null;
  return own.reduce((sum, { netMinor }) => sum - netMinor, 0n);
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
