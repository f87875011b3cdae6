// One Ntry of camt.052, 053 or 054 with its transactions. An entry is split into transactions only when every
// TxDtls says its amount in the entry's currency; otherwise the entry is one transaction, so that the
// transactions of an entry always add up to what the bank booked.

import type { Money } from "../../money/money.ts";
import type { BankEntry, BankTransaction, Exchange } from "../message.ts";
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
import type { TransactionDraft, TransactionFacts } from "./transaction.ts";
import { typeCodeOf } from "./transaction.ts";
import { factsWithoutDetails, joinedFacts } from "./whole-entry.ts";
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
  if (first === undefined) return [wholeEntry(entry, factsWithoutDetails(entry.node), null)];
  if (drafts.length === 1) return [wholeEntry(entry, first.facts, first.ownAmount)];
  if (parts === null) {
    const message = `${drafts.length} transactions do not all say an amount in ${entry.amount.currency}.`;
    faults.note("note-batch-not-split", entry.node.line, message);
    return [wholeEntry(entry, joinedFacts(drafts.map((draft) => draft.facts)), null)];
  }
  return drafts.map(({ facts, ownAmount }, index) => {
    const part = parts[index] ?? entry;
    const instructed = facts.instructedAmount ?? grossOf(ownAmount, part.amount);
    return settled(facts, {
      index,
      amount: part.amount,
      direction: part.direction,
      instructed,
      exchange: facts.exchange,
    });
  });
}

/** The entry as one transaction: amount and direction are the entry's, the rest is the detail's. */
function wholeEntry(
  entry: WholeEntry,
  facts: TransactionFacts,
  ownAmount: Money | null,
): BankTransaction {
  const { amount, direction } = entry;
  const instructed = facts.instructedAmount ?? entry.instructedAmount ?? grossOf(ownAmount, amount);
  const exchange = facts.exchange ?? entry.exchange;
  return settled(facts, { index: 0, amount, direction, instructed, exchange });
}

/** Facts with what their entry settles. Spelled out: spreading them costs a tenth of the time of a large file. */
function settled(
  facts: TransactionFacts,
  part: BookedPart & {
    readonly index: number;
    readonly instructed: Money | null;
    readonly exchange: Exchange | null;
  },
): BankTransaction {
  return {
    index: part.index,
    line: facts.line,
    amount: part.amount,
    direction: part.direction,
    endToEndId: facts.endToEndId,
    uetr: facts.uetr,
    instructionId: facts.instructionId,
    transactionId: facts.transactionId,
    servicerReference: facts.servicerReference,
    clearingReference: facts.clearingReference,
    instructedAmount: part.instructed,
    exchange: part.exchange,
    charges: facts.charges,
    payer: facts.payer,
    ultimatePayer: facts.ultimatePayer,
    payerAgent: facts.payerAgent,
    payee: facts.payee,
    purpose: facts.purpose,
    remittance: facts.remittance,
    additionalInfo: facts.additionalInfo,
    returned: facts.returned,
  };
}

/** What the transaction itself says when that is not what was booked: before charges, or in another currency. */
function grossOf(ownAmount: Money | null, booked: Money): Money | null {
  if (ownAmount === null) return null;
  const isBooked = ownAmount.currency === booked.currency && ownAmount.minor === booked.minor;
  return isBooked ? null : ownAmount;
}
