// The cast's stores bound to the channel as a seller does it: the store is named, the consent page's code comes back
// and is exchanged. Only the browser is missing.

import { invariant } from "../errors/invariant.ts";
import type { AmazonConnection } from "../marketplace/amazon/sp-api/amazon-store.ts";
import { beginConsent, completeConsent } from "../marketplace/stores/consent.ts";
import { listStores } from "../marketplace/stores/store.ts";
import { createStore } from "../marketplace/stores/store-acts.ts";
import { type CastStore, DEMO_SELLER } from "./demo-cast.ts";
import type { SandboxMarketplace } from "./marketplace/sandbox-marketplace.ts";

/** Binds the store, unless a store of its name is there already; `actor` is who is on record as having done it. */
export async function bindCastStore(
  connection: AmazonConnection,
  { controls }: Pick<SandboxMarketplace, "controls">,
  part: CastStore,
  actor: string,
): Promise<void> {
  const { database, tenantId, clock, settings } = connection;
  const stores = await listStores(database, tenantId, clock.now());
  const standing = stores.find(
    ({ name, sellerId }) => name === part.name && sellerId === DEMO_SELLER.id,
  );
  if (standing !== undefined && standing.state !== "pending-consent") return;
  const { region, name, partnerId } = part;
  const named = { sellerId: DEMO_SELLER.id, marketplace: "amazon", region, name };
  const storeId = standing?.storeId ?? (await nameStore(connection, named, actor));
  const begun = await beginConsent(connection, { storeId, country: null, actor, inBrowser: false });
  invariant(begun.ok, "a consent of the cast can be begun");
  const bound = await completeConsent(connection, {
    state: begun.value.state,
    partnerId,
    code: controls.consentCode(partnerId, settings.redirectUri),
    browserToken: null,
    actor,
  });
  invariant(bound.ok, bound.ok ? "" : `the store is not bound: ${bound.refusal.message}`);
}

async function nameStore(
  connection: AmazonConnection,
  store: Parameters<typeof createStore>[1],
  actor: string,
): Promise<string> {
  const created = await createStore(connection, store, actor);
  invariant(created.ok, created.ok ? "" : `the store is not named: ${created.refusal.message}`);
  return created.value.storeId;
}
