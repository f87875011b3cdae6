// One way to read a bank file whatever its format: sniffed by its first bytes, streamed through the format's reader.

import { readIso20022 } from "./iso20022/read-iso20022.ts";
import type {
  BankEntry,
  BankFileReading,
  BankMessage,
  BankMessageHeader,
  BankSink,
} from "./message.ts";
import { readMt } from "./mt/read-mt.ts";
import { readStatusReports } from "./orders/status-report.ts";
import type { BankFormat } from "./sniff.ts";
import { collect, readVendor } from "./vendor/read-vendor.ts";

export type BankReadOptions = { readonly onProgress?: (bytes: number) => void };

export function streamBankFile(
  source: AsyncIterable<Uint8Array>,
  format: BankFormat,
  sink: BankSink,
  options: BankReadOptions = {},
): Promise<BankFileReading> {
  if (format === "iso20022") return readIso20022(source, sink, options);
  if (format === "mt") return readMt(source, sink, options);
  return format === "pain.002"
    ? readStatusFile(source, options)
    : readVendor(source, format, sink, options);
}

async function readStatusFile(
  source: AsyncIterable<Uint8Array>,
  options: BankReadOptions,
): Promise<BankFileReading> {
  const bytes = await collect(source, options.onProgress);
  return bytes instanceof Uint8Array ? readStatusReports(bytes) : { refusals: [bytes] };
}

/** Reads a whole file; a refused one has no messages. */
export async function readBankFile(
  source: AsyncIterable<Uint8Array>,
  format: BankFormat,
  options: BankReadOptions = {},
): Promise<BankFileReading & { readonly messages: readonly BankMessage[] }> {
  const messages: BankMessage[] = [];
  let open: { header: BankMessageHeader; entries: BankEntry[] } | null = null;
  const reading = await streamBankFile(
    source,
    format,
    {
      message: (header) => {
        open = { header, entries: [] };
      },
      entry: (entry) => {
        open?.entries.push(entry);
      },
      messageEnd: (proof) => {
        if (open !== null) messages.push({ ...open.header, ...proof, entries: open.entries });
        open = null;
      },
    },
    options,
  );
  return { ...reading, messages: reading.refusals.length > 0 ? [] : messages };
}
