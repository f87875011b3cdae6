import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { readDateRange } from "./date-range.ts";
import { PREAMBLE_RECORDS_MAX } from "./limits.ts";

function fixture(name: string): string {
  return readFileSync(new URL(`../../../fixtures/amazon/${name}`, import.meta.url), "utf8");
}

const US = fixture("us-date-range.csv");
const JP = fixture("jp-date-range.csv");

async function read(content: string, encoding: BufferEncoding = "utf8") {
  return readDateRange(Readable.from([Buffer.from(content, encoding)]));
}

const GERMAN = [
  '"Alle Beträge in Euro sofern nicht anders gekennzeichnet"',
  '"Datum/Uhrzeit","Abrechnungsnummer","Typ","Bestellnummer","SKU","Beschreibung","Menge","Marketplace",' +
    '"Ort der Bestellung","Umsätze","Produktumsatzsteuer","Verkaufsgebühren",' +
    '"Gebühren zu Versand durch Amazon","Andere Transaktionsgebühren","Andere","Gesamt"',
];

function german(...rows: readonly string[]): string {
  return `${[...GERMAN, ...rows].join("\n")}\n`;
}

const shown = (content: string) =>
  read(content).then((reading) =>
    JSON.stringify(reading, (_key, value: unknown) =>
      typeof value === "bigint" ? value.toString() : value,
    ),
  );

const codes = async (text: string) => (await read(text)).refusals.map((reason) => reason.code);

