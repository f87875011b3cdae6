// What each marketplace can be asked for, as flags in one table: another marketplace is one more row and one more folder.
// Sources: docs/reference/marketplaces.md.

export type MarketplaceName = "amazon" | "shopify";

/**
 * `live`: polled from the marketplace's API; `file`: read from a file of its answer that somebody uploads; `none`: the
 * marketplace does not tell it, or nothing here reads it.
 */
export type Reach = "live" | "file" | "none";

export type Capabilities = {
  /** Statements of closed settlements, with their lines. */
  readonly statements: Reach;
  /** Payouts with their status and bank references. */
  readonly payouts: Reach;
  /** Payouts that are planned: the cash forecast. */
  readonly expectedPayouts: Reach;
  /** Money that the marketplace still holds: available, deferred, reserved. */
  readonly balances: Reach;
  /** A second telling of a settlement's total, to compare the statement with. */
  readonly controlTotals: Reach;
  /** Deferred sales with the day of their release. */
  readonly deferred: Reach;
  /** Country stores in which a payout can be asked for, and how long a store then waits; empty: nowhere. */
  readonly initiatePayout: readonly PayoutInitiation[];
  /** A file of the marketplace can be uploaded by hand. */
  readonly fileUpload: boolean;
};

/** `accountType` is the only one that may be asked for there. */
export type PayoutInitiation = {
  readonly marketplaceId: string;
  readonly country: string;
  readonly accountType: string;
};

/**
 * Amazon's Transfers API 2024-06-01, `initiatePayout`: "DE, FR, IT, ES, SE, NL, PL, and BE", account type "Standard
 * Orders". Ids: Selling Partner API, marketplace ids.
 */
const AMAZON_INITIATION: readonly PayoutInitiation[] = [
  ["A1PA6795UKMFR9", "DE"],
  ["A13V1IB3VIYZZH", "FR"],
  ["APJ6JRA9NG5V4", "IT"],
  ["A1RKKUPIHCS9HS", "ES"],
  ["A2NODRKZP88ZB9", "SE"],
  ["A1805IZSGTT6HS", "NL"],
  ["A1C3SOZRARQ6R3", "PL"],
  ["AMEN7PMS3EDWL", "BE"],
].map(([marketplaceId = "", country = ""]) => ({
  marketplaceId,
  country,
  accountType: "Standard Orders",
}));

export const CAPABILITIES: Readonly<Record<MarketplaceName, Capabilities>> = {
  amazon: {
    statements: "live",
    payouts: "live",
    expectedPayouts: "live",
    balances: "live",
    controlTotals: "live",
    deferred: "live",
    initiatePayout: AMAZON_INITIATION,
    fileUpload: true,
  },
  shopify: {
    statements: "file",
    payouts: "file",
    expectedPayouts: "none",
    balances: "none",
    controlTotals: "none",
    deferred: "none",
    initiatePayout: [],
    fileUpload: true,
  },
};

export function isMarketplaceName(name: string): name is MarketplaceName {
  return Object.hasOwn(CAPABILITIES, name);
}

/** How a payout is asked for in a country store; null where it cannot be. */
export function payoutInitiation(
  marketplace: MarketplaceName,
  marketplaceId: string,
): PayoutInitiation | null {
  const { initiatePayout } = CAPABILITIES[marketplace];
  return initiatePayout.find((store) => store.marketplaceId === marketplaceId) ?? null;
}
