// An inbox for tests of transports: keeps what it is handed by its hash, as the real one does, and can be told to fail.

import { createHash } from "node:crypto";
import type { Accept, InboundItem } from "../../inbox/inbound.ts";
import type { Clock } from "../../time/clock.ts";
import type { Instant } from "../../time/instant.ts";

export type TestInbox = {
  readonly accept: Accept;
  /** Every item that came, repeats included. */
  readonly items: InboundItem[];
  /** Different contents that are kept. */
  readonly kept: () => number;
  /** The next calls throw these, one each, before anything is kept. */
  readonly failures: unknown[];
  /** As `failures`, but after the item was kept: an acknowledgement that got lost. */
  readonly lostAnswers: unknown[];
};

/** Files that start with "refuse" are refused. */
export function openTestInbox(clock: Clock): TestInbox {
  const storedAt = new Map<string, Instant>();
  const items: InboundItem[] = [];
  const failures: unknown[] = [];
  const lostAnswers: unknown[] = [];
  return {
    items,
    failures,
    lostAnswers,
    kept: () => storedAt.size,
    accept: async (item) => {
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      items.push(item);
      const sha256 = createHash("sha256").update(item.bytes).digest("hex");
      const isSeen = storedAt.has(sha256);
      if (!isSeen) storedAt.set(sha256, clock.now());
      const lost = lostAnswers.shift();
      if (lost !== undefined) throw lost;
      const isRefused = Buffer.from(item.bytes).toString("utf8").startsWith("refuse");
      return {
        sha256,
        format: isRefused ? null : "camt.054.001.08",
        outcome: isRefused ? "refused" : isSeen ? "seen" : "new",
        reasons: isRefused ? [{ code: "format-unknown", line: null, message: "No." }] : [],
        storedAt: storedAt.get(sha256)!,
        settledAt: clock.now(),
      };
    },
  };
}
