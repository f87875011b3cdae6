// The answer of every marketplace reader: what one file holds, or why it was refused as a whole.

import type { Reason } from "../errors/refusal.ts";
import type { Outlook } from "./outlook.ts";
import type { PayoutAnnouncement } from "./payout.ts";
import type { StatementFormat, StatementReading } from "./statement.ts";

export type MarketplaceFormat =
  | StatementFormat
  | "amazon-payout-list"
  | "amazon-event-groups"
  | "amazon-balances"
  | "amazon-expected-payouts"
  | "amazon-summaries"
  | "amazon-transactions";

export type ReadOptions = {
  /** Called after each chunk with the number of bytes read so far. */
  readonly onProgress?: (bytes: number) => void;
  /** Sum each order too; where evidence is in force. */
  readonly takesOrders?: boolean;
};

export type MarketplaceReading = {
  readonly format: MarketplaceFormat;
  /** Charset found by content, WHATWG label ("utf-8", "windows-1252", "shift_jis"). */
  readonly charset: string;
  readonly statements: readonly StatementReading[];
  readonly payouts: readonly PayoutAnnouncement[];
  /** What it tells beside statements and payouts; absent in formats that tell of nothing else. */
  readonly outlook?: Outlook;
  /** Not empty: the file is refused as a whole (hostile, cut off, not this format); nothing in it is used. */
  readonly refusals: readonly Reason[];
};
