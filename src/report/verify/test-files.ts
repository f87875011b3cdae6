// Made-up marketplace and bank files of one seller, small enough to compute in the head, for tests that follow money
// from file to books. Used by tests only; the program never imports it.

import {
  type CamtEntry,
  type CamtTransaction,
  writeCamt053,
  writeCamt054,
} from "../../bank/iso20022/write-camt.ts";
import type { Currency } from "../../money/currency.ts";
import { formatMinor } from "../../money/money.ts";
import type { CivilDate, Instant } from "../../time/instant.ts";
import type { TestFile } from "./test-channel.ts";

export const USD = "USD" as Currency;
export const EUR = "EUR" as Currency;

/** A line of a V2 settlement file: transaction-type, amount-type, amount-description, minor units. */
export type TestLine = readonly [string, string, string, bigint];

export const SALE = (minor: bigint): TestLine => ["Order", "ItemPrice", "Principal", minor];
export const COMMISSION = (minor: bigint): TestLine => ["Order", "ItemFees", "Commission", -minor];
export const ADVERTISING = (minor: bigint): TestLine => [
  "ServiceFee",
  "Cost of Advertising",
  "TransactionTotalAmount",
  -minor,
];

const COLUMNS = (
  "settlement-id settlement-start-date settlement-end-date deposit-date total-amount currency transaction-type " +
  "order-id merchant-order-id adjustment-id shipment-id marketplace-name amount-type amount-description amount " +
  "fulfillment-id posted-date posted-date-time order-item-code merchant-order-item-id " +
  "merchant-adjustment-item-id sku quantity-purchased promotion-id"
).split(" ");

export type TestStatement = {
  readonly id: string;
  readonly currency?: Currency;
  /** "2026-11-01": the period is the fortnight before. */
  readonly endOn: string;
  readonly lines: readonly TestLine[];
  /** Added to the declared total: the file is then not proven. */
  readonly offMinor?: bigint;
};

