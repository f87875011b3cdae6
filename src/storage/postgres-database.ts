// A `Database` over the `pg` driver: a pool for everyone, one connection of its own for who asks, transactions
// retried as a whole. A lost connection is an outage, never a crash: the driver emits "error" on idle and on
// taken connections alike, and an unheard "error" would end the process.

import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { invariant } from "../errors/invariant.ts";
import { Outage } from "../errors/outage.ts";
import type { Connection, Database, Row, TransactionOptions, Tx } from "./database.ts";
import { endsConnection, isConflict, outageOf } from "./database-outage.ts";
import { sqlTypes } from "./sql-types.ts";

/** Attempts of one transaction in all, the first included, before a conflict becomes an outage. */
export const TRANSACTION_ATTEMPT_COUNT_MAX = 10;
/** Longest wait before the second attempt; doubles for each further one, drawn at random below it. */
const RETRY_DELAY_FIRST_MS = 4;
const RETRY_DELAY_MAX_MS = 250;
/** How long a new connection, or a free one of a full pool, is waited for. */
const CONNECT_TIMEOUT_MS = 10_000;
const IDLE_TIMEOUT_MS = 30_000;
const POOL_MAX_DEFAULT = 8;

export type PostgresOptions = {
  /** Connections at most, those taken by `connect` included; 8 unless told. */
  readonly poolMax?: number;
  /** Shown in pg_stat_activity; "straitway" unless told. */
  readonly applicationName?: string;
};

/** A taken connection: what may be sent on it, and whether it still lives. */
type Wire = {
  readonly send: (query: string | pg.QueryConfig) => Promise<pg.QueryResult | pg.QueryResult[]>;
  readonly lost: () => boolean;
  readonly release: () => void;
};

/** Takes a connection out of the pool. `losses` are the ones that have ended, noted by the pool's listeners. */
async function takeWire(pool: pg.Pool, losses: WeakSet<pg.ClientBase>): Promise<Wire> {
  let client: pg.PoolClient;
  try {
    client = await pool.connect();
  } catch (error) {
    throw outageOf(error) ?? error;
  }
  const send = async (query: string | pg.QueryConfig): Promise<pg.QueryResult> => {
    try {
      return await client.query(query);
    } catch (error) {
      // The server says that it ends the session before the socket does.
      if (endsConnection(error)) losses.add(client);
      throw outageOf(error) ?? error;
    }
  };
  const lost = (): boolean => losses.has(client);
  return { send, lost, release: () => client.release(lost()) };
}

/** Gives the rows of a query; for several statements in one text, the rows of the last. */
function rowsOf<R extends Row>(result: pg.QueryResult | pg.QueryResult[]): R[] {
  const last = Array.isArray(result) ? result.at(-1) : result;
  return (last?.rows ?? []) as R[];
}

/** A `Tx` and the way to end it: no query starts after `finish`, and it waits for the one that runs. */
type EndingTx = Tx & { readonly finish: () => Promise<void> };

/** Queries on one connection, one after the other, however the caller overlaps them. */
function txOn(wire: Wire): EndingTx {
  let tail: Promise<unknown> = Promise.resolve();
  let finished = false;
  const query: Tx["query"] = async <R extends Row>(
    text: string,
    values: readonly unknown[] = [],
    options: { readonly name?: string } = {},
  ): Promise<R[]> => {
    invariant(!finished, "a query after its transaction or connection has ended");
    invariant(!values.includes(undefined), `a value is undefined in: ${text.slice(0, 80)}`);
    const config: pg.QueryConfig = { text, values: values as unknown[] };
    if (options.name !== undefined) config.name = options.name;
    const run = tail.then(() => {
      // Its transaction may have ended while it queued: it must not run outside of it.
      invariant(!finished, "a query that was still queued when its transaction ended");
      return wire.send(config);
    });
    tail = run.catch(() => undefined);
    return rowsOf<R>(await run);
  };
  const finish = async (): Promise<void> => {
    finished = true;
    await tail;
  };
  return { query, finish };
}

/** One attempt: BEGIN, work, COMMIT; rolled back when the work throws. */
async function attempt<Value>(
  wire: Wire,
  work: (tx: Tx) => Promise<Value>,
  options: TransactionOptions,
): Promise<Value> {
  const isolation = options.isolation === undefined ? "" : ` isolation level ${options.isolation}`;
  await wire.send(`begin${isolation}`);
  const tx = txOn(wire);
  try {
    const value = await work(tx);
    await tx.finish();
    const commit = await wire.send("commit");
    // After a failed statement that the work swallowed, the server answers COMMIT with a rollback.
    const command = Array.isArray(commit) ? null : commit.command;
    invariant(command === "COMMIT", "a transaction went on after a failed statement");
    return value;
  } catch (error) {
    await tx.finish();
    // When even the rollback fails the connection is gone, and the server rolls back by itself.
    await wire.send("rollback").catch(() => undefined);
    throw error;
  }
}

/** Runs attempts until one commits; only conflicts are tried again. */
async function transactionOn<Value>(
  wire: Wire,
  work: (tx: Tx) => Promise<Value>,
  options: TransactionOptions,
): Promise<Value> {
  for (let attemptCount = 1; ; attemptCount += 1) {
    try {
      return await attempt(wire, work, options);
    } catch (error) {
      if (!isConflict(error)) throw error;
      if (attemptCount >= TRANSACTION_ATTEMPT_COUNT_MAX) {
        const message = `a transaction met a conflict ${attemptCount} times in a row`;
        throw new Outage("database", message, { retryable: true, cause: error });
      }
      const doubledMs = RETRY_DELAY_FIRST_MS * 2 ** (attemptCount - 1);
      await delay(Math.random() * Math.min(doubledMs, RETRY_DELAY_MAX_MS));
    }
  }
}

function ownConnection(wire: Wire): Connection {
  const tx = txOn(wire);
  let released = false;
  return {
    query: tx.query,
    transaction: async (work, options = {}) => {
      invariant(!released, "a transaction on a released connection");
      return transactionOn(wire, work, options);
    },
    alive: () => !released && !wire.lost(),
    release: () => {
      if (released) return;
      released = true;
      void tx.finish().then(wire.release);
    },
  };
}

/**
 * A database at a `postgres://` or `postgresql://` URL (PostgreSQL 15 or later). Connects when first asked; a
 * server that is not there is an outage of that call.
 */
export function connectPostgres(url: string, options: PostgresOptions = {}): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.poolMax ?? POOL_MAX_DEFAULT,
    application_name: options.applicationName ?? "straitway",
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    keepAlive: true,
    types: sqlTypes,
  });
  const losses = new WeakSet<pg.ClientBase>();
  pool.on("error", () => undefined);
  pool.on("connect", (client) => {
    client.on("error", () => losses.add(client));
    client.on("end", () => losses.add(client));
  });
  let closing: Promise<void> | null = null;
  const withWire = async <Value>(use: (wire: Wire) => Promise<Value>): Promise<Value> => {
    const wire = await takeWire(pool, losses);
    try {
      return await use(wire);
    } finally {
      wire.release();
    }
  };
  return {
    query: (text, values, queryOptions) =>
      withWire((wire) => txOn(wire).query(text, values, queryOptions)),
    transaction: (work, transactionOptions = {}) =>
      withWire((wire) => transactionOn(wire, work, transactionOptions)),
    connect: async () => ownConnection(await takeWire(pool, losses)),
    close: () => {
      closing ??= pool.end();
      return closing;
    },
  };
}
