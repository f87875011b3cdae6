// The sums that a message is held to, one rule at a time, on the smallest statement that shows it.

import { describe, expect, it } from "vitest";
import { REASONS_PER_MESSAGE_MAX } from "../limits.ts";
import type { BankMessage } from "../message.ts";
import { readIso20022Bytes } from "./collect-messages.ts";
import { ISO20022_REASONS } from "./reasons.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function balance(code: string, amount: string, on: string, direction = "CRDT", currency = "USD") {
  return `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="${currency}">${amount}</Amt>
    <CdtDbtInd>${direction}</CdtDbtInd><Dt><Dt>${on}</Dt></Dt></Bal>`;
}

function entry(amount: string, direction = "CRDT", status = "BOOK", inner = "", currency = "USD") {
  return `<Ntry><Amt Ccy="${currency}">${amount}</Amt><CdtDbtInd>${direction}</CdtDbtInd>
    <Sts><Cd>${status}</Cd></Sts>${inner}</Ntry>`;
}

const details = (amount: string, more = "", direction = "CRDT", currency = "USD"): string =>
  `<TxDtls><Amt Ccy="${currency}">${amount}</Amt><CdtDbtInd>${direction}</CdtDbtInd>${more}</TxDtls>`;

const charges = (amount: string, direction = "DBIT"): string =>
  `<Chrgs><Rcrd><Amt Ccy="USD">${amount}</Amt><CdtDbtInd>${direction}</CdtDbtInd></Rcrd></Chrgs>`;

const inDetails = (...parts: string[]): string => `<NtryDtls>${parts.join("")}</NtryDtls>`;
const summary = (inner: string): string => `<TxsSummry>${inner}</TxsSummry>`;
const dated = (booked: string, valued: string): string =>
  entry("1.00", "CRDT", "BOOK", `<BookgDt>${booked}</BookgDt><ValDt>${valued}</ValDt>`);

const ACCOUNT = "<Acct><Id><Othr><Id>50010123600050001234</Id></Othr></Id><Ccy>USD</Ccy></Acct>";

async function read(body: string, family = "053"): Promise<BankMessage> {
  const [root, unit] = family === "053" ? ["BkToCstmrStmt", "Stmt"] : ["BkToCstmrAcctRpt", "Rpt"];
  const file = `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.${family}.001.08"><${root}>
    <GrpHdr><MsgId>M</MsgId><CreDtTm>2026-07-13T10:00:00Z</CreDtTm></GrpHdr>
    <${unit}><Id>S</Id>${body}</${unit}></${root}></Document>`;
  const { refusals, messages } = await readIso20022Bytes(utf8(file));
  expect(refusals).toEqual([]);
  return messages[0] as BankMessage;
}

async function judged(body: string, family?: string): Promise<readonly string[]> {
  const { verdict, reasons } = await read(ACCOUNT + body, family);
  return [verdict, ...reasons.map(({ code }) => code)];
}

const DAY = "2026-07-13";

