// The text of a message as fields: ":tag:" at the start of a line opens one, other lines go on with
// it. Control characters and endless fields are found here, once, for every message type.

import type { Findings } from "./findings.ts";
import { addReason, quoted } from "./findings.ts";
import { MT_FIELD_LINES_MAX } from "./limits.ts";
import type { TextLine } from "./text-lines.ts";

export type MtField = {
  /** "20", "60F", "61"; "NS" in Dutch files. */
  readonly tag: string;
  /** Line in the file, from 1. */
  readonly line: number;
  /** The value line by line, the first without its tag; blanks kept. */
  readonly lines: readonly string[];
};

type OpenField = { tag: string; line: number; lines: string[]; isCut: boolean };

// Tab is not in character set x either, but ING writes it; it is plain white space.
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f]/;

export function fieldsOf(text: readonly TextLine[], findings: Findings): readonly MtField[] {
  const fields: OpenField[] = [];
  for (const { number, text: line } of text) {
    if (CONTROL.test(line))
      addReason(
        findings,
        "mt-control-character",
        number,
        `Line ${number} holds a control character: ${quoted(line)}.`,
      );
    const opened = /^:(\d{2}[A-Z]?|NS):/.exec(line);
    const last = fields.at(-1);
    if (opened !== null)
      fields.push({
        tag: opened[1]!,
        line: number,
        lines: [line.slice(opened[0].length)],
        isCut: false,
      });
    else if (last !== undefined) continueField(last, number, line, findings);
    else if (line.trim() !== "")
      addReason(
        findings,
        "mt-field-malformed",
        number,
        `Line ${number}: ${quoted(line)} stands before the first field.`,
      );
  }
  return fields;
}

function continueField(field: OpenField, number: number, line: string, findings: Findings): void {
  if (field.lines.length < MT_FIELD_LINES_MAX) field.lines.push(line);
  else if (!field.isCut) {
    field.isCut = true;
    addReason(
      findings,
      "mt-field-too-long",
      number,
      `Line ${number}: :${field.tag}: of line ${field.line} has more than ${MT_FIELD_LINES_MAX} lines.`,
    );
  }
}

/**
 * The whole value of a field that has one line; blank lines after it do not count. Null when there
 * are more.
 */
export function singleLine(field: MtField): string | null {
  const lines = field.lines.map((line) => line.trim()).filter((line) => line !== "");
  return lines.length <= 1 ? (lines[0] ?? "") : null;
}

/** All lines of a field, without blank ones and blanks at the ends, joined by line feeds. */
export function fieldText(field: MtField): string {
  return field.lines
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join("\n");
}

/**
 * Lines of text that a format wraps at `width`: a full line goes on in the next, a shorter one ends
 * there.
 */
export function joinWrapped(lines: readonly string[], width: number): readonly string[] {
  const joined: string[] = [];
  let continues = false;
  for (const line of lines) {
    if (continues) joined[joined.length - 1] += line;
    else joined.push(line);
    continues = line.length >= width;
  }
  return joined.map((line) => line.trim()).filter((line) => line !== "");
}

/** Says which field of a list stands more than once; the first one counts. */
export function refuseRepeats(
  fields: readonly MtField[],
  singleTags: ReadonlySet<string>,
  findings: Findings,
): void {
  const seen = new Map<string, MtField>();
  for (const field of fields) {
    const first = seen.get(field.tag);
    if (first === undefined) seen.set(field.tag, field);
    else if (singleTags.has(field.tag))
      addReason(
        findings,
        "mt-field-repeated",
        field.line,
        `Line ${field.line}: :${field.tag}: stands a second time; the first is in line ${first.line}.`,
      );
  }
}
