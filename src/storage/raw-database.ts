// The raw store in PostgreSQL, for installations of several processes that share no disk: an object is a row that
// names its content, the content is rows of compressed pieces. Pieces are committed one by one as they come, so that a
// slow source holds no transaction open; the object's row is written last, and without it there is no object.

import { createHash, randomUUID } from "node:crypto";
import { promisify } from "node:util";
import { constants, gunzip, gzip } from "node:zlib";
import type { Clock } from "../time/clock.ts";
import { type Instant, instantOfMs, msOf } from "../time/instant.ts";
import type { Database, Tx } from "./database.ts";
import { RawObjectDamaged, type Sha256, type StoredObject } from "./raw-object.ts";
import { hashOf } from "./raw-pack-member.ts";
import type { RawStore } from "./raw-store.ts";

/** Bytes of a piece before compression: what a statement carries and a reader holds at once. */
export const PART_BYTES_MAX = 512 * 1024;
/** Bytes of the bodies that are written in one statement. */
const STATEMENT_BYTES_MAX = 4 * 1024 * 1024;
const GZIP_LEVEL = constants.Z_BEST_SPEED;
/** Hashes that are listed at once. */
const LIST_PAGE = 1_000;
/** Pieces that no object names are removed after this long: no source takes a day. */
const LEFT_BEHIND_MS = 24 * 60 * 60_000;
/** Pieces removed at once. */
const SWEEP_PAGE = 1_000;

const zip = promisify(gzip);
const unzip = promisify(gunzip);

export type DatabaseRawStoreOptions = {
  readonly tenantId: string;
  readonly clock: Clock;
};

/** A store that also forgets what programs left half made when they died. */
export type DatabaseRawStore = RawStore & {
  /** Removes pieces without an object that are older than a day; returns how many. */
  readonly sweep: () => Promise<number>;
};

type Place = { readonly database: Database; readonly tenantId: string; readonly clock: Clock };

export function openDatabaseRawStore(
  database: Database,
  options: DatabaseRawStoreOptions,
): DatabaseRawStore {
  const place: Place = { database, ...options };
  return {
    put: (source) => put(place, source),
    putAll: (bodies) => putAll(place, bodies),
    open: (sha256) => read(place, sha256),
    has: async (sha256) => (await contentsOf(place, [sha256])).size > 0,
    list: () => list(place),
    sweep: () => sweep(place),
  };
}

async function put(place: Place, source: AsyncIterable<Uint8Array>): Promise<StoredObject> {
  const contentId = randomUUID();
  const hash = createHash("sha256");
  let byteCount = 0;
  let partCount = 0;
  try {
    for await (const piece of piecesOf(source)) {
      hash.update(piece);
      byteCount += piece.byteLength;
      await writeParts(place, [{ contentId, part: partCount, bytes: await compress(piece) }]);
      partCount += 1;
    }
    const sha256 = hash.digest("hex") as Sha256;
    const isNew = await nameContent(place, sha256, contentId, byteCount);
    if (!isNew) await dropParts(place, contentId);
    return { sha256, byteCount, stored: isNew ? "new" : "present" };
  } catch (error) {
    // Best effort: what is left here is swept later.
    await dropParts(place, contentId).catch(() => undefined);
    throw error;
  }
}

/** The source in pieces of `PART_BYTES_MAX`; one empty piece for an empty source. */
async function* piecesOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let collected: Uint8Array[] = [];
  let byteCount = 0;
  let isEmpty = true;
  for await (const chunk of source) {
    for (let from = 0; from < chunk.byteLength; ) {
      const piece = chunk.subarray(from, from + PART_BYTES_MAX - byteCount);
      collected.push(piece);
      byteCount += piece.byteLength;
      from += piece.byteLength;
      if (byteCount < PART_BYTES_MAX) continue;
      yield Buffer.concat(collected);
      isEmpty = false;
      collected = [];
      byteCount = 0;
    }
  }
  if (byteCount > 0 || isEmpty) yield Buffer.concat(collected);
}

function compress(bytes: Uint8Array): Promise<Buffer> {
  return zip(bytes, { level: GZIP_LEVEL });
}

type Part = { readonly contentId: string; readonly part: number; readonly bytes: Buffer };

async function writeParts({ database, tenantId, clock }: Place, parts: readonly Part[]) {
  await database.query(
    `INSERT INTO raw_part (tenant_id, content_id, part, bytes, made_at)
     SELECT $1, content_id, part, bytes, $5 FROM unnest($2::text[], $3::integer[], $4::bytea[])
         AS p(content_id, part, bytes)`,
    [
      tenantId,
      parts.map(({ contentId }) => contentId),
      parts.map(({ part }) => part),
      parts.map(({ bytes }) => bytes),
      clock.now(),
    ],
  );
}

