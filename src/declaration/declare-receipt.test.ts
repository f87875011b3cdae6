// Ten thousand receipts that anything may be true of, and thirty that something is wrong with.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Currency } from "../money/currency.ts";
import type { CivilDate } from "../time/instant.ts";
import { baseXml, declarationXml } from "./declaration-xml.ts";
import { type DeclaredReceipt, type DeclaredRow, declaredRows } from "./declare-receipt.ts";
import { baseFaults, declarationFaults, type RuleContext } from "./field-rules.ts";
import type { BaseInformation, DeclarationInformation } from "./records.ts";
import { corporateNumber, parseReportNumber } from "./report-number.ts";
import { type DeclarationSettings, declarationSettings } from "./settings.ts";
import { wholeParts, wholeUnits } from "./whole-units.ts";

const TODAY = "2026-11-25" as CivilDate;
const SETTINGS: DeclarationSettings = declarationSettings.parse({
  areaCode: "500000",
  bankCode: "0306",
  branchOrder: "01",
  filler: { name: "王芳", phone: "023-60000000" },
});
const context = (settings: DeclarationSettings): RuleContext => ({ today: TODAY, settings });

const receipts: fc.Arbitrary<DeclaredReceipt> = fc.record({
  payeeName: fc.constantFrom("重庆江北灯饰有限公司", "Chongqing Beibei Toys Co., Ltd."),
  payeeCreditCode: fc.constant("91500105MA5U7T2K9X"),
  payerName: fc.constantFrom("Amazon.com Services LLC", "Amazon Payments Europe S.C.A."),
  payerCountry: fc.constantFrom("US", "LU", "JP"),
  currency: fc.constantFrom("USD" as Currency, "JPY" as Currency, "EUR" as Currency),
  arrivedMinor: fc.bigInt({ min: 1_000n, max: 10n ** 11n }),
  overseasChargeMinor: fc.constantFrom(0n, 1_500n, 2_549n),
  account: fc.constant("6222601008801"),
  bankReference: fc.constantFrom("FT26329XK8", "20261125USD00000000000000001234"),
  creditedOn: fc.constant("2026-11-24" as CivilDate),
  goods: fc.array(
    fc.record({
      mode: fc.constantFrom("9610", "9710", "9810", "1210", "0110", "undeclared"),
      amountMinor: fc.bigInt({ min: 0n, max: 10n ** 11n }),
    }),
    { maxLength: 4 },
  ),
  nettedFeesMinor: fc.constantFrom(0n, 99n, 123_456n, 10n ** 9n + 51n),
  isAdvance: fc.boolean(),
});

const settings: fc.Arbitrary<DeclarationSettings> = fc
  .record({
    nettingMode: fc.constantFrom("two-codes" as const, "restored-rows" as const),
    amountBasis: fc.constantFrom("before-charges" as const, "after-charges" as const),
    partsRule: fc.constantFrom("equal" as const, "at-most" as const),
    organisationCode: fc.constantFrom("nine" as const, "eighteen" as const),
  })
  .map((own) => ({ ...SETTINGS, ...own }));

function numbered(row: DeclaredRow, serial: number, own = SETTINGS) {
  const number = corporateNumber(own, TODAY, serial);
  if (!number.ok) throw new Error(number.refusal.message);
  const base: BaseInformation = { ...row.base, rptNo: number.value };
  const declaration: DeclarationInformation = {
    ...row.declaration,
    rptNo: number.value,
    rptDate: TODAY,
  };
  return { base, declaration };
}

const sum = (rows: readonly DeclaredRow[], kind: DeclaredRow["kind"]) =>
  rows.reduce((total, row) => total + (row.kind === kind ? row.base.txAmt : 0n), 0n);

describe("ten thousand receipts", () => {
  it("are declared so that every field rule holds, in every mode, and restored rows sum to the gross", () => {
    let serial = 0;
    fc.assert(
      fc.property(receipts, settings, (receipt, own) => {
        const rows = declaredRows(receipt, own);
        for (const row of rows) {
          serial = (serial % 5_994) + 1;
          const { base, declaration } = numbered(row, serial, own);
          expect(baseFaults(base, context(own))).toEqual([]);
          expect(declarationFaults(declaration, base, context(own))).toEqual([]);
        }
        const basis =
          receipt.arrivedMinor +
          (own.amountBasis === "before-charges" ? receipt.overseasChargeMinor : 0n);
        if (rows.length === 1) {
          expect(rows[0]?.base.txAmt).toBe(wholeUnits(basis, receipt.currency));
        } else {
          const gross = wholeUnits(basis + receipt.nettedFeesMinor, receipt.currency);
          expect(sum(rows, "restored-income")).toBe(gross);
          expect(sum(rows, "actual") + sum(rows, "restored-expense")).toBe(gross);
        }
      }),
      { numRuns: 10_000, seed: 20261125 },
    );
  });
});

