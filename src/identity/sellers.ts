// Who is paid. A seller is registered from a registry file or named by the operator; a bank account belongs to
// one seller only, and naming another for it is refused.

import { accepted, type Outcome, type Refusal, refusalOf, refused } from "../errors/refusal.ts";
import type { Tx } from "../storage/database.ts";
import { insertRows } from "../storage/insert-rows.ts";
import type { CivilDate, Instant } from "../time/instant.ts";

/** A bank account in one currency. */
export type SellerAccount = { readonly number: string; readonly currency: string };

export type SellerRegistration = {
  readonly id: string;
  readonly legalName: string;
  readonly accounts: readonly SellerAccount[];
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
  const bindings = sellers.flatMap((seller) =>
    seller.accounts.map((account) => ({
      sellerId: seller.id,
      number: normaliseAccountNumber(account.number),
      currency: account.currency,
    })),
  );
  const taken = await firstTaken(tx, tenantId, bindings);
  if (taken !== null) return { ok: false, refusal: ofAnotherSeller(taken) };
  await insertRows(
    tx,
    "seller",
    { tenant_id: "text", seller_id: "text", legal_name: "text", registered_at: "timestamptz" },
    sellers.map((seller) => [tenantId, seller.id, seller.legalName, now]),
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
  return accepted(null);
}

/** Why these accounts cannot be the seller's, or null: one of them is bound to another. Nothing is bound. */
export async function refuseForeign(
  tx: Tx,
  tenantId: string,
  sellerId: string,
  accounts: readonly SellerAccount[],
): Promise<Refusal | null> {
  const taken = await firstTaken(
    tx,
    tenantId,
    accounts.map(({ number, currency }) => ({
      sellerId,
      number: normaliseAccountNumber(number),
      currency,
    })),
  );
  return taken === null ? null : ofAnotherSeller(taken);
}

function ofAnotherSeller({ number, currency }: Binding): Refusal {
  return refusalOf(
    "account-of-another-seller",
    `Account …${number.slice(-4)} (${currency}) is bound to another seller; ` +
      `an account belongs to one seller. Check the account number or the seller.`,
  );
}

type Binding = { readonly sellerId: string; readonly number: string; readonly currency: string };

/** A binding that another seller has already, on record or earlier in the list. */
async function firstTaken(
  tx: Tx,
  tenantId: string,
  bindings: readonly Binding[],
): Promise<Binding | null> {
  const owner = await loadAccountOwners(
    tx,
    tenantId,
    bindings.map((binding) => binding.number),
  );
  const claimed = new Map<string, string>();
  for (const binding of bindings) {
    const key = `${binding.number}/${binding.currency}`;
    const holder =
      owner.on(binding.number, binding.currency) ?? claimed.get(key) ?? binding.sellerId;
    if (holder !== binding.sellerId) return binding;
    claimed.set(key, binding.sellerId);
  }
  return null;
}

/** Whose accounts are, by the approved acts that changed it: money keeps the owner of its own day. */
export type AccountOwners = {
  /** The seller on a day; today's where no day is told; null when it is not bound. */
  readonly on: (number: string, currency: string, day?: CivilDate | null) => string | null;
  /** All who ever had it. */
  readonly ever: (number: string, currency: string) => readonly string[];
};

export async function loadAccountOwners(
  tx: Tx,
  tenantId: string,
  numbers: readonly string[],
): Promise<AccountOwners> {
  const rows = await tx.query<{
    account_number: string;
    currency: string;
    seller_id: string | null;
    from_on: CivilDate | null;
  }>(
    `SELECT account_number, currency, seller_id, NULL::date AS from_on FROM seller_account
      WHERE tenant_id = $1 AND account_number = ANY($2::text[])
     UNION ALL
     SELECT account_number, currency, seller_id, from_on FROM seller_account_change
      WHERE tenant_id = $1 AND account_number = ANY($2::text[])`,
    [tenantId, [...new Set(numbers.map(normaliseAccountNumber))]],
    { name: "account-owners" },
  );
  const current = new Map<string, string>();
  const changes = new Map<string, { readonly fromOn: CivilDate; readonly sellerId: string }[]>();
  for (const { account_number, currency, seller_id, from_on } of rows) {
    const key = `${account_number}/${currency}`;
    if (seller_id === null) continue;
    if (from_on === null) current.set(key, seller_id);
    else changes.set(key, [...(changes.get(key) ?? []), { fromOn: from_on, sellerId: seller_id }]);
  }
  for (const list of changes.values()) list.sort((a, b) => (a.fromOn < b.fromOn ? 1 : -1));
  const keyOf = (number: string, currency: string) =>
    `${normaliseAccountNumber(number)}/${currency}`;
  return {
    on: (number, currency, day = null) => {
      const key = keyOf(number, currency);
      const history = day === null ? undefined : changes.get(key);
      return (
        history?.find(({ fromOn }) => fromOn <= (day as CivilDate))?.sellerId ??
        current.get(key) ??
        null
      );
    },
    ever: (number, currency) => {
      const key = keyOf(number, currency);
      const before = (changes.get(key) ?? []).map(({ sellerId }) => sellerId);
      const now = current.get(key);
      return [...new Set(now === undefined ? before : [now, ...before])];
    },
  };
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
