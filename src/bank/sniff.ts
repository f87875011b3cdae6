// Tells which family of bank format a file is by its first bytes, so that the right reader gets it. Extensions
// are not believed: banks send .txt, .sta, .xml and none. MT shapes from the SWIFT user handbook (blocks) and
// from the deviations of real banks (bare fields, RJE, ABNANL2A/940 headers).

import { SNIFF_BYTES_MAX } from "./limits.ts";

export type BankFormat = "iso20022" | "mt" | "pain.002" | "cib" | "cmb";

/** The root element of a bank's own interface, after a declaration and comments. */
const VENDOR_ROOT = /^(?:<\?[^>]*>|<!--[\s\S]*?-->|\s)*<(FOX|CMBSDKPGK)[\s/>]/;
const VENDORS: Readonly<Record<string, BankFormat>> = { FOX: "cib", CMBSDKPGK: "cmb" };

/** A payment status report by its namespace, or by its root where it has none; in an envelope by its header too. */
const STATUS_REPORT =
  /xsd:pain\.002\.001\.\d\d|<(?:\w+:)?CstmrPmtStsRpt[\s>]|>pain\.002\.001\.\d\d</;

/** Start-of-text byte that some banks keep from the SWIFT line protocol. */
const FIN_START = "\u0001";
const MT_BLOCKS = /^\{[1-5]:/;
/** ":20:", ":20C:", also after a bare header such as "ABNANL2A\r\n940\r\nABNANL2A\r\n" or "940" alone. */
const MT_FIELD = /^:\d{2}[A-Z]?:/m;
const MT_BARE_HEADER = /^(?:[A-Z]{6}[A-Z0-9]{2,6}\s+)?(?:MT)?9[0-5]\d\b/;

/**
 * "pain.002" for a payment status report, "cib" and "cmb" for documents of these banks' own interfaces, "iso20022" for
 * any other XML (in any encoding that XML readers must detect), "mt" for SWIFT FIN text, null for none of them.
 * `head` is the start of the file; bytes after the first 1,024 are not looked at.
 */
export function sniffBankFile(head: Uint8Array): BankFormat | null {
  const text = textOf(head.subarray(0, SNIFF_BYTES_MAX)).replace(FIN_START, "").trimStart();
  if (/^<[?!A-Za-z_:]/.test(text)) return xmlFormat(text);
  if (MT_BLOCKS.test(text) || MT_FIELD.test(text) || MT_BARE_HEADER.test(text)) return "mt";
  return null;
}

function xmlFormat(text: string): BankFormat {
  const vendor = VENDORS[VENDOR_ROOT.exec(text)?.[1] ?? ""];
  if (vendor !== undefined) return vendor;
  return STATUS_REPORT.test(text) ? "pain.002" : "iso20022";
}

/** The ASCII of the head, whatever its encoding: marks are dropped, and every second byte of UTF-16. */
function textOf(head: Uint8Array): string {
  const [first = 0, second = 0, third = 0] = head;
  if (first === 0xef && second === 0xbb && third === 0xbf) return latin1(head.subarray(3));
  const isMarkedUtf16 = (first === 0xfe && second === 0xff) || (first === 0xff && second === 0xfe);
  const isBareUtf16 = (first === 0 && second !== 0) || (first !== 0 && second === 0);
  return isMarkedUtf16 || isBareUtf16
    ? latin1(head.subarray(isMarkedUtf16 ? 2 : 0)).replaceAll("\0", "")
    : latin1(head);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
