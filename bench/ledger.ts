// Measures the ledger with one hot clearing account on the debit side of every transfer: each caller posts one
// transfer and waits. Beside it, in the same run on the same PostgreSQL, posting one row per transaction in two ways.
// Bars: 15,000/s at 256 callers with p99 under 50 ms, and 10 times one-row posting at 16 callers, on two cores.

import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { accountBalances } from "../src/ledger/account-reads.ts";
import { openPartition } from "../src/ledger/partition-writer.ts";
import type { LedgerAccountId, Posting, PostingId } from "../src/ledger/posting.ts";
import { verifyLedger } from "../src/ledger/verify-ledger.ts";
import type { Currency } from "../src/money/currency.ts";
import type { Database } from "../src/storage/database.ts";
import { openStore } from "../src/storage/store.ts";
import { systemClock } from "../src/time/clock.ts";
import { civilDateIn } from "../src/time/instant.ts";
import type { Contestant, PeerSql } from "./ledger-peers.ts";
import { oneRowLedger, PEER_CONNECTION_COUNT, sqlPeer } from "./ledger-peers.ts";

const CALLER_COUNTS = [1, 16, 256, 1000] as const;
const USD = "USD" as Currency;
/** Length of each measurement, and of the run before it that is not counted. */
const SECONDS_DEFAULT = 3;
/** Measurements of each contestant at each number of callers, in turns; the one with the median rate is told. */
const ROUND_COUNT_DEFAULT = 3;
const WARM_UP_MS = 500;
const ACCOUNT_COUNT_DEFAULT = 10_000;
const BAR_PER_SECOND_AT_256 = 15_000;
const BAR_P99_MS_AT_256 = 50;
const BAR_RATIO_AT_16 = 10;

export type LedgerBenchRow = {
  readonly contestant: string;
  readonly callers: number;
  readonly transfersPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
};

type Options = {
  readonly seconds: number;
  readonly roundCount: number;
  readonly accountCount: number;
  readonly json: boolean;
  readonly peer: PeerSql | null;
};

/**
 * Runs the benchmark and prints a table, or JSON with --json. Uses the database at DATABASE_URL, which should be
 * empty, or an embedded PostgreSQL in a folder that is removed again.
 *
 * --seconds N            length of each measurement (3)
 * --rounds N             measurements, in turns, of which the median is told (3)
 * --accounts N           seller accounts on the credit side (10,000)
 * --peer-sql FILE        another SQL ledger: FILE is run once
 * --peer-open SQL        opens one of its accounts: $1 is a name, the answer's first column its id
 * --peer-call SQL        makes one transfer: $1 from, $2 to, $3 minor units
 */
export async function benchLedger(args: readonly string[]): Promise<void> {
  const options = optionsOf(args);
  const folder = await mkdtemp(join(tmpdir(), "straitway-ledger-"));
  // The account that an embedded PostgreSQL runs under must be able to enter, or its files go elsewhere and stay.
  await chmod(folder, 0o755);
  const databaseUrl = process.env["DATABASE_URL"];
  const opened = await openStore({
    dataDir: folder,
    clock: systemClock,
    poolMax: PEER_CONNECTION_COUNT + 4,
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
  });
  if (!opened.ok) throw new Error(`${opened.refusal.code}: ${opened.refusal.message}`);
  const store = opened.value;
  try {
    const rows = await measureAll(store.database, options);
    if (options.json) process.stdout.write(`${JSON.stringify({ rows, bars: barsOf(rows) })}\n`);
    else print(store.databaseLabel, rows);
  } finally {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function optionsOf(args: readonly string[]): Options {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: text,
      rounds: text,
      accounts: text,
      "peer-sql": text,
      "peer-open": text,
      "peer-call": text,
      json: { type: "boolean" },
    },
  });
  const [setupFile, open, call] = [values["peer-sql"], values["peer-open"], values["peer-call"]];
  const isPeerWhole = setupFile !== undefined && open !== undefined && call !== undefined;
  if (!isPeerWhole && (setupFile ?? open ?? call) !== undefined)
    throw new RangeError("--peer-sql, --peer-open and --peer-call belong together");
  return {
    seconds: Number(values.seconds ?? SECONDS_DEFAULT),
    roundCount: Number(values.rounds ?? ROUND_COUNT_DEFAULT),
    accountCount: Number(values.accounts ?? ACCOUNT_COUNT_DEFAULT),
    json: values.json === true,
    peer: isPeerWhole ? { setupFile, open, call } : null,
  };
}

