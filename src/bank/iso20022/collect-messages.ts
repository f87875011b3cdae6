// Whole messages in memory, for callers with small files (tests, one notice over a webhook). Statements of any
// size are read through a sink of one's own instead.

import type {
  BankEntry,
  BankFileReading,
  BankMessage,
  BankMessageHeader,
  BankSink,
} from "../message.ts";
import { readIso20022 } from "./read-iso20022.ts";

/** A sink that keeps what it is told, and the messages that it has been told so far. */
export function createMessageCollector(): { sink: BankSink; messages: readonly BankMessage[] } {
  const messages: BankMessage[] = [];
  let header: BankMessageHeader | null = null;
  let entries: BankEntry[] = [];
  const sink: BankSink = {
    message: (started) => {
      header = started;
      entries = [];
    },
    entry: (entry) => entries.push(entry),
    messageEnd: (proof) => {
      if (header !== null) messages.push({ ...header, ...proof, entries });
      header = null;
    },
  };
  return { sink, messages };
}

/** Reads a file that is already in memory. When it is refused, no messages are given. */
export async function readIso20022Bytes(
  bytes: Uint8Array,
): Promise<BankFileReading & { readonly messages: readonly BankMessage[] }> {
  const { sink, messages } = createMessageCollector();
  const source = (async function* () {
    yield bytes;
  })();
  const { refusals } = await readIso20022(source, sink);
  return { refusals, messages: refusals.length > 0 ? [] : messages };
}
