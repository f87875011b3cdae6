// The periodic work of every bound store, as plain jobs: whoever runs them takes each under a lease of its own, so no
// store is polled twice at once. Stores that are bound or ended meanwhile come and go with the next list.

import type { AmazonConnection } from "../amazon/sp-api/amazon-store.ts";
import { checkAccount } from "../amazon/sp-api/check-account.ts";
import { carryRequestsOn } from "../amazon/sp-api/initiate-payout.ts";
import { pollControlTotals } from "../amazon/sp-api/poll-control-totals.ts";
import { pollBalances, pollDeferred, pollExpectedPayouts } from "../amazon/sp-api/poll-outlook.ts";
import { pollEventGroups, pollPayouts } from "../amazon/sp-api/poll-payouts.ts";
import { pollReports } from "../amazon/sp-api/poll-reports.ts";
import type { AmazonSettings } from "../amazon/sp-api/settings.ts";
import type { PollContext, PollOutcome, StoreJob } from "./connection.ts";
import { listStores, type StoreView } from "./store.ts";

type Poll = (
  connection: AmazonConnection,
  view: StoreView,
  context: PollContext,
) => Promise<PollOutcome>;

type Turn = {
  readonly name: string;
  readonly every: keyof AmazonSettings["everyMinutes"];
  readonly poll: Poll;
};

/** Work of a store whose account is the seller's. */
const POLLS: readonly Turn[] = [
  { name: "reports", every: "reports", poll: pollReports },
  { name: "payouts", every: "payouts", poll: pollPayouts },
  { name: "event-groups", every: "eventGroups", poll: pollEventGroups },
  { name: "balances", every: "balances", poll: pollBalances },
  { name: "expected-payouts", every: "expectedPayouts", poll: pollExpectedPayouts },
  { name: "deferred", every: "deferred", poll: pollDeferred },
  { name: "control-totals", every: "controlTotals", poll: pollControlTotals },
  { name: "payout-requests", every: "payoutRequests", poll: carryRequestsOn },
];

/** Work of every store with an authorisation. */
const CHECK: Turn = { name: "account", every: "account", poll: checkAccount };

/** Key of one store's work: its kind before the colon, without anything secret. */
export function storeJobKey(name: string, storeId: string): string {
  return `store-${name}:${storeId}`;
}

/** Jobs of all stores as they are bound now. An expired consent is used until the marketplace refuses it. */
export async function storeJobs(connection: AmazonConnection): Promise<readonly StoreJob[]> {
  const { database, tenantId, clock } = connection;
  const stores = await listStores(database, tenantId, clock.now());
  return stores
    .filter(({ state }) => state === "bound" || state === "expiring" || state === "expired")
    .flatMap((store) => turnsOf(store).map((turn) => jobOf(connection, store, turn)));
}

function turnsOf({ nameCheck }: StoreView): readonly Turn[] {
  const isTheirs = nameCheck === "same" || nameCheck === "confirmed";
  return isTheirs ? [CHECK, ...POLLS] : [CHECK];
}

function jobOf(connection: AmazonConnection, store: StoreView, turn: Turn): StoreJob {
  return {
    key: storeJobKey(turn.name, store.storeId),
    everyMs: connection.settings.everyMinutes[turn.every] * 60_000,
    run: (context) => turn.poll(connection, store, context),
  };
}
