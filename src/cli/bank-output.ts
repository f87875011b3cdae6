// The two ways in which `bank read` answers: as text that is printed while a file is read, or as one
// JSON document into which a file goes once it is known not to be refused.

import type { BankEntry, BankMessage, BankMessageHeader, BankSink } from "../bank/message.ts";
import type { BankFileEnd } from "./bank-input.ts";
import { messageJson, refusedMessageJson } from "./bank-json.ts";
import { createBankPrinter, refusedBankFileText } from "./bank-text.ts";
import { counted } from "./file-text.ts";
import { openJsonList } from "./json-document.ts";
import type { Terminal } from "./terminal.ts";

/** What all files together came to. */
export type BankTally = {
  readonly files: number;
  readonly refusedFiles: number;
  readonly messages: number;
  readonly quarantined: number;
};

export type BankOutput = {
  /** Begins a file: where its messages go, and what to call at its end. */
  readonly file: (path: string) => {
    readonly sink: BankSink;
    readonly end: (end: BankFileEnd) => void;
  };
  readonly end: (tally: BankTally) => void;
};

/** Text for people; one entry is held at a time. */
export function createTextOutput(out: Terminal["out"], showsAll: boolean): BankOutput {
  return {
    file: (path) => {
      let isPrinted = false;
      const print = (text: string): void => {
        isPrinted = true;
        out(text);
      };
      return {
        sink: createBankPrinter(path, print, showsAll),
        end: ({ format, refusals }) => {
          if (refusals.length > 0) out(refusedBankFileText(path, format, refusals, isPrinted));
        },
      };
    },
    end: ({ files, refusedFiles, messages, quarantined }) =>
      out(
        `${counted(messages, "message")} in ${counted(files, "file")}: ` +
          `${messages - quarantined} proven or read, ${quarantined} quarantined; ` +
          `${counted(refusedFiles, "file")} refused.\n`,
      ),
  };
}

/** One JSON document; the messages of one file are held at a time. */
export function createJsonOutput(out: Terminal["out"]): BankOutput {
  const list = openJsonList({ out }, "messages");
  return {
    file: (path) => {
      const { sink, messages } = createCollector();
      return {
        sink,
        end: ({ format, refusals }) => {
          if (refusals.length > 0) list.add(refusedMessageJson(path, format, refusals));
          else for (const message of messages) list.add(messageJson(path, message));
        },
      };
    },
    end: () => list.end(),
  };
}

function createCollector(): { readonly sink: BankSink; readonly messages: readonly BankMessage[] } {
  const messages: BankMessage[] = [];
  let open: { readonly header: BankMessageHeader; readonly entries: BankEntry[] } | null = null;
  const sink: BankSink = {
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
  };
  return { sink, messages };
}