describe("whole units", () => {
  it("add up to the receipt rounded once, and no part is off by a unit or more", () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt({ min: 0n, max: 10n ** 12n }), { minLength: 1, maxLength: 20 }),
        (parts) => {
          const told = wholeParts(parts, "USD" as Currency);
          const total = parts.reduce((all, part) => all + part, 0n);
          expect(told.whole).toBe(wholeUnits(total, "USD" as Currency));
          expect(told.parts.reduce((all, part) => all + part, 0n)).toBe(told.whole);
          for (const [index, part] of parts.entries()) {
            const off = (told.parts[index] ?? 0n) * 100n - part;
            expect(off < 100n && off > -100n).toBe(true);
          }
        },
      ),
    );
  });
});

function letterOf(serial: number): string {
  const number = corporateNumber(SETTINGS, TODAY, serial);
  return number.ok ? number.value.slice(18) : number.refusal.code;
}

describe("declaration numbers", () => {
  it("use up N, then P to T, and then there are none", () => {
    expect([1, 999, 1_000, 5_994, 5_995].map(letterOf)).toEqual([
      "N001",
      "N999",
      "P001",
      "T999",
      "report-numbers-used-up",
    ]);
    // Example of the facts: 110000 0014 02 151009 N001.
    expect(parseReportNumber("110000001402151009N001")).toEqual({
      areaCode: "110000",
      bankCode: "0014",
      branchOrder: "02",
      on: "2015-10-09",
      payee: "corporate",
      serial: 1,
    });
    for (const wrong of [
      "110000001402151009O001",
      "110000001402151309N001",
      "110000001402151009N000",
    ]) {
      expect(parseReportNumber(wrong), wrong).toBeNull();
    }
  });
});

const GOOD = numbered(
  declaredRows(
    {
      payeeName: "重庆江北灯饰有限公司",
      payeeCreditCode: "91500105MA5U7T2K9X",
      payerName: "Amazon.com Services LLC",
      payerCountry: "US",
      currency: "USD" as Currency,
      arrivedMinor: 83_500n,
      overseasChargeMinor: 1_500n,
      account: "6222601008801",
      bankReference: "FT26329XK8",
      creditedOn: TODAY,
      goods: [{ mode: "9610", amountMinor: 1n }],
      nettedFeesMinor: 0n,
      isAdvance: false,
    },
    SETTINGS,
  )[0] as DeclaredRow,
  1,
);

type Wrong = {
  readonly base?: Record<string, unknown>;
  readonly declaration?: Record<string, unknown>;
};

