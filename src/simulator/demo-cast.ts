// Who plays in the sandbox: one seller in Chongqing with three stores, each paid to an account of its own. Scenarios,
// the demo and the tests share them. Names and numbers are made up.

import { type Currency, currencyOf } from "../money/currency.ts";
import type { BankLanguage } from "./bank/state.ts";
import type { Region } from "./marketplace/marketplaces.ts";
import type { Sandbox } from "./sandbox.ts";

export const DEMO_SELLER = {
  id: "chongqing-example-trading",
  legalName: "Chongqing Example Trading Co Ltd",
} as const;

export const DEMO_STORE_NAMES = ["us", "de", "jp"] as const;
export type DemoStoreName = (typeof DEMO_STORE_NAMES)[number];

type Part = {
  readonly region: Region;
  readonly marketplace: string;
  readonly currency: Currency;
  readonly accountNumber: string;
  readonly language: BankLanguage;
};

function currency(code: string): Currency {
  const known = currencyOf(code);
  if (known === null) throw new Error(`${code} is no currency`);
  return known;
}

/** The dollar and euro accounts are told of in camt, the yen account in MT: a channel meets both. */
const PARTS: Readonly<Record<DemoStoreName, Part>> = {
  us: {
    region: "na",
    marketplace: "US",
    currency: currency("USD"),
    accountNumber: "6217000000008801",
    language: "iso20022",
  },
  de: {
    region: "eu",
    marketplace: "DE",
    currency: currency("EUR"),
    accountNumber: "6217000000008802",
    language: "iso20022",
  },
  jp: {
    region: "fe",
    marketplace: "JP",
    currency: currency("JPY"),
    accountNumber: "6217000000008803",
    language: "mt",
  },
};

/** A store of the cast as it stands in a sandbox. */
export type CastStore = Part & {
  readonly name: DemoStoreName;
  /** The marketplace's id of the seller, one in each region. */
  readonly partnerId: string;
  readonly storeId: string;
};

export type Cast = Readonly<Record<DemoStoreName, CastStore>>;

/** How fast things go in a store of the cast, in ms. */
export type Pace = {
  readonly inTransitAfterMs: number;
  readonly paidAfterMs: number;
  readonly reportAfterMs: number;
  /** From the sender's bank to the account. */
  readonly arrivesAfterMs: number;
};

const MINUTE_MS = 60_000;

/** As it is in life: half an hour to the report, a day and a half until it is sent, some hours between banks. */
export const LIFE_PACE: Pace = {
  inTransitAfterMs: 6 * 60 * MINUTE_MS,
  paidAfterMs: 36 * 60 * MINUTE_MS,
  reportAfterMs: 30 * MINUTE_MS,
  arrivesAfterMs: 3 * 60 * MINUTE_MS,
};

/** For somebody who watches: money arrives some seconds after its settlement closed. */
export const DEMO_PACE: Pace = {
  inTransitAfterMs: 5_000,
  paidAfterMs: 9_000,
  reportAfterMs: 2_000,
  arrivesAfterMs: 7_000,
};

/** Puts the cast into a sandbox; what is there already stays. Settlements close when told to. */
export function placeCast(sandbox: Sandbox, pace: Pace): Cast {
  const us = placeStore(sandbox, "us", pace);
  const de = placeStore(sandbox, "de", pace);
  const jp = placeStore(sandbox, "jp", pace);
  return { us, de, jp };
}

function placeStore(sandbox: Sandbox, name: DemoStoreName, pace: Pace): CastStore {
  const { controls, state } = sandbox.marketplace;
  const part = PARTS[name];
  const standing = state().stores.find(
    ({ deposit }) => deposit?.accountNumber === part.accountNumber,
  );
  const { arrivesAfterMs, ...steps } = pace;
  sandbox.bank.openAccount({
    accountNumber: part.accountNumber,
    currency: part.currency,
    ownerName: DEMO_SELLER.legalName,
    language: part.language,
    arrivesAfterMs,
  });
  if (standing !== undefined)
    return { ...part, name, partnerId: standing.sellerId, storeId: standing.storeId };
  const seller = controls.addSeller({ legalName: DEMO_SELLER.legalName, region: part.region });
  const store = controls.addStore(seller.sellerId, {
    marketplace: part.marketplace,
    deposit: { accountNumber: part.accountNumber },
    settings: { periodDays: null, deferral: "none", ...steps },
  });
  return { ...part, name, partnerId: seller.sellerId, storeId: store.storeId };
}
