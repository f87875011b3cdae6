// What the ledger is measured against on the same PostgreSQL: posting one row per transaction with running balances
// and the same durability, as programs usually do it and as well as it can be done, and any other SQL ledger.

import { readFile } from "node:fs/promises";
import type { Database, Tx } from "../src/storage/database.ts";

/** Something that moves money between numbered accounts; account 0 is the hot one. */
export type Contestant = {
  readonly name: string;
  readonly transfer: (to: number, minor: bigint) => Promise<void>;
  /** What is wrong with what it kept, after `count` transfers of `sum` minor units; empty when nothing. */
  readonly faults: (count: bigint, sum: bigint) => Promise<string[]>;
  readonly close: () => Promise<void>;
};

/** Connections that a peer posts through; more callers wait for a free one. */
export const PEER_CONNECTION_COUNT = 16;

/** Lets `limit` calls run at a time and the others wait in order. */
function inTurns<Args extends unknown[]>(
  limit: number,
  call: (...args: Args) => Promise<void>,
): (...args: Args) => Promise<void> {
  const waiting: (() => void)[] = [];
  let free = limit;
  return async (...args) => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free -= 1;
    try {
      await call(...args);
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}

function oneRowTables(prefix: string): string {
  return `
    create table ${prefix}_account (
      id integer primary key, debits bigint not null, credits bigint not null, version bigint not null,
      check (id = 0 or debits <= credits)
    );
    create table ${prefix}_transfer (
      id text primary key, debit_id integer not null, credit_id integer not null,
      amount bigint not null check (amount > 0), booked_at timestamptz not null
    );
    create table ${prefix}_entry (
      account_id integer not null, version bigint not null, transfer_id text not null,
      amount bigint not null, balance bigint not null, primary key (account_id, version)
    );`;
}

/** One statement: both balances under row locks, the transfer, and an entry with the running balance for each. */
function oneRowTransfer(prefix: string): string {
  return `
    with debit as (
      update ${prefix}_account set debits = debits + $4, version = version + 1 where id = $2 returning *
    ), credit as (
      update ${prefix}_account set credits = credits + $4, version = version + 1 where id = $3 returning *
    ), transfer as (
      insert into ${prefix}_transfer values ($1, $2, $3, $4, now())
    )
    insert into ${prefix}_entry
    select id, version, $1, -$4::bigint, credits - debits from debit
    union all select id, version, $1, $4::bigint, credits - debits from credit`;
}

/**
 * One transfer per transaction. "transaction": the usual way, which locks both accounts in order, lets the program
 * decide, writes and commits. "statement": all of it in one statement, the shortest that a row lock can be held.
 */
export async function oneRowLedger(
  database: Database,
  accountCount: number,
  way: "transaction" | "statement",
): Promise<Contestant> {
  const prefix = `bench_one_row_${way}`;
  const drop = ["entry", "transfer", "account"]
    .map((table) => `drop table if exists ${prefix}_${table}`)
    .join("; ");
  await database.query(`${drop}; ${oneRowTables(prefix)}`);
  await database.query(
    `insert into ${prefix}_account select id, 0, 0, 0 from generate_series(0, $1::integer) as id`,
    [accountCount],
  );
  let made = 0;
  const write = (tx: Tx, to: number, minor: bigint): Promise<unknown> => {
    made += 1;
    const id = `txn_${String(made).padStart(20, "0")}`;
    return tx.query(oneRowTransfer(prefix), [id, 0, to, minor], { name: `${prefix}-write` });
  };
  const lock = `select debits, credits from ${prefix}_account where id in ($1, $2) order by id for update`;
  const post = async (to: number, minor: bigint): Promise<void> => {
    if (way === "statement") await write(database, to, minor);
    else
      await database.transaction(async (tx) => {
        const accounts = await tx.query(lock, [0, to], { name: `${prefix}-lock` });
        if (accounts.length !== 2) throw new Error("an account is missing");
        await write(tx, to, minor);
      });
  };
  return {
    name: `one row, one ${way}`,
    transfer: inTurns(PEER_CONNECTION_COUNT, post),
    faults: async (count, sum) => {
      const [row] = await database.query<{ count: bigint; entries: bigint; debits: string }>(
        `select (select count(*) from ${prefix}_transfer) as count,
           (select count(*) from ${prefix}_entry) as entries,
           (select debits::text from ${prefix}_account where id = 0) as debits`,
      );
      const isWhole =
        row?.count === count && row.entries === 2n * count && row.debits === sum.toString();
      return isWhole ? [] : [`${prefix}: ${count} transfers of ${sum} acknowledged, others found`];
    },
    close: async () => {
      await database.query(drop);
    },
  };
}

export type PeerSql = {
  /** A file that is run once, as it is. */
  readonly setupFile: string;
  /** Opens an account: $1 is its name, the first column of the answer its id. */
  readonly open: string;
  /** Makes a transfer: $1 from, $2 to, $3 the amount in minor units; one transaction each. */
  readonly call: string;
};

/** Another SQL ledger; its accounts are opened now. Nothing can be verified of a ledger that is not known. */
export async function sqlPeer(
  database: Database,
  peer: PeerSql,
  accountCount: number,
): Promise<Contestant> {
  await database.query(await readFile(peer.setupFile, "utf8"));
  const ids: unknown[] = [];
  for (let account = 0; account <= accountCount; account += 1) {
    const rows = await database.query(peer.open, [`account ${account}`]);
    ids.push(Object.values(rows[0] ?? {})[0]);
  }
  const post = async (to: number, minor: bigint): Promise<void> => {
    await database.query(peer.call, [ids[0], ids[to], minor], { name: "bench-peer" });
  };
  return {
    name: `peer ${peer.setupFile.split("/").at(-1)}`,
    transfer: inTurns(PEER_CONNECTION_COUNT, post),
    faults: async () => [],
    close: async () => undefined,
  };
}
