// A bound store of Amazon's, ready to be asked: its way into the API is opened for one piece of work, and what the
// marketplace says about the authorisation is acted on in one place.

import { Outage } from "../../../errors/outage.ts";
import type { Instant } from "../../../time/instant.ts";
import type { PollContext, PollOutcome, StoreConnection } from "../../stores/connection.ts";
import { tokenLabel } from "../../stores/consent.ts";
import type { CursorKey, StoreWork } from "../../stores/cursor.ts";
import { noteFailure } from "../../stores/cursor.ts";
import type { StoreView } from "../../stores/store.ts";
import { withdrawStore } from "../../stores/store-acts.ts";
import { type Access, type Answer, type Call, createSpApi, type SpApi } from "./client.ts";
import { createRateLimiter } from "./rate-limiter.ts";
import { isRegion } from "./regions.ts";
import type { AmazonSettings } from "./settings.ts";
import { Throttled } from "./throttled.ts";

export type AmazonConnection = StoreConnection & {
  readonly settings: AmazonSettings;
  readonly api: SpApi;
};

/** One for the life of the program: it holds the token buckets and the access tokens. */
export function openAmazonConnection(
  connection: StoreConnection,
  settings: AmazonSettings,
): AmazonConnection {
  const { fetch, clock, wait } = connection;
  const limiter = createRateLimiter(clock);
  return { ...connection, settings, api: createSpApi({ fetch, clock, wait, settings, limiter }) };
}

/** A store while it is worked on. */
export type AmazonStore = {
  readonly storeId: string;
  readonly sellerId: string;
  readonly partnerId: string;
  readonly view: StoreView;
  /** As the API answers; see `SpApi.call`. */
  readonly call: (call: Call) => Promise<Answer>;
  /** The same where a refusal is a fault: it is thrown. */
  readonly ask: (call: Call) => Promise<Extract<Answer, { ok: true }>>;
};

/** Opens the store's way into the API; null when it has no live authorisation. */
export async function openStore(
  connection: AmazonConnection,
  view: StoreView,
  signal?: AbortSignal,
): Promise<AmazonStore | null> {
  const { database, tenantId, sealer, api } = connection;
  const [binding] = await database.query<{
    binding_id: string;
    partner_id: string;
    sealed_token: string;
  }>(
    `SELECT binding_id, partner_id, sealed_token FROM store_binding
      WHERE tenant_id = $1 AND store_id = $2 AND ended_at IS NULL`,
    [tenantId, view.storeId],
  );
  if (binding === undefined || !isRegion(view.region)) return null;
  const access: Access = {
    region: view.region,
    partnerId: binding.partner_id,
    refreshToken: sealer.open(binding.sealed_token, tokenLabel(binding.binding_id)),
  };
  const call = (asked: Call) => api.call(access, asked, signal);
  const ask = async (asked: Call) => {
    const answer = await call(asked);
    if (answer.ok) return answer;
    const codes = answer.reasons.map(({ code }) => code).join(", ");
    const message = `${asked.operation} was refused with ${answer.status}: ${codes}`;
    throw new Outage("amazon", message, { retryable: false });
  };
  const { storeId, sellerId } = view;
  return { storeId, sellerId, partnerId: access.partnerId, view, call, ask };
}

/** One piece of work of a store. */
export type Work = (store: AmazonStore, key: CursorKey, startedAt: Instant) => Promise<PollOutcome>;

/**
 * Runs the work; what the limits put off goes on when they say, an authorisation that is not taken any more ends the
 * binding, any other failure is counted and thrown.
 */
export async function workOn(
  connection: AmazonConnection,
  view: StoreView,
  work: StoreWork,
  context: PollContext,
  run: Work,
): Promise<PollOutcome> {
  const { tenantId, database, clock } = connection;
  const key: CursorKey = { tenantId, storeId: view.storeId, work };
  try {
    const store = await openStore(connection, view, context.signal);
    return store === null ? { count: 0 } : await run(store, key, clock.now());
  } catch (error) {
    if (error instanceof Throttled) return { count: 0, dueAt: error.freeAt };
    if (error instanceof Outage && error.port === "amazon-authorisation") {
      await withdrawStore(connection, view.storeId);
      return { count: 0 };
    }
    if (!context.signal.aborted) {
      const message = error instanceof Error ? error.message : String(error);
      await noteFailure(database, key, message, clock.now());
    }
    throw error;
  }
}
