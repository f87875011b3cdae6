// The human output of `bank read`, printed while the file is read: a message's heading, its entries
// (a bounded number), its balances and what they prove. Nothing of the file is held but one entry.

import type {
  AccountReference,
  Balance,
  BankMessageHeader,
  BankMessageProof,
  BankSink,
  BankVerdict,
} from "../bank/message.ts";
import type { Reason } from "../errors/refusal.ts";
import { displayMoney, money } from "../money/money.ts";
import { ENTRY_HEADING, entryText } from "./bank-entry-text.ts";
import { type BookedTotals, createBookedTotals } from "./bank-totals.ts";
import { counted, firstOf, oneLine, reasonText } from "./file-text.ts";
import { table } from "./terminal.ts";

/**
 * Entries of one message, and reasons, that are printed unless all are asked for; --json always has
 * all.
 */
export const ENTRIES_SHOWN_MAX = 50;
export const BANK_REASONS_SHOWN_MAX = 20;
const BALANCES_SHOWN_MAX = 50;

/** A sink that prints. */
export function createBankPrinter(
  file: string,
  out: (text: string) => void,
  showsAll: boolean,
): BankSink {
  let totals = createBookedTotals();
  return {
    message: (header) => {
      totals = createBookedTotals();
      out(headerText(file, header));
    },
    entry: (entry) => {
      totals.add(entry);
      const count = totals.entryCount();
      if (count === 1) out(`\n${ENTRY_HEADING}\n`);
      if (showsAll || count <= ENTRIES_SHOWN_MAX) out(entryText(entry, showsAll));
    },
    messageEnd: (proof) => out(`\n${proofText(proof, totals, showsAll)}\n`),
  };
}

/** The block of a file that is refused as a whole. */
export function refusedBankFileText(
  file: string,
  format: string | null,
  reasons: readonly Reason[],
  isPartlyPrinted: boolean,
): string {
  const lines = [
    `${oneLine(file)}: ${format ?? "not read"}`,
    `  QUARANTINED: nothing of this file can be used${isPartlyPrinted ? ", also not what is printed of it above" : ""}.`,
    ...reasons.map((reason) => `  - ${reasonText(reason)}`),
  ];
  return `${isPartlyPrinted ? "\n" : ""}${lines.join("\n")}\n\n`;
}

function headerText(file: string, header: BankMessageHeader): string {
  const { messageId, statementId, sequence, page, createdAt, senderBic, copy } = header;
  const told = [
    messageId,
    statementId === null ? null : `statement ${statementId}`,
    sequence === null ? null : `number ${sequence}`,
    page === null ? null : `page ${page.number}${page.last ? " (the last)" : ""}`,
    createdAt === null ? null : `made ${createdAt}`,
    senderBic === null ? null : `from ${senderBic}`,
  ].filter((part) => part !== null);
  const lines = [
    `${oneLine(file)}: ${oneLine(header.format)}, line ${header.line}`,
    `  account     ${accountText(header.account)}`,
    `  message     ${told.map((part) => oneLine(part)).join(", ") || "without references"}`,
    ...(copy === null ? [] : [`  copy        ${copy}: a copy or duplicate, not new money`]),
  ];
  return `${lines.join("\n")}\n`;
}

function accountText(account: AccountReference): string {
  const parts = [
    account.number === "" ? "not named" : account.number,
    account.currency,
    account.servicerBic === null ? null : `at ${account.servicerBic}`,
    account.ownerName,
  ].filter((part) => part !== null);
  return parts.map((part) => oneLine(part)).join(", ");
}

