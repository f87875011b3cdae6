// One seller's story with everything that moves money: proven and quarantined statements, a charge on the way, the
// bank's own exchange, a return after release, money that came before anyone said whose it is. For the tests of what
// reads books. Used by tests only; the program never imports it.

import type { SellerRegistration } from "../../identity/sellers.ts";
import type { TestChannel, TestFile } from "./test-channel.ts";
import {
  ADVERTISING,
  adviceFile,
  COMMISSION,
  dayFile,
  EUR,
  payoutFile,
  SALE,
  statementFile,
  type TestCredit,
} from "./test-files.ts";

export const SELLER: SellerRegistration = {
  id: "jiangbei-lamps",
  legalName: "Chongqing Jiangbei Lamps Co., Ltd.",
  accounts: [
    { number: "6222601008801", currency: "USD" },
    { number: "6222601008801", currency: "EUR" },
  ],
};

const uetr = (last: number) => `3b9b1c52-6f0e-4a6d-9d4c-${String(last).padStart(12, "0")}`;

/** USD 1,000.00 sold, 150.00 commission: 850.00 to come, of which 15.00 stay on the way. */
const SHORT: TestCredit = {
  minor: 83_500n,
  on: "2026-11-05",
  uetr: uetr(1),
  text: "PAYOUT 4B71X6KQWZPL2M",
  charge: 1_500n,
};
/** USD 400.00, released and then returned. */
const RETURNED: TestCredit = {
  minor: 40_000n,
  on: "2026-11-10",
  uetr: uetr(2),
  text: "PAYOUT 4B71X6NNT8RD5C",
};
/** Nothing explains it. */
const STRANGE: TestCredit = {
  minor: 8_800n,
  on: "2026-11-05",
  uetr: uetr(3),
  payer: "Somebody Else Ltd",
};

export const STORY: readonly TestFile[] = [
  statementFile({
    id: "31100000001",
    endOn: "2026-11-01",
    lines: [SALE(100_000n), COMMISSION(15_000n)],
  }),
  statementFile({
    id: "31100000002",
    endOn: "2026-11-08",
    lines: [SALE(50_000n), COMMISSION(10_000n)],
  }),
  statementFile({
    id: "31100000003",
    endOn: "2026-11-15",
    lines: [SALE(20_000n), ADVERTISING(5_000n)],
    offMinor: 1n,
  }),
  // Nothing to pay out: more was spent on advertising than was sold.
  statementFile({
    id: "31100000004",
    endOn: "2026-11-16",
    lines: [SALE(1_000n), ADVERTISING(3_000n)],
  }),
  statementFile({ id: "31100000005", endOn: "2026-11-12", lines: [SALE(30_000n)] }),
  payoutFile("payouts.json", [
    { id: "31100000001", minor: 85_000n, on: "2026-11-02", trace: "4B71X6KQWZPL2M" },
    { id: "31100000002", minor: 40_000n, on: "2026-11-09", trace: "4B71X6NNT8RD5C" },
    { id: "31100000003", minor: 15_001n, on: "2026-11-16", trace: "4B71X6VC3YHF0A" },
    { id: "31100000005", minor: 30_000n, on: "2026-11-13", trace: "4B71X6VC3YHF7Q" },
  ]),
  adviceFile({ id: "NTF1", credits: [SHORT, STRANGE] }),
  adviceFile({ id: "NTF2", credits: [RETURNED] }),
  adviceFile({
    id: "NTF3",
    credits: [{ minor: 15_001n, on: "2026-11-18", uetr: uetr(4), text: "PAYOUT 4B71X6VC3YHF0A" }],
  }),
  // The bank exchanged USD 300.00 into euro.
  adviceFile({
    id: "NTF4",
    credits: [
      {
        minor: 26_000n,
        currency: EUR,
        on: "2026-11-17",
        uetr: uetr(5),
        text: "PAYOUT 4B71X6VC3YHF7Q",
        exchanged: { currency: "USD" as typeof EUR, minor: 30_000n, rate: "0.8667" },
      },
    ],
  }),
  dayFile({ id: "STM1", openingMinor: 1_000_00n, credits: [SHORT, STRANGE] }),
  adviceFile({ id: "NTF5", credits: [{ ...RETURNED, on: "2026-11-19", reversal: true }] }),
];

/** Money on an account before anyone says whose it is: part of it is taken back, the rest is claimed later. */
export const STRAY_ACCOUNT = "6222601009999";
const stray: TestCredit = { minor: 7_000n, on: "2026-11-11", uetr: uetr(6) };
export const STRAY: readonly TestFile[] = [
  adviceFile({ id: "NTF6", account: STRAY_ACCOUNT, credits: [stray] }),
  adviceFile({
    id: "NTF7",
    account: STRAY_ACCOUNT,
    credits: [{ ...stray, minor: 2_000n, on: "2026-11-12", reversal: true }],
  }),
];

/** Settles the whole story. */
export async function tellStory(channel: TestChannel): Promise<void> {
  await channel.settle(STRAY);
  await channel.settle(STORY, SELLER.id);
  const registered = await channel.channel.register([
    { ...SELLER, accounts: [...SELLER.accounts, { number: STRAY_ACCOUNT, currency: "USD" }] },
  ]);
  if (!registered.ok) throw new Error(registered.refusal.message);
}
