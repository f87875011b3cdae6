// What is on record of a seller as an enterprise: its class, its place in the directory, what the bank found of it. Each
// record says from which day it holds and who says so; the past is never rewritten, so that a payout is judged by what
// held on its day.

import { accepted, type Outcome, refused } from "../errors/refusal.ts";
import type { Tx } from "../storage/database.ts";
import { insertRows } from "../storage/insert-rows.ts";
import { type CivilDate, type Instant, parseCivilDate } from "../time/instant.ts";

export type EnterpriseRecord = {
  readonly sellerId: string;
  readonly fromOn: CivilDate;
  /** Class by SAFE's classification of trading enterprises; null: not told. */
  readonly class: "A" | "B" | "C" | null;
  /** Directory of trading enterprises; null: not told. */
  readonly directory: "listed" | "not-listed" | null;
  /** On the bank's list of quality enterprises. */
  readonly quality: boolean;
  /** The bank's tier of due diligence; null: not told. */
  readonly tier: "I" | "II" | "III" | null;
  /** Unified social credit code, 18 places; null: not told. */
  readonly creditCode: string | null;
  /** Who says so. */
  readonly source: string;
  readonly line: number | null;
};

const NEEDED_COLUMNS = ["seller", "from", "class", "directory", "quality", "tier"] as const;
type EnterpriseColumn = (typeof NEEDED_COLUMNS)[number] | "credit-code";

/**
 * Reads a table of enterprises: `seller,from,class,directory,quality,tier`, and `credit-code` where it is known;
 * comma-separated, one head line. Refused,
 * `enterprises-invalid`, with the line and the column: nothing of a table that is wrong anywhere is taken.
 */
export function readEnterprises(
  text: string,
  source: string,
): Outcome<readonly EnterpriseRecord[]> {
  const [head = "", ...lines] = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const names = head.split(",").map((name) => name.trim().toLowerCase());
  const missing = NEEDED_COLUMNS.find((name) => !names.includes(name));
  if (missing !== undefined)
    return refused("enterprises-invalid", `${source}: line 1 has no column "${missing}".`);
  const records: EnterpriseRecord[] = [];
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const cells = line.split(",").map((cell) => cell.trim());
    const cell = (name: EnterpriseColumn) => cells[names.indexOf(name)] ?? "";
    const read = recordOf(cell, source, index + 2);
    if (!read.ok) return read;
    records.push(read.value);
  }
  return accepted(records);
}

function recordOf(
  cell: (name: EnterpriseColumn) => string,
  source: string,
  line: number,
): Outcome<EnterpriseRecord> {
  const wrong = (name: EnterpriseColumn, wanted: string): Outcome<never> =>
    refused(
      "enterprises-invalid",
      `${source}: line ${line}: ${name} "${cell(name)}" is not ${wanted}.`,
    );
  const fromOn = parseCivilDate(cell("from"));
  const type = CLASSES.find((known) => known === cell("class").toUpperCase());
  const directory = DIRECTORIES.find((known) => known === cell("directory"));
  const tier = TIERS.find((known) => known === cell("tier").toUpperCase());
  if (cell("seller") === "") return wrong("seller", "named");
  if (fromOn === null) return wrong("from", "a day (2026-11-01)");
  if (type === undefined && cell("class") !== "") return wrong("class", "A, B, C or empty");
  if (directory === undefined && cell("directory") !== "")
    return wrong("directory", "listed, not-listed or empty");
  if (!/^(yes|no|)$/.test(cell("quality"))) return wrong("quality", "yes, no or empty");
  if (tier === undefined && cell("tier") !== "") return wrong("tier", "I, II, III or empty");
  const creditCode = cell("credit-code").toUpperCase();
  if (!/^([0-9A-Z]{18})?$/.test(creditCode)) return wrong("credit-code", "18 places or empty");
  return accepted({
    sellerId: cell("seller"),
    fromOn,
    class: type ?? null,
    directory: directory ?? null,
    quality: cell("quality") === "yes",
    tier: tier ?? null,
    creditCode: creditCode === "" ? null : creditCode,
    source,
    line,
  });
}

const CLASSES = ["A", "B", "C"] as const;
const DIRECTORIES = ["listed", "not-listed"] as const;
const TIERS = ["I", "II", "III"] as const;

/** Adds records; one that says what stands on its day already is not written again. Returns how many were new. */
export async function recordEnterprises(
  tx: Tx,
  tenantId: string,
  records: readonly EnterpriseRecord[],
  by: { readonly actor: string; readonly now: Instant },
): Promise<number> {
  const standing = await loadEnterprises(tx, tenantId, [
    ...new Set(records.map(({ sellerId }) => sellerId)),
  ]);
  const fresh = records.filter((record) => {
    const known = standing(record.sellerId, record.fromOn);
    return known === null || known.fromOn !== record.fromOn || !saysTheSame(known, record);
  });
  await insertRows(
    tx,
    "enterprise_record",
    {
      tenant_id: "text",
      seller_id: "text",
      from_on: "date",
      recorded_at: "timestamptz",
      class: "text",
      directory: "text",
      quality: "boolean",
      tier: "text",
      credit_code: "text",
      source: "text",
      source_line: "integer",
      recorded_by: "text",
    },
    fresh.map((record) => [
      tenantId,
      record.sellerId,
      record.fromOn,
      by.now,
      record.class,
      record.directory,
      record.quality,
      record.tier,
      record.creditCode,
      record.source,
      record.line,
      by.actor,
    ]),
  );
  return fresh.length;
}

function saysTheSame(known: EnterpriseRecord, record: EnterpriseRecord): boolean {
  return (
    known.class === record.class &&
    known.directory === record.directory &&
    known.quality === record.quality &&
    known.tier === record.tier &&
    known.creditCode === record.creditCode
  );
}

type Row = {
  seller_id: string;
  from_on: CivilDate;
  class: EnterpriseRecord["class"];
  directory: EnterpriseRecord["directory"];
  quality: boolean;
  tier: EnterpriseRecord["tier"];
  credit_code: string | null;
  source: string;
  source_line: number | null;
};

/** What holds of a seller on a day; null: nothing is on record for it. */
export type EnterpriseOn = (sellerId: string, on: CivilDate) => EnterpriseRecord | null;

/** The records of the sellers, one query for all of them. */
export async function loadEnterprises(
  tx: Tx,
  tenantId: string,
  sellerIds: readonly string[],
): Promise<EnterpriseOn> {
  const rows =
    sellerIds.length === 0
      ? []
      : await tx.query<Row>(
          `SELECT seller_id, from_on, class, directory, quality, tier, credit_code, source, source_line FROM enterprise_record
            WHERE tenant_id = $1 AND seller_id = ANY ($2::text[])
            ORDER BY seller_id, from_on, recorded_at`,
          [tenantId, sellerIds],
          { name: "enterprise-records" },
        );
  const records = rows.map(
    (row): EnterpriseRecord => ({
      sellerId: row.seller_id,
      fromOn: row.from_on,
      class: row.class,
      directory: row.directory,
      quality: row.quality,
      tier: row.tier,
      creditCode: row.credit_code,
      source: row.source,
      line: row.source_line,
    }),
  );
  return (sellerId, on) =>
    records.findLast((record) => record.sellerId === sellerId && record.fromOn <= on) ?? null;
}
