// What a settlement line means: (transaction-type, amount-type, amount-description) → class of the
// books. Amazon publishes no vocabulary, so this table was drawn up from what others have seen in
// real files and from our own samples. A triple that is not here is `suspense` and visible: it is
// never dropped and never guessed. Sources: [W] wimoor-erp settlement tables (MIT, 68 + 115
// entries), [X] xieyi138 fee codes (CC BY 4.0, 64), [J] a Japanese warehouse's V1/V2 comparison
// over six periods, [A] an AUD file of 54,979 lines, [C] seven CAD files, [O] the ChargeType and
// FeeType lists of Amazon's own Finances v0 model (Apache-2.0).

import { invariant } from "../../errors/invariant.ts";
import type { StatementClass } from "../statement.ts";

export type Classification = { readonly class: StatementClass; readonly known: boolean };

const SUSPENSE: Classification = { class: "suspense", known: false };
const ANY = "any";

/**
 * One line a rule: transaction-type > amount-type > amount-description. Words of one slot are
 * parted by "|", "any" stands for any word; all are compared without case and outer spaces. Lines
 * under the class they lead to.
 */
const RULES: Readonly<Partial<Record<StatementClass, string>>> = {
  // Orders [W X J A C]. Facilitator tax stands gross: collected here, withheld below, together
  // zero.
  sales: `
    Order > ItemPrice > Principal|Shipping|GiftWrap|ExportCharge|CODItemCharge|COD
    Order > ItemPrice > Goodwill|RestockingFee
    Order|Refund > DirectPayment > CollectOnDeliveryRevenue
    Liquidations|Liquidations Adjustments > ItemPrice > Principal`,
  refunds: `
    Refund > ItemPrice > Principal|Shipping|GiftWrap|Goodwill|RestockingFee|ExportCharge
    Refund > ItemPrice > ReturnShipping|CODItemCharge|COD
    A-to-z Guarantee Refund|A-to-z Guarantee Claim > ItemPrice > Principal|Shipping
    A-to-z Guarantee Refund|A-to-z Guarantee Claim > ItemPrice > GiftWrap|Goodwill
    Chargeback Refund > ItemPrice > Principal|Shipping|GiftWrap|Goodwill`,
  promotions: `
    Order|Refund > Promotion > Principal|Shipping|ShippingCharge|GiftWrap
    Order|Refund > Promotion > PromotionMetaDataDefinitionValue|Shipping discount
    Order|Refund > Points|ItemFees > PointsGranted|PointsReturned
    Order|Refund > ItemFees > CostOfPointsGranted|CostOfPointsReturned
    A-to-z Guarantee Refund|A-to-z Guarantee Claim > Promotion > Principal|Shipping
    Chargeback Refund > Promotion > Principal|Shipping`,
  // Retrocharges correct the tax after the sale [W J].
  "tax-collected": `
    Order|Refund > ItemPrice > Tax|ShippingTax|GiftWrapTax|CODTax|COD Tax|Product Tax
    Order|Refund > ItemPrice > Shipping tax|Gift Wrap Tax|RestockingFeeTax
    Order|Refund > Promotion > TaxDiscount|ShippingTaxDiscount|Shipping tax discount
    Order_Retrocharge|Refund_Retrocharge > ItemPrice > Tax|ShippingTax|GiftWrapTax
    A-to-z Guarantee Refund|A-to-z Guarantee Claim > ItemPrice > Tax|ShippingTax|GiftWrapTax
    Chargeback Refund > ItemPrice > Tax|ShippingTax|GiftWrapTax
    Liquidations|Liquidations Adjustments > ItemPrice > Tax|ShippingTax|GiftWrapTax`,
  // Tax that the marketplace keeps back [W X A O]; some files put it under ItemFees [X].
  "tax-withheld": `
    any > ItemWithheldTax > any
    Order|Refund > ItemFees > MarketplaceFacilitatorTax-Principal|MarketplaceFacilitatorTax-Shipping
    Order|Refund > ItemFees > MarketplaceFacilitatorTax-Giftwrap|MarketplaceFacilitatorTax-Other
    Order|Refund > ItemFees > MarketplaceFacilitatorTax-RestockingFee
    Order|Refund > ItemFees > MarketplaceFacilitatorVAT-Principal|MarketplaceFacilitatorVAT-Shipping
    Order|Refund > ItemFees > LowValueGoodsTax-Principal|LowValueGoodsTax-Shipping
    Order|Refund > ItemTCS > TCS-CGST|TCS-SGST|TCS-IGST|TCS-UTGST
    Order|Refund > ItemTDS > TDS (Section 194-O)
    Tax > Tax Withheld > any
    Income Tax Charged > other-transaction > MiscAdjustment`,
  // Fees of an order, given back on a refund [W X J A C O].
  "selling-fees": `
    Order|Refund > ItemFees > Commission|RefundCommission|VariableClosingFee|FixedClosingFee
    Order|Refund > ItemFees > Fixed closing fee|SalesTaxServiceFee|SalesTaxCollectionFee
    Order|Refund > ItemFees > DigitalServicesFee|DigitalServicesFeeFBA|Digital Services Fee
    Order|Refund > ItemFees > GetPaidFasterFee|CODFee|RestockingFee|Goodwill|Technology Fee
    Order|Refund > ItemFees > Refund commission|Commission IGST|Refund commission IGST
    A-to-z Guarantee Refund|A-to-z Guarantee Claim > ItemFees > Commission|RefundCommission
    A-to-z Guarantee Refund|A-to-z Guarantee Claim|Chargeback Refund > ItemFees > VariableClosingFee
    Chargeback Refund > ItemFees > Commission|RefundCommission
    Liquidations|Liquidations Adjustments > ItemFees > LiquidationsBrokerageFee`,
  "fulfilment-fees": `
    Order|Refund > ItemFees > FBAPerUnitFulfillmentFee|FBAPerOrderFulfillmentFee|FBAWeightBasedFee
    Order|Refund > ItemFees > ShippingChargeback|GiftwrapChargeback|ShippingHB|ReturnShipping
    Order|Refund > ItemFees > FBATransportationFee|SSOFFulfillmentFee|FBA Weight Handling Fee
    Order|Refund > ItemFees > FBA Pick & Pack Fee|Shipping Chargeback
    Order|Refund|Shipment > Shipment-Fees|ShipmentFees > FBATransportationFee|FBA transportation fee
    Order|Refund|Shipment > Shipment-Fees|ShipmentFees > FBAPerOrderFulfillmentFee|Shipping
    Order|Shipment > Shipment-Fees|ShipmentFees > Multi-Channel Fulfillment Brand-Neutral Box Fee
    A-to-z Guarantee Refund|A-to-z Guarantee Claim > ItemFees > ShippingHB|ShippingChargeback
    Chargeback Refund > ItemFees > ShippingHB|ShippingChargeback
    any > other-transaction > DisposalComplete|RemovalComplete
    any > other-transaction > RemovalCompleteCGST|RemovalCompleteSGST
    any > other-transaction > FBAInboundTransportationFee|FBAInboundTransportationProgramFee
    any > other-transaction > Inbound Transportation Fee|Inventory Placement Service Fee
    any > other-transaction > WarehousePrep|Manual Processing Fee|ShippingHB|ShippingServices
    any > other-transaction > Shipping label purchase|Shipping label purchase for return
    any > other-transaction > ShippingServicesRefund|FBA International Freight Shipping Charge
    any > other-transaction > FBA International Freight Duties and Taxes Charge|FBAInboundDefectFee
    any > other-transaction > Unplanned Service Fee - Barcode label missing
    any > ItemFees|other-transaction > FBACustomerReturnPerOrderFee|FBACustomerReturnPerUnitFee
    any > ItemFees|other-transaction > FBACustomerReturnWeightBasedFee
    any > Amazon Warehousing & Distribution (AWD) > AWD Processing Fee|AWD Transportation Fee
    any > Grade and Resell Charge > any
    TBYB Trial Shipment > Amazon Fees > TrialShipment`,
  // Account level [W X C]; coupons and deals are what the seller pays to be seen.
  advertising: `
    ServiceFee > Cost of Advertising > TransactionTotalAmount
    ServiceFee > ItemFees|OtherFee > Cost of Advertising|TransactionTotalAmount
    any > other-transaction > CostOfAdvertising|Cost of Advertising
    any > CouponRedemptionFee > any
    any > LightningDealFee|other-transaction > LightningDealFee|LightningDealFee Special
    any > other-transaction > Promotion Fee`,
  "subscription-fees": `
    any > other-transaction > Subscription Fee|SubscriptionFeeCorrection`,
  "storage-fees": `
    any > other-transaction > Storage Fee|StorageRenewalBilling|FBA Long-Term Storage
    any > other-transaction > Inventory Storage Overage Fee|LowInventoryLevelFee
    any > other-transaction > StorageBillingCGST|StorageBillingSGST
    any > other-transaction > StorageRenewalBillingCGST|StorageRenewalBillingSGST
    any > Amazon Warehousing & Distribution (AWD) > AWD Storage Fee`,
  "other-fees": `
    any > other-transaction > Paid Services Fee|HighVolumeListing|Amazon Capital Services
    any > other-transaction > Additional Other Expenses|EPR Pay on Behalf service fee
    any > other-transaction > EPR Pay on Behalf eco-contribution
    any > Vine Enrollment Fee > any
    any > Review Enrollment Fee > Early Reviewer Program fee`,
  // What Amazon pays for goods it lost or broke, and takes back when it finds them [W X J A].
  reimbursements: `
    any > FBA Inventory Reimbursement > any
    any > other-transaction > REVERSAL_REIMBURSEMENT|WAREHOUSE_DAMAGE|WAREHOUSE_DAMAGE_EXCEPTION
    any > other-transaction > WAREHOUSE_LOST|WAREHOUSE_LOST_MANUAL|MISSING_FROM_INBOUND
    any > other-transaction > MISSING_FROM_INBOUND_CLAWBACK|COMPENSATED_CLAWBACK|RE_EVALUATION
    any > other-transaction > REMOVAL_ORDER_LOST|REMOVAL_ORDER_DAMAGED|MULTICHANNEL_ORDER_LOST
    any > other-transaction > MULTICHANNEL_ORDER_DAMAGED|MULTICHANNEL_ORDER_LATE|CS_ERROR_ITEMS
    any > other-transaction > CS_ERROR_NON_ITEMIZED|INCORRECT_FEES_ITEMS|INCORRECT_FEES_NON_ITEMIZED
    any > other-transaction > FREE_REPLACEMENT_REFUND_ITEMS|LABEL_ISSUE|PREPFEE_REFUND
    any > other-transaction > FBA Inventory Reimbursement - Customer Return|Refund Reimbursal
    any > Manual Processing Fee Reimbursement > any
    any > other-transaction > Manual Processing Fee Reimbursement
    SAFE-T Reimbursement|Other > Other transactions > SAFE-T reimbursement
    SAFE-T Reimbursement|Other > Other transactions > Reimbursement for Lost packages
    SAFE-T Reimbursement > other-transaction > SAFE-T Reimbursement`,
  // Corrections, and debt moved between stores of one seller [W X C].
  adjustments: `
    Fee Adjustment > Item Fee Adjustment|ItemFees > any
    any > other-transaction > Adjustment|MiscAdjustment|NonSubscriptionFeeAdj|CommissionCorrection
    any > other-transaction > BalanceAdjustment|Balance adjustment|PostageAdjustment
    any > other-transaction > BuyerRecharge|A2ZGuaranteeRecovery|ChargeBackRecovery
    any > other-transaction > Merchant Bad Debt
    any > Debt Adjustment > any
    any > any > Debt Adjustment`,
  // How one settlement is joined to the one before it and to the bank [W X C].
  reserve: `any > any > Current Reserve Amount|Previous Reserve Amount Balance`,
  "previous-balance": `any > any > Payable to Amazon`,
  "charge-to-seller": `any > any > Successful charge`,
  "failed-transfer": `any > any > Failed Disbursement`,
  "bank-verification": `any > any > Micro Deposit`,
};

