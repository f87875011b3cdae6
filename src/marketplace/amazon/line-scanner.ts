// Streams a TAB-separated file line by line without making a string of any of it: offsets of the
// fields are written into one reused record and the reader looks only at the columns it needs. TAB
// and LF are never a part of a character in UTF-8, windows-1252 or Shift_JIS, so the bytes can be
// split before the charset is known.

import type { Reason } from "../../errors/refusal.ts";
import type { CharsetEvidence } from "./charset.ts";
import { hasUtf8Mark, looksLikeUtf16, noCharsetEvidence, seeBlock } from "./charset.ts";
import { COLUMNS_MAX, FIELD_BYTES_MAX, LINE_BYTES_MAX } from "./limits.ts";
import { amazonReason } from "./reasons.ts";

const TAB = 9;
const LF = 10;
const CR = 13;

/**
 * One line of the file. The same object is filled again for each line: nothing of it may be kept.
 */
export type ScannedLine = {
  bytes: Uint8Array;
  /**
   * Field `f` is `bytes[offsets[f]] .. bytes[offsets[f + 1] - 1]` without its last byte (the TAB).
   */
  readonly offsets: Int32Array;
  fieldCount: number;
  /** From 1, the header included. */
  number: number;
  /** False for a last line that has no line end: the file may have been cut off. */
  ended: boolean;
};

export type ScanResult = {
  readonly charset: CharsetEvidence;
  readonly lineCount: number;
  readonly byteCount: number;
  /** Why reading stopped before the end; the file is refused as a whole. */
  readonly refusal: Reason | null;
};

export type LineSink = (line: ScannedLine) => Reason | null;

type Scan = {
  readonly line: ScannedLine;
  readonly sink: LineSink;
  readonly charset: CharsetEvidence;
  /** Start of a line whose end has not arrived yet. */
  readonly carry: Uint8Array;
  carried: number;
  byteCount: number;
  lineCount: number;
};

/** Reads the source to its end, or to the first refusal, and gives each line to `sink`. */
export async function scanLines(
  source: AsyncIterable<Uint8Array>,
  sink: LineSink,
  onProgress?: (bytes: number) => void,
): Promise<ScanResult> {
  const scan: Scan = {
    line: {
      bytes: new Uint8Array(0),
      offsets: new Int32Array(COLUMNS_MAX + 2),
      fieldCount: 0,
      number: 0,
      ended: true,
    },
    sink,
    charset: noCharsetEvidence(),
    carry: new Uint8Array(LINE_BYTES_MAX + 2),
    carried: 0,
    byteCount: 0,
    lineCount: 0,
  };
  let refusal: Reason | null = null;
  for await (const chunk of source) {
    refusal = takeChunk(scan, chunk);
    scan.byteCount += chunk.length;
    onProgress?.(scan.byteCount);
    if (refusal !== null) break;
  }
  refusal ??= takeRest(scan);
  const { charset, lineCount, byteCount } = scan;
  if (refusal === null && byteCount === 0) refusal = amazonReason("file-empty", null);
  if (refusal === null && charset.hasMark && !charset.utf8) {
    refusal = amazonReason("charset-contradicts-mark", null);
  }
  return { charset, lineCount, byteCount, refusal };
}

function takeChunk(scan: Scan, chunk: Uint8Array): Reason | null {
  if (scan.byteCount === 0 && looksLikeUtf16(chunk)) return amazonReason("charset-utf16", null);
  let from = 0;
  if (scan.carried > 0) {
    const end = chunk.indexOf(LF);
    if (end < 0) return carryOn(scan, chunk);
    const refusal = carryOn(scan, chunk.subarray(0, end + 1));
    if (refusal !== null) return refusal;
    const whole = scan.carry.subarray(0, scan.carried);
    scan.carried = 0;
    const stopped = takeBlock(scan, whole);
    if (stopped !== null) return stopped;
    from = end + 1;
  }
  const to = chunk.lastIndexOf(LF) + 1;
  if (to > from) {
    const stopped = takeBlock(scan, chunk.subarray(from, to));
    if (stopped !== null) return stopped;
    from = to;
  }
  return from < chunk.length ? carryOn(scan, chunk.subarray(from)) : null;
}

