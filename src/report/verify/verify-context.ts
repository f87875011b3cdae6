// What every check of a verification is given: one moment of the database, the raw store, and where to report.

import type { BankMessage } from "../../bank/message.ts";
import type { Reason } from "../../errors/refusal.ts";
import type { EvidenceReading } from "../../evidence/reading.ts";
import type { PartitionScope } from "../../ledger/transfer.ts";
import type { MarketplaceReading } from "../../marketplace/reading.ts";
import type { Policy } from "../../policy/policy.ts";
import type { Tx } from "../../storage/database.ts";
import type { RawStore } from "../../storage/raw-store.ts";
import type { Instant } from "../../time/instant.ts";
import type { FindingLog } from "./verification.ts";

/** What a file holds when it is read again, by the same readers that settle files. */
export type FileFacts =
  | {
      readonly kind: "marketplace";
      readonly format: string;
      readonly reading: MarketplaceReading;
    }
  | {
      readonly kind: "bank";
      readonly format: string;
      readonly messages: readonly BankMessage[];
      readonly refusals: readonly Reason[];
    }
  | { readonly kind: "evidence"; readonly format: string; readonly reading: EvidenceReading }
  | { readonly kind: "unknown"; readonly format: null; readonly refusals: readonly Reason[] };

export type ReadFacts = (source: AsyncIterable<Uint8Array>) => Promise<FileFacts>;

export type VerifyContext = {
  /** All of one verification's queries see the same moment. */
  readonly tx: Tx;
  readonly scope: PartitionScope;
  readonly rawStore: RawStore;
  readonly readFacts: ReadFacts;
  readonly policy: Policy;
  readonly now: Instant;
  readonly findings: FindingLog;
  /** Hashes of files whose bytes are damaged or gone: what stands on record of them cannot be compared. */
  readonly unreadable: Set<string>;
};

/** A file on record whose bytes are proven, while its facts are compared. */
export type VerifiedFile = {
  readonly sha256: string;
  readonly name: string;
  readonly sellerId: string | null;
  readonly storedAt: Instant;
};
