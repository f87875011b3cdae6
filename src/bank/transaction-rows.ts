// Bank transactions as rows: loading those that a batch of notices may tell of, writing new and changed ones.

import type { Currency } from "../money/currency.ts";
import type { Money } from "../money/money.ts";
import type { Tx } from "../storage/database.ts";
import { insertRows, jsonText } from "../storage/insert-rows.ts";
import type { CivilDate, Instant } from "../time/instant.ts";
import { addDays } from "../time/instant.ts";
import type { Charge, Direction } from "./message.ts";
import type { NoticeDetail, NoticeDraft, NoticeInBatch } from "./notice.ts";

export type TransactionRole = "incoming" | "returned-to-us" | "undo" | "outside";
export type TransactionStanding = "announced" | "copy" | "booked";

/** One movement of money while a batch is decided. */
export type TransactionState = {
  readonly transactionId: string;
  readonly accountNumber: string;
  readonly currency: Currency;
  readonly direction: Direction;
  readonly reversal: boolean;
  readonly amountMinor: bigint;
  valueOn: CivilDate | null;
  bookedOn: CivilDate | null;
  uetr: string | null;
  servicerRef: string | null;
  endToEndId: string | null;
  instructionId: string | null;
  typeCode: string | null;
  detail: NoticeDetail;
  readonly sellerId: string | null;
  state: TransactionStanding;
  confirmed: boolean;
  storedAt: Instant | null;
  openMinor: bigint;
  readonly role: TransactionRole;
  /** "family/status" of every notice it has. */
  readonly tellings: Set<string>;
  readonly isNew: boolean;
  becameMoney: boolean;
};

export type Candidates = {
  readonly of: (draft: NoticeDraft) => readonly TransactionState[];
  readonly add: (transaction: TransactionState) => void;
};

/** Days around the value date within which another telling of the same money is looked for. */
const CANDIDATE_DAYS = 5;

export async function loadCandidates(
  tx: Tx,
  tenantId: string,
  notices: readonly NoticeInBatch[],
): Promise<Candidates> {
  const keys = new Map(notices.map(({ draft }) => [moneyKey(draft), draft]));
  const dates = notices
    .map(({ draft }) => draft.valueOn ?? draft.bookedOn)
    .filter((date) => date !== null)
    .sort();
  const [first, last] = [dates[0] ?? null, dates.at(-1) ?? null];
  const drafts = [...keys.values()];
  const rows = await tx.query<TransactionRow & { tellings: string[] | null }>(
    `SELECT t.*, (SELECT array_agg(n.family || '/' || n.status) FROM bank_notice n
                   WHERE n.tenant_id = t.tenant_id AND n.transaction_id = t.transaction_id) AS tellings
       FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[]) AS k(account_number, currency, direction, amount)
       JOIN bank_transaction t ON t.tenant_id = $1 AND t.account_number = k.account_number
        AND t.currency = k.currency AND t.direction = k.direction AND t.amount_minor = k.amount
      WHERE t.value_on IS NULL OR $6::date IS NULL OR t.value_on BETWEEN $6::date AND $7::date`,
    [
      tenantId,
      drafts.map((draft) => draft.accountNumber),
      drafts.map((draft) => draft.currency),
      drafts.map((draft) => draft.direction),
      drafts.map((draft) => draft.amountMinor),
      first === null ? null : addDays(first, -CANDIDATE_DAYS),
      last === null ? null : addDays(last, CANDIDATE_DAYS),
    ],
  );
  const byKey = new Map<string, TransactionState[]>();
  const add = (transaction: TransactionState): void => {
    const key = moneyKey(transaction);
    const list = byKey.get(key);
    if (list === undefined) byKey.set(key, [transaction]);
    else list.push(transaction);
  };
  for (const row of rows.sort((a, b) => (a.transaction_id < b.transaction_id ? -1 : 1))) {
    add({ ...transactionOf(row), tellings: new Set(row.tellings ?? []) });
  }
  return { of: (draft) => byKey.get(moneyKey(draft)) ?? [], add };
}

function moneyKey(item: {
  accountNumber: string;
  currency: string;
  direction: string;
  amountMinor: bigint;
}): string {
  return `${item.accountNumber}\u001f${item.currency}\u001f${item.direction}\u001f${item.amountMinor}`;
}

export type TransactionRow = {
  transaction_id: string;
  account_number: string;
  currency: Currency;
  direction: Direction;
  reversal: boolean;
  amount_minor: bigint;
  value_on: CivilDate | null;
  booked_on: CivilDate | null;
  uetr: string | null;
  servicer_ref: string | null;
  end_to_end_id: string | null;
  type_code: string | null;
  detail: StoredDetail;
  seller_id: string | null;
  state: TransactionStanding;
  confirmed: boolean;
  stored_at: Instant | null;
  open_minor: bigint;
  is_open: boolean;
  role: TransactionRole;
};

