// Controls over sellers and their stores: who sells where, and where the money goes.

import type { Currency } from "../../../money/currency.ts";
import type { Instant } from "../../../time/instant.ts";
import { drawCapitals, drawDigits, drawUuid } from "../../seeded-draw.ts";
import { knownMarketplace, marketplaceOf, type Region } from "../marketplaces.ts";
import { openFirstSettlement } from "../settlements.ts";
import type {
  AccountType,
  MarketplaceState,
  SellerState,
  StoreSettings,
  StoreState,
} from "../state.ts";
import { nextNumber } from "../state.ts";
import { sellerOf, storeOf, UnknownInSandbox, type Upkeep } from "./upkeep.ts";

const HOUR_MS = 3_600_000;

/** As Amazon's own example of listPayouts goes: in transit after six hours, paid after a day and a half. */
export const DEFAULT_SETTINGS: StoreSettings = {
  periodDays: 14,
  deferral: "DD7",
  reserveMinor: 0n,
  minimumPayoutMinor: 100n,
  negativeTotals: "netted",
  inTransitAfterMs: 6 * HOUR_MS,
  paidAfterMs: 36 * HOUR_MS,
  reportAfterMs: HOUR_MS / 2,
  ordersPerDay: 0,
  transferWord: "Succeeded",
  namesEverySettlement: false,
};

export type NewSeller = {
  readonly legalName: string;
  readonly nonLatinName?: string;
  /** Absent: North America. */
  readonly region?: Region;
};

export type NewStore = {
  /** "US" or "ATVPDKIKX0DER". */
  readonly marketplace: string;
  readonly accountType?: AccountType;
  readonly storeName?: string;
  /** Null: the seller has named no account, and nothing can be paid. */
  readonly deposit?: NewDeposit | null;
  readonly settings?: Partial<StoreSettings>;
};

export type NewDeposit = {
  readonly accountNumber: string;
  /** Absent: the seller's legal name. */
  readonly holderName?: string;
  readonly countryCode?: string;
  readonly bankBic?: string;
  /** Absent: the store's currency. Another one needs a rate. */
  readonly currency?: Currency;
  readonly rate?: string;
};

export function storeControls({ state, catchUp, changed }: Upkeep) {
  return {
    addSeller(input: NewSeller): SellerState {
      catchUp();
      const number = nextNumber(state);
      const seller: SellerState = {
        sellerId: `A${drawCapitals(state.seed, 13, "seller", number)}`,
        region: input.region ?? "na",
        legalName: input.legalName,
        nonLatinName: input.nonLatinName ?? null,
        registrationNumber: `91500${drawDigits(state.seed, 13, "registration", number)}`,
        countryCode: "CN",
      };
      state.sellers.push(seller);
      changed();
      return seller;
    },

    /** Opens a store with one account; its first settlement begins now. */
    addStore(sellerId: string, input: NewStore): StoreState {
      const now = catchUp();
      const store = newStore(state, sellerOf(state, sellerId), input, now);
      state.stores.push(store);
      openFirstSettlement(state, store);
      changed();
      return store;
    },

    /** Names another account for the payouts to come, or none. */
    setDeposit(storeId: string, deposit: NewDeposit | null): StoreState {
      catchUp();
      const store = storeOf(state, storeId);
      store.deposit = deposit === null ? null : depositOf(state, store, deposit);
      changed();
      return store;
    },

    changeSettings(storeId: string, settings: Partial<StoreSettings>): StoreState {
      const now = catchUp();
      const store = storeOf(state, storeId);
      Object.assign(store.settings, settings);
      if (store.settings.ordersPerDay > 0) store.nextOrderAt ??= now;
      else store.nextOrderAt = null;
      changed();
      return store;
    },
  };
}

function newStore(
  state: MarketplaceState,
  seller: SellerState,
  input: NewStore,
  now: Instant,
): StoreState {
  const marketplace = marketplaceOf(input.marketplace);
  if (marketplace === null) throw new UnknownInSandbox(`marketplace ${input.marketplace}`);
  if (marketplace.region !== seller.region) {
    throw new UnknownInSandbox(`store in ${marketplace.name} for a seller of another region`);
  }
  const accountType = input.accountType ?? "Standard Orders";
  const suffix = accountType === "Standard Orders" ? "" : "-invoiced";
  const storeId = `${seller.sellerId}-${marketplace.countryCode}${suffix}`;
  if (state.stores.some((store) => store.storeId === storeId)) {
    throw new UnknownInSandbox(`room for a second ${storeId}`);
  }
  const settings = { ...DEFAULT_SETTINGS, ...input.settings };
  const store: StoreState = {
    storeId,
    sellerId: seller.sellerId,
    marketplaceId: marketplace.id,
    accountType,
    storeName: input.storeName ?? `${seller.legalName} ${marketplace.countryCode}`,
    place: state.stores.length,
    openedAt: now,
    deposit: null,
    settings,
    plans: [],
    lastNumber: 0,
    nextOrderAt: settings.ordersPerDay > 0 ? now : null,
    transactions: [],
    waiting: [],
    settlements: [],
    payouts: [],
    reports: [],
  };
  if (input.deposit !== null) {
    const own = input.deposit ?? { accountNumber: drawDigits(state.seed, 16, storeId, "deposit") };
    store.deposit = depositOf(state, store, own);
  }
  return store;
}

function depositOf(
  state: MarketplaceState,
  store: StoreState,
  deposit: NewDeposit,
): NonNullable<StoreState["deposit"]> {
  const { currency } = knownMarketplace(store.marketplaceId);
  const isSame = (deposit.currency ?? currency) === currency;
  if (isSame !== (deposit.rate === undefined)) {
    throw new UnknownInSandbox(`exchange from ${currency} without (or with a needless) rate`);
  }
  const seller = sellerOf(state, store.sellerId);
  return {
    methodId: drawUuid(state.seed, store.storeId, "method", deposit.accountNumber),
    holderName: deposit.holderName ?? seller.legalName,
    countryCode: deposit.countryCode ?? seller.countryCode,
    accountNumber: deposit.accountNumber,
    bankBic: deposit.bankBic ?? "SANDCNBJXXX",
    currency: deposit.currency ?? currency,
    rate: deposit.rate ?? null,
  };
}
