// Bank transactions as rows: what a row says, and writing new, changed and absorbed ones.

import type { Currency } from "../money/currency.ts";
import type { Money } from "../money/money.ts";
import type { Tx } from "../storage/database.ts";
import { insertRows, jsonText } from "../storage/insert-rows.ts";
import type { CivilDate, Instant } from "../time/instant.ts";
import type { Charge, Direction } from "./message.ts";
import type { NoticeDetail } from "./notice.ts";
import type { Telling, TransactionRole } from "./tellings.ts";

export type TransactionStanding = "announced" | "copy" | "booked";

/** One movement of money while a batch is decided. */
export type TransactionState = {
  readonly transactionId: string;
  accountNumber: string;
  readonly currency: Currency;
  readonly direction: Direction;
  reversal: boolean;
  readonly amountMinor: bigint;
  valueOn: CivilDate | null;
  bookedOn: CivilDate | null;
  uetr: string | null;
  servicerRef: string | null;
  endToEndId: string | null;
  instructionId: string | null;
  typeCode: string | null;
  detail: NoticeDetail;
  sellerId: string | null;
  state: TransactionStanding;
  confirmed: boolean;
  storedAt: Instant | null;
  openMinor: bigint;
  role: TransactionRole;
  /** What every notice of it says. */
  readonly tellings: Telling[];
  readonly isNew: boolean;
  becameMoney: boolean;
};

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

/** A row on record with what its notices say. */
export function transactionOf(row: TransactionRow, tellings: readonly Telling[]): TransactionState {
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
    tellings: [...tellings],
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
    `UPDATE bank_transaction t SET account_number = n.account_number, reversal = n.reversal, role = n.role,
            seller_id = n.seller_id, value_on = n.value_on, booked_on = n.booked_on, uetr = n.uetr,
            servicer_ref = n.servicer_ref, end_to_end_id = n.end_to_end_id, type_code = n.type_code,
            detail = n.detail, state = n.state, confirmed = n.confirmed, stored_at = n.stored_at,
            open_minor = n.open_minor, is_open = n.open_minor > 0, version = t.version + 1
       FROM unnest($2::text[], $3::date[], $4::date[], $5::text[], $6::text[], $7::text[], $8::text[],
                   $9::text[]::jsonb[], $10::text[], $11::boolean[], $12::timestamptz[], $13::bigint[],
                   $14::text[], $15::boolean[], $16::text[], $17::text[])
         AS n(transaction_id, value_on, booked_on, uetr, servicer_ref, end_to_end_id, type_code, detail,
              state, confirmed, stored_at, open_minor, account_number, reversal, role, seller_id)
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
      column((item) => item.accountNumber),
      column((item) => item.reversal),
      column((item) => item.role),
      column((item) => item.sellerId),
    ],
  );
}

/** The notices of transactions that turned out to be others are the others' now; the rows they leave are gone. */
export async function absorbTransactions(
  tx: Tx,
  tenantId: string,
  absorbed: ReadonlyMap<string, string>,
): Promise<void> {
  if (absorbed.size === 0) return;
  const [from, into] = [[...absorbed.keys()], [...absorbed.values()]];
  await tx.query(
    `UPDATE bank_notice b SET transaction_id = n.into_id
       FROM unnest($2::text[], $3::text[]) AS n(from_id, into_id)
      WHERE b.tenant_id = $1 AND b.transaction_id = n.from_id`,
    [tenantId, from, into],
  );
  await tx.query(
    `DELETE FROM bank_transaction WHERE tenant_id = $1 AND transaction_id = ANY($2::text[]) AND state <> 'booked'`,
    [tenantId, from],
  );
}
