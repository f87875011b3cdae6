// Real files by banks and other projects, which are not ours to keep: read from beside the project when present.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Money } from "../../money/money.ts";
import { formatMoney } from "../../money/money.ts";
import { readIso20022Bytes } from "./collect-messages.ts";
import { validateXsd } from "./xsd.ts";

const SHARED = join(import.meta.dirname, "../../../../shared/samples");
const BANK = join(SHARED, "bank");
const isAbsent = !existsSync(BANK);

/** File → per message: verdict, entries, transactions, net of booked entries; or the code it is refused with. */
const EXPECTED: Record<string, string | readonly (readonly [string, number, number, string])[]> = {
  "cbpr-ur/2025/camt052_account_report_sample.xml": [["read", 0, 0, ""]],
  "cbpr-ur/2025/camt054_credit_notification_sample.xml": [["read", 1, 1, "MXN 1843750.00"]],
  "cbpr-ur/2025/pacs002_status_report_sample.xml": "message-unsupported",
  "cbpr-ur/2025/pacs004_payment_return_sample.xml": [["read", 1, 1, ""]],
  "cbpr-ur/2025/pacs008_credit_transfer_sample.xml": [["read", 1, 1, ""]],
  "cbpr-ur/2025/pacs009_fi_transfer_sample.xml": "message-unsupported",
  "cbpr-ur/2025/pain001_credit_initiation_sample.xml": "message-unsupported",
  "genkgo-camt/camt052.v1.xml": [["read", 1, 1, "SEK -200000.00"]],
  "genkgo-camt/camt052.v2.xml": [["read", 1, 1, "SEK -200000.00"]],
  "genkgo-camt/camt052.v4.xml": [["read", 1, 1, ""]],
  "genkgo-camt/camt052.v6.xml": [["read", 1, 1, ""]],
  "genkgo-camt/camt052.v8.xml": [["read", 1, 1, "SEK -200000.00"]],
  "genkgo-camt/camt053.v2.all-balance-types.xml": [["quarantined", 1, 1, "EUR 8.85"]],
  "genkgo-camt/camt053.v2.five.decimals.xml": [["quarantined", 1, 1, "EUR 8.85"]],
  "genkgo-camt/camt053.v2.minimal.xml": [["quarantined", 1, 1, "EUR 8.85"]],
  "genkgo-camt/camt053.v2.multi.statement.xml": [
    ["proven", 1, 1, "EUR 8.85"],
    ["proven", 1, 1, "EUR -7.00"],
  ],
  "genkgo-camt/camt053.v2.wrong.xml": "message-empty",
  "genkgo-camt/camt053.v3.xml": [["quarantined", 1, 1, "EUR 8.85"]],
  "genkgo-camt/camt053.v4.xml": [["quarantined", 1, 1, "EUR 8.85"]],
  "genkgo-camt/camt053.v8.xml": [["quarantined", 1, 1, "EUR 8.85"]],
  "genkgo-camt/camt054.v2.xml": [["read", 1, 1, "SEK -200000.00"]],
  "genkgo-camt/camt054.v4.xml": [["quarantined", 1, 1, "SEK -200000.00"]],
  "genkgo-camt/camt054.v8-with-UETR.xml": [["read", 1, 1, "SEK -200000.00"]],
  "genkgo-camt/camt054.v8-with-financial-institution.xml": [["read", 1, 1, "SEK -200000.00"]],
  "genkgo-camt/camt054.v8.xml": [["quarantined", 1, 1, "SEK -200000.00"]],
  "genkgo-camt/camt53.only-Dt-with-DtTm.xml": [["read", 0, 0, ""]],
  "iso20022.js/abn_amro_example_camt.xml": [["proven", 13, 29, "EUR -900.00"]],
  "iso20022.js/cross_river_pain_002_credit_accepted.xml": "message-unsupported",
  "iso20022.js/cross_river_pain_002_transaction_rejected.xml": "message-unsupported",
  "iso20022.js/example_sepa_pain_001_v3.xml": "message-unsupported",
  "iso20022.js/example_swift_pain_001_v3.xml": "message-unsupported",
  "iso20022.js/goldman_sachs_camt_053_uk_v2_1.xml": [
    ["proven", 0, 0, ""],
    ["quarantined", 6, 6, "GBP -200.00"],
  ],
  "iso20022.js/goldman_sachs_camt_053_uk_v2_virtual_accounts.xml": [
    ["proven", 0, 0, ""],
    ["quarantined", 6, 6, "GBP -200.00"],
  ],
  "iso20022.js/goldman_sachs_camt_053_us_v2_sample.xml": [
    ["quarantined", 15, 15, "EUR -29.06 USD 60.00"],
  ],
  "iso20022.js/goldman_sachs_pain_002_v3_payment_accepted.xml": "message-unsupported",
  "iso20022.js/ing_example_camt.xml": [["proven", 9, 9, "EUR 605.00"]],
  "iso20022.js/nordea_example_camt.xml": [["proven", 6, 6, "EUR 8600.00"]],
  "iso20022.js/nordea_pain_002_v3_txn_reject.xml": "message-unsupported",
  "made-here/camt.029.001.09.rejected.xml": "message-unsupported",
  "made-here/camt.056.001.08.recall.xml": "message-unsupported",
  "pyiso20022/camt052_001_02.xml": [
    ["read", 0, 0, ""],
    ["read", 11, 11, "USD -69.58"],
    ["read", 0, 0, ""],
    ["read", 4, 4, "USD 10.00"],
    ["read", 2, 2, "USD -20.79"],
    ["read", 0, 0, ""],
  ],
  "pyiso20022/camt053_001_02.xml": [["quarantined", 15, 15, "EUR -29.06 USD 60.00"]],
  "pyiso20022/pain001_001_08.xml": "message-unsupported",
  "pyiso20022/remt_001_001_06.xml": "message-unsupported",
};

