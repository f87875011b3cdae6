// Reads accounts: now, their history, and as they stood at a date or an instant. Nothing here needs the writer;
// any connection may ask (docs/concepts/ledger.md).

import { invariant } from "../errors/invariant.ts";
import type { Row, Tx } from "../storage/database.ts";
import type { CivilDate, Instant } from "../time/instant.ts";
import type { Side } from "./account-state.ts";
import type { AccountBalances, LedgerAccountId, PostingId } from "./posting.ts";
import type { ChainedTransfer, Drawn, PartitionScope } from "./transfer.ts";
import { NOTHING_DRAWN } from "./transfer.ts";
import type { TransferRow } from "./transfer-rows.ts";
import { findAccounts, findPostings, TRANSFER_COLUMNS, transferOfRow } from "./transfer-rows.ts";

/** Entries of one page of a history at most. */
export const HISTORY_PAGE_MAX = 1000;
/** Ids of one question at most. */
export const READ_IDS_MAX = 1000;

/** One change of an account: the transfer, the side it touched, and the balances right after it. */
export type AccountEntry = {
  readonly side: Side;
  readonly transfer: ChainedTransfer;
  readonly balances: AccountBalances;
};

/** A transfer and what was drawn from it. */
export type PostedTransfer = { readonly transfer: ChainedTransfer; readonly drawn: Drawn };

/** Balances now, in the order of the ids; an account that is not open is left out. */
export async function accountBalances(
  tx: Tx,
  scope: PartitionScope,
  ids: readonly LedgerAccountId[],
): Promise<AccountBalances[]> {
  invariant(ids.length <= READ_IDS_MAX, `at most ${READ_IDS_MAX} accounts in one question`);
  const found = new Map<LedgerAccountId, AccountBalances>();
  for (const { balances } of await findAccounts(tx, scope, ids))
    found.set(balances.accountId, balances);
  return ids.flatMap((id) => found.get(id) ?? []);
}

/** The transfers of some postings with what was drawn from them, in order; unknown postings are left out. */
export async function postedTransfers(
  tx: Tx,
  scope: PartitionScope,
  postingIds: readonly PostingId[],
): Promise<PostedTransfer[]> {
  invariant(postingIds.length <= READ_IDS_MAX, `at most ${READ_IDS_MAX} postings in one question`);
  const found = await findPostings(tx, scope, postingIds);
  return (found?.transfers ?? []).map(({ transfer, drawn }) => ({
    transfer,
    drawn: drawn ?? NOTHING_DRAWN,
  }));
}

/**
 * A page of an account's changes, oldest first: those with a version above `after` (0n: from the first), at most
 * `limit` (1 to `HISTORY_PAGE_MAX`). The next page starts after the last version of this one.
 */
export async function accountHistory(
  tx: Tx,
  scope: PartitionScope,
  id: LedgerAccountId,
  page: { readonly after: bigint; readonly limit: number },
): Promise<AccountEntry[]> {
  invariant(page.limit >= 1 && page.limit <= HISTORY_PAGE_MAX, "the page size is out of range");
  const rows = await tx.query<TransferRow & { side: Side }>(
    `select * from (${historyOf("debit")} union all ${historyOf("credit")}) entries
     order by version limit $5`,
    [scope.tenantId, scope.partition, id, page.after, page.limit],
  );
  return rows.map(entryOfRow);
}

function historyOf(side: Side): string {
  return `(select '${side}' as side, t.${side}_version as version, ${TRANSFER_COLUMNS}
    from ledger_transfer t
    where t.tenant_id = $1 and t.partition = $2 and t.${side}_account = $3
      and t.${side}_version > $4
    order by t.${side}_version limit $5)`;
}

function entryOfRow(row: TransferRow & { readonly side: Side }): AccountEntry {
  const transfer = transferOfRow(row);
  return { side: row.side, transfer, balances: transfer[row.side] };
}

/**
 * Balances counting only transfers with an effective date up to and including `on`, whenever they were booked; the
 * version counts those transfers. Reads the account's whole history: for reports, not for decisions. A pending part
 * may be negative when its commit or void is dated before it.
 */
