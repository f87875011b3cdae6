// Puts bank messages on record: each new notice joins the transaction it tells of or makes a new one; a
// transaction becomes money once a notice says so, and is then posted in the same database transaction.

import type { LedgerStep } from "../books/journal.ts";
import { objectId } from "../ids/object-id.ts";
import { formatMinor } from "../money/money.ts";
import type { Tx } from "../storage/database.ts";
import { insertRows } from "../storage/insert-rows.ts";
import type { Instant } from "../time/instant.ts";
import { appendEvents } from "../timeline/timeline.ts";
import { loadCandidates } from "./candidates.ts";
import { postCredits } from "./credit-entries.ts";
import { type CreditSources, isConfirming, isMoney } from "./credit-policy.ts";
import { joinNotice, type SellerOfAccount } from "./join-notices.ts";
import type { BankMessage } from "./message.ts";
import { messageKey, type NoticeDraft, type NoticeInBatch, noticesOf } from "./notice.ts";
import { toldBy } from "./tellings.ts";
import {
  absorbTransactions,
  insertTransactions,
  type TransactionState,
  updateTransactions,
} from "./transaction-rows.ts";

/** The messages of one bank file. */
export type BankArrival = {
  readonly sha256: string;
  /** When the raw bytes were stored: the minute clock starts here. */
  readonly storedAt: Instant;
  readonly messages: readonly BankMessage[];
};

export type BankRecording = {
  /** Credits and debits that are new or became money now. */
  readonly touchedIds: readonly string[];
  readonly newNotices: number;
};

export async function recordBankMessages(
  tx: Tx,
  ledger: LedgerStep,
  tenantId: string,
  arrivals: readonly BankArrival[],
  context: { sources: CreditSources; sellerOfAccount: SellerOfAccount; now: Instant },
): Promise<BankRecording> {
  if (arrivals.length === 0) return { touchedIds: [], newNotices: 0 };
  await insertMessages(tx, tenantId, arrivals, context.now);
  const storedAt = new Map(arrivals.map((arrival) => [arrival.sha256, arrival.storedAt]));
  const drafts = arrivals.flatMap((arrival) =>
    arrival.messages
      .filter((message) => message.verdict !== "quarantined")
      .flatMap((message) => noticesOf(message, arrival.sha256)),
  );
  const fresh = await dropRepeats(tx, tenantId, drafts, context.now);
  if (fresh.length === 0) return { touchedIds: [], newNotices: 0 };
  const candidates = await loadCandidates(tx, tenantId, fresh);
  const touched = new Map<string, TransactionState>();
  const absorbed = new Map<string, string>();
  const bookedNow: TransactionState[] = [];
  for (const notice of fresh) {
    const joined = joinNotice(candidates, notice, {
      isMoney:
        !notice.draft.copy && isMoney(notice.draft.family, notice.draft.status, context.sources),
      isConfirming: isConfirming(notice.draft.family) && notice.draft.status === "booked",
      storedAt: storedAt.get(notice.draft.sha256) ?? context.now,
      sellerOfAccount: context.sellerOfAccount,
    });
    const { transaction } = joined;
    notice.transactionId = transaction.transactionId;
    touched.set(transaction.transactionId, transaction);
    for (const other of joined.absorbed) {
      touched.delete(other.transactionId);
      if (!other.isNew) absorbed.set(other.transactionId, transaction.transactionId);
      for (const earlier of fresh)
        if (earlier.transactionId === other.transactionId)
          earlier.transactionId = transaction.transactionId;
    }
    if (transaction.becameMoney) bookedNow.push(transaction);
    transaction.becameMoney = false;
  }
  await insertTransactions(
    tx,
    tenantId,
    [...touched.values()].filter((item) => item.isNew),
    context.now,
  );
  await updateTransactions(
    tx,
    tenantId,
    [...touched.values()].filter((item) => !item.isNew),
  );
  await absorbTransactions(tx, tenantId, absorbed);
  await insertNotices(tx, tenantId, fresh, context.now);
  await postCredits(
    ledger,
    bookedNow.filter((item) => item.direction === "credit"),
    context.now,
  );
  await tellNotices(tx, tenantId, fresh, context.now);
  return { touchedIds: [...touched.keys()], newNotices: fresh.length };
}

