// Reads a file of MT940, MT942, MT910 and MT103 messages into the shape of src/bank/message.ts. The
// file is read to its end before anything is believed: size, NUL bytes and charset are properties
// of the whole of it.

import type { Reason } from "../../errors/refusal.ts";
import { BANK_FILE_BYTES_MAX } from "../limits.ts";
import type { BankFileReading, BankSink, BankVerdict } from "../message.ts";
import { fieldsOf } from "./fields.ts";
import type { Findings } from "./findings.ts";
import { createFindings, mtReason } from "./findings.ts";
import type { MtMessage } from "./header.ts";
import { addEnvelopeReasons } from "./header.ts";
import type { MtFamily } from "./message-type.ts";
import { messageTypeOf } from "./message-type.ts";
import { readCreditAdvice } from "./read-credit-advice.ts";
import { readCreditTransfer } from "./read-credit-transfer.ts";
import { readInterimReport } from "./read-interim-report.ts";
import type { MtContent } from "./read-statement.ts";
import { readStatement } from "./read-statement.ts";
import type { RawMessage } from "./split-messages.ts";
import { splitMessages } from "./split-messages.ts";
import { charsetOf, linesOf } from "./text-lines.ts";

const READERS: Readonly<Record<MtFamily, (message: MtMessage, findings: Findings) => MtContent>> = {
  mt940: readStatement,
  mt942: readInterimReport,
  mt910: readCreditAdvice,
  mt103: readCreditTransfer,
};

export type ReadMtOptions = {
  /** Called as bytes come in, with the number read so far. */
  readonly onProgress?: (bytesRead: number) => void;
};

/**
 * Gives every message of the file to the sink, in order. A message with any reason is quarantined;
 * a file with refusals is not used at all, also not the messages that the sink was given before the
 * refusal was found.
 */
export async function readMt(
  source: AsyncIterable<Uint8Array>,
  sink: BankSink,
  options: ReadMtOptions = {},
): Promise<BankFileReading> {
  const file = await collect(source, options);
  if (file.refusal !== null) return { refusals: [file.refusal] };
  const messages = splitMessages(linesOf(file.bytes, charsetOf(file.bytes)));
  let messageCount = 0;
  let next = messages.next();
  for (; next.done !== true; next = messages.next()) {
    const refusal = readMessage(next.value, sink);
    if (refusal !== null) return { refusals: [refusal] };
    messageCount += 1;
  }
  if (next.value !== null) return { refusals: [next.value] };
  if (messageCount > 0) return { refusals: [] };
  return { refusals: [mtReason("mt-no-message", null, "The file holds no MT message.")] };
}

type CollectedFile = { readonly bytes: Uint8Array; readonly refusal: Reason | null };

async function collect(
  source: AsyncIterable<Uint8Array>,
  options: ReadMtOptions,
): Promise<CollectedFile> {
  const chunks: Uint8Array[] = [];
  let byteCount = 0;
  for await (const chunk of source) {
    byteCount += chunk.length;
    options.onProgress?.(byteCount);
    if (byteCount > BANK_FILE_BYTES_MAX)
      return refusedFile(
        mtReason(
          "mt-file-too-large",
          null,
          `The file has more than ${BANK_FILE_BYTES_MAX / 1024 / 1024} MiB.`,
        ),
      );
    if (chunk.includes(0))
      return refusedFile(
        mtReason("mt-nul-byte", null, "The file holds NUL bytes: it is not MT text, or UTF-16."),
      );
    chunks.push(chunk);
  }
  if (byteCount === 0)
    return refusedFile(mtReason("mt-file-empty", null, "The file has no bytes."));
  return { bytes: Buffer.concat(chunks), refusal: null };
}

function refusedFile(refusal: Reason): CollectedFile {
  return { bytes: new Uint8Array(0), refusal };
}

/** Reads one message into the sink, or says why its type makes the file unusable. */
function readMessage(raw: RawMessage, sink: BankSink): Reason | null {
  const findings = createFindings();
  const fields = fieldsOf(raw.text, findings);
  const type = messageTypeOf(raw, fields);
  if (type.kind === "unsupported")
    return mtReason(
      "mt-type-unsupported",
      raw.line,
      `Line ${raw.line}: ${type.type} is not read here; send MT940, MT942, MT910 or MT103.`,
    );
  if (type.kind === "unknown")
    return mtReason(
      "mt-type-unknown",
      raw.line,
      `Line ${raw.line}: the fields fit no message type, or several; a FIN header would name it.`,
    );
  addEnvelopeReasons(raw, findings);
  const content = READERS[type.family]({ raw, family: type.family, fields }, findings);
  emit(content, findings, sink);
  return null;
}

function emit(content: MtContent, findings: Findings, sink: BankSink): void {
  sink.message(content.header);
  for (const entry of content.entries) sink.entry(entry);
  sink.messageEnd({
    balances: content.balances,
    verdict: verdictOf(content, findings),
    reasons: findings.reasons,
    notes: findings.notes,
  });
}

function verdictOf(content: MtContent, findings: Findings): BankVerdict {
  if (findings.reasons.length > 0) return "quarantined";
  return content.header.family === "mt940" ? "proven" : "read";
}