export async function balancesOnDate(
  tx: Tx,
  scope: PartitionScope,
  ids: readonly LedgerAccountId[],
  on: CivilDate,
): Promise<AccountBalances[]> {
  const accounts = await accountBalances(tx, scope, ids);
  type Sum = { account_id: LedgerAccountId; side: Side; count: bigint } & Row;
  const sums = await tx.query<Sum & { posted: string; pending: string }>(
    `select w.account_id, e.side, count(*) as count,
       sum(case when e.kind in ('post', 'commit', 'reverse') then e.amount else 0 end) as posted,
       sum(case when e.kind = 'pending' then e.amount
                when e.kind in ('commit', 'void') then -e.amount else 0 end) as pending
     from unnest($3::text[]) as w (account_id)
     cross join lateral (${amountsOf("debit")} union all ${amountsOf("credit")}) e
     group by w.account_id, e.side`,
    [scope.tenantId, scope.partition, accounts.map((account) => account.accountId), on],
  );
  return accounts.map((account) => {
    const debits = sums.find((s) => s.account_id === account.accountId && s.side === "debit");
    const credits = sums.find((s) => s.account_id === account.accountId && s.side === "credit");
    return {
      accountId: account.accountId,
      currency: account.currency,
      version: (debits?.count ?? 0n) + (credits?.count ?? 0n),
      debitsPosted: BigInt(debits?.posted ?? 0),
      creditsPosted: BigInt(credits?.posted ?? 0),
      debitsPending: BigInt(debits?.pending ?? 0),
      creditsPending: BigInt(credits?.pending ?? 0),
    };
  });
}

function amountsOf(side: Side): string {
  return `select '${side}' as side, t.kind, t.amount from ledger_transfer t
    where t.tenant_id = $1 and t.partition = $2 and t.${side}_account = w.account_id
      and t.effective_on <= $4`;
}

/** Balances as they stood right after the last transfer booked at or before `at`. */
export async function balancesAtInstant(
  tx: Tx,
  scope: PartitionScope,
  ids: readonly LedgerAccountId[],
  at: Instant,
): Promise<AccountBalances[]> {
  // Booking instants never go back along an account's versions, so the version is found by halving: one question
  // for all accounts a round, 63 rounds at most, where reading the history would grow with the account.
  const searches = (await accountBalances(tx, scope, ids)).map((now) => ({
    now,
    known: null as AccountBalances | null,
    low: 0n,
    high: now.version,
  }));
  for (;;) {
    const open = searches.filter((search) => search.low < search.high);
    if (open.length === 0) break;
    const middles = open.map((search) => (search.low + search.high + 1n) / 2n);
    const entries = await entriesAt(
      tx,
      scope,
      open.map((search) => search.now.accountId),
      middles,
    );
    for (const [index, search] of open.entries()) {
      const entry = entries.get(search.now.accountId);
      const middle = middles[index];
      invariant(entry !== undefined && middle !== undefined, "an account misses a version");
      if (entry.transfer.bookedAt <= at) {
        search.low = middle;
        search.known = entry.balances;
      } else search.high = middle - 1n;
    }
  }
  return searches.map(({ now, known }) => known ?? emptied(now));
}

function emptied(account: AccountBalances): AccountBalances {
  return {
    accountId: account.accountId,
    currency: account.currency,
    version: 0n,
    debitsPosted: 0n,
    creditsPosted: 0n,
    debitsPending: 0n,
    creditsPending: 0n,
  };
}

/** The change of each account that made the version given for it. */
async function entriesAt(
  tx: Tx,
  scope: PartitionScope,
  ids: readonly LedgerAccountId[],
  versions: readonly bigint[],
): Promise<ReadonlyMap<LedgerAccountId, AccountEntry>> {
  const rows = await tx.query<TransferRow & { side: Side }>(
    `select e.* from unnest($3::text[], $4::bigint[]) as w (account_id, version)
     cross join lateral (${changeOf("debit")} union all ${changeOf("credit")}) e`,
    [scope.tenantId, scope.partition, ids, versions],
  );
  return new Map(rows.map(entryOfRow).map((entry) => [entry.balances.accountId, entry]));
}

function changeOf(side: Side): string {
  return `(select '${side}' as side, ${TRANSFER_COLUMNS} from ledger_transfer t
    where t.tenant_id = $1 and t.partition = $2 and t.${side}_account = w.account_id
      and t.${side}_version = w.version
    limit 1)`;
}
