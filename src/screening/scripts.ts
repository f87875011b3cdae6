// Names of other scripts in Latin letters. Letter by letter where the script spells its sounds; where it leaves vowels out
// (Arabic, Hebrew), the consonants alone are compared (skeleton.ts).

/** GOST 7.79-2000 (system B) as passports and lists commonly simplify it. */
const CYRILLIC: Readonly<Record<string, string>> = {
  А: "A",
  Б: "B",
  В: "V",
  Г: "G",
  Д: "D",
  Е: "E",
  Ё: "E",
  Ж: "ZH",
  З: "Z",
  И: "I",
  Й: "Y",
  К: "K",
  Л: "L",
  М: "M",
  Н: "N",
  О: "O",
  П: "P",
  Р: "R",
  С: "S",
  Т: "T",
  У: "U",
  Ф: "F",
  Х: "KH",
  Ц: "TS",
  Ч: "CH",
  Ш: "SH",
  Щ: "SHCH",
  Ъ: "",
  Ы: "Y",
  Ь: "",
  Э: "E",
  Ю: "YU",
  Я: "YA",
  І: "I",
  Ї: "I",
  Є: "E",
  Ґ: "G",
};

/** ELOT 743 (ISO 843). */
const GREEK: Readonly<Record<string, string>> = {
  Α: "A",
  Β: "V",
  Γ: "G",
  Δ: "D",
  Ε: "E",
  Ζ: "Z",
  Η: "I",
  Θ: "TH",
  Ι: "I",
  Κ: "K",
  Λ: "L",
  Μ: "M",
  Ν: "N",
  Ξ: "X",
  Ο: "O",
  Π: "P",
  Ρ: "R",
  Σ: "S",
  Τ: "T",
  Υ: "Y",
  Φ: "F",
  Χ: "CH",
  Ψ: "PS",
  Ω: "O",
};

/** Consonants; alef, waw and yeh mostly carry vowels inside a word. */
const ARABIC: Readonly<Record<string, string>> = {
  ب: "B",
  ت: "T",
  ث: "TH",
  ج: "J",
  ح: "H",
  خ: "KH",
  د: "D",
  ذ: "D",
  ر: "R",
  ز: "Z",
  س: "S",
  ش: "SH",
  ص: "S",
  ض: "D",
  ط: "T",
  ظ: "Z",
  ع: "",
  غ: "GH",
  ف: "F",
  ق: "Q",
  ك: "K",
  ک: "K",
  ل: "L",
  م: "M",
  ن: "N",
  ه: "H",
  ة: "",
  و: "W",
  ي: "Y",
  ی: "Y",
  ى: "A",
  ا: "A",
  أ: "A",
  إ: "A",
  آ: "A",
  ء: "",
  ئ: "Y",
  ؤ: "W",
  پ: "P",
  چ: "CH",
  گ: "G",
  ژ: "ZH",
};

const HEBREW: Readonly<Record<string, string>> = {
  א: "A",
  ב: "V",
  ג: "G",
  ד: "D",
  ה: "H",
  ו: "V",
  ז: "Z",
  ח: "CH",
  ט: "T",
  י: "Y",
  כ: "K",
  ך: "K",
  ל: "L",
  מ: "M",
  ם: "M",
  נ: "N",
  ן: "N",
  ס: "S",
  ע: "",
  פ: "P",
  ף: "F",
  צ: "TZ",
  ץ: "TZ",
  ק: "K",
  ר: "R",
  ש: "SH",
  ת: "T",
};

const LETTERS: ReadonlyMap<string, string> = new Map(
  [CYRILLIC, GREEK, ARABIC, HEBREW].flatMap((table) => Object.entries(table)),
);

