// The one date style of a settlement file. Its three dates must be written alike, and a date with
// slashes that could be day or month first waits until another date of the file decides; if none
// does, it is a fault.

import type { Instant } from "../../time/instant.ts";
import { quoted } from "./reasons.ts";
import type { DateStyle } from "./stamp.ts";
import { readStamp, readStampInOrder } from "./stamp.ts";
import type { OpenStatement } from "./statement-book.ts";
import { addFault } from "./statement-book.ts";

/** One date as written, where it stands and what to do with its instant. */
export type DateField = {
  readonly statement: OpenStatement;
  readonly text: string;
  readonly line: number;
  readonly field: string;
  /** False when the date may be blank. */
  readonly needed: boolean;
  readonly apply: (at: Instant) => void;
};

export type DateEvidence = {
  style: DateStyle | null;
  readonly undecided: DateField[];
};

export function noDateEvidence(): DateEvidence {
  return { style: null, undecided: [] };
}

export function takeDate(evidence: DateEvidence, date: DateField): void {
  const { statement, line } = date;
  if (date.text.trim() === "") {
    if (date.needed) addFault(statement, "date-unreadable", line, `${date.field} is blank`);
    return;
  }
  const read = readStamp(date.text);
  switch (read.kind) {
    case "instant":
      evidence.style ??= read.style;
      if (evidence.style === read.style) date.apply(read.at);
      else addFault(statement, "date-style-mixed", line, shown(date));
      break;
    case "ambiguous":
      evidence.undecided.push(date);
      break;
    case "zone-unknown":
      addFault(statement, "zone-unknown", line, shown(date));
      break;
    case "unreadable":
      addFault(statement, "date-unreadable", line, shown(date));
      break;
  }
}

/** At the end of the file: reads the dates that waited, or says that nothing decided them. */
export function settleDates(evidence: DateEvidence): void {
  const { style } = evidence;
  for (const date of evidence.undecided.splice(0)) {
    if (style === "d/m/y" || style === "m/d/y") {
      const read = readStampInOrder(date.text, style);
      if (read.kind === "instant") date.apply(read.at);
      else addFault(date.statement, "date-unreadable", date.line, shown(date));
    } else if (style === null) {
      addFault(date.statement, "date-style-ambiguous", date.line, shown(date));
    } else {
      addFault(date.statement, "date-style-mixed", date.line, shown(date));
    }
  }
}

function shown(date: DateField): string {
  return `${date.field} ${quoted(date.text.trim())}`;
}