async function measureAll(database: Database, options: Options): Promise<LedgerBenchRow[]> {
  const contestants = [
    await ownLedger(database, options.accountCount),
    await oneRowLedger(database, options.accountCount, "transaction"),
    await oneRowLedger(database, options.accountCount, "statement"),
  ];
  if (options.peer !== null)
    contestants.push(await sqlPeer(database, options.peer, options.accountCount));
  const rows: LedgerBenchRow[] = [];
  const totals = contestants.map(() => ({ count: 0n, sum: 0n }));
  for (const callers of CALLER_COUNTS) {
    const measured = contestants.map((): LedgerBenchRow[] => []);
    for (let round = 0; round < options.roundCount; round += 1) {
      for (const [index, contestant] of contestants.entries()) {
        const total = totals[index]!;
        await run(contestant, callers, WARM_UP_MS, options, total);
        const latencies = await run(contestant, callers, options.seconds * 1000, options, total);
        measured[index]!.push(rowOf(contestant.name, callers, latencies));
      }
    }
    rows.push(...measured.map(median));
  }
  const faults: string[] = [];
  for (const [index, contestant] of contestants.entries()) {
    const { count, sum } = totals[index]!;
    faults.push(...(await contestant.faults(count, sum)));
    await contestant.close();
  }
  if (faults.length > 0) throw new Error(`not everything arrived: ${faults.join("; ")}`);
  return rows;
}

type Latencies = { readonly ms: number[]; readonly elapsedMs: number };

