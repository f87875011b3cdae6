// Measures the statement reader: one million made-up lines by default, read in a fresh child
// process so that making them does not count, beside a bare read of the same bytes. Run: npm run
// bench -- statement --lines 1000000 --seed 7

import { fork } from "node:child_process";
import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { invariant } from "../src/errors/invariant.ts";
import { generateStatement } from "../src/marketplace/amazon/statement-generator.ts";
import { readMarketplaceFile } from "../src/marketplace/read-marketplace-file.ts";
import { currencyOf } from "../src/money/currency.ts";
import { formatMinor } from "../src/money/money.ts";
import type { Instant } from "../src/time/instant.ts";

/** Bytes of one read from disk, for the reader and for the bare read alike. */
const READ_BYTES = 1_048_576;
const RUNS = 5;
const CHILD_MARK = "--bench-statement-child";

type Measurement = {
  readonly elapsedMs: number;
  readonly peakRssKib: number;
  readonly verdict: string;
  readonly summedTotalMinor: string;
  readonly lineCount: number;
};

/** Prints lines, time, lines a second, peak memory, exactness and the ratio to a bare read. */
export async function benchStatement(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      lines: { type: "string", default: "1000000" },
      seed: { type: "string", default: "7" },
    },
  });
  const lines = Number(values.lines);
  const seed = Number(values.seed);
  invariant(Number.isSafeInteger(lines) && lines > 0, "--lines takes a positive whole number");
  invariant(Number.isSafeInteger(seed), "--seed takes a whole number");
  const folder = await mkdtemp(join(tmpdir(), "straitway-bench-"));
  try {
    const path = join(folder, "settlement.txt");
    const total = await writeStatement(path, lines, seed);
    const { size } = await stat(path);
    await measure(path, "bare");
    const bare: Measurement[] = [];
    const read: Measurement[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      bare.push(await measure(path, "bare"));
      read.push(await measure(path, "read"));
    }
    print(lines, seed, size, total, bare, read);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function writeStatement(path: string, lines: number, seed: number): Promise<bigint> {
  const currency = currencyOf("USD");
  invariant(currency !== null, "USD is a currency");
  const statement = generateStatement({
    seed,
    lines,
    settlementId: "11900000001",
    currency,
    marketplaceName: "Amazon.com",
    style: { date: "y-m-d", number: "dot", charset: "utf-8" },
    periodStartAt: "2026-10-05T06:12:41.000Z" as Instant,
    periodEndAt: "2026-10-19T06:12:41.000Z" as Instant,
  });
  const file = createWriteStream(path);
  for (const chunk of statement.chunks()) {
    if (!file.write(chunk)) await once(file, "drain");
  }
  file.end();
  await once(file, "close");
  return statement.totalMinor;
}

/** Runs one measurement in a fresh process; its peak memory is then the reader's alone. */
async function measure(path: string, kind: "bare" | "read"): Promise<Measurement> {
  const child = fork(fileURLToPath(import.meta.url), [CHILD_MARK, kind, path]);
  const [message] = (await once(child, "message")) as [Measurement];
  if (child.exitCode === null) await once(child, "exit");
  return message;
}

async function measureHere(kind: string, path: string): Promise<Measurement> {
  const source = createReadStream(path, { highWaterMark: READ_BYTES });
  const started = performance.now();
  let [verdict, summedTotalMinor, lineCount] = ["", "", 0];
  if (kind === "read") {
    const reading = await readMarketplaceFile(source, "amazon-settlement-v2");
    const [statement] = reading.statements;
    invariant(statement !== undefined, "the made-up file holds one statement");
    ({ verdict, lineCount } = statement);
    summedTotalMinor = String(statement.summedTotalMinor);
  } else {
    for await (const chunk of source) lineCount += (chunk as Uint8Array).length > 0 ? 1 : 0;
  }
  const elapsedMs = performance.now() - started;
  const peakRssKib = process.resourceUsage().maxRSS;
  return { elapsedMs, peakRssKib, verdict, summedTotalMinor, lineCount };
}

function print(
  lines: number,
  seed: number,
  bytes: number,
  total: bigint,
  bare: readonly Measurement[],
  read: readonly Measurement[],
): void {
  const currency = currencyOf("USD");
  invariant(currency !== null, "USD is a currency");
  const readMs = median(read.map((one) => one.elapsedMs));
  const bareMs = median(bare.map((one) => one.elapsedMs));
  const peak = Math.max(...read.map((one) => one.peakRssKib));
  const exact = read.every(
    (one) =>
      one.verdict === "proven" && one.summedTotalMinor === String(total) && one.lineCount === lines,
  );
  const rows = [
    ["machine", `${cpus().length} x ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}`],
    ["file", `${lines} lines, ${(bytes / 1e6).toFixed(1)} MB, seed ${seed}`],
    ["read", `${readMs.toFixed(0)} ms (median of ${RUNS}, each in a fresh process)`],
    ["speed", `${Math.round((lines / readMs) * 1000)} lines/s`],
    ["peak memory", `${(peak / 1024).toFixed(0)} MiB RSS`],
    [
      "bare read",
      `${bareMs.toFixed(0)} ms of the same bytes; ratio ${(readMs / bareMs).toFixed(2)}`,
    ],
    ["sum exact", `${exact ? "yes" : "NO"} (USD ${formatMinor(total, currency)})`],
  ];
  for (const [name = "", value = ""] of rows) {
    process.stdout.write(`${name.padEnd(12)} ${value}\n`);
  }
  if (!exact) process.exitCode = 1;
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}

const [mark, kind = "", path = ""] = process.argv.slice(2);
if (mark === CHILD_MARK) process.send?.(await measureHere(kind, path));
