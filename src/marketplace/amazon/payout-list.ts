// listPayouts of Amazon's Transfers API 2024-06-01 (models, July 2026): the one answer that ties
// settlement ids to a payout's status, trace id and account tail. Taken as one answer, as pages in
// an array, or wrapped in `payload`.

import type { Reason } from "../../errors/refusal.ts";
import type { AnnouncedStatus, PayoutAnnouncement } from "../payout.ts";
import type { MarketplaceReading } from "../reading.ts";
import { listOfPages } from "./answer-pages.ts";
import { refusedReading } from "./flat-file.ts";
import type { JsonObject, JsonValue } from "./json-decimal.ts";
import { isArray, isObject, textOf } from "./json-decimal.ts";
import { readJsonFile } from "./json-file.ts";
import { PAYOUTS_PER_FILE_MAX } from "./limits.ts";
import { settlementIdsOf } from "./partner-account.ts";
import { instantField, moneyField, plainStatus, tailOf, traceIdsOf } from "./payout-fields.ts";
import { amazonReason } from "./reasons.ts";

const FORMAT = "amazon-payout-list";

/** STARTED → IN_TRANSIT → PAID, FAILED or CANCELLED; NO_PAYOUT when there was nothing to pay. */
const STATUSES: ReadonlyMap<string, AnnouncedStatus> = new Map([
  ["started", "started"],
  ["intransit", "in-transit"],
  ["paid", "paid"],
  ["failed", "failed"],
  ["cancelled", "cancelled"],
  ["canceled", "cancelled"],
]);
/** Nothing is sent, whatever total stands beside it: the statement itself says what becomes of that. */
const NO_PAYOUT = "nopayout";

export async function readPayoutList(
  source: AsyncIterable<Uint8Array>,
  onProgress?: (bytes: number) => void,
): Promise<MarketplaceReading> {
  const file = await readJsonFile(source, onProgress);
  if (!file.ok) return refusedReading(FORMAT, "utf-8", file.refusal);
  const list = listOfPages(file.value, "payouts");
  if (list === null) {
    const refusal = amazonReason("not-this-format", null, "no list of payouts was found");
    return refusedReading(FORMAT, "utf-8", refusal);
  }
  return readPayouts(FORMAT, list, payoutOf);
}

export type ItemOutcome =
  /** Null: the item is sound and announces no money. */
  | { readonly ok: true; readonly payout: PayoutAnnouncement | null }
  | { readonly ok: false; readonly problem: string };

/**
 * Reads the items of a list; one that cannot be read refuses the file, with its place in the list.
 */
export function readPayouts(
  format: MarketplaceReading["format"],
  items: readonly JsonValue[],
  read: (item: JsonObject, line: number) => ItemOutcome,
): MarketplaceReading {
  if (items.length > PAYOUTS_PER_FILE_MAX) {
    const refusal = amazonReason("too-many-payouts", null, `more than ${PAYOUTS_PER_FILE_MAX}`);
    return refusedReading(format, "utf-8", refusal);
  }
  const payouts: PayoutAnnouncement[] = [];
  const refusals: Reason[] = [];
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    const outcome: ItemOutcome = isObject(item)
      ? read(item, index + 1)
      : { ok: false, problem: "it is not an object" };
    if (!outcome.ok) {
      refusals.push(amazonReason("payout-unreadable", index + 1, outcome.problem));
      continue;
    }
    if (outcome.payout === null) continue;
    // Pages that overlap repeat an item word for word: that is one announcement, not two.
    const facts = factsOf(outcome.payout);
    if (!seen.has(facts)) payouts.push(outcome.payout);
    seen.add(facts);
  }
  const refused = refusals.length > 0;
  return { format, charset: "utf-8", statements: [], payouts: refused ? [] : payouts, refusals };
}

function factsOf(payout: PayoutAnnouncement): string {
  return JSON.stringify({ ...payout, line: 0 }, (_key, value: unknown) =>
    typeof value === "bigint" ? value.toString() : value,
  );
}

function payoutOf(item: JsonObject, line: number): ItemOutcome {
  const reference = textOf(item, "id");
  if (reference === null || reference === "") return { ok: false, problem: "it has no id" };
  const amount = moneyField(item, "amount");
  if (!amount.ok) return amount;
  const statusText = textOf(item, "currentStatus") ?? "";
  if (plainStatus(statusText) === NO_PAYOUT) return { ok: true, payout: null };
  const status = STATUSES.get(plainStatus(statusText)) ?? "unknown";
  if (amount.value === null) return { ok: false, problem: `payout ${reference} has no amount` };
  const initiatedAt = instantField(item, "creationDate");
  if (!initiatedAt.ok) return initiatedAt;
  const period = item.get("period");
  const bounds = isObject(period) ? period : new Map<string, JsonValue>();
  const periodStartAt = instantField(bounds, "startDate");
  if (!periodStartAt.ok) return periodStartAt;
  const periodEndAt = instantField(bounds, "endDate");
  if (!periodEndAt.ok) return periodEndAt;
  return {
    ok: true,
    payout: {
      marketplace: "amazon",
      source: "list-payouts",
      reference,
      amount: amount.value,
      originalAmount: null,
      status,
      statusText,
      failureReason: failureReasonOf(item),
      initiatedAt: initiatedAt.value,
      accountTail: tailOf(textOf(item, "accountTail")),
      traceIds: traceIdsOf(textOf(item, "traceId")),
      paymentRail: textOf(item, "paymentRail"),
      settlementIds: settlementIdsOf(item),
      periodStartAt: periodStartAt.value,
      periodEndAt: periodEndAt.value,
      line,
    },
  };
}

/** The reason of the last step that failed. */
function failureReasonOf(item: JsonObject): string | null {
  const history = item.get("statusHistory");
  const steps = isArray(history) ? history.filter(isObject) : [];
  const reasons = steps.map((step) => textOf(step, "failureReason"));
  return reasons.findLast((reason) => reason !== null && reason !== "") ?? null;
}
