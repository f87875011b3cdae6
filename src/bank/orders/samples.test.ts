// Reports of real banks read to the statuses that they name; skipped where the samples are missing.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sniffBankFile } from "../sniff.ts";
import { readPain001 } from "./read-pain001.ts";
import { readStatusReports } from "./status-report.ts";

const SAMPLES = join(import.meta.dirname, "../../../../shared/samples/bank/iso20022.js");

/** Code, reason and end-to-end id of each status, in the order of the file. */
const STATUSES = {
  "cross_river_pain_002_credit_accepted.xml": ["ACTC  ", "ACTC  ", "ACSP  0000000000000108"],
  "cross_river_pain_002_transaction_rejected.xml": [
    "ACTC  ",
    "RJCT  ",
    "RJCT NARR sanity-10-1-12-1-21",
    "RJCT NARR example01234567",
    "RJCT NARR example012345678",
  ],
  "goldman_sachs_pain_002_v3_payment_accepted.xml": ["ACCP NARR "],
  "nordea_pain_002_v3_txn_reject.xml": [
    "RJCT  ",
    "RJCT NARR ENDTOENDID-950-TEST2-2807-02",
    "RJCT NARR ENDTOENDID-950-TEST2-2807-01",
  ],
};

describe.skipIf(!existsSync(SAMPLES))(
  "real files about orders (skipped without the samples)",
  () => {
    it.each(Object.entries(STATUSES))("%s", (name, expected) => {
      const bytes = readFileSync(join(SAMPLES, name));
      expect(sniffBankFile(bytes)).toBe("pain.002");
      const { refusals, reports } = readStatusReports(bytes);
      expect(refusals).toEqual([]);
      const told = reports.flatMap(({ statuses }) =>
        statuses.map(({ code, reasonCode, endToEndId }) =>
          [code, reasonCode, endToEndId].join(" "),
        ),
      );
      expect(told).toEqual(expected);
    });

    it.each(["example_sepa_pain_001_v3.xml", "example_swift_pain_001_v3.xml"])("%s", (name) => {
      const initiation = readPain001(readFileSync(join(SAMPLES, name)));
      expect(initiation?.transfers.length).toBeGreaterThan(0);
      for (const { amount, endToEndId } of initiation?.transfers ?? []) {
        expect(amount).not.toBeNull();
        expect(endToEndId).not.toBe("");
      }
    });
  },
);
