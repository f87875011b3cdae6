import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import type { StatementReading } from "../statement.ts";
import { FIELD_BYTES_MAX, LINE_BYTES_MAX, REASONS_PER_STATEMENT_MAX } from "./limits.ts";
import { readSettlementV2 } from "./settlement-v2.ts";

const HEADER = [
  "settlement-id",
  "settlement-start-date",
  "settlement-end-date",
  "deposit-date",
  "total-amount",
  "currency",
  "transaction-type",
  "marketplace-name",
  "amount-type",
  "amount-description",
  "amount",
  "sku",
];

type Row = Partial<Record<(typeof HEADER)[number], string>>;

function summary(total: string, more: Row = {}): Row {
  return {
    "settlement-start-date": "2026-10-05 06:14:09 UTC",
    "settlement-end-date": "2026-10-19 06:14:09 UTC",
    "deposit-date": "2026-10-21 06:14:09 UTC",
    "total-amount": total,
    currency: "USD",
    ...more,
  };
}

function sale(amount: string, more: Row = {}): Row {
  return {
    "transaction-type": "Order",
    "amount-type": "ItemPrice",
    "amount-description": "Principal",
    amount,
    ...more,
  };
}

function file(rows: readonly Row[], header: readonly string[] = HEADER): string {
  const lines = rows.map((row) =>
    header.map((name) => (name === "settlement-id" ? (row[name] ?? "77001") : (row[name] ?? ""))),
  );
  return [header, ...lines].map((cells) => `${cells.join("\t")}\n`).join("");
}

async function read(text: string | Uint8Array) {
  const bytes = typeof text === "string" ? Buffer.from(text) : text;
  return readSettlementV2(Readable.from([bytes]));
}

async function only(text: string | Uint8Array): Promise<StatementReading> {
  const reading = await read(text);
  expect(reading.refusals).toEqual([]);
  expect(reading.statements).toHaveLength(1);
  return reading.statements[0]!;
}

function codes(statement: StatementReading) {
  return statement.reasons.map(({ code, line }) => [code, line]);
}

const first = (row: Row): Row => ({ ...row, "settlement-id": "1" });

const second = (row: Row): Row => ({ ...row, "settlement-id": "2" });

const yen = (total: string, ...amounts: string[]) =>
  file([summary(total, { currency: "JPY" }), ...amounts.map((amount) => sale(amount))]);

const dates = (start: string, end: string): Row => ({
  ...summary("1.00"),
  "settlement-start-date": start,
  "settlement-end-date": end,
  "deposit-date": "",
});

async function refusal(bytes: string | Uint8Array) {
  const reading = await read(bytes);
  expect(reading.statements).toEqual([]);
  expect(reading.refusals).toHaveLength(1);
  return reading.refusals[0]!.code;
}

const described = (name: string) =>
  file([summary("1.00"), sale("1.00", { "amount-description": name })]);