/** Revised Romanization of Korean (2000): initials, vowels, finals by the order of their code points. */
const HANGUL = {
  initials: [
    "G",
    "KK",
    "N",
    "D",
    "TT",
    "R",
    "M",
    "B",
    "PP",
    "S",
    "SS",
    "",
    "J",
    "JJ",
    "CH",
    "K",
    "T",
    "P",
    "H",
  ],
  vowels: [
    "A",
    "AE",
    "YA",
    "YAE",
    "EO",
    "E",
    "YEO",
    "YE",
    "O",
    "WA",
    "WAE",
    "OE",
    "YO",
    "U",
    "WO",
    "WE",
    "WI",
    "YU",
    "EU",
    "UI",
    "I",
  ],
  finals: [
    "",
    "K",
    "K",
    "K",
    "N",
    "N",
    "N",
    "T",
    "L",
    "K",
    "M",
    "L",
    "L",
    "L",
    "P",
    "L",
    "M",
    "P",
    "P",
    "T",
    "T",
    "NG",
    "T",
    "T",
    "K",
    "T",
    "P",
    "T",
  ],
} as const;
const HANGUL_FIRST = 0xac00;
const HANGUL_LAST = 0xd7a3;
const FINALS = HANGUL.finals.length;
const VOWELS = HANGUL.vowels.length;

/** True where the text has letters that leave vowels out. */
export function leavesVowelsOut(text: string): boolean {
  return /[\p{Script=Arabic}\p{Script=Hebrew}]/u.test(text);
}

/** Syllables of Hangul one by one; a Korean name has a surname of one and a given name of one or two. */
export function hangulSyllables(text: string): readonly string[] {
  return Array.from(text).flatMap((letter) => {
    const code = letter.codePointAt(0) ?? 0;
    if (code < HANGUL_FIRST || code > HANGUL_LAST) return [];
    const at = code - HANGUL_FIRST;
    const initial = HANGUL.initials[Math.floor(at / (VOWELS * FINALS))] ?? "";
    const vowel = HANGUL.vowels[Math.floor(at / FINALS) % VOWELS] ?? "";
    return [`${initial}${vowel}${HANGUL.finals[at % FINALS] ?? ""}`];
  });
}

/**
 * The same as the north and older lists spell it (McCune-Reischauer without its marks): plain initials, o for eo, u for
 * eu; and the surnames that have spellings of their own.
 */
export function olderKorean(syllable: string, isSurname: boolean): string {
  const known = isSurname ? KOREAN_SURNAMES[syllable] : undefined;
  if (known !== undefined) return known;
  const initial = { G: "K", D: "T", B: "P" }[syllable[0] ?? ""] ?? syllable[0] ?? "";
  return `${initial}${syllable.slice(1)}`.replace("EO", "O").replace("EU", "U");
}

const KOREAN_SURNAMES: Readonly<Record<string, string>> = {
  GIM: "KIM",
  I: "LEE",
  BAK: "PARK",
  CHOE: "CHOI",
  JEONG: "JUNG",
  GANG: "KANG",
  JO: "CHO",
  YUN: "YOON",
  JANG: "CHANG",
  IM: "LIM",
};

/** Letters of the tables above in Latin; every other letter as it is. */
export function latinised(text: string): string {
  return Array.from(text.toUpperCase())
    .map((letter) => LETTERS.get(letter) ?? letter)
    .join("");
}

/** Letters that sound alike in the spellings of one name count as one. */
const ALIKE: readonly (readonly [RegExp, string])[] = [
  [/KH/g, "H"],
  [/GH/g, "G"],
  [/TH/g, "T"],
  [/DH/g, "D"],
  [/TZ|TS/g, "Z"],
  [/CH/g, "H"],
  [/PH/g, "F"],
  [/Q/g, "K"],
  [/W/g, "V"],
  [/C/g, "K"],
  [/V/g, "B"],
];

/** The consonants of a Latin name, doubled ones once: "MOHAMMED" and "MUHAMAD" are both "MHMD". */
export function skeleton(token: string): string {
  let text = token;
  for (const [letters, one] of ALIKE) text = text.replace(letters, one);
  return text.replace(/[AEIOUY]/g, "").replace(/(.)\1+/g, "$1");
}