type Read = Awaited<ReturnType<typeof readIso20022Bytes>>["messages"][number];

function netOf(message: Read): string {
  const sums = new Map<string, Money>();
  for (const { amount, direction, status } of message.entries) {
    if (status !== "booked") continue;
    const before = sums.get(amount.currency)?.minor ?? 0n;
    const minor = direction === "credit" ? before + amount.minor : before - amount.minor;
    sums.set(amount.currency, { currency: amount.currency, minor });
  }
  const shown = [...sums.values()].map((sum) => `${sum.currency} ${formatMoney(sum)}`);
  return shown.sort().join(" ");
}

function sampleNames(): readonly string[] {
  return readdirSync(BANK, { recursive: true })
    .map((name) => String(name).replaceAll("\\", "/"))
    .filter((name) => name.endsWith(".xml"))
    .sort();
}

describe.skipIf(isAbsent)("real bank files (skipped where samples are absent)", () => {
  it("are all known to this test", () => {
    expect(sampleNames()).toEqual(Object.keys(EXPECTED).sort());
  });

  it.each(Object.keys(EXPECTED))(
    "%s has the messages and sums that it is known for",
    async (name) => {
      const { refusals, messages } = await readIso20022Bytes(readFileSync(join(BANK, name)));
      const expected = EXPECTED[name];
      if (typeof expected === "string") {
        expect(refusals.map(({ code }) => code)).toEqual([expected]);
        return;
      }
      expect(refusals).toEqual([]);
      const found = messages.map((message) => [
        message.verdict,
        message.entries.length,
        message.entries.reduce((count, { transactions }) => count + transactions.length, 0),
        netOf(message),
      ]);
      expect(found).toEqual(expected);
    },
  );

  it("of ABN AMRO hold 13 entries with 26 details, three entries having none, and ten different references", async () => {
    const bytes = readFileSync(join(BANK, "iso20022.js/abn_amro_example_camt.xml"));
    const [message] = (await readIso20022Bytes(bytes)).messages;
    const entries = message?.entries ?? [];
    const detailed = entries.filter(({ line, transactions }) => transactions[0]?.line !== line);
    expect(detailed.length).toBe(10);
    expect(detailed.flatMap(({ transactions }) => transactions).length).toBe(26);
    expect(new Set(entries.map(({ servicerReference }) => servicerReference)).size).toBe(10);
    const returns = entries.flatMap(({ transactions }) =>
      transactions.map(({ returned }) => returned),
    );
    expect(returns.filter((returned) => returned?.reasonCode === "MS03").length).toBe(2);
  });

  it("break their ISO schema only where they are known to", async () => {
    const broken: [string, number][] = [];
    for (const name of sampleNames()) {
      const reasons = await validateXsd(readFileSync(join(BANK, name)), join(SHARED, "xsd"));
      const violations = reasons.filter(({ code }) => code === "schema-violation");
      if (violations.length > 0) broken.push([name, violations[0]?.line ?? 0]);
    }
    expect(broken).toEqual([
      ["genkgo-camt/camt053.v2.wrong.xml", 3],
      ["iso20022.js/abn_amro_example_camt.xml", 1391],
    ]);
  });
});
