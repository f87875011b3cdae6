// A transfer: one leg of a posting as the ledger keeps it for ever, with both accounts right after it and its
// place in the hash chain. An auditor recomputes the chain from an export; the canonical text is therefore fixed.

import { hash } from "node:crypto";
import type { Currency } from "../money/currency.ts";
import type { CivilDate, Instant } from "../time/instant.ts";
import type { AccountBalances, Leg, PostingId } from "./posting.ts";

export type TransferKind = Leg["kind"];

/** What was drawn from a transfer so far: a pending one is committed or voided, a posted one is reversed. */
export type Drawn = {
  readonly committed: bigint;
  readonly voided: bigint;
  readonly reversed: bigint;
};

export const NOTHING_DRAWN: Drawn = { committed: 0n, voided: 0n, reversed: 0n };

export type Transfer = {
  /** Place in the partition, from 1, without gaps. */
  readonly seq: bigint;
  readonly postingId: PostingId;
  /** Place in the posting, from 0. */
  readonly leg: number;
  readonly kind: TransferKind;
  /** The transfer that this one draws from; null for `post` and `pending`. */
  readonly ofSeq: bigint | null;
  readonly currency: Currency;
  /** Minor units, 1 to 2^63 - 1. */
  readonly amount: bigint;
  readonly effectiveOn: CivilDate;
  readonly bookedAt: Instant;
  readonly reason: string;
  readonly subject: string;
  /** sha256 (hex) of the posting's body. */
  readonly fingerprint: string;
  /** The debited account right after this transfer. */
  readonly debit: AccountBalances;
  /** The credited account right after this transfer. */
  readonly credit: AccountBalances;
};

/** A transfer in its place of the chain; hashes are sha256 in hex. */
export type ChainedTransfer = Transfer & {
  readonly previousHash: string;
  readonly rowHash: string;
};

/** The partition that a transfer belongs to. */
export type PartitionScope = { readonly tenantId: string; readonly partition: number };

/** The hash before the first transfer of a partition. */
export const CHAIN_START = "0".repeat(64);

/** Written into every hash, so that another canonical text can never be taken for this one. */
const CANONICAL_TEXT_VERSION = "straitway-transfer-1";

/** sha256 (hex) of the row's canonical text: a JSON array of texts, in the order of the columns. */
export function rowHash(scope: PartitionScope, transfer: Transfer, previousHash: string): string {
  const { debit, credit } = transfer;
  const canonical = JSON.stringify([
    CANONICAL_TEXT_VERSION,
    previousHash,
    scope.tenantId,
    `${scope.partition} ${transfer.seq} ${transfer.leg} ${transfer.ofSeq ?? "-"}`,
    transfer.postingId,
    transfer.kind,
    debit.accountId,
    credit.accountId,
    transfer.currency,
    `${transfer.amount} ${balancesText(debit)} ${balancesText(credit)}`,
    transfer.effectiveOn,
    transfer.bookedAt,
    transfer.reason,
    transfer.subject,
    transfer.fingerprint,
  ]);
  return hash("sha256", canonical, "hex");
}

function balancesText(side: AccountBalances): string {
  const { version, debitsPosted, creditsPosted, debitsPending, creditsPending } = side;
  return `${version} ${debitsPosted} ${creditsPosted} ${debitsPending} ${creditsPending}`;
}

/** What of a pending transfer is neither committed nor voided, or of a posted one not reversed. */
export function remainderOf(amount: bigint, drawn: Drawn): bigint {
  return amount - drawn.committed - drawn.voided - drawn.reversed;
}