/** Descriptions with a changing tail; the four known failure texts differ after the colon [W]. */
const PREFIXES: readonly (readonly [string, StatementClass])[] = [
  ["transfer of funds unsuccessful", "failed-transfer"],
  ["cross-account debt adjustment", "adjustments"],
];

/**
 * Fee names of the shape seen since 2024-25: transaction-type FBAFees or AmazonFees (blank in some
 * files), the fee's name in amount-type, and Base fee, Tax on fee or Discount on Fee in
 * amount-description [W J A].
 */
const FEE_NAMES: Readonly<Partial<Record<StatementClass, string>>> = {
  "storage-fees":
    "FBA Inventory Storage Fee|FBA Long Term Storage Fee|FBA Long-Term Storage Fee|" +
    "FBA Aged Inventory Surcharge|FBA Storage Utilization Surcharge|Capacity Reservation Fee|" +
    "FBA Low Inventory Level Fee|Low Inventory Level Fee|AWD Storage Fee",
  "fulfilment-fees":
    "FBA Removal Order: Return Fee|FBA Removal Order: Disposal Fee|FBA Removal Order|" +
    "FBA Inbound Placement Service Fee|Inbound Defect Fee|FBA Inbound Defect Fee|" +
    "FBA Amazon-Partnered Carrier Shipment Fee|FBA Inbound Convenience Fee|" +
    "FBA Fulfilment Fee per unit|FBA Fulfillment Fee per unit|FBA Customer Returns Fee|" +
    "FBA Returns Processing Fee|FBA Manual Processing Fee|FBA Prep Fee|FBA Labelling Fee|" +
    "Amazon Easy Ship Charges|Amazon Shipping Charges|FBA Transportation Fee",
  advertising:
    "Coupon Participation Fee|Coupon Performance Based Fee|Coupon Redemption Fee|" +
    "Deal Participation Fee|Deal Performance Fee|Lightning Deal Fee|Cost of Advertising",
  "subscription-fees": "Subscription Fee|Subscription",
  "other-fees":
    "Vine Enrollment Fee|Vine Enrolment Fee|Premium Services Fee|Paid Services Fee|" +
    "Eco-contribution for EPR Pay on Behalf|EPR Pay on Behalf service fee",
};

