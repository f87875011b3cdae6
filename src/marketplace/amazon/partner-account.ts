// Whose account an item of an answer of Amazon's speaks of, which settlements it names, and on which day.

import type { CivilDate } from "../../time/instant.ts";
import { civilDateIn } from "../../time/instant.ts";
import type { PartnerAccount } from "../outlook.ts";
import type { JsonObject } from "./json-decimal.ts";
import { isArray, isObject, textOf } from "./json-decimal.ts";
import type { FieldOutcome } from "./payout-fields.ts";
import { instantField, plainStatus } from "./payout-fields.ts";

/** `partnerMetadata` of July 2026; transactions call it `sellingPartnerMetadata` with other names inside. */
export function accountOf(item: JsonObject): PartnerAccount {
  const told = item.get("partnerMetadata") ?? item.get("sellingPartnerMetadata");
  const metadata: JsonObject = isObject(told) ? told : new Map();
  return {
    marketplace: "amazon",
    partnerId: textOf(metadata, "partnerId") ?? textOf(metadata, "sellingPartnerId"),
    marketplaceId: textOf(metadata, "marketplaceId"),
    accountType: textOf(metadata, "accountType"),
  };
}

/** Settlements among the related identifiers of a payout, an expected one, or a summary. */
export function settlementIdsOf(item: JsonObject): readonly string[] {
  const related = item.get("relatedIdentifiers");
  const identifiers = isArray(related) ? related.filter(isObject) : [];
  return identifiers
    .filter((one) => plainStatus(textOf(one, "relatedIdentifierName") ?? "") === "settlementid")
    .map((one) => textOf(one, "relatedIdentifierValue") ?? "")
    .filter((id) => id !== "");
}

/** The day of an instant in UTC; null when the field is absent. */
export function utcDayOf(item: JsonObject, key: string): FieldOutcome<CivilDate | null> {
  const at = instantField(item, key);
  if (!at.ok) return at;
  return { ok: true, value: at.value === null ? null : civilDateIn("UTC", at.value) };
}
