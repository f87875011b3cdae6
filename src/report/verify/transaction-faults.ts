// What a bank transaction must be, given all that the files tell of it: computed from the set of its tellings, as the
// room that recorded it computes it.

import { tellTogether } from "../../bank/tellings.ts";
import {
  reviveDetail,
  type StoredDetail,
  type TransactionRow,
} from "../../bank/transaction-rows.ts";
import { objectId } from "../../ids/object-id.ts";
import { canonicalText, shownMoney, shownValue } from "./compare-fields.ts";
import type { FileTelling } from "./verify-bank-files.ts";

/** A telling as the scratch table gives it back: its amounts are decimal texts. */
export type StoredTelling = Omit<FileTelling, "telling" | "amountMinor"> & {
  readonly amountMinor: string;
  readonly telling: Omit<FileTelling["telling"], "detail"> & { readonly detail: StoredDetail };
};

export type TransactionFault = {
  readonly message: string;
  readonly expected: string | null;
  readonly found: string | null;
};

/** Notes what is not as it must be. */
type Must = (message: string, expected: unknown, found: unknown) => void;

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
  const faults: TransactionFault[] = [];
  const must: Must = (message, expected, found) => {
    if (canonicalText(expected) === canonicalText(found)) return;
    faults.push({ message, expected: shownValue(expected), found: shownValue(found) });
  };
  judgeMoney(row, tellings, must);
  judgeFields(row, tellings, must);
  judgeState(row, tellings, must);
  must("seller_id is not the owner of its account", owner, row.seller_id);
  return faults;
}

/** What all tellings of one movement of money have in common. */
function judgeMoney(row: TransactionRow, tellings: readonly StoredTelling[], must: Must): void {
  for (const told of tellings) {
    must("currency differs from its notice's", told.currency, row.currency);
    must("direction differs from its notice's", told.direction, row.direction);
    must(
      "amount_minor differs from its notice's",
      shownMoney(told.currency, BigInt(told.amountMinor)),
      shownMoney(told.currency, row.amount_minor),
    );
  }
  const ids = tellings.map((told) =>
    objectId(told.direction === "credit" ? "cr" : "db", told.identity, told.occurrence),
  );
  if (!ids.includes(row.transaction_id as (typeof ids)[number])) {
    must("its id is not made of one of its notices", ids[0], row.transaction_id);
  }
}

/** Dates, references, who paid, what was deducted on the way: what matching and release decide by. */
function judgeFields(row: TransactionRow, tellings: readonly StoredTelling[], must: Must): void {
  const { detail, role, ...told } = tellTogether(
    row.direction,
    tellings.map(({ telling }) => ({ ...telling, detail: reviveDetail(telling.detail) })),
  );
  const columns = {
    account_number: told.accountNumber,
    reversal: told.reversal,
    value_on: told.valueOn,
    booked_on: told.bookedOn,
    uetr: told.uetr,
    servicer_ref: told.servicerRef,
    end_to_end_id: told.endToEndId,
    type_code: told.typeCode,
  } as const;
  for (const [name, value] of Object.entries(columns)) {
    must(`${name} is not what its notices tell`, value, row[name as keyof typeof columns]);
  }
  const found = reviveDetail(row.detail);
  const expected = { ...detail, instructionId: told.instructionId };
  const names = new Set([...Object.keys(expected), ...Object.keys(found)]);
  for (const name of names as Set<keyof typeof expected>) {
    must(`${name} is not what its notices tell`, expected[name], found[name]);
  }
  // Money that was matched before a notice told that it is a return stays incoming money.
  const stays = row.role === "incoming" && row.open_minor !== row.amount_minor;
  if (!stays) must("role is not what its notices tell", role, row.role);
}

/** Money once one telling says so; confirmed once an end-of-day statement has it. */
function judgeState(row: TransactionRow, tellings: readonly StoredTelling[], must: Must): void {
  const money = tellings.filter((told) => told.isMoney);
  const standing = tellings.every(({ telling }) => telling.copy) ? "copy" : "announced";
  const state = money.length > 0 ? "booked" : standing;
  must("its state is not what its notices make of it", state, row.state);
  const storedAt = money.map((told) => told.storedAt);
  const fits = row.stored_at === null ? money.length === 0 : storedAt.includes(row.stored_at);
  if (!fits) must("stored_at is not what its notices tell", storedAt[0], row.stored_at);
  const confirmed = tellings.some((told) => told.isConfirming);
  must("confirmed is not what its notices tell", confirmed, row.confirmed);
}
