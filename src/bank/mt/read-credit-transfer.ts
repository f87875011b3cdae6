// MT103, the customer credit transfer: an instruction to credit the account of field 59, not yet an
// entry, so its status is "information" and the caller's policy decides whether it is money.
// Source: SWIFT user handbook, MT103.

import type { Money } from "../../money/money.ts";
import type { AccountReference, BankTransaction } from "../message.ts";
import { chargesOf, proveCharges } from "./charges.ts";
import { exchangeAtRate } from "./exchange.ts";
import type { MtField } from "./fields.ts";
import { fieldText, joinWrapped, refuseRepeats, singleLine } from "./fields.ts";
import type { Findings } from "./findings.ts";
import { addReason, addRefusal, quoted } from "./findings.ts";
import type { MtMessage } from "./header.ts";
import { fieldOf, headerOf, referenceIn, requireField } from "./header.ts";
import { MT_NARRATIVE_LINE_CHARS } from "./limits.ts";
import { readParty } from "./parties.ts";
import type { MtContent } from "./read-statement.ts";
import { returnIn72 } from "./returned-transfer.ts";
import { creditEntry, otherFields, readSettledAmount } from "./settled-amount.ts";
import { refuseUnknownFields } from "./unknown-fields.ts";
import { readCurrencyAmount, referenceOf, uetrOf } from "./values.ts";

const PLACED_TAGS: ReadonlySet<string> = new Set(
  "20 23B 26T 32A 33B 36 50A 50F 50K 52A 52D 59 59A 59F 70 71F 71G".split(" "),
);
/**
 * Fields that stay text in `additionalInfo`; 71A among them, for transfers without charge fields.
 */
const OTHER_TAGS =
  "13C 23E 51A 53A 53B 53D 54A 54B 54D 55A 55B 55D 56A 56C 56D 57A 57B 57C 57D 71A 72 77B 77T".split(
    " ",
  );
const KNOWN_TAGS: ReadonlySet<string> = new Set([...PLACED_TAGS, ...OTHER_TAGS]);
const SINGLE_TAGS: ReadonlySet<string> = new Set(
  [...KNOWN_TAGS].filter((tag) => tag !== "13C" && tag !== "23E" && tag !== "71F"),
);

export function readCreditTransfer(message: MtMessage, findings: Findings): MtContent {
  refuseRepeats(message.fields, SINGLE_TAGS, findings);
  refuseUnknownFields(message, KNOWN_TAGS, findings);
  requireField(message, ["20"], findings);
  const payeeField = requireField(message, ["59", "59A", "59F"], findings);
  const settled = readSettledAmount(message, findings);
  const header = headerOf(message, accountIn59(message, payeeField), { createdAt: null });
  if (settled === null) return { header, entries: [], balances: [] };
  const transaction = transactionOf(message, settled, payeeField, findings);
  const typeField = fieldOf(message, "23B");
  const entry = creditEntry(transaction, {
    status: "information",
    bookedOn: null,
    valueOn: settled.valueOn,
    typeCode: typeField === undefined ? null : singleLine(typeField),
  });
  return { header, entries: [entry], balances: [] };
}

function transactionOf(
  message: MtMessage,
  { field, amount }: { field: MtField; amount: Money },
  payeeField: MtField | null,
  findings: Findings,
): BankTransaction {
  const instructedAmount = readInstructedAmount(message, findings);
  const charges = chargesOf(message, readBearer(message, findings), findings);
  proveCharges(amount, instructedAmount, charges, field.line, findings);
  const payer = fieldOf(message, "50A", "50F", "50K");
  const payerAgent = fieldOf(message, "52A", "52D");
  const remittance = joinWrapped(fieldOf(message, "70")?.lines ?? [], MT_NARRATIVE_LINE_CHARS);
  const rate = fieldOf(message, "36");
  const purpose = fieldOf(message, "26T");
  return {
    index: 0,
    line: field.line,
    amount,
    direction: "credit",
    endToEndId: endToEndIdIn(remittance),
    uetr: uetrOf(message.raw.userHeader.get("121")),
    instructionId: referenceIn(message, "20"),
    transactionId: referenceOf(message.raw.userHeader.get("108")),
    servicerReference: null,
    clearingReference: null,
    instructedAmount,
    exchange: exchangeAtRate(
      rate === undefined ? undefined : fieldText(rate),
      instructedAmount?.currency ?? null,
      amount.currency,
    ),
    charges,
    payer: payer === undefined ? null : readParty(payer),
    ultimatePayer: null,
    payerAgent: payerAgent === undefined ? null : readParty(payerAgent),
    payee: payeeField === null ? null : readParty(payeeField),
    purpose: purpose === undefined ? null : fieldText(purpose),
    remittance,
    additionalInfo: otherFields(message, PLACED_TAGS),
    returned: returnIn72(message),
  };
}

function readInstructedAmount(message: MtMessage, findings: Findings): Money | null {
  const field = fieldOf(message, "33B");
  if (field === undefined) return null;
  const amount = readCurrencyAmount(singleLine(field) ?? "", field.line);
  if (amount.ok) return amount.value;
  addRefusal(findings, amount.refusal);
  return null;
}

/** :71A: OUR, SHA or BEN: who bears the charges. */
function readBearer(message: MtMessage, findings: Findings): string | null {
  const field = requireField(message, ["71A"], findings);
  if (field === null) return null;
  const bearer = singleLine(field);
  if (bearer === "OUR" || bearer === "SHA" || bearer === "BEN") return bearer;
  addReason(
    findings,
    "mt-field-malformed",
    field.line,
    `Line ${field.line}: :71A: ${quoted(fieldText(field))} is not OUR, SHA or BEN.`,
  );
  return null;
}

/**
 * "/ROC/" in :70: is the ordering customer's reference, where ISO 20022 translations put the
 * EndToEndId.
 */
function endToEndIdIn(remittance: readonly string[]): string | null {
  const reference = /\/ROC\/(.+?)(?:\/\/|\/[A-Z]{3}\/|\n|$)/.exec(remittance.join("\n"));
  return referenceOf(reference?.[1]);
}

/**
 * The payee's account is the account of the message; its bank is field 57A where that names one.
 */
function accountIn59(message: MtMessage, payeeField: MtField | null): AccountReference {
  const payee = payeeField === null ? null : readParty(payeeField);
  const agentField = fieldOf(message, "57A");
  return {
    number: payee?.account ?? "",
    currency: null,
    servicerBic: agentField === undefined ? null : readParty(agentField).bic,
    ownerName: payee?.name ?? null,
  };
}
