// Collects what is wrong with one message while it streams by. A message with a fault is quarantined, not the
// file: its neighbours may be right. The list is bounded, so that a wrong file of a million lines stays small.

import type { Reason } from "../../errors/refusal.ts";
import { REASONS_PER_MESSAGE_MAX } from "../limits.ts";
import type { MessageReasonCode } from "./reasons.ts";

export type Faults = {
  readonly add: (code: MessageReasonCode, line: number | null, message: string) => void;
  /** The first reasons in order of finding, and a last one that counts the rest. */
  readonly list: () => readonly Reason[];
};

export function createFaults(): Faults {
  const reasons: Reason[] = [];
  let countAll = 0;
  return {
    add: (code, line, message) => {
      countAll += 1;
      if (reasons.length < REASONS_PER_MESSAGE_MAX) reasons.push({ code, line, message });
    },
    list: () => {
      const left = countAll - reasons.length;
      if (left === 0) return reasons;
      return [...reasons, { code: "more-reasons", line: null, message: `${left} more reasons.` }];
    },
  };
}

/** Text from the file as shown in a reason: quoted, cut at 60 characters. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
