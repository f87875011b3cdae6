// Streams a quoted CSV file record by record. Quote, comma, semicolon and LF are never a part of a
// character in UTF-8, windows-1252 or Shift_JIS, so records are cut as bytes and only the fields
// that are needed are decoded.

import { Buffer } from "node:buffer";
import type { Reason } from "../../errors/refusal.ts";
import type { CharsetEvidence } from "./charset.ts";
import { hasUtf8Mark, looksLikeUtf16, noCharsetEvidence, seeBlock } from "./charset.ts";
import { COLUMNS_MAX, FIELD_BYTES_MAX, LINE_BYTES_MAX } from "./limits.ts";
import { amazonReason } from "./reasons.ts";

const LF = 10;
const QUOTE = 34;
/**
 * A quote opens a field only at its start: after a comma, semicolon, TAB or line end (or a doubled
 * quote).
 */
const BEFORE_QUOTE: ReadonlySet<number> = new Set([44, 59, 9, LF, QUOTE]);

/** One record; a quoted field may span lines. */
export type ScannedRecord = {
  /** The record's bytes as one character each, without its line end. */
  readonly bytes: string;
  /** Line of the file where the record starts, from 1. */
  readonly line: number;
  /** False for a last record without a line end. */
  readonly ended: boolean;
};

export type RecordScan = { readonly charset: CharsetEvidence; readonly refusal: Reason | null };
export type RecordSink = (record: ScannedRecord) => Reason | null;

type Scan = {
  readonly sink: RecordSink;
  readonly charset: CharsetEvidence;
  carry: Uint8Array[];
  carried: number;
  quoted: boolean;
  previous: number;
  byteCount: number;
  line: number;
  lineEnds: number;
};

/** Reads the source to its end, or to the first refusal, and gives each record to `sink`. */
export async function scanRecords(
  source: AsyncIterable<Uint8Array>,
  sink: RecordSink,
  onProgress?: (bytes: number) => void,
): Promise<RecordScan> {
  const scan: Scan = {
    sink,
    charset: noCharsetEvidence(),
    carry: [],
    carried: 0,
    quoted: false,
    previous: LF,
    byteCount: 0,
    line: 1,
    lineEnds: 0,
  };
  let refusal: Reason | null = null;
  for await (const chunk of source) {
    refusal = takeChunk(scan, chunk);
    scan.byteCount += chunk.length;
    onProgress?.(scan.byteCount);
    if (refusal !== null) break;
  }
  if (refusal === null && scan.carried > 0) refusal = endRecord(scan, false);
  if (refusal === null && scan.byteCount === 0) refusal = amazonReason("file-empty", null);
  if (refusal === null && scan.charset.hasMark && !scan.charset.utf8) {
    refusal = amazonReason("charset-contradicts-mark", null);
  }
  return { charset: scan.charset, refusal };
}

function takeChunk(scan: Scan, chunk: Uint8Array): Reason | null {
  if (scan.byteCount === 0 && looksLikeUtf16(chunk)) return amazonReason("charset-utf16", null);
  if (chunk.includes(0)) return amazonReason("nul-byte", scan.line);
  let from = 0;
  for (let at = 0; at < chunk.length; at += 1) {
    const byte = chunk[at] as number;
    const before = scan.previous;
    scan.previous = byte;
    if (byte === QUOTE) {
      scan.quoted = !scan.quoted && (BEFORE_QUOTE.has(before) || isMarkEnd(scan, at, before));
    } else if (byte === LF) {
      scan.lineEnds += 1;
      if (scan.quoted) continue;
      carryOn(scan, chunk.subarray(from, at));
      const refusal = endRecord(scan, true);
      if (refusal !== null) return refusal;
      from = at + 1;
    }
  }
  carryOn(scan, chunk.subarray(from));
  return scan.carried > LINE_BYTES_MAX + 1 ? tooLong(scan) : null;
}

/** The first field of a file with a byte-order mark starts after the mark. */
function isMarkEnd(scan: Scan, at: number, before: number): boolean {
  return before === 0xbf && scan.byteCount + at === 3;
}

function carryOn(scan: Scan, part: Uint8Array): void {
  if (part.length === 0) return;
  // The source may reuse its chunk once we ask for the next one.
  scan.carry.push(Uint8Array.from(part));
  scan.carried += part.length;
}

function endRecord(scan: Scan, ended: boolean): Reason | null {
  if (scan.carried > LINE_BYTES_MAX + 1) return tooLong(scan);
  let whole: Uint8Array = Buffer.concat(scan.carry, scan.carried);
  scan.carry = [];
  scan.carried = 0;
  if (scan.line === 1 && hasUtf8Mark(whole)) {
    scan.charset.hasMark = true;
    whole = whole.subarray(3);
  }
  seeBlock(scan.charset, whole);
  const bytes = Buffer.from(whole).toString("latin1").replace(/\r$/, "");
  const { line } = scan;
  scan.line = 1 + scan.lineEnds;
  return scan.sink({ bytes, line, ended: ended && !scan.quoted });
}

function tooLong(scan: Scan): Reason {
  return amazonReason("line-too-long", scan.line, `more than ${LINE_BYTES_MAX} bytes`);
}

/** The fields of a record, unquoted, as bytes; or why the record is refused. */
export function splitRecord(
  record: ScannedRecord,
  delimiter: string,
): { ok: true; fields: string[] } | { ok: false; refusal: Reason } {
  const fields: string[] = [];
  const { bytes } = record;
  let at = 0;
  for (;;) {
    const [field, next] = readField(bytes, at, delimiter);
    if (field.length > FIELD_BYTES_MAX) {
      const detail = `column ${fields.length + 1} has more than ${FIELD_BYTES_MAX} bytes`;
      return { ok: false, refusal: amazonReason("field-too-long", record.line, detail) };
    }
    fields.push(field);
    if (fields.length > COLUMNS_MAX) {
      const detail = `more than ${COLUMNS_MAX}`;
      return { ok: false, refusal: amazonReason("too-many-columns", record.line, detail) };
    }
    if (next > bytes.length) return { ok: true, fields };
    at = next;
  }
}

/**
 * One field from `at`, and where the next one starts (past the end of the record after the last).
 */
function readField(bytes: string, at: number, delimiter: string): [string, number] {
  if (bytes[at] !== '"') {
    const end = bytes.indexOf(delimiter, at);
    return end < 0 ? [bytes.slice(at), bytes.length + 1] : [bytes.slice(at, end), end + 1];
  }
  let text = "";
  let from = at + 1;
  for (;;) {
    const quote = bytes.indexOf('"', from);
    if (quote < 0) return [text + bytes.slice(from), bytes.length + 1];
    text += bytes.slice(from, quote);
    if (bytes[quote + 1] !== '"') {
      const end = bytes.indexOf(delimiter, quote + 1);
      const tail = bytes.slice(quote + 1, end < 0 ? bytes.length : end);
      return [text + tail, end < 0 ? bytes.length + 1 : end + 1];
    }
    text += '"';
    from = quote + 2;
  }
}
