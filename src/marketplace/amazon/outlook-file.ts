// The answers of Amazon's API that tell of money before it is paid out: listBalances, listSummary and deferred
// listTransactions (Finances API 2024-06-19), listExpectedPayouts (Transfers API 2024-06-01). Models of July 2026.

import type { Reason } from "../../errors/refusal.ts";
import type { CivilDate } from "../../time/instant.ts";
import { parseCivilDate } from "../../time/instant.ts";
import type {
  BalanceTold,
  ControlTotal,
  ExpectedPayout,
  ExpectedStatus,
  Outlook,
} from "../outlook.ts";
import { NO_OUTLOOK } from "../outlook.ts";
import type { MarketplaceReading } from "../reading.ts";
import { listOfPages, readItems } from "./answer-pages.ts";
import { deferredSums, deferredTransaction } from "./deferred-transactions.ts";
import { refusedReading } from "./flat-file.ts";
import type { JsonObject, JsonValue } from "./json-decimal.ts";
import { isArray, isObject, textOf } from "./json-decimal.ts";
import { readJsonFile } from "./json-file.ts";
import { OUTLOOK_ITEMS_MAX } from "./limits.ts";
import { accountOf, settlementIdsOf } from "./partner-account.ts";
import type { FieldOutcome } from "./payout-fields.ts";
import { instantField, moneyField, plainStatus } from "./payout-fields.ts";
import { amazonReason } from "./reasons.ts";

type OutlookFormat =
  | "amazon-balances"
  | "amazon-expected-payouts"
  | "amazon-summaries"
  | "amazon-transactions";

type Source = AsyncIterable<Uint8Array>;
type OnProgress = (bytes: number) => void;
type OutlookRead = { readonly outlook: Outlook; readonly refusals: readonly Reason[] };

export function readBalances(source: Source, onProgress?: OnProgress) {
  return readOutlook("amazon-balances", "balances", source, onProgress, (list) => {
    const { items, refusals } = readItems(list, balancesOf);
    return { outlook: { ...NO_OUTLOOK, balances: items }, refusals };
  });
}

export function readExpectedPayouts(source: Source, onProgress?: OnProgress) {
  return readOutlook("amazon-expected-payouts", "expectedPayouts", source, onProgress, (list) => {
    const { items, refusals } = readItems(list, expectedOf);
    return { outlook: { ...NO_OUTLOOK, expected: items }, refusals };
  });
}

export function readSummaries(source: Source, onProgress?: OnProgress) {
  return readOutlook("amazon-summaries", "summaries", source, onProgress, (list) => {
    const { items, refusals } = readItems(list, controlsOf);
    return { outlook: { ...NO_OUTLOOK, controls: items }, refusals };
  });
}

export function readTransactions(source: Source, onProgress?: OnProgress) {
  return readOutlook("amazon-transactions", "transactions", source, onProgress, (list) => {
    const { items, refusals } = readItems(list, deferredTransaction);
    return { outlook: { ...NO_OUTLOOK, deferred: deferredSums(items) }, refusals };
  });
}

async function readOutlook(
  format: OutlookFormat,
  key: string,
  source: Source,
  onProgress: OnProgress | undefined,
  read: (list: readonly JsonValue[]) => OutlookRead,
): Promise<MarketplaceReading> {
  const file = await readJsonFile(source, onProgress);
  if (!file.ok) return refusedReading(format, "utf-8", file.refusal);
  const list = listOfPages(file.value, key);
  if (list === null) {
    const refusal = amazonReason("not-this-format", null, `no list of ${key} was found`);
    return refusedReading(format, "utf-8", refusal);
  }
  if (list.length > OUTLOOK_ITEMS_MAX) {
    const refusal = amazonReason("too-many-items", null, `more than ${OUTLOOK_ITEMS_MAX}`);
    return refusedReading(format, "utf-8", refusal);
  }
  const { outlook, refusals } = read(list);
  const kept = refusals.length === 0 ? outlook : NO_OUTLOOK;
  return { format, charset: "utf-8", statements: [], payouts: [], outlook: kept, refusals };
}

/** A balance and the parts of it, each with the account and the time of the whole. */
function balancesOf(item: JsonObject, line: number): FieldOutcome<readonly BalanceTold[]> {
  const updatedAt = instantField(item, "lastUpdatedTime");
  if (!updatedAt.ok) return updatedAt;
  const asOfOn = dayField(item, "asOfDate");
  if (!asOfOn.ok) return asOfOn;
  const shared = { ...accountOf(item), updatedAt: updatedAt.value, asOfOn: asOfOn.value, line };
  const found: BalanceTold[] = [];
  const open: JsonObject[] = [item];
  for (let part = open.shift(); part !== undefined; part = open.shift()) {
    const amount = moneyField(part, "amount");
    if (!amount.ok) return amount;
    const word = textOf(part, "balanceType") ?? "";
    if (amount.value === null || word === "") {
      return { ok: false, problem: "a balance has no amount or no type" };
    }
    const kind = word.toLowerCase().replace(/[^a-z]+/g, "-");
    if (found.some((other) => other.kind === kind)) {
      return { ok: false, problem: `the balance ${kind} stands twice` };
    }
    found.push({ ...shared, kind, amount: amount.value });
    const parts = part.get("balances");
    if (isArray(parts)) open.push(...parts.filter(isObject));
  }
  return { ok: true, value: found };
}

/** A date, with or without a time. */
function dayField(object: JsonObject, key: string): FieldOutcome<CivilDate | null> {
  const text = textOf(object, key);
  if (text === null || text === "") return { ok: true, value: null };
  const day = parseCivilDate(text.slice(0, 10));
  return day === null ? { ok: false, problem: `${key} is not a date` } : { ok: true, value: day };
}

const EXPECTED_STATUSES: ReadonlyMap<string, ExpectedStatus> = new Map([
  ["scheduled", "scheduled"],
  ["disabled", "disabled"],
  ["atrisk", "at-risk"],
  ["nopayoutexpected", "none"],
]);

function expectedOf(item: JsonObject, line: number): FieldOutcome<readonly ExpectedPayout[]> {
  const amount = moneyField(item, "amount");
  if (!amount.ok) return amount;
  const scheduledAt = instantField(item, "scheduledDate");
  if (!scheduledAt.ok) return scheduledAt;
  const word = plainStatus(textOf(item, "status") ?? "");
  const expected: ExpectedPayout = {
    ...accountOf(item),
    status: EXPECTED_STATUSES.get(word) ?? "unknown",
    amount: amount.value,
    scheduledAt: scheduledAt.value,
    settlementIds: settlementIdsOf(item),
    line,
  };
  return { ok: true, value: [expected] };
}

/** A summary of a period names no settlement and is no control total of one. */
function controlsOf(item: JsonObject, line: number): FieldOutcome<readonly ControlTotal[]> {
  const ids = settlementIdsOf(item);
  if (ids.length === 0) return { ok: true, value: [] };
  const [settlementId = ""] = ids;
  if (ids.length > 1) return { ok: false, problem: "one summary names several settlements" };
  const amount = moneyField(item, "netProceeds");
  if (!amount.ok) return amount;
  if (amount.value === null) return { ok: false, problem: "it has no netProceeds" };
  return { ok: true, value: [{ ...accountOf(item), settlementId, amount: amount.value, line }] };
}