/** Each is wrong in one way, and refused by the one rule that says so. */
const WRONG: readonly (readonly [rule: string, wrong: Wrong])[] = [
  ["actiondesc", { base: { actionDesc: "不应有" } }],
  ["actiondesc", { base: { actionType: "D" } }],
  ["actiondesc", { base: { actionType: "C", actionDesc: "改".repeat(129) } }],
  [
    "rptno-payee",
    { base: { rptNo: "500000030601261125U001" }, declaration: { rptNo: "500000030601261125U001" } },
  ],
  ["custcod", { base: { custCod: "" } }],
  ["custcod", { base: { custCod: "91500105MA5U7T2K9X" } }],
  ["custnm", { base: { custNm: " " } }],
  ["custnm", { base: { custNm: "长".repeat(129) } }],
  ["oppuser", { base: { oppUser: "Amazon.com Services LLC" } }],
  ["oppuser", { base: { oppUser: "(JW)" } }],
  ["txccy", { base: { txCcy: "RMB" } }],
  [
    "exrate",
    {
      base: {
        converted: { amount: 1n, account: "1", exRate: "0" },
        kept: { amount: 834n, account: "1" },
      },
    },
  ],
  [
    "exrate",
    {
      base: {
        converted: { amount: 1n, account: "", exRate: "7.1" },
        kept: { amount: 834n, account: "1" },
      },
    },
  ],
  ["fcyamt", { base: { kept: { amount: 835n, account: "" } } }],
  [
    "othamt",
    { base: { kept: { amount: 835n, account: "1" }, other: { amount: 0n, account: "1" } } },
  ],
  ["parts-sum", { base: { kept: { amount: 834n, account: "1" } } }],
  ["method", { base: { method: "X" } }],
  ["buscode", { base: { busCode: "" } }],
  ["buscode", { base: { busCode: "1".repeat(23) } }],
  ["outcharge", { base: { outCharge: { currency: "RMB", amount: 15n } } }],
  ["country", { declaration: { country: "US" } }],
  ["paytype", { declaration: { payType: "X" } }],
  ["txcode", { declaration: { first: { code: "929080", amount: 835n, remark: "货款" } } }],
  ["txcode", { declaration: { first: { code: "121990", amount: 835n, remark: "" } } }],
  [
    "txcode2-differs",
    {
      declaration: {
        first: { code: "121990", amount: 800n, remark: "a" },
        second: { code: "121990", amount: 35n, remark: "b" },
      },
    },
  ],
  ["codes-sum", { declaration: { first: { code: "121990", amount: 834n, remark: "货款" } } }],
  ["isref", { declaration: { isRef: "否" } }],
  ["billno", { declaration: { billNo: "" } }],
  ["crtuser", { declaration: { inpTelc: "" } }],
  ["rptdate", { declaration: { rptDate: "2026-11-24" } }],
  ["rptno-same", { declaration: { rptNo: "500000030601261125N002" } }],
];

describe("thirty wrong declarations", () => {
  it("start from one that is right", () => {
    expect(baseFaults(GOOD.base, context(SETTINGS))).toEqual([]);
    expect(declarationFaults(GOOD.declaration, GOOD.base, context(SETTINGS))).toEqual([]);
    expect(WRONG.length).toBeGreaterThanOrEqual(30);
  });

  it.each(WRONG)("are refused by %s, with the words of its source", (rule, wrong) => {
    const base = { ...GOOD.base, ...wrong.base } as BaseInformation;
    const declaration = { ...GOOD.declaration, ...wrong.declaration } as DeclarationInformation;
    const faults = [
      ...baseFaults(base, context(SETTINGS)),
      ...declarationFaults(declaration, base, context(SETTINGS)),
    ];
    expect([...new Set(faults.map((fault) => fault.rule))]).toEqual([rule]);
    for (const fault of faults) expect(fault.source.length).toBeGreaterThan(3);
  });

  it("name the number where it is none, and everything that cannot be without it", () => {
    const base = { ...GOOD.base, rptNo: "500000030601261125O001" };
    expect(baseFaults(base, context(SETTINGS)).map((fault) => fault.rule)).toEqual(["rptno-form"]);
    const tomorrow = { ...GOOD.base, rptNo: "500000030601261126N001" };
    expect(baseFaults(tomorrow, context(SETTINGS)).map((fault) => fault.rule)).toEqual([
      "rptno-date",
    ]);
    const none = { ...GOOD.base, kept: null, txAmt: 0n };
    expect(baseFaults(none, context(SETTINGS)).map((fault) => fault.rule)).toEqual([
      "txamt",
      "parts-present",
    ]);
  });
});

describe("declaration files", () => {
  it("are GB18030 and say the same when they are read back", () => {
    const base = new TextDecoder("gb18030").decode(
      baseXml({ kind: "A", name: "BOPA2611250001" }, [GOOD.base]),
    );
    expect(base).toContain("<CUSTNM>重庆江北灯饰有限公司</CUSTNM>");
    expect(base).toContain("<OPPUSER>(JW)Amazon.com Services LLC</OPPUSER>");
    expect(base).toContain("<TXAMT>835</TXAMT>\r\n<EXRATE/>");
    const declaration = new TextDecoder("gb18030").decode(
      declarationXml({ kind: "G", name: "BOPG2611250001" }, [
        { ...GOOD.declaration, crtUser: "𠮷 & <b>" },
      ]),
    );
    expect(declaration).toContain("<CRTUSER>𠮷 &amp; &lt;b&gt;</CRTUSER>");
    expect(declaration).toContain("<RPTDATE>20261125</RPTDATE>");
  });
});