describe("date-range files", () => {
  it("keep nothing of the buyer's place", async () => {
    for (const place of ["SPRINGFIELD", "97477"]) {
      expect(US).toContain(place);
      expect(await shown(US)).not.toContain(place);
    }
    for (const place of ["松本市", "長野県", "390-0000"]) {
      expect(JP).toContain(place);
      expect(await shown(JP)).not.toContain(place);
    }
  });

  it("are read in German: comma, umlauts in windows-1252, transfers as Übertrag", async () => {
    const text = german(
      '"01.10.2026 09:12:17 UTC","901","Bestellung","302-1","M","Schürze","1","amazon.de","Köln","1.249,00","237,31","-187,35","-3,43","0","0","1.295,53"',
      '"14.10.2026 09:12:17 CEST","902","Übertrag","","","An Konto mit der Endziffer: 905","","","","0","0","0","0","0","-1.295,53","-1.295,53"',
      '"15.10.2026 09:12:17 CEST","902","Servicegebühr","","","Werbekosten","","","","0","0","0","0","-21,77","0","-21,77"',
    );
    for (const encoding of ["utf8", "latin1"] as const) {
      const reading = await read(text, encoding);
      expect(reading.charset).toBe(encoding === "utf8" ? "utf-8" : "windows-1252");
      expect(reading.statements).toMatchObject([
        { settlementId: "901", currency: "EUR", verdict: "proven", declaredTotalMinor: 129_553n },
        { settlementId: "902", verdict: "quarantined", summedTotalMinor: -2_177n },
      ]);
      expect(reading.statements[1]?.groups).toMatchObject([{ class: "advertising", known: true }]);
      expect(reading.payouts).toMatchObject([
        {
          amount: { currency: "EUR", minor: 129_553n },
          accountTail: "905",
          settlementIds: ["901"],
          statusText: "Übertrag",
          initiatedAt: "2026-10-14T07:12:17.000Z",
        },
      ]);
    }
  });

  it("refuse a row whose columns do not sum to its total, and say its line", async () => {
    const broken = US.replace('"149.50"', '"149.51"');
    const reading = await read(broken);
    const faulty = reading.statements.find((one) => one.settlementId === "12110420022");
    expect(faulty?.verdict).toBe("quarantined");
    expect(faulty?.reasons).toMatchObject([{ code: "components-mismatch", line: 11 }]);
    expect(reading.payouts.every((payout) => payout.settlementIds.length === 0)).toBe(true);
  });

  it("refuse a row in a zone they do not know", async () => {
    const reading = await read(
      US.replace("Oct 9, 2026 6:45:12 PM PDT", "Oct 9, 2026 6:45:12 PM XST"),
    );
    const faulty = reading.statements.find((one) => one.settlementId === "12110420022");
    expect(faulty?.reasons).toMatchObject([{ code: "zone-unknown", line: 13 }]);
  });

  it("take an unknown column between the amounts for an amount, in suspense", async () => {
    const text = german(
      '"01.10.2026 09:12:17 UTC","901","Bestellung","302-1","M","x","1","amazon.de","Köln","10,00","0","-1,50","0","0","0","8,50"',
      '"14.10.2026 09:12:17 UTC","902","Übertrag","","","Endziffer 905","","","","0","0","0","0","0","-8,50","-8,50"',
    ).replace('"Produktumsatzsteuer"', '"Ganz neue Gebühr"');
    expect((await read(text)).statements[0]?.verdict).toBe("proven");
    const used = text.replace('"10,00","0","-1,50"', '"10,00","-0,30","-1,20"');
    const [statement] = (await read(used)).statements;
    expect(statement?.verdict).toBe("proven");
    expect(statement?.groups.filter((group) => !group.known)).toMatchObject([
      { amountType: "Ganz neue Gebühr", class: "suspense", totalMinor: -30n },
    ]);
  });

  it("show deferred rows apart: they belong to no settlement yet", async () => {
    const lines = US.split("\n");
    const row = lines.findIndex((line) => line.includes("Oct 9, 2026"));
    lines[row] = (lines[row] ?? "").replace('"Released"', '"Deferred"');
    const reading = await read(lines.join("\n"));
    const deferred = reading.statements.find((one) => one.settlementId === "deferred");
    expect(deferred).toMatchObject({
      verdict: "quarantined",
      lineCount: 1,
      summedTotalMinor: 7_940n,
      reasons: [{ code: "deferred-not-released" }],
    });
    const rest = reading.statements.find((one) => one.settlementId === "12110420022");
    expect(rest?.reasons.map((reason) => reason.code)).toEqual(["not-proven-by-a-transfer"]);
  });

  it("are in pesos when the store is Mexican, whose preamble names dollars", async () => {
    const text = [
      '"Todos los importes en dólares, a menos que se especifique lo contrario"',
      '"fecha/hora","Id. de liquidación","tipo","Id. del pedido","sku","descripción","marketplace","ventas de productos","tarifas de venta","otro","total"',
      '"1 oct 2026 01:22:33 PDT","801","Pedido","701-1","M","x","amazon.com.mx","1,210.50","-181.58","0","1,028.92"',
    ].join("\n");
    const reading = await read(`${text}\n`);
    expect(reading.statements).toMatchObject([{ currency: "MXN", summedTotalMinor: 102_892n }]);
  });

  it("are refused when there is no header, or nothing after it", async () => {
    expect(await codes("hello\n")).toEqual(["not-this-format"]);
    expect(await codes("x\n".repeat(PREAMBLE_RECORDS_MAX + 1))).toEqual(["not-this-format"]);
    expect(await codes(german())).toEqual(["header-only"]);
    expect(await codes("")).toEqual(["file-empty"]);
    expect(await codes(`${german()}"never closed\n${"x".repeat(70_000)}`)).toEqual([
      "line-too-long",
    ]);
  });

  it("name the line of a row after a field that spans lines", async () => {
    const text = german(
      '"01.10.2026 09:12:17 UTC","901","Bestellung","302-1","M","two\nlines, ""quoted""","1","amazon.de","Köln","10,00","0","-1,50","0","0","0","8,50"',
      '"02.10.2026 09:12:17 UTC","901","Bestellung","302-1","M","5"" pan","1","amazon.de","Köln","10,00","0","-1,50","0","0","0","9,50"',
    );
    const [statement] = (await read(text)).statements;
    expect(statement?.reasons).toMatchObject([{ code: "components-mismatch", line: 5 }]);
    expect(statement?.summedTotalMinor).toBe(850n);
  });

  it("quarantine a last row that was cut off", async () => {
    const reading = await read(US.slice(0, -40));
    const last = reading.statements.find((one) => one.settlementId === "12120430033");
    expect(last?.reasons[0]).toMatchObject({ code: "file-cut-off" });
  });
});