const FEE_PARTS = new Set(["base fee", "tax on fee", "discount on fee"]);
const FEE_TRANSACTIONS = new Set(["fbafees", "amazonfees", ""]);

const TABLE = compileRules();
const FEE_TABLE = compileFees();

function compileRules(): ReadonlyMap<string, StatementClass> {
  const table = new Map<string, StatementClass>();
  for (const [kind, lines] of entriesOf(RULES)) {
    for (const line of lines.trim().split("\n")) {
      const slots = line.split(" > ").map((slot) => slot.split("|").map(plain));
      const [transactions = [], types = [], descriptions = []] = slots;
      invariant(slots.length === 3, `a rule has three slots: ${line}`);
      for (const transaction of transactions) {
        for (const type of types) {
          for (const description of descriptions) {
            const key = keyOf(transaction, type, description);
            invariant(!table.has(key), `a triple has one class: ${key}`);
            table.set(key, kind);
          }
        }
      }
    }
  }
  return table;
}

function compileFees(): ReadonlyMap<string, StatementClass> {
  return new Map(
    entriesOf(FEE_NAMES).flatMap(([kind, names]) =>
      names.split("|").map((name) => [plain(name), kind] as const),
    ),
  );
}

function entriesOf(
  table: Readonly<Partial<Record<StatementClass, string>>>,
): readonly [StatementClass, string][] {
  return Object.entries(table) as [StatementClass, string][];
}

