// Field 61, one entry of a statement: "2511281128C1234,5NTRFOWNREF//BANKREF", then supplementary
// details. Format 6!n[4!n]2a[1!a]15d1!a3!c16x[//16x][34x], and the deviations of real banks: a
// blank entry date (Citi), a blank before the type (Commerzbank), 30 February, types that do not
// begin with N, F or S.

import type { Outcome } from "../../errors/refusal.ts";
import { accepted } from "../../errors/refusal.ts";
import type { Currency } from "../../money/currency.ts";
import type { Money } from "../../money/money.ts";
import type { CivilDate } from "../../time/instant.ts";
import type { Direction, EntryStatus } from "../message.ts";
import type { MtField } from "./fields.ts";
import { fieldText } from "./fields.ts";
import type { Findings } from "./findings.ts";
import { addNote, quoted } from "./findings.ts";
import { readAmount, readDate, readEntryDate, readFebruary30, refuse } from "./values.ts";

export type EntryLine = {
  readonly valueOn: CivilDate;
  /** The entry date, or the value date: an entry date is written only where it differs. */
  readonly bookedOn: CivilDate;
  readonly direction: Direction;
  readonly reversal: boolean;
  /** MT942's expected entries (EC, ED) are pending; all others are booked. */
  readonly status: EntryStatus;
  readonly amount: Money;
  /** "NTRF", "S103", "N192". */
  readonly typeCode: string;
  /** Reference for the account owner, as written; "" when there is none. */
  readonly ownerReference: string;
  /** What follows "//"; "" when there is none. */
  readonly bankReference: string;
  /** Subfield 9, the lines after the first; null without. */
  readonly supplementary: string | null;
};

const ENTRY_LINE =
  /^(\d{6})(\d{4}|\s{4})?(R[CD]|E[CD]|[CD])([A-Z])?([\d.,]+)\s?([A-Z][A-Z0-9]{3})(.*)$/;

const MARKS: Readonly<
  Record<string, { direction: Direction; reversal: boolean; status: EntryStatus }>
> = {
  C: { direction: "credit", reversal: false, status: "booked" },
  D: { direction: "debit", reversal: false, status: "booked" },
  RC: { direction: "debit", reversal: true, status: "booked" },
  RD: { direction: "credit", reversal: true, status: "booked" },
  EC: { direction: "credit", reversal: false, status: "pending" },
  ED: { direction: "debit", reversal: false, status: "pending" },
};

/** Reads :61:. `expectedAllowed`: EC and ED are marks of MT942 only. */
export function readEntryLine(
  field: MtField,
  currency: Currency,
  expectedAllowed: boolean,
  findings: Findings,
): Outcome<EntryLine> {
  const written = field.lines[0] ?? "";
  const parts = ENTRY_LINE.exec(written);
  const mark = MARKS[parts?.[3] ?? ""];
  if (parts === null || mark === undefined)
    return refuse(
      "mt-field-malformed",
      field.line,
      `:61: ${quoted(written)} is not a statement line.`,
    );
  if (mark.status === "pending" && !expectedAllowed)
    return refuse(
      "mt-field-malformed",
      field.line,
      `:61: ${quoted(written)} is an expected entry, which only MT942 has.`,
    );
  const amount = readAmount(parts[5]!, currency, field.line);
  if (!amount.ok) return amount;
  const dates = readDates(parts[1]!, parts[2]?.trim() ?? "", field.line, findings);
  if (!dates.ok) return dates;
  const [ownerReference = "", ...bankReference] = (parts[7] ?? "").split("//");
  return accepted({
    ...dates.value,
    ...mark,
    amount: amount.value,
    typeCode: parts[6]!,
    ownerReference: ownerReference.trim(),
    bankReference: bankReference.join("//").trim(),
    supplementary: fieldText({ ...field, lines: field.lines.slice(1) }) || null,
  });
}

function readDates(
  value: string,
  entry: string,
  line: number,
  findings: Findings,
): Outcome<{ valueOn: CivilDate; bookedOn: CivilDate }> {
  const february = readFebruary30(value);
  if (february !== null)
    addNote(
      findings,
      "mt-note-february-30",
      line,
      `Line ${line}: value date ${value} (30 February) is read as ${february}, the month's last day.`,
    );
  const valueOn = february ?? readDate(value);
  if (valueOn === null)
    return refuse("mt-date-impossible", line, `the value date ${value} in :61: does not exist.`);
  if (entry === "") return accepted({ valueOn, bookedOn: valueOn });
  const bookedOn = readEntryDate(entry, valueOn);
  if (bookedOn === null)
    return refuse("mt-date-impossible", line, `the entry date ${entry} in :61: does not exist.`);
  return accepted({ valueOn, bookedOn });
}
