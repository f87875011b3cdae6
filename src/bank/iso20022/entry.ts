// One Ntry of camt.052, 053 or 054 with its transactions. An entry is split into transactions only when every
// TxDtls says its amount in the entry's currency; otherwise the entry is one transaction, so that the
// transactions of an entry always add up to what the bank booked.

import type { Money } from "../../money/money.ts";
import type { BankEntry, BankTransaction, Charge, Exchange } from "../message.ts";
import { chargesOf, exchangeOf } from "./charges.ts";
import type { BookedPart, SplitEntry } from "./entry-sum.ts";
import { splitTransactions } from "./entry-sum.ts";
import type { Faults } from "./faults.ts";
import {
  amountOf,
  dateOf,
  directionOf,
  isTrue,
  referenceOf,
  required,
  statusOf,
} from "./fields.ts";
import type { TransactionDraft } from "./transaction.ts";
import { typeCodeOf } from "./transaction.ts";
import type { XmlNode } from "./xml-node.ts";
import { at, child, textAt } from "./xml-node.ts";

/** A draft and the NtryDtls (or, in version 01, the Ntry) that holds it: a batch is checked within its NtryDtls. */
export type HeldDraft = { readonly draft: TransactionDraft; readonly holder: XmlNode };

/**
 * The entry, or null when its amount or direction cannot be read: then a fault names the line and the message
 * is quarantined, so no sum is taken over an entry that is not there.
 */
export function entryOf(
  node: XmlNode,
  drafts: readonly HeldDraft[],
  index: number,
  faults: Faults,
): BankEntry | null {
  const amount = amountOf(required(node, "Amt", faults), faults);
  const direction = directionOf(required(node, "CdtDbtInd", faults), faults);
  const status = statusOf(required(node, "Sts", faults));
  const charges = chargesOf(node, faults);
  if (amount === null || direction === null) return null;
  const reversal = isTrue(child(node, "RvslInd"));
  const split: WholeEntry = {
    node,
    amount,
    direction,
    reversal,
    charges,
    drafts,
    instructedAmount: amountOf(at(node, "AmtDtls", "InstdAmt", "Amt"), faults),
    exchange: exchangeOf(node),
  };
  return {
    index,
    line: node.line,
    amount,
    direction,
    reversal,
    status,
    bookedOn: dateOf(child(node, "BookgDt"), faults),
    valueOn: dateOf(child(node, "ValDt"), faults),
    servicerReference: referenceOf(child(node, "AcctSvcrRef")),
    entryReference: referenceOf(child(node, "NtryRef")),
    typeCode: typeCodeOf(child(node, "BkTxCd")) ?? drafts[0]?.draft.typeCode ?? null,
    additionalInfo: textAt(node, "AddtlNtryInf"),
    charges,
    transactions: transactionsOf(split, faults),
  };
}

/** An entry with what it says of instruction and exchange for all its transactions. */
type WholeEntry = SplitEntry & {
  readonly instructedAmount: Money | null;
  readonly exchange: Exchange | null;
};

function transactionsOf(entry: WholeEntry, faults: Faults): readonly BankTransaction[] {
  const parts = splitTransactions(entry, faults);
  const drafts = entry.drafts.map((held) => held.draft);
  const [first] = drafts;
  if (first === undefined) return [wholeEntry(entry, emptyDraft(entry.node))];
  if (drafts.length === 1) return [wholeEntry(entry, first)];
  if (parts === null) return [wholeEntry(entry, joinedDraft(drafts))];
  return drafts.map((draft, index) => transactionOf(draft, index, parts[index] ?? entry));
}

/** The entry as one transaction: amount and direction are the entry's, the rest is the draft's. */
function wholeEntry(entry: WholeEntry, draft: TransactionDraft): BankTransaction {
  const transaction = transactionOf(draft, 0, entry);
  return {
    ...transaction,
    instructedAmount:
      draft.instructedAmount ?? entry.instructedAmount ?? transaction.instructedAmount,
    exchange: transaction.exchange ?? entry.exchange,
  };
}

/** What the transaction itself says when that is not what was booked: before charges, or in another currency. */
function grossOf(draft: TransactionDraft, booked: Money): Money | null {
  const own = draft.ownAmount;
  if (own === null) return null;
  return own.currency === booked.currency && own.minor === booked.minor ? null : own;
}

function transactionOf(
  draft: TransactionDraft,
  index: number,
  booked: BookedPart,
): BankTransaction {
  const { ownAmount: _own, ownDirection: _direction, typeCode: _type, ...rest } = draft;
  const { amount, direction } = booked;
  const instructedAmount = draft.instructedAmount ?? grossOf(draft, amount);
  return { ...rest, index, amount, direction, instructedAmount };
}

/** For an entry without details: references that the entry itself has, nothing else. */
function emptyDraft(node: XmlNode): TransactionDraft {
  return {
    line: node.line,
    ownAmount: null,
    ownDirection: null,
    typeCode: null,
    endToEndId: null,
    uetr: null,
    instructionId: null,
    transactionId: null,
    servicerReference: referenceOf(child(node, "AcctSvcrRef")),
    clearingReference: null,
    instructedAmount: null,
    exchange: null,
    charges: [],
    payer: null,
    ultimatePayer: null,
    payerAgent: null,
    payee: null,
    purpose: null,
    remittance: [],
    additionalInfo: null,
    returned: null,
  };
}

/**
 * Several TxDtls whose amounts are not known, as one: a field stays where all agree, all texts and references
 * are kept among the remittance lines so that a trace id is still found.
 */
function joinedDraft(drafts: readonly TransactionDraft[]): TransactionDraft {
  const [first] = drafts as readonly [TransactionDraft];
  const agreed = <Key extends keyof TransactionDraft>(key: Key): TransactionDraft[Key] | null => {
    const text = stable(first[key]);
    return drafts.every((draft) => stable(draft[key]) === text) ? first[key] : null;
  };
  const references = ["endToEndId", "uetr", "instructionId", "transactionId"] as const;
  const kept = references
    .filter((key) => agreed(key) === null)
    .flatMap((key) => drafts.map((draft) => draft[key]))
    .filter((text) => text !== null);
  const charges: readonly Charge[] = drafts.flatMap((draft) => draft.charges);
  return {
    ...first,
    ownAmount: null,
    endToEndId: agreed("endToEndId"),
    uetr: agreed("uetr"),
    instructionId: agreed("instructionId"),
    transactionId: agreed("transactionId"),
    servicerReference: agreed("servicerReference"),
    clearingReference: agreed("clearingReference"),
    instructedAmount: null,
    exchange: agreed("exchange"),
    charges,
    payer: agreed("payer"),
    ultimatePayer: agreed("ultimatePayer"),
    payerAgent: agreed("payerAgent"),
    payee: agreed("payee"),
    purpose: agreed("purpose"),
    remittance: [...new Set([...drafts.flatMap((draft) => draft.remittance), ...kept])],
    additionalInfo: joinedText(drafts.map((draft) => draft.additionalInfo)),
    returned: agreed("returned"),
  };
}

function joinedText(texts: readonly (string | null)[]): string | null {
  const known = [...new Set(texts.filter((text) => text !== null))];
  return known.length > 0 ? known.join(" ") : null;
}

function stable(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "bigint" ? part.toString() : part,
  );
}