describe("the proof of a settlement", () => {
  it("holds when the lines sum to the total, and only then", async () => {
    expect(await only(file([summary("30.03"), sale("10.01"), sale("20.02")]))).toMatchObject({
      verdict: "proven",
      reasons: [],
      summedTotalMinor: 3003n,
    });
    const off = await only(file([summary("30.02"), sale("10.01"), sale("20.02")]));
    expect(off.verdict).toBe("quarantined");
    expect(off.reasons).toEqual([
      {
        code: "total-mismatch",
        line: 2,
        message:
          "The lines do not sum to the total: declared USD 30.02, lines sum to 30.03, difference 0.01. " +
          "Wait for Amazon to re-issue the settlement; the corrected file replaces it.",
      },
    ]);
  });

  it("counts identical lines each", async () => {
    const same = sale("10.01");
    const statement = await only(file([summary("30.03"), same, same, same]));
    expect(statement.verdict).toBe("proven");
    expect(statement.groups).toMatchObject([{ lineCount: 3, totalMinor: 3003n, firstLine: 3 }]);
  });

  it("keeps every fault with its line and reads on to the end", async () => {
    const statement = await only(
      file([summary("10.00"), sale("x"), sale("5.00"), sale(""), sale("1.999"), sale("5.00")]),
    );
    expect(statement.verdict).toBe("quarantined");
    expect(codes(statement)).toEqual([
      ["amount-unreadable", 3],
      ["amount-missing", 5],
      ["amount-not-exact", 6],
    ]);
    expect(statement.lineCount).toBe(5);
    expect(statement.summedTotalMinor).toBe(1000n);
  });

  it("lists a named number of faults and counts the rest", async () => {
    const rows = Array.from({ length: REASONS_PER_STATEMENT_MAX + 30 }, () => sale("x"));
    const statement = await only(file([summary("0.00"), ...rows]));
    expect(statement.reasons).toHaveLength(REASONS_PER_STATEMENT_MAX + 1);
    expect(statement.reasons.at(-1)).toMatchObject({ code: "more-reasons", line: null });
    expect(statement.reasons.at(-1)?.message).toContain("30 beyond the 100 listed");
  });

  it("is exact far beyond what a floating number could hold", async () => {
    const statement = await only(
      file([
        summary("9999999999999998.02"),
        sale("4999999999999999.01"),
        sale("4999999999999999.01"),
      ]),
    );
    expect(statement).toMatchObject({
      verdict: "proven",
      summedTotalMinor: 999_999_999_999_999_802n,
    });
    const long = await only(file([summary("0.00"), sale("99999999999999999.99")]));
    expect(codes(long)[0]).toEqual(["amount-too-long", 3]);
  });

  it("is not given to a settlement without a total, without dates or without a currency", async () => {
    expect(codes(await only(file([sale("1.00", { currency: "USD" })])))).toEqual([
      ["total-missing", 2],
    ]);
    const undated = summary("1.00", { "settlement-end-date": "" });
    expect(codes(await only(file([undated, sale("1.00")])))).toEqual([["date-unreadable", 2]]);
    const unknown = await only(file([summary("1.00", { currency: "XBT" }), sale("1.00")]));
    expect(codes(unknown)).toEqual([["currency-unknown", 2]]);
    expect(unknown.currency).toBeNull();
    const two = await only(file([summary("1.00"), sale("1.00", { currency: "CAD" })]));
    expect(codes(two)).toEqual([["currency-differs", 3]]);
  });

  it("holds for a settlement without lines only when its total is zero", async () => {
    expect((await only(file([summary("0.00")]))).verdict).toBe("proven");
    expect(codes(await only(file([summary("5.00")])))).toEqual([["total-mismatch", 2]]);
  });
});

describe("settlements in one file", () => {
  it("are read apart, also when their lines mix and a header repeats", async () => {
    const text =
      file([first(summary("3.00")), first(sale("3.00"))]) +
      file([second(summary("-4.00")), second(sale("-4.00"))]);
    const reading = await read(text);
    expect(reading.statements).toMatchObject([
      { settlementId: "1", verdict: "proven", firstLine: 2, lastLine: 3 },
      { settlementId: "2", verdict: "proven", firstLine: 5, lastLine: 6 },
    ]);
    const mixed = await read(
      file([
        first(summary("3.00")),
        second(summary("4.00")),
        second(sale("4.00")),
        first(sale("3.00")),
      ]),
    );
    expect(mixed.statements.map((one) => one.verdict)).toEqual(["proven", "proven"]);
  });

  it("may repeat the total on each row, as exports of other tools do", async () => {
    const rows = [sale("1.25"), sale("2.50")].map((row) => ({ ...summary("3.75"), ...row }));
    expect(await only(file(rows))).toMatchObject({ verdict: "proven", lineCount: 2 });
    const differing = [rows[0]!, { ...rows[1]!, "total-amount": "3.76" }];
    expect(codes(await only(file(differing)))).toEqual([["total-differs", 3]]);
  });

  it("are not proven when a report stands in the file twice, not even at zero", async () => {
    const once = [summary("0.00"), sale("5.00"), sale("-5.00")];
    expect(codes(await only(file([...once, ...once])))).toEqual([["summary-repeated", 5]]);
  });

  it("have columns addressed by name, in any order and number", async () => {
    const header = ["amount", "extra-1", ...HEADER.filter((name) => name !== "amount"), "extra-2"];
    expect((await only(file([summary("1.00"), sale("1.00")], header))).verdict).toBe("proven");
  });
});