type StoredMoney = { currency: string; minor: string };
export type StoredDetail = Omit<NoticeDetail, "instructed" | "charges"> & {
  instructed: StoredMoney | null;
  charges: readonly (Omit<Charge, "amount"> & { amount: StoredMoney })[];
};

/** An amount as it stands in JSON: its minor units are a decimal text there. */
function reviveMoney(value: StoredMoney): Money {
  return { currency: value.currency as Currency, minor: BigInt(value.minor) };
}

export function reviveDetail(stored: StoredDetail): NoticeDetail {
  return {
    ...stored,
    instructed: stored.instructed === null ? null : reviveMoney(stored.instructed),
    charges: stored.charges.map((charge) => ({ ...charge, amount: reviveMoney(charge.amount) })),
  };
}

export function transactionOf(row: TransactionRow): TransactionState {
  const detail = reviveDetail(row.detail);
  return {
    transactionId: row.transaction_id,
    accountNumber: row.account_number,
    currency: row.currency,
    direction: row.direction,
    reversal: row.reversal,
    amountMinor: row.amount_minor,
    valueOn: row.value_on,
    bookedOn: row.booked_on,
    uetr: row.uetr,
    servicerRef: row.servicer_ref,
    endToEndId: row.end_to_end_id,
    instructionId: detail.instructionId,
    typeCode: row.type_code,
    detail,
    sellerId: row.seller_id,
    state: row.state,
    confirmed: row.confirmed,
    storedAt: row.stored_at,
    openMinor: row.open_minor,
    role: row.role,
    tellings: new Set(),
    isNew: false,
    becameMoney: false,
  };
}

export async function insertTransactions(
  tx: Tx,
  tenantId: string,
  transactions: readonly TransactionState[],
  now: Instant,
): Promise<void> {
  await insertRows(
    tx,
    "bank_transaction",
    {
      tenant_id: "text",
      transaction_id: "text",
      account_number: "text",
      currency: "text",
      direction: "text",
      reversal: "boolean",
      amount_minor: "bigint",
      value_on: "date",
      booked_on: "date",
      uetr: "text",
      servicer_ref: "text",
      end_to_end_id: "text",
      type_code: "text",
      detail: "jsonb",
      seller_id: "text",
      state: "text",
      confirmed: "boolean",
      stored_at: "timestamptz",
      open_minor: "bigint",
      is_open: "boolean",
      role: "text",
      recorded_at: "timestamptz",
      version: "bigint",
    },
    transactions.map((item) => [
      tenantId,
      item.transactionId,
      item.accountNumber,
      item.currency,
      item.direction,
      item.reversal,
      item.amountMinor,
      item.valueOn,
      item.bookedOn,
      item.uetr,
      item.servicerRef,
      item.endToEndId,
      item.typeCode,
      { ...item.detail, instructionId: item.instructionId },
      item.sellerId,
      item.state,
      item.confirmed,
      item.storedAt,
      item.openMinor,
      item.openMinor > 0n,
      item.role,
      now,
      1,
    ]),
  );
}

export async function updateTransactions(
  tx: Tx,
  tenantId: string,
  transactions: readonly TransactionState[],
): Promise<void> {
  if (transactions.length === 0) return;
  const column = (pick: (item: TransactionState) => unknown) => transactions.map(pick);
  await tx.query(
    `UPDATE bank_transaction t SET value_on = n.value_on, booked_on = n.booked_on, uetr = n.uetr,
            servicer_ref = n.servicer_ref, end_to_end_id = n.end_to_end_id, type_code = n.type_code,
            detail = n.detail, state = n.state, confirmed = n.confirmed, stored_at = n.stored_at,
            open_minor = n.open_minor, is_open = n.open_minor > 0, version = t.version + 1
       FROM unnest($2::text[], $3::date[], $4::date[], $5::text[], $6::text[], $7::text[], $8::text[],
                   $9::text[]::jsonb[], $10::text[], $11::boolean[], $12::timestamptz[], $13::bigint[])
         AS n(transaction_id, value_on, booked_on, uetr, servicer_ref, end_to_end_id, type_code, detail,
              state, confirmed, stored_at, open_minor)
      WHERE t.tenant_id = $1 AND t.transaction_id = n.transaction_id`,
    [
      tenantId,
      column((item) => item.transactionId),
      column((item) => item.valueOn),
      column((item) => item.bookedOn),
      column((item) => item.uetr),
      column((item) => item.servicerRef),
      column((item) => item.endToEndId),
      column((item) => item.typeCode),
      column((item) => jsonText({ ...item.detail, instructionId: item.instructionId })),
      column((item) => item.state),
      column((item) => item.confirmed),
      column((item) => item.storedAt),
      column((item) => item.openMinor),
    ],
  );
}
