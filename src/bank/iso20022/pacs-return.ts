// One TxInf of pacs.004: money that goes back. It is a debit of the account that the original payment credited,
// still to be posted ("information"), and names the original that it undoes. Paths from pacs.004.001.02 to .14.

import type { AccountReference, BankTransaction } from "../message.ts";
import type { Faults } from "./faults.ts";
import { amountOf, referenceOf, required } from "./fields.ts";
import type { PacsPayment } from "./pacs-transfer.ts";
import { chargesWithBearer, paymentEntry } from "./pacs-transfer.ts";
import { accountNumberOf, agentBicOf, agentOf, partyNameOf, partyOf } from "./parties.ts";
import { purposeOf, remittanceOf, returnReasonOf, uetrOf } from "./transaction.ts";
import type { XmlNode } from "./xml-node.ts";
import { child, textAt } from "./xml-node.ts";

/** The return, or null with a fault when its amount cannot be read. `groupReturn`: OrgnlGrpInf of the message. */
export function returnOfPayment(
  node: XmlNode,
  groupHeader: XmlNode | null,
  groupReturn: XmlNode | null,
  faults: Faults,
): PacsPayment | null {
  const amount = amountOf(required(node, "RtrdIntrBkSttlmAmt", faults), faults);
  if (amount === null) return null;
  const reference = child(node, "OrgnlTxRef");
  const original = child(reference, "UndrlygCstmrCdtTrf") ?? reference;
  const chain = child(node, "RtrChain");
  const transaction: BankTransaction = {
    index: 0,
    line: node.line,
    amount,
    direction: "debit",
    endToEndId: null,
    uetr: uetrOf(child(node, "OrgnlUETR")),
    instructionId: null,
    transactionId: referenceOf(child(node, "RtrId")),
    servicerReference: null,
    clearingReference: referenceOf(child(node, "ClrSysRef")),
    instructedAmount: amountOf(child(node, "RtrdInstdAmt"), faults),
    exchange: exchangeRate(node, amount.currency),
    charges: chargesWithBearer(node, amount, faults),
    payer: returner(chain, original),
    ultimatePayer: partyOf(child(chain, "UltmtDbtr"), null, null),
    payerAgent: agentOf(child(chain, "DbtrAgt") ?? child(original, "CdtrAgt"), null),
    payee: receiver(chain, original),
    purpose: purposeOf(child(original, "Purp")),
    remittance: remittanceOf(child(original, "RmtInf")),
    additionalInfo: null,
    returned: {
      ...returnReasonOf(child(node, "RtrRsnInf") ?? child(groupReturn, "RtrRsnInf") ?? node),
      originalUetr: uetrOf(child(node, "OrgnlUETR")),
      originalEndToEndId: referenceOf(child(node, "OrgnlEndToEndId")),
      originalInstructionId: referenceOf(child(node, "OrgnlInstrId")),
      originalTransactionId: referenceOf(child(node, "OrgnlTxId")),
    },
  };
  const account = originalAccount(original, chain);
  return { account, entry: paymentEntry(transaction, node, groupHeader, faults) };
}

/** The account that the original credited; "" when the return does not repeat it. */
function originalAccount(original: XmlNode | null, chain: XmlNode | null): AccountReference {
  const account = child(original, "CdtrAcct") ?? child(chain, "DbtrAcct");
  return {
    number: accountNumberOf(account) ?? "",
    currency: textAt(account, "Ccy"),
    servicerBic: agentBicOf(child(original, "CdtrAgt")) ?? agentBicOf(child(chain, "DbtrAgt")),
    ownerName: partyNameOf(child(original, "Cdtr")) ?? partyNameOf(child(chain, "Dbtr")),
  };
}

/** Who gives the money back: the debtor of the return, else the creditor of the original. */
function returner(chain: XmlNode | null, original: XmlNode | null): BankTransaction["payer"] {
  return (
    partyOf(child(chain, "Dbtr"), child(chain, "DbtrAcct"), child(chain, "DbtrAgt")) ??
    partyOf(child(original, "Cdtr"), child(original, "CdtrAcct"), child(original, "CdtrAgt"))
  );
}

/** Who gets the money back: the creditor of the return, else the debtor of the original. */
function receiver(chain: XmlNode | null, original: XmlNode | null): BankTransaction["payee"] {
  return (
    partyOf(child(chain, "Cdtr"), child(chain, "CdtrAcct"), child(chain, "CdtrAgt")) ??
    partyOf(child(original, "Dbtr"), child(original, "DbtrAcct"), child(original, "DbtrAgt"))
  );
}

function exchangeRate(node: XmlNode, targetCurrency: string): BankTransaction["exchange"] {
  const rate = textAt(node, "XchgRate");
  if (rate === null) return null;
  return {
    sourceCurrency: null,
    targetCurrency,
    unitCurrency: null,
    rate,
    contractId: null,
    quotedAt: null,
  };
}
