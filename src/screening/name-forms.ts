// A name as it is compared: the forms in Latin letters that it may stand for, each as its words.

import { companyReadings, hasHan, isCompany, personReadings, simplified } from "./chinese-names.ts";
import { hangulSyllables, latinised, leavesVowelsOut, olderKorean, skeleton } from "./scripts.ts";

export type NameForm = {
  /** Words in plain upper-case Latin. */
  readonly words: readonly string[];
  /** How the form came about, for the explanation. */
  readonly how: "as-written" | "letters" | "consonants" | "reading" | "translation";
};

/** Words that say what a company is and not which one. One spelling stands for all. */
const SAME_WORDS: Readonly<Record<string, string>> = {
  LIMITED: "LTD",
  COMPANY: "CO",
  CORPORATION: "CORP",
  INCORPORATED: "INC",
  INDUSTRY: "INDUSTRIAL",
  INDUSTRIES: "INDUSTRIAL",
  TRADE: "TRADING",
  TECHNOLOGIES: "TECHNOLOGY",
  TECH: "TECHNOLOGY",
  INTL: "INTERNATIONAL",
  HOLDING: "HOLDINGS",
  ELECTRONIC: "ELECTRONICS",
  CHEMICALS: "CHEMICAL",
  EQUIPMENTS: "EQUIPMENT",
  LOGISTIC: "LOGISTICS",
  TRANSPORTATION: "TRANSPORT",
  TEXTILES: "TEXTILE",
  GARMENTS: "GARMENT",
};

/** Words that weigh little: they are in thousands of names. */
export const COMMON_WORDS: ReadonlySet<string> = new Set([
  "CO",
  "LTD",
  "CORP",
  "INC",
  "LLC",
  "GMBH",
  "SA",
  "AG",
  "BV",
  "PLC",
  "PTE",
  "SDN",
  "BHD",
  "SRL",
  "SPA",
  "FZE",
  "FZCO",
  "LLP",
  "JSC",
  "OJSC",
  "GROUP",
  "INTERNATIONAL",
  "TRADING",
  "INDUSTRIAL",
  "DEVELOPMENT",
  "TECHNOLOGY",
  "IMPORT",
  "EXPORT",
  "HOLDINGS",
  "ENTERPRISES",
  "THE",
  "OF",
  "AND",
  "FOR",
  "AL",
  "BIN",
  "IBN",
  "ABU",
  "DE",
  "LA",
  "EL",
]);

/** Folds one spelling: compatibility forms, accents, signs; a hyphen inside a word joins its parts as a space does. */
export function wordsOf(text: string): readonly string[] {
  return latinised(text.normalize("NFKC"))
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toUpperCase()
    .replace(/['’`.]/g, "")
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "")
    .map((word) => SAME_WORDS[word] ?? word);
}

/** The forms of a name; never none. */
export function nameForms(text: string): readonly NameForm[] {
  const plain = text.normalize("NFKC").trim();
  if (hasHan(plain)) return hanForms(plain);
  const syllables = hangulSyllables(plain);
  if (syllables.length > 0) {
    const [surname = "", ...given] = syllables;
    const older = syllables.map((syllable, at) => olderKorean(syllable, at === 0));
    return [
      { words: older, how: "letters" },
      { words: [surname, ...given], how: "letters" },
      { words: [surname, given.join("")], how: "letters" },
    ];
  }
  const words = wordsOf(plain);
  if (leavesVowelsOut(plain))
    return [{ words: words.map(skeleton).filter((word) => word !== ""), how: "consonants" }];
  return [{ words, how: /^[\p{Script=Latin}\P{L}]*$/u.test(plain) ? "as-written" : "letters" }];
}

function hanForms(text: string): readonly NameForm[] {
  const own = simplified(text).replace(/[\s·・（）()]/g, "");
  const readings = isCompany(own) ? companyReadings(own) : personReadings(own);
  const how = isCompany(own) ? ("translation" as const) : ("reading" as const);
  const forms = readings.map((parts) => ({ words: parts.flatMap((part) => wordsOf(part)), how }));
  const latin = wordsOf(text.replace(/\p{Script=Han}/gu, " "));
  return latin.length === 0 ? forms : [...forms, { words: latin, how: "as-written" as const }];
}
