// Fields that both payout lists of Amazon's API share: amounts, instants, account tails, trace ids.
// Amazon's own words vary ("STANDARD_ORDERS" and "Standard Orders", TRANSFERED), so words are
// compared without case and marks.

import { currencyOf } from "../../money/currency.ts";
import type { Money } from "../../money/money.ts";
import { money, parseMinor } from "../../money/money.ts";
import type { Instant } from "../../time/instant.ts";
import { parseInstant } from "../../time/instant.ts";
import type { JsonObject } from "./json-decimal.ts";
import { isObject, plainDecimal, textOf } from "./json-decimal.ts";

/** A field that is there and cannot be read: the item, and with it the file, is refused. */
export type FieldOutcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problem: string };

/** `{currencyCode, currencyAmount}` and its older spellings; null when the field is absent. */
export function moneyField(object: JsonObject, key: string): FieldOutcome<Money | null> {
  const field = object.get(key);
  if (field === undefined || field === null) return { ok: true, value: null };
  if (!isObject(field)) return { ok: false, problem: `${key} is not an amount` };
  const code = textOf(field, "currencyCode") ?? textOf(field, "CurrencyCode") ?? "";
  const currency = currencyOf(code);
  if (currency === null) return { ok: false, problem: `${key} has no known currency` };
  const written = field.get("currencyAmount") ?? field.get("CurrencyAmount") ?? field.get("Amount");
  const decimal = plainDecimal(written);
  if (decimal === null) return { ok: false, problem: `${key} has no amount` };
  const minor = parseMinor(decimal, currency);
  return minor.ok
    ? { ok: true, value: money(currency, minor.minor) }
    : { ok: false, problem: `${key} ${decimal} ${currency} is not exact (${minor.refusal})` };
}

/** An instant with its offset; null when the field is absent. */
export function instantField(object: JsonObject, key: string): FieldOutcome<Instant | null> {
  const text = textOf(object, key);
  if (text === null || text === "") return { ok: true, value: null };
  const at = parseInstant(text);
  return at === null
    ? { ok: false, problem: `${key} is not an instant with an offset` }
    : { ok: true, value: at };
}

/** Digits of an account tail as shown ("***1234" → "1234"); null when there are none. */
export function tailOf(text: string | null): string | null {
  const digits = text?.replace(/\D/g, "") ?? "";
  return digits === "" ? null : digits;
}

/** One trace id may be a comma list, one a transfer ("1, 2"). */
export function traceIdsOf(text: string | null): readonly string[] {
  return (text ?? "")
    .split(",")
    .map((id) => id.trim())
    .filter((id) => id !== "");
}

/** A word without case, spaces and underscores: "IN_TRANSIT" and "In transit" are the same. */
export function plainStatus(text: string): string {
  return text.toLowerCase().replace(/[^a-z]/g, "");
}
