// Where each of the checked statements stands in its store's chain: the statement before it, the
// one after it, what is carried over and what does not fit. Rule of the chain:
// src/marketplace/amazon/chain.ts.

import { type ChainFinding, type ChainLink, checkChain } from "../marketplace/amazon/chain.ts";
import type { StatementReading } from "../marketplace/statement.ts";

/**
 * Settlements that one chain is looked for in; the search takes the square of it (2,000: some three
 * seconds).
 */
export const CHAIN_STATEMENTS_MAX = 2_000;

/** A statement and the file that it was read from, as named on the command line. */
export type CheckedStatement = { readonly file: string; readonly statement: StatementReading };

/** One statement's place in the chain. */
export type ChainPlace = {
  /** The link from the statement before; null when that one is not among the files. */
  readonly before: ChainLink | null;
  /** Links to the statements after: more than one when accounts of one store run side by side. */
  readonly after: readonly ChainLink[];
  /** What does not fit between the statement before and this one. */
  readonly findings: readonly ChainFinding[];
};

export type Chain = {
  /**
   * Null for a statement that cannot stand in a chain: no period, no currency, a date-range file,
   * too many.
   */
  readonly placeOf: (checked: CheckedStatement) => ChainPlace | null;
  readonly links: readonly ChainLink[];
  readonly findings: readonly ChainFinding[];
  /** The file of a settlement that stands in the chain. */
  readonly fileOf: (settlementId: string) => string | null;
  /** True when there were more statements than are searched; then nothing is linked. */
  readonly isTooLong: boolean;
};

/**
 * Links the statements of all files. Of a settlement that comes twice the proven one stands in the
 * chain.
 */
export function chainOf(all: readonly CheckedStatement[]): Chain {
  const chosen = new Map<string, CheckedStatement>();
  for (const checked of all) {
    const { settlementId, format, verdict } = checked.statement;
    if (format === "amazon-date-range" || settlementId === "") continue;
    const earlier = chosen.get(settlementId);
    if (earlier === undefined || (earlier.statement.verdict !== "proven" && verdict === "proven")) {
      chosen.set(settlementId, checked);
    }
  }
  const isTooLong = chosen.size > CHAIN_STATEMENTS_MAX;
  const candidates = isTooLong ? [] : [...chosen.values()].map(({ statement }) => statement);
  const { links, findings, leftOut } = checkChain(candidates);
  const outside = new Set(leftOut);
  return {
    links,
    findings,
    isTooLong,
    fileOf: (settlementId) => chosen.get(settlementId)?.file ?? null,
    placeOf: (checked) => {
      const { settlementId } = checked.statement;
      if (isTooLong || outside.has(settlementId)) return null;
      if (chosen.get(settlementId) !== checked) return null;
      return {
        before: links.find((link) => link.settlementId === settlementId) ?? null,
        after: links.filter((link) => link.previousSettlementId === settlementId),
        findings: findings.filter((finding) => finding.settlementId === settlementId),
      };
    },
  };
}
