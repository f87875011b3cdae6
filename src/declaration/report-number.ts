// Declaration numbers (RPTNO, 申报号码), 22 characters: 6 area + 4 bank + 2 branch order + 6 date YYMMDD + 4 serial.
// The serial of incoming forms begins with a letter that says whose it is: corporate N, then P to T, each 001 to 999.
// Source: facts of the reporting banks' validator (regulation.md 1.3; bank.md 5.3).

import { accepted, type Outcome, refused } from "../errors/refusal.ts";
import { type CivilDate, civilDate } from "../time/instant.ts";
import type { DeclarationSettings } from "./settings.ts";

export const REPORT_NUMBER_LENGTH = 22;

/** Letters of corporate receipts in the order in which they are used up; O is not among them. */
export const CORPORATE_LETTERS = ["N", "P", "Q", "R", "S", "T"] as const;
/** Letters of private persons' receipts. */
export const PRIVATE_LETTERS = ["U", "V", "W"] as const;

const SERIALS_PER_LETTER = 999;

/** Corporate receipts of one branch and day at most: 6 letters of 999. */
export const CORPORATE_SERIALS_MAX = CORPORATE_LETTERS.length * SERIALS_PER_LETTER;

export type PayeeType = "corporate" | "private";

export type ReportNumberParts = {
  readonly areaCode: string;
  readonly bankCode: string;
  readonly branchOrder: string;
  readonly on: CivilDate;
  readonly payee: PayeeType;
  /** From 1. */
  readonly serial: number;
};

type Branch = Pick<DeclarationSettings, "areaCode" | "bankCode" | "branchOrder">;

/** The number of a corporate receipt, the `serial`-th of that branch and day; refused when the day's are used up. */
export function corporateNumber(branch: Branch, on: CivilDate, serial: number): Outcome<string> {
  const letter = CORPORATE_LETTERS[Math.floor((serial - 1) / SERIALS_PER_LETTER)];
  if (serial < 1 || letter === undefined) {
    return refused(
      "report-numbers-used-up",
      `Branch ${branch.areaCode}${branch.bankCode}${branch.branchOrder} has no declaration number left on ${on}: ${CORPORATE_SERIALS_MAX} are given out in a day.`,
    );
  }
  const place = ((serial - 1) % SERIALS_PER_LETTER) + 1;
  const date = on.slice(2).replaceAll("-", "");
  const { areaCode, bankCode, branchOrder } = branch;
  return accepted(
    `${areaCode}${bankCode}${branchOrder}${date}${letter}${String(place).padStart(3, "0")}`,
  );
}

/** The parts of a declaration number; null when it is none. */
export function parseReportNumber(text: string): ReportNumberParts | null {
  const parts = /^(\d{6})(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})([A-Z])(\d{3})$/.exec(text);
  if (parts === null) return null;
  const [, areaCode = "", bankCode = "", branchOrder = "", year, month, day, letter, place] = parts;
  // Two digits of a year: this century.
  const on = civilDate(2000 + Number(year), Number(month), Number(day));
  const corporate = CORPORATE_LETTERS.findIndex((own) => own === letter);
  const personal = PRIVATE_LETTERS.findIndex((own) => own === letter);
  if (on === null || Number(place) === 0 || (corporate === -1 && personal === -1)) return null;
  return {
    areaCode,
    bankCode,
    branchOrder,
    on,
    payee: corporate === -1 ? "private" : "corporate",
    serial: Math.max(corporate, personal) * SERIALS_PER_LETTER + Number(place),
  };
}
