// Payouts as Amazon announces them: listPayouts (Transfers API 2024-06-01), which names settlement, status and trace, and
// listFinancialEventGroups (Finances API v0), which names what Amazon converted. Both are asked for what may still
// change, and now and then for all of the last months, because a paid payout can come back.

import type { Instant } from "../../../time/instant.ts";
import { instantOfMs, msOf, parseInstant } from "../../../time/instant.ts";
import type { PollContext, PollOutcome } from "../../stores/connection.ts";
import { type CursorKey, loadCursor, saveCursor } from "../../stores/cursor.ts";
import type { StoreView } from "../../stores/store.ts";
import { isTransferOver } from "../event-groups.ts";
import { type JsonObject, textOf } from "../json-decimal.ts";
import { plainStatus } from "../payout-fields.ts";
import { acceptPages, digestOf, itemsOf } from "./accept-pages.ts";
import { type AmazonConnection, type AmazonStore, workOn } from "./amazon-store.ts";
import type { Call } from "./client.ts";
import { type Page, pagesOf } from "./pages.ts";

const DAY_MS = 86_400_000;
/** What is younger than this is asked for each time: lists are not complete at once. */
const RECENT_DAYS = 3;
/** The far look: a payout that was paid may fail days or weeks later. */
const FAR_DAYS = 90;
const FAR_EVERY_MS = DAY_MS;
/** What is not final after this long is asked for with the far look only. */
const OPEN_DAYS_MAX = 30;

type Listing = {
  readonly work: "payouts" | "event-groups";
  readonly listKey: string;
  readonly name: string;
  readonly call: (from: Instant) => Call;
  readonly tokens: "nextToken" | "NextToken";
  /** When it began, where it may still change. */
  readonly openSince: (item: JsonObject) => Instant | null;
};

const FINAL_STATUSES = new Set(["paid", "failed", "cancelled", "canceled", "nopayout"]);

const PAYOUTS: Listing = {
  work: "payouts",
  listKey: "payouts",
  name: "list-payouts",
  call: (from) => ({ operation: "listPayouts", query: { createdAfter: from } }),
  tokens: "nextToken",
  openSince: (item) =>
    FINAL_STATUSES.has(plainStatus(textOf(item, "currentStatus") ?? ""))
      ? null
      : parseInstant(textOf(item, "creationDate") ?? ""),
};

const EVENT_GROUPS: Listing = {
  work: "event-groups",
  listKey: "FinancialEventGroupList",
  name: "event-groups",
  call: (from) => ({
    operation: "listFinancialEventGroups",
    query: { FinancialEventGroupStartedAfter: from, MaxResultsPerPage: "100" },
  }),
  tokens: "NextToken",
  openSince: (item) =>
    isTransferOver(plainStatus(textOf(item, "FundTransferStatus") ?? ""))
      ? null
      : parseInstant(textOf(item, "FinancialEventGroupStart") ?? ""),
};

export function pollPayouts(
  connection: AmazonConnection,
  view: StoreView,
  context: PollContext,
): Promise<PollOutcome> {
  return poll(connection, view, context, PAYOUTS);
}

export function pollEventGroups(
  connection: AmazonConnection,
  view: StoreView,
  context: PollContext,
): Promise<PollOutcome> {
  return poll(connection, view, context, EVENT_GROUPS);
}

/**
 * What a listing remembers: since when the oldest item is open that may change, the last far look, and digests of all
 * that was said in it and since.
 */
type Cursor = {
  readonly openSince?: Instant | null;
  readonly farAt?: Instant;
  readonly said?: readonly string[];
};

function poll(
  connection: AmazonConnection,
  view: StoreView,
  context: PollContext,
  listing: Listing,
): Promise<PollOutcome> {
  return workOn(connection, view, listing.work, context, async (store, key, startedAt) => {
    const cursor: Cursor = await loadCursor(connection.database, key);
    const isFar =
      cursor.farAt === undefined || msOf(startedAt) - msOf(cursor.farAt) >= FAR_EVERY_MS;
    const from = isFar ? daysBefore(startedAt, FAR_DAYS) : nearStart(cursor, startedAt);
    const { pages, openSince } = await list(store, listing, from);
    const known = new Set(cursor.said);
    const receipts = await acceptPages(
      connection,
      store,
      pages,
      listing.listKey,
      listing.name,
      (item) => !known.has(digestOf(item)),
    );
    const now = pages.flatMap((page) => itemsOf(page, listing.listKey).map(digestOf));
    const next: Cursor = {
      openSince,
      said: isFar ? now : [...new Set([...known, ...now])],
      farAt: cursor.farAt === undefined || isFar ? startedAt : cursor.farAt,
    };
    await save(connection, context, key, next, startedAt);
    return { count: receipts.length };
  });
}

async function save(
  { database }: AmazonConnection,
  { fence }: PollContext,
  key: CursorKey,
  cursor: Cursor,
  startedAt: Instant,
): Promise<void> {
  await database.transaction(async (tx) => {
    await fence(tx);
    await saveCursor(tx, key, cursor, startedAt);
  });
}

function daysBefore(at: Instant, days: number): Instant {
  return instantOfMs(msOf(at) - days * DAY_MS);
}

function nearStart({ openSince }: Cursor, at: Instant): Instant {
  const recent = daysBefore(at, RECENT_DAYS);
  if (openSince === undefined || openSince === null || openSince >= recent) return recent;
  const oldest = daysBefore(at, OPEN_DAYS_MAX);
  return openSince < oldest ? oldest : openSince;
}

async function list(
  store: AmazonStore,
  listing: Listing,
  from: Instant,
): Promise<{ readonly pages: readonly Page[]; readonly openSince: Instant | null }> {
  const pages: Page[] = [];
  let openSince: Instant | null = null;
  const tokens = { name: listing.tokens, alone: false } as const;
  for await (const page of pagesOf(store, listing.call(from), tokens)) {
    pages.push(page);
    for (const item of itemsOf(page, listing.listKey)) {
      const since = listing.openSince(item);
      if (since !== null && (openSince === null || since < openSince)) openSince = since;
    }
  }
  return { pages, openSince };
}
