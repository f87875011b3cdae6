// The columns of evidence tables by the names that people and reports give them, in English and Chinese. A column that
// is not here is not read: buyers' names, streets and telephone numbers never leave the raw file.

import type { TableKind } from "./reading.ts";

const NAMES = {
  orderId:
    "order id|order-id|amazon-order-id|order number|order no|订单号|订单编号|平台订单号|交易订单号",
  marketplace: "marketplace|platform|平台|电商平台|平台名称",
  status: "order status|order-status|status|订单状态",
  currency: "currency|币种|币制|交易币种",
  amount:
    "amount|order amount|total|fob|fob amount|declared amount|invoice amount|contract amount|金额|订单金额|货款|总价|申报金额|fob金额|合同金额|发票金额",
  itemPrice: "item-price",
  shippingPrice: "shipping-price",
  wrapPrice: "gift-wrap-price",
  itemPromotion: "item-promotion-discount",
  shippingPromotion: "ship-promotion-discount",
  quantity: "quantity|quantity-shipped|数量|件数",
  orderedAt:
    "ordered at|ordered on|order date|order time|purchase-date|下单时间|下单日期|订单日期|交易时间",
  sku: "sku|article|商品编码|货号|商品货号",
  goods: "goods|product-name|product name|description of goods|品名|商品名称|货物名称",
  buyerCountry: "buyer country|ship-country|country|目的国|买家国家|运抵国",
  mode: "mode|customs mode|supervision code|监管方式|监管方式代码|贸易方式",
  fulfilment: "fulfillment-channel|fulfilment",
  tracking:
    "tracking number|tracking-number|tracking no|物流单号|运单号|快递单号|物流运单编号|跟踪号",
  carrier: "carrier|logistics company|物流公司|物流企业|承运商",
  shippedOn: "shipped on|shipped at|shipment-date|ship date|发货日期|发货时间|揽收日期",
  deliveredOn: "delivered on|delivered at|delivery date|签收日期|妥投日期|签收时间",
  kind: "kind|paper|paper kind|单证类型|单证种类",
  number: "number|paper number|单证号|单证编号",
  declarationNumber:
    "declaration number|customs declaration number|list number|报关单号|报关单编号|清单编号|清单号|申报单号",
  stockingNumber: "stocking order|stocking order number|订仓单号|订仓单编号",
  contractNumber: "contract number|contract no|合同号|合同编号",
  invoiceNumber: "invoice number|invoice no|发票号|发票号码",
  packingNumber: "packing list number|packing list no|装箱单号",
  issuedOn:
    "issued on|declared on|export date|invoice date|contract date|申报日期|出口日期|开票日期|签订日期|单证日期",
  counterparty: "counterparty|customer|buyer company|买方|客户|外商|收货方",
  purpose: "purpose|nature|款项性质|交易性质|用途",
} as const;

export type Column = keyof typeof NAMES;

const BY_NAME: ReadonlyMap<string, Column> = new Map(
  Object.entries(NAMES).flatMap(([column, names]) =>
    names.split("|").map((name) => [plainName(name), column as Column] as const),
  ),
);

/** Names are compared without case, spaces, dashes and what stands in brackets: "Order ID" and "order_id" are one. */
export function plainName(name: string): string {
  return name
    .normalize("NFKC")
    .toLowerCase()
    .replace(/\([^)]*\)/g, "")
    .replace(/[\s_.:#*-]/g, "");
}

export type TableHeader = {
  /** Place of each known column; a column that stands twice is read where it stands first. */
  readonly at: ReadonlyMap<Column, number>;
  readonly kinds: readonly TableKind[];
  /** Amazon's own reports: their marketplace and time stamps are known. */
  readonly report: "amazon-orders-report" | "amazon-shipments-report" | null;
};

const PAPER_NUMBERS = [
  "number",
  "declarationNumber",
  "stockingNumber",
  "contractNumber",
  "invoiceNumber",
  "packingNumber",
] as const satisfies readonly Column[];

/** What a header row is of; null: it is no header of an evidence table. */
export function tableHeaderOf(cells: readonly string[]): TableHeader | null {
  const names = cells.map((cell) => plainName(cell));
  const at = new Map<Column, number>();
  for (const [index, name] of names.entries()) {
    const column = BY_NAME.get(name);
    if (column !== undefined && !at.has(column)) at.set(column, index);
  }
  const has = (...columns: readonly Column[]) => columns.every((column) => at.has(column));
  const kinds: TableKind[] = [];
  if (has("orderId", "currency", "orderedAt") && (has("amount") || has("itemPrice"))) {
    kinds.push("orders");
  }
  if (has("orderId", "tracking", "shippedOn")) kinds.push("shipments");
  if (PAPER_NUMBERS.some((column) => at.has(column)) && !has("itemPrice")) {
    const isNamed = has("mode") || has("kind") || !has("number");
    if (isNamed && (has("mode") || has("kind") || has("amount") || has("orderId"))) {
      kinds.push("papers");
    }
  }
  if (kinds.length === 0) return null;
  return { at, kinds: kindsOfReport(names, kinds), report: reportOf(names) };
}

/** Amazon's shipments report repeats the order's price: its orders come with the orders report. */
function kindsOfReport(
  names: readonly string[],
  kinds: readonly TableKind[],
): readonly TableKind[] {
  return reportOf(names) === "amazon-shipments-report" ? ["shipments"] : kinds;
}

function reportOf(names: readonly string[]): TableHeader["report"] {
  const has = (name: string) => names.includes(plainName(name));
  if (!has("amazon-order-id")) return null;
  if (has("shipment-date") && has("tracking-number")) return "amazon-shipments-report";
  return has("purchase-date") && has("order-status") ? "amazon-orders-report" : null;
}
