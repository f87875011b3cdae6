// Collects what is wrong with one message while it streams by. A message with a fault is quarantined, not the
// file: its neighbours may be right. The lists are bounded, so that a wrong file of a million lines stays small.

import type { Reason } from "../../errors/refusal.ts";
import { REASONS_PER_MESSAGE_MAX } from "../limits.ts";
import type { MessageReasonCode, NoteCode } from "./reasons.ts";

export type Faults = {
  /** A fault: the message will be quarantined. */
  readonly add: (code: MessageReasonCode, line: number | null, message: string) => void;
  /** A remark on a message that may be used all the same. */
  readonly note: (code: NoteCode, line: number | null, message: string) => void;
  readonly isEmpty: () => boolean;
  /** The first faults in order of finding, one that counts the rest, then the first notes. */
  readonly list: () => readonly Reason[];
};

export function createFaults(): Faults {
  const faults: Reason[] = [];
  const notes: Reason[] = [];
  let countAll = 0;
  return {
    add: (code, line, message) => {
      countAll += 1;
      if (faults.length < REASONS_PER_MESSAGE_MAX) faults.push({ code, line, message });
    },
    note: (code, line, message) => {
      if (notes.length < REASONS_PER_MESSAGE_MAX) notes.push({ code, line, message });
    },
    isEmpty: () => countAll === 0,
    list: () => {
      const left = countAll - faults.length;
      const message = `${left} more reasons.`;
      const rest = left === 0 ? [] : [{ code: "more-reasons", line: null, message }];
      return [...faults, ...rest, ...notes];
    },
  };
}

/** Text from the file as shown in a reason: quoted, cut at 60 characters. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