describe("balances", () => {
  it.each<[string, string, readonly string[]]>([
    [
      "open in debit and close in credit",
      balance("OPBD", "5.00", DAY, "DBIT") + balance("CLBD", "2.00", DAY) + entry("7.00"),
      ["proven"],
    ],
    [
      "skip what is not booked",
      balance("OPBD", "1.00", DAY) +
        balance("CLBD", "1.00", DAY) +
        entry("7.00", "CRDT", "PDNG") +
        entry("8.00", "DBIT", "FUTR") +
        entry("9.00", "DBIT", "INFO"),
      ["proven"],
    ],
    [
      "take OPBD where PRCD stands as well",
      balance("PRCD", "9.00", "2026-07-12") +
        balance("OPBD", "1.00", DAY) +
        balance("CLBD", "2.00", DAY) +
        entry("1.00"),
      ["proven"],
    ],
    [
      "of several days open with the first and close with the last",
      balance("OPBD", "1.00", DAY) +
        balance("CLBD", "2.00", DAY) +
        balance("OPBD", "2.00", "2026-07-14") +
        balance("CLBD", "5.00", "2026-07-14") +
        entry("1.00") +
        entry("3.00"),
      ["proven"],
    ],
    [
      "of two currencies prove each",
      balance("OPBD", "1.00", DAY) +
        balance("OPBD", "100", DAY, "CRDT", "JPY") +
        balance("CLBD", "2.00", DAY) +
        balance("CLBD", "150", DAY, "CRDT", "JPY") +
        entry("1.00") +
        entry("50", "CRDT", "BOOK", "", "JPY"),
      ["proven"],
    ],
    [
      "off by one cent are a fault",
      balance("OPBD", "1.00", DAY) + balance("CLBD", "2.01", DAY) + entry("1.00"),
      ["quarantined", "balance-sum-wrong"],
    ],
    [
      "in another currency than the entries are a fault",
      balance("OPBD", "1.00", DAY) +
        balance("CLBD", "1.00", DAY) +
        entry("1.00", "CRDT", "BOOK", "", "EUR"),
      ["quarantined", "entry-currency-differs"],
    ],
    [
      "that open in one currency and close in another are a fault",
      balance("OPBD", "1.00", DAY) + balance("CLBD", "1.00", DAY, "CRDT", "EUR"),
      ["quarantined", "balance-currency-differs", "balance-currency-differs"],
    ],
    ["that only open prove nothing", balance("OPBD", "1.00", DAY) + entry("1.00"), ["read"]],
    ["that are not there prove nothing", entry("1.00"), ["read"]],
    [
      "are not held against entries of which one cannot be read",
      balance("OPBD", "1.00", DAY) + balance("CLBD", "2.00", DAY) + entry("1,00"),
      ["quarantined", "amount-unreadable"],
    ],
  ])("%s", async (_, body, expected) => {
    expect(await judged(body)).toEqual(expected);
  });

  it("of a page are held when they are the page's own, and the summary only when it is the whole", async () => {
    const page = "<StmtPgntn><PgNb>1</PgNb><LastPgInd>false</LastPgInd></StmtPgntn>";
    const wrong = summary("<TtlNtries><NbOfNtries>9</NbOfNtries></TtlNtries>");
    const own = balance("OPBD", "1.00", DAY) + balance("ITBD", "9.00", DAY);
    const whole = balance("OPBD", "1.00", DAY) + balance("CLBD", "9.00", DAY);
    expect(await judged(page + own + wrong + entry("1.00"))).toEqual([
      "quarantined",
      "balance-sum-wrong",
    ]);
    expect(await judged(page + whole + wrong + entry("1.00"))).toEqual([
      "read",
      "note-page-not-proven",
    ]);
  });

  it("of an intraday report are no fault when its entries are only the latest", async () => {
    const body = balance("OPBD", "1.00", DAY) + balance("ITBD", "99.00", DAY) + entry("1.00");
    expect(await judged(body, "052")).toEqual(["read", "note-interim-not-proven"]);
  });

  it("of an unknown code are kept as they are and not used", async () => {
    const { balances } = await read(
      ACCOUNT + balance("ITBD", "3.00", DAY) + balance("XPCD", "1.00", DAY),
    );
    expect(balances.map(({ type, code }) => [type, code])).toEqual([
      ["other", "ITBD"],
      ["other", "XPCD"],
    ]);
  });
});

