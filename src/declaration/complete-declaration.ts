// What the payee supplies: the country where the payer resides, the kind of receipt, what the money is for. A declaration
// that was not filed gets a new version; one that was is corrected by the bank with a reason, which is not done here.

import { accepted, type Outcome, refused } from "../errors/refusal.ts";
import type { Tx } from "../storage/database.ts";
import type { CivilDate, Instant } from "../time/instant.ts";
import { country3, isCountry3 } from "./country-code.ts";
import {
  type Declaration,
  loadDeclarations,
  markDeclarations,
  writeVersions,
} from "./declaration-rows.ts";
import { faultsOf } from "./prepare-step.ts";
import type { DeclarationSettings } from "./settings.ts";

export type Completion = {
  /** Two or three letters; null: as it is. */
  readonly country: string | null;
  readonly payType: "A" | "O" | null;
  /** TXREM of the first code, at most 50 characters; null: as it is. */
  readonly remark: string | null;
};

/**
 * Completes a declaration and notes that the payee confirmed it. Refused: `declaration-unknown`, `declaration-filed`,
 * `country-unknown`.
 */
export async function completeDeclaration(
  tx: Tx,
  tenantId: string,
  wish: {
    readonly declarationId: string;
    readonly sellerId: string | null;
    readonly completion: Completion;
    readonly by: string;
  },
  at: { readonly settings: DeclarationSettings; readonly today: CivilDate; readonly now: Instant },
): Promise<Outcome<Declaration>> {
  const { declarationId, sellerId, completion, by } = wish;
  const find = () =>
    loadDeclarations(tx, tenantId, { ids: [declarationId], sellerId, limit: 1 }, at.today);
  const [known] = await find();
  if (known === undefined) return refused("declaration-unknown", "There is no such declaration.");
  if (known.state !== "incomplete" && known.state !== "ready")
    return refused(
      "declaration-filed",
      `Declaration ${known.rptNo} is ${known.state}: it is not completed any more.`,
    );
  const { country } = completion;
  const letters = country === null ? null : country.length === 2 ? country3(country) : country;
  if (country !== null && (letters === null || !isCountry3(letters)))
    return refused("country-unknown", `"${country}" is no country of ISO 3166.`);
  const { base, information } = known.version;
  const changed = {
    ...information,
    country: letters ?? information.country,
    payType: completion.payType ?? information.payType,
    first: { ...information.first, remark: completion.remark ?? information.first.remark },
    rptDate: at.today,
  };
  const faults = faultsOf({ base, information: changed }, at.today, at.settings);
  const versionNo = known.versionNo + 1;
  const version = { actionType: "A" as const, actionDesc: "", base, information: changed, faults };
  await writeVersions(tx, tenantId, [{ id: declarationId, versionNo, version, by }], at.now);
  await markDeclarations(
    tx,
    tenantId,
    [{ id: declarationId, versionNo, kind: "confirmed", detail: {}, by }],
    at.now,
  );
  const [completed] = await find();
  return completed === undefined
    ? refused("declaration-unknown", "There is no such declaration.")
    : accepted(completed);
}
