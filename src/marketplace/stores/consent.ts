// Binding a store by the seller's consent at the marketplace: begun here, given there, completed here with the code that
// the browser brings back. The state is good once, for a while, and only in the browser (or program) that began it, so
// that nobody is led to give their account to another seller's store.

import { createHash } from "node:crypto";
import { accepted, type Outcome, refused } from "../../errors/refusal.ts";
import { freshId, randomToken } from "../../secret/random.ts";
import type { Tx } from "../../storage/database.ts";
import type { Instant } from "../../time/instant.ts";
import { instantOfMs, msOf } from "../../time/instant.ts";
import { exchangeCode, consentUrl as urlOf } from "../amazon/sp-api/login.ts";
import { isRegion } from "../amazon/sp-api/regions.ts";
import type { AmazonSettings } from "../amazon/sp-api/settings.ts";
import type { StoreBase } from "./connection.ts";
import type { StoreView } from "./store.ts";
import { endBinding, lockStore, mustFind, tellStore } from "./store-acts.ts";

/** How long a person may take to consent: to sign in at the marketplace, perhaps on another device, and to read. */
export const CONSENT_MS_MAX = 30 * 60_000;

export type ConsentBase = StoreBase & {
  readonly fetch: typeof fetch;
  readonly settings: AmazonSettings;
};

export type BegunConsent = {
  /** Where the seller's browser goes. */
  readonly consentUrl: string;
  readonly state: string;
  /** To be kept in the browser and brought back with the state; null when a program began it. */
  readonly browserToken: string | null;
  readonly expiresAt: Instant;
};

export type BeginConsent = {
  readonly storeId: string;
  /** ISO 3166 country of the seller's account, for the address of the consent; null: the region's first. */
  readonly country: string | null;
  readonly actor: string;
  /** True when a person's browser began it and will be sent back. */
  readonly inBrowser: boolean;
};

