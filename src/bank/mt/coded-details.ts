// Slash code words in field 86 and in subfield 9 of field 61: "/EREF/…/CNTP/…/REMI/…" (ING, ABN
// AMRO, Rabobank and corporate formats; code words of the MT940 structured :86: guides). Only words
// of the table are read as such: any other "/XXX/" stays part of the text around it, and the caller
// keeps the whole text.

import type { Money } from "../../money/money.ts";
import type { Charge, Party } from "../message.ts";
import type { EntryDetails } from "./details.ts";
import { NO_DETAILS } from "./details.ts";
import { exchangeAtRate } from "./exchange.ts";
import { bicOf } from "./fin-block.ts";
import { readCurrencyAmount, referenceOf, uetrOf } from "./values.ts";

const CODE_WORD = new RegExp(
  `/(${[
    "EREF|PREF|KREF|CREF|IREF|UETR|MARF|CSID|RTRN",
    "CNTP|ORDP|BENM|NAME|IBAN|BIC|ADDR|ULTC|ULTD",
    "REMI|PURP|TRTP|ISDT|OCMT|CHGS|EXCH",
  ].join("|")})/`,
  "g",
);

type CodeWords = ReadonlyMap<string, string>;

/** The details, or null when the text is not in code words. */
export function readCodedDetails(whole: string): EntryDetails | null {
  if (!/^\s*\/[A-Z]{2,4}\//.test(whole)) return null;
  const words = codeWordsOf(whole);
  if (words.size === 0) return null;
  const remittance = words.get("REMI")?.replace(/^USTD\/\//, "") ?? "";
  return {
    ...NO_DETAILS,
    ...amountsOf(words),
    endToEndId: referenceOf(words.get("EREF")),
    instructionId: referenceOf(words.get("PREF") ?? words.get("KREF") ?? words.get("IREF")),
    uetr: uetrOf(words.get("UETR")),
    purpose: words.get("PURP") ?? null,
    counterparty: counterpartyOf(words),
    ultimateName: words.get("ULTD") ?? words.get("ULTC") ?? null,
    returnCode: words.get("RTRN") ?? null,
    remittance: remittance === "" ? [] : [remittance],
  };
}

/** Original amount and charges of subfield 9: "/OCMT/EUR11,85//CHGS/EUR0,50/". */
export function readSupplementaryAmounts(
  supplementary: string,
): Pick<EntryDetails, "instructedAmount" | "charges" | "exchange"> {
  return amountsOf(codeWordsOf(supplementary.replaceAll("\n", "")));
}

function codeWordsOf(text: string): CodeWords {
  const words = new Map<string, string>();
  const marks = [...text.matchAll(CODE_WORD)];
  for (const [position, mark] of marks.entries()) {
    const to = marks[position + 1]?.index ?? text.length;
    const value = text.slice(mark.index + mark[0].length, to);
    if (!words.has(mark[1]!)) words.set(mark[1]!, withoutEndSlashes(value));
  }
  return words;
}

// Not /\/+$/: on a text of many slashes that takes time by their square.
function withoutEndSlashes(text: string): string {
  const trimmed = text.trim();
  let end = trimmed.length;
  while (trimmed[end - 1] === "/") end -= 1;
  return trimmed.slice(0, end).trim();
}

function amountsOf(
  words: CodeWords,
): Pick<EntryDetails, "instructedAmount" | "charges" | "exchange"> {
  const instructedAmount = amountOf(words.get("OCMT"));
  const charge = amountOf(words.get("CHGS"));
  return {
    instructedAmount,
    charges: charge === null ? [] : [statedCharge(charge)],
    exchange: exchangeAtRate(words.get("EXCH"), instructedAmount?.currency ?? null, null),
  };
}

// No sum rests on these texts: one that is not an amount stays text.
function amountOf(text: string | undefined): Money | null {
  const amount = text === undefined ? null : readCurrencyAmount(text, 0);
  return amount?.ok === true ? amount.value : null;
}

function statedCharge(amount: Money): Charge {
  return {
    amount,
    direction: "debit",
    included: true,
    bearer: null,
    type: "CHGS",
    agentBic: null,
  };
}

// /CNTP/account/bic/name/city (ING), or /IBAN/, /BIC/ and /NAME/ one by one after an empty /ORDP/
// or /BENM/.
function counterpartyOf(words: CodeWords): Party | null {
  const [account = "", bic = "", name = ""] = (words.get("CNTP") ?? "").split("/");
  const named = words.get("NAME") || name || words.get("ORDP") || words.get("BENM") || null;
  const number = (words.get("IBAN") ?? account).replaceAll(" ", "") || null;
  const bank = bicOf(words.get("BIC") ?? bic);
  if (named === null && number === null && bank === null) return null;
  return { name: named, account: number, bic: bank, country: null };
}
