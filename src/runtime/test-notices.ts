// A made-up seller's settlements and the bank's notices of their money, for tests of what runs around them.

import { writeCamt054 } from "../bank/iso20022/write-camt.ts";
import { generatedBytes, generateStatement } from "../marketplace/amazon/statement-generator.ts";
import type { Currency } from "../money/currency.ts";
import { money } from "../money/money.ts";
import type { CivilDate, Instant } from "../time/instant.ts";

export const USD = "USD" as Currency;
export const ACCOUNT = "6217000000004821";
export const SELLER = "acme";
const AT = "2026-03-20T02:00:00.000Z" as Instant;
const ON = "2026-03-19" as CivilDate;

/** A proven settlement of the seller and what it owes. */
export function settlement(index: number): { id: string; totalMinor: bigint; bytes: Uint8Array } {
  const id = `1190000${String(index).padStart(4, "0")}`;
  const made = generateStatement({
    seed: index,
    lines: 0,
    settlementId: id,
    currency: USD,
    marketplaceName: "Amazon.com",
    style: { date: "y-m-d", number: "dot", charset: "utf-8" },
    periodStartAt: "2026-03-01T06:12:41.000Z" as Instant,
    periodEndAt: "2026-03-15T06:12:41.000Z" as Instant,
    fixedLines: [
      {
        transactionType: "Order",
        amountType: "ItemPrice",
        amountDescription: "Principal",
        minor: 10_000 + index,
      },
    ],
  });
  return { id, totalMinor: made.totalMinor, bytes: generatedBytes(made) };
}

/** The bank's notice of the settlement's money. */
export function notice(index: number, account = ACCOUNT): Uint8Array {
  const { id, totalMinor } = settlement(index);
  const amount = money(USD, totalMinor);
  const text = writeCamt054({
    messageId: `N${index}`,
    createdAt: AT,
    statements: [
      {
        id: `N${index}`,
        createdAt: AT,
        account: { number: account, currency: "USD" },
        entries: [
          {
            amount,
            direction: "credit",
            bookedOn: ON,
            valueOn: ON,
            servicerReference: `REF${index}`,
            typeCode: "PMNT/RCDT/XBCT",
            transactions: [
              {
                amount,
                payer: { name: "Amazon.com Services LLC" },
                remittance: [`SETTLEMENT ${id}`],
              },
            ],
          },
        ],
      },
    ],
  });
  return Buffer.from(text, "utf8");
}
