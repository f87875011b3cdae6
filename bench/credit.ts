// From the bank's notice to money available, on a real PostgreSQL with fsync on: each credit is a camt.054 of its own,
// sent to the receiver; it counts as available when the promise resolves, after the commit. Beside it the reading
// of a 50 MB camt.053. The bars: p50 under 10 ms one at a time; 1,000 credits a second with p99 under 250 ms on two
// cores; 50 MB under 3 s and 120 MB. Run: npm run bench -- credit

import { execFile } from "node:child_process";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { bookAccountId } from "../src/books/chart.ts";
import { invariant } from "../src/errors/invariant.ts";
import { accountBalances } from "../src/ledger/account-reads.ts";
import { verifyLedger } from "../src/ledger/verify-ledger.ts";
import { type Channel, DEFAULT_PARTITION } from "../src/runtime/channel.ts";
import { openReceiver } from "../src/runtime/receiver.ts";
import {
  announcePayouts,
  openBenchChannel,
  registerSellers,
  withBenchFolder,
} from "./bench-channel.ts";
import { closedLoop, openLoop, type Pool } from "./credit-load.ts";
import { type Latencies, tableOf } from "./latencies.ts";
import { madePayout, madeSeller, USD } from "./made-payouts.ts";

const SELLER_COUNT = 200;
/** Credits before the first measurement: code and plans are warm then. */
const WARM_UP_COUNT = 600;
const IDLE_COUNT = 300;
/** A closed loop may be faster than the rate: it is given so many payouts for each that the rate would take. */
const CLOSED_LOOP_SHARE = 2;

type Options = {
  readonly seconds: number;
  readonly rate: number;
  readonly callers: readonly number[];
  readonly json: boolean;
  readonly camt: boolean;
};

type Measured = { readonly load: string } & Latencies;

export async function benchCredit(args: readonly string[]): Promise<void> {
  const options = optionsOf(args);
  const camt = options.camt ? await camtLines() : [];
  const rows: Measured[] = [];
  const facts: Record<string, string> = {};
  await withBenchFolder(async (folder) => {
    const channel = await openBenchChannel(folder);
    try {
      facts["machine"] =
        `${cpus().length} x ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}`;
      facts["database"] = channel.store.databaseLabel;
      const pool = await announce(channel, options);
      rows.push(...(await measure(channel, pool, options)));
      facts["verified"] = await verify(channel, pool);
    } finally {
      await channel.close();
    }
  });
  if (options.json) process.stdout.write(`${JSON.stringify({ ...facts, rows, camt })}\n`);
  else print(facts, rows, camt);
}

function optionsOf(args: readonly string[]): Options {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: text,
      rate: text,
      callers: text,
      json: { type: "boolean" },
      "no-camt": { type: "boolean" },
    },
  });
  const options = {
    seconds: Number(values.seconds ?? "10"),
    rate: Number(values.rate ?? "1000"),
    callers: (values.callers ?? "16,64,128,256").split(",").map(Number),
    json: values.json === true,
    camt: values["no-camt"] !== true,
  };
  for (const value of [options.seconds, options.rate, ...options.callers])
    invariant(value > 0, "--seconds, --rate and --callers take positive numbers");
  return options;
}

