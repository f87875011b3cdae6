// Collects rows into orders, parcels and papers: an order has a row for each article, a customs list one for each order.

import type { Reason } from "../errors/refusal.ts";
import type { Currency } from "../money/currency.ts";
import {
  amountCell,
  type Cells,
  countCell,
  currencyCell,
  customsModeOf,
  dateCell,
  instantCell,
  marketplaceCell,
  maybeText,
  modeCell,
  needText,
  RowRejected,
  reject,
} from "./cells.ts";
import type { Column, TableHeader } from "./columns.ts";
import { REJECTED_LISTED_MAX, SKUS_PER_ORDER_MAX } from "./limits.ts";
import {
  type OrderStatus,
  type OrderTold,
  PAPER_KINDS,
  type PaperKind,
  type PaperOrder,
  type PaperTold,
  plainNumber,
  type ShipmentTold,
  type TableKind,
} from "./reading.ts";

export type Collected = {
  readonly orders: Map<string, OrderTold>;
  readonly shipments: Map<string, ShipmentTold>;
  readonly papers: Map<string, PaperTold>;
  readonly rejected: Reason[];
  rejectedCount: number;
};

export function nothingCollected(): Collected {
  return {
    orders: new Map(),
    shipments: new Map(),
    papers: new Map(),
    rejected: [],
    rejectedCount: 0,
  };
}

const TAKERS: Readonly<
  Record<TableKind, (into: Collected, cells: Cells, header: TableHeader) => void>
> = { orders: takeOrder, shipments: takeShipment, papers: takePapers };

/** Takes one row as what its table is of; a row that cannot be read is kept with its reason. */
export function takeRow(into: Collected, cells: Cells, header: TableHeader): void {
  try {
    for (const kind of header.kinds) TAKERS[kind](into, cells, header);
  } catch (error) {
    if (!(error instanceof RowRejected)) throw error;
    into.rejectedCount += 1;
    if (into.rejected.length < REJECTED_LISTED_MAX) into.rejected.push(error.reason);
  }
}

const STATUSES: readonly (readonly [RegExp, OrderStatus])[] = [
  [/cancel|取消|关闭/i, "cancelled"],
  [/unshipped|partiallyshipped|unfulfil|invoiceunconfirmed|待发货|未发货/i, "unshipped"],
  [/pending|待付款/i, "pending"],
  [/shipp|deliver|complete|已发货|已完成|已签收/i, "shipped"],
];

function statusOf(cells: Cells): OrderStatus {
  const text = cells.of("status");
  if (text === "") return "unshipped";
  const plain = text.replace(/[\s_-]/g, "");
  const found = STATUSES.find(([pattern]) => pattern.test(plain));
  if (found === undefined) reject(cells, "status-unknown", `"${text}" is no status of an order.`);
  return found[1];
}

/** Columns of Amazon's report that make the sale, and those that take from it. */
const ADDED = ["itemPrice", "shippingPrice", "wrapPrice"] as const;
const TAKEN = ["itemPromotion", "shippingPromotion"] as const;

function saleOf(cells: Cells, header: TableHeader, currency: Currency): bigint {
  if (!header.at.has("itemPrice")) {
    const amount = amountCell(cells, "amount", currency);
    if (amount === null) reject(cells, "cell-missing", "the amount is missing.");
    return amount;
  }
  const sum = (columns: readonly Column[]) =>
    columns.reduce((total, column) => total + (discount(cells, column, currency) ?? 0n), 0n);
  const sale = sum(ADDED) - sum(TAKEN);
  return sale > 0n ? sale : 0n;
}

/** Promotions are written with and without their minus. */
function discount(cells: Cells, column: Column, currency: Currency): bigint | null {
  const minor = amountCell(cells, column, currency);
  return minor !== null && minor < 0n ? -minor : minor;
}

