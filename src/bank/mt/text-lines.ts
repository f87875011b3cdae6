// Bytes to numbered lines. MT text is ASCII by the standard (character set x); real files also come
// as UTF-8, ISO-8859-1 and, from Chinese banks, GB18030, and never say which: the bytes decide.
// Only names and texts depend on it: amounts, dates and references are ASCII in all four.

import { isUtf8 } from "node:buffer";
import { MT_LINE_CHARS_MAX } from "./limits.ts";

export type MtCharset = "utf-8" | "gb18030" | "windows-1252";

/** A line without its line end; `number` counts from 1. */
export type TextLine = { readonly number: number; readonly text: string };

const DECODE_STEP_BYTES = 1024 * 1024;

/**
 * The charset by content: valid UTF-8, else mostly pairs of GB 2312 bytes, else ISO-8859-1 (as
 * windows-1252).
 */
export function charsetOf(bytes: Uint8Array): MtCharset {
  if (isUtf8(bytes)) return "utf-8";
  return isMostlyGbPairs(bytes) ? "gb18030" : "windows-1252";
}

// Latin text has lone high bytes between ASCII letters ("Stra\xDFe"); Chinese text has them in
// pairs.
function isMostlyGbPairs(bytes: Uint8Array): boolean {
  let pairs = 0;
  let lone = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    if (bytes[at]! < 0x80) continue;
    const next = bytes[at + 1] ?? 0;
    const isPair = bytes[at]! >= 0xa1 && bytes[at]! <= 0xf7 && next >= 0xa1 && next <= 0xfe;
    if (isPair) {
      pairs += 1;
      at += 1;
    } else lone += 1;
  }
  return pairs > lone;
}

/**
 * The lines of the file in order; CRLF, LF and CR all end a line. A line longer than
 * MT_LINE_CHARS_MAX is given once, as far as it was read, and ends the lines: the caller refuses
 * the file.
 */
export function* linesOf(bytes: Uint8Array, charset: MtCharset): Generator<TextLine> {
  const decoder = new TextDecoder(charset);
  let carried = "";
  let number = 0;
  for (let from = 0; from < bytes.length; from += DECODE_STEP_BYTES) {
    const isLast = from + DECODE_STEP_BYTES >= bytes.length;
    const step = bytes.subarray(from, from + DECODE_STEP_BYTES);
    const decoded = carried + decoder.decode(step, { stream: !isLast });
    // A CR at the very end may be the first half of a CRLF: it waits for the next step.
    const heldBack = !isLast && decoded.endsWith("\r") ? "\r" : "";
    const parts = decoded.slice(0, decoded.length - heldBack.length).split(/\r\n|\n|\r/);
    carried = (parts.pop() ?? "") + heldBack;
    for (const text of parts) {
      number += 1;
      yield { number, text };
      if (text.length > MT_LINE_CHARS_MAX) return;
    }
    if (carried.length > MT_LINE_CHARS_MAX + 1) break;
  }
  if (carried !== "") yield { number: number + 1, text: carried };
}
