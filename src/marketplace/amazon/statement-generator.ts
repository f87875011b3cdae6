// Makes up V2 settlement files from a seed: any size, three date styles, two number styles, three
// charsets. No real V2 file of US, UK, DE, FR or JP is public, so the benchmark and the property
// tests read these. The same seed gives the same bytes; nothing here is anyone's data.

import { Buffer } from "node:buffer";
import { invariant } from "../../errors/invariant.ts";
import type { Currency } from "../../money/currency.ts";
import type { Instant } from "../../time/instant.ts";
import { msOf } from "../../time/instant.ts";
import type { Charset } from "./charset.ts";
import type { SettlementV2Style } from "./settlement-v2-text.ts";
import { settlementV2Amount, settlementV2Head, settlementV2Stamp } from "./settlement-v2-text.ts";

export type GeneratedStyle = SettlementV2Style & { readonly charset: Charset };

/** A line that must stand in the statement beside the random ones. */
export type FixedLine = {
  readonly transactionType: string;
  readonly amountType: string;
  readonly amountDescription: string;
  /** Whole minor units, signed; below 2^53. */
  readonly minor: number;
};

export type GeneratorOptions = {
  /** Any integer; the same seed gives the same file. */
  readonly seed: number;
  /** Random lines, the summary row and the fixed lines not counted. */
  readonly lines: number;
  readonly settlementId: string;
  readonly currency: Currency;
  readonly marketplaceName: string;
  readonly style: GeneratedStyle;
  readonly periodStartAt: Instant;
  readonly periodEndAt: Instant;
  readonly fixedLines?: readonly FixedLine[];
};

export type GeneratedStatement = {
  readonly lineCount: number;
  readonly totalMinor: bigint;
  /**
   * "transaction-type|amount-type|amount-description" → minor units, summed by the generator
   * itself.
   */
  readonly groupTotals: ReadonlyMap<string, bigint>;
  /** The file, in pieces of about a quarter of a MiB. */
  readonly chunks: () => Iterable<Uint8Array>;
};

/** Kinds of lines with the range of their amount in minor units, and how often they come. */
const KINDS = [
  ["Order", "ItemPrice", "Principal", 500, 25_000, 8],
  ["Order", "ItemPrice", "Tax", 10, 2_000, 5],
  ["Order", "ItemPrice", "Shipping", 0, 1_200, 2],
  ["Order", "ItemWithheldTax", "MarketplaceFacilitatorTax-Principal", -2_000, -10, 5],
  ["Order", "ItemFees", "Commission", -3_500, -75, 8],
  ["Order", "ItemFees", "FBAPerUnitFulfillmentFee", -900, -250, 8],
  ["Order", "Promotion", "Principal", -800, -1, 2],
  ["Refund", "ItemPrice", "Principal", -25_000, -500, 1],
  ["Refund", "ItemFees", "RefundCommission", -700, -10, 1],
  ["Refund", "ItemFees", "Commission", 75, 3_500, 1],
  ["other-transaction", "FBA Inventory Reimbursement", "WAREHOUSE_DAMAGE", 100, 9_000, 1],
  ["other-transaction", "other-transaction", "Storage Fee", -50_000, -100, 1],
  ["ServiceFee", "Cost of Advertising", "TransactionTotalAmount", -90_000, -1_000, 1],
  ["FBAFees", "FBA Removal Order: Return Fee", "Base fee", -400, -50, 1],
] as const;

const WHEEL = KINDS.flatMap((kind) => Array.from({ length: kind[5] }, () => kind));

/** A SKU with a character beyond ASCII, in the bytes of each charset: "Größe", "Größe", "サイズ". */
const SKU_WORDS: Readonly<Record<Charset, string>> = {
  "utf-8": "Gr\u00c3\u00b6\u00c3\u009fe",
  "windows-1252": "Gr\u00f6\u00dfe",
  shift_jis: "\u0083\u0054\u0083\u0043\u0083\u0059",
};

const CHUNK_LENGTH = 262_144;

