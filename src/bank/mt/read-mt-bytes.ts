// An MT file that is already in memory, as whole messages: for small files, tests, and notices over
// a webhook.

import type {
  BankEntry,
  BankFileReading,
  BankMessage,
  BankMessageHeader,
  BankSink,
} from "../message.ts";
import { readMt } from "./read-mt.ts";

/** The messages of the file in order; none when the file is refused. */
export async function readMtBytes(
  bytes: Uint8Array,
): Promise<BankFileReading & { readonly messages: readonly BankMessage[] }> {
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
    },
  };
  const source = (async function* () {
    yield bytes;
  })();
  const { refusals } = await readMt(source, sink);
  return { refusals, messages: refusals.length > 0 ? [] : messages };
}
