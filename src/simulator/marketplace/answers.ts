// Answers as Amazon gives them: JSON whose amounts are written digit by digit (never through a binary fraction), and
// errors in the one shape that all operations share.

import type { JsonNumber } from "../../marketplace/amazon/json-decimal.ts";
import type { Currency } from "../../money/currency.ts";
import { formatMinor } from "../../money/money.ts";

/** What an answer is made of; a key that is undefined is left out. */
export type Answer =
  | null
  | boolean
  | string
  | number
  | JsonNumber
  | readonly Answer[]
  | { readonly [key: string]: Answer | undefined };

export type Reply = {
  readonly status: number;
  readonly body: Answer;
  readonly headers?: Readonly<Record<string, string>>;
};

export function ok(body: Answer): Reply {
  return { status: 200, body };
}

export function error(status: number, code: string, message: string, details = ""): Reply {
  return { status, body: { errors: [{ code, message, details }] } };
}

export function invalidInput(message: string): Reply {
  return error(400, "InvalidInput", message, message);
}

export function notFound(what: string): Reply {
  return error(404, "NotFound", `${what} was not found`);
}

export function writeJson(value: Answer): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (isList(value)) return `[${value.map(writeJson).join(",")}]`;
  if (isExact(value)) return value.numberText;
  const fields = Object.entries(value).flatMap(([key, inner]) =>
    inner === undefined ? [] : [`${JSON.stringify(key)}:${writeJson(inner)}`],
  );
  return `{${fields.join(",")}}`;
}

function isList(value: object): value is readonly Answer[] {
  return Array.isArray(value);
}

function isExact(value: object): value is JsonNumber {
  return "numberText" in value && typeof value.numberText === "string";
}

export function decimal(minor: bigint, currency: Currency): JsonNumber {
  return { numberText: formatMinor(minor, currency) };
}

/** `{currencyCode, currencyAmount}` of the newer APIs. */
export function amount(minor: bigint, currency: Currency): Answer {
  return { currencyCode: currency, currencyAmount: decimal(minor, currency) };
}

/** `{CurrencyCode, CurrencyAmount}` of Finances v0. */
export function amountV0(minor: bigint, currency: Currency): Answer {
  return { CurrencyCode: currency, CurrencyAmount: decimal(minor, currency) };
}
