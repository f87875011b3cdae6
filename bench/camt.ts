// Reads a generated 50 MB camt.053.001.08 in a process of its own and says time, memory and whether every minor
// unit arrived, beside a bare read of the same bytes. The bar: under 3 s and 120 MB on two cores.

import { execFile } from "node:child_process";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { readIso20022 } from "../src/bank/iso20022/read-iso20022.ts";
import type { CamtEntry, CamtTransaction } from "../src/bank/iso20022/write-camt.ts";
import { camtPieces } from "../src/bank/iso20022/write-camt.ts";
import type { Currency } from "../src/money/currency.ts";
import { money } from "../src/money/money.ts";
import type { CivilDate, Instant } from "../src/time/instant.ts";

/** Entries of the generated file; with their details about 50 MB. */
const ENTRY_COUNT = 31_871;
/** Every this many entries is a batch of three transactions. */
const BATCH_EVERY = 5;
const RUN_COUNT = 5;
const SEED = 20_260_713;
const OPENING_MINOR = 1_000_000n;

const USD = "USD" as Currency;
const ON = "2026-07-13" as CivilDate;
const AT = "2026-07-13T15:30:00.000Z" as Instant;

/** What one reading found; money as decimal text of minor units. */
export type CamtReading = {
  readonly entries: number;
  readonly transactions: number;
  readonly netMinor: string;
  readonly verdicts: string;
  readonly ms: number;
  readonly peakMb: number;
};

