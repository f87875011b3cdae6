// A payout that was asked for: the intent is on record, with who asked, before the marketplace hears of it. How it ended
// is written once. The marketplace takes no key that would make a repeat harmless, so an answer that did not come is
// looked up before anybody asks again.

import type { Reason } from "../../errors/refusal.ts";
import { accepted, type Outcome, refused } from "../../errors/refusal.ts";
import type { Tx } from "../../storage/database.ts";
import type { Instant } from "../../time/instant.ts";
import { instantOfMs, msOf } from "../../time/instant.ts";
import { appendEvents } from "../../timeline/timeline.ts";
import { isMarketplaceName, payoutInitiation } from "../capabilities.ts";
import type { StoreBase } from "./connection.ts";
import { lockStore } from "./store-acts.ts";

export type PayoutRequestState =
  /** On record, not sent yet. */
  | "intended"
  /** Sent, the answer is not known. */
  | "asked"
  /** The marketplace made a payout. */
  | "initiated"
  | "refused"
  /** Sent as often as it may be, and no payout was found. */
  | "given-up";

export type PayoutRequest = {
  readonly requestId: string;
  readonly storeId: string;
  readonly sellerId: string;
  readonly marketplaceId: string;
  readonly accountType: string;
  readonly state: PayoutRequestState;
  readonly requestedAt: Instant;
  readonly requestedBy: string;
  readonly askedAt: Instant | null;
  readonly askCount: number;
  readonly answeredAt: Instant | null;
  /** The marketplace's own reference of the payout. */
  readonly reference: string | null;
  readonly reasons: readonly Reason[];
};

/** "You can use this operation to initiate a payout once every 24 hours" per store and account type (Amazon). */
export const PAYOUT_REQUEST_PAUSE_MS = 24 * 3_600_000;

export type PayoutWish = {
  /** Made by the caller, so that the same wish is the same request: "pr_…". */
  readonly requestId: string;
  readonly storeId: string;
  readonly marketplaceId: string;
  readonly actor: string;
};

/**
 * Puts the intent on record; one that is on record is returned as it stands. Refused: `store-unknown`, `store-not-bound`, `payout-not-on-demand` (this country store
 * cannot be asked), `payout-asked-lately`.
 */
export async function intendPayout(
  base: StoreBase,
  { requestId, storeId, marketplaceId, actor }: PayoutWish,
): Promise<Outcome<PayoutRequest>> {
  const { database, tenantId, clock } = base;
  const now = clock.now();
  return database.transaction<Outcome<PayoutRequest>>(async (tx) => {
    const store = await lockStore(tx, base, storeId, now);
    if (store === null) return refused("store-unknown", "There is no such store.");
    const standing = await findRequest(tx, tenantId, requestId);
    if (standing !== null) return accepted(standing);
    if (store.state === "pending-consent" || store.state === "revoked") {
      return refused(
        "store-not-bound",
        "This store is not bound: its seller has to consent first.",
      );
    }
    if (store.nameCheck !== "same" && store.nameCheck !== "confirmed") {
      return refused("store-name-in-doubt", "Whose account this is has to be settled first.");
    }
    const initiation = isMarketplaceName(store.marketplace)
      ? payoutInitiation(store.marketplace, marketplaceId)
      : null;
    const takesPart = store.participations.some((one) => one.marketplaceId === marketplaceId);
    if (initiation === null || !takesPart) {
      return refused(
        "payout-not-on-demand",
        "The marketplace pays out this country store by its own schedule only.",
      );
    }
    const [last] = await tx.query<{ requested_at: Instant }>(
      `SELECT requested_at FROM payout_request
        WHERE tenant_id = $1 AND store_id = $2 AND marketplace_id = $3 AND account_type = $4
          AND state NOT IN ('refused', 'given-up') AND requested_at > $5
        ORDER BY requested_at DESC LIMIT 1`,
      [tenantId, storeId, marketplaceId, initiation.accountType, pauseStart(now)],
    );
    if (last !== undefined) {
      const again = instantOfMs(msOf(last.requested_at) + PAYOUT_REQUEST_PAUSE_MS);
      return refused(
        "payout-asked-lately",
        `A payout was asked for at ${last.requested_at}; the next one may be asked for at ${again}.`,
      );
    }
    const request: PayoutRequest = {
      requestId,
      storeId,
      sellerId: store.sellerId,
      marketplaceId,
      accountType: initiation.accountType,
      state: "intended",
      requestedAt: now,
      requestedBy: actor,
      askedAt: null,
      askCount: 0,
      answeredAt: null,
      reference: null,
      reasons: [],
    };
    await insertRequest(tx, tenantId, request);
    await tellRequest(tx, tenantId, request, "payout-requested", now, actor);
    return accepted(request);
  });
}