type Random = () => number;

/** Mulberry32: a small seeded generator of numbers in [0, 1); good enough for made-up lines. */
export function seededRandom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A whole number from `low` to `high`, both included. */
export function randomInteger(random: Random, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}

export function generateStatement(options: GeneratorOptions): GeneratedStatement {
  const groupTotals = new Map<string, bigint>();
  let totalMinor = 0n;
  let lineCount = 0;
  for (const line of linesOf(options)) {
    const key = `${line.transactionType}|${line.amountType}|${line.amountDescription}`;
    groupTotals.set(key, (groupTotals.get(key) ?? 0n) + BigInt(line.minor));
    totalMinor += BigInt(line.minor);
    lineCount += 1;
  }
  invariant(Number.isSafeInteger(Number(totalMinor)), "a made-up total is below 2^53");
  const chunks = () => chunksOf(options, Number(totalMinor));
  return { lineCount, totalMinor, groupTotals, chunks };
}

/** The whole file in one piece; for files that are small. */
export function generatedBytes(statement: GeneratedStatement): Uint8Array {
  return Buffer.concat([...statement.chunks()]);
}

function* linesOf(options: GeneratorOptions): Generator<FixedLine & { index: number }> {
  const random = seededRandom(options.seed);
  let index = 0;
  for (; index < options.lines; index += 1) {
    const [transactionType, amountType, amountDescription, low, high] =
      WHEEL[Math.floor(random() * WHEEL.length)] ?? KINDS[0];
    const minor = randomInteger(random, low, high);
    yield { transactionType, amountType, amountDescription, minor, index };
  }
  for (const line of options.fixedLines ?? []) {
    yield { ...line, index };
    index += 1;
  }
}

function* chunksOf(options: GeneratorOptions, total: number): Generator<Uint8Array> {
  const { settlementId, style, currency } = options;
  const start = msOf(options.periodStartAt);
  const end = msOf(options.periodEndAt);
  const { periodStartAt, periodEndAt } = options;
  const summary = { settlementId, periodStartAt, periodEndAt, totalMinor: BigInt(total), currency };
  let text = settlementV2Head(summary, style);
  const random = seededRandom(options.seed ^ 0x5bd1e995);
  for (const line of linesOf(options)) {
    text += lineText(options, line, random, start + Math.floor(random() * (end - start)));
    if (text.length < CHUNK_LENGTH) continue;
    yield Buffer.from(text, "latin1");
    text = "";
  }
  yield Buffer.from(text, "latin1");
}

function lineText(
  options: GeneratorOptions,
  line: FixedLine & { index: number },
  random: Random,
  postedMs: number,
): string {
  const { style, currency } = options;
  const account = !/^(?:Order|Refund)$/.test(line.transactionType);
  const posted = settlementV2Stamp(postedMs, style.date);
  const amount = settlementV2Amount(line.minor, currency, style.number);
  const kind = `${line.amountType}\t${line.amountDescription}\t${amount}`;
  if (account) {
    const middle = `${line.transactionType}\t\t\t\t\t\t${kind}`;
    return `${options.settlementId}\t\t\t\t\t\t${middle}\t\t${posted.slice(0, 10)}\t${posted}${"\t".repeat(6)}\n`;
  }
  const order = orderId(random);
  const word = line.index % 16 === 0 ? SKU_WORDS[style.charset] : "WIDGET";
  const ids = `${line.transactionType}\t${order}\t${order}\t\tDS7K${line.index}`;
  const item = `${55_000_000_000 + line.index}\t\t\t${word}-${line.index % 977}\t1\t`;
  return (
    `${options.settlementId}\t\t\t\t\t\t${ids}\t${options.marketplaceName}\t${kind}\tAFN\t` +
    `${posted.slice(0, 10)}\t${posted}\t${item}\n`
  );
}

function orderId(random: Random): string {
  const part = () => String(randomInteger(random, 1_000_000, 9_999_999));
  return `11${randomInteger(random, 1, 4)}-${part()}-${part()}`;
}
