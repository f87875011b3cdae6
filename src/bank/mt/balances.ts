// Fields 60a, 62a, 64 and 65: "C251128USD1234,56". Source: SWIFT user handbook, MT940 and MT941.

import type { Outcome } from "../../errors/refusal.ts";
import { accepted } from "../../errors/refusal.ts";
import type { Balance, BalanceType } from "../message.ts";
import type { MtField } from "./fields.ts";
import { singleLine } from "./fields.ts";
import { quoted } from "./findings.ts";
import { readCurrencyAmount, readDate, refuse } from "./values.ts";

const TYPES: ReadonlyMap<string, BalanceType> = new Map([
  ["60F", "opening"],
  ["60M", "opening-intermediate"],
  ["62F", "closing"],
  ["62M", "closing-intermediate"],
  ["64", "available"],
  ["65", "forward"],
]);

/** The type of balance that a tag stands for, or null when the tag is no balance. */
export function balanceTypeOf(tag: string): BalanceType | null {
  return TYPES.get(tag) ?? null;
}

export function readBalance(field: MtField, type: BalanceType): Outcome<Balance> {
  const text = singleLine(field);
  const parts = /^([CD])(\d{6})([A-Z]{3}.+)$/.exec(text ?? "");
  if (parts === null)
    return refuse(
      "mt-field-malformed",
      field.line,
      `:${field.tag}: ${quoted(field.lines.join(" "))} is not a balance.`,
    );
  const on = readDate(parts[2]!);
  if (on === null)
    return refuse(
      "mt-date-impossible",
      field.line,
      `the date ${parts[2]} in :${field.tag}: does not exist.`,
    );
  const amount = readCurrencyAmount(parts[3]!, field.line);
  if (!amount.ok) return amount;
  const direction = parts[1] === "C" ? "credit" : "debit";
  return accepted({ type, code: field.tag, amount: amount.value, direction, on });
}

/** A balance or an entry as a signed number of minor units: credit positive. */
export function signedMinor(of: Pick<Balance, "amount" | "direction">): bigint {
  return of.direction === "credit" ? of.amount.minor : -of.amount.minor;
}
