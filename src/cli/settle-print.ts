// What became of the files and payouts, for people: one block a payout, every figure with the file and line it is from.

import { basename } from "node:path";
import { type Currency, currencyOf } from "../money/currency.ts";
import { displayMoney, parseMinor } from "../money/money.ts";
import type { CreditOfPayout, PayoutView } from "../report/payout-view.ts";
import { oneLine } from "./file-text.ts";
import type { SettlementResult } from "./settle-command.ts";
import { safeText, table } from "./terminal.ts";

const SOURCE_WORDS: Readonly<Record<string, string>> = {
  statement: "expected from its statement (not announced)",
  "list-payouts": "announced by the payout list",
  "event-group": "announced by the event group",
  "date-range-transfer": "announced by the date-range report",
};

const LAYER_WORDS: Readonly<Record<string, string>> = {
  reference: "by its reference",
  "amount-date-payer": "by amount, date and payer (no reference given)",
  "sum-date-payer": "by the sum of several payouts, date and payer (no reference given)",
};

/** "USD 1,234.50" from an exact decimal text. */
export function amountText(amount: string, currency: string): string {
  const known = currencyOf(currency);
  const parsed = known === null ? null : parseMinor(amount, known);
  return parsed?.ok === true
    ? displayMoney({ currency: known as Currency, minor: parsed.minor })
    : `${currency} ${amount}`;
}

export function printSettlement(
  result: SettlementResult,
  place: { dataDir: string; database: string },
): string {
  const parts = [printFiles(result), ...result.payouts.map(printPayout), printTotals(result)];
  if (result.exceptions.length > 0) parts.push(printExceptions(result));
  parts.push(
    `The books are in ${place.dataDir} (${place.database}). Look further:\n` +
      [
        "account list",
        "payout show ID",
        "exception list",
        "verify",
        "export journal --format ledger",
      ]
        .map((words) => `  npx straitway ${words} --data ${place.dataDir}`)
        .join("\n"),
  );
  return `${parts.join("\n\n")}\n`;
}

function printFiles(result: SettlementResult): string {
  const rows = result.files.map((file) => [
    oneLine(basename(file.file)),
    file.format ?? "-",
    file.outcome === "new" && file.reasons.length > 0 ? "new, quarantined" : file.outcome,
  ]);
  const reasons = result.files.flatMap((file) =>
    file.outcome === "seen"
      ? []
      : file.reasons.map(
          (reason) =>
            `  ${oneLine(basename(file.file))}${reason.line === null ? "" : `:${reason.line}`}: ${safeText(reason.message)} [${reason.code}]`,
        ),
  );
  const allSeen = result.files.length > 0 && result.files.every((file) => file.outcome === "seen");
  return [
    table(["file", "what it is", "outcome"], rows),
    ...reasons,
    ...(allSeen ? [seenText(result)] : []),
  ].join("\n");
}

function seenText(result: SettlementResult): string {
  const claimed = result.files.filter((file) => file.claimed).length;
  return claimed === 0
    ? "All files were settled before: nothing changed."
    : `All files were settled before; ${claimed} of them had no seller and have one now.`;
}

export function printPayout(payout: PayoutView): string {
  const lines = [
    `Payout ${safeText(payout.reference)}  ${amountText(payout.amount, payout.currency)}  ${payout.state.toUpperCase()}   ${payout.id}`,
    `  payout     ${SOURCE_WORDS[payout.source] ?? payout.source}${payout.initiatedAt === null ? "" : `, sent ${payout.initiatedAt.slice(0, 10)}`}${
      payout.originalAmount === null || payout.originalCurrency === payout.currency
        ? ""
        : `, converted by the marketplace from ${amountText(payout.originalAmount, payout.originalCurrency ?? "")}`
    }`,
    ...payout.statements.map(
      (statement) =>
        `  statement  ${safeText(statement.settlementId)}  ${statement.periodStart?.slice(0, 10) ?? "?"} to ${statement.periodEnd?.slice(0, 10) ?? "?"}  ` +
        `${statement.lineCount} lines, ${amountText(statement.total, statement.currency)}: ${statement.verdict}  (${oneLine(statement.file)}:${statement.line})`,
    ),
    ...payout.credits.flatMap((credit) => printCredit(credit, payout)),
    ...payout.holds.map(
      (hold) =>
        `  HELD       ${amountText(hold.amount, hold.currency)} [${hold.code}] ${safeText(hold.message)}\n` +
        `             needed: ${hold.papers.map(safeText).join("; ")} · by: ${hold.owner} · due ${hold.dueOn}`,
    ),
    `  credited   ${amountText(payout.creditedAmount, payout.creditedCurrency)}${payout.minuteClockMs === null ? "" : ` usable ${payout.minuteClockMs} ms after the bank's notice was stored`}`,
    `  cost       ${costText(payout)}`,
  ];
  if (payout.transitDays !== null) {
    lines.push(
      `  transit    ${payout.transitDays} day(s) between the marketplace and the bank, which no channel can shorten`,
    );
  }
  return lines.join("\n");
}