function proofText(proof: BankMessageProof, totals: BookedTotals, showsAll: boolean): string {
  const leftOut = showsAll ? 0 : Math.max(0, totals.entryCount() - ENTRIES_SHOWN_MAX);
  const unbooked = totals.unbookedCount();
  const notes = proof.notes ?? [];
  const lines = [
    ...(leftOut === 0
      ? []
      : [`  … and ${counted(leftOut, "more entry", "more entries")} (--all shows them)`]),
    `  entries     ${totals.entryCount().toLocaleString("en-US")}${unbooked === 0 ? "" : `, of which ${unbooked.toLocaleString("en-US")} not booked`}`,
    ...totalLines(totals),
    ...balanceLines(proof.balances, totals, showsAll),
    `  ${VERDICTS[proof.verdict]}`,
    ...listed(proof.reasons, showsAll, (reason) => `  - ${reasonText(reason)}`),
    ...listed(notes, showsAll, (note) => `  note: ${reasonText(note)}`),
  ];
  return `${lines.join("\n")}\n`;
}

const VERDICTS: Readonly<Record<BankVerdict, string>> = {
  proven:
    "PROVEN: opening balance and booked entries make the closing balance, and every batch its sum.",
  read: "READ: nothing in it is wrong, but no balances prove it from opening to closing.",
  quarantined: "QUARANTINED: nothing of this message is used, because",
};

function listed(
  reasons: readonly Reason[],
  showsAll: boolean,
  lineOf: (reason: Reason) => string,
): readonly string[] {
  const { shown, leftOut } = firstOf(reasons, showsAll ? reasons.length : BANK_REASONS_SHOWN_MAX);
  const lines = shown.map((reason) => lineOf(reason));
  return leftOut === 0 ? lines : [...lines, `  … and ${leftOut} more (--all shows them)`];
}

function totalLines(totals: BookedTotals): readonly string[] {
  return totals
    .list()
    .flatMap(({ currency, credits, creditCount, debits, debitCount }) => [
      `  credits     ${displayMoney(money(currency, credits))} (${counted(creditCount, "entry", "entries")})`,
      `  debits      ${displayMoney(money(currency, debits))} (${counted(debitCount, "entry", "entries")})`,
    ]);
}

function balanceLines(
  balances: readonly Balance[],
  totals: BookedTotals,
  showsAll: boolean,
): readonly string[] {
  if (balances.length === 0) return [];
  const { shown, leftOut } = firstOf(balances, showsAll ? balances.length : BALANCES_SHOWN_MAX);
  const rows = shown.map((balance) => [
    `  ${balance.type}`,
    oneLine(balance.code),
    balance.on ?? "-",
    balance.direction,
    displayMoney(balance.amount),
  ]);
  return [
    table(["  balance", "code", "date", "", "amount"], rows, [4]),
    ...(leftOut === 0 ? [] : [`  … and ${counted(leftOut, "more balance")} (--all shows them)`]),
    ...sumLine(balances, totals),
  ];
}

/**
 * "opening USD 1.00 + credits USD 5.00 - debits USD 2.00 = USD 4.00, closing USD 4.00" where both
 * are given.
 */
function sumLine(balances: readonly Balance[], totals: BookedTotals): readonly string[] {
  const opening = balances.find(
    ({ type }) => type === "opening" || type === "opening-intermediate",
  );
  const closing = balances.findLast(
    ({ type }) => type === "closing" || type === "closing-intermediate",
  );
  if (opening === undefined || closing === undefined) return [];
  const { currency } = opening.amount;
  if (closing.amount.currency !== currency) return [];
  const booked = totals.list().find((total) => total.currency === currency);
  const credits = booked?.credits ?? 0n;
  const debits = booked?.debits ?? 0n;
  const sum = signed(opening) + credits - debits;
  const shown = (minor: bigint) => displayMoney(money(currency, minor));
  const holds = sum === signed(closing);
  return [
    `  sum         ${shown(signed(opening))} + ${shown(credits)} - ${shown(debits)} = ${shown(sum)}; ` +
      (holds ? "equals the closing balance" : `the closing balance is ${shown(signed(closing))}`),
  ];
}

function signed({ amount, direction }: Balance): bigint {
  return direction === "credit" ? amount.minor : -amount.minor;
}
