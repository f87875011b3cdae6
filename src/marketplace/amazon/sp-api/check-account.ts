// Whose account it is: the country stores it takes part in (getMarketplaceParticipations) and its legal name (getAccount,
// which Amazon answers in Europe only). Until the name is the seller's, or a person says so, nothing is polled.

import type { Outcome } from "../../../errors/refusal.ts";
import { accepted } from "../../../errors/refusal.ts";
import type { PollContext, PollOutcome } from "../../stores/connection.ts";
import { saveCursor } from "../../stores/cursor.ts";
import { checkName } from "../../stores/name-check.ts";
import type { NameCheck, Participation, StoreView } from "../../stores/store.ts";
import { lockStore, tellStore } from "../../stores/store-acts.ts";
import { isArray, isObject, type JsonObject, type JsonValue, textOf } from "../json-decimal.ts";
import { type AmazonConnection, type AmazonStore, workOn } from "./amazon-store.ts";

export function checkAccount(
  connection: AmazonConnection,
  view: StoreView,
  context: PollContext,
): Promise<PollOutcome> {
  return workOn(connection, view, "account", context, async (store, key, startedAt) => {
    const participations = await askParticipations(store);
    const names = await askNames(store);
    const { database, tenantId } = connection;
    const found = await database.transaction<Outcome<boolean>>(async (tx) => {
      await context.fence(tx);
      const now = connection.clock.now();
      const before = await lockStore(tx, connection, store.storeId, now);
      const [seller] = await tx.query<{ legal_name: string }>(
        `SELECT legal_name FROM seller WHERE tenant_id = $1 AND seller_id = $2`,
        [tenantId, store.sellerId],
      );
      // A marketplace that tells no name this time has not taken back the one that it told.
      const legalName = names[0] ?? before?.legalName ?? null;
      const checked = checkName(seller?.legal_name ?? "", names);
      const nameCheck = standing(before, checked, legalName);
      await tx.query(
        `UPDATE store SET participations = $3::text::jsonb, legal_name = $4, name_check = $5, checked_at = $6,
                version = version + 1
          WHERE tenant_id = $1 AND store_id = $2`,
        [tenantId, store.storeId, JSON.stringify(participations), legalName, nameCheck, now],
      );
      if (before?.nameCheck !== nameCheck) {
        const told = { nameCheck, countries: participations.map(({ country }) => country) };
        await tellStore(tx, tenantId, store.storeId, "store-name-checked", now, null, told);
      }
      await saveCursor(tx, key, {}, startedAt);
      return accepted(before?.nameCheck !== nameCheck);
    });
    return { count: found.ok && found.value ? 1 : 0 };
  });
}

/** What a person confirmed stands for as long as the marketplace tells the same name. */
function standing(
  before: StoreView | null,
  checked: "same" | "differs" | "unknown",
  legalName: string | null,
): NameCheck {
  if (checked === "unknown" && before !== null && before.nameCheck !== "unchecked") {
    return before.nameCheck;
  }
  const isConfirmed = before?.nameCheck === "confirmed" && before.legalName === legalName;
  return isConfirmed && checked !== "same" ? "confirmed" : checked;
}

async function askParticipations(store: AmazonStore): Promise<readonly Participation[]> {
  const { json } = await store.ask({ operation: "getMarketplaceParticipations" });
  const list = isObject(json) ? json.get("payload") : undefined;
  return (isArray(list) ? list.filter(isObject) : []).flatMap((item) => {
    const told = item.get("marketplace");
    const marketplace: JsonObject = isObject(told) ? told : new Map();
    const marketplaceId = textOf(marketplace, "id");
    const taking = item.get("participation");
    const participation: JsonObject = isObject(taking) ? taking : new Map<string, JsonValue>();
    if (marketplaceId === null) return [];
    return [
      {
        marketplaceId,
        country: textOf(marketplace, "countryCode"),
        name: textOf(marketplace, "name"),
        currency: textOf(marketplace, "defaultCurrencyCode"),
        storeName: textOf(item, "storeName"),
        isParticipating: participation.get("isParticipating") === true,
        hasSuspendedListings: participation.get("hasSuspendedListings") === true,
      },
    ];
  });
}

/** Names of the business in either script; of the contact where the account is a person's. None where refused. */
async function askNames(store: AmazonStore): Promise<readonly string[]> {
  const answer = await store.call({ operation: "getAccount" });
  if (!answer.ok) return [];
  const payload = isObject(answer.json) ? answer.json.get("payload") : undefined;
  const account: JsonObject = isObject(payload) ? payload : new Map();
  for (const key of ["business", "primaryContact"]) {
    const holder = account.get(key);
    if (!isObject(holder)) continue;
    const names = [textOf(holder, "name"), textOf(holder, "nonLatinName")];
    const found = names.filter((name) => name !== null && name.trim() !== "") as string[];
    if (found.length > 0) return found;
  }
  return [];
}