/**
 * Gives each notice its occurrence number and drops those that are on record already. A dropped row of another
 * statement is kept as a repeat: identical rows of one statement are counted over its pages, and a row that another
 * statement told first is one of them.
 */
async function dropRepeats(
  tx: Tx,
  tenantId: string,
  drafts: readonly NoticeDraft[],
  now: Instant,
): Promise<NoticeInBatch[]> {
  const counted = await loadCounted(tx, tenantId, drafts);
  const onRecord = new Set(counted.map((row) => `${row.identity}/${row.occurrence}`));
  const told = new Set<string>();
  const perPage = new Map<string, Map<string, number>>();
  const count = (row: CountedRow): void => {
    const key = `${row.identity}/${row.scope}/${row.page}/${row.occurrence}`;
    if (told.has(key)) return;
    told.add(key);
    const statement = `${row.identity}/${row.scope}`;
    const pages = perPage.get(statement) ?? new Map<string, number>();
    pages.set(row.page, (pages.get(row.page) ?? 0) + 1);
    perPage.set(statement, pages);
  };
  const others = (draft: NoticeDraft): number =>
    [...(perPage.get(`${draft.identity}/${draft.scope}`) ?? [])]
      .filter(([page]) => page !== draft.page)
      .reduce((sum, [, rows]) => sum + rows, 0);
  for (const row of counted) count(row);
  const seenHere = new Map<string, number>();
  const fresh: NoticeInBatch[] = [];
  const repeats: { draft: NoticeDraft; occurrence: number }[] = [];
  for (const draft of drafts) {
    const here = `${draft.identity}/${draft.sha256}/${draft.messageKey}/${draft.page}`;
    const within = (seenHere.get(here) ?? 0) + 1;
    seenHere.set(here, within);
    const occurrence = within + others(draft);
    const key = `${draft.identity}/${occurrence}`;
    const row = { identity: draft.identity, scope: draft.scope, page: draft.page, occurrence };
    if (onRecord.has(key)) {
      if (!told.has(`${draft.identity}/${draft.scope}/${draft.page}/${occurrence}`)) {
        repeats.push({ draft, occurrence });
      }
      count(row);
      continue;
    }
    onRecord.add(key);
    count(row);
    fresh.push({
      draft,
      occurrence,
      noticeId: objectId("nt", draft.identity, occurrence),
      transactionId: null,
    });
  }
  await insertRepeats(tx, tenantId, repeats, now);
  return fresh;
}

type CountedRow = {
  readonly identity: string;
  readonly scope: string;
  readonly page: string;
  readonly occurrence: number;
};

/** What is on record of rows identical to these, under whatever statement and page. */
function loadCounted(
  tx: Tx,
  tenantId: string,
  drafts: readonly NoticeDraft[],
): Promise<readonly CountedRow[]> {
  return tx.query<CountedRow>(
    `SELECT n.identity, n.occurrence, n.scope, n.page FROM bank_notice n
      WHERE n.tenant_id = $1 AND n.identity = ANY($2::text[])
     UNION ALL
     SELECT r.identity, r.occurrence, r.scope, r.page FROM bank_repeat r
      WHERE r.tenant_id = $1 AND r.identity = ANY($2::text[])`,
    [tenantId, [...new Set(drafts.map((draft) => draft.identity))]],
  );
}

