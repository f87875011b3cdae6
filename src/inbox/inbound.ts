// What comes in from outside, whatever carried it: a transport, an upload, a marketplace's download. All of them hand
// their bytes to one port, which keeps them before anybody reads them.

import type { Reason } from "../errors/refusal.ts";
import type { Instant } from "../time/instant.ts";

export type InboundItem = {
  /** As the sender named it; for people, never to tell items apart. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Whose it is, where the connection says so; null: the accounts in it say so. */
  readonly sellerId: string | null;
  /** Which connection brought it, as the settings name it ("upload", "bank:icbc-usd", "store:…"). */
  readonly source: string;
};

export type InboundReceipt = {
  readonly sha256: string;
  readonly format: string | null;
  /**
   * `stored`: kept, and settled by the process that holds the ledger; `new`: its facts are on record now; `seen`:
   * they were before; `refused`: kept, but nothing in it is used.
   */
  readonly outcome: "stored" | "new" | "seen" | "refused";
  readonly reasons: readonly Reason[];
  /** When it was kept for the first time: the minute clock of its credits starts. */
  readonly storedAt: Instant;
  /** When its facts, and all that follows from them, were committed; null where another process does that. */
  readonly settledAt: Instant | null;
};

/**
 * Keeps the item; resolves once its bytes and its arrival are committed, and, on the process that holds the ledger,
 * once all that it allows is committed too. Rejects with a retryable `Outage` when it cannot be kept now. The same
 * bytes again are harmless and get the same answer.
 */
export type Accept = (item: InboundItem) => Promise<InboundReceipt>;
