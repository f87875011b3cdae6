// Which transaction a notice belongs to, decided in memory over the candidates of a batch. Which transaction that is
// may depend on what came before; what the transaction then says depends on the set of its tellings only.

import { objectId } from "../ids/object-id.ts";
import type { CivilDate, Instant } from "../time/instant.ts";
import type { Candidates } from "./candidates.ts";
import type { NoticeDraft, NoticeInBatch } from "./notice.ts";
import {
  isSecondRow,
  strengthOf,
  type TransactionRole,
  tellingOf,
  tellTogether,
} from "./tellings.ts";
import type { TransactionState } from "./transaction-rows.ts";

/** Account number, currency and the day of the money → seller; from the identity room. */
export type SellerOfAccount = (
  accountNumber: string,
  currency: string,
  day: CivilDate | null,
) => string | null;

type Joining = {
  readonly isMoney: boolean;
  readonly isConfirming: boolean;
  readonly storedAt: Instant;
  readonly sellerOfAccount: SellerOfAccount;
};

export type Joined = {
  readonly transaction: TransactionState;
  /** Transactions that were not money and turn out to be this one: their notices are its now. */
  readonly absorbed: readonly TransactionState[];
};

/** Joins the notice to the transaction it tells of, or makes a new one; the candidates learn of both. */
export function joinNotice(
  candidates: Candidates,
  notice: NoticeInBatch,
  joining: Joining,
): Joined {
  const { draft } = notice;
  const fitting = fittingCandidates(candidates, draft);
  const [found, ...others] = fitting;
  const transaction = found?.candidate ?? newTransaction(notice);
  if (found === undefined) candidates.add(transaction);
  const absorbed = others
    .filter(({ candidate, strength }) => strength >= 1 && mayBeAbsorbed(transaction, candidate))
    .map(({ candidate }) => candidate);
  for (const other of absorbed) {
    candidates.remove(other);
    transaction.tellings.push(...other.tellings);
  }
  transaction.tellings.push(tellingOf(draft, notice.noticeId));
  becomeWhatIsTold(transaction, joining.sellerOfAccount);
  if (joining.isConfirming) transaction.confirmed = true;
  if (joining.isMoney && transaction.state !== "booked") {
    transaction.state = "booked";
    transaction.storedAt = joining.storedAt;
    transaction.becameMoney = true;
    transaction.openMinor = opensMoney(transaction.role) ? transaction.amountMinor : 0n;
  }
  if (transaction.state === "copy" && transaction.tellings.some(({ copy }) => !copy)) {
    transaction.state = "announced";
  }
  return { transaction, absorbed };
}

/** Incoming money waits for a payout, money returned to us for a person, an undo for the credit it names. */
function opensMoney(role: TransactionRole): boolean {
  return role !== "outside";
}

type Fitting = { readonly candidate: TransactionState; readonly strength: number };

/**
 * Candidates that the notice may tell of, the best first. Where a reference says that several are the same money,
 * the one that is in the books goes before those that are only announced: it must not be booked twice.
 */
function fittingCandidates(candidates: Candidates, draft: NoticeDraft): readonly Fitting[] {
  const inBooks = ({ candidate, strength }: Fitting) =>
    strength >= 1 && candidate.state === "booked" ? 0 : 1;
  return candidates
    .of(draft)
    .filter((candidate) => !isSecondRow(candidate.tellings, draft))
    .map((candidate) => ({ candidate, strength: strengthOf(candidate.tellings, draft) }))
    .filter(({ strength }) => strength > 0)
    .sort(
      (a, b) =>
        inBooks(a) - inBooks(b) ||
        b.strength - a.strength ||
        (a.candidate.transactionId < b.candidate.transactionId ? -1 : 1),
    );
}

function mayBeAbsorbed(into: TransactionState, other: TransactionState): boolean {
  return (
    other.state !== "booked" &&
    other.tellings.every(
      (telling) =>
        !into.tellings.some(
          (own) =>
            (own.family === telling.family &&
              own.status === telling.status &&
              own.copy === telling.copy) ||
            (own.uetr !== null && telling.uetr !== null && own.uetr !== telling.uetr),
        ),
    )
  );
}

/** Takes over what all tellings say together; money that was matched stays incoming money. */
function becomeWhatIsTold(transaction: TransactionState, sellerOfAccount: SellerOfAccount): void {
  const { role, ...told } = tellTogether(transaction.direction, transaction.tellings);
  Object.assign(transaction, told);
  transaction.sellerId ??= sellerOfAccount(
    told.accountNumber,
    transaction.currency,
    told.bookedOn ?? told.valueOn,
  );
  if (role === transaction.role) return;
  const isBooked = transaction.state === "booked";
  if (isBooked && transaction.role === "outside") transaction.openMinor = transaction.amountMinor;
  else if (isBooked && transaction.openMinor !== transaction.amountMinor) return;
  transaction.role = role;
}

function newTransaction(notice: NoticeInBatch): TransactionState {
  const { draft } = notice;
  const { role, ...told } = tellTogether(draft.direction, [tellingOf(draft, notice.noticeId)]);
  return {
    ...told,
    transactionId: objectId(
      draft.direction === "credit" ? "cr" : "db",
      draft.identity,
      notice.occurrence,
    ),
    currency: draft.currency,
    direction: draft.direction,
    amountMinor: draft.amountMinor,
    sellerId: null,
    state: draft.copy ? "copy" : "announced",
    confirmed: false,
    storedAt: null,
    openMinor: 0n,
    role,
    tellings: [],
    isNew: true,
    becameMoney: false,
  };
}
