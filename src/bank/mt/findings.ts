// What the reader finds wrong with one message (reasons) and what it read in spite of a deviation
// (notes). Both are capped, so that a hostile file cannot fill the memory with complaints about
// itself.

import type { Reason } from "../../errors/refusal.ts";
import { REASONS_PER_MESSAGE_MAX } from "../limits.ts";
import { MT_QUOTED_CHARS_MAX } from "./limits.ts";
import type { MtReasonCode } from "./reasons.ts";

/** Collected while one message is read. Any reason quarantines the message; notes do not. */
export type Findings = { readonly reasons: readonly Reason[]; readonly notes: readonly Reason[] };

export function createFindings(): Findings {
  return { reasons: [], notes: [] };
}

export function mtReason(code: MtReasonCode, line: number | null, message: string): Reason {
  return { code, line, message };
}

export function addReason(
  findings: Findings,
  code: MtReasonCode,
  line: number | null,
  message: string,
): void {
  addCapped(findings.reasons, mtReason(code, line, message));
}

/** Adds the refusal of one value, or a flaw of the envelope, as a reason. */
export function addRefusal(findings: Findings, refusal: Reason): void {
  addCapped(findings.reasons, refusal);
}

export function addNote(
  findings: Findings,
  code: MtReasonCode,
  line: number | null,
  message: string,
): void {
  addCapped(findings.notes, mtReason(code, line, message));
}

/** The start of a raw text, for a reason to quote. */
export function quoted(text: string): string {
  const shown = text.slice(0, MT_QUOTED_CHARS_MAX);
  return JSON.stringify(shown.length < text.length ? `${shown}…` : shown);
}

// Only this file adds to the lists, so that the cap holds.
function addCapped(findings: readonly Reason[], reason: Reason): void {
  const list = findings as Reason[];
  if (list.length < REASONS_PER_MESSAGE_MAX) list.push(reason);
  else if (list.length === REASONS_PER_MESSAGE_MAX)
    list.push(
      mtReason(
        "mt-findings-too-many",
        reason.line,
        `There are more than ${REASONS_PER_MESSAGE_MAX}; the rest is not listed.`,
      ),
    );
}