function takeOrder(into: Collected, cells: Cells, header: TableHeader): void {
  const orderId = needText(cells, "orderId", "the order id");
  const marketplace =
    header.report === null ? marketplaceCell(cells, orderId) : ("amazon" as const);
  const status = statusOf(cells);
  // Amazon leaves price and currency of cancelled and pending orders empty: they earn nothing.
  const isBare = cells.of("currency") === "" && (status === "cancelled" || status === "pending");
  const key = `${marketplace}\u001f${orderId}`;
  const known = into.orders.get(key);
  const currency = isBare ? (known?.currency ?? ("USD" as Currency)) : currencyCell(cells);
  const amountMinor = isBare ? 0n : saleOf(cells, header, currency);
  if (amountMinor < 0n) reject(cells, "amount-negative", "the amount of an order is below zero.");
  const quantity = countCell(cells, "quantity") ?? 1n;
  const mode = modeCell(cells);
  const sku = maybeText(cells, "sku", "the article");
  if (known !== undefined) {
    if (!isBare && known.currency !== currency && known.amountMinor > 0n) {
      reject(cells, "currency-differs", `order ${orderId} stands in two currencies.`);
    }
    into.orders.set(key, {
      ...known,
      currency,
      status: worse(known.status, status),
      amountMinor: known.amountMinor + amountMinor,
      quantity: known.quantity + quantity,
      detail: {
        ...known.detail,
        mode: known.detail.mode ?? mode,
        skus: withSku(known.detail.skus, sku),
      },
    });
    return;
  }
  const fulfilment = cells.of("fulfilment").toLowerCase();
  into.orders.set(key, {
    marketplace,
    orderId,
    status,
    currency,
    amountMinor,
    quantity,
    orderedAt: instantCell(cells, "orderedAt", "the time of the order"),
    detail: {
      goods: maybeText({ ...cells, of: shortened(cells) }, "goods", "the goods"),
      skus: withSku([], sku),
      buyerCountry: maybeText(cells, "buyerCountry", "the country"),
      fulfilment:
        fulfilment === "" ? null : /^(amazon|afn|fba)/.test(fulfilment) ? "marketplace" : "seller",
      mode,
    },
    line: cells.line,
  });
}

/** A title of goods may be long, and is only shown: cut, not rejected. */
const GOODS_LENGTH_MAX = 120;
function shortened(cells: Cells): Cells["of"] {
  return (column) => cells.of(column).slice(0, GOODS_LENGTH_MAX);
}

function withSku(skus: readonly string[], sku: string | null): readonly string[] {
  return sku === null || skus.includes(sku) || skus.length >= SKUS_PER_ORDER_MAX
    ? skus
    : [...skus, sku];
}

/** An order is as far as the least of its articles; a cancelled article does not cancel the others. */
function worse(left: OrderStatus, right: OrderStatus): OrderStatus {
  if (left === "cancelled") return right;
  if (right === "cancelled") return left;
  if (left === "pending" || right === "pending") return "pending";
  return left === "unshipped" || right === "unshipped" ? "unshipped" : "shipped";
}

function takeShipment(into: Collected, cells: Cells, header: TableHeader): void {
  const orderId = needText(cells, "orderId", "the order id");
  // A table of orders that are not sent yet leaves the parcel's columns empty.
  if (header.kinds.includes("orders") && cells.of("tracking") === "") return;
  const marketplace = header.report === null ? marketplaceCell(cells, orderId) : "amazon";
  const tracking = plainNumber(needText(cells, "tracking", "the tracking number"));
  if (!/\p{N}/u.test(tracking) || tracking.length < 5) {
    reject(cells, "tracking-unreadable", `"${cells.of("tracking")}" is no tracking number.`);
  }
  const shippedOn = dateCell(cells, "shippedOn", "the day of dispatch");
  if (shippedOn === null) reject(cells, "cell-missing", "the day of dispatch is missing.");
  const key = `${marketplace}\u001f${orderId}\u001f${tracking}`;
  const quantity = header.kinds.includes("orders") ? null : countCell(cells, "quantity");
  const known = into.shipments.get(key);
  into.shipments.set(key, {
    marketplace,
    orderId,
    tracking,
    carrier: maybeText(cells, "carrier", "the carrier") ?? known?.carrier ?? "",
    shippedOn: known === undefined || shippedOn < known.shippedOn ? shippedOn : known.shippedOn,
    deliveredOn:
      dateCell(cells, "deliveredOn", "the day of delivery") ?? known?.deliveredOn ?? null,
    quantity: quantity === null ? (known?.quantity ?? null) : quantity + (known?.quantity ?? 0n),
    line: known?.line ?? cells.line,
  });
}

const NUMBER_KINDS = [
  ["stockingNumber", "stocking-order"],
  ["contractNumber", "contract"],
  ["invoiceNumber", "invoice"],
  ["packingNumber", "packing-list"],
] as const satisfies readonly (readonly [Column, PaperKind])[];

