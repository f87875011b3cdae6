// Money before it is paid out: balances, expected payouts, and deferred sales by the day of their release. Every answer is
// kept each time, also when it says the same: that it was told again is what tells how fresh it is.

import type { Instant } from "../../../time/instant.ts";
import { instantOfMs, msOf } from "../../../time/instant.ts";
import type { PollContext, PollOutcome } from "../../stores/connection.ts";
import { saveCursor } from "../../stores/cursor.ts";
import type { StoreView } from "../../stores/store.ts";
import { acceptPages } from "./accept-pages.ts";
import { type AmazonConnection, workOn } from "./amazon-store.ts";
import type { Call } from "./client.ts";
import { type Page, pagesOf } from "./pages.ts";

/** Sales stay deferred for 7 or 14 days after delivery, business invoices for up to 45: with transit, within this. */
const DEFERRED_DAYS = 90;
/** "The date-time must be more than two minutes before the time of the request" (the model of listTransactions). */
const SETTLED_MS = 3 * 60_000;

type Listing = {
  readonly work: "balances" | "expected-payouts" | "deferred";
  readonly listKey: string;
  readonly call: (at: Instant) => Call;
};

const BALANCES: Listing = {
  work: "balances",
  listKey: "balances",
  call: () => ({ operation: "listBalances", query: { balanceType: "TOTAL" } }),
};

const EXPECTED: Listing = {
  work: "expected-payouts",
  listKey: "expectedPayouts",
  call: () => ({ operation: "listExpectedPayouts" }),
};

const DEFERRED: Listing = {
  work: "deferred",
  listKey: "transactions",
  call: (at) => ({
    operation: "listTransactions",
    query: {
      postedAfter: instantOfMs(msOf(at) - DEFERRED_DAYS * 86_400_000),
      postedBefore: instantOfMs(msOf(at) - SETTLED_MS),
      transactionStatus: "DEFERRED",
    },
  }),
};

type Poll = (
  connection: AmazonConnection,
  view: StoreView,
  context: PollContext,
) => Promise<PollOutcome>;

export const pollBalances: Poll = (...given) => poll(BALANCES, ...given);
export const pollExpectedPayouts: Poll = (...given) => poll(EXPECTED, ...given);
export const pollDeferred: Poll = (...given) => poll(DEFERRED, ...given);

function poll(
  listing: Listing,
  connection: AmazonConnection,
  view: StoreView,
  { fence, signal }: PollContext,
): Promise<PollOutcome> {
  const context = { fence, signal };
  return workOn(connection, view, listing.work, context, async (store, key, startedAt) => {
    const pages: Page[] = [];
    const tokens = { name: "nextToken", alone: false } as const;
    for await (const page of pagesOf(store, listing.call(startedAt), tokens)) pages.push(page);
    const receipts = await acceptPages(connection, store, pages, listing.listKey, listing.work);
    await connection.database.transaction(async (tx) => {
      await fence(tx);
      await saveCursor(tx, key, {}, startedAt);
    });
    return { count: receipts.length };
  });
}
