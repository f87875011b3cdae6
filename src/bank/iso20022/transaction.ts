// One TxDtls of a camt entry. It is read as soon as it closes, so that a batch of many thousands is never a tree
// in memory; its amount is settled later, when the entry that it belongs to is complete (see entry.ts).

import type { Money } from "../../money/money.ts";
import type { BankTransaction, Direction, Party, ReturnInfo } from "../message.ts";
import { chargesOf, exchangeOf } from "./charges.ts";
import type { Faults } from "./faults.ts";
import { amountOf, directionOf, referenceOf } from "./fields.ts";
import { agentOf, partyOf } from "./parties.ts";
import type { XmlNode } from "./xml-node.ts";
import { at, child, childrenNamed, textAt, textOf } from "./xml-node.ts";

/** What a TxDtls says, whatever its entry turns out to be. */
export type TransactionFacts = Omit<BankTransaction, "index" | "amount" | "direction">;

/** A transaction before its entry is known: its own amount and direction may be absent. */
export type TransactionDraft = {
  /** TxDtls/Amt, else AmtDtls/TxAmt/Amt; null when neither is given. */
  readonly ownAmount: Money | null;
  readonly ownDirection: Direction | null;
  readonly typeCode: string | null;
  readonly facts: TransactionFacts;
};

export function transactionDraftOf(node: XmlNode, faults: Faults): TransactionDraft {
  return {
    ownAmount: amountOf(child(node, "Amt") ?? at(node, "AmtDtls", "TxAmt", "Amt"), faults),
    ownDirection: directionOf(child(node, "CdtDbtInd"), faults),
    typeCode: typeCodeOf(child(node, "BkTxCd")),
    facts: factsOf(node, faults),
  };
}

function factsOf(node: XmlNode, faults: Faults): TransactionFacts {
  const refs = child(node, "Refs");
  const parties = child(node, "RltdPties");
  const agents = child(node, "RltdAgts");
  const payerAgent = child(agents, "DbtrAgt");
  return {
    line: node.line,
    endToEndId: referenceOf(child(refs, "EndToEndId")),
    uetr: uetrOf(child(refs, "UETR")),
    instructionId: referenceOf(child(refs, "InstrId")),
    transactionId: referenceOf(child(refs, "TxId")),
    servicerReference: referenceOf(child(refs, "AcctSvcrRef")),
    clearingReference: referenceOf(child(refs, "ClrSysRef")),
    instructedAmount: amountOf(at(node, "AmtDtls", "InstdAmt", "Amt"), faults),
    exchange: exchangeOf(node),
    charges: chargesOf(node, faults),
    payer: partyOf(child(parties, "Dbtr"), child(parties, "DbtrAcct"), payerAgent),
    ultimatePayer: partyOf(child(parties, "UltmtDbtr"), null, null),
    payerAgent: agentOf(payerAgent, child(agents, "DbtrAgtAcct")),
    payee: payeeOf(parties, agents),
    purpose: purposeOf(child(node, "Purp")),
    remittance: remittanceOf(child(node, "RmtInf")),
    additionalInfo: textAt(node, "AddtlTxInf"),
    returned: returnOf(child(node, "RtrInf"), refs),
  };
}

function payeeOf(parties: XmlNode | null, agents: XmlNode | null): Party | null {
  return partyOf(child(parties, "Cdtr"), child(parties, "CdtrAcct"), child(agents, "CdtrAgt"));
}

/** UETR in lower case, as the UUID pattern of the standard is; some senders write upper case. */
export function uetrOf(node: XmlNode | null): string | null {
  return referenceOf(node)?.toLowerCase() ?? null;
}

/** "PMNT/RCDT/XBCT", or the bank's own code when there is no domain; null when neither is given. */
export function typeCodeOf(code: XmlNode | null): string | null {
  const domain = child(code, "Domn");
  const parts = [
    textAt(domain, "Cd"),
    textAt(domain, "Fmly", "Cd"),
    textAt(domain, "Fmly", "SubFmlyCd"),
  ];
  const known = parts.filter((part) => part !== null);
  return known.length > 0 ? known.join("/") : textAt(code, "Prtry", "Cd");
}

export function purposeOf(purpose: XmlNode | null): string | null {
  return textAt(purpose, "Cd") ?? textAt(purpose, "Prtry");
}

/** Every text that a person or a matcher may look for: Ustrd, creditor references, document numbers, additions. */
export function remittanceOf(info: XmlNode | null): readonly string[] {
  const lines: (string | null)[] = [];
  for (const part of info?.children ?? []) {
    if (part.name === "Ustrd") lines.push(textOf(part));
    if (part.name !== "Strd") continue;
    for (const document of childrenNamed(part, "RfrdDocInf")) {
      lines.push(textAt(document, "Nb") ?? textAt(document, "RfrdDocNb"));
    }
    lines.push(textAt(part, "CdtrRefInf", "Ref") ?? textAt(part, "CdtrRefInf", "CdtrRef"));
    for (const addition of childrenNamed(part, "AddtlRmtInf")) lines.push(textOf(addition));
  }
  return lines.filter((line) => line !== null);
}

/**
 * RtrInf of a returned payment. Within camt the references of a return are those of the original payment
 * (end-to-end and UETR go with it); instruction and transaction ids may be the return's own, so none is claimed.
 */
function returnOf(info: XmlNode | null, refs: XmlNode | null): ReturnInfo | null {
  if (info === null) return null;
  return {
    ...returnReasonOf(info),
    originalUetr: uetrOf(child(refs, "UETR")),
    originalEndToEndId: referenceOf(child(refs, "EndToEndId")),
    originalInstructionId: null,
    originalTransactionId: null,
  };
}

/** Reason of a return: Rsn/Cd (AC04, FOCR …) or the bank's own; texts joined by a blank. */
export function returnReasonOf(
  info: XmlNode | null,
): Pick<ReturnInfo, "reasonCode" | "reasonText"> {
  const reason = child(info, "Rsn") ?? child(info, "RtrRsn");
  const texts = [...childrenNamed(info, "AddtlInf"), ...childrenNamed(info, "AddtlRtrRsnInf")]
    .map(textOf)
    .filter((text) => text !== null);
  return {
    reasonCode: textAt(reason, "Cd") ?? textAt(reason, "Prtry"),
    reasonText: texts.length > 0 ? texts.join(" ") : null,
  };
}