const KIND_NAMES: readonly (readonly [RegExp, PaperKind])[] = [
  [/报关单/, "customs-declaration"],
  [/清单/, "customs-list"],
  [/订仓/, "stocking-order"],
  [/保税|账册/, "bonded-record"],
  [/合同/, "contract"],
  [/发票/, "invoice"],
  [/装箱/, "packing-list"],
];

/** What a customs paper of a mode is when nobody says so. */
function customsKindOf(mode: string | null): PaperKind {
  if (mode === "9610") return "customs-list";
  return mode === "1210" ? "bonded-record" : "customs-declaration";
}

function kindCell(cells: Cells): PaperKind | null {
  const text = cells.of("kind");
  if (text === "") return null;
  const plain = text.toLowerCase().replace(/[\s_]+/g, "-");
  const found =
    PAPER_KINDS.find((kind) => kind === plain) ?? KIND_NAMES.find(([name]) => name.test(text))?.[1];
  if (found === undefined) {
    reject(cells, "paper-unknown", `"${text}" is no paper (${PAPER_KINDS.join(", ")}).`);
  }
  return found;
}

/** One row may name several papers of one order: its declaration, contract, invoice and packing list. */
function takePapers(into: Collected, cells: Cells, header: TableHeader): void {
  const mode = customsModeOf(modeCell(cells));
  const told = kindCell(cells);
  const named: [PaperKind, string][] = [];
  const declaration = cells.of("declarationNumber");
  if (declaration !== "") {
    named.push([
      told ?? customsKindOf(mode),
      needText(cells, "declarationNumber", "the paper's number"),
    ]);
  }
  for (const [column, kind] of NUMBER_KINDS) {
    if (cells.of(column) !== "") named.push([kind, needText(cells, column, "the paper's number")]);
  }
  if (named.length === 0 || header.at.has("number")) {
    const generic = maybeText(cells, "number", "the paper's number");
    if (generic !== null) named.push([told ?? customsKindOf(mode), generic]);
  }
  if (named.length === 0) {
    // A table of orders may carry columns of papers that are empty for most of them.
    if (header.kinds.includes("orders")) return;
    reject(cells, "cell-missing", "the number of the paper is missing.");
  }
  for (const [kind, number] of named) addPaper(into, cells, { kind, mode, number }, header);
}

function addPaper(
  into: Collected,
  cells: Cells,
  paper: Pick<PaperTold, "kind" | "mode" | "number">,
  header: TableHeader,
): void {
  const number = plainNumber(paper.number);
  const isOfOrders = header.kinds.includes("orders");
  const currency = cells.of("currency") === "" ? null : currencyCell(cells);
  // Beside an order's own amount a paper's is not told.
  const amount = currency === null || isOfOrders ? null : amountCell(cells, "amount", currency);
  const orderId = maybeText(cells, "orderId", "the order id");
  const orders: PaperOrder[] =
    orderId === null
      ? []
      : [{ marketplace: marketplaceCell(cells, orderId), orderId, amountMinor: amount }];
  const sku = isOfOrders ? null : maybeText(cells, "sku", "the article");
  const goods = sku === null ? [] : [{ sku, quantity: countCell(cells, "quantity") ?? 0n }];
  const key = `${paper.kind}\u001f${number}`;
  const known = into.papers.get(key);
  if (known !== undefined && paper.mode !== null && known.mode !== null) {
    if (known.mode !== paper.mode) {
      reject(cells, "mode-differs", `paper ${paper.number} stands under two modes.`);
    }
  }
  const knownCurrency = known?.currency ?? null;
  if (knownCurrency !== null && currency !== null && knownCurrency !== currency) {
    reject(cells, "currency-differs", `paper ${paper.number} stands in two currencies.`);
  }
  into.papers.set(key, {
    kind: paper.kind,
    mode: known?.mode ?? paper.mode,
    number,
    counterparty: known?.counterparty ?? maybeText(cells, "counterparty", "the counterparty"),
    currency: known?.currency ?? currency,
    amountMinor: sumOf(known?.amountMinor ?? null, amount),
    issuedOn: known?.issuedOn ?? dateCell(cells, "issuedOn", "the paper's day"),
    purpose: known?.purpose ?? maybeText(cells, "purpose", "the purpose"),
    orders: [...(known?.orders ?? []), ...orders],
    goods: [...(known?.goods ?? []), ...goods],
    line: known?.line ?? cells.line,
  });
}

function sumOf(left: bigint | null, right: bigint | null): bigint | null {
  return left === null ? right : left + (right ?? 0n);
}