describe("the transactions of an entry", () => {
  it.each<[string, string, readonly string[]]>([
    [
      "sum to it",
      entry("3.00", "CRDT", "BOOK", inDetails(details("1.00"), details("2.00"))),
      ["read"],
    ],
    [
      "sum to it with their own directions",
      entry("1.00", "CRDT", "BOOK", inDetails(details("3.00"), details("2.00", "", "DBIT"))),
      ["read"],
    ],
    [
      "sum to it over several NtryDtls",
      entry("3.00", "CRDT", "BOOK", inDetails(details("1.00")) + inDetails(details("2.00"))),
      ["read"],
    ],
    [
      "may be before charges of their own",
      entry(
        "2.50",
        "CRDT",
        "BOOK",
        inDetails(details("1.00", charges("0.20")), details("2.00", charges("0.30"))),
      ),
      ["read"],
    ],
    [
      "may be before charges of the entry, a refund of charges counted against them",
      entry(
        "2.60",
        "CRDT",
        "BOOK",
        charges("0.50") + charges("0.10", "CRDT") + inDetails(details("1.00"), details("2.00")),
      ),
      ["read"],
    ],
    [
      "of a debit are increased by charges",
      entry("3.50", "DBIT", "BOOK", inDetails(details("3.00", charges("0.50"), "DBIT"))),
      ["read"],
    ],
    [
      "that do not sum to it are a fault, even one alone",
      entry("3.00", "CRDT", "BOOK", inDetails(details("2.99"))),
      ["quarantined", "transactions-sum-wrong"],
    ],
    [
      "in the other direction are a fault",
      entry("3.00", "CRDT", "BOOK", inDetails(details("3.00", "", "DBIT"))),
      ["quarantined", "transactions-sum-wrong"],
    ],
    [
      "in another currency cannot be summed",
      entry("3.00", "CRDT", "BOOK", inDetails(details("5.00", "", "CRDT", "EUR"), details("1.00"))),
      ["read", "note-batch-not-split"],
    ],
    [
      "may be one that stands for a batch",
      entry(
        "3.00",
        "CRDT",
        "BOOK",
        inDetails("<Btch><NbOfTxs>20</NbOfTxs></Btch>", details("3.00")),
      ),
      ["read"],
    ],
    [
      "may be none, when the batch says the entry's own total",
      entry("3.00", "CRDT", "BOOK", inDetails('<Btch><TtlAmt Ccy="USD">3.00</TtlAmt></Btch>')),
      ["read"],
    ],
    [
      "may be none in several batches, none of which is the entry",
      entry(
        "3.00",
        "CRDT",
        "BOOK",
        inDetails('<Btch><TtlAmt Ccy="USD">1.00</TtlAmt></Btch>') +
          inDetails('<Btch><TtlAmt Ccy="USD">2.00</TtlAmt></Btch>'),
      ),
      ["read"],
    ],
    [
      "may not be none when the batch says another total",
      entry("3.00", "CRDT", "BOOK", inDetails('<Btch><TtlAmt Ccy="USD">4.00</TtlAmt></Btch>')),
      ["quarantined", "batch-total-wrong"],
    ],
  ])("%s", async (_, body, expected) => {
    expect(await judged(body)).toEqual(expected);
  });

  it("before charges of their own are told as booked and as instructed", async () => {
    const body = inDetails(details("1.00", charges("0.20")), details("2.00", charges("0.30")));
    const { entries } = await read(ACCOUNT + entry("2.50", "CRDT", "BOOK", body));
    const parts = entries[0]?.transactions ?? [];
    expect(parts.map(({ amount }) => amount.minor)).toEqual([80n, 170n]);
    expect(parts.map(({ instructedAmount }) => instructedAmount?.minor)).toEqual([100n, 200n]);
  });
});

