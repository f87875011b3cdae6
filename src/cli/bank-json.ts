// The JSON of `bank read`, field by field: everything of src/bank/message.ts, amounts as exact
// decimal texts. docs/reference/json.md describes it and changes with it.

import type {
  AccountReference,
  Balance,
  BankEntry,
  BankFamily,
  BankMessage,
  BankTransaction,
  BankVerdict,
  Charge,
  Direction,
  Exchange,
  Party,
  ReturnInfo,
} from "../bank/message.ts";
import type { BankFormat } from "../bank/sniff.ts";
import type { Reason } from "../errors/refusal.ts";
import type { Currency } from "../money/currency.ts";
import { formatMoney, type Money } from "../money/money.ts";
import type { CivilDate, Instant } from "../time/instant.ts";
import { createBookedTotals } from "./bank-totals.ts";

export type AmountJson = { readonly amount: string; readonly currency: Currency };

export type ChargeJson = AmountJson & Omit<Charge, "amount">;

export type TransactionJson = AmountJson & {
  readonly index: number;
  readonly line: number;
  readonly direction: Direction;
  readonly endToEndId: string | null;
  readonly uetr: string | null;
  readonly instructionId: string | null;
  readonly transactionId: string | null;
  readonly servicerReference: string | null;
  readonly clearingReference: string | null;
  readonly instructedAmount: AmountJson | null;
  readonly exchange: Exchange | null;
  readonly charges: readonly ChargeJson[];
  readonly payer: Party | null;
  readonly ultimatePayer: Party | null;
  readonly payerAgent: Party | null;
  readonly payee: Party | null;
  readonly purpose: string | null;
  readonly remittance: readonly string[];
  readonly additionalInfo: string | null;
  readonly returned: ReturnInfo | null;
};

export type EntryJson = AmountJson & {
  readonly index: number;
  readonly line: number;
  readonly direction: Direction;
  readonly reversal: boolean;
  readonly status: BankEntry["status"];
  readonly bookedOn: CivilDate | null;
  readonly valueOn: CivilDate | null;
  readonly servicerReference: string | null;
  readonly entryReference: string | null;
  readonly typeCode: string | null;
  readonly additionalInfo: string | null;
  readonly charges: readonly ChargeJson[];
  readonly transactions: readonly TransactionJson[];
};

export type BalanceJson = AmountJson & {
  readonly type: Balance["type"];
  readonly code: string;
  readonly direction: Direction;
  readonly on: CivilDate | null;
};

/** Booked entries of one currency, added up: reversals by their final direction. */
export type TotalsJson = {
  readonly currency: Currency;
  readonly creditCount: number;
  readonly credits: string;
  readonly debitCount: number;
  readonly debits: string;
};

export type AccountJson = {
  readonly number: string | null;
  readonly currency: string | null;
  readonly servicerBic: string | null;
  readonly ownerName: string | null;
};

export type MessageJson = {
  readonly file: string;
  /** "camt.054.001.08", "MT940"; of a refused file "iso20022", "mt" or null. */
  readonly format: string | null;
  readonly family: BankFamily | null;
  readonly verdict: BankVerdict;
  readonly reasons: readonly Reason[];
  readonly notes: readonly Reason[];
  readonly line: number | null;
  readonly messageId: string | null;
  readonly senderBic: string | null;
  readonly createdAt: Instant | null;
  readonly copy: "COPY" | "DUPL" | "CODU" | null;
  readonly statementId: string | null;
  readonly sequence: string | null;
  readonly page: { readonly number: string; readonly last: boolean } | null;
  readonly account: AccountJson | null;
  readonly balances: readonly BalanceJson[];
  readonly totals: readonly TotalsJson[];
  /** Made while they are printed. */
  readonly entries: Iterable<EntryJson>;
};

export function messageJson(file: string, message: BankMessage): MessageJson {
  const totals = createBookedTotals();
  for (const entry of message.entries) totals.add(entry);
  return {
    file,
    format: message.format,
    family: message.family,
    verdict: message.verdict,
    reasons: message.reasons,
    notes: message.notes ?? [],
    line: message.line,
    messageId: message.messageId,
    senderBic: message.senderBic,
    createdAt: message.createdAt,
    copy: message.copy,
    statementId: message.statementId,
    sequence: message.sequence,
    page: message.page,
    account: accountJson(message.account),
    balances: message.balances.map((balance) => balanceJson(balance)),
    totals: totals.list().map(({ currency, credits, debits, creditCount, debitCount }) => ({
      currency,
      creditCount,
      credits: formatMoney({ currency, minor: credits }),
      debitCount,
      debits: formatMoney({ currency, minor: debits }),
    })),
    entries: eachEntry(message.entries),
  };
}

