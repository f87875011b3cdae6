import * as spreadsheet from "@e965/xlsx";
import iconv from "iconv-lite";
import { describe, expect, it } from "vitest";
import { ordersReport, shipmentsReport } from "./made-evidence.ts";
import { readEvidenceFile, sniffEvidenceFile } from "./read-evidence-file.ts";
import type { EvidenceReading } from "./reading.ts";

async function* pieces(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 97) yield bytes.subarray(at, at + 97);
}

async function read(content: string | Uint8Array): Promise<EvidenceReading> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const format = sniffEvidenceFile(bytes);
  if (format === null) throw new Error("no file of evidence");
  return readEvidenceFile(pieces(bytes), format);
}

const CHINESE = `订单号,平台,币种,订单金额,下单时间,物流单号,发货日期,监管方式,清单编号
113-1111111-0000001,Amazon,USD,25.99,2026-11-03 09:15:02,SF 123,2026-11-04,9610,500020261234567890
113-1111111-0000002,Amazon,USD,十元,2026-11-03 09:15:02,SF124,2026-11-04,9610,500020261234567891
`;

describe("files of evidence", () => {
  it("are Amazon's own reports, by their columns", async () => {
    const orders = await read(ordersReport([{ id: "113-1111111-0000001", sale: 2_599n }]).content);
    expect(orders.orders).toMatchObject([
      {
        marketplace: "amazon",
        orderId: "113-1111111-0000001",
        status: "shipped",
        amountMinor: 2_599n,
      },
    ]);
    const parcels = await read(shipmentsReport([["113-1111111-0000001", "1Z 999-aa1"]]).content);
    expect(parcels.shipments).toMatchObject([{ tracking: "1Z999AA1", shippedOn: "2026-11-04" }]);
  });

  it("are tables in Chinese, one row telling of an order, its parcel and its paper; a bad row is kept with its line", async () => {
    for (const content of [new TextEncoder().encode(CHINESE), iconv.encode(CHINESE, "gb18030")]) {
      const reading = await read(content);
      expect(reading.refusals).toEqual([]);
      expect(reading.orders).toMatchObject([
        { amountMinor: 2_599n, orderedAt: "2026-11-03T01:15:02.000Z" },
      ]);
      expect(reading.shipments.map(({ tracking }) => tracking)).toContain("SF123");
      expect(reading.papers[0]).toMatchObject({ kind: "customs-list", mode: "9610" });
      expect(reading.rejectedCount).toBeGreaterThan(0);
      expect(reading.rejected[0]).toMatchObject({ line: 3 });
    }
  });

  it("are spreadsheets, whose numbers that lost digits are not believed", async () => {
    const sheet = spreadsheet.utils.aoa_to_sheet([
      ["Order ID", "Marketplace", "Currency", "Amount", "Ordered at"],
      ["113-1111111-0000001", "Amazon", "USD", "25.99", "2026-11-03"],
    ]);
    const book = spreadsheet.utils.book_new();
    spreadsheet.utils.book_append_sheet(book, sheet, "orders");
    const bytes = new Uint8Array(
      spreadsheet.write(book, { type: "array", bookType: "xlsx" }) as ArrayBuffer,
    );
    expect(sniffEvidenceFile(bytes)).toBe("evidence-spreadsheet");
    expect((await read(bytes)).orders).toMatchObject([
      { orderId: "113-1111111-0000001", amountMinor: 2_599n },
    ]);
  });

  it("know every customs mode, and 1039 as one of them", async () => {
    const modes = ["9610", "9710", "9810", "1210", "0110", "1039"];
    const rows = modes.map(
      (mode, at) => `11${at}-1111111-000000${at},CD${at}${mode},${mode},USD,10.00,2026-11-04`,
    );
    const { papers } = await read(
      `order id,declaration number,mode,currency,amount,declared on\n${rows.join("\n")}\n`,
    );
    expect(papers.map(({ mode }) => mode)).toEqual(modes);
  });

  it("are contracts and invoices of other receipts", async () => {
    const { papers } = await read(
      "invoice number,currency,amount,invoice date,counterparty,purpose\nINV-7,USD,1200.00,2026-11-01,Northsea Ltd,licence fee\n",
    );
    expect(papers).toMatchObject([{ kind: "invoice", number: "INV7", amountMinor: 120_000n }]);
  });

  it("are none where nothing says so", () => {
    for (const text of ["a,b,c\n1,2,3\n", "", "{}", "settlement-id\ttotal-amount\n1\t2\n"])
      expect(sniffEvidenceFile(new TextEncoder().encode(text))).toBeNull();
  });
});
