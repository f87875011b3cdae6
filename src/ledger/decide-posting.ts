// Decides one posting against the ledger as it stands: every leg is accepted, or none and the first reason why.
// Pure and in memory, so that one writer can decide thousands in order before a single write (docs/concepts/ledger.md).

import type { Instant } from "../time/instant.ts";
import type { AccountState, Side, SideChange } from "./account-state.ts";
import { balancesAfter, fitsRange, isWithinLimit } from "./account-state.ts";
import type { AccountBalances, LedgerAccountId, Leg, TransferRef } from "./posting.ts";
import type { CheckedPosting, PostingRefusal } from "./posting-body.ts";
import { refusePosting } from "./posting-body.ts";
import type { Drawn, Transfer } from "./transfer.ts";
import { remainderOf } from "./transfer.ts";

/** The ledger as the posting before left it. */
export type Book = {
  readonly account: (id: LedgerAccountId) => AccountState | undefined;
  readonly transfer: (ref: TransferRef) => Transfer | undefined;
  readonly drawn: (seq: bigint) => Drawn;
};

/** What an accepted posting adds: nothing of it is in the book until the caller puts it there. */
export type AcceptedPosting = {
  readonly ok: true;
  readonly transfers: readonly Transfer[];
  readonly accounts: ReadonlyMap<LedgerAccountId, AccountState>;
  readonly draws: ReadonlyMap<bigint, { readonly amount: bigint; readonly drawn: Drawn }>;
};

/** A movement between two accounts, as a leg asks for it. */
type Movement = {
  readonly debit: LedgerAccountId;
  readonly credit: LedgerAccountId;
  readonly change: SideChange;
  readonly of: Transfer | null;
};

type Draft = {
  readonly book: Book;
  readonly checked: CheckedPosting;
  readonly transfers: Transfer[];
  readonly accounts: Map<LedgerAccountId, AccountState>;
  readonly draws: Map<bigint, { amount: bigint; drawn: Drawn }>;
};

/** Decides the posting; its first transfer gets `firstSeq`. */
export function decidePosting(
  book: Book,
  checked: CheckedPosting,
  firstSeq: bigint,
  bookedAt: Instant,
): AcceptedPosting | PostingRefusal {
  const draft: Draft = {
    book,
    checked,
    transfers: [],
    accounts: new Map(),
    draws: new Map(),
  };
  const { posting, fingerprint } = checked;
  for (const [index, leg] of posting.legs.entries()) {
    const movement = movementOf(draft, leg, index);
    if ("ok" in movement) return movement;
    const debit = touch(draft, movement, "debit", leg, index);
    if ("ok" in debit) return debit;
    const credit = touch(draft, movement, "credit", leg, index);
    if ("ok" in credit) return credit;
    draft.transfers.push({
      seq: firstSeq + BigInt(index),
      postingId: posting.id,
      leg: index,
      kind: leg.kind,
      ofSeq: movement.of?.seq ?? null,
      currency: leg.amount.currency,
      amount: leg.amount.minor,
      effectiveOn: posting.effectiveOn,
      bookedAt,
      reason: posting.reason,
      subject: posting.subject,
      fingerprint,
      debit,
      credit,
    });
  }
  return { ok: true, ...draft };
}

function movementOf(draft: Draft, leg: Leg, index: number): Movement | PostingRefusal {
  if ("of" in leg) return drawnMovement(draft, leg, index);
  const { minor } = leg.amount;
  const change =
    leg.kind === "post" ? { posted: minor, pending: 0n } : { posted: 0n, pending: minor };
  return { debit: leg.debit, credit: leg.credit, change, of: null };
}

/** The movement of a leg that draws from an earlier transfer, at most what that one has left. */
function drawnMovement(
  draft: Draft,
  leg: Extract<Leg, { of: TransferRef }>,
  index: number,
): Movement | PostingRefusal {
  const of = transferOf(draft, leg.of);
  if (of === undefined)
    return refusePosting("transfer-not-found", index, "no such transfer in this partition");
  const isPending = of.kind === "pending";
  const isPosted = of.kind === "post" || of.kind === "commit";
  if (leg.kind === "reverse" && !isPosted)
    return refusePosting("transfer-not-posted", index, "only a post or a commit can be reversed");
  if (leg.kind !== "reverse" && !isPending)
    return refusePosting(
      "transfer-not-pending",
      index,
      "only a pending transfer can be committed or voided",
    );
  if (of.currency !== leg.amount.currency)
    return refusePosting("account-currency-differs", index, `the transfer is in ${of.currency}`);
  const drawn = draft.draws.get(of.seq)?.drawn ?? draft.book.drawn(of.seq);
  const { minor } = leg.amount;
  const remainder = remainderOf(of.amount, drawn);
  if (minor > remainder)
    return refusePosting(
      "exceeds-remainder",
      index,
      `only ${remainder} minor units are left of it`,
    );
  draft.draws.set(of.seq, { amount: of.amount, drawn: drawMore(drawn, leg.kind, minor) });
  const [debit, credit] = [of.debit.accountId, of.credit.accountId];
  if (leg.kind === "commit")
    return { debit, credit, change: { posted: minor, pending: -minor }, of };
  if (leg.kind === "void") return { debit, credit, change: { posted: 0n, pending: -minor }, of };
  return { debit: credit, credit: debit, change: { posted: minor, pending: 0n }, of };
}

function drawMore(drawn: Drawn, kind: "commit" | "void" | "reverse", minor: bigint): Drawn {
  return {
    committed: drawn.committed + (kind === "commit" ? minor : 0n),
    voided: drawn.voided + (kind === "void" ? minor : 0n),
    reversed: drawn.reversed + (kind === "reverse" ? minor : 0n),
  };
}

function transferOf(draft: Draft, ref: TransferRef): Transfer | undefined {
  return ref.postingId === draft.checked.posting.id
    ? draft.transfers[ref.leg]
    : draft.book.transfer(ref);
}

/** The account's balances after the movement has touched it, put into the draft; or why it may not. */
function touch(
  draft: Draft,
  movement: Movement,
  side: Side,
  leg: Leg,
  index: number,
): AccountBalances | PostingRefusal {
  const id = movement[side];
  const state = draft.accounts.get(id) ?? draft.book.account(id);
  if (state === undefined)
    return refusePosting("account-not-found", index, `the ${side} account is not open`);
  const { currency } = state.balances;
  if (currency !== leg.amount.currency)
    return refusePosting(
      "account-currency-differs",
      index,
      `the ${side} account is in ${currency}`,
    );
  const balances = balancesAfter(state.balances, side, movement.change);
  if (!fitsRange(balances))
    return refusePosting("amount-too-large", index, `the ${side} account would leave its range`);
  if (!isWithinLimit(state.limit, balances))
    return refusePosting("limit-exceeded", index, `the ${side} account would break ${state.limit}`);
  draft.accounts.set(id, { limit: state.limit, balances });
  return balances;
}