/** "2026-11-01 08:00:00 UTC". */
function stamp(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** An Amazon settlement report, V2 flat file. */
export function statementFile(statement: TestStatement): TestFile {
  const { id, endOn, lines, currency = USD } = statement;
  const end = Date.parse(`${endOn}T08:00:00Z`);
  const total = lines.reduce((sum, [, , , minor]) => sum + minor, statement.offMinor ?? 0n);
  const row = (cells: Readonly<Record<string, string>>) =>
    COLUMNS.map((name) => cells[name] ?? "").join("\t");
  const summary = row({
    "settlement-id": id,
    "settlement-start-date": stamp(end - 14 * 86_400_000),
    "settlement-end-date": stamp(end),
    "deposit-date": stamp(end + 2 * 86_400_000),
    "total-amount": formatMinor(total, currency),
    currency,
  });
  const rows = lines.map(([type, amountType, description, minor], index) =>
    row({
      "settlement-id": id,
      "transaction-type": type,
      "order-id": `111-0000000-${String(index).padStart(7, "0")}`,
      "marketplace-name": "Amazon.com",
      "amount-type": amountType,
      "amount-description": description,
      amount: formatMinor(minor, currency),
      "posted-date": stamp(end - 86_400_000).slice(0, 10),
      "posted-date-time": stamp(end - 86_400_000),
    }),
  );
  return {
    name: `settlement-${id}.txt`,
    content: `${[COLUMNS.join("\t"), summary, ...rows].join("\n")}\n`,
  };
}

export type TestPayout = {
  readonly id: string;
  readonly minor: bigint;
  readonly currency?: Currency;
  /** The day on which it is sent. */
  readonly on: string;
  readonly trace: string;
  readonly status?: string;
  readonly tail?: string;
};

/** The answer of listPayouts for these payouts; each pays the settlement of its own id. */
export function payoutFile(name: string, payouts: readonly TestPayout[]): TestFile {
  const items = payouts.map((payout) => {
    const { currency = USD, status = "PAID" } = payout;
    return {
      id: payout.id,
      currentStatus: status,
      type: "SCHEDULED",
      amount: { currencyCode: currency, currencyAmount: "AMOUNT" },
      accountTail: payout.tail ?? "8801",
      creationDate: `${payout.on}T09:15:00Z`,
      traceId: payout.trace,
      relatedIdentifiers: [
        { relatedIdentifierName: "SETTLEMENT_ID", relatedIdentifierValue: payout.id },
      ],
    };
  });
  let index = 0;
  const text = JSON.stringify({ payouts: items }, null, 1).replaceAll('"AMOUNT"', () => {
    const payout = payouts[index];
    index += 1;
    return payout === undefined ? "0" : formatMinor(payout.minor, payout.currency ?? USD);
  });
  return { name, content: text };
}

/** Financial event groups with one closed group: the same transfer as another source tells it. */
export function eventGroupFile(
  name: string,
  group: { readonly minor: bigint; readonly endOn: string; readonly status: string },
): TestFile {
  const end = Date.parse(`${group.endOn}T08:00:00Z`);
  const item = {
    FinancialEventGroupId: `22YgYW55IGNhcm5hbCBwbGVhEXAMPLE${group.endOn}`,
    ProcessingStatus: "Closed",
    FundTransferStatus: group.status,
    OriginalTotal: { CurrencyCode: USD, CurrencyAmount: "AMOUNT" },
    FundTransferDate: new Date(end + 86_400_000).toISOString(),
    TraceId: "4B71X6EVENT01",
    AccountTail: "8801",
    BeginningBalance: { CurrencyCode: USD, CurrencyAmount: 0 },
    FinancialEventGroupStart: new Date(end - 14 * 86_400_000).toISOString(),
    FinancialEventGroupEnd: new Date(end).toISOString(),
  };
  const text = JSON.stringify({ payload: { FinancialEventGroupList: [item] } }, null, 1);
  return { name, content: text.replace('"AMOUNT"', formatMinor(group.minor, USD)) };
}

export type TestCredit = {
  readonly minor: bigint;
  readonly currency?: Currency;
  readonly on: string;
  readonly uetr: string;
  readonly text?: string;
  readonly payer?: string;
  readonly charge?: bigint;
  /** Instructed in another currency at this rate. */
  readonly exchanged?: {
    readonly currency: Currency;
    readonly minor: bigint;
    readonly rate: string;
  };
  /** A debit that takes an earlier credit of the same UETR back. */
  readonly reversal?: boolean;
};

export const AMAZON = "Amazon.com Services LLC";

function entryOf(credit: TestCredit): CamtEntry {
  const amount = { currency: credit.currency ?? USD, minor: credit.minor };
  const transaction: CamtTransaction = {
    amount,
    uetr: credit.uetr,
    payer: { name: credit.payer ?? AMAZON, country: "US" },
    remittance: [credit.text ?? "SELLER PROCEEDS"],
    ...(credit.charge === undefined
      ? {}
      : {
          instructedAmount: { ...amount, minor: credit.minor + credit.charge },
          charges: [
            {
              amount: { ...amount, minor: credit.charge },
              direction: "debit",
              included: true,
              bearer: "SHAR",
            },
          ],
        }),
    ...(credit.exchanged === undefined
      ? {}
      : {
          instructedAmount: { currency: credit.exchanged.currency, minor: credit.exchanged.minor },
          exchange: {
            sourceCurrency: credit.exchanged.currency,
            targetCurrency: amount.currency,
            rate: credit.exchanged.rate,
          },
        }),
  };
  return {
    amount,
    direction: credit.reversal === true ? "debit" : "credit",
    ...(credit.reversal === true ? { reversal: true } : {}),
    bookedOn: credit.on as CivilDate,
    valueOn: credit.on as CivilDate,
    servicerReference: `SR${credit.uetr.slice(-6)}${credit.reversal === true ? "R" : ""}`,
    typeCode: "PMNT/RCDT/XBCT",
    transactions: [transaction],
  };
}

export type TestAdvice = {
  readonly id: string;
  readonly account?: string;
  readonly copy?: "DUPL";
  readonly credits: readonly TestCredit[];
};

/** A camt.054 advice on one account. */
export function adviceFile(advice: TestAdvice): TestFile {
  const { id, credits, account = "6222601008801" } = advice;
  const createdAt = `${credits[0]?.on ?? "2026-11-01"}T01:40:00.000Z` as Instant;
  const content = writeCamt054({
    messageId: id,
    createdAt,
    statements: [
      {
        id,
        createdAt,
        ...(advice.copy === undefined ? {} : { copy: advice.copy }),
        account: { number: account, currency: credits[0]?.currency ?? USD },
        entries: credits.map(entryOf),
      },
    ],
  });
  return { name: `${id}.camt054.xml`, content };
}

/** A camt.053 end-of-day statement on one account, with balances that prove it. */
export function dayFile(advice: TestAdvice & { readonly openingMinor: bigint }): TestFile {
  const { id, credits, openingMinor, account = "6222601008801" } = advice;
  const on = (credits[0]?.on ?? "2026-11-01") as CivilDate;
  const currency = credits[0]?.currency ?? USD;
  const createdAt = `${on}T15:40:00.000Z` as Instant;
  const moved = credits.reduce(
    (sum, credit) => sum + (credit.reversal === true ? -credit.minor : credit.minor),
    0n,
  );
  const balance = (code: "OPBD" | "CLBD", minor: bigint) => ({
    code,
    amount: { currency, minor },
    direction: "credit" as const,
    on,
  });
  const content = writeCamt053({
    messageId: id,
    createdAt,
    statements: [
      {
        id,
        createdAt,
        sequence: 1,
        account: { number: account, currency },
        balances: [balance("OPBD", openingMinor), balance("CLBD", openingMinor + moved)],
        entries: credits.map(entryOf),
      },
    ],
  });
  return { name: `${id}.camt053.xml`, content };
}
