// Reads amounts as Amazon writes them: "129.99" (US, CA, JP), "95,00" (EUR), "2,691" and "1.234,56"
// in date-range files, "1 135,72" (SE). The style is found per file by content, one style must fit
// all rows, and what nothing decides ("1.234") is never guessed.

import { SUM_DECIMALS } from "./exact-sum.ts";
import { AMOUNT_DIGITS_MAX } from "./limits.ts";

/** `dot`: point before decimals, comma between thousands; `comma`: the other way round. */
export type NumberStyle = "dot" | "comma";

export type AmountText =
  /** Ten-thousandths; `style` when the text itself proves one, null when it fits both ("12"). */
  | {
      readonly kind: "exact";
      readonly value: bigint;
      readonly style: NumberStyle | null;
      /** Decimals that are not trailing zeros: "8.850" has 2. */
      readonly decimals: number;
    }
  /** One mark before exactly three digits: decimals in one style, thousands in the other. */
  | { readonly kind: "ambiguous" }
  | { readonly kind: "unreadable" | "too-long" };

const SPACE = /[\u00a0\u202f\u2009 ]/;

/**
 * Reads one amount. `exponent` is the number of decimals of the currency, null when not known: in a
 * currency without decimals (JPY) a mark before three digits can only be one between thousands.
 */
export function readAmountText(raw: string, exponent: number | null): AmountText {
  const text = raw
    .trim()
    .replace(/^"(.*)"$/, "$1")
    .trim()
    .replace("\u2212", "-");
  const parts = /^([+-]?)(\d[\d.,\u00a0\u202f\u2009 ]*|[.,]\d+)$/.exec(text);
  if (parts === null) return { kind: "unreadable" };
  const [, sign = "", body = ""] = parts;
  const marks = body.replace(/[^.,]/g, "");
  if (marks === "") return exactAmount(sign, body, "", null);
  const last = Math.max(body.lastIndexOf("."), body.lastIndexOf(","));
  const mark = body[last];
  const before = body.slice(0, last);
  const after = body.slice(last + 1);
  const otherBefore = before.includes(mark === "." ? "," : ".");
  const sameBefore = before.includes(mark ?? "");
  if (sameBefore) {
    // "1,234,567": the same mark twice stands between thousands, so the other one would be decimal.
    return otherBefore ? { kind: "unreadable" } : exactAmount(sign, body, "", otherStyle(mark));
  }
  if (otherBefore || after.length !== 3 || before === "" || SPACE.test(before)) {
    return exactAmount(sign, before, after, mark === "." ? "dot" : "comma");
  }
  if (before.length > 3 || before === "0") {
    // "1234.567" and "0.123" cannot be thousands.
    return exactAmount(sign, before, after, mark === "." ? "dot" : "comma");
  }
  return exponent === 0 ? exactAmount(sign, body, "", otherStyle(mark)) : { kind: "ambiguous" };
}

/** Reads an amount that was ambiguous, now that the file's style is decided. */
export function readInStyle(raw: string, style: NumberStyle): AmountText {
  const text = raw.trim().replace(/^"(.*)"$/, "$1");
  const decimal = style === "dot" ? "." : ",";
  const sign = /^[+-]/.exec(text)?.[0] ?? "";
  const [whole = "", fraction = ""] = text.slice(sign.length).split(decimal);
  return exactAmount(sign, whole, fraction, style);
}

function otherStyle(thousandsMark: string | undefined): NumberStyle {
  return thousandsMark === "." ? "comma" : "dot";
}

function exactAmount(
  sign: string,
  whole: string,
  fraction: string,
  style: NumberStyle | null,
): AmountText {
  if (!/^\d*$/.test(fraction)) return { kind: "unreadable" };
  const grouped = /[.,\u00a0\u202f\u2009 ]/.test(whole);
  if (grouped && !/^\d{1,3}([.,\u00a0\u202f\u2009 ])\d{3}(\1\d{3})*$/.test(whole)) {
    return { kind: "unreadable" };
  }
  const digits = whole.replace(/\D/g, "");
  const kept = fraction.replace(/0+$/, "");
  if (digits === "" && fraction === "") return { kind: "unreadable" };
  if (digits.length + fraction.length > AMOUNT_DIGITS_MAX) return { kind: "too-long" };
  // No currency has more than four decimals: the caller refuses such an amount as not exact.
  const value = BigInt(`${digits}${kept.slice(0, SUM_DECIMALS).padEnd(SUM_DECIMALS, "0")}`);
  return { kind: "exact", value: sign === "-" ? -value : value, style, decimals: kept.length };
}
