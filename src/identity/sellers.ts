// Who is paid. A seller is registered from a registry file or named by the operator; a bank account belongs to
// one seller only, and naming another for it is refused.

import { accepted, type Outcome, refused } from "../errors/refusal.ts";
import type { Tx } from "../storage/database.ts";
import { insertRows } from "../storage/insert-rows.ts";
import type { Instant } from "../time/instant.ts";

export type SellerRegistration = {
  readonly id: string;
  readonly legalName: string;
  readonly accounts: readonly { readonly number: string; readonly currency: string }[];
};

/** Seller ids stand in account names and file names, so they are kept plain. */
export const SELLER_ID_PATTERN = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** A plain id from whatever name the operator gave: "Chongqing Example Ltd" → "chongqing-example-ltd". */
export function sellerIdOf(name: string): Outcome<string> {
  const id = name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return SELLER_ID_PATTERN.test(id) && id !== "unassigned"
    ? accepted(id)
    : refused(
        "seller-id-invalid",
        `"${name}" gives no usable seller id: use letters a-z, digits and hyphens, at most 63.`,
      );
}

/** Account numbers as they are compared: banks print them with spaces, in either case. */
export function normaliseAccountNumber(number: string): string {
  return number.replace(/\s+/g, "").toUpperCase();
}

/**
 * Registers sellers and binds their accounts. Binding an account that is another seller's is refused as a
 * whole ("account-of-another-seller") without naming that seller.
 */
export async function registerSellers(
  tx: Tx,
  tenantId: string,
  sellers: readonly SellerRegistration[],
  boundBy: "registry" | "settle",
  now: Instant,
): Promise<Outcome<null>> {
  await insertRows(
    tx,
    "seller",
    { tenant_id: "text", seller_id: "text", legal_name: "text", registered_at: "timestamptz" },
    sellers.map((seller) => [tenantId, seller.id, seller.legalName, now]),
  );
  const bindings = sellers.flatMap((seller) =>
    seller.accounts.map((account) => ({
      sellerId: seller.id,
      number: normaliseAccountNumber(account.number),
      currency: account.currency,
    })),
  );
  await insertRows(
    tx,
    "seller_account",
    {
      tenant_id: "text",
      account_number: "text",
      currency: "text",
      seller_id: "text",
      bound_at: "timestamptz",
      bound_by: "text",
    },
    bindings.map((binding) => [
      tenantId,
      binding.number,
      binding.currency,
      binding.sellerId,
      now,
      boundBy,
    ]),
  );
  const owner = await loadAccountOwners(
    tx,
    tenantId,
    bindings.map((binding) => binding.number),
  );
  for (const binding of bindings) {
    if (owner(binding.number, binding.currency) !== binding.sellerId) {
      return refused(
        "account-of-another-seller",
        `Account …${binding.number.slice(-4)} (${binding.currency}) is bound to another seller; ` +
          `an account belongs to one seller. Check the account number or the seller.`,
      );
    }
  }
  return accepted(null);
}

/** A look-up over the given account numbers: (number, currency) → seller, or null when it is not bound. */
export async function loadAccountOwners(
  tx: Tx,
  tenantId: string,
  numbers: readonly string[],
): Promise<(number: string, currency: string) => string | null> {
  const rows = await tx.query<{ account_number: string; currency: string; seller_id: string }>(
    `SELECT account_number, currency, seller_id FROM seller_account
      WHERE tenant_id = $1 AND account_number = ANY($2::text[])`,
    [tenantId, [...new Set(numbers.map(normaliseAccountNumber))]],
  );
  const owners = new Map(
    rows.map((row) => [`${row.account_number}/${row.currency}`, row.seller_id]),
  );
  return (number, currency) => owners.get(`${normaliseAccountNumber(number)}/${currency}`) ?? null;
}

export async function listSellers(
  tx: Tx,
  tenantId: string,
): Promise<readonly { sellerId: string; legalName: string }[]> {
  const rows = await tx.query<{ seller_id: string; legal_name: string }>(
    `SELECT seller_id, legal_name FROM seller WHERE tenant_id = $1 ORDER BY seller_id`,
    [tenantId],
  );
  return rows.map((row) => ({ sellerId: row.seller_id, legalName: row.legal_name }));
}