describe("rows that do not fit the header", () => {
  it("may lack trailing blanks, but not the amount", async () => {
    const text = file([summary("1.00"), sale("1.00")]).replaceAll(/\t+\n/g, "\n");
    expect((await only(text)).verdict).toBe("proven");
    const short = `${file([summary("1.00"), sale("1.00")])}77001\t\t\t\t\t\tOrder\n`;
    expect(codes(await only(short))).toEqual([["row-too-short", 4]]);
  });

  it("are not read when they are wider and shifted", async () => {
    const text = file([summary("1.00"), sale("1.00")]).replace("\nOrder", "\n");
    const wide = text.replace("\tOrder\t", "\t\tOrder\t").replace(/\n$/, "x\n");
    expect(codes(await only(wide))).toEqual([
      ["row-too-wide", 3],
      ["total-mismatch", 2],
    ]);
    const blanks = text.replace(/\n$/, "\t\t\n");
    expect((await only(blanks)).verdict).toBe("proven");
  });

  it("are named when the file is cut off, and a whole last line needs no line end", async () => {
    const whole = file([summary("3.00"), sale("1.00"), sale("2.00")]);
    expect((await only(whole.slice(0, -1))).verdict).toBe("proven");
    for (let end = whole.length - 2; end > file([summary("3.00")]).length; end -= 1) {
      const statement = await only(whole.slice(0, end));
      expect(statement.verdict === "quarantined" || end >= whole.length - 2).toBe(true);
    }
    const cut = await only(whole.slice(0, -8));
    expect(codes(cut)[0]).toEqual(["file-cut-off", 4]);
  });
});

describe("number and date styles", () => {
  it("are one for the whole file", async () => {
    const mixed = await only(file([summary("3.00"), sale("1,50"), sale("1.50")]));
    expect(codes(mixed)).toEqual([
      ["number-style-mixed", 3],
      ["total-mismatch", 2],
    ]);
    expect((await only(file([summary("3,00"), sale("1,50"), sale("1,5")]))).verdict).toBe("proven");
  });

  it("decide an amount that came before, and leave it open when nothing does", async () => {
    const comma = [summary("1.236,50", { currency: "EUR" }), sale("1.234"), sale("2,50")];
    expect((await only(file(comma))).verdict).toBe("proven");
    const late = [summary("1.234", { currency: "EUR" }), sale("1.233"), sale("1,00")];
    expect((await only(file(late))).verdict).toBe("proven");
    const open = await only(file([summary("1.234"), sale("1.234")]));
    expect(codes(open)).toEqual([
      ["number-style-ambiguous", 2],
      ["number-style-ambiguous", 3],
    ]);
    expect(open.declaredTotalMinor).toBeNull();
  });

  it("read yen with or without decimals that are zero", async () => {
    expect((await only(yen("3000", "1000.00", "2,000"))).verdict).toBe("proven");
    expect(codes(await only(yen("3000", "1000.50", "2000")))).toEqual([
      ["amount-not-exact", 3],
      ["total-mismatch", 2],
    ]);
  });

  it("tell day and month by another date of the file, or not at all", async () => {
    const known = await only(
      file([dates("05/10/2026 06:14:09 UTC", "19/10/2026 06:14:09 UTC"), sale("1.00")]),
    );
    expect(known).toMatchObject({ verdict: "proven", periodStartAt: "2026-10-05T06:14:09.000Z" });
    const open = await only(
      file([dates("05/10/2026 06:14:09 UTC", "06/10/2026 06:14:09 UTC"), sale("1.00")]),
    );
    expect(codes(open)).toEqual([
      ["date-style-ambiguous", 2],
      ["date-style-ambiguous", 2],
    ]);
    const mixed = await only(
      file([dates("2026-10-05 06:14:09 UTC", "19.10.2026 06:14:09 UTC"), sale("1.00")]),
    );
    expect(codes(mixed)).toEqual([["date-style-mixed", 2]]);
    const nowhere = await only(
      file([dates("2026-10-05 06:14:09 QQT", "2026-10-19 06:14:09 UTC"), sale("1.00")]),
    );
    expect(codes(nowhere)).toEqual([["zone-unknown", 2]]);
  });
});

