// The registry of sellers as a file: who is paid, and on which accounts.

import { readFile } from "node:fs/promises";
import { z } from "zod";
import { accepted, type Outcome, refused } from "../errors/refusal.ts";
import { SELLER_ID_PATTERN, type SellerRegistration } from "../identity/sellers.ts";
import { currencyOf } from "../money/currency.ts";

/** Sellers in one registry file at most. */
const SELLERS_MAX = 10_000;

const registry = z.strictObject({
  sellers: z
    .array(
      z.strictObject({
        id: z.string().regex(SELLER_ID_PATTERN, "letters a-z, digits and hyphens, at most 63"),
        legalName: z.string().min(1).max(200),
        accounts: z
          .array(
            z.strictObject({
              number: z.string().min(1).max(50),
              currency: z
                .string()
                .refine((code) => currencyOf(code) !== null, "not an ISO 4217 currency"),
            }),
          )
          .max(1000),
      }),
    )
    .min(1)
    .max(SELLERS_MAX),
});

export async function readRegistry(path: string): Promise<Outcome<readonly SellerRegistration[]>> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    return refused(
      "registry-unreadable",
      `The seller registry ${path} cannot be read: ${(error as Error).message}`,
    );
  }
  const parsed = registry.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return refused(
      "registry-invalid",
      `${path}: ${issue?.path.join(".") || "the file"}: ${issue?.message}`,
    );
  }
  return accepted(parsed.data.sellers);
}
