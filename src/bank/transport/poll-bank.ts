// Polls a bank's own interface. Each answer is committed whole before anything else happens: its notices and the cursor
// that says they were fetched, in one transaction. Then the inbox gets them, and they are marked. What a crash leaves
// between the two is found at the next poll; what the bank says again is known by the bank's own number.

import { createHash } from "node:crypto";
import { Outage } from "../../errors/outage.ts";
import type { Tx } from "../../storage/database.ts";
import type { Instant } from "../../time/instant.ts";
import { appendEvents } from "../../timeline/timeline.ts";
import {
  ATTEMPTS_MAX,
  isPassing,
  loadCursor,
  messageOf,
  noteAttempt,
  saveCursor,
  sourceOf,
  type TransportDeps,
  type TransportOutcome,
} from "./transport.ts";

/** A notice as it will be kept. */
export type PolledItem = {
  /** The bank's own number: says whether it is the same notice. */
  readonly key: string;
  /** What the notice says of money: under one number it must not change. */
  readonly money: readonly string[];
  readonly name: string;
  readonly bytes: Uint8Array;
};

export type PolledPage<Position> = {
  readonly items: readonly PolledItem[];
  /** Where to go on after this page. */
  readonly position: Position;
  /** True: the bank has no more for now. */
  readonly isDone: boolean;
};

/** A bank's interface: asks one question from a position (null: the first ever) and gives one page. */
export type BankApi<Position extends Readonly<Record<string, unknown>>> = {
  readonly ask: (position: Position | null, now: Instant) => Promise<PolledPage<Position>>;
};

export type PolledConnection = {
  readonly connectionId: string;
  readonly sellerId: string | null;
  /** Questions of one poll at most; the rest is asked at the next. */
  readonly questionsMax: number;
};

export type PollDeps = TransportDeps & {
  /** Called first in each transaction that saves a cursor: throws when another process has the job by now. */
  readonly fence?: (tx: Tx) => Promise<void>;
};

/** Notices handed to the inbox from one read of the table. */
const DELIVERED_AT_ONCE = 100;

export async function pollBank<Position extends Readonly<Record<string, unknown>>>(
  deps: PollDeps,
  api: BankApi<Position>,
  connection: PolledConnection,
): Promise<TransportOutcome> {
  const tally = { accepted: 0, refused: 0 };
  await deliverFetched(deps, connection, tally);
  for (let asked = 1; ; asked += 1) {
    const cursor = await loadCursor<Position>(
      deps.database,
      deps.tenantId,
      connection.connectionId,
    );
    const page = await api.ask(cursor.position, deps.clock.now());
    await deps.database.transaction(async (tx) => {
      await deps.fence?.(tx);
      await keepItems(tx, deps, connection.connectionId, page.items);
      if (!(await saveCursor(tx, deps, connection.connectionId, cursor.version, page.position))) {
        // Nothing of this page is kept: the other program's poll has it.
        const message = `${connection.connectionId} is polled by another program`;
        throw new Outage("bank-api", message, { retryable: true });
      }
    });
    await deliverFetched(deps, connection, tally);
    if (page.isDone) return { ...tally, waiting: 0 };
    if (asked >= connection.questionsMax) return { ...tally, waiting: 1 };
  }
}

/**
 * Keeps what is new. A number that is on record with the same money is a repeat; with other money it is kept apart,
 * never handed on, and told on the connection's timeline: a person asks the bank which is right.
 */
async function keepItems(
  tx: Tx,
  { tenantId, clock }: TransportDeps,
  connectionId: string,
  items: readonly PolledItem[],
): Promise<void> {
  if (items.length === 0) return;
  const now = clock.now();
  const rows = items.map((item) => ({ ...item, fingerprint: fingerprintOf(item) }));
  const known = await tx.query<{ item_key: string; fingerprint: string }>(
    `SELECT item_key, fingerprint FROM bank_fetched
      WHERE tenant_id = $1 AND connection_id = $2 AND item_key = ANY($3::text[])`,
    [tenantId, connectionId, rows.map(({ key }) => key)],
  );
  const told = new Map<string, Set<string>>();
  for (const row of known) note(told, row.item_key, row.fingerprint);
  for (const row of rows) {
    const before = told.get(row.key);
    if (before?.has(row.fingerprint) === true) continue;
    const state = before === undefined ? "fetched" : "differs";
    note(told, row.key, row.fingerprint);
    await insertItem(tx, tenantId, connectionId, row, state, now);
    if (state === "differs") {
      const data = { number: row.key, fingerprint: row.fingerprint.slice(0, 16) };
      const subject = sourceOf(connectionId);
      await appendEvents(tx, tenantId, [
        { subject, kind: "bank-notice-differs", at: now, data, source: null },
      ]);
    }
  }
}

