// What any bank message looks like once read, whatever its format: a message about one account, its entries,
// their transactions. Amounts are never negative here; direction and reversal carry the sign, as in ISO 20022.

import type { Reason } from "../errors/refusal.ts";
import type { Money } from "../money/money.ts";
import type { CivilDate, Instant } from "../time/instant.ts";
import type { StatusReport } from "./orders/status-report.ts";

export type BankFamily =
  | "camt.052"
  | "camt.053"
  | "camt.054"
  | "pacs.008"
  | "pacs.004"
  | "mt940"
  | "mt942"
  | "mt910"
  | "mt103"
  // Notices that a bank gives over an interface of its own, one family a bank: two tellings of one family are two moneys.
  | "cib-notice"
  | "cmb-notice";

export type Direction = "credit" | "debit";

/** Entry status: only `booked` is money. ISO 20022 Sts/Cd BOOK, PDNG, INFO, FUTR; MT entries are booked. */
export type EntryStatus = "booked" | "pending" | "information" | "future" | "unknown";

export type Party = {
  readonly name: string | null;
  readonly account: string | null;
  /** BIC of the party or its bank, upper case. */
  readonly bic: string | null;
  readonly country: string | null;
};

export type Charge = {
  readonly amount: Money;
  /** `debit`: taken from the money on the way; `credit`: given back. */
  readonly direction: Direction;
  /** True when the entry's amount already includes (is net of) it; null when not said. */
  readonly included: boolean | null;
  /** Charge bearer as written: OUR/SHA/BEN, DEBT/SHAR/CRED/SLEV; null when not given. */
  readonly bearer: string | null;
  readonly type: string | null;
  readonly agentBic: string | null;
};

export type Exchange = {
  readonly sourceCurrency: string | null;
  readonly targetCurrency: string | null;
  readonly unitCurrency: string | null;
  /** Exact decimal text as written. */
  readonly rate: string;
  readonly contractId: string | null;
  readonly quotedAt: Instant | null;
};

/** What a return or reversal names: the original that it undoes. */
export type ReturnInfo = {
  readonly reasonCode: string | null;
  readonly reasonText: string | null;
  readonly originalUetr: string | null;
  readonly originalEndToEndId: string | null;
  readonly originalInstructionId: string | null;
  readonly originalTransactionId: string | null;
};

export type BankTransaction = {
  /** Position within the entry, from 0. */
  readonly index: number;
  /** Line in the file, from 1. */
  readonly line: number;
  readonly amount: Money;
  readonly direction: Direction;
  /** "NOTPROVIDED" and "NONREF" are read as null in all references. */
  readonly endToEndId: string | null;
  readonly uetr: string | null;
  readonly instructionId: string | null;
  readonly transactionId: string | null;
  readonly servicerReference: string | null;
  readonly clearingReference: string | null;
  /** What the payer's side instructed, before charges and exchange. */
  readonly instructedAmount: Money | null;
  readonly exchange: Exchange | null;
  readonly charges: readonly Charge[];
  readonly payer: Party | null;
  readonly ultimatePayer: Party | null;
  readonly payerAgent: Party | null;
  readonly payee: Party | null;
  readonly purpose: string | null;
  /** Unstructured remittance lines and structured references, in order. */
  readonly remittance: readonly string[];
  readonly additionalInfo: string | null;
  readonly returned: ReturnInfo | null;
};

export type BankEntry = {
  /** Position within the message, from 0. */
  readonly index: number;
  readonly line: number;
  readonly amount: Money;
  readonly direction: Direction;
  /** True: the entry reverses an earlier one; `direction` is already the final sign. MT RC/RD. */
  readonly reversal: boolean;
  readonly status: EntryStatus;
  readonly bookedOn: CivilDate | null;
  readonly valueOn: CivilDate | null;
  /** The account servicer's reference of the entry (AcctSvcrRef; MT "//" reference). May repeat. */
  readonly servicerReference: string | null;
  readonly entryReference: string | null;
  /** "PMNT/RCDT/XBCT" (BkTxCd), or the MT transaction type ("NTRF"). */
  readonly typeCode: string | null;
  readonly additionalInfo: string | null;
  /** Charges at entry level (batches). */
  readonly charges: readonly Charge[];
  /** At least one: an entry without details has one transaction that repeats it. */
  readonly transactions: readonly BankTransaction[];
};

export type BalanceType =
  | "opening"
  | "closing"
  | "opening-intermediate"
  | "closing-intermediate"
  | "available"
  | "forward"
  | "other";

export type Balance = {
  readonly type: BalanceType;
  /** Code as written: OPBD, PRCD, CLBD, 60F, 62M, … */
  readonly code: string;
  readonly amount: Money;
  /** Credit balance is money of the account owner. */
  readonly direction: Direction;
  readonly on: CivilDate | null;
};

export type AccountReference = {
  /** IBAN or other identification as written, spaces removed; "" when the message names no account. */
  readonly number: string;
  readonly currency: string | null;
  readonly servicerBic: string | null;
  readonly ownerName: string | null;
};

/** What is known of a message before its entries. */
export type BankMessageHeader = {
  readonly family: BankFamily;
  /** "camt.054.001.08", "MT940". */
  readonly format: string;
  readonly line: number;
  /** BAH BizMsgIdr when there is one, else GrpHdr/MsgId; MT :20:. */
  readonly messageId: string | null;
  readonly senderBic: string | null;
  readonly createdAt: Instant | null;
  /** COPY, DUPL, CODU: not new money. MT: {5:{PDM}} / possible duplicate → "DUPL". */
  readonly copy: "COPY" | "DUPL" | "CODU" | null;
  /** Stmt/Id, Ntfctn/Id, Rpt/Id; MT :28C: statement number. */
  readonly statementId: string | null;
  /** ElctrncSeqNb or MT statement number; a gap means a missing statement. */
  readonly sequence: string | null;
  readonly page: { readonly number: string; readonly last: boolean } | null;
  readonly account: AccountReference;
};

export type BankVerdict = "proven" | "read" | "quarantined";

/** What is known of a message after its entries: balances and proofs. */
export type BankMessageProof = {
  readonly balances: readonly Balance[];
  /**
   * `proven`: opening + booked credits − booked debits = closing, and every batch and entry sum holds.
   * `read`: all sums that the message allows hold, but it has no opening and closing balance (an advice).
   * `quarantined`: a sum, a date or a field is wrong; see reasons. Its entries are not used.
   */
  readonly verdict: BankVerdict;
  readonly reasons: readonly Reason[];
  /** Deviations that were read all the same and must not pass in silence; they quarantine nothing. */
  readonly notes?: readonly Reason[];
};

export type BankMessage = BankMessageHeader &
  BankMessageProof & { readonly entries: readonly BankEntry[] };

/** Receives a file's messages in order, entry by entry, so that a large file need not stand in memory. */
export type BankSink = {
  readonly message: (header: BankMessageHeader) => void;
  readonly entry: (entry: BankEntry) => void;
  readonly messageEnd: (proof: BankMessageProof) => void;
};

/** Answer of a bank reader for the file as a whole; not empty: refused (hostile, cut off), nothing in it is used. */
export type BankFileReading = {
  readonly refusals: readonly Reason[];
  /** What a payment status report says of our orders; absent in files about accounts. */
  readonly reports?: readonly StatusReport[];
};
