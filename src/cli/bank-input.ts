// One bank file from the command line into a sink: told by its content, validated by its schemas
// where a folder of them is given, read as a stream.

import { validateXsd } from "../bank/iso20022/xsd.ts";
import { BANK_FILE_BYTES_MAX } from "../bank/limits.ts";
import type { BankSink } from "../bank/message.ts";
import { streamBankFile } from "../bank/read-bank-file.ts";
import { type BankFormat, sniffBankFile } from "../bank/sniff.ts";
import type { Reason } from "../errors/refusal.ts";
import { sniffMarketplaceFile } from "../marketplace/sniff.ts";
import { peek } from "../runtime/read-file.ts";
import { FILE_EMPTY, readInput } from "./input-file.ts";
import { withSchemaReasons } from "./schema-reasons.ts";

/** What is known of a bank file once it has been read to its end, or refused. */
export type BankFileEnd = {
  readonly format: BankFormat | null;
  /** Not empty: nothing that the sink was told of this file may be used. */
  readonly refusals: readonly Reason[];
  readonly messageCount: number;
  readonly quarantinedCount: number;
};

export type BankInputOptions = {
  /** Folder of `<definition>.xsd`; the whole file is then held in memory, as bytes and as a tree. */
  readonly xsdFolder: string | null;
  readonly onProgress: (bytes: number) => void;
};

/** Reads the file into the sink. Never throws for what the file or its path is. */
export async function readBankInput(
  path: string,
  sink: BankSink,
  { xsdFolder, onProgress }: BankInputOptions,
): Promise<BankFileEnd> {
  let format: BankFormat | null = null;
  const { counting, counts } = countMessages(sink);
  const outcome = await readInput(path, async (source): Promise<readonly Reason[]> => {
    const { head, whole } = await peek(source);
    const isMarketplace = sniffMarketplaceFile(head) !== null;
    format = isMarketplace ? null : sniffBankFile(head);
    if (format === null) return [notABankMessage(head, isMarketplace)];
    if (format === "pain.002") return [ABOUT_ORDERS];
    if (xsdFolder === null || format !== "iso20022") {
      return (await streamBankFile(whole, format, counting, { onProgress })).refusals;
    }
    const bytes = await keptBytes(whole);
    const schema = withSchemaReasons(counting, await validateXsd(bytes, xsdFolder));
    const reading = await streamBankFile(slicesOf(bytes), format, schema.sink, { onProgress });
    schema.end();
    return reading.refusals;
  });
  return { format, refusals: outcome.ok ? outcome.value : [outcome.refusal], ...counts };
}

/** What is said of orders means something only beside the orders. */
const ABOUT_ORDERS: Reason = {
  code: "message-unsupported",
  line: null,
  message:
    "This is a payment status report: it tells of orders, not of an account. A running channel takes it.",
};

function countMessages(sink: BankSink): {
  readonly counting: BankSink;
  readonly counts: { messageCount: number; quarantinedCount: number };
} {
  const counts = { messageCount: 0, quarantinedCount: 0 };
  const messageEnd: BankSink["messageEnd"] = (proof) => {
    counts.messageCount += 1;
    if (proof.verdict === "quarantined") counts.quarantinedCount += 1;
    sink.messageEnd(proof);
  };
  return { counting: { ...sink, messageEnd }, counts };
}

function notABankMessage(head: Uint8Array, isMarketplace: boolean): Reason {
  if (head.length === 0) return FILE_EMPTY;
  const message = isMarketplace
    ? "This is a file of the marketplace, no bank message. `straitway statement check` reads it."
    : "This is no bank message that is read here. `straitway bank read --help` lists the formats.";
  return { code: "not-a-bank-message", line: null, message };
}

/** The bytes for validation and reading both; it stops past the limit, where both refuse the file. */
async function keptBytes(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let byteCount = 0;
  for await (const chunk of source) {
    chunks.push(chunk);
    byteCount += chunk.length;
    if (byteCount > BANK_FILE_BYTES_MAX) break;
  }
  return Buffer.concat(chunks);
}

const SLICE_BYTES = 1024 * 1024;

async function* slicesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += SLICE_BYTES) {
    yield bytes.subarray(from, from + SLICE_BYTES);
  }
}
