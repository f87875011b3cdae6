// One CdtTrfTxInf of pacs.008: a credit to the creditor's account, still to be posted ("information"). Paths
// from pacs.008.001.01 to .13; amounts as settled between the banks, instruction and charges beside them.

import type { AccountReference, BankEntry, BankTransaction, Charge } from "../message.ts";
import { paymentChargesOf } from "./charges.ts";
import type { Faults } from "./faults.ts";
import { amountOf, dateOf, referenceOf, required } from "./fields.ts";
import { accountNumberOf, agentBicOf, agentOf, partyNameOf, partyOf } from "./parties.ts";
import { purposeOf, remittanceOf, uetrOf } from "./transaction.ts";
import type { XmlNode } from "./xml-node.ts";
import { child, textAt } from "./xml-node.ts";

/** One payment as an entry on an account; its index is settled when the payments are grouped. */
export type PacsPayment = { readonly account: AccountReference; readonly entry: BankEntry };

/** The payment, or null with a fault when its amount cannot be read. */
export function creditTransfer(
  node: XmlNode,
  groupHeader: XmlNode | null,
  faults: Faults,
): PacsPayment | null {
  const amount = amountOf(required(node, "IntrBkSttlmAmt", faults), faults);
  if (amount === null) return null;
  const ids = child(node, "PmtId");
  const payeeAgent = child(node, "CdtrAgt");
  const rate = textAt(node, "XchgRate");
  const instructedAmount = amountOf(child(node, "InstdAmt"), faults);
  const transaction: BankTransaction = {
    index: 0,
    line: node.line,
    amount,
    direction: "credit",
    endToEndId: referenceOf(child(ids, "EndToEndId")),
    uetr: uetrOf(child(ids, "UETR")),
    instructionId: referenceOf(child(ids, "InstrId")),
    transactionId: referenceOf(child(ids, "TxId")),
    servicerReference: null,
    clearingReference: referenceOf(child(ids, "ClrSysRef")),
    instructedAmount,
    exchange:
      rate === null
        ? null
        : {
            sourceCurrency: instructedAmount?.currency ?? null,
            targetCurrency: amount.currency,
            unitCurrency: null,
            rate,
            contractId: null,
            quotedAt: null,
          },
    charges: chargesWithBearer(node, amount, faults),
    payer: partyOf(child(node, "Dbtr"), child(node, "DbtrAcct"), child(node, "DbtrAgt")),
    ultimatePayer: partyOf(child(node, "UltmtDbtr"), null, null),
    payerAgent: agentOf(child(node, "DbtrAgt"), child(node, "DbtrAgtAcct")),
    payee: partyOf(child(node, "Cdtr"), child(node, "CdtrAcct"), payeeAgent),
    purpose: purposeOf(child(node, "Purp")),
    remittance: remittanceOf(child(node, "RmtInf")),
    additionalInfo: null,
    returned: null,
  };
  const account = {
    number: accountNumberOf(child(node, "CdtrAcct")) ?? "",
    currency: textAt(node, "CdtrAcct", "Ccy"),
    servicerBic: agentBicOf(payeeAgent),
    ownerName: partyNameOf(child(node, "Cdtr")),
  };
  return { account, entry: paymentEntry(transaction, node, groupHeader, faults) };
}

/** The entry around one payment: not booked, valued on the settlement date of the payment or of its group. */
export function paymentEntry(
  transaction: BankTransaction,
  node: XmlNode,
  groupHeader: XmlNode | null,
  faults: Faults,
): BankEntry {
  const settledOn = child(node, "IntrBkSttlmDt") ?? child(groupHeader, "IntrBkSttlmDt");
  const { line, amount, direction } = transaction;
  return {
    index: 0,
    line,
    amount,
    direction,
    reversal: false,
    status: "information",
    bookedOn: null,
    valueOn: dateOf(settledOn, faults),
    servicerReference: null,
    entryReference: null,
    typeCode: null,
    additionalInfo: null,
    charges: [],
    transactions: [transaction],
  };
}

/** Charges of the payment; when none is listed, one of zero that keeps the bearer, which a short credit needs. */
export function chargesWithBearer(
  node: XmlNode,
  settled: BankTransaction["amount"],
  faults: Faults,
): readonly Charge[] {
  const charges = paymentChargesOf(node, faults);
  const bearer = textAt(node, "ChrgBr");
  if (charges.length > 0 || bearer === null) return charges;
  const amount = { currency: settled.currency, minor: 0n };
  return [{ amount, direction: "debit", included: null, bearer, type: null, agentBic: null }];
}
