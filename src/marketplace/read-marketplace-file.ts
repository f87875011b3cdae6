// Reads a marketplace file of a known format. One function a format; what is in the file is never
// thrown, only what is outside it (the source's own error) is.

import { readDateRange } from "./amazon/date-range.ts";
import { readEventGroups } from "./amazon/event-groups.ts";
import {
  readBalances,
  readExpectedPayouts,
  readSummaries,
  readTransactions,
} from "./amazon/outlook-file.ts";
import { readPayoutList } from "./amazon/payout-list.ts";
import { readSettlementV1 } from "./amazon/settlement-v1.ts";
import { readSettlementV2 } from "./amazon/settlement-v2.ts";
import type { MarketplaceFormat, MarketplaceReading, ReadOptions } from "./reading.ts";
import { readShopifyPayments } from "./shopify/payments-file.ts";

const READERS: Readonly<
  Record<
    MarketplaceFormat,
    (source: AsyncIterable<Uint8Array>, options: ReadOptions) => Promise<MarketplaceReading>
  >
> = {
  "amazon-settlement-v2": readSettlementV2,
  "amazon-settlement-v1": readSettlementV1,
  "amazon-date-range": readDateRange,
  "amazon-payout-list": (source, { onProgress }) => readPayoutList(source, onProgress),
  "amazon-event-groups": (source, { onProgress }) => readEventGroups(source, onProgress),
  "amazon-balances": (source, { onProgress }) => readBalances(source, onProgress),
  "amazon-expected-payouts": (source, { onProgress }) => readExpectedPayouts(source, onProgress),
  "amazon-summaries": (source, { onProgress }) => readSummaries(source, onProgress),
  "amazon-transactions": (source, { onProgress }) => readTransactions(source, onProgress),
  "shopify-payments": readShopifyPayments,
};

/**
 * Streams the file once. The answer holds every statement and payout in it, each proven or
 * quarantined with its reasons; `refusals` is filled when the file is refused as a whole. The
 * format comes from `sniffMarketplaceFile`.
 */
export function readMarketplaceFile(
  source: AsyncIterable<Uint8Array>,
  format: MarketplaceFormat,
  options: ReadOptions = {},
): Promise<MarketplaceReading> {
  return READERS[format](source, options);
}
