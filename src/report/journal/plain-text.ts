// The three plain-text accounting formats. They agree on dates, accounts and amounts, and differ in how accounts and
// commodities are declared and how an entry carries its ids. Sources: the ledger manual (3.3, "Journal Format"),
// hledger.org/hledger.html ("Journal"), beancount's language syntax (v2).

import type { Currency } from "../../money/currency.ts";
import { exponentOf } from "../../money/currency.ts";
import { formatMinor } from "../../money/money.ts";
import type { JournalEntry, JournalLine } from "./journal-entry.ts";
import type { JournalFormat } from "./journal-format.ts";
import { currenciesOf, type MovedAccount } from "./read-journal.ts";

const TITLE =
  "Straitway: the journal of all committed movements, debits positive, credits negative";

/** Width to which account names are padded, so that amounts stand in a column. */
const NAME_WIDTH = 56;

/** "835.00 USD"; a credit is negative. */
function amountText({ account, side, minor }: JournalLine): string {
  const signed = side === "debit" ? minor : -minor;
  return `${formatMinor(signed, account.currency)} ${account.currency}`;
}

function lineText(line: JournalLine): string {
  return `    ${line.account.name.padEnd(NAME_WIDTH)}  ${amountText(line)}`;
}

/** One account name for all its currencies, with the first day of any. */
function named(accounts: readonly MovedAccount[]): ReadonlyMap<string, MovedAccount[]> {
  const byName = new Map<string, MovedAccount[]>();
  for (const moved of accounts) {
    byName.set(moved.account.name, [...(byName.get(moved.account.name) ?? []), moved]);
  }
  return byName;
}

/** Ids of our own making have no control characters; what a caller could put in stays on its line. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").trim();
}

/** Words of a description: no comment, no second half of a payee, no code in brackets. */
function description(entry: JournalEntry): string {
  return oneLine(entry.reason).replace(/[;|()"]/g, " ");
}

const TAGS = ["posting", "subject", "booked-at"] as const;

function entryText(entry: JournalEntry): string {
  const values = {
    posting: entry.postingId,
    subject: entry.subject,
    "booked-at": entry.bookedAt,
  } as const;
  return [
    `${entry.effectiveOn} * (${entry.seq}) ${description(entry)}`,
    // A comma would end a tag's value in hledger.
    ...TAGS.map((tag) => `    ; ${tag}: ${oneLine(values[tag]).replaceAll(",", " ")}`),
    ...entry.lines.map(lineText),
    "\n",
  ].join("\n");
}

/** "1000.00", "1000." (hledger wants the decimal mark even where a currency has no decimals). */
function sampleAmount(currency: Currency, mark: string): string {
  const exponent = exponentOf(currency);
  return exponent === 0 ? `1000${mark}` : `1000.${"0".repeat(exponent)}`;
}

/** Accounts, commodities and tags are declared, so that `--pedantic` accepts it. */
export const LEDGER_FORMAT: JournalFormat = {
  head: (accounts) =>
    [
      `; ${TITLE}`,
      "",
      ...currenciesOf(accounts).flatMap((currency) => [
        `commodity ${currency}`,
        `    format ${sampleAmount(currency, "")} ${currency}`,
      ]),
      "",
      ...TAGS.map((tag) => `tag ${tag}`),
      "",
      ...[...named(accounts).keys()].map((name) => `account ${name}`),
      "\n",
    ].join("\n"),
  entry: entryText,
  tail: () => "",
};

/** Accounts and commodities are declared, so that `--strict` accepts it. */
export const HLEDGER_FORMAT: JournalFormat = {
  head: (accounts) =>
    [
      `; ${TITLE}`,
      "",
      ...currenciesOf(accounts).map(
        (currency) => `commodity ${sampleAmount(currency, ".")} ${currency}`,
      ),
      "",
      ...[...named(accounts).keys()].map((name) => `account ${name}`),
      "\n",
    ].join("\n"),
  entry: entryText,
  tail: () => "",
};

/** Text of a beancount string: quotes and backslashes escaped. */
function quoted(text: string): string {
  return `"${oneLine(text).replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** A link gathers the entries about one object; the language allows these characters only. */
function link(subject: string): string {
  return /^[A-Za-z0-9\-_/.]+$/.test(subject) ? ` ^${subject}` : "";
}

export const BEANCOUNT_FORMAT: JournalFormat = {
  head: (accounts) =>
    [
      `; ${TITLE}`,
      `option "title" ${quoted(TITLE)}`,
      "",
      ...[...named(accounts)].map(([name, moved]) => {
        const [firstOn] = moved.map((item) => item.firstOn).sort();
        const currencies = moved.map((item) => item.account.currency).sort();
        return `${firstOn} open ${name} ${currencies.join(",")}`;
      }),
      "\n",
    ].join("\n"),
  entry: (entry) =>
    [
      `${entry.effectiveOn} * ${quoted(entry.reason)}${link(entry.subject)}`,
      `  posting: ${quoted(entry.postingId)}`,
      `  subject: ${quoted(entry.subject)}`,
      `  booked-at: ${quoted(entry.bookedAt)}`,
      `  seq: ${entry.seq}`,
      ...entry.lines.map(lineText),
      "\n",
    ].join("\n"),
  tail: () => "",
};
