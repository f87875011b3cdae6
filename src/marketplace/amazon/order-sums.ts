// Sums of each order of a settlement, taken in the same pass as its proof, where evidence is in force: what the buyer
// paid, what was given back, and all that the marketplace booked under the order. An order of ten lines costs three
// additions a line, and no text is made of a line that goes on with the order of the line before.

import { invariant } from "../../errors/invariant.ts";
import type { Currency } from "../../money/currency.ts";
import type { StatementClass, StatementOrder } from "../statement.ts";
import type { ExactSum } from "./exact-sum.ts";
import { addBig, addSafe, emptySum, minorOf, sumOf } from "./exact-sum.ts";
import { isField } from "./flat-header.ts";
import { ORDERS_PER_STATEMENT_MAX } from "./limits.ts";
import type { ScannedLine } from "./line-scanner.ts";
import { decodeBytes, fieldBytes } from "./line-scanner.ts";
import type { OpenGroup, OpenStatement } from "./statement-book.ts";
import type { Classification } from "./vocabulary.ts";

export type OpenOrder = {
  readonly sale: ExactSum;
  readonly refund: ExactSum;
  readonly net: ExactSum;
};

/**
 * What a line adds to besides the order's net: its sale, its refund, or neither ("rest": fees and taxes). "none": the
 * line is of no buyer's order, whatever its order-id says (FBA shipments have theirs in the same column).
 */
export type OrderPart = "sale" | "refund" | "rest" | "none";

/** Transaction types of buyers' orders; the same in the settlement's two formats. */
const ORDER_TYPES =
  /^(?:order|refund|order_retrocharge|refund_retrocharge|chargeback refund|a-to-z guarantee (?:refund|claim)|liquidations(?: adjustments)?)(?: - reversal)?$/i;
const SALE_TYPES = /^(?:order|liquidations)/i;

/** Which sum of its order a line of this transaction type and class goes to. */
export function orderPartOf(transactionType: string, kind: StatementClass): OrderPart {
  const type = transactionType.trim();
  if (!ORDER_TYPES.test(type)) return "none";
  if (kind !== "sales" && kind !== "refunds" && kind !== "promotions") return "rest";
  return SALE_TYPES.test(type) ? "sale" : "refund";
}

/** The part that a group's lines go to, looked up once a group. */
export function partOfGroup(
  group: OpenGroup,
  classify: (transaction: string, type: string, description: string) => Classification,
): OrderPart {
  if (group.orderPart !== null) return group.orderPart;
  const { transactionType, amountType, amountDescription } = group;
  const { class: kind } = classify(transactionType, amountType, amountDescription);
  const part = orderPartOf(transactionType, kind);
  group.orderPart = part;
  return part;
}

/** The order that the lines before were about: most lines go on with it. */
export type OrderCursor = { statement: OpenStatement | null; bytes: string; order: OpenOrder };

export function noOrder(): OrderCursor {
  return { statement: null, bytes: "", order: newOrder() };
}

function newOrder(): OpenOrder {
  return { sale: emptySum(), refund: emptySum(), net: emptySum() };
}

/** The order of a line; null where the line names none or there are too many of them to keep. */
export function orderOfLine(
  cursor: OrderCursor,
  statement: OpenStatement,
  line: ScannedLine,
  field: number,
): OpenOrder | null {
  if (cursor.statement === statement && isField(line, field, cursor.bytes)) return cursor.order;
  const bytes = fieldBytes(line, field);
  const order = orderOf(statement, bytes.trim());
  if (order !== null) {
    cursor.statement = statement;
    cursor.bytes = bytes;
    cursor.order = order;
  }
  return order;
}

/** The order by its id, opened when it is first seen. */
export function orderOf(statement: OpenStatement, id: string): OpenOrder | null {
  const { orders } = statement;
  if (orders === null || id === "") return null;
  const known = orders.get(id);
  if (known !== undefined) return known;
  if (orders.size >= ORDERS_PER_STATEMENT_MAX) {
    statement.orders = null;
    return null;
  }
  const opened = newOrder();
  orders.set(id, opened);
  return opened;
}

/** Adds a safe integer of ten-thousandths. */
export function addToOrder(order: OpenOrder, part: OrderPart, value: number): void {
  addSafe(order.net, value);
  if (part === "sale") addSafe(order.sale, value);
  else if (part === "refund") addSafe(order.refund, value);
}

/** Adds ten-thousandths of any size. */
export function addBigToOrder(order: OpenOrder, part: OrderPart, value: bigint): void {
  addBig(order.net, value);
  if (part === "sale") addBig(order.sale, value);
  else if (part === "refund") addBig(order.refund, value);
}

/** The sums in minor units, in the order in which the orders were first seen; null where they were not taken. */
export function closeOrders(
  statement: OpenStatement,
  currency: Currency | null,
  charset: string,
): readonly StatementOrder[] | null {
  if (statement.orders === null || currency === null) return null;
  return [...statement.orders].map(([id, order]) => ({
    orderId: decodeBytes(id, charset),
    saleMinor: exact(statement, order.sale, currency),
    // Written as money that leaves the seller; told as what the buyer got back.
    refundMinor: -exact(statement, order.refund, currency),
    netMinor: exact(statement, order.net, currency),
  }));
}

function exact(statement: OpenStatement, sum: ExactSum, currency: Currency): bigint {
  const minor = minorOf(sumOf(sum), currency);
  invariant(minor !== null || statement.reasons.length > 0, "an inexact sum has a fault");
  return minor ?? 0n;
}