describe("hostile files", () => {
  it("are refused as a whole, with the reason", async () => {
    const good = file([summary("1.00"), sale("1.00")]);
    expect(await refusal("")).toBe("file-empty");
    expect(await refusal("\n\n")).toBe("file-empty");
    expect(await refusal(file([]))).toBe("header-only");
    expect(await refusal("a\tb\n1\t2\n")).toBe("not-this-format");
    expect(await refusal(good.replace("amount-type", "amount-kind"))).toBe("column-missing");
    expect(await refusal(good.replace("\tsku\n", "\tamount\n"))).toBe("column-repeated");
    expect(await refusal(`${good}77001\t\0\n`)).toBe("nul-byte");
    expect(await refusal(Buffer.from(`\ufeff${good}`, "utf16le"))).toBe("charset-utf16");
    expect(await refusal(Buffer.from(good, "utf16le"))).toBe("charset-utf16");
    expect(await refusal(`${good}${"x".repeat(LINE_BYTES_MAX + 5)}\n`)).toBe("line-too-long");
    expect(await refusal(`${good}${"x".repeat(LINE_BYTES_MAX + 5)}`)).toBe("line-too-long");
    expect(await refusal(`${good}${"x".repeat(FIELD_BYTES_MAX + 1)}\tx\n`)).toBe("field-too-long");
    expect(await refusal(`${good}${"\t".repeat(500)}\n`)).toBe("too-many-columns");
    const contradiction = Buffer.concat([
      Buffer.from("\ufeff"),
      Buffer.from(file([summary("1.00"), sale("1.00", { sku: "Gr\u00f6\u00dfe" })]), "latin1"),
    ]);
    expect(await refusal(contradiction)).toBe("charset-contradicts-mark");
  });

  it("cannot make a formula of a description: it is data and kept word for word", async () => {
    const formula = '=HYPERLINK("http://example.org","x")';
    const statement = await only(
      file([summary("1.00"), sale("1.00", { "amount-description": formula })]),
    );
    expect(statement.groups).toMatchObject([{ amountDescription: formula, class: "suspense" }]);
  });

  it("are left as soon as they are refused", async () => {
    let given = 0;
    async function* endless() {
      for (;;) {
        given += 1;
        yield Buffer.from("x".repeat(LINE_BYTES_MAX));
      }
    }
    const reading = await readSettlementV2(endless());
    expect(reading.refusals.map((reason) => reason.code)).toEqual(["line-too-long"]);
    expect(given).toBeLessThan(5);
  });
});

describe("charsets", () => {
  it("are found by content", async () => {
    const german = Buffer.from(described("Geb\u00fchr f\u00fcr Gr\u00f6\u00dfe"), "latin1");
    const reading = await read(german);
    expect(reading.charset).toBe("windows-1252");
    expect(reading.statements[0]?.groups[0]?.amountDescription).toBe("Gebühr für Größe");
    expect((await read(described("Gebühr"))).charset).toBe("utf-8");
    expect((await read(described("fee"))).charset).toBe("utf-8");
    const kana = Buffer.from(described("\u0083\u0054\u0083\u0043\u0083\u0059"), "latin1");
    const japanese = await read(kana);
    expect(japanese.charset).toBe("shift_jis");
    expect(japanese.statements[0]?.groups[0]?.amountDescription).toBe("サイズ");
  });

  it("take kanji without kana for Japanese only in a file in yen", async () => {
    const row = sale("1", { "amount-description": "\u008e\u0094\u0090\u0094" });
    const yen = file([summary("1", { currency: "JPY" }), row]);
    const dollars = file([summary("1"), row]);
    expect((await read(Buffer.from(yen, "latin1"))).charset).toBe("shift_jis");
    expect((await read(Buffer.from(dollars, "latin1"))).charset).toBe("windows-1252");
  });
});
