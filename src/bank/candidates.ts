// The transactions that a batch of notices may tell of: those on record, and those that the batch itself makes.

import { invariant } from "../errors/invariant.ts";
import type { Tx } from "../storage/database.ts";
import { addDays } from "../time/instant.ts";
import { type NoticeDraft, type NoticeInBatch, SAME_MONEY_DAYS_MAX } from "./notice.ts";
import type { Telling } from "./tellings.ts";
import {
  reviveDetail,
  type StoredDetail,
  type TransactionRow,
  type TransactionState,
  transactionOf,
} from "./transaction-rows.ts";

export type Candidates = {
  readonly of: (draft: NoticeDraft) => readonly TransactionState[];
  readonly add: (transaction: TransactionState) => void;
  readonly remove: (transaction: TransactionState) => void;
};

/** Days around the batch's value dates: a telling may be that far from a transaction's date, and so may the notice. */
const CANDIDATE_DAYS = 2 * SAME_MONEY_DAYS_MAX;

/** What each notice of a transaction says. */
const TELLINGS = `
  (SELECT jsonb_agg(n.told || jsonb_build_object('noticeId', n.notice_id, 'family', n.family, 'status', n.status,
                                                 'copy', n.copy)) FROM bank_notice n
    WHERE n.tenant_id = t.tenant_id AND n.transaction_id = t.transaction_id) AS tellings`;

/**
 * Transactions that the notices may tell of: of the same account, amount and days, or named by a reference where
 * one of the two does not repeat the account (a return may leave it out).
 */
export async function loadCandidates(
  tx: Tx,
  tenantId: string,
  notices: readonly NoticeInBatch[],
): Promise<Candidates> {
  const drafts = [
    ...new Map(
      notices.map(({ draft }) => [`${moneyKey(draft)}\u001f${draft.accountNumber}`, draft]),
    ).values(),
  ];
  const without = notices.map(({ draft }) => draft).filter((draft) => draft.accountNumber === "");
  const dates = notices
    .map(({ draft }) => draft.valueOn ?? draft.bookedOn)
    .filter((date) => date !== null)
    .sort();
  const [first, last] = [dates[0] ?? null, dates.at(-1) ?? null];
  const rows = await tx.query<
    TransactionRow & { tellings: readonly (StoredTelling | null)[] | null }
  >(
    `SELECT t.*, ${TELLINGS}
       FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[]) AS k(account_number, currency, direction, amount)
       JOIN bank_transaction t ON t.tenant_id = $1 AND t.account_number = k.account_number
        AND t.currency = k.currency AND t.direction = k.direction AND t.amount_minor = k.amount
      WHERE t.value_on IS NULL OR $6::date IS NULL OR t.value_on BETWEEN $6::date AND $7::date
     UNION ALL
     SELECT t.*, ${TELLINGS} FROM bank_transaction t
      WHERE t.tenant_id = $1 AND t.account_number = '' AND (t.uetr = ANY($8::text[]) OR t.end_to_end_id = ANY($9::text[]))
     UNION ALL
     SELECT t.*, ${TELLINGS} FROM bank_transaction t
      WHERE t.tenant_id = $1 AND t.uetr = ANY($10::text[])
     UNION ALL
     SELECT t.*, ${TELLINGS} FROM bank_transaction t
      WHERE t.tenant_id = $1 AND t.end_to_end_id = ANY($11::text[])`,
    [
      tenantId,
      drafts.map((draft) => draft.accountNumber),
      drafts.map((draft) => draft.currency),
      drafts.map((draft) => draft.direction),
      drafts.map((draft) => draft.amountMinor),
      first === null ? null : addDays(first, -CANDIDATE_DAYS),
      last === null ? null : addDays(last, CANDIDATE_DAYS),
      ...referencesOf(notices.map(({ draft }) => draft)),
      ...referencesOf(without),
    ],
  );
  const byId = new Map(rows.map((row) => [row.transaction_id, row]));
  return candidatesOf(
    [...byId.values()].map((row) => transactionOf(row, (row.tellings ?? []).map(reviveTelling))),
  );
}

/** UETRs and end-to-end ids of the notices. */
function referencesOf(drafts: readonly NoticeDraft[]): readonly (readonly string[])[] {
  const references = [drafts.map(({ uetr }) => uetr), drafts.map(({ endToEndId }) => endToEndId)];
  return references.map((list) => [...new Set(list.filter((reference) => reference !== null))]);
}

function candidatesOf(transactions: readonly TransactionState[]): Candidates {
  const byKey = new Map<string, TransactionState[]>();
  const add = (transaction: TransactionState): void => {
    const key = moneyKey(transaction);
    const list = byKey.get(key);
    if (list === undefined) byKey.set(key, [transaction]);
    else list.push(transaction);
  };
  for (const transaction of transactions) add(transaction);
  return {
    of: (draft) =>
      (byKey.get(moneyKey(draft)) ?? []).filter(
        ({ accountNumber }) =>
          accountNumber === draft.accountNumber ||
          accountNumber === "" ||
          draft.accountNumber === "",
      ),
    add,
    remove: (transaction) => {
      const list = byKey.get(moneyKey(transaction)) ?? [];
      list.splice(list.indexOf(transaction), 1);
    },
  };
}

/** The account is left out: a message may not repeat it. */
function moneyKey(item: { currency: string; direction: string; amountMinor: bigint }): string {
  return `${item.currency}\u001f${item.direction}\u001f${item.amountMinor}`;
}

/** A telling as it stands in JSON. */
type StoredTelling = Omit<Telling, "detail"> & { readonly detail: StoredDetail };

function reviveTelling(stored: StoredTelling | null): Telling {
  invariant(stored !== null, "a notice keeps what it told (migration 0007)");
  return { ...stored, detail: reviveDetail(stored.detail) };
}
