// Deferred transactions of listTransactions (Finances API 2024-06-19), summed: how much is let go on which day. A
// transaction that is released belongs to a settlement, whose report tells it; here it counts for nothing.

import type { Currency } from "../../money/currency.ts";
import type { CivilDate } from "../../time/instant.ts";
import type { DeferredSum } from "../outlook.ts";
import type { JsonObject } from "./json-decimal.ts";
import { isArray, isObject, textOf } from "./json-decimal.ts";
import { accountOf, utcDayOf } from "./partner-account.ts";
import type { FieldOutcome } from "./payout-fields.ts";
import { moneyField, plainStatus } from "./payout-fields.ts";

type Deferred = Omit<DeferredSum, "transactionCount">;

export function deferredTransaction(
  item: JsonObject,
  line: number,
): FieldOutcome<readonly Deferred[]> {
  if (plainStatus(textOf(item, "transactionStatus") ?? "") !== "deferred") {
    return { ok: true, value: [] };
  }
  const total = moneyField(item, "totalAmount");
  if (!total.ok) return total;
  if (total.value === null) return { ok: false, problem: "a deferred transaction has no total" };
  const context = deferralOf(item);
  const releaseOn = utcDayOf(context, "maturityDate");
  if (!releaseOn.ok) return releaseOn;
  const { marketplace, partnerId, marketplaceId } = accountOf(item);
  const { currency, minor: totalMinor } = total.value;
  const reason = textOf(context, "deferralReason");
  const told = { marketplace, partnerId, marketplaceId, currency, totalMinor, reason, line };
  return { ok: true, value: [{ ...told, releaseOn: releaseOn.value }] };
}

/** The context that says why and until when; an empty one where it is missing. */
function deferralOf(item: JsonObject): JsonObject {
  const contexts = item.get("contexts");
  const list = isArray(contexts) ? contexts.filter(isObject) : [];
  return list.find((one) => one.has("maturityDate") || one.has("deferralReason")) ?? new Map();
}

export function deferredSums(transactions: readonly Deferred[]): readonly DeferredSum[] {
  const sums = new Map<string, DeferredSum>();
  for (const one of transactions) {
    const key = keyOf(one.partnerId, one.marketplaceId, one.currency, one.releaseOn, one.reason);
    const sum = sums.get(key) ?? { ...one, totalMinor: 0n, transactionCount: 0 };
    sums.set(key, {
      ...sum,
      totalMinor: sum.totalMinor + one.totalMinor,
      transactionCount: sum.transactionCount + 1,
    });
  }
  return [...sums.values()];
}

function keyOf(
  partnerId: string | null,
  marketplaceId: string | null,
  currency: Currency,
  releaseOn: CivilDate | null,
  reason: string | null,
): string {
  return JSON.stringify([partnerId, marketplaceId, currency, releaseOn, reason]);
}
