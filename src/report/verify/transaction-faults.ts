// What a bank transaction must be, given all that the files tell of it. The order in which the tellings came is not
// on record, so a field that the first telling fills must be that of one of them, and empty only if all are.

import {
  reviveDetail,
  type StoredDetail,
  type TransactionRow,
} from "../../bank/transaction-rows.ts";
import { objectId } from "../../ids/object-id.ts";
import { canonicalText, shownMoney, shownValue } from "./compare-fields.ts";
import type { Telling } from "./verify-bank-file.ts";

/** A telling as the scratch table gives it back: its amounts are decimal texts. */
export type StoredTelling = Omit<Telling, "draft"> & {
  readonly draft: Omit<Telling["draft"], "amountMinor" | "detail"> & {
    readonly amountMinor: string;
    readonly detail: StoredDetail;
  };
};

export type TransactionFault = {
  readonly message: string;
  readonly expected: string | null;
  readonly found: string | null;
};

/** Collects what is not as it must be. */
type Judge = {
  readonly must: (message: string, expected: unknown, found: unknown) => void;
  /** One of the values told; null only if none is. */
  readonly mustBeTold: (name: string, told: readonly unknown[], found: unknown) => void;
  readonly faults: readonly TransactionFault[];
};

function judge(): Judge {
  const faults: TransactionFault[] = [];
  return {
    faults,
    must: (message, expected, found) => {
      if (canonicalText(expected) === canonicalText(found)) return;
      faults.push({ message, expected: shownValue(expected), found: shownValue(found) });
    },
    mustBeTold: (name, told, found) => {
      const values = told.filter((value) => value !== null && value !== undefined);
      const fits =
        values.length === 0
          ? found === null
          : values.some((value) => canonicalText(value) === canonicalText(found));
      if (fits) return;
      const message = `${name} is not what its notices tell`;
      faults.push({ message, expected: shownValue(values[0]), found: shownValue(found) });
    },
  };
}

/** `owner`: whose the account is. */
export function transactionFaults(
  row: TransactionRow,
  tellings: readonly StoredTelling[],
  owner: string | null,
): readonly TransactionFault[] {
  if (tellings.length === 0) {
    const found = `${shownMoney(row.currency, row.amount_minor)}, ${row.state}`;
    return [{ message: "no file tells of it", expected: null, found }];
  }
  const judged = judge();
  judgeMoney(row, tellings, judged);
  judgeFields(row, tellings, judged);
  judgeDetail(row, tellings, judged);
  judgeState(row, tellings, judged);
  judged.must("seller_id is not the owner of its account", owner, row.seller_id);
  return judged.faults;
}

/** What all tellings of one movement of money have in common. */
function judgeMoney(
  row: TransactionRow,
  tellings: readonly StoredTelling[],
  { must, mustBeTold }: Judge,
): void {
  must(
    "reversal differs from its notices'",
    tellings.some(({ draft }) => draft.reversal),
    row.reversal,
  );
  for (const { draft } of tellings) {
    // A return may leave the account out; its other tellings name it.
    if (draft.accountNumber !== "")
      must("account_number differs from its notice's", draft.accountNumber, row.account_number);
    must("currency differs from its notice's", draft.currency, row.currency);
    must("direction differs from its notice's", draft.direction, row.direction);
    must(
      "amount_minor differs from its notice's",
      shownMoney(draft.currency, BigInt(draft.amountMinor)),
      shownMoney(draft.currency, row.amount_minor),
    );
  }
  mustBeTold("transaction_id", tellings.map(transactionIdOf), row.transaction_id);
}

function transactionIdOf({ draft, occurrence }: StoredTelling): string {
  return objectId(draft.direction === "credit" ? "cr" : "db", draft.identity, occurrence);
}

function judgeFields(
  row: TransactionRow,
  tellings: readonly StoredTelling[],
  { mustBeTold }: Judge,
): void {
  const columns = [
    ["value_on", "valueOn"],
    ["booked_on", "bookedOn"],
    ["uetr", "uetr"],
    ["servicer_ref", "servicerRef"],
    ["end_to_end_id", "endToEndId"],
    ["type_code", "typeCode"],
  ] as const;
  for (const [column, field] of columns) {
    const told = tellings.map(({ draft }) => draft[field]);
    mustBeTold(column, told, row[column]);
  }
}

/** Who paid, what was deducted on the way, which references: what matching and release decide by. */
function judgeDetail(
  row: TransactionRow,
  tellings: readonly StoredTelling[],
  { must, mustBeTold }: Judge,
): void {
  const found = reviveDetail(row.detail);
  const details = tellings.map(({ draft }) => reviveDetail(draft.detail));
  const fields = [
    "payer",
    "ultimatePayer",
    "payerAgent",
    "instructed",
    "exchange",
    "purpose",
    "returned",
    "transactionId",
  ] as const;
  for (const field of fields) {
    const told = details.map((detail) => detail[field]);
    mustBeTold(field, told, found[field]);
  }
  const instructions = tellings.map(({ draft }) => draft.instructionId);
  mustBeTold("instructionId", instructions, found.instructionId);
  const charges = details.map((detail) => detail.charges).filter((list) => list.length > 0);
  mustBeTold("charges", charges.length > 0 ? charges : [[]], found.charges);
  const lines = new Set(details.flatMap((detail) => detail.remittance));
  must("remittance is not what its notices tell", [...lines].sort(), found.remittance);
}

/** Money once one telling says so; confirmed once an end-of-day statement has it. */
function judgeState(
  row: TransactionRow,
  tellings: readonly StoredTelling[],
  { must, mustBeTold }: Judge,
): void {
  const money = tellings.filter((telling) => telling.isMoney);
  const standing = tellings.every(({ draft }) => draft.copy) ? "copy" : "announced";
  const state = money.length > 0 ? "booked" : standing;
  must("its state is not what its notices make of it", state, row.state);
  const storedAt = money.map((telling) => telling.storedAt);
  mustBeTold("stored_at", storedAt, row.stored_at);
  const confirmed = tellings.some((telling) => telling.isConfirming);
  must("confirmed is not what its notices tell", confirmed, row.confirmed);
  const roles = tellings.map((telling) => telling.role);
  mustBeTold("role", roles, row.role);
}
