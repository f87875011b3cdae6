// Transactions as the event lists of Finances v0: the same lines, sorted into charges, fees, promotions and taxes of
// shipments and refunds, and into the lists of whole-account events. Names: the FinancialEvents model.

import type { Currency } from "../../money/currency.ts";
import type { Answer } from "./answers.ts";
import { amountV0 } from "./answers.ts";
import { knownMarketplace } from "./marketplaces.ts";
import { sumOf } from "./sales.ts";
import type { LineState, StoreState, TransactionState } from "./state.ts";

export type StoreTransaction = {
  readonly store: StoreState;
  readonly transaction: TransactionState;
};

type List =
  | "ShipmentEventList"
  | "RefundEventList"
  | "ServiceFeeEventList"
  | "ProductAdsPaymentEventList"
  | "AdjustmentEventList"
  | "DebtRecoveryEventList"
  | "FailedAdhocDisbursementEventList";

/** The lists that have events; the sum over all amounts in them is the sum over the transactions' lines. */
export function eventLists(items: readonly StoreTransaction[]): Answer {
  const lists: Partial<Record<List, Answer[]>> = {};
  for (const { store, transaction } of items) {
    const { currency, name } = knownMarketplace(store.marketplaceId);
    const [list, event] = eventOf(transaction, currency, name);
    lists[list] = [...(lists[list] ?? []), event];
  }
  return lists;
}

function eventOf(
  transaction: TransactionState,
  currency: Currency,
  marketplaceName: string,
): readonly [List, Answer] {
  const { kind, lines, postedAt, description } = transaction;
  const total = amountV0(sumOf(lines), currency);
  switch (kind) {
    case "Shipment":
      return ["ShipmentEventList", orderEvent(transaction, currency, marketplaceName)];
    case "Refund":
      return ["RefundEventList", orderEvent(transaction, currency, marketplaceName)];
    case "ServiceFee":
      return [
        "ServiceFeeEventList",
        {
          FeeReason: description,
          FeeList: lines.map(({ amountDescription, amountMinor }) => ({
            FeeType: amountDescription,
            FeeAmount: amountV0(amountMinor, currency),
          })),
        },
      ];
    case "ProductAdsPayment":
      // This event alone is written in camelCase.
      return [
        "ProductAdsPaymentEventList",
        {
          postedDate: postedAt,
          transactionType: "charge",
          invoiceId: transaction.transactionId.slice(0, 12),
          baseValue: total,
          taxValue: amountV0(0n, currency),
          transactionValue: total,
        },
      ];
    case "DebtRecovery":
      return [
        "DebtRecoveryEventList",
        { DebtRecoveryType: "DebtPayment", RecoveryAmount: total, DebtRecoveryItemList: [] },
      ];
    case "FailedTransfer":
      return [
        "FailedAdhocDisbursementEventList",
        {
          FundsTransfersType: "Credit",
          TransferId: transaction.transactionId.slice(0, 16),
          Status: "HARD_DECLINED",
          TransferAmount: total,
          PostedDate: postedAt,
        },
      ];
    case "Adjustment":
    case "Reserve":
    case "Carry":
    default:
      return [
        "AdjustmentEventList",
        {
          AdjustmentType: kind === "Reserve" ? reserveType(lines) : description,
          PostedDate: postedAt,
          AdjustmentAmount: total,
        },
      ];
  }
}

function reserveType(lines: readonly LineState[]): string {
  return sumOf(lines) < 0n ? "ReserveDebit" : "ReserveCredit";
}

/** A shipment, or with the names of a refund what is given back. */
function orderEvent(
  { kind, orderId, postedAt, lines }: TransactionState,
  currency: Currency,
  marketplaceName: string,
): Answer {
  const isRefund = kind === "Refund";
  const name = (list: string) => (isRefund ? list.replace("List", "AdjustmentList") : list);
  const ofType = (type: string) => lines.filter(({ amountType }) => amountType === type);
  const [first] = lines;
  const item: { readonly [key: string]: Answer | undefined } = {
    SellerSKU: first?.sku ?? undefined,
    OrderItemId: isRefund ? undefined : (first?.itemCode ?? undefined),
    OrderAdjustmentItemId: isRefund ? (first?.itemCode ?? undefined) : undefined,
    QuantityShipped: first?.quantity ?? undefined,
    [name("ItemChargeList")]: ofType("ItemPrice").map(({ amountDescription, amountMinor }) => ({
      ChargeType: amountDescription,
      ChargeAmount: amountV0(amountMinor, currency),
    })),
    [name("ItemFeeList")]: ofType("ItemFees").map(({ amountDescription, amountMinor }) => ({
      FeeType: amountDescription,
      FeeAmount: amountV0(amountMinor, currency),
    })),
    [name("PromotionList")]: ofType("Promotion").map(({ amountMinor }) => ({
      PromotionType: "PromotionMetaDataDefinitionValue",
      PromotionId: "PLM-sandbox",
      PromotionAmount: amountV0(amountMinor, currency),
    })),
    ItemTaxWithheldList: ofType("ItemWithheldTax").map(({ amountDescription, amountMinor }) => ({
      TaxCollectionModel: "MarketplaceFacilitator",
      TaxesWithheld: [
        { ChargeType: amountDescription, ChargeAmount: amountV0(amountMinor, currency) },
      ],
    })),
  };
  return {
    AmazonOrderId: orderId ?? undefined,
    SellerOrderId: orderId ?? undefined,
    MarketplaceName: marketplaceName,
    PostedDate: postedAt,
    [isRefund ? "ShipmentItemAdjustmentList" : "ShipmentItemList"]: [item],
  };
}