/** Each caller posts one transfer after the other until the time is over; adds what was acknowledged to `total`. */
async function run(
  contestant: Contestant,
  callers: number,
  durationMs: number,
  options: Options,
  total: { count: bigint; sum: bigint },
): Promise<Latencies> {
  const ms: number[] = [];
  const startedMs = performance.now();
  const untilMs = startedMs + durationMs;
  let turn = 0;
  const caller = async (): Promise<void> => {
    while (performance.now() < untilMs) {
      turn += 1;
      const to = 1 + ((turn * 7919) % options.accountCount);
      const minor = BigInt(100 + (turn % 900));
      const sentMs = performance.now();
      await contestant.transfer(to, minor);
      ms.push(performance.now() - sentMs);
      total.count += 1n;
      total.sum += minor;
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return { ms, elapsedMs: performance.now() - startedMs };
}

function rowOf(contestant: string, callers: number, { ms, elapsedMs }: Latencies): LedgerBenchRow {
  ms.sort((left, right) => left - right);
  const at = (part: number): number =>
    ms[Math.min(ms.length - 1, Math.floor(ms.length * part))] ?? 0;
  return {
    contestant,
    callers,
    transfersPerSecond: Math.round((ms.length * 1000) / elapsedMs),
    p50Ms: Number(at(0.5).toFixed(2)),
    p99Ms: Number(at(0.99).toFixed(2)),
  };
}

function median(rows: readonly LedgerBenchRow[]): LedgerBenchRow {
  const sorted = rows.toSorted((left, right) => left.transfersPerSecond - right.transfersPerSecond);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** This ledger in a tenant of its own; what it wrote stays, because a ledger's rows are never deleted. */
async function ownLedger(database: Database, accountCount: number): Promise<Contestant> {
  const scope = { tenantId: `bench-${Date.now()}`, partition: 0 };
  const clock = systemClock;
  const writer = await openPartition(database, { ...scope, owner: "bench", clock });
  const clearing = "clearing/USD" as LedgerAccountId;
  const sellers = Array.from(
    { length: accountCount },
    (_, index) => `seller/${index + 1}/fx-account/USD` as LedgerAccountId,
  );
  await writer.open([
    { id: clearing, currency: USD, limit: "none" },
    ...sellers.map((id) => ({ id, currency: USD, limit: "debits-within-credits" as const })),
  ]);
  const effectiveOn = civilDateIn("UTC", clock.now());
  let made = 0;
  return {
    name: "straitway ledger",
    transfer: async (to, minor) => {
      made += 1;
      const posting: Posting = {
        id: `txn_${String(made).padStart(20, "0")}` as PostingId,
        effectiveOn,
        reason: "credit-received",
        subject: `cr_${made}`,
        legs: [
          {
            kind: "post",
            debit: clearing,
            credit: sellers[to - 1]!,
            amount: { currency: USD, minor },
          },
        ],
      };
      const outcome = await writer.post(posting);
      if (!outcome.ok) throw new Error(`${outcome.refusal.code}: ${outcome.refusal.message}`);
    },
    faults: async (count, sum) => {
      const [balances] = await accountBalances(database, scope, [clearing]);
      const verification = await verifyLedger(database, scope);
      const faults = verification.findings.map((finding) => `${finding.code} at ${finding.seq}`);
      if (verification.transferCount !== count || balances?.debitsPosted !== sum)
        faults.push(`ledger: ${count} transfers of ${sum} acknowledged, others found`);
      return faults;
    },
    close: () => writer.close(),
  };
}

function rateOf(rows: readonly LedgerBenchRow[], contestant: number, callers: number): number {
  const own = rows.filter((row) => row.callers === callers)[contestant];
  return own?.transfersPerSecond ?? Number.NaN;
}

type Bar = { readonly name: string; readonly found: string; readonly isMet: boolean };

function barsOf(rows: readonly LedgerBenchRow[]): Bar[] {
  const at256 = rows.find((row) => row.callers === 256);
  const perSecond = at256?.transfersPerSecond ?? 0;
  const p99Ms = at256?.p99Ms ?? Number.POSITIVE_INFINITY;
  const ratio = rateOf(rows, 0, 16) / rateOf(rows, 1, 16);
  return [
    {
      name: `${BAR_PER_SECOND_AT_256}/s at 256 callers, p99 under ${BAR_P99_MS_AT_256} ms`,
      found: `${perSecond}/s, ${p99Ms} ms`,
      isMet: perSecond >= BAR_PER_SECOND_AT_256 && p99Ms < BAR_P99_MS_AT_256,
    },
    {
      name: `${BAR_RATIO_AT_16} times one row in one transaction at 16 callers`,
      found: `${ratio.toFixed(1)} times`,
      isMet: ratio >= BAR_RATIO_AT_16,
    },
  ];
}

function print(label: string, rows: readonly LedgerBenchRow[]): void {
  const lines = [`${label}: one hot debit account, each caller posts one transfer and waits`, ""];
  lines.push("callers  contestant                        /s      p50 ms    p99 ms   ledger is");
  for (const row of rows) {
    const ratio = rateOf(rows, 0, row.callers) / row.transfersPerSecond;
    lines.push(
      [
        String(row.callers).padStart(7),
        `  ${row.contestant.padEnd(28)}`,
        String(row.transfersPerSecond).padStart(8),
        row.p50Ms.toFixed(2).padStart(11),
        row.p99Ms.toFixed(2).padStart(10),
        `${ratio.toFixed(1)} x`.padStart(12),
      ].join(""),
    );
  }
  lines.push(
    "",
    "Nothing was lost: count, balances and a full verification of the ledger agree.",
    "",
  );
  for (const bar of barsOf(rows)) {
    lines.push(`${bar.isMet ? "met    " : "NOT met"}  ${bar.name}: ${bar.found}`);
  }
  process.stdout.write(`${lines.join("\n")}\n`);
}
