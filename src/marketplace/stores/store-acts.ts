// The acts on a store that need no marketplace: to name a new one, to say that its account is the seller's although the
// names differ, and to end its authorisation here.

import { accepted, type Outcome, refused } from "../../errors/refusal.ts";
import { freshId } from "../../secret/random.ts";
import type { Tx } from "../../storage/database.ts";
import type { Instant } from "../../time/instant.ts";
import { appendEvents } from "../../timeline/timeline.ts";
import { CAPABILITIES, isMarketplaceName } from "../capabilities.ts";
import type { StoreBase } from "./connection.ts";
import { findStore, type StoreView } from "./store.ts";

export const STORE_NAME_LENGTH_MAX = 100;
/** Stores of one seller at most. */
export const STORES_PER_SELLER_MAX = 200;

export type NewStore = {
  readonly sellerId: string;
  readonly marketplace: string;
  readonly region: string;
  readonly name: string;
};

/** A store that nobody consented to yet. Refused: `seller-unknown`, `marketplace-not-connected`, `too-many-stores`. */
export async function createStore(
  base: StoreBase,
  store: NewStore,
  actor: string,
): Promise<Outcome<StoreView>> {
  const { marketplace, sellerId, region } = store;
  if (!isMarketplaceName(marketplace) || CAPABILITIES[marketplace].payouts !== "live") {
    return refused(
      "marketplace-not-connected",
      `There is no connection to "${marketplace}": upload its files instead.`,
    );
  }
  const now = base.clock.now();
  const storeId = freshId("sto", now);
  return base.database.transaction(async (tx) => {
    const [seller] = await tx.query<{ stores: bigint }>(
      `SELECT (SELECT count(*) FROM store WHERE tenant_id = $1 AND seller_id = $2) AS stores
         FROM seller WHERE tenant_id = $1 AND seller_id = $2`,
      [base.tenantId, sellerId],
    );
    if (seller === undefined) return refused("seller-unknown", "There is no such seller.");
    if (seller.stores >= BigInt(STORES_PER_SELLER_MAX)) {
      return refused("too-many-stores", `A seller has at most ${STORES_PER_SELLER_MAX} stores.`);
    }
    await tx.query(
      `INSERT INTO store (tenant_id, store_id, seller_id, marketplace, region, name, name_check, participations,
                          created_at, version)
       VALUES ($1, $2, $3, $4, $5, $6, 'unchecked', '[]', $7, 1)`,
      [base.tenantId, storeId, sellerId, marketplace, region, store.name, now],
    );
    await tellStore(tx, base.tenantId, storeId, "store-named", now, actor, {
      marketplace,
      region,
      name: store.name,
      sellerId,
    });
    return accepted(await mustFind(tx, base, storeId, now));
  });
}

/**
 * A person says that the account is the seller's although the marketplace tells another name, or none. Refused:
 * `store-unknown`, `store-not-bound`, `name-not-in-doubt`.
 */
export async function confirmStoreName(
  base: StoreBase,
  storeId: string,
  reason: string,
  actor: string,
): Promise<Outcome<StoreView>> {
  const now = base.clock.now();
  return base.database.transaction(async (tx) => {
    const store = await lockStore(tx, base, storeId, now);
    if (store === null) return refused("store-unknown", "There is no such store.");
    if (store.partnerId === null || store.state === "revoked") {
      return refused("store-not-bound", "Nobody has consented for this store.");
    }
    if (store.nameCheck !== "differs" && store.nameCheck !== "unknown") {
      return refused("name-not-in-doubt", "The name of this store's account is not in doubt.");
    }
    await tx.query(
      `UPDATE store SET name_check = 'confirmed', version = version + 1 WHERE tenant_id = $1 AND store_id = $2`,
      [base.tenantId, storeId],
    );
    await tellStore(tx, base.tenantId, storeId, "store-name-confirmed", now, actor, {
      reason,
      legalName: store.legalName,
      was: store.nameCheck,
    });
    return accepted(await mustFind(tx, base, storeId, now));
  });
}

/** Ends the authorisation here and forgets its token. Refused: `store-unknown`, `store-not-bound`. */
export async function unbindStore(
  base: StoreBase,
  storeId: string,
  actor: string,
): Promise<Outcome<StoreView>> {
  const now = base.clock.now();
  return base.database.transaction(async (tx) => {
    const store = await lockStore(tx, base, storeId, now);
    if (store === null) return refused("store-unknown", "There is no such store.");
    const ended = await endBinding(tx, base.tenantId, storeId, "unbound", now);
    if (!ended) return refused("store-not-bound", "This store is not bound.");
    await tellStore(tx, base.tenantId, storeId, "store-unbound", now, actor, {});
    return accepted(await mustFind(tx, base, storeId, now));
  });
}

/** The marketplace does not take the authorisation any more. Nothing happens when it has ended already. */
export async function withdrawStore(base: StoreBase, storeId: string): Promise<void> {
  const now = base.clock.now();
  await base.database.transaction(async (tx) => {
    await lockStore(tx, base, storeId, now);
    if (!(await endBinding(tx, base.tenantId, storeId, "withdrawn", now))) return;
    await tellStore(tx, base.tenantId, storeId, "store-withdrawn", now, null, {});
  });
}

/** The store's row, locked until the transaction ends; null when there is none. */
export async function lockStore(
  tx: Tx,
  base: StoreBase,
  storeId: string,
  now: Instant,
): Promise<StoreView | null> {
  await tx.query(`SELECT 1 FROM store WHERE tenant_id = $1 AND store_id = $2 FOR UPDATE`, [
    base.tenantId,
    storeId,
  ]);
  return findStore(tx, base.tenantId, storeId, now);
}

/** True when there was one to end. */
export async function endBinding(
  tx: Tx,
  tenantId: string,
  storeId: string,
  reason: "renewed" | "unbound" | "withdrawn",
  now: Instant,
): Promise<boolean> {
  const ended = await tx.query(
    `UPDATE store_binding SET ended_at = $3, end_reason = $4, sealed_token = ''
      WHERE tenant_id = $1 AND store_id = $2 AND ended_at IS NULL RETURNING 1`,
    [tenantId, storeId, now, reason],
  );
  return ended.length > 0;
}

/** What happened to a store, told on its timeline. */
export async function tellStore(
  tx: Tx,
  tenantId: string,
  storeId: string,
  kind: string,
  now: Instant,
  actor: string | null,
  data: Readonly<Record<string, unknown>>,
): Promise<void> {
  // The instant tells apart what may happen to a store twice.
  const told = { ...data, at: now };
  const event = { subject: storeId, kind, at: now, data: told, source: null };
  await appendEvents(tx, tenantId, [actor === null ? event : { ...event, actor }]);
}

export async function mustFind(
  tx: Tx,
  base: StoreBase,
  storeId: string,
  now: Instant,
): Promise<StoreView> {
  const store = await findStore(tx, base.tenantId, storeId, now);
  if (store === null) throw new Error(`store ${storeId} went away inside its own transaction`);
  return store;
}
