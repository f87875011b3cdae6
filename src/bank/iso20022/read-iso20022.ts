// Reads ISO 20022 cash messages (camt.052, 053, 054 of versions 01 to 12, pacs.008, pacs.004) into the contract of
// src/bank/message.ts, streaming, with every sum proven. What is refused or quarantined, and why: reasons.ts.

import type { Reason } from "../../errors/refusal.ts";
import { BANK_FILE_BYTES_MAX, XML_SLICE_LENGTH } from "../limits.ts";
import type { BankFileReading, BankSink } from "../message.ts";
import { createDocumentReader } from "./document-reader.ts";
import { createXmlDecoder } from "./xml-encoding.ts";
import type { XmlParser } from "./xml-parser.ts";
import { createXmlParser } from "./xml-parser.ts";

export type ReadOptions = {
  /** Called with the bytes read so far, after each chunk of the source. */
  readonly onProgress?: (bytesRead: number) => void;
};

/**
 * Reads one file. Messages arrive at the sink in file order; a message that is quarantined is still told, with
 * its reasons in its proof. When `refusals` is not empty nothing of the file may be used, also not what the sink
 * has been told before. A source that fails throws (an outage of whoever owns it).
 */
export async function readIso20022(
  source: AsyncIterable<Uint8Array>,
  sink: BankSink,
  options: ReadOptions = {},
): Promise<BankFileReading> {
  const decoder = createXmlDecoder();
  const parser = createParser(sink);
  let bytesRead = 0;
  for await (const chunk of source) {
    bytesRead += chunk.length;
    const refusal = bytesRead > BANK_FILE_BYTES_MAX ? tooLarge() : writeChunk(chunk);
    if (refusal !== null) return { refusals: [refusal] };
    options.onProgress?.(bytesRead);
  }
  const rest = decoder.end();
  if (!rest.ok) return { refusals: [rest.refusal] };
  const refusal = parser.write(rest.value) ?? parser.end();
  return { refusals: refusal === null ? [] : [refusal] };

  function writeChunk(chunk: Uint8Array): Reason | null {
    for (let from = 0; from < chunk.length; from += XML_SLICE_LENGTH) {
      const text = decoder.push(chunk.subarray(from, from + XML_SLICE_LENGTH));
      if (!text.ok) return { ...text.refusal, line: parser.line() };
      const refusal = parser.write(text.value);
      if (refusal !== null) return refusal;
    }
    return null;
  }
}

function createParser(sink: BankSink): XmlParser {
  const reader = createDocumentReader(sink, (code, message) => parser.stop(code, message));
  const parser: XmlParser = createXmlParser(reader);
  return parser;
}

function tooLarge(): Reason {
  const message = `The file is larger than ${BANK_FILE_BYTES_MAX / 1024 / 1024} MB.`;
  return { code: "file-too-large", line: null, message };
}