async function dropParts({ database, tenantId }: Place, contentId: string): Promise<void> {
  await database.query("DELETE FROM raw_part WHERE tenant_id = $1 AND content_id = $2", [
    tenantId,
    contentId,
  ]);
}

/** Makes the pieces an object; false when the object is there whole. One that is damaged gets these pieces instead. */
async function nameContent(
  place: Place,
  sha256: Sha256,
  contentId: string,
  byteCount: number,
): Promise<boolean> {
  const { database, tenantId, clock } = place;
  const rows = await database.query(
    `INSERT INTO raw_object (tenant_id, sha256, content_id, byte_count, stored_at)
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING 1`,
    [tenantId, sha256, contentId, byteCount, clock.now()],
  );
  if (rows.length === 1) return true;
  if (await isWhole(place, sha256)) return false;
  await database.query(
    `UPDATE raw_object SET content_id = $3, byte_count = $4, stored_at = $5
      WHERE tenant_id = $1 AND sha256 = $2`,
    [tenantId, sha256, contentId, byteCount, clock.now()],
  );
  return true;
}

async function isWhole(place: Place, sha256: Sha256): Promise<boolean> {
  const reading = read(place, sha256);
  try {
    while ((await reading.next()).done !== true);
    return true;
  } catch (error) {
    if (error instanceof RawObjectDamaged) return false;
    throw error;
  }
}

async function putAll(
  place: Place,
  bodies: readonly Uint8Array[],
): Promise<readonly StoredObject[]> {
  const stored: StoredObject[] = [];
  for (let from = 0; from < bodies.length; ) {
    const to = endOfStatement(bodies, from);
    stored.push(...(await putSome(place, bodies.slice(from, to))));
    from = to;
  }
  return stored;
}

/** Where the bodies of one statement end: at least one. */
function endOfStatement(bodies: readonly Uint8Array[], from: number): number {
  let byteCount = 0;
  let to = from;
  do {
    byteCount += bodies[to]?.byteLength ?? 0;
    to += 1;
  } while (to < bodies.length && byteCount + bodies[to]!.byteLength <= STATEMENT_BYTES_MAX);
  return to;
}

/** Writes bodies together, each with its object, in one statement; those that are there already are left alone. */
async function putSome(
  place: Place,
  bodies: readonly Uint8Array[],
): Promise<readonly StoredObject[]> {
  const hashes = bodies.map((bytes) => hashOf(bytes));
  const present = await contentsOf(place, hashes);
  const fresh = new Map<Sha256, Uint8Array>();
  const wholes = new Map<Sha256, boolean>();
  for (const [index, sha256] of hashes.entries()) {
    if (present.has(sha256)) {
      if (!wholes.has(sha256)) wholes.set(sha256, await isWhole(place, sha256));
    } else fresh.set(sha256, bodies[index]!);
  }
  const isNew = new Set(await insertObjects(place, fresh));
  const stored: StoredObject[] = [];
  for (const [index, sha256] of hashes.entries()) {
    const bytes = bodies[index]!;
    const damaged = wholes.get(sha256) === false;
    if (damaged) {
      stored.push(await put(place, onePiece(bytes)));
      wholes.set(sha256, true);
      continue;
    }
    const state = isNew.delete(sha256) ? "new" : "present";
    stored.push({ sha256, byteCount: bytes.byteLength, stored: state });
  }
  return stored;
}

