// Where the raw objects of a database are: in the data folder of the one program that uses it, or in the database
// itself. Written into the database at its first use, so that no later program looks for them elsewhere.

import type { Outcome } from "../errors/refusal.ts";
import { accepted, refused } from "../errors/refusal.ts";
import type { Clock } from "../time/clock.ts";
import type { Database } from "./database.ts";

export type RawPlace = "folder" | "database";

export type RawPlaceWish = {
  /** Where it must be; another place is refused. */
  readonly wanted?: RawPlace | undefined;
  /** Where it is chosen to be when nobody has chosen; the folder unless told. */
  readonly preferred?: RawPlace | undefined;
};

/**
 * The place of this database's raw objects: what was chosen before; at the first use what is wanted or preferred.
 * Refused `raw-store-elsewhere` when another place is wanted than was chosen.
 */
export async function settleRawPlace(
  database: Database,
  tenantId: string,
  { wanted, preferred = "folder" }: RawPlaceWish,
  clock: Clock,
): Promise<Outcome<RawPlace>> {
  const [table] = await database.query<{ there: boolean }>(
    "SELECT to_regclass('raw_place') IS NOT NULL AS there",
  );
  // A schema of one's own, without ours: a folder is all there is.
  if (table?.there !== true) return accepted("folder");
  const known = await chosenPlace(database, tenantId);
  const place = known ?? (await choosePlace(database, tenantId, wanted ?? preferred, clock));
  if (wanted === undefined || wanted === place) return accepted(place);
  return refused(
    "raw-store-elsewhere",
    `The raw files of this database are kept in ${nameOf(place)}, not in ${nameOf(wanted)}: ` +
      "leave the setting out, or back the database up and restore it into a new one.",
  );
}

function nameOf(place: RawPlace): string {
  return place === "folder" ? "a data folder" : "the database";
}

async function chosenPlace(database: Database, tenantId: string): Promise<RawPlace | null> {
  const [row] = await database.query<{ place: RawPlace }>(
    "SELECT place FROM raw_place WHERE tenant_id = $1",
    [tenantId],
  );
  return row?.place ?? null;
}

/** Chooses for good; of two programs that start at once, one does. */
async function choosePlace(
  database: Database,
  tenantId: string,
  chosen: RawPlace,
  clock: Clock,
): Promise<RawPlace> {
  // A database with files and without a choice is older than the choice: its objects are in a folder.
  await database.query(
    `INSERT INTO raw_place (tenant_id, place, chosen_at)
     SELECT $1, CASE WHEN EXISTS (SELECT 1 FROM raw_file WHERE tenant_id = $1) THEN 'folder' ELSE $2 END, $3
     ON CONFLICT DO NOTHING`,
    [tenantId, chosen, clock.now()],
  );
  return (await chosenPlace(database, tenantId)) ?? "folder";
}