function keyOf(transaction: string, type: string, description: string): string {
  return `${transaction}\t${type}\t${description}`;
}

function plain(word: string): string {
  return word
    .trim()
    .replace(/^"(.*)"$/, "$1")
    .replace(/\s+/g, " ")
    .toLowerCase();
}

/**
 * The class of a V2 (or V1, in V2's words) line; `suspense` and not known when the table has no
 * rule.
 */
export function classifyLine(
  transactionType: string,
  amountType: string,
  amountDescription: string,
): Classification {
  // A reversed line is written "<type> - Reversal" and belongs where the line itself belongs [J].
  const transaction = withoutReversal(plain(transactionType));
  const type = withoutReversal(plain(amountType));
  const description = withoutReversal(plain(amountDescription));
  const found =
    TABLE.get(keyOf(transaction, type, description)) ??
    TABLE.get(keyOf(transaction, type, ANY)) ??
    TABLE.get(keyOf(ANY, type, description)) ??
    TABLE.get(keyOf(ANY, type, ANY)) ??
    TABLE.get(keyOf(ANY, ANY, description)) ??
    PREFIXES.find(([prefix]) => description.startsWith(prefix))?.[1] ??
    feeClass(transaction, type, description);
  return found === null ? SUSPENSE : { class: found, known: true };
}

function withoutReversal(word: string): string {
  return word.replace(/ - reversal$/, "");
}

function feeClass(transaction: string, type: string, description: string): StatementClass | null {
  // V1 has the same fees in one amount, named where V1 names any other.
  if (type === "other-transaction" || type === "itemfees")
    return FEE_TABLE.get(description) ?? null;
  if (!FEE_TRANSACTIONS.has(transaction) || !FEE_PARTS.has(description)) return null;
  // "FBA Customer Returns Fee ... for ASIN: B0…" and "Eco-contribution for EPR Pay on Behalf - GB -
  // …".
  const name = type.replace(/ (?:- |\(|for asin:).*$/, "");
  return FEE_TABLE.get(type) ?? FEE_TABLE.get(name) ?? null;
}
