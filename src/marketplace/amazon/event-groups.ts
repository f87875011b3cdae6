// listFinancialEventGroups: Finances API v0 (wrapped in `payload` or not) and the old MWS answer
// turned to JSON. A group is what listPayouts later called a payout, without the settlement id.
// FundTransferStatus is free text: seen are Succeeded, Successful, Processing, Unknown and, in
// Amazon's own sandbox, TRANSFERED.

import type { Money } from "../../money/money.ts";
import type { AnnouncedStatus } from "../payout.ts";
import type { MarketplaceReading } from "../reading.ts";
import { refusedReading } from "./flat-file.ts";
import type { JsonObject, JsonValue } from "./json-decimal.ts";
import { isArray, isObject, textOf } from "./json-decimal.ts";
import { readJsonFile } from "./json-file.ts";
import { instantField, moneyField, plainStatus, tailOf, traceIdsOf } from "./payout-fields.ts";
import type { ItemOutcome } from "./payout-list.ts";
import { readPayouts } from "./payout-list.ts";
import { amazonReason } from "./reasons.ts";

const FORMAT = "amazon-event-groups";
const LIST_KEY = "FinancialEventGroupList";

const TRANSFER_STATUSES: ReadonlyMap<string, AnnouncedStatus> = new Map([
  ["succeeded", "paid"],
  ["successful", "paid"],
  ["transfered", "paid"],
  ["transferred", "paid"],
  ["processing", "in-transit"],
  ["initiated", "started"],
  ["failed", "failed"],
]);

/** True for a word, folded by `plainStatus`, after which a transfer does not change but by failing late. */
export function isTransferOver(word: string): boolean {
  const status = TRANSFER_STATUSES.get(word);
  return status === "paid" || status === "failed";
}

export async function readEventGroups(
  source: AsyncIterable<Uint8Array>,
  onProgress?: (bytes: number) => void,
): Promise<MarketplaceReading> {
  const file = await readJsonFile(source, onProgress);
  if (!file.ok) return refusedReading(FORMAT, "utf-8", file.refusal);
  const lists = groupLists(file.value);
  if (lists.length === 0) {
    const refusal = amazonReason("not-this-format", null, "no list of event groups was found");
    return refusedReading(FORMAT, "utf-8", refusal);
  }
  return readPayouts(FORMAT, lists.flat(), groupOf);
}

/** Every list of groups, wherever the answer wraps it. The reader of JSON limits the depth. */
function groupLists(value: JsonValue): readonly (readonly JsonValue[])[] {
  if (isArray(value)) return value.flatMap((item) => groupLists(item));
  if (!isObject(value)) return [];
  return [...value].flatMap(([key, inner]) =>
    key === LIST_KEY ? [groupItems(inner)] : groupLists(inner),
  );
}

/** An array, or MWS turned to JSON: `{FinancialEventGroup: one or several}`. */
function groupItems(list: JsonValue): readonly JsonValue[] {
  if (isArray(list)) return list;
  const inner = isObject(list) ? list.get("FinancialEventGroup") : undefined;
  if (inner === undefined) return [];
  return isArray(inner) ? inner : [inner];
}

function groupOf(item: JsonObject, line: number): ItemOutcome {
  const reference = textOf(item, "FinancialEventGroupId");
  if (reference === null || reference === "") {
    return { ok: false, problem: "it has no FinancialEventGroupId" };
  }
  const told = statusOf(item);
  if (told === null) return { ok: true, payout: null };
  const original = moneyField(item, "OriginalTotal");
  if (!original.ok) return original;
  const converted = moneyField(item, "ConvertedTotal");
  if (!converted.ok) return converted;
  const amount = converted.value ?? original.value;
  if (amount === null) return { ok: false, problem: `group ${reference} has no total` };
  const initiatedAt = instantField(item, "FundTransferDate");
  if (!initiatedAt.ok) return initiatedAt;
  const periodStartAt = instantField(item, "FinancialEventGroupStart");
  if (!periodStartAt.ok) return periodStartAt;
  const periodEndAt = instantField(item, "FinancialEventGroupEnd");
  if (!periodEndAt.ok) return periodEndAt;
  const traceIds = traceIdsOf(textOf(item, "TraceId"));
  if (initiatedAt.value === null && traceIds.length === 0 && !saysThatMoneyMoves(told, amount))
    return { ok: true, payout: null };
  const same =
    original.value?.currency === amount.currency && original.value.minor === amount.minor;
  return {
    ok: true,
    payout: {
      marketplace: "amazon",
      source: "event-group",
      reference,
      amount,
      originalAmount: same ? null : original.value,
      ...told,
      failureReason: null,
      initiatedAt: initiatedAt.value,
      accountTail: tailOf(textOf(item, "AccountTail")),
      traceIds,
      paymentRail: null,
      settlementIds: [],
      periodStartAt: periodStartAt.value,
      periodEndAt: periodEndAt.value,
      line,
    },
  };
}

/**
 * FundTransferDate is "when the disbursement or charge was initiated" (Finances v0). A closed group without it, without
 * a trace and without a word for a transfer sent nothing: its total goes on to a later one, or was never due.
 */
function saysThatMoneyMoves({ status }: { status: AnnouncedStatus }, { minor }: Money): boolean {
  if (status === "failed") return minor > 0n;
  return status === "paid" || status === "in-transit" || status === "started";
}

/** An open group still grows and announces nothing (null); of a closed one the transfer's own word decides. */
function statusOf(item: JsonObject): { status: AnnouncedStatus; statusText: string } | null {
  const processing = textOf(item, "ProcessingStatus") ?? "";
  const transfer = textOf(item, "FundTransferStatus") ?? "";
  if (transfer === "") {
    const isOpen = plainStatus(processing) === "open";
    return isOpen ? null : { status: "unknown", statusText: processing };
  }
  const status = TRANSFER_STATUSES.get(plainStatus(transfer)) ?? "unknown";
  return { status, statusText: transfer };
}
