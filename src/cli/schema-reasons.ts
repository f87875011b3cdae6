// Puts what an XSD finds wrong with a file onto the messages of it. A schema judges whole
// documents, so one fault quarantines every message of the file: each shows the faults in its own
// lines, or where the others' first one is.

import type { BankMessageProof, BankSink } from "../bank/message.ts";
import type { Reason } from "../errors/refusal.ts";

export type SchemaSink = {
  readonly sink: BankSink;
  /** Passes on the end of the last message; call it once, when the file has ended. */
  readonly end: () => void;
};

/**
 * `found` is the answer of `validateXsd`; when it found nothing the sink is passed through as it
 * is.
 */
export function withSchemaReasons(inner: BankSink, found: readonly Reason[]): SchemaSink {
  const reasons = found.toSorted((left, right) => (left.line ?? 0) - (right.line ?? 0));
  const [first] = reasons;
  if (first === undefined) return { sink: inner, end: () => undefined };
  let waiting: BankMessageProof | null = null;
  let taken = 0;
  // A message's faults are known once the line of the next message is.
  const passOn = (nextLine: number): void => {
    if (waiting === null) return;
    const from = taken;
    while (taken < reasons.length && (reasons[taken]?.line ?? 0) < nextLine) taken += 1;
    const own = reasons.slice(from, taken);
    const shown = own.length > 0 ? own : [elsewhere(first)];
    inner.messageEnd({
      ...waiting,
      verdict: "quarantined",
      reasons: [...waiting.reasons, ...shown],
    });
    waiting = null;
  };
  return {
    sink: {
      message: (header) => {
        passOn(header.line);
        inner.message(header);
      },
      entry: inner.entry,
      messageEnd: (proof) => {
        waiting = proof;
      },
    },
    end: () => passOn(Number.POSITIVE_INFINITY),
  };
}

function elsewhere({ code, line, message }: Reason): Reason {
  return { code, line, message: `Another part of the file fails its schema: ${message}` };
}
