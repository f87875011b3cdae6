// A made-up store's month, for tests and measurements: settlements with orders, the payouts that pay them, the bank's notices,
// and reports of orders and parcels. The program itself never imports it.

import { writeCamt054 } from "../bank/iso20022/write-camt.ts";
import type { Currency } from "../money/currency.ts";
import { formatMinor, money } from "../money/money.ts";
import type { CivilDate, Instant } from "../time/instant.ts";

const USD = "USD" as Currency;

export type MadeOrder = {
  readonly id: string;
  /** US cents; the fee is a tenth of it. */
  readonly sale?: bigint;
  readonly refund?: bigint;
};

export type MadeSettlement = {
  readonly id: string;
  readonly account: string;
  readonly orders: readonly MadeOrder[];
};

/** "113-0000001-0000007": of Amazon's shape, of nobody. */
export function orderId(number: number): string {
  return `113-0000001-${String(number).padStart(7, "0")}`;
}

function lines(
  settlement: MadeSettlement,
): readonly (readonly [string, string, string, string, bigint])[] {
  return settlement.orders.flatMap(({ id, sale = 0n, refund = 0n }) => [
    ...(sale > 0n
      ? ([
          ["Order", id, "ItemPrice", "Principal", sale],
          ["Order", id, "ItemFees", "Commission", -sale / 10n],
        ] as const)
      : []),
    ...(refund > 0n ? ([["Refund", id, "ItemPrice", "Principal", -refund]] as const) : []),
  ]);
}

export function totalOf(settlement: MadeSettlement): bigint {
  return lines(settlement).reduce((sum, line) => sum + line[4], 0n);
}

const COLUMNS =
  "settlement-id settlement-start-date settlement-end-date deposit-date total-amount currency transaction-type order-id " +
  "merchant-order-id adjustment-id shipment-id marketplace-name amount-type amount-description amount fulfillment-id " +
  "posted-date posted-date-time order-item-code merchant-order-item-id merchant-adjustment-item-id sku " +
  "quantity-purchased promotion-id";

export function settlementFile(settlement: MadeSettlement) {
  const row = (cells: Readonly<Record<string, string>>) =>
    COLUMNS.split(" ")
      .map((name) => cells[name] ?? "")
      .join("\t");
  const { id } = settlement;
  const text = [
    COLUMNS.split(" ").join("\t"),
    row({
      "settlement-id": id,
      "settlement-start-date": "2026-11-02 05:00:00 UTC",
      "settlement-end-date": "2026-11-16 05:00:00 UTC",
      "deposit-date": "2026-11-18 05:00:00 UTC",
      "total-amount": formatMinor(totalOf(settlement), USD),
      currency: "USD",
    }),
    ...lines(settlement).map(([type, order, amountType, description, minor]) =>
      row({
        "settlement-id": id,
        "transaction-type": type,
        "order-id": order,
        "amount-type": amountType,
        "amount-description": description,
        amount: formatMinor(minor, USD),
        "posted-date": "2026-11-10",
        "posted-date-time": "2026-11-10 05:00:00 UTC",
      }),
    ),
    "",
  ].join("\n");
  return { name: `settlement-${id}.txt`, content: text };
}

export function payoutFile(settlement: MadeSettlement, status = "IN_TRANSIT") {
  const amount = formatMinor(totalOf(settlement), USD);
  const text = JSON.stringify({
    payouts: [
      {
        id: `P${settlement.id}`,
        currentStatus: status,
        amount: { currencyCode: "USD", currencyAmount: "#" },
        accountTail: settlement.account.slice(-4),
        paymentMethod: "BANK_ACCOUNT",
        creationDate: "2026-11-17T06:20:00Z",
        traceId: `TRACE${settlement.id}`,
        relatedIdentifiers: [
          { relatedIdentifierName: "SETTLEMENT_ID", relatedIdentifierValue: settlement.id },
        ],
      },
    ],
  }).replace('"#"', amount);
  return { name: `payout-${settlement.id}-${status}.json`, content: text };
}

export function creditFile(settlement: MadeSettlement, returned = false) {
  const amount = money(USD, totalOf(settlement));
  const createdAt = "2026-11-19T02:00:00.000Z" as Instant;
  const on = "2026-11-19" as CivilDate;
  const content = writeCamt054({
    messageId: `NTF${settlement.id}${returned ? "R" : ""}`,
    createdAt,
    statements: [
      {
        id: `N${settlement.id}${returned ? "R" : ""}`,
        createdAt,
        account: { number: settlement.account, currency: "USD", servicerBic: "TESTCNBJCQX" },
        entries: [
          {
            amount,
            direction: returned ? "debit" : "credit",
            reversal: returned,
            bookedOn: on,
            valueOn: on,
            servicerReference: `CQ${settlement.id}`,
            typeCode: "PMNT/RCDT/XBCT",
            transactions: [
              {
                amount,
                endToEndId: `TRACE${settlement.id}`,
                payer: { name: "Amazon.com Services LLC", bankBic: "CITIUS33XXX", country: "US" },
                payee: { name: "Made-up Exporter", country: "CN" },
              },
            ],
          },
        ],
      },
    ],
  });
  return { name: `credit-${settlement.id}.xml`, content };
}

/** Amazon's orders report with these orders, shipped unless told. */
export function ordersReport(
  orders: readonly { readonly id: string; readonly sale: bigint; readonly status?: string }[],
  name = "orders.txt",
) {
  const head =
    "amazon-order-id\tmerchant-order-id\tpurchase-date\tlast-updated-date\torder-status\tfulfillment-channel\t" +
    "product-name\tsku\tquantity\tcurrency\titem-price\titem-tax\tshipping-price\titem-promotion-discount\tship-country";
  const rows = orders.map(
    ({ id, sale, status = "Shipped" }) =>
      `${id}\t${id}\t2026-11-03T09:00:00+00:00\t2026-11-05T09:00:00+00:00\t${status}\tAmazon\tKettle\tKTL-17\t1\tUSD\t` +
      `${formatMinor(sale, USD)}\t0.00\t\t\tUS`,
  );
  return { name, content: [head, ...rows, ""].join("\n") };
}

/** Amazon's shipments report: each order with its tracking number. */
export function shipmentsReport(
  parcels: readonly (readonly [order: string, tracking: string])[],
  name = "shipments.txt",
) {
  const head =
    "amazon-order-id\tshipment-id\tpurchase-date\tshipment-date\tbuyer-name\tsku\tquantity-shipped\tcurrency\t" +
    "item-price\tcarrier\ttracking-number";
  const rows = parcels.map(
    ([order, tracking]) =>
      `${order}\tD1\t2026-11-03T09:00:00+00:00\t2026-11-04T09:00:00+00:00\tA. Buyer\tKTL-17\t1\tUSD\t10.00\tUPS\t${tracking}`,
  );
  return { name, content: [head, ...rows, ""].join("\n") };
}
