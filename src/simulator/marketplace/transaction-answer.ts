// One transaction as listTransactions tells it, and the transfers among them: a payout's own row carries the id of the
// settlement that is open when it is sent, not of the one it pays (seen in a real account's list).

import type { Instant } from "../../time/instant.ts";
import type { Answer } from "./answers.ts";
import { amount } from "./answers.ts";
import { breakdownsOf } from "./breakdowns.ts";
import { settlementIdentifier } from "./lists.ts";
import { knownMarketplace } from "./marketplaces.ts";
import { sentAtOf } from "./payouts.ts";
import { sumOf } from "./sales.ts";
import type { LineState, PayoutState, StoreState, TransactionState } from "./state.ts";

export type ListedTransaction = {
  readonly id: string;
  readonly postedAt: Instant;
  readonly groupId: string | null;
  /** Null for a transfer. */
  readonly transaction: TransactionState | null;
  readonly answer: Answer;
};

/** Amazon's own words differ from its documentation: "Released", not "RELEASED". */
const STATUS_WORDS = ["Deferred", "Released", "Deferred_Released"] as const;

const TYPES: Readonly<Record<TransactionState["kind"], string>> = {
  Shipment: "Shipment",
  Refund: "Refund",
  ServiceFee: "ServiceFee",
  ProductAdsPayment: "ProductAdsPayment",
  Adjustment: "Adjustment",
  Reserve: "Adjustment",
  DebtRecovery: "DebtRecovery",
  FailedTransfer: "FailedAdhocDisbursement",
  Carry: "Adjustment",
};

export function transactionAnswer(
  store: StoreState,
  transaction: TransactionState,
): ListedTransaction {
  const { currency } = knownMarketplace(store.marketplaceId);
  const { transactionId, postedAt, lines, deferral } = transaction;
  const settlement = store.settlements.find(
    ({ settlementId }) => settlementId === transaction.settlementId,
  );
  const groupId = settlement?.groupId ?? null;
  const [deferred, released, deferredReleased] = STATUS_WORDS;
  const deferredStatus = deferral?.releasedBy === null ? deferred : deferredReleased;
  return {
    id: transactionId,
    postedAt,
    groupId,
    transaction,
    answer: {
      ...ownerOf(store),
      relatedIdentifiers: identifiersOf(transaction, groupId),
      transactionType: TYPES[transaction.kind],
      transactionId,
      transactionStatus: deferral === null ? released : deferredStatus,
      description: transaction.description,
      postedDate: postedAt,
      totalAmount: amount(sumOf(lines), currency),
      items: itemsOf(store, lines),
      contexts:
        deferral === null
          ? []
          : [
              {
                contextType: "DeferredContext",
                deferralReason: deferral.reason,
                maturityDate: deferral.maturesAt,
              },
            ],
      breakdowns: breakdownsOf(lines, currency),
    },
  };
}

/** One row for each payout that was sent. */
export function transfersOf(store: StoreState): readonly ListedTransaction[] {
  return store.payouts.flatMap((payout) => {
    const sentAt = sentAtOf(payout);
    return sentAt === null ? [] : [transferAnswer(store, payout, sentAt)];
  });
}

function transferAnswer(
  store: StoreState,
  payout: PayoutState,
  sentAt: Instant,
): ListedTransaction {
  const { currency } = knownMarketplace(store.marketplaceId);
  const openThen = store.settlements.findLast(({ startAt }) => startAt <= sentAt);
  const id = `transfer-${payout.payoutId}`;
  const groupId = openThen?.groupId ?? null;
  return {
    id,
    postedAt: sentAt,
    groupId,
    transaction: null,
    answer: {
      ...ownerOf(store),
      relatedIdentifiers: [
        identifier("FINANCIAL_EVENT_GROUP_ID", groupId),
        ...(openThen === undefined ? [] : [settlementIdentifier(openThen.settlementId)]),
        identifier("DISBURSEMENT_ID", payout.payoutId),
      ],
      transactionType: "Transfer",
      transactionId: id,
      transactionStatus: "Released",
      description: `To account ending with: ${payout.accountTail ?? ""}`,
      postedDate: sentAt,
      totalAmount: amount(-payout.originalMinor, currency),
      items: [],
      contexts: [
        {
          contextType: "PaymentsContext",
          paymentType: "ACH",
          paymentMethod: "BANK_ACCOUNT",
          paymentReference: payout.traceIds.join(", "),
          paymentDate: sentAt,
        },
      ],
      breakdowns: [],
    },
  };
}

function ownerOf(store: StoreState): { readonly [key: string]: Answer } {
  const { id, name } = knownMarketplace(store.marketplaceId);
  return {
    sellingPartnerMetadata: {
      sellingPartnerId: store.sellerId,
      accountType: store.accountType,
      marketplaceId: id,
    },
    marketplaceDetails: { marketplaceId: id, marketplaceName: name },
  };
}

function identifiersOf(transaction: TransactionState, groupId: string | null): readonly Answer[] {
  const given: readonly (readonly [string, string | null])[] = [
    ["ORDER_ID", transaction.orderId],
    ["SHIPMENT_ID", transaction.shipmentId],
    ["FINANCIAL_EVENT_GROUP_ID", groupId],
    ["SETTLEMENT_ID", transaction.settlementId],
    ["DEFERRED_TRANSACTION_ID", transaction.releaseOf],
    ["RELEASE_TRANSACTION_ID", transaction.deferral?.releasedBy ?? null],
  ];
  return given.flatMap(([name, value]) => (value === null ? [] : [identifier(name, value)]));
}

function identifier(name: string, value: string | null): Answer {
  return { relatedIdentifierName: name, relatedIdentifierValue: value ?? "" };
}

function itemsOf(store: StoreState, lines: readonly LineState[]): readonly Answer[] {
  const { currency } = knownMarketplace(store.marketplaceId);
  const ofItem = lines.filter(({ sku }) => sku !== null);
  const [first] = ofItem;
  if (first === undefined) return [];
  return [
    {
      description: first.sku,
      relatedIdentifiers: [
        {
          itemRelatedIdentifierName: "ORDER_ADJUSTMENT_ITEM_ID",
          itemRelatedIdentifierValue: first.itemCode,
        },
      ],
      totalAmount: amount(sumOf(ofItem), currency),
      contexts: [
        {
          contextType: "ProductContext",
          sku: first.sku,
          quantityShipped: first.quantity,
          fulfillmentNetwork: "AFN",
        },
      ],
      breakdowns: breakdownsOf(ofItem, currency),
    },
  ];
}