function printCredit(credit: CreditOfPayout, payout: PayoutView): string[] {
  const line = `  credit     ${amountText(credit.amount, credit.currency)}${credit.valueOn === null ? "" : ` value ${credit.valueOn}`} from ${safeText(credit.payer ?? "an unnamed payer")} on …${safeText(credit.account.slice(-4))}, matched ${LAYER_WORDS[credit.layer] ?? credit.layer}  (${oneLine(credit.file ?? credit.sha256)}:${credit.line})`;
  const more = [line];
  if (!isZero(credit.returned)) {
    more.push(
      `             ${amountText(credit.returned, credit.currency)} of it was taken back by the bank`,
    );
  }
  if (credit.storedAt !== null) more.push(`  steps      ${stepsText(credit)}`);
  if (!credit.confirmed) more.push("             advised, not yet in an end-of-day statement");
  if (!isZero(credit.charges)) {
    more.push(
      `  charges    ${amountText(credit.charges, payout.currency)} deducted on the way by banks`,
    );
  }
  return more;
}

/** How long each step took, from the moment the bank's notice was stored. */
function stepsText(credit: CreditOfPayout): string {
  const since = (at: string | null) =>
    at === null || credit.storedAt === null
      ? null
      : `+${Date.parse(at) - Date.parse(credit.storedAt)} ms`;
  const released = since(credit.releasedAt);
  return [
    "notice stored",
    `on record ${since(credit.recordedAt)}`,
    `matched ${since(credit.matchedAt)}`,
    ...(released === null ? [] : [`released ${released}`]),
  ].join(" → ");
}

/** Deductions as money and as a share of the payout, in hundredths of a percent, rounded half up. */
function costText(payout: PayoutView): string {
  const currency = currencyOf(payout.currency);
  const charged = currency === null ? null : parseMinor(payout.chargedAmount, currency);
  const amount = currency === null ? null : parseMinor(payout.amount, currency);
  if (charged?.ok !== true || amount?.ok !== true || amount.minor <= 0n)
    return payout.chargedAmount;
  const hundredths = (charged.minor * 20_000n + amount.minor) / (amount.minor * 2n);
  const percent = `${hundredths / 100n}.${(hundredths % 100n).toString().padStart(2, "0")} %`;
  return `${amountText(payout.chargedAmount, payout.currency)} (${percent}); the channel itself takes nothing`;
}

function isZero(amount: string): boolean {
  return /^-?[0.]+$/.test(amount);
}

function printTotals(result: SettlementResult): string {
  const states = new Map<string, number>();
  for (const payout of result.payouts)
    states.set(payout.state, (states.get(payout.state) ?? 0) + 1);
  const words = [...states]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([state, count]) => `${count} ${state}`);
  return `${result.payouts.length} payout(s)${words.length === 0 ? "" : `: ${words.join(", ")}`}; ${result.exceptionCount} exception(s) for a person.`;
}

export function printExceptions(
  result: Pick<SettlementResult, "exceptions" | "exceptionCount">,
): string {
  const rows = result.exceptions.map((item) => [
    item.kind,
    item.amount === null ? "-" : amountText(item.amount, item.currency ?? ""),
    `${item.ageDays} d`,
    safeText(item.message).slice(0, 110),
    item.file === null
      ? item.subject
      : `${oneLine(item.file)}${item.line === null ? "" : `:${item.line}`}`,
  ]);
  const left = result.exceptionCount - result.exceptions.length;
  return [
    table(["exception", "money", "age", "what", "where"], rows, [1, 2]),
    ...(left > 0 ? [`… and ${left} more`] : []),
  ].join("\n");
}
