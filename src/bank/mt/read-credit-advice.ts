// MT910, the confirmation of credit: one booked credit on the account of field 25. Fields 20, 21,
// 25a, 13D, 32A, 50a, 52a, 56a, 72. Source: SWIFT user handbook, MT910; 13D is when the entry was
// posted to the account.

import type { BankTransaction } from "../message.ts";
import { fieldText, refuseRepeats } from "./fields.ts";
import type { Findings } from "./findings.ts";
import type { MtMessage } from "./header.ts";
import {
  accountIn25,
  fieldOf,
  headerOf,
  readDateTimeIn13D,
  referenceIn,
  requireField,
} from "./header.ts";
import { readParty } from "./parties.ts";
import type { MtContent } from "./read-statement.ts";
import { creditEntry, otherFields, readSettledAmount } from "./settled-amount.ts";
import { refuseUnknownFields } from "./unknown-fields.ts";
import { referenceOf, uetrOf } from "./values.ts";

const PLACED_TAGS: ReadonlySet<string> = new Set([
  "20",
  "21",
  "25",
  "25P",
  "13D",
  "32A",
  "50A",
  "50F",
  "50K",
  "52A",
  "52D",
  "72",
]);
const KNOWN_TAGS: ReadonlySet<string> = new Set([...PLACED_TAGS, "56A", "56D"]);

export function readCreditAdvice(message: MtMessage, findings: Findings): MtContent {
  refuseRepeats(message.fields, KNOWN_TAGS, findings);
  refuseUnknownFields(message, KNOWN_TAGS, findings);
  requireField(message, ["20"], findings);
  requireField(message, ["25", "25P"], findings);
  const posted = readDateTimeIn13D(message, findings);
  const settled = readSettledAmount(message, findings);
  const header = headerOf(message, accountIn25(message, settled?.amount.currency ?? null), {
    createdAt: posted?.at ?? null,
  });
  if (settled === null) return { header, entries: [], balances: [] };
  const { valueOn } = settled;
  const entry = creditEntry(transactionOf(message, settled), {
    status: "booked",
    bookedOn: posted?.on ?? null,
    valueOn,
    typeCode: null,
  });
  return { header, entries: [entry], balances: [] };
}

function transactionOf(
  message: MtMessage,
  { field, amount }: NonNullable<ReturnType<typeof readSettledAmount>>,
): BankTransaction {
  const payer = fieldOf(message, "50A", "50F", "50K");
  const payerAgent = fieldOf(message, "52A", "52D");
  // MT910 has no field 70: what the payer's side says about the payment stands in 72.
  const narrative = fieldOf(message, "72");
  return {
    index: 0,
    line: field.line,
    amount,
    direction: "credit",
    endToEndId: referenceIn(message, "21"),
    uetr: uetrOf(message.raw.userHeader.get("121")),
    instructionId: null,
    transactionId: referenceOf(message.raw.userHeader.get("108")),
    servicerReference: referenceIn(message, "20"),
    clearingReference: null,
    instructedAmount: null,
    exchange: null,
    charges: [],
    payer: payer === undefined ? null : readParty(payer),
    ultimatePayer: null,
    payerAgent: payerAgent === undefined ? null : readParty(payerAgent),
    payee: null,
    purpose: null,
    remittance: narrative === undefined ? [] : fieldText(narrative).split("\n"),
    additionalInfo: otherFields(message, PLACED_TAGS),
    returned: null,
  };
}