/** The camt benchmark in a process of its own, so that its memory is its own. */
async function camtLines(): Promise<readonly string[]> {
  const main = fileURLToPath(new URL(`./main${import.meta.url.slice(-3)}`, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [main, "camt"]);
  return stdout.trimEnd().split("\n");
}

async function announce(channel: Channel, options: Options): Promise<Pool> {
  const perSecond = options.rate * options.seconds;
  const closed = Math.ceil(CLOSED_LOOP_SHARE * perSecond);
  const end = WARM_UP_COUNT + IDLE_COUNT + Math.ceil(perSecond) + closed;
  await registerSellers(channel, SELLER_COUNT);
  await announcePayouts(channel, 0, end, SELLER_COUNT);
  return { next: 0, end, sellerCount: SELLER_COUNT };
}

async function measure(channel: Channel, pool: Pool, options: Options): Promise<Measured[]> {
  const receiver = openReceiver(channel);
  const ms = options.seconds * 1000;
  const rows: Measured[] = [];
  const unlimited = Number.POSITIVE_INFINITY;
  await closedLoop(receiver, pool, { callers: 16, count: WARM_UP_COUNT, ms: unlimited });
  const idle = await closedLoop(receiver, pool, { callers: 1, count: IDLE_COUNT, ms: unlimited });
  rows.push({ load: "one at a time", ...idle.latencies });
  const open = await openLoop(receiver, pool, { rate: options.rate, ms });
  rows.push({ load: `${options.rate} a second`, ...open.latencies });
  const count = Math.floor((pool.end - pool.next) / options.callers.length);
  for (const callers of options.callers) {
    const closed = await closedLoop(receiver, pool, {
      callers,
      count,
      ms: ms / options.callers.length,
    });
    rows.push({ load: `${callers} callers`, ...closed.latencies });
  }
  await receiver.close();
  return rows;
}

/** Every sent credit is released exactly once, the balances are their sums, and the ledger proves itself. */
async function verify(channel: Channel, pool: Pool): Promise<string> {
  const { database } = channel.store;
  const scope = { tenantId: channel.tenantId, partition: DEFAULT_PARTITION };
  const [counts] = await database.query<{ released: bigint; payouts: bigint; once: bigint }>(
    `SELECT (SELECT count(*) FROM release) AS released,
            (SELECT count(*) FROM payout WHERE state = 'released' AND NOT is_open) AS payouts,
            (SELECT count(*) FROM (SELECT payout_id FROM release GROUP BY payout_id HAVING count(*) = 1) AS o) AS once`,
  );
  const sent = BigInt(pool.next);
  const isOnce = counts?.released === sent && counts.payouts === sent && counts.once === sent;
  invariant(isOnce, `${sent} credits were sent, but released is ${JSON.stringify(counts, textOf)}`);
  const expected = new Map<string, bigint>();
  for (let index = 0; index < pool.next; index += 1) {
    const { sellerId, amountMinor } = madePayout(index, pool.sellerCount);
    expected.set(sellerId, (expected.get(sellerId) ?? 0n) + amountMinor);
  }
  for (let seller = 0; seller < pool.sellerCount; seller += 1) {
    const { id } = madeSeller(seller);
    const account = bookAccountId(id, "fx-account", USD);
    const [balance] = await accountBalances(database, scope, [account]);
    const available = (balance?.debitsPosted ?? 0n) - (balance?.creditsPosted ?? 0n);
    invariant(available === (expected.get(id) ?? 0n), `${account} holds ${available}`);
  }
  const { ok, transferCount } = await verifyLedger(database, scope);
  invariant(ok, "the ledger does not verify");
  return `${sent} credits, each released once; balances of ${pool.sellerCount} sellers exact; ${transferCount} transfers replayed`;
}

function textOf(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

function print(
  facts: Readonly<Record<string, string>>,
  rows: readonly Measured[],
  camt: readonly string[],
): void {
  for (const [name, value] of Object.entries(facts))
    process.stdout.write(`${name.padEnd(10)} ${value}\n`);
  const cells = rows.map((row) => [
    row.load,
    String(row.count),
    String(row.perSecond),
    row.p50Ms.toFixed(1),
    row.p99Ms.toFixed(1),
    row.maxMs.toFixed(1),
  ]);
  const head = ["notice to money available", "credits", "per second", "p50 ms", "p99 ms", "max ms"];
  process.stdout.write(`\n${tableOf([head, ...cells])}`);
  if (camt.length > 0) process.stdout.write(`\n${camt.join("\n")}\n`);
}
