// Made-up payouts of made-up sellers, from a seed: the settlement report and the payout list that announce them, and
// the bank's notice of each credit as a camt.054 of its own. The same numbers give the same bytes on every machine.

import { writeCamt054 } from "../src/bank/iso20022/write-camt.ts";
import type { SellerRegistration } from "../src/identity/sellers.ts";
import { randomInteger, seededRandom } from "../src/marketplace/amazon/statement-generator.ts";
import type { Currency } from "../src/money/currency.ts";
import { formatMinor, money } from "../src/money/money.ts";
import type { CivilDate, Instant } from "../src/time/instant.ts";
import { addDays, addWeekdays } from "../src/time/instant.ts";

export const USD = "USD" as Currency;
/** Smallest and largest payout, in US cents. */
const AMOUNT_MINOR_MIN = 10_000;
const AMOUNT_MINOR_MAX = 5_000_000;
const FIRST_PERIOD_START_ON = "2025-01-06" as CivilDate;
const PERIOD_DAYS = 14;
/** Periods after which a seller's dates begin anew: more payouts than periods are more stores' payouts. */
const PERIOD_COUNT = 26;
const PAYER = "Amazon.com Services LLC";
/** Distinct odd factors, so that ids look as scattered as real ones and never repeat. */
const SCATTER = 2_654_435_761;

export type MadePayout = {
  /** Over all sellers, from 0. */
  readonly index: number;
  readonly sellerId: string;
  readonly accountNumber: string;
  readonly settlementId: string;
  readonly traceId: string;
  readonly amountMinor: bigint;
  readonly periodStartOn: CivilDate;
  readonly periodEndOn: CivilDate;
  readonly initiatedOn: CivilDate;
  readonly creditedOn: CivilDate;
};

export type MadeFile = { readonly name: string; readonly text: string; readonly sellerId: string };

export function madeSeller(seller: number): SellerRegistration {
  const id = `seller-${String(seller).padStart(5, "0")}`;
  const number = `62220210${String(seller).padStart(10, "0")}`;
  return { id, legalName: `Made-up Exporter ${seller}`, accounts: [{ number, currency: USD }] };
}

/** Payout `index` of a world with so many sellers: the payouts go round the sellers. */
export function madePayout(index: number, sellerCount: number): MadePayout {
  const { id, accounts } = madeSeller(index % sellerCount);
  const random = seededRandom(index);
  const period = Math.floor(index / sellerCount) % PERIOD_COUNT;
  const periodStartOn = addDays(FIRST_PERIOD_START_ON, period * PERIOD_DAYS);
  const periodEndOn = addDays(periodStartOn, PERIOD_DAYS);
  const initiatedOn = addWeekdays(periodEndOn, 2);
  const scattered = Math.imul(index + 1, SCATTER) >>> 0;
  return {
    index,
    sellerId: id,
    accountNumber: accounts[0]!.number,
    settlementId: `2${String(index).padStart(10, "0")}`,
    traceId: `T${scattered.toString(36).toUpperCase().padStart(7, "0")}Q${index.toString(36).toUpperCase()}`,
    amountMinor: BigInt(randomInteger(random, AMOUNT_MINOR_MIN, AMOUNT_MINOR_MAX)),
    periodStartOn,
    periodEndOn,
    initiatedOn,
    creditedOn: addWeekdays(initiatedOn, 2),
  };
}

const COLUMNS = [
  "settlement-id\tsettlement-start-date\tsettlement-end-date\tdeposit-date\ttotal-amount\tcurrency",
  "transaction-type\torder-id\tmerchant-order-id\tadjustment-id\tshipment-id\tmarketplace-name",
  "amount-type\tamount-description\tamount\tfulfillment-id\tposted-date\tposted-date-time",
  "order-item-code\tmerchant-order-item-id\tmerchant-adjustment-item-id\tsku\tquantity-purchased",
  "promotion-id",
].join("\t");

function at(date: CivilDate): string {
  return `${date} 05:02:31 UTC`;
}

function decimal(minor: bigint): string {
  return formatMinor(minor, USD);
}

