// Reads a document of a bank's own interface. Which bank it is, its root element says (src/bank/sniff.ts).

import type { Reason } from "../../errors/refusal.ts";
import { BANK_FILE_BYTES_MAX } from "../limits.ts";
import type { BankFileReading, BankMessage, BankSink } from "../message.ts";
import { readCib } from "./cib.ts";
import { readCmb } from "./cmb.ts";
import { readXmlTree, type XmlElement } from "./xml-tree.ts";

export type VendorFormat = "cib" | "cmb";

const READERS: Readonly<Record<VendorFormat, (root: XmlElement) => readonly BankMessage[]>> = {
  cib: readCib,
  cmb: readCmb,
};

export async function readVendor(
  source: AsyncIterable<Uint8Array>,
  format: VendorFormat,
  sink: BankSink,
  options: { readonly onProgress?: (bytes: number) => void } = {},
): Promise<BankFileReading> {
  const bytes = await collect(source, options.onProgress);
  if (!(bytes instanceof Uint8Array)) return { refusals: [bytes] };
  const tree = readXmlTree(bytes);
  if (!tree.ok) return { refusals: [tree.reason] };
  const messages = READERS[format](tree.root);
  if (messages.length === 0) {
    const message = "The document holds no notice of money on an account.";
    return { refusals: [{ code: "vendor-notice-none", line: tree.root.line, message }] };
  }
  for (const { entries, balances, verdict, reasons, ...header } of messages) {
    sink.message(header);
    for (const entry of entries) sink.entry(entry);
    sink.messageEnd({ balances, verdict, reasons });
  }
  return { refusals: [] };
}

/** A document in memory, or why it may not be. */
export async function collect(
  source: AsyncIterable<Uint8Array>,
  onProgress?: (bytes: number) => void,
): Promise<Uint8Array | Reason> {
  const chunks: Uint8Array[] = [];
  let byteCount = 0;
  for await (const chunk of source) {
    byteCount += chunk.length;
    onProgress?.(byteCount);
    if (byteCount > BANK_FILE_BYTES_MAX) {
      const message = `The file is larger than ${BANK_FILE_BYTES_MAX / 1024 / 1024} MB.`;
      return { code: "file-too-large", line: null, message };
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
