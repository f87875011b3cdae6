// Turns the bytes of an XML file into text, refusing what is hostile before any parser sees it: a document type
// or entity declaration in any encoding, NUL, bytes that contradict the declared encoding. XML 1.0 appendix F.

import type { Outcome } from "../../errors/refusal.ts";
import { accepted, refused } from "../../errors/refusal.ts";
import { SNIFF_BYTES_MAX } from "../limits.ts";
import type { FileReasonCode } from "./reasons.ts";

export type XmlDecoder = {
  /** Text of the bytes so far; may be "" while the start of the file is collected. */
  readonly push: (bytes: Uint8Array) => Outcome<string>;
  readonly end: () => Outcome<string>;
};

/** Declared name (lower case) → WHATWG label. GB 2312 and GBK are subsets of GB 18030 and read as it. */
const LABELS: ReadonlyMap<string, string> = new Map([
  ["utf-8", "utf-8"],
  ["utf8", "utf-8"],
  ["us-ascii", "utf-8"],
  ["utf-16", "utf-16"],
  ["utf-16le", "utf-16le"],
  ["utf-16be", "utf-16be"],
  ["gb18030", "gb18030"],
  ["gbk", "gb18030"],
  ["gb2312", "gb18030"],
  ["iso-8859-1", "windows-1252"],
  ["latin1", "windows-1252"],
  ["windows-1252", "windows-1252"],
]);

/**
 * Bytes 0x80 to 0x9F of windows-1252. Node 20 decodes them as control characters although its decoder is
 * called windows-1252 (measured on 20.20), so they are mapped here; five are unassigned and stay.
 */
const WINDOWS_1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";

/** Longest mark searched for is "<!DOCTYPE": 8 characters may stand at the end of the text before. */
const MARK_CARRY_LENGTH = 8;

export function createXmlDecoder(): XmlDecoder {
  let head: Uint8Array | null = new Uint8Array(0);
  let label = "";
  let decoder: InstanceType<typeof TextDecoder> | null = null;
  let carry = "";

  const decode = (bytes: Uint8Array, isLast: boolean): Outcome<string> => {
    let text: string;
    try {
      text = (decoder as InstanceType<typeof TextDecoder>).decode(bytes, { stream: !isLast });
    } catch {
      return no("encoding-invalid", `Some bytes are not valid ${label}; ask for the file again.`);
    }
    if (label === "windows-1252") text = withWindows1252(text);
    const scanned = carry + text;
    if (/<!(?:DOCTYPE|ENTITY)/.test(scanned)) {
      return no(
        "xml-doctype",
        "The file declares a document type or an entity; no bank message does.",
      );
    }
    if (text.includes("\0")) return no("xml-nul", "The file contains a NUL character.");
    carry = scanned.slice(-MARK_CARRY_LENGTH);
    return accepted(text);
  };

  const start = (bytes: Uint8Array, isLast: boolean): Outcome<string> => {
    head = null;
    const encoding = encodingOf(bytes);
    if (!encoding.ok) return encoding;
    label = encoding.value;
    decoder = new TextDecoder(label, { fatal: true });
    return decode(bytes, isLast);
  };

  return {
    push: (bytes) => {
      if (head === null) return decode(bytes, false);
      head = joined(head, bytes);
      return head.length < SNIFF_BYTES_MAX ? accepted("") : start(head, false);
    },
    end: () => {
      if (head === null) return decode(new Uint8Array(0), true);
      if (head.length === 0) return no("file-empty", "The file is empty.");
      return start(head, true);
    },
  };
}

/** The encoding by byte order mark, by byte pattern and by declaration; they must agree. */
function encodingOf(head: Uint8Array): Outcome<string> {
  const [b0 = 0, b1 = 0, b2 = 0, b3 = 0] = head;
  const isUtf8Marked = b0 === 0xef && b1 === 0xbb && b2 === 0xbf;
  const isUtf32 = (b0 === 0 && b1 === 0) || (b0 === 0xff && b1 === 0xfe && b2 === 0 && b3 === 0);
  if (isUtf32) return no("encoding-unsupported", "The bytes look like UTF-32; ask for UTF-8.");
  const isBig = (b0 === 0xfe && b1 === 0xff) || (b0 === 0 && b1 === 0x3c);
  const isLittle = (b0 === 0xff && b1 === 0xfe) || (b0 === 0x3c && b1 === 0);
  const found = isUtf8Marked ? "utf-8" : isBig ? "utf-16be" : isLittle ? "utf-16le" : null;
  const start = new TextDecoder(found ?? "latin1").decode(head.subarray(0, SNIFF_BYTES_MAX));
  const declared = declaredEncoding(start);
  if (declared === null) return accepted(found ?? "utf-8");
  const label = LABELS.get(declared.toLowerCase());
  if (label === undefined) {
    return no("encoding-unsupported", `The encoding ${declared.slice(0, 40)} is not supported.`);
  }
  const isAgreed =
    found === null
      ? !label.startsWith("utf-16")
      : label === found || (label === "utf-16" && found !== "utf-8");
  if (isAgreed) return accepted(found ?? label);
  const seen = found ?? "an encoding of single bytes";
  return no("encoding-contradicted", `The file declares ${declared} but its bytes are ${seen}.`);
}

function declaredEncoding(start: string): string | null {
  const declaration = /^\uFEFF?<\?xml\s[^>]*?\bencoding\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)')/.exec(
    start,
  );
  return declaration === null ? null : (declaration[1] ?? declaration[2] ?? null);
}

function withWindows1252(text: string): string {
  return text.replace(
    /[\u0080-\u009f]/g,
    (char) => WINDOWS_1252[char.charCodeAt(0) - 0x80] ?? char,
  );
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
  const both = new Uint8Array(left.length + right.length);
  both.set(left);
  both.set(right, left.length);
  return both;
}

function no(code: FileReasonCode, message: string): Outcome<string> {
  return refused(code, message);
}
