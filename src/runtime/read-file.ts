// Reads one stored file into facts, without touching the database: sniffed by content, never by name.

import type { BankMessage } from "../bank/message.ts";
import type { StatusReport } from "../bank/orders/status-report.ts";
import { readBankFile } from "../bank/read-bank-file.ts";
import { sniffBankFile } from "../bank/sniff.ts";
import type { Reason } from "../errors/refusal.ts";
import { readEvidenceFile, sniffEvidenceFile } from "../evidence/read-evidence-file.ts";
import type { EvidenceReading } from "../evidence/reading.ts";
import { readMarketplaceFile } from "../marketplace/read-marketplace-file.ts";
import type { MarketplaceReading, ReadOptions } from "../marketplace/reading.ts";
import { sniffMarketplaceFile } from "../marketplace/sniff.ts";

/** Bytes looked at to tell what a file is. */
export const SNIFF_BYTES = 64 * 1024;

export type FileContent =
  | { readonly kind: "marketplace"; readonly format: string; readonly reading: MarketplaceReading }
  | {
      readonly kind: "bank";
      readonly format: string;
      readonly messages: readonly BankMessage[];
      /** What it says of our payment orders. */
      readonly reports: readonly StatusReport[];
      readonly refusals: readonly Reason[];
    }
  | { readonly kind: "evidence"; readonly format: string; readonly reading: EvidenceReading }
  | { readonly kind: "unknown"; readonly format: null; readonly refusals: readonly Reason[] };

/** Reads a file; what it holds, or why it is refused as a whole. Sums of orders are taken where that is asked for. */
export async function readFileContent(
  source: AsyncIterable<Uint8Array>,
  options: ReadOptions = {},
): Promise<FileContent> {
  const { head, whole } = await peek(source);
  const bank = sniffBankFile(head);
  // No marketplace sends XML, and looking for its columns would take longer than reading a notice does.
  const marketplace = bank === null || bank === "mt" ? sniffMarketplaceFile(head) : null;
  if (marketplace !== null) {
    return {
      kind: "marketplace",
      format: marketplace,
      reading: await readMarketplaceFile(whole, marketplace, options),
    };
  }
  if (bank !== null) {
    const { messages, refusals, reports = [] } = await readBankFile(whole, bank, options);
    const formats = [...new Set([...messages, ...reports].map(({ format }) => format))].sort();
    return { kind: "bank", format: formats.join(", ") || bank, messages, reports, refusals };
  }
  const evidence = sniffEvidenceFile(head);
  if (evidence !== null) {
    const reading = await readEvidenceFile(whole, evidence, options.onProgress);
    return { kind: "evidence", format: evidence, reading };
  }
  // Read to the end all the same: the raw store proves the bytes at the last chunk.
  await drain(whole);
  return {
    kind: "unknown",
    format: null,
    refusals: [
      {
        code: head.length === 0 ? "file-empty" : "format-unknown",
        line: null,
        message:
          head.length === 0
            ? "The file is empty. Fetch it again."
            : "This is neither a settlement file, a payout list, a bank message nor a table of orders, parcels or papers that " +
              "Straitway reads. " +
              "`straitway settle --help` lists the formats.",
      },
    ],
  };
}

/** The first `SNIFF_BYTES` bytes (fewer when the content is shorter), and the whole content again. */
export async function peek(
  source: AsyncIterable<Uint8Array>,
): Promise<{ head: Uint8Array; whole: AsyncIterable<Uint8Array> }> {
  const iterator = source[Symbol.asyncIterator]();
  const chunks: Uint8Array[] = [];
  let length = 0;
  let done = false;
  while (length < SNIFF_BYTES && !done) {
    const next = await iterator.next();
    if (next.done === true) done = true;
    else {
      chunks.push(next.value);
      length += next.value.length;
    }
  }
  const head = Buffer.concat(chunks).subarray(0, SNIFF_BYTES);
  async function* whole(): AsyncGenerator<Uint8Array> {
    yield* chunks;
    while (!done) {
      const next = await iterator.next();
      if (next.done === true) done = true;
      else yield next.value;
    }
  }
  return { head, whole: whole() };
}

async function drain(source: AsyncIterable<Uint8Array>): Promise<void> {
  const iterator = source[Symbol.asyncIterator]();
  for (let next = await iterator.next(); next.done !== true; ) next = await iterator.next();
}