function carryOn(scan: Scan, part: Uint8Array): Reason | null {
  // Two bytes more than the longest line: CR and LF.
  if (scan.carried + part.length > LINE_BYTES_MAX + 2) return tooLong(scan.lineCount + 1);
  scan.carry.set(part, scan.carried);
  scan.carried += part.length;
  return null;
}

function takeRest(scan: Scan): Reason | null {
  if (scan.carried === 0) return null;
  const rest = scan.carry.subarray(0, scan.carried);
  scan.line.ended = false;
  return takeBlock(scan, rest);
}

/** Splits a block that ends at a line end (or at the end of the file) into lines and fields. */
function takeBlock(scan: Scan, block: Uint8Array): Reason | null {
  if (block.includes(0)) return amazonReason("nul-byte", scan.lineCount + 1);
  seeBlock(scan.charset, block);
  const { line, sink } = scan;
  const { offsets } = line;
  line.bytes = block;
  let start = 0;
  if (scan.lineCount === 0 && hasUtf8Mark(block)) {
    scan.charset.hasMark = true;
    start = 3;
  }
  let fields = 0;
  offsets[0] = start;
  for (let at = start; at < block.length; at += 1) {
    const byte = block[at] as number;
    if (byte > LF) continue;
    if (byte === TAB) {
      fields += 1;
      if (fields >= COLUMNS_MAX) return tooManyColumns(scan.lineCount + 1);
      offsets[fields] = at + 1;
    } else if (byte === LF) {
      const refusal = endLine(scan, sink, start, at, fields + 1);
      if (refusal !== null) return refusal;
      start = at + 1;
      fields = 0;
      offsets[0] = start;
    }
  }
  return start < block.length ? endLine(scan, sink, start, block.length, fields + 1) : null;
}

function endLine(
  scan: Scan,
  sink: LineSink,
  start: number,
  lineEnd: number,
  fieldCount: number,
): Reason | null {
  const { line } = scan;
  const end = lineEnd > start && line.bytes[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd;
  line.offsets[fieldCount] = end + 1;
  line.fieldCount = fieldCount;
  scan.lineCount += 1;
  line.number = scan.lineCount;
  const length = end - start;
  if (length > FIELD_BYTES_MAX) {
    if (length > LINE_BYTES_MAX) return tooLong(line.number);
    const field = longField(line);
    if (field >= 0) {
      const detail = `column ${field + 1} has more than ${FIELD_BYTES_MAX} bytes`;
      return amazonReason("field-too-long", line.number, detail);
    }
  }
  return sink(line);
}

function longField(line: ScannedLine): number {
  for (let field = 0; field < line.fieldCount; field += 1) {
    const length = (line.offsets[field + 1] ?? 0) - (line.offsets[field] ?? 0) - 1;
    if (length > FIELD_BYTES_MAX) return field;
  }
  return -1;
}

function tooLong(line: number): Reason {
  return amazonReason("line-too-long", line, `more than ${LINE_BYTES_MAX} bytes`);
}

function tooManyColumns(line: number): Reason {
  return amazonReason("too-many-columns", line, `more than ${COLUMNS_MAX}`);
}

/** The bytes of a field as one character each: exact and reversible, whatever the charset is. */
export function fieldBytes(line: ScannedLine, field: number): string {
  if (field < 0 || field >= line.fieldCount) return "";
  const from = line.offsets[field] ?? 0;
  const to = (line.offsets[field + 1] ?? 1) - 1;
  let text = "";
  for (let at = from; at < to; at += 1) text += String.fromCharCode(line.bytes[at] ?? 0);
  return text;
}

/** True when the field does not exist or holds only spaces. */
export function isBlankField(line: ScannedLine, field: number): boolean {
  if (field < 0 || field >= line.fieldCount) return true;
  const to = (line.offsets[field + 1] ?? 1) - 1;
  for (let at = line.offsets[field] ?? 0; at < to; at += 1) {
    if (line.bytes[at] !== 0x20) return false;
  }
  return true;
}

/** Text of field bytes in the charset of the file. */
export function decodeBytes(bytes: string, charset: string): string {
  if (/^[\x20-\x7e]*$/.test(bytes)) return bytes;
  const raw = Uint8Array.from(bytes, (character) => character.charCodeAt(0));
  return new TextDecoder(charset).decode(raw);
}