async function* onePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Returns the hashes of the objects that were new. */
async function insertObjects(
  { database, tenantId, clock }: Place,
  bodies: ReadonlyMap<Sha256, Uint8Array>,
): Promise<readonly Sha256[]> {
  if (bodies.size === 0) return [];
  // In one order for everybody, so that two processes with the same bodies never wait in a circle.
  const objects = [...bodies].toSorted(([left], [right]) => (left < right ? -1 : 1));
  const parts: (Part & { readonly sha256: Sha256; readonly byteCount: number })[] = [];
  for (const [sha256, bytes] of objects) {
    const contentId = randomUUID();
    for (let part = 0; part === 0 || part * PART_BYTES_MAX < bytes.byteLength; part += 1) {
      const piece = bytes.subarray(part * PART_BYTES_MAX, (part + 1) * PART_BYTES_MAX);
      const compressed = await compress(piece);
      parts.push({ contentId, part, bytes: compressed, sha256, byteCount: bytes.byteLength });
    }
  }
  const rows = await database.query<{ sha256: Sha256 }>(
    `WITH given AS (
       SELECT * FROM unnest($2::text[], $3::text[], $4::bigint[], $5::integer[], $6::bytea[])
         AS p(sha256, content_id, byte_count, part, bytes)),
     made AS (
       INSERT INTO raw_object (tenant_id, sha256, content_id, byte_count, stored_at)
       SELECT $1, sha256, content_id, byte_count, $7::timestamptz FROM given WHERE part = 0 ORDER BY sha256
       ON CONFLICT DO NOTHING RETURNING sha256, content_id),
     kept AS (
       INSERT INTO raw_part (tenant_id, content_id, part, bytes, made_at)
       SELECT $1, g.content_id, g.part, g.bytes, $7::timestamptz FROM given g JOIN made m ON m.content_id = g.content_id)
     SELECT sha256 FROM made`,
    [
      tenantId,
      parts.map(({ sha256 }) => sha256),
      parts.map(({ contentId }) => contentId),
      parts.map(({ byteCount }) => byteCount),
      parts.map(({ part }) => part),
      parts.map(({ bytes }) => bytes),
      clock.now(),
    ],
  );
  return rows.map(({ sha256 }) => sha256);
}

async function contentsOf(
  { database, tenantId }: Place,
  hashes: readonly Sha256[],
): Promise<ReadonlyMap<Sha256, string>> {
  const rows = await database.query<{ sha256: Sha256; content_id: string }>(
    "SELECT sha256, content_id FROM raw_object WHERE tenant_id = $1 AND sha256 = ANY($2::text[])",
    [tenantId, hashes],
  );
  return new Map(rows.map((row) => [row.sha256, row.content_id]));
}

/** The bytes of an object, proven after the last one. */
async function* read(place: Place, sha256: Sha256): AsyncGenerator<Uint8Array> {
  const where = "table raw_part";
  const contentId = (await contentsOf(place, [sha256])).get(sha256);
  if (contentId === undefined) throw new RawObjectDamaged(sha256, "missing", "table raw_object");
  const hash = createHash("sha256");
  for (let part = 0; ; part += 1) {
    const compressed = await loadPart(place, contentId, part);
    if (compressed === null && part === 0) throw new RawObjectDamaged(sha256, "missing", where);
    if (compressed === null) break;
    let piece: Buffer;
    try {
      piece = await unzip(compressed);
    } catch (error) {
      throw new RawObjectDamaged(sha256, "unreadable", where, error);
    }
    hash.update(piece);
    yield piece;
  }
  if (hash.digest("hex") !== sha256) throw new RawObjectDamaged(sha256, "different", where);
}

async function loadPart(
  { database, tenantId }: Place,
  contentId: string,
  part: number,
): Promise<Buffer | null> {
  const [row] = await database.query<{ bytes: Buffer }>(
    "SELECT bytes FROM raw_part WHERE tenant_id = $1 AND content_id = $2 AND part = $3",
    [tenantId, contentId, part],
  );
  return row?.bytes ?? null;
}

async function* list({ database, tenantId }: Place): AsyncGenerator<Sha256> {
  for (let after = ""; ; ) {
    const rows = await database.query<{ sha256: Sha256 }>(
      `SELECT sha256 FROM raw_object WHERE tenant_id = $1 AND sha256 > $2 ORDER BY sha256 LIMIT ${LIST_PAGE}`,
      [tenantId, after],
    );
    yield* rows.map(({ sha256 }) => sha256);
    const last = rows.at(-1);
    if (last === undefined || rows.length < LIST_PAGE) return;
    after = last.sha256;
  }
}

async function sweep(place: Place): Promise<number> {
  const before = instantOfMs(msOf(place.clock.now()) - LEFT_BEHIND_MS);
  let count = 0;
  for (;;) {
    const swept = await sweepPage(place.database, place.tenantId, before);
    count += swept;
    if (swept < SWEEP_PAGE) return count;
  }
}

async function sweepPage(tx: Tx, tenantId: string, before: Instant): Promise<number> {
  const rows = await tx.query(
    `DELETE FROM raw_part p USING (
       SELECT content_id, part FROM raw_part l
        WHERE l.tenant_id = $1 AND l.made_at < $2
          AND NOT EXISTS (SELECT 1 FROM raw_object o WHERE o.tenant_id = $1 AND o.content_id = l.content_id)
        LIMIT ${SWEEP_PAGE}) AS gone
      WHERE p.tenant_id = $1 AND p.content_id = gone.content_id AND p.part = gone.part RETURNING 1`,
    [tenantId, before],
  );
  return rows.length;
}