async function insertRepeats(
  tx: Tx,
  tenantId: string,
  repeats: readonly { draft: NoticeDraft; occurrence: number }[],
  now: Instant,
): Promise<void> {
  await insertRows(
    tx,
    "bank_repeat",
    {
      tenant_id: "text",
      identity: "text",
      scope: "text",
      page: "text",
      occurrence: "integer",
      source_sha256: "text",
      source_line: "integer",
      recorded_at: "timestamptz",
    },
    repeats.map(({ draft, occurrence }) => [
      tenantId,
      draft.identity,
      draft.scope,
      draft.page,
      occurrence,
      draft.sha256,
      draft.line,
      now,
    ]),
  );
}

async function insertNotices(
  tx: Tx,
  tenantId: string,
  notices: readonly NoticeInBatch[],
  now: Instant,
): Promise<void> {
  await insertRows(
    tx,
    "bank_notice",
    {
      tenant_id: "text",
      notice_id: "text",
      transaction_id: "text",
      identity: "text",
      occurrence: "integer",
      scope: "text",
      page: "text",
      family: "text",
      status: "text",
      copy: "boolean",
      booked_on: "date",
      value_on: "date",
      amount_minor: "bigint",
      message_key: "text",
      source_sha256: "text",
      source_line: "integer",
      recorded_at: "timestamptz",
      told: "jsonb",
    },
    notices.map(({ draft, noticeId, transactionId, occurrence }) => [
      tenantId,
      noticeId,
      transactionId,
      draft.identity,
      occurrence,
      draft.scope,
      draft.page,
      draft.family,
      draft.status,
      draft.copy,
      draft.bookedOn,
      draft.valueOn,
      draft.amountMinor,
      draft.messageKey,
      draft.sha256,
      draft.line,
      now,
      toldBy(draft),
    ]),
  );
}

async function tellNotices(
  tx: Tx,
  tenantId: string,
  notices: readonly NoticeInBatch[],
  now: Instant,
): Promise<void> {
  await appendEvents(
    tx,
    tenantId,
    notices.map(({ draft, transactionId }) => ({
      subject: transactionId ?? "",
      kind: `bank-notice-${draft.copy ? "copy" : draft.status}`,
      at: now,
      data: {
        family: draft.family,
        direction: draft.direction,
        amount: formatMinor(draft.amountMinor, draft.currency),
        currency: draft.currency,
        bookedOn: draft.bookedOn,
        valueOn: draft.valueOn,
      },
      source: { sha256: draft.sha256, line: draft.line },
    })),
  );
}

async function insertMessages(
  tx: Tx,
  tenantId: string,
  arrivals: readonly BankArrival[],
  now: Instant,
): Promise<void> {
  const rows = arrivals.flatMap(({ messages, sha256 }) =>
    messages.map((message) => [
      tenantId,
      messageKey(message),
      sha256,
      message.line,
      message.family,
      message.format,
      message.messageId,
      message.copy,
      message.statementId,
      message.sequence,
      message.page?.number ?? null,
      message.account.number,
      message.account.currency,
      message.account.ownerName,
      message.createdAt,
      message.balances,
      message.verdict,
      message.reasons,
      message.entries.length,
      creditSums(message),
      now,
    ]),
  );
  await insertRows(
    tx,
    "bank_message",
    {
      tenant_id: "text",
      message_key: "text",
      source_sha256: "text",
      source_line: "integer",
      family: "text",
      format: "text",
      message_id: "text",
      copy: "text",
      statement_ref: "text",
      sequence: "text",
      page_number: "text",
      account_number: "text",
      account_currency: "text",
      owner_name: "text",
      created_at: "timestamptz",
      balances: "jsonb",
      verdict: "text",
      reasons: "jsonb",
      entry_count: "integer",
      credit_sums: "jsonb",
      recorded_at: "timestamptz",
    },
    rows,
  );
}

/** Booked credits per currency: what is at stake when the message is quarantined. */
function creditSums(message: BankMessage): Record<string, bigint> {
  const sums: Record<string, bigint> = {};
  for (const entry of message.entries) {
    if (entry.direction !== "credit" || entry.status !== "booked") continue;
    sums[entry.amount.currency] = (sums[entry.amount.currency] ?? 0n) + entry.amount.minor;
  }
  return sums;
}
