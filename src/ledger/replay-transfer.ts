// Replays one stored transfer on what the transfers before it add up to. After a difference the stored row is taken
// as the new base, so that one changed row is one finding and not a finding for every row after it.

import type { AccountState, Side, SideChange } from "./account-state.ts";
import { balancesAfter, fitsRange, isWithinLimit, openedState } from "./account-state.ts";
import type { FindingSink } from "./ledger-finding.ts";
import type { AccountBalances, LedgerAccountId } from "./posting.ts";
import type { ChainedTransfer, PartitionScope } from "./transfer.ts";
import { CHAIN_START, rowHash } from "./transfer.ts";

export type ReplayedAccount = { readonly state: AccountState; readonly lastSeq: bigint };

export type Replay = {
  readonly scope: PartitionScope;
  /** The accounts that are stored, for their limits and currencies. */
  readonly stored: ReadonlyMap<LedgerAccountId, AccountState>;
  readonly accounts: Map<LedgerAccountId, ReplayedAccount>;
  last: ChainedTransfer | null;
  transferCount: bigint;
  /** Seqs that no row had so far; they explain versions that jump. */
  missingCount: bigint;
};

export function startReplay(
  scope: PartitionScope,
  stored: ReadonlyMap<LedgerAccountId, AccountState>,
): Replay {
  return { scope, stored, accounts: new Map(), last: null, transferCount: 0n, missingCount: 0n };
}

/** Checks the next row by seq and counts it; `drawnFrom` holds the transfer that it draws from, if any. */
export function replayTransfer(
  replay: Replay,
  transfer: ChainedTransfer,
  drawnFrom: ReadonlyMap<bigint, ChainedTransfer>,
  sink: FindingSink,
): void {
  replayChain(replay, transfer, sink);
  replayOrder(replay, transfer, sink);
  const of = transfer.ofSeq === null ? null : (drawnFrom.get(transfer.ofSeq) ?? null);
  replayDraw(transfer, of, sink);
  replaySide(replay, transfer, "debit", sink);
  replaySide(replay, transfer, "credit", sink);
  replay.last = transfer;
  replay.transferCount += 1n;
}

function replayChain(replay: Replay, transfer: ChainedTransfer, sink: FindingSink): void {
  const { seq, previousHash } = transfer;
  const expectedSeq = (replay.last?.seq ?? 0n) + 1n;
  const isWhole = rowHash(replay.scope, transfer, previousHash) === transfer.rowHash;
  if (!isWhole) sink.report("transfer-changed", seq, null, "the row's hash is not its columns'");
  if (seq !== expectedSeq) {
    replay.missingCount += seq - expectedSeq;
    const message = `no row from seq ${expectedSeq} to ${seq - 1n}`;
    sink.report("transfer-missing", expectedSeq, null, message);
  } else if (isWhole && previousHash !== (replay.last?.rowHash ?? CHAIN_START)) {
    const replaced = replay.last?.seq ?? seq;
    sink.report("transfer-replaced", replaced, null, "the row after names another hash for it");
  }
}

/** Legs of a posting stand together, and booking instants never go back. */
function replayOrder(replay: Replay, transfer: ChainedTransfer, sink: FindingSink): void {
  const { last } = replay;
  const { seq, leg } = transfer;
  const follows = last !== null && last.seq + 1n === seq;
  if (follows && last.bookedAt > transfer.bookedAt)
    sink.report("rule-broken", seq, null, "booked before the transfer before it");
  const continues =
    follows &&
    last.postingId === transfer.postingId &&
    last.leg + 1 === leg &&
    last.fingerprint === transfer.fingerprint;
  const isExplained = !follows && (last !== null || seq !== 1n);
  if (leg !== 0 && !continues && !isExplained)
    sink.report("rule-broken", seq, null, "a leg stands apart from its posting");
}

function replayDraw(
  transfer: ChainedTransfer,
  of: ChainedTransfer | null,
  sink: FindingSink,
): void {
  const { seq, kind } = transfer;
  if (kind === "post" || kind === "pending") return;
  if (of === null) {
    sink.report(
      "rule-broken",
      seq,
      null,
      `it draws from seq ${transfer.ofSeq}, which is not there`,
    );
    return;
  }
  const isReverse = kind === "reverse";
  const kindFits = isReverse ? of.kind === "post" || of.kind === "commit" : of.kind === "pending";
  const debit = isReverse ? of.credit : of.debit;
  const credit = isReverse ? of.debit : of.credit;
  const fits =
    kindFits &&
    of.seq < seq &&
    of.currency === transfer.currency &&
    debit.accountId === transfer.debit.accountId &&
    credit.accountId === transfer.credit.accountId;
  if (!fits) sink.report("rule-broken", seq, null, `it does not fit seq ${of.seq} it draws from`);
}

/** What the kind does to either side of it. */
function changeOf(transfer: ChainedTransfer): SideChange {
  const { amount } = transfer;
  const changes: Record<ChainedTransfer["kind"], SideChange> = {
    post: { posted: amount, pending: 0n },
    reverse: { posted: amount, pending: 0n },
    pending: { posted: 0n, pending: amount },
    commit: { posted: amount, pending: -amount },
    void: { posted: 0n, pending: -amount },
  };
  return changes[transfer.kind];
}

function replaySide(
  replay: Replay,
  transfer: ChainedTransfer,
  side: Side,
  sink: FindingSink,
): void {
  const { seq } = transfer;
  const found = transfer[side];
  const stored = replay.stored.get(found.accountId);
  const limit = stored?.limit ?? "none";
  const before =
    replay.accounts.get(found.accountId)?.state ??
    openedState({ id: found.accountId, currency: transfer.currency, limit });
  const expected = balancesAfter(before.balances, side, changeOf(transfer));
  const jumped = replay.missingCount > 0n && found.version > expected.version;
  if (!jumped && !sameBalances(expected, found))
    sink.report("running-balance-differs", seq, found.accountId, differenceOf(expected, found));
  if (stored === undefined)
    sink.report("account-missing", seq, found.accountId, "the account is not there");
  else if (stored.balances.currency !== transfer.currency)
    sink.report("rule-broken", seq, found.accountId, "the account has another currency");
  if (!isWithinLimit(limit, found) || !fitsRange(found))
    sink.report("rule-broken", seq, found.accountId, `the account is beyond its limit ${limit}`);
  replay.accounts.set(found.accountId, { state: { limit, balances: found }, lastSeq: seq });
}

export function sameBalances(left: AccountBalances, right: AccountBalances): boolean {
  return (
    left.version === right.version &&
    left.debitsPosted === right.debitsPosted &&
    left.creditsPosted === right.creditsPosted &&
    left.debitsPending === right.debitsPending &&
    left.creditsPending === right.creditsPending
  );
}

export function differenceOf(expected: AccountBalances, found: AccountBalances): string {
  return `expected ${tellBalances(expected)}, found ${tellBalances(found)} (debits/credits)`;
}

function tellBalances(balances: AccountBalances): string {
  const { version, debitsPosted, creditsPosted, debitsPending, creditsPending } = balances;
  const posted = `posted ${debitsPosted}/${creditsPosted}`;
  return `version ${version} ${posted} pending ${debitsPending}/${creditsPending}`;
}