function note(told: Map<string, Set<string>>, key: string, fingerprint: string): void {
  told.set(key, (told.get(key) ?? new Set()).add(fingerprint));
}

function fingerprintOf({ money }: PolledItem): string {
  return createHash("sha256").update(JSON.stringify(money)).digest("hex");
}

async function insertItem(
  tx: Tx,
  tenantId: string,
  connectionId: string,
  item: PolledItem & { readonly fingerprint: string },
  state: "fetched" | "differs",
  now: Instant,
): Promise<void> {
  const sha256 = createHash("sha256").update(item.bytes).digest("hex");
  await tx.query(
    `INSERT INTO bank_fetched (tenant_id, connection_id, item_key, fingerprint, name, sha256, body, state, fetched_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      tenantId,
      connectionId,
      item.key,
      item.fingerprint,
      item.name,
      sha256,
      Buffer.from(item.bytes),
      state,
      now,
    ],
  );
}

type FetchedRow = {
  item_key: string;
  fingerprint: string;
  name: string;
  sha256: string;
  body: Uint8Array;
};

/** Hands on what was fetched; many at once, so that the inbox stores and settles them together. */
async function deliverFetched(
  deps: PollDeps,
  connection: PolledConnection,
  tally: { accepted: number; refused: number },
): Promise<void> {
  const { database, tenantId } = deps;
  for (;;) {
    const rows = await database.query<FetchedRow>(
      `SELECT item_key, fingerprint, name, sha256, body FROM bank_fetched
        WHERE tenant_id = $1 AND connection_id = $2 AND state = 'fetched'
        ORDER BY fetched_at, item_key LIMIT ${DELIVERED_AT_ONCE}`,
      [tenantId, connection.connectionId],
    );
    if (rows.length === 0) return;
    const results = await Promise.allSettled(
      rows.map((row) => deliverOne(deps, connection, row, tally)),
    );
    const failed = results.find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }
}

async function deliverOne(
  deps: PollDeps,
  { connectionId, sellerId }: PolledConnection,
  row: FetchedRow,
  tally: { accepted: number; refused: number },
): Promise<void> {
  const { name, body: bytes } = row;
  try {
    const receipt = await deps.accept({ name, bytes, sellerId, source: sourceOf(connectionId) });
    await mark(deps, connectionId, row, "accepted");
    if (receipt.outcome === "refused") tally.refused += 1;
    else tally.accepted += 1;
  } catch (error) {
    if (isPassing(error)) throw error;
    const attempts = await noteAttempt(deps, connectionId, row.sha256, error);
    if (attempts < ATTEMPTS_MAX) throw error;
    // Put aside with its bytes; the attempts tell why, and the timeline that somebody must look.
    await mark(deps, connectionId, row, "not-taken");
    await deps.database.transaction((tx) =>
      appendEvents(tx, deps.tenantId, [
        {
          subject: sourceOf(connectionId),
          kind: "bank-notice-not-taken",
          at: deps.clock.now(),
          data: { number: row.item_key, attempts, error: messageOf(error) },
          source: null,
        },
      ]),
    );
    tally.refused += 1;
  }
}

async function mark(
  { database, tenantId, clock }: PollDeps,
  connectionId: string,
  row: FetchedRow,
  state: "accepted" | "not-taken",
): Promise<void> {
  await database.query(
    `UPDATE bank_fetched SET state = $5::text, accepted_at = CASE WHEN $5 = 'accepted' THEN $6::timestamptz END,
            body = CASE WHEN $5 = 'accepted' THEN NULL ELSE body END
      WHERE tenant_id = $1 AND connection_id = $2 AND item_key = $3 AND fingerprint = $4`,
    [tenantId, connectionId, row.item_key, row.fingerprint, state, clock.now()],
  );
}
