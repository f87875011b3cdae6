// Which transaction a notice belongs to, decided in memory over the candidates of a batch.

import { invariant } from "../errors/invariant.ts";
import { objectId } from "../ids/object-id.ts";
import type { Instant } from "../time/instant.ts";
import {
  type NoticeDetail,
  type NoticeDraft,
  type NoticeInBatch,
  sameMoneyStrength,
} from "./notice.ts";
import type { Candidates, TransactionRole, TransactionState } from "./transaction-rows.ts";

/** Account number and currency → seller; from the identity room. */
export type SellerOfAccount = (accountNumber: string, currency: string) => string | null;

type Joining = {
  readonly isMoney: boolean;
  readonly isConfirming: boolean;
  readonly storedAt: Instant;
  readonly sellerOfAccount: SellerOfAccount;
};

/** Joins the notice to the transaction it tells of, or makes a new one; the candidates learn of both. */
export function joinNotice(
  candidates: Candidates,
  notice: NoticeInBatch,
  joining: Joining,
): TransactionState {
  const { draft } = notice;
  const found = bestCandidate(candidates, draft);
  const transaction = found ?? newTransaction(notice, joining);
  if (found === null) candidates.add(transaction);
  transaction.tellings.add(`${draft.family}/${draft.status}`);
  enrich(transaction, draft);
  if (joining.isConfirming) transaction.confirmed = true;
  if (joining.isMoney && transaction.state !== "booked") {
    transaction.state = "booked";
    transaction.storedAt = joining.storedAt;
    transaction.becameMoney = true;
    transaction.openMinor = opensMoney(transaction.role) ? transaction.amountMinor : 0n;
  }
  if (transaction.state === "copy" && !draft.copy) transaction.state = "announced";
  return transaction;
}

/** Incoming money waits for a payout, money returned to us for a person, an undo for the credit it names. */
function opensMoney(role: TransactionRole): boolean {
  return role !== "outside";
}

function bestCandidate(candidates: Candidates, draft: NoticeDraft): TransactionState | null {
  let best: TransactionState | null = null;
  let bestStrength = 0;
  for (const candidate of candidates.of(draft)) {
    // One row of one family tells of one transaction: a second row of it is other money.
    if (candidate.tellings.has(`${draft.family}/${draft.status}`)) continue;
    if (candidate.reversal !== draft.reversal) continue;
    const strength = sameMoneyStrength(candidate, draft);
    if (strength > bestStrength) {
      best = candidate;
      bestStrength = strength;
    }
  }
  return best;
}

function newTransaction(notice: NoticeInBatch, joining: Joining): TransactionState {
  const { draft } = notice;
  return {
    transactionId: objectId(
      draft.direction === "credit" ? "cr" : "db",
      draft.identity,
      notice.occurrence,
    ),
    accountNumber: draft.accountNumber,
    currency: draft.currency,
    direction: draft.direction,
    reversal: draft.reversal,
    amountMinor: draft.amountMinor,
    valueOn: draft.valueOn,
    bookedOn: draft.bookedOn,
    uetr: draft.uetr,
    servicerRef: draft.servicerRef,
    endToEndId: draft.endToEndId,
    instructionId: draft.instructionId,
    typeCode: draft.typeCode,
    detail: draft.detail,
    sellerId: joining.sellerOfAccount(draft.accountNumber, draft.currency),
    state: draft.copy ? "copy" : "announced",
    confirmed: false,
    storedAt: null,
    openMinor: 0n,
    role: roleOf(draft),
    tellings: new Set(),
    isNew: true,
    becameMoney: false,
  };
}

/** A return family code (PMNT/…/RRTN, ISO 20022 bank transaction codes) or an original that is named. */
function isReturn(draft: NoticeDraft): boolean {
  return draft.detail.returned !== null || /(^|\/)RRTN$/.test(draft.typeCode ?? "");
}

/** What the movement is to the channel. */
export function roleOf(draft: NoticeDraft): TransactionRole {
  if (draft.direction === "credit")
    return draft.reversal || isReturn(draft) ? "returned-to-us" : "incoming";
  return draft.reversal || isReturn(draft) ? "undo" : "outside";
}

/** A later telling fills what earlier ones left open; it never overwrites. */
function enrich(transaction: TransactionState, draft: NoticeDraft): void {
  invariant(transaction.amountMinor === draft.amountMinor, "a notice joined another amount");
  transaction.valueOn ??= draft.valueOn;
  transaction.bookedOn ??= draft.bookedOn;
  transaction.uetr ??= draft.uetr;
  transaction.servicerRef ??= draft.servicerRef;
  transaction.endToEndId ??= draft.endToEndId;
  transaction.instructionId ??= draft.instructionId;
  transaction.typeCode ??= draft.typeCode;
  transaction.detail = mergeDetail(transaction.detail, draft.detail);
}

function mergeDetail(known: NoticeDetail, told: NoticeDetail): NoticeDetail {
  return {
    payer: known.payer ?? told.payer,
    ultimatePayer: known.ultimatePayer ?? told.ultimatePayer,
    payerAgent: known.payerAgent ?? told.payerAgent,
    instructed: known.instructed ?? told.instructed,
    charges: known.charges.length > 0 ? known.charges : told.charges,
    exchange: known.exchange ?? told.exchange,
    remittance: [...new Set([...known.remittance, ...told.remittance])].sort(),
    purpose: known.purpose ?? told.purpose,
    returned: known.returned ?? told.returned,
    instructionId: known.instructionId ?? told.instructionId,
    transactionId: known.transactionId ?? told.transactionId,
  };
}
