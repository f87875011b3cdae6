// Charges and exchange of ISO 20022 entries and payments. Versions 01 and 02 repeat flat Chrgs, from 03 Chrgs
// holds Rcrd; pacs has ChrgsInf with the bearer one level up. A rate stays the exact text that the bank wrote.

import { parseInstant } from "../../time/instant.ts";
import type { Charge, Exchange } from "../message.ts";
import type { Faults } from "./faults.ts";
import { amountOf, directionOf, isTrue } from "./fields.ts";
import { agentBicOf } from "./parties.ts";
import type { XmlNode } from "./xml-node.ts";
import { child, childrenNamed, textAt } from "./xml-node.ts";

/** Charges of an entry or a transaction (element `Chrgs`), in order. */
export function chargesOf(owner: XmlNode, faults: Faults): readonly Charge[] {
  const charges: Charge[] = [];
  for (const chrgs of childrenNamed(owner, "Chrgs")) {
    const records = childrenNamed(chrgs, "Rcrd");
    const flat = child(chrgs, "Amt") === null ? [] : [chrgs];
    const sources = records.length > 0 ? records : flat;
    for (const source of sources) {
      const charge = chargeOf(source, child(source, "Amt"), faults);
      if (charge !== null) charges.push(charge);
    }
    if (sources.length === 0) {
      const total = chargeOf(chrgs, child(chrgs, "TtlChrgsAndTaxAmt"), faults);
      if (total !== null) charges.push(total);
    }
  }
  return charges;
}

function chargeOf(source: XmlNode, amountNode: XmlNode | null, faults: Faults): Charge | null {
  const amount = amountOf(amountNode, faults);
  if (amount === null) return null;
  const included = child(source, "ChrgInclInd");
  return {
    amount,
    direction: directionOf(child(source, "CdtDbtInd"), faults) ?? "debit",
    included: included === null ? null : isTrue(included),
    bearer: textAt(source, "Br"),
    type: chargeTypeOf(source),
    agentBic: agentBicOf(child(source, "Agt") ?? child(source, "Pty")),
  };
}

function chargeTypeOf(source: XmlNode): string | null {
  return (
    textAt(source, "Tp", "Cd") ??
    textAt(source, "Tp", "Prtry", "Id") ??
    textAt(source, "Tp", "Prtry")
  );
}

/**
 * Charges of a payment (`ChrgsInf`). Under SHAR and CRED they were taken from the amount on the way, so the
 * settled amount is net of them; under DEBT they were paid on top of it, so whether it is net is not said.
 */
export function paymentChargesOf(payment: XmlNode, faults: Faults): readonly Charge[] {
  const bearer = textAt(payment, "ChrgBr");
  const charges: Charge[] = [];
  for (const source of childrenNamed(payment, "ChrgsInf")) {
    const amount = amountOf(child(source, "Amt") ?? child(source, "ChrgsAmt"), faults);
    if (amount === null) continue;
    charges.push({
      amount,
      direction: "debit",
      included: bearer === "SHAR" || bearer === "CRED" ? true : null,
      bearer,
      type: chargeTypeOf(source),
      agentBic: agentBicOf(
        child(source, "Agt") ?? child(source, "Pty") ?? child(source, "ChrgsPty"),
      ),
    });
  }
  return charges;
}

/** Where AmtDtls may carry an exchange, the amount of the transaction itself first. */
const EXCHANGE_PLACES = ["TxAmt", "CntrValAmt", "InstdAmt", "AnncdPstngAmt"] as const;

/** The exchange under AmtDtls; null when there is none or it names no rate. */
export function exchangeOf(owner: XmlNode): Exchange | null {
  const details = child(owner, "AmtDtls");
  for (const place of EXCHANGE_PLACES) {
    const source = child(child(details, place), "CcyXchg");
    const rate = textAt(source, "XchgRate");
    if (source === null || rate === null) continue;
    return {
      sourceCurrency: textAt(source, "SrcCcy"),
      targetCurrency: textAt(source, "TrgtCcy"),
      unitCurrency: textAt(source, "UnitCcy"),
      rate,
      contractId: textAt(source, "CtrctId"),
      quotedAt: parseInstant(textAt(source, "QtnDt") ?? ""),
    };
  }
  return null;
}