/** Runs the benchmark and prints one table; `args[0]` may give another number of entries. */
export async function benchCamt(args: readonly string[]): Promise<void> {
  const entryCount = Number(args[0] ?? ENTRY_COUNT);
  const folder = await mkdtemp(join(tmpdir(), "straitway-camt-"));
  try {
    const file = join(folder, "statement.xml");
    const expected = await writeStatement(file, entryCount);
    const { size } = await stat(file);
    const bare: CamtReading[] = [];
    const read: CamtReading[] = [];
    for (let run = 0; run < RUN_COUNT; run += 1) {
      bare.push(await inChild("readBare", file));
      read.push(await inChild("readStatement", file));
    }
    print(size, expected, median(bare), median(read), read);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function print(
  size: number,
  expected: Expected,
  bare: CamtReading,
  read: CamtReading,
  all: readonly CamtReading[],
): void {
  const isExact = all.every(
    ({ entries, transactions, netMinor }) =>
      entries === expected.entries &&
      transactions === expected.transactions &&
      netMinor === expected.netMinor.toString(),
  );
  const times = all.map(({ ms }) => ms).sort((left, right) => left - right);
  const peak = Math.max(...all.map(({ peakMb }) => peakMb));
  const lines = [
    `camt.053.001.08, ${(size / 1e6).toFixed(1)} MB, seed ${SEED}, ${all.length} runs, each in a fresh process`,
    `entries            ${read.entries} (${read.transactions} transactions)`,
    `verdict            ${read.verdicts}`,
    `exact sum          ${isExact ? "yes" : "NO"}`,
    `time, median       ${read.ms} ms (${times[0]} to ${times.at(-1)})`,
    `peak memory        ${peak} MB`,
    `bare read          ${bare.ms} ms, ${bare.peakMb} MB (the bytes through the same stream, unparsed)`,
    `ratio to bare read ${(read.ms / Math.max(1, bare.ms)).toFixed(1)}`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

function median(readings: readonly CamtReading[]): CamtReading {
  const sorted = [...readings].sort((left, right) => left.ms - right.ms);
  return sorted[Math.floor(sorted.length / 2)] as CamtReading;
}

/** Runs one of this file's readings in a fresh process, so that memory and warm code of another run do not count. */
async function inChild(name: "readBare" | "readStatement", file: string): Promise<CamtReading> {
  const script = `const bench = await import(process.argv[1]);
    process.stdout.write(JSON.stringify(await bench[process.argv[2]](process.argv[3])));`;
  const args = ["--input-type=module", "-e", script, import.meta.url, name, file];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as CamtReading;
}

/** Reads the statement with a sink that only adds up. */
export async function readStatement(file: string): Promise<CamtReading> {
  const startedAt = performance.now();
  let entries = 0;
  let transactions = 0;
  let netMinor = 0n;
  const verdicts: string[] = [];
  const { refusals } = await readIso20022(createReadStream(file), {
    message: () => {},
    entry: (entry) => {
      entries += 1;
      for (const { amount, direction } of entry.transactions) {
        transactions += 1;
        netMinor += direction === "credit" ? amount.minor : -amount.minor;
      }
    },
    messageEnd: ({ verdict }) => verdicts.push(verdict),
  });
  verdicts.push(...refusals.map(({ code }) => code));
  const found = { entries, transactions, netMinor: netMinor.toString() };
  return { ...found, verdicts: verdicts.join(" "), ...spent(startedAt) };
}

/** Passes the bytes through the same kind of stream and decodes nothing. */
export async function readBare(file: string): Promise<CamtReading> {
  const startedAt = performance.now();
  let bytes = 0;
  for await (const chunk of createReadStream(file)) bytes += (chunk as Buffer).length;
  const none = { entries: 0, transactions: 0, netMinor: "0", verdicts: String(bytes) };
  return { ...none, ...spent(startedAt) };
}

function spent(startedAt: number): { ms: number; peakMb: number } {
  const peakMb = Math.round(process.resourceUsage().maxRSS / 1024);
  return { ms: Math.round(performance.now() - startedAt), peakMb };
}

type Expected = { entries: number; transactions: number; netMinor: bigint };

/** Writes a seeded statement that proves, and says what a reader must find in it. */
export async function writeStatement(file: string, entryCount: number): Promise<Expected> {
  const expected: Expected = { entries: 0, transactions: 0, netMinor: 0n };
  for (const entry of seededEntries(entryCount)) {
    expected.entries += 1;
    expected.transactions += entry.transactions?.length ?? 0;
    expected.netMinor += entry.direction === "credit" ? entry.amount.minor : -entry.amount.minor;
  }
  const closing = OPENING_MINOR + expected.netMinor;
  const pieces = camtPieces("camt.053", {
    messageId: "BENCH-20260713",
    createdAt: AT,
    statements: [
      {
        id: "STMT-20260713",
        createdAt: AT,
        sequence: 194,
        account: { number: "4200221009024567890", currency: "USD", servicerBic: "TESTCNBJCQX" },
        balances: [
          { code: "OPBD", amount: money(USD, OPENING_MINOR), direction: "credit", on: ON },
          {
            code: "CLBD",
            amount: money(USD, closing < 0n ? -closing : closing),
            direction: closing < 0n ? "debit" : "credit",
            on: ON,
          },
        ],
        entries: seededEntries(entryCount),
      },
    ],
  });
  await pipeline(Readable.from(pieces), createWriteStream(file));
  return expected;
}

/** Numerical Recipes' 32-bit linear congruential generator: the same file on every machine. */
function createRandom(): (below: number) => number {
  let state = SEED;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function* seededEntries(count: number): Generator<CamtEntry> {
  const random = createRandom();
  for (let index = 0; index < count; index += 1) {
    const size = index % BATCH_EVERY === 0 ? 3 : 1;
    const transactions = Array.from({ length: size }, (_, at) => seededPart(random, index, at));
    const minor = transactions.reduce((sum, { amount }) => sum + amount.minor, 0n);
    yield {
      amount: money(USD, minor),
      direction: random(10) === 0 ? "debit" : "credit",
      bookedOn: ON,
      valueOn: ON,
      servicerReference: `CQ2026071300${String(index).padStart(8, "0")}`,
      entryReference: String(index + 1),
      typeCode: "PMNT/RCDT/XBCT",
      additionalInfo: `收汇 payout ${index} marketplace settlement`,
      transactions,
    };
  }
}

function seededPart(random: (below: number) => number, index: number, at: number): CamtTransaction {
  const hex = (length: number): string =>
    Array.from({ length }, () => random(16).toString(16)).join("");
  return {
    amount: money(USD, BigInt(1 + random(9_999_999))),
    endToEndId: `E2E${String(index).padStart(10, "0")}${at}`,
    uetr: `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
    instructionId: `INSTR${String(index).padStart(10, "0")}${at}`,
    servicerReference: `CQTX${String(index).padStart(10, "0")}${at}`,
    payer: {
      name: "Amazon.com Services LLC",
      account: String(4_000_000_000 + random(999_999)),
      bankBic: "CITIUS33XXX",
      country: "US",
    },
    payee: { name: "Chongqing Example Trading Co & Sons", country: "CN" },
    purpose: "GDDS",
    remittance: [
      `AMZN ${hex(16).toUpperCase()} seller payment <${index}>`,
      `Settlement ${random(1_000_000_000)} trace ${hex(12)}`,
    ],
  };
}
