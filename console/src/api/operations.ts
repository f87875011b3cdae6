// What the console may ask the API for, typed by the API's own client. Types alone: nothing of the server is built in.

import type {
  BROWSER_OPERATIONS,
  BrowserOperationName,
} from "../../../src/api/client/browser-operations.ts";
import type {
  ItemOf,
  ListName,
  RouteInput,
  RouteOutput,
} from "../../../src/api/client/operation-types.ts";
import type { OPERATIONS, OperationName } from "../../../src/api/client/operations.ts";

export type ConsoleOperation = OperationName | BrowserOperationName;

type RouteNamed<Name extends ConsoleOperation> = Name extends OperationName
  ? (typeof OPERATIONS)[Name]
  : Name extends BrowserOperationName
    ? (typeof BROWSER_OPERATIONS)[Name]
    : never;

/** Of an act or an edit, beside what the route takes. */
export type CallExtras = {
  readonly ifMatch?: string;
  /** A repeat of the same act keeps its key; made anew for each call unless told. */
  readonly idempotencyKey?: string;
};

export type InputOf<Name extends ConsoleOperation> = RouteInput<RouteNamed<Name>> & CallExtras;
export type OutputOf<Name extends ConsoleOperation> = RouteOutput<RouteNamed<Name>>;

/** Operations that need nothing to be called with. */
export type { ItemOf, ListName };

export type Money = { readonly amount: string; readonly currency: string };
export type Me = OutputOf<"getMe">;
export type Payout = ItemOf<"listPayouts">;
export type TimelineEntry = OutputOf<"getPayoutTimeline">["data"][number];
export type Account = ItemOf<"listAccounts">;
export type Entry = ItemOf<"listEntries">;
export type Statement = ItemOf<"listStatements">;
export type Hold = ItemOf<"listHolds">;
export type Store = ItemOf<"listStores">;
export type FeedEvent = OutputOf<"listEvents">["data"][number];
