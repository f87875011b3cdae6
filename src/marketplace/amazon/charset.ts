// Finds the charset of a file by its content, block by block: UTF-8 if every byte fits, else
// Shift_JIS if there is full-width kana (or the file is in yen), else windows-1252. Amazon sends
// all three: EU files are often Cp1252, JP files windows-31j, AU and SG files UTF-8, and the
// content type is lost once a file is uploaded.

import { isAscii, isUtf8 } from "node:buffer";

export type Charset = "utf-8" | "windows-1252" | "shift_jis";

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const;
const KANA = /[\u3041-\u30fe]/;

/** What has been seen so far. Blocks must end at a line end, so that no character is cut in two. */
export type CharsetEvidence = {
  ascii: boolean;
  utf8: boolean;
  shiftJis: boolean;
  kana: boolean;
  hasMark: boolean;
};

export function noCharsetEvidence(): CharsetEvidence {
  return { ascii: true, utf8: true, shiftJis: true, kana: false, hasMark: false };
}

export function hasUtf8Mark(bytes: Uint8Array): boolean {
  return BYTE_ORDER_MARK.every((byte, index) => bytes[index] === byte);
}

/**
 * True when the first bytes are those of UTF-16 or UTF-32, by mark or by the NUL of an ASCII
 * letter.
 */
export function looksLikeUtf16(head: Uint8Array): boolean {
  const [first = 1, second = 1] = head;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  return head.length > 1 && (first === 0) !== (second === 0);
}

export function seeBlock(evidence: CharsetEvidence, block: Uint8Array): void {
  if (isAscii(block)) return;
  evidence.ascii = false;
  // A block of Shift_JIS or windows-1252 is not UTF-8 by chance; one that fits needs no second
  // look.
  if (isUtf8(block)) return;
  evidence.utf8 = false;
  if (!evidence.shiftJis || evidence.kana) return;
  try {
    const decoded = new TextDecoder("shift_jis", { fatal: true }).decode(block);
    evidence.kana = KANA.test(decoded);
  } catch {
    // Not Shift_JIS is an answer, not a fault: TextDecoder has no other way to say it.
    evidence.shiftJis = false;
  }
}

/**
 * The charset that all blocks allow. `yen`: the file's own currency is JPY, which decides without
 * kana.
 */
export function charsetOf(evidence: CharsetEvidence, yen = false): Charset {
  if (evidence.ascii || evidence.utf8) return "utf-8";
  return evidence.shiftJis && (evidence.kana || yen) ? "shift_jis" : "windows-1252";
}