/** Refused: `store-unknown`. A bound store begins one to renew its authorisation. */
export async function beginConsent(
  base: ConsentBase,
  { storeId, country, actor, inBrowser }: BeginConsent,
): Promise<Outcome<BegunConsent>> {
  const now = base.clock.now();
  const expiresAt = instantOfMs(msOf(now) + CONSENT_MS_MAX);
  const state = randomToken();
  const browserToken = inBrowser ? randomToken() : null;
  return base.database.transaction(async (tx) => {
    const store = await lockStore(tx, base, storeId, now);
    if (store === null || !isRegion(store.region)) {
      return refused("store-unknown", "There is no such store.");
    }
    await tx.query(
      `INSERT INTO store_consent (tenant_id, state_hash, store_id, begun_by, browser_hash, begun_at, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [
        base.tenantId,
        hashOf(state),
        storeId,
        actor,
        browserToken === null ? null : hashOf(browserToken),
        now,
        expiresAt,
      ],
    );
    await tellStore(tx, base.tenantId, storeId, "store-consent-begun", now, actor, {});
    const consentUrl = urlOf(base.settings, store.region, country, state);
    return accepted({ consentUrl, state, browserToken, expiresAt });
  });
}

export type GivenConsent = {
  readonly state: string;
  readonly partnerId: string;
  readonly code: string;
  /** What the browser kept; null where a program completes it. */
  readonly browserToken: string | null;
  /** The program that completes it; null for a browser, which proves itself by its token. */
  readonly actor: string | null;
};

/**
 * Takes the consent. Refused: `consent-unknown`, `consent-used`, `consent-expired`, `consent-begun-elsewhere`,
 * `consent-code-invalid`, `store-of-another-account`, `store-already-bound`.
 */
export async function completeConsent(
  base: ConsentBase,
  given: GivenConsent,
): Promise<Outcome<StoreView>> {
  const taken = await takeConsent(base, given);
  if (!taken.ok) return taken;
  const tokens = await exchangeCode(base.fetch, base.settings, given.code);
  if (!tokens.ok) return tokens;
  const { refreshToken } = tokens.value;
  if (refreshToken === null) {
    return refused(
      "consent-code-invalid",
      "Amazon gave no refresh token. Begin the consent again.",
    );
  }
  return bindStore(base, { ...taken.value, partnerId: given.partnerId, refreshToken });
}

type TakenConsent = { readonly storeId: string; readonly begunBy: string };

/** Uses the state up before the marketplace is asked: whatever follows, it is not good a second time. */
async function takeConsent(
  { database, tenantId, clock }: ConsentBase,
  given: GivenConsent,
): Promise<Outcome<TakenConsent>> {
  const now = clock.now();
  return database.transaction(async (tx) => {
    const [row] = await tx.query<{
      store_id: string;
      begun_by: string;
      browser_hash: string | null;
      expires_at: Instant;
      used_at: Instant | null;
    }>(`SELECT * FROM store_consent WHERE tenant_id = $1 AND state_hash = $2 FOR UPDATE`, [
      tenantId,
      hashOf(given.state),
    ]);
    if (row === undefined) {
      return refused("consent-unknown", "No consent was begun with this state. Begin it again.");
    }
    // A thief of the state learns nothing more, and the one who began it can still use it.
    const isTheirs =
      row.browser_hash === null
        ? given.actor === row.begun_by
        : given.browserToken !== null && hashOf(given.browserToken) === row.browser_hash;
    if (!isTheirs) {
      return refused(
        "consent-begun-elsewhere",
        "This consent was begun in another browser. Begin it again in this one.",
      );
    }
    if (row.used_at !== null) {
      return refused("consent-used", "This consent was used already. Begin it again.");
    }
    if (row.expires_at <= now) {
      return refused("consent-expired", "This consent took too long. Begin it again.");
    }
    await tx.query(
      `UPDATE store_consent SET used_at = $3 WHERE tenant_id = $1 AND state_hash = $2`,
      [tenantId, hashOf(given.state), now],
    );
    return accepted({ storeId: row.store_id, begunBy: row.begun_by });
  });
}

type NewBinding = TakenConsent & { readonly partnerId: string; readonly refreshToken: string };

async function bindStore(base: ConsentBase, binding: NewBinding): Promise<Outcome<StoreView>> {
  const { tenantId, clock, settings, sealer } = base;
  const { storeId, begunBy, partnerId, refreshToken } = binding;
  const now = clock.now();
  const bindingId = freshId("sb", now);
  return base.database
    .transaction<Outcome<StoreView>>(async (tx) => {
      const store = await lockStore(tx, base, storeId, now);
      if (store === null) return refused("store-unknown", "There is no such store.");
      if (store.partnerId !== null && store.partnerId !== partnerId) {
        return refused(
          "store-of-another-account",
          "This store was bound to another account before. Make a new store for this account.",
        );
      }
      const isRenewal = await endBinding(tx, tenantId, storeId, "renewed", now);
      const isFree = await insertBinding(tx, [
        tenantId,
        bindingId,
        storeId,
        store.marketplace,
        store.region,
        partnerId,
        sealer.seal(refreshToken, tokenLabel(bindingId)),
        now,
        begunBy,
        instantOfMs(msOf(now) + settings.consentDays * 86_400_000),
      ]);
      if (!isFree) throw new AlreadyBound();
      await tx.query(
        `UPDATE store SET partner_id = $3, version = version + 1 WHERE tenant_id = $1 AND store_id = $2`,
        [tenantId, storeId, partnerId],
      );
      const kind = isRenewal ? "store-renewed" : "store-bound";
      await tellStore(tx, tenantId, storeId, kind, now, begunBy, { partnerId });
      return accepted(await mustFind(tx, base, storeId, now));
    })
    .catch((error: unknown) => {
      if (!(error instanceof AlreadyBound)) throw error;
      return refused(
        "store-already-bound",
        "This account is bound to another store. An account pays one seller: end that binding first.",
      );
    });
}

/** Thrown inside this file only, so that a renewal's end is rolled back with it. */
class AlreadyBound extends Error {}

/** False when another store has a live binding of the account. */
async function insertBinding(tx: Tx, values: readonly unknown[]): Promise<boolean> {
  const inserted = await tx.query(
    `INSERT INTO store_binding (tenant_id, binding_id, store_id, marketplace, region, partner_id, sealed_token,
                                bound_at, bound_by, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING RETURNING 1`,
    values,
  );
  return inserted.length > 0;
}

/** What a sealed token is of, so that one in another row stays closed. */
export function tokenLabel(bindingId: string): string {
  return `store-token:${bindingId}`;
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