/** V2 settlement reports of one seller in one file; each has two lines, sales and the commission on them. */
export function settlementsFile(payouts: readonly MadePayout[]): MadeFile {
  const [first] = payouts;
  return {
    name: `settlements-${first?.sellerId ?? "none"}-${first?.index ?? 0}.txt`,
    text: payouts.map(settlementReport).join(""),
    sellerId: first?.sellerId ?? "",
  };
}

function settlementReport(payout: MadePayout): string {
  const { settlementId, periodStartOn, periodEndOn, initiatedOn, amountMinor } = payout;
  const commission = amountMinor / 7n;
  const line = (type: string, description: string, minor: bigint): string =>
    `${settlementId}\t\t\t\t\t\tOrder\t112-${payout.index}\t\t\t\tAmazon.com\t${type}\t${description}\t` +
    `${decimal(minor)}\tAFN\t${periodStartOn}\t${at(periodStartOn)}\t${payout.index}\t\t\tSKU-1\t1\t`;
  const lines = [
    COLUMNS,
    `${settlementId}\t${at(periodStartOn)}\t${at(periodEndOn)}\t${at(initiatedOn)}\t` +
      `${decimal(amountMinor)}\tUSD${"\t".repeat(18)}`,
    line("ItemPrice", "Principal", amountMinor + commission),
    line("ItemFees", "Commission", -commission),
  ];
  return `${lines.join("\n")}\n`;
}

/** The payouts of one seller as Amazon's listPayouts answers them. */
export function payoutListFile(payouts: readonly MadePayout[]): MadeFile {
  const [first] = payouts;
  const items = payouts.map((payout) => ({
    id: payout.settlementId,
    currentStatus: "IN_TRANSIT",
    amount: {
      currencyCode: "USD",
      // Written as a JSON number below, as Amazon does, without passing through one here.
      currencyAmount: `#${decimal(payout.amountMinor)}#`,
    },
    accountTail: payout.accountNumber.slice(-4),
    paymentMethod: "BANK_ACCOUNT",
    creationDate: `${payout.initiatedOn}T06:20:00Z`,
    traceId: payout.traceId,
    period: {
      startDate: `${payout.periodStartOn}T05:02:31Z`,
      endDate: `${payout.periodEndOn}T05:02:31Z`,
    },
    relatedIdentifiers: [
      { relatedIdentifierName: "SETTLEMENT_ID", relatedIdentifierValue: payout.settlementId },
    ],
  }));
  return {
    name: `payouts-${first?.sellerId ?? "none"}-${first?.index ?? 0}.json`,
    text: JSON.stringify({ payouts: items }).replace(/"#([0-9.]+)#"/g, "$1"),
    sellerId: first?.sellerId ?? "",
  };
}

/** The bank's notice of the payout's credit, as a camt.054 of its own. */
export function creditNotice(payout: MadePayout, createdAt: Instant): Uint8Array {
  const amount = money(USD, payout.amountMinor);
  const { index, creditedOn, traceId } = payout;
  const text = writeCamt054({
    messageId: `NTF${index}`,
    createdAt,
    statements: [
      {
        id: `N${index}`,
        createdAt,
        account: { number: payout.accountNumber, currency: "USD", servicerBic: "TESTCNBJCQX" },
        entries: [
          {
            amount,
            direction: "credit",
            bookedOn: creditedOn,
            valueOn: creditedOn,
            servicerReference: `CQ${String(index).padStart(12, "0")}`,
            typeCode: "PMNT/RCDT/XBCT",
            transactions: [
              {
                amount,
                endToEndId: traceId,
                uetr: uetrOf(index),
                payer: { name: PAYER, bankBic: "CITIUS33XXX", country: "US" },
                payee: { name: `Made-up Exporter`, country: "CN" },
                remittance: [`AMZN ${traceId} SELLER PAYMENT ${payout.settlementId}`],
              },
            ],
          },
        ],
      },
    ],
  });
  return Buffer.from(text, "utf8");
}

/** A version 4 UUID (RFC 9562) that the payout's number makes. */
function uetrOf(index: number): string {
  const random = seededRandom(index ^ 0x5eed);
  const hex = (length: number): string =>
    Array.from({ length }, () => randomInteger(random, 0, 15).toString(16)).join("");
  return `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${index.toString(16).padStart(12, "0")}`;
}