/** The entry of a file that is refused as a whole or is no bank message. */
export function refusedMessageJson(
  file: string,
  format: BankFormat | null,
  reasons: readonly Reason[],
): MessageJson {
  return {
    file,
    format,
    family: null,
    verdict: "quarantined",
    reasons,
    notes: [],
    line: null,
    messageId: null,
    senderBic: null,
    createdAt: null,
    copy: null,
    statementId: null,
    sequence: null,
    page: null,
    account: null,
    balances: [],
    totals: [],
    entries: [],
  };
}

function* eachEntry(entries: readonly BankEntry[]): Generator<EntryJson> {
  for (const entry of entries) yield entryJson(entry);
}

function entryJson(entry: BankEntry): EntryJson {
  return {
    index: entry.index,
    line: entry.line,
    ...amountJson(entry.amount),
    direction: entry.direction,
    reversal: entry.reversal,
    status: entry.status,
    bookedOn: entry.bookedOn,
    valueOn: entry.valueOn,
    servicerReference: entry.servicerReference,
    entryReference: entry.entryReference,
    typeCode: entry.typeCode,
    additionalInfo: entry.additionalInfo,
    charges: entry.charges.map((charge) => chargeJson(charge)),
    transactions: entry.transactions.map((transaction) => transactionJson(transaction)),
  };
}

function transactionJson(transaction: BankTransaction): TransactionJson {
  const { instructedAmount, exchange, returned } = transaction;
  return {
    index: transaction.index,
    line: transaction.line,
    ...amountJson(transaction.amount),
    direction: transaction.direction,
    endToEndId: transaction.endToEndId,
    uetr: transaction.uetr,
    instructionId: transaction.instructionId,
    transactionId: transaction.transactionId,
    servicerReference: transaction.servicerReference,
    clearingReference: transaction.clearingReference,
    instructedAmount: instructedAmount === null ? null : amountJson(instructedAmount),
    exchange: exchange === null ? null : exchangeJson(exchange),
    charges: transaction.charges.map((charge) => chargeJson(charge)),
    payer: partyJson(transaction.payer),
    ultimatePayer: partyJson(transaction.ultimatePayer),
    payerAgent: partyJson(transaction.payerAgent),
    payee: partyJson(transaction.payee),
    purpose: transaction.purpose,
    remittance: transaction.remittance,
    additionalInfo: transaction.additionalInfo,
    returned: returned === null ? null : returnJson(returned),
  };
}

// The parts are written out field by field: what a reader holds beside the contract must not become
// part of it.

function amountJson(amount: Money): AmountJson {
  return { amount: formatMoney(amount), currency: amount.currency };
}

function chargeJson(charge: Charge): ChargeJson {
  const { direction, included, bearer, type, agentBic } = charge;
  return { ...amountJson(charge.amount), direction, included, bearer, type, agentBic };
}

function partyJson(party: Party | null): Party | null {
  if (party === null) return null;
  const { name, account, bic, country } = party;
  return { name, account, bic, country };
}

function exchangeJson(exchange: Exchange): Exchange {
  const { sourceCurrency, targetCurrency, unitCurrency, rate, contractId, quotedAt } = exchange;
  return { sourceCurrency, targetCurrency, unitCurrency, rate, contractId, quotedAt };
}

function returnJson(returned: ReturnInfo): ReturnInfo {
  return {
    reasonCode: returned.reasonCode,
    reasonText: returned.reasonText,
    originalUetr: returned.originalUetr,
    originalEndToEndId: returned.originalEndToEndId,
    originalInstructionId: returned.originalInstructionId,
    originalTransactionId: returned.originalTransactionId,
  };
}

function balanceJson(balance: Balance): BalanceJson {
  const { type, code, direction, on } = balance;
  return { type, code, ...amountJson(balance.amount), direction, on };
}

function accountJson(account: AccountReference): AccountJson | null {
  const { currency, servicerBic, ownerName } = account;
  const number = account.number === "" ? null : account.number;
  const isNamed = [number, currency, servicerBic, ownerName].some((part) => part !== null);
  return isNamed ? { number, currency, servicerBic, ownerName } : null;
}