function pauseStart(now: Instant): Instant {
  return instantOfMs(msOf(now) - PAYOUT_REQUEST_PAUSE_MS);
}

async function insertRequest(tx: Tx, tenantId: string, request: PayoutRequest): Promise<void> {
  await tx.query(
    `INSERT INTO payout_request (tenant_id, request_id, store_id, seller_id, marketplace_id, account_type, state,
                                 requested_at, requested_by, ask_count, reasons)
     VALUES ($1, $2, $3, $4, $5, $6, 'intended', $7, $8, 0, '[]')`,
    [
      tenantId,
      request.requestId,
      request.storeId,
      request.sellerId,
      request.marketplaceId,
      request.accountType,
      request.requestedAt,
      request.requestedBy,
    ],
  );
}

/**
 * Says, before it is sent, that it is being sent for the next time after `askCount`; null when it is not open any more
 * or somebody else sends it.
 */
export async function markAsked(
  tx: Tx,
  tenantId: string,
  requestId: string,
  askCount: number,
  now: Instant,
): Promise<PayoutRequest | null> {
  const changed = await tx.query(
    `UPDATE payout_request SET state = 'asked', asked_at = $3, ask_count = ask_count + 1
      WHERE tenant_id = $1 AND request_id = $2 AND state IN ('intended', 'asked') AND ask_count = $4 RETURNING 1`,
    [tenantId, requestId, now, askCount],
  );
  return changed.length === 0 ? null : findRequest(tx, tenantId, requestId);
}

export type RequestEnd = {
  readonly state: "initiated" | "refused" | "given-up";
  readonly reference: string | null;
  readonly reasons: readonly Reason[];
};

/** How it ended, once: a second telling changes nothing. */
export async function endRequest(
  tx: Tx,
  tenantId: string,
  requestId: string,
  end: RequestEnd,
  now: Instant,
): Promise<PayoutRequest | null> {
  const changed = await tx.query(
    `UPDATE payout_request SET state = $3, reference = $4, reasons = $5::text::jsonb, answered_at = $6
      WHERE tenant_id = $1 AND request_id = $2 AND state IN ('intended', 'asked') RETURNING 1`,
    [tenantId, requestId, end.state, end.reference, JSON.stringify(end.reasons), now],
  );
  const request = await findRequest(tx, tenantId, requestId);
  if (request !== null && changed.length > 0) {
    await tellRequest(tx, tenantId, request, `payout-request-${end.state}`, now, null);
  }
  return request;
}

async function tellRequest(
  tx: Tx,
  tenantId: string,
  request: PayoutRequest,
  kind: string,
  now: Instant,
  actor: string | null,
): Promise<void> {
  const { requestId, storeId, sellerId, marketplaceId, accountType, reference, reasons } = request;
  const data = { storeId, sellerId, marketplaceId, accountType, reference, reasons };
  const event = { subject: requestId, kind, at: now, data, source: null };
  await appendEvents(tx, tenantId, [actor === null ? event : { ...event, actor }]);
}

const COLUMNS = `request_id AS "requestId", store_id AS "storeId", seller_id AS "sellerId",
  marketplace_id AS "marketplaceId", account_type AS "accountType", state, requested_at AS "requestedAt",
  requested_by AS "requestedBy", asked_at AS "askedAt", ask_count AS "askCount", answered_at AS "answeredAt",
  reference, reasons`;

export async function findRequest(
  tx: Tx,
  tenantId: string,
  requestId: string,
): Promise<PayoutRequest | null> {
  const [row] = await tx.query<PayoutRequest>(
    `SELECT ${COLUMNS} FROM payout_request WHERE tenant_id = $1 AND request_id = $2`,
    [tenantId, requestId],
  );
  return row ?? null;
}

/** Requests of a store, newest first. */
export async function listRequests(
  tx: Tx,
  tenantId: string,
  storeId: string,
  limit: number,
): Promise<readonly PayoutRequest[]> {
  return tx.query<PayoutRequest>(
    `SELECT ${COLUMNS} FROM payout_request WHERE tenant_id = $1 AND store_id = $2
      ORDER BY requested_at DESC, request_id DESC LIMIT $3`,
    [tenantId, storeId, limit],
  );
}

/** Requests whose end is not known, oldest first. */
export async function openRequests(
  tx: Tx,
  tenantId: string,
  storeId: string,
): Promise<readonly PayoutRequest[]> {
  return tx.query<PayoutRequest>(
    `SELECT ${COLUMNS} FROM payout_request
      WHERE tenant_id = $1 AND store_id = $2 AND state IN ('intended', 'asked') ORDER BY requested_at, request_id`,
    [tenantId, storeId],
  );
}
