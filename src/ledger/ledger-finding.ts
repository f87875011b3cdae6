// What a verification of the ledger reports: what is wrong, and at which row. The codes are the whole list.

import type { LedgerAccountId } from "./posting.ts";

export type LedgerFindingCode =
  /** A seq that no row has: a transfer was removed. */
  | "transfer-missing"
  /** A row past the partition's head: a transfer was added outside of the writer. */
  | "transfer-beyond-head"
  /** The row's hash is not that of its columns: the row was changed. */
  | "transfer-changed"
  /** The row after names another hash for this one: the row was replaced together with its hash. */
  | "transfer-replaced"
  /** The hash of the last row is not the partition's. */
  | "head-differs"
  /** The balances or versions in the row are not what the rows before add up to. */
  | "running-balance-differs"
  /** The row breaks a rule that the writer would have refused: limit, currency, order, drawing too much. */
  | "rule-broken"
  /** The account's stored totals are not what its rows add up to; seq is the last row that touched it. */
  | "account-total-differs"
  /** Rows touch an account that is not there. */
  | "account-missing"
  /** What was drawn from the transfer is not what the commits, voids and reverses add up to. */
  | "draw-differs"
  /** Debits and credits of a currency differ, posted or pending. */
  | "currency-unbalanced";

export type LedgerFinding = {
  readonly code: LedgerFindingCode;
  /** The row it is about; null when it is about no single row. */
  readonly seq: bigint | null;
  readonly accountId: LedgerAccountId | null;
  /** One plain sentence. */
  readonly message: string;
};

export type FindingSink = {
  readonly report: (
    code: LedgerFindingCode,
    seq: bigint | null,
    accountId: LedgerAccountId | null,
    message: string,
  ) => void;
  readonly count: () => number;
  readonly kept: readonly LedgerFinding[];
};

/** Keeps the first `keptMax` findings and counts the rest. */
export function findingSink(keptMax: number): FindingSink {
  const kept: LedgerFinding[] = [];
  let count = 0;
  return {
    report: (code, seq, accountId, message) => {
      count += 1;
      if (kept.length < keptMax) kept.push({ code, seq, accountId, message });
    },
    count: () => count,
    kept,
  };
}
