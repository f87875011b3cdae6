// The old settlement flat file (36 columns, 33 when the period had no promotion; withdrawn by
// Amazon on 2026-03-25, kept for archives). Nine amount columns, and one row may fill two of them
// (ServiceFee: the fee in item-related-fee-amount, its tax in other-fee-amount). Amounts may carry
// trailing spaces: "321.69    ".

import type { Reason } from "../../errors/refusal.ts";
import type { MarketplaceReading, ReadOptions } from "../reading.ts";
import { takeAmount } from "./amount-evidence.ts";
import { addBig } from "./exact-sum.ts";
import type { FlatLayout, FlatReader } from "./flat-file.ts";
import { readFlatFile } from "./flat-file.ts";
import type { Columns } from "./flat-header.ts";
import { GROUPS_PER_STATEMENT_MAX } from "./limits.ts";
import type { ScannedLine } from "./line-scanner.ts";
import { fieldBytes, isBlankField } from "./line-scanner.ts";
import { addBigToOrder, orderOf, partOfGroup } from "./order-sums.ts";
import { amazonReason } from "./reasons.ts";
import type { OpenStatement } from "./statement-book.ts";
import { addFault, groupOf } from "./statement-book.ts";
import { classifyLine } from "./vocabulary.ts";

/**
 * Amount column → the amount-type that V2 gives the same money, and the column of its description.
 * Where V1 has no description column the transaction-type is the description ("Subscription Fee" in
 * other-amount).
 */
const AMOUNT_COLUMNS = [
  ["price-amount", "ItemPrice", "price-type"],
  ["item-related-fee-amount", "ItemFees", "item-related-fee-type"],
  ["promotion-amount", "Promotion", "promotion-type"],
  ["shipment-fee-amount", "ShipmentFees", "shipment-fee-type"],
  ["order-fee-amount", "OrderFees", "order-fee-type"],
  ["misc-fee-amount", "MiscFee", null],
  ["other-fee-amount", "OtherFee", "other-fee-reason-description"],
  ["direct-payment-amount", "DirectPayment", "direct-payment-type"],
  ["other-amount", "other-transaction", null],
] as const;

const REQUIRED = [
  "settlement-id",
  "settlement-start-date",
  "settlement-end-date",
  "total-amount",
  "currency",
  "transaction-type",
  "price-amount",
  "item-related-fee-amount",
  "other-amount",
] as const;

type AmountColumn = {
  readonly name: string;
  readonly amountType: string;
  readonly amount: number;
  readonly description: number;
};

/** Reads a V1 flat file. `lineCount` counts rows; a row with two amounts counts in two groups. */
export function readSettlementV1(
  source: AsyncIterable<Uint8Array>,
  options: ReadOptions = {},
): Promise<MarketplaceReading> {
  let amounts: readonly AmountColumn[] = [];
  let named = { transaction: -1, order: -1 };
  let quantity = -1;
  const layout: FlatLayout = {
    format: "amazon-settlement-v1",
    requiredColumns: REQUIRED,
    amountColumns: AMOUNT_COLUMNS.map(([name]) => name),
    seeHeader: (columns) => {
      amounts = amountColumns(columns);
      named = { transaction: columns.at("transaction-type"), order: columns.at("order-id") };
      quantity = columns.at("quantity-purchased");
    },
    readLine: (reader, statement, line) => {
      const filled = amounts.filter((column) => !isBlankField(line, column.amount));
      // Real files have rows that only say how many were bought; they move no money.
      if (filled.length === 0 && isBlankField(line, quantity)) {
        addFault(statement, "amount-missing", line.number);
      }
      for (const column of filled) {
        const refusal = addAmount(reader, statement, line, column, named);
        if (refusal !== null) return refusal;
      }
      return null;
    },
  };
  return readFlatFile(source, layout, options);
}

function amountColumns(columns: Columns): readonly AmountColumn[] {
  return AMOUNT_COLUMNS.map(([name, amountType, description]) => ({
    name,
    amountType,
    amount: columns.at(name),
    description: description === null ? -1 : columns.at(description),
  })).filter((column) => column.amount >= 0);
}

function addAmount(
  reader: FlatReader,
  statement: OpenStatement,
  line: ScannedLine,
  column: AmountColumn,
  named: { readonly transaction: number; readonly order: number },
): Reason | null {
  const transaction = fieldBytes(line, named.transaction).trim();
  const written = fieldBytes(line, column.description).trim();
  const description = written === "" ? transaction : written;
  const group = groupOf(
    reader.book,
    statement,
    transaction,
    column.amountType,
    description,
    line.number,
  );
  if (group === null) {
    const detail = `more than ${GROUPS_PER_STATEMENT_MAX}`;
    return amazonReason("too-many-groups", line.number, detail);
  }
  group.lineCount += 1;
  const part = statement.orders === null ? "none" : partOfGroup(group, classifyLine);
  const order = part === "none" ? null : orderOf(statement, fieldBytes(line, named.order).trim());
  takeAmount(reader.amounts, {
    statement,
    text: fieldBytes(line, column.amount),
    line: line.number,
    exponent: reader.exponent,
    field: column.name,
    apply: (value) => {
      addBig(group.sum, value);
      if (order !== null) addBigToOrder(order, part, value);
    },
  });
  return null;
}
