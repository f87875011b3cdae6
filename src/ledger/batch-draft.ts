// A batch while it is decided: what its postings name, what is in the ledger of it, what they add.

import { invariant } from "../errors/invariant.ts";
import type { Instant } from "../time/instant.ts";
import type { AccountBalances, LedgerAccountId, PostingId, PostingOutcome } from "./posting.ts";
import type { CheckedPosting, checkPosting } from "./posting-body.ts";
import { refusePosting } from "./posting-body.ts";
import type { ChainedTransfer, Drawn, Transfer } from "./transfer.ts";
import type { DrawnTransfer } from "./write-batch.ts";

/** A posting as checked, or its refusal. */
export type CheckResult = ReturnType<typeof checkPosting>;

export type Draft = {
  /** The postings that are in the ledger or accepted in this batch, by id. */
  readonly postings: Map<PostingId, { fingerprint: string; transfers: Transfer[] }>;
  /** What was drawn from the transfers above, by seq; absent when nothing was. */
  readonly drawn: Map<bigint, Drawn>;
  /** What the batch adds, in order. */
  readonly transfers: ChainedTransfer[];
  /** The version of each account that the batch changes, before it. */
  readonly before: Map<LedgerAccountId, bigint>;
  /** The draws that the batch changes, as they stand after it. */
  readonly draws: Map<bigint, DrawnTransfer>;
  readonly bookedAt: Instant;
};

/** Puts a transfer where its posting's id finds it. */
export function remember(draft: Draft, transfer: Transfer): void {
  const known = draft.postings.get(transfer.postingId);
  if (known === undefined) {
    const { postingId, fingerprint } = transfer;
    draft.postings.set(postingId, { fingerprint, transfers: [transfer] });
  } else known.transfers.push(transfer);
}

/** The answer to an id that is in the ledger; another body learns nothing about the first one. */
export function repeated(
  known: { readonly fingerprint: string; readonly transfers: readonly Transfer[] },
  checked: CheckedPosting,
): PostingOutcome {
  return known.fingerprint === checked.fingerprint
    ? outcomeOf("exists", known.transfers)
    : refusePosting("id-reused-with-another-body", null, "this id stands for another posting");
}

export function outcomeOf(
  outcome: "posted" | "exists",
  transfers: readonly Transfer[],
): PostingOutcome {
  const balances = new Map<LedgerAccountId, AccountBalances>();
  for (const { debit, credit } of transfers) {
    balances.set(debit.accountId, debit);
    balances.set(credit.accountId, credit);
  }
  const bookedAt = transfers[0]?.bookedAt;
  invariant(bookedAt !== undefined, "a posting in the ledger has at least one transfer");
  return { ok: true, outcome, bookedAt, balances: [...balances.values()] };
}

export function checkedOf(checks: readonly CheckResult[]): CheckedPosting[] {
  return checks.flatMap((check) => (check.ok ? [check.value] : []));
}

/** The ids to look up: those that legs draw from, and unless they are taken to be new those of the postings. */
export function idsToFind(
  postings: readonly CheckedPosting[],
  own: "look-up" | "assume-new",
): PostingId[] {
  const ids = new Set<PostingId>();
  for (const { posting } of postings) {
    if (own === "look-up") ids.add(posting.id);
    for (const leg of posting.legs) if ("of" in leg) ids.add(leg.of.postingId);
  }
  return [...ids];
}

/** The accounts that legs name, and those of the transfers found, which legs may draw from. */
export function accountIdsOf(
  postings: readonly CheckedPosting[],
  draft: Draft,
): ReadonlySet<LedgerAccountId> {
  const ids = new Set<LedgerAccountId>();
  for (const { posting } of postings) {
    for (const leg of posting.legs) {
      if ("of" in leg) {
        const of = draft.postings.get(leg.of.postingId)?.transfers[leg.of.leg];
        if (of !== undefined) ids.add(of.debit.accountId).add(of.credit.accountId);
      } else ids.add(leg.debit).add(leg.credit);
    }
  }
  return ids;
}

/** Cuts a list into runs of at most `legsMax` legs; a posting is never cut. */
export function* chunksOf(
  checks: readonly CheckResult[],
  legsMax: number,
): Iterable<CheckResult[]> {
  let chunk: CheckResult[] = [];
  let legCount = 0;
  for (const check of checks) {
    const more = check.ok ? check.value.posting.legs.length : 1;
    if (chunk.length > 0 && legCount + more > legsMax) {
      yield chunk;
      chunk = [];
      legCount = 0;
    }
    chunk.push(check);
    legCount += more;
  }
  if (chunk.length > 0) yield chunk;
}
