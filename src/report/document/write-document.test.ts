// Reports as files: what other programs read back from them.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { read, utils } from "@e965/xlsx";
import { describe, expect, it } from "vitest";
import type { ReportDocument } from "./report-document.ts";
import { writeDocument } from "./write-document.ts";

const DOCUMENT: ReportDocument = {
  title: { en: "Flows", zh: "资金流" },
  notes: [{ en: "Of a period.", zh: "期间数。" }],
  tables: [
    {
      title: { en: "Receipts: 2026/10", zh: "收汇：2026/10" },
      notes: [],
      columns: [
        { title: { en: "Seller", zh: "卖家" }, kind: "text" },
        { title: { en: "Amount", zh: "金额" }, kind: "amount" },
        { title: { en: "Count", zh: "笔数" }, kind: "count" },
      ],
      rows: [
        ['江北"灯饰", Ltd', "1234567.50", 3],
        ["=HYPERLINK(1)", "-20.00", 1],
        [null, "12345678901234567.89", 0],
      ],
    },
  ],
};

describe("a report as a file", () => {
  it("is text that a spreadsheet reads in Chinese and takes no formula from", async () => {
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(
      await writeDocument(DOCUMENT, "csv", "zh"),
    );
    expect(text.startsWith("\ufeff资金流\r\n期间数。\r\n")).toBe(true);
    expect(text).toContain('"江北""灯饰"", Ltd",1234567.50,3\r\n');
    expect(text).toContain("'=HYPERLINK(1),-20.00,1\r\n");
  });

  it("is a spreadsheet with numbers as numbers, and as text what a number would round", async () => {
    const book = read(await writeDocument(DOCUMENT, "xlsx", "en"));
    expect(book.SheetNames).toEqual(["Receipts  2026 10"]);
    const rows = utils.sheet_to_json<unknown[]>(
      book.Sheets[book.SheetNames[0] as string] as never,
      {
        header: 1,
      },
    );
    expect(rows).toContainEqual(["Seller", "Amount", "Count"]);
    expect(rows).toContainEqual(['江北"灯饰", Ltd', 1234567.5, 3]);
    expect(rows.at(-1)).toEqual([undefined, "12345678901234567.89", 0]);
  });

  it("is a PDF of which the text can be read in both languages", async () => {
    const bytes = await writeDocument(DOCUMENT, "pdf", "zh");
    expect(new TextDecoder("latin1").decode(bytes.slice(0, 5))).toBe("%PDF-");
    // The whole font would be 4 MB: only what is used is in it.
    expect(bytes.length).toBeLessThan(100_000);
    if (!existsSync("/usr/bin/pdftotext")) return;
    const folder = mkdtempSync(join(tmpdir(), "straitway-report-"));
    try {
      writeFileSync(join(folder, "report.pdf"), bytes);
      const text = execFileSync("pdftotext", ["-layout", join(folder, "report.pdf"), "-"], {
        encoding: "utf8",
      });
      expect(text).toContain("资金流");
      expect(text).toContain("1,234,567.50");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
