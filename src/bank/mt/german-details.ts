// Field 86 in German sub-fields: three digits of a business transaction code, then "?00" posting
// text, "?20" to "?29" and "?60" to "?63" remittance, "?30" bank, "?31" account, "?32" and "?33"
// name; SEPA key words (EREF+, KREF+, SVWZ+, …) inside the remittance. Source: DFÜ agreement
// (Deutsche Kreditwirtschaft), annex 3, MT940.

import type { Party } from "../message.ts";
import type { EntryDetails } from "./details.ts";
import { NO_DETAILS } from "./details.ts";
import { joinWrapped } from "./fields.ts";
import { bicOf } from "./fin-block.ts";
import { MT_GERMAN_SUBFIELD_CHARS } from "./limits.ts";
import { referenceOf } from "./values.ts";

type SubField = { readonly number: string; readonly text: string };

/** The details, or null when the text is not in sub-fields. */
export function readGermanDetails(whole: string): EntryDetails | null {
  const head = /^\s*(\d{3})([?~^@#|*!<>])(?=\d{2})/.exec(whole);
  if (head === null) return null;
  const subFields = subFieldsOf(whole.slice(head[0].length - 1), head[2]!);
  if (subFields.length === 0) return null;
  const remittanceParts = subFields.filter(({ number }) => /^(2\d|6[0-3])$/.test(number));
  const keyed = keyWordsOf(remittanceParts);
  const one = (number: string) => subFields.find((subField) => subField.number === number)?.text;
  return {
    ...NO_DETAILS,
    endToEndId: referenceOf(keyed?.get("EREF")),
    instructionId: referenceOf(keyed?.get("KREF")),
    purpose: keyed?.get("PURP") ?? null,
    counterparty: partyOf(one("30"), one("31"), `${one("32") ?? ""}${one("33") ?? ""}`),
    ultimateName: keyed?.get("ABWA") ?? keyed?.get("ABWE") ?? null,
    remittance: remittanceOf(remittanceParts, keyed),
  };
}

// Only these numbers are sub-fields: a "?12" inside a text is text.
function subFieldsOf(text: string, delimiter: string): readonly SubField[] {
  const number = /^(00|10|2\d|3[0-4]|6\d|7\d)/;
  const subFields: { number: string; text: string }[] = [];
  for (const piece of text.split(delimiter).slice(1)) {
    const found = number.exec(piece)?.[1];
    const last = subFields.at(-1);
    if (found !== undefined) subFields.push({ number: found, text: piece.slice(2) });
    else if (last !== undefined) last.text += delimiter + piece;
  }
  return subFields;
}

/**
 * Key words and their texts. A key word stands at the start of a sub-field or after a blank, and
 * may itself be broken over two sub-fields or lines. Null when there are none: old remittance of
 * plain lines.
 */
function keyWordsOf(parts: readonly SubField[]): ReadonlyMap<string, string> | null {
  let joined = "";
  const starts = new Set<number>();
  for (const part of parts) {
    starts.add(joined.length);
    joined += part.text;
  }
  const marks = [
    ...joined.matchAll(/(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|PURP|COAM|OAMT|IBAN|BIC)\+/g),
  ].filter(({ index }) => starts.has(index) || /\s/.test(joined[index - 1] ?? ""));
  if (marks.length === 0) return null;
  const keyed = new Map<string, string>([["", joined.slice(0, marks[0]!.index).trim()]]);
  for (const [position, mark] of marks.entries()) {
    const to = marks[position + 1]?.index ?? joined.length;
    if (!keyed.has(mark[1]!))
      keyed.set(mark[1]!, joined.slice(mark.index + mark[0].length, to).trim());
  }
  return keyed;
}

function remittanceOf(
  parts: readonly SubField[],
  keyed: ReadonlyMap<string, string> | null,
): readonly string[] {
  if (keyed !== null)
    return [keyed.get(""), keyed.get("SVWZ")].filter(
      (text) => text !== undefined && text !== "",
    ) as string[];
  return joinWrapped(
    parts.map(({ text }) => text),
    MT_GERMAN_SUBFIELD_CHARS,
  );
}

function partyOf(
  bank: string | undefined,
  account: string | undefined,
  name: string,
): Party | null {
  if (bank === undefined && account === undefined && name === "") return null;
  const cleaned = (account ?? "").replaceAll(" ", "");
  return {
    name: name.trim() === "" ? null : name.replaceAll(/\s+/g, " ").trim(),
    account: cleaned === "" ? null : cleaned,
    bic: bicOf(bank ?? ""),
    country: null,
  };
}
