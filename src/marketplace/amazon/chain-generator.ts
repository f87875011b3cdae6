// Makes up a seller's settlements one after another, with what happens between them: a total below
// zero that is charged to the card or netted, a payout that fails or is too small and comes back, a
// reserve that is held and given back. For the tests of the chain and for the simulator's stories.

import type { Currency } from "../../money/currency.ts";
import type { Instant } from "../../time/instant.ts";
import { instantOfMs, msOf } from "../../time/instant.ts";
import type { FixedLine, GeneratedStatement, GeneratedStyle } from "./statement-generator.ts";
import { generateStatement, randomInteger, seededRandom } from "./statement-generator.ts";

/** What became of one settlement's total. */
export type PayoutFate = "paid" | "failed" | "skipped" | "charged" | "netted";

export type ChainedStatement = {
  readonly settlementId: string;
  readonly periodStartAt: Instant;
  readonly periodEndAt: Instant;
  readonly statement: GeneratedStatement;
  readonly fate: PayoutFate;
  /** Held back at the end of the period, as a positive number of minor units; 0 when nothing is. */
  readonly reserveMinor: number;
};

export type ChainOptions = {
  readonly seed: number;
  readonly count: number;
  readonly linesPerStatement: number;
  readonly currency: Currency;
  readonly marketplaceName: string;
  readonly style: GeneratedStyle;
  readonly startAt: Instant;
};

const PERIOD_MS = 14 * 86_400_000;
const FIRST_ID = 11_900_000_000;

/** The two failure texts whose reason a seller can do nothing about [wimoor's table]. */
const FAILURES = {
  failed: "Transfer of funds unsuccessful: Amazon has cancelled your transfer of funds.",
  skipped:
    "Transfer of funds unsuccessful: A transfer could not be initiated because the transfer amount " +
    "does not meet the minimum.",
} as const;

/** A chain in which each statement's lines agree with the one before it, to the minor unit. */
export function generateChain(options: ChainOptions): readonly ChainedStatement[] {
  const random = seededRandom(options.seed);
  const chain: ChainedStatement[] = [];
  for (let index = 0; index < options.count; index += 1) {
    const previous = chain.at(-1) ?? null;
    const startMs = msOf(options.startAt) + index * PERIOD_MS;
    const reserveMinor = random() < 0.5 ? randomInteger(random, 1_000, 90_000) : 0;
    const fixedLines = [
      ...openingLines(previous),
      ...(reserveMinor > 0 ? [chainLine("Current Reserve Amount", -reserveMinor)] : []),
      // A bad fortnight: more was spent on advertising than was sold.
      ...(random() < 0.35 ? [advertising(options.linesPerStatement * 9_000)] : []),
    ];
    const settlementId = String(FIRST_ID + index * 11_003);
    const periodStartAt = instantOfMs(startMs);
    const periodEndAt = instantOfMs(startMs + PERIOD_MS);
    const statement = generateStatement({
      seed: randomInteger(random, 1, 2_000_000_000),
      lines: options.linesPerStatement,
      settlementId,
      currency: options.currency,
      marketplaceName: options.marketplaceName,
      style: options.style,
      periodStartAt,
      periodEndAt,
      fixedLines,
    });
    const fate = fateOf(statement.totalMinor, random());
    chain.push({ settlementId, periodStartAt, periodEndAt, statement, fate, reserveMinor });
  }
  return chain;
}

function fateOf(totalMinor: bigint, chance: number): PayoutFate {
  if (totalMinor < 0n) return chance < 0.5 ? "charged" : "netted";
  if (chance < 0.15) return "failed";
  return chance < 0.3 ? "skipped" : "paid";
}

/** What the next settlement opens with. */
function openingLines(previous: ChainedStatement | null): readonly FixedLine[] {
  if (previous === null) return [];
  const total = Number(previous.statement.totalMinor);
  const reserve = previous.reserveMinor;
  return [
    ...(reserve > 0 ? [chainLine("Previous Reserve Amount Balance", reserve)] : []),
    ...carryLines(previous.fate, total),
  ];
}

function carryLines(fate: PayoutFate, total: number): readonly FixedLine[] {
  const lines: Readonly<Record<PayoutFate, readonly FixedLine[]>> = {
    paid: [],
    failed: [chainLine(FAILURES.failed, total)],
    skipped: [chainLine(FAILURES.skipped, total)],
    netted: [chainLine("Payable to Amazon", total)],
    charged: [chainLine("Payable to Amazon", total), chainLine("Successful charge", -total)],
  };
  return lines[fate];
}

function chainLine(amountDescription: string, minor: number): FixedLine {
  return {
    transactionType: "other-transaction",
    amountType: "other-transaction",
    amountDescription,
    minor,
  };
}

function advertising(minor: number): FixedLine {
  return {
    transactionType: "ServiceFee",
    amountType: "Cost of Advertising",
    amountDescription: "TransactionTotalAmount",
    minor: -minor,
  };
}
