// A store: one account at a marketplace, in one region of its API, bound to one seller. Where it stands follows from its
// authorisations and the clock; nobody has to set it.

import type { Tx } from "../../storage/database.ts";
import type { Instant } from "../../time/instant.ts";
import { instantOfMs, msOf } from "../../time/instant.ts";

export type StoreState =
  /** Nobody has consented yet. */
  | "pending-consent"
  | "bound"
  /** The consent runs out within `EXPIRING_DAYS`: the seller should renew it. */
  | "expiring"
  /** The consent should be over by the marketplace's rule; it is used for as long as the marketplace takes it. */
  | "expired"
  /** Ended here, or withdrawn at the marketplace. */
  | "revoked";

/** Whether the marketplace's legal name of the account is the seller's. Only `same` and `confirmed` stores are polled. */
export type NameCheck = "unchecked" | "same" | "differs" | "unknown" | "confirmed";

/** One country store of the account. */
export type Participation = {
  readonly marketplaceId: string;
  readonly country: string | null;
  readonly name: string | null;
  readonly currency: string | null;
  readonly storeName: string | null;
  readonly isParticipating: boolean;
  readonly hasSuspendedListings: boolean;
};

export type StoreView = {
  readonly storeId: string;
  readonly sellerId: string;
  readonly marketplace: string;
  readonly region: string;
  readonly name: string;
  readonly partnerId: string | null;
  readonly state: StoreState;
  readonly nameCheck: NameCheck;
  readonly legalName: string | null;
  readonly participations: readonly Participation[];
  readonly boundAt: Instant | null;
  readonly expiresAt: Instant | null;
  readonly checkedAt: Instant | null;
  readonly createdAt: Instant;
  readonly version: bigint;
};

/** Every authorisation that a store had, without its token. */
export type StoreBinding = {
  readonly bindingId: string;
  readonly partnerId: string;
  readonly boundAt: Instant;
  readonly boundBy: string;
  readonly expiresAt: Instant;
  readonly endedAt: Instant | null;
  readonly endReason: "renewed" | "unbound" | "withdrawn" | null;
};

/** Days before its end from which a consent is shown as expiring. */
export const EXPIRING_DAYS = 30;

export function storeState(
  binding: { readonly expiresAt: Instant; readonly endedAt: Instant | null } | null,
  now: Instant,
): StoreState {
  if (binding === null) return "pending-consent";
  if (binding.endedAt !== null) return "revoked";
  if (binding.expiresAt <= now) return "expired";
  const soon = instantOfMs(msOf(now) + EXPIRING_DAYS * 86_400_000);
  return binding.expiresAt <= soon ? "expiring" : "bound";
}

type StoreRow = {
  store_id: string;
  seller_id: string;
  marketplace: string;
  region: string;
  name: string;
  partner_id: string | null;
  name_check: NameCheck;
  legal_name: string | null;
  participations: readonly Participation[];
  checked_at: Instant | null;
  created_at: Instant;
  version: bigint;
  bound_at: Instant | null;
  expires_at: Instant | null;
  ended_at: Instant | null;
};

export type StoreFilter = {
  readonly storeId?: string;
  readonly sellerId?: string | null;
};

/** Stores in the order in which they were made; of one seller where one is named. */
export async function listStores(
  tx: Tx,
  tenantId: string,
  now: Instant,
  filter: StoreFilter = {},
): Promise<readonly StoreView[]> {
  const rows = await tx.query<StoreRow>(
    `SELECT s.*, b.bound_at, b.expires_at, b.ended_at FROM store s
       LEFT JOIN LATERAL (SELECT b.bound_at, b.expires_at, b.ended_at FROM store_binding b
                           WHERE b.tenant_id = s.tenant_id AND b.store_id = s.store_id
                           ORDER BY b.bound_at DESC, b.ended_at DESC NULLS FIRST LIMIT 1) AS b ON true
      WHERE s.tenant_id = $1 AND ($2::text IS NULL OR s.store_id = $2) AND ($3::text IS NULL OR s.seller_id = $3)
      ORDER BY s.created_at, s.store_id`,
    [tenantId, filter.storeId ?? null, filter.sellerId ?? null],
  );
  return rows.map((row) => viewOf(row, now));
}

export async function findStore(
  tx: Tx,
  tenantId: string,
  storeId: string,
  now: Instant,
): Promise<StoreView | null> {
  const [store] = await listStores(tx, tenantId, now, { storeId });
  return store ?? null;
}

function viewOf(row: StoreRow, now: Instant): StoreView {
  const { bound_at: boundAt, expires_at: expiresAt, ended_at: endedAt } = row;
  return {
    storeId: row.store_id,
    sellerId: row.seller_id,
    marketplace: row.marketplace,
    region: row.region,
    name: row.name,
    partnerId: row.partner_id,
    state: storeState(expiresAt === null ? null : { expiresAt, endedAt }, now),
    nameCheck: row.name_check,
    legalName: row.legal_name,
    participations: row.participations,
    boundAt,
    expiresAt,
    checkedAt: row.checked_at,
    createdAt: row.created_at,
    version: row.version,
  };
}

/** The history of a store's authorisations, oldest first. */
export async function listBindings(
  tx: Tx,
  tenantId: string,
  storeId: string,
): Promise<readonly StoreBinding[]> {
  return tx.query<StoreBinding>(
    `SELECT binding_id AS "bindingId", partner_id AS "partnerId", bound_at AS "boundAt", bound_by AS "boundBy",
            expires_at AS "expiresAt", ended_at AS "endedAt", end_reason AS "endReason"
       FROM store_binding WHERE tenant_id = $1 AND store_id = $2 ORDER BY bound_at, binding_id`,
    [tenantId, storeId],
  );
}
