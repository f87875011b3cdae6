// The small shapes that every resource's schemas are made of. Names and meanings as in docs/reference/json.md.

import { z } from "@hono/zod-openapi";
import { currencyOf } from "../../money/currency.ts";
import { formatMinor } from "../../money/money.ts";

export const currency = z
  .string()
  .regex(/^[A-Z]{3}$/)
  .openapi("Currency", { description: "ISO 4217 alphabetic code.", example: "USD" });

export const amount = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .openapi("Amount", {
    description: "Exact decimal text with the currency's own decimals, never a JSON number.",
    example: "1234.50",
  });

export const money = z.object({ amount, currency }).openapi("Money");
export type MoneyJson = z.infer<typeof money>;

/** Money as the views of the rooms tell it: exact text and currency. */
export function moneyOf(text: string, code: string): MoneyJson {
  return { amount: text, currency: code };
}

/** Money as a row keeps it. */
export function moneyOfMinor(minor: bigint, code: string): MoneyJson {
  const known = currencyOf(code);
  if (known === null) throw new RangeError(`currency ${code} is not in the ISO 4217 table`);
  return { amount: formatMinor(minor, known), currency: code };
}

export const instant = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/)
  .openapi("Instant", { format: "date-time", example: "2026-11-23T04:05:06.789Z" });

export const civilDate = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/)
  .openapi("CivilDate", {
    format: "date",
    description: "The day in the zone of whoever wrote it.",
    example: "2026-11-23",
  });

export const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .openapi("Sha256", { description: "Names a raw file by its bytes." });

export const reason = z
  .object({
    code: z.string(),
    line: z.int().nullable(),
    message: z.string().openapi({ description: "One English sentence that says what to do." }),
  })
  .openapi("Reason");

/** Where a figure was read. */
export const source = z
  .object({
    file: z.string().nullable().openapi({ description: "Name under which the file first came." }),
    sha256,
    line: z.int(),
  })
  .openapi("Source");

/** An id in a path. What is no id of ours at all is answered like one that names nothing. */
export function idParam(description: string, example: string) {
  return z.string().min(1).max(200).openapi({ description, example });
}

/** A filter that names a seller; callers bound to a seller see only their own, whatever they ask for. */
export const sellerFilter = z
  .string()
  .max(63)
  .optional()
  .openapi({ description: "Only this seller's.", example: "jiangbei-lamps" });