describe("the summary", () => {
  const two = entry("1.00") + entry("2.00", "DBIT") + entry("4.00", "CRDT", "PDNG");

  it.each<[string, string, readonly string[]]>([
    [
      "may count pending entries",
      summary("<TtlNtries><NbOfNtries>3</NbOfNtries><Sum>7</Sum></TtlNtries>"),
      ["read"],
    ],
    [
      "may leave pending entries out",
      summary("<TtlNtries><NbOfNtries>2</NbOfNtries><Sum>3.0000</Sum></TtlNtries>"),
      ["read"],
    ],
    [
      "may not mix the two",
      summary("<TtlNtries><NbOfNtries>3</NbOfNtries><Sum>3.00</Sum></TtlNtries>"),
      ["quarantined", "summary-sum-wrong"],
    ],
    [
      "is held to its count of each direction",
      summary("<TtlCdtNtries><NbOfNtries>1</NbOfNtries></TtlCdtNtries>").replace(
        "</TxsSummry>",
        "<TtlDbtNtries><NbOfNtries>2</NbOfNtries></TtlDbtNtries></TxsSummry>",
      ),
      ["quarantined", "summary-count-wrong", "summary-count-wrong"],
    ],
    [
      "is held to its net amount with sign, as version 02 writes it",
      summary(
        "<TtlNtries><TtlNetNtryAmt>1.00</TtlNetNtryAmt><CdtDbtInd>CRDT</CdtDbtInd></TtlNtries>",
      ),
      ["quarantined", "summary-sum-wrong"],
    ],
    [
      "is held to its net amount with sign, as version 08 writes it",
      summary(
        "<TtlNtries><TtlNetNtry><Amt>1.00</Amt><CdtDbtInd>DBIT</CdtDbtInd></TtlNetNtry></TtlNtries>",
      ),
      ["read"],
    ],
    [
      "that is no number is a fault",
      summary("<TtlNtries><NbOfNtries>two</NbOfNtries></TtlNtries>"),
      ["quarantined", "number-unreadable"],
    ],
  ])("%s", async (_, body, expected) => {
    expect(await judged(body + two)).toEqual(expected);
  });
});

describe("fields", () => {
  it("that the standard requires are missed by name", async () => {
    const { verdict, reasons } = await read("<Ntry><Amt Ccy='USD'>1.00</Amt></Ntry>");
    expect(verdict).toBe("quarantined");
    expect(reasons.map(({ message }) => message)).toEqual([
      "Stmt names no account.",
      "Ntry has no CdtDbtInd.",
      "Ntry has no Sts.",
    ]);
  });

  it("of the header after the first entry are not believed", async () => {
    expect((await read(entry("1.00") + ACCOUNT)).reasons.map(({ code }) => code)).toEqual([
      "field-missing",
      "field-misplaced",
    ]);
  });

  it("are read as the bank wrote them: dates in its own zone, offsets and times alike", async () => {
    const { entries } = await read(
      ACCOUNT +
        dated("<DtTm>2026-01-31T00:30:00+08:00</DtTm>", "<Dt>2026-01-31</Dt>") +
        dated("<Dt>2026-01-31+08:00</Dt>", "<Dt>2026-01-31Z</Dt>") +
        dated("<DtTm>2026-01-31T23:59:59.000000000</DtTm>", "<Dt> 2026-01-31\n</Dt>"),
    );
    for (const { bookedOn, valueOn } of entries) {
      expect([bookedOn, valueOn]).toEqual(["2026-01-31", "2026-01-31"]);
    }
  });

  it("that are wrong a thousand times are told a hundred times and counted", async () => {
    const { reasons, entries } = await read(ACCOUNT + entry("-1.00").repeat(1000));
    expect(entries).toEqual([]);
    expect(reasons.length).toBe(REASONS_PER_MESSAGE_MAX + 1);
    expect(reasons.at(-1)).toEqual({
      code: "more-reasons",
      line: null,
      message: "900 more reasons.",
    });
  });
});

describe("the catalogue of reasons", () => {
  it("says for every code what it is in two languages and what to do", () => {
    for (const [code, { title, titleZh, whatToDo }] of Object.entries(ISO20022_REASONS)) {
      expect(code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(title).toMatch(/^[A-Z].*[a-zA-Z0-9]$/);
      expect(titleZh).toMatch(/\p{Script=Han}/u);
      expect(whatToDo).toMatch(/^[A-Z].*\.$/);
    }
  });
});
