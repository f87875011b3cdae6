import { describe, expect, it } from "vitest";
import { classifyLine } from "./vocabulary.ts";

function kind(transactionType: string, amountType: string, amountDescription: string) {
  const { class: found, known } = classifyLine(transactionType, amountType, amountDescription);
  return known ? found : `unknown: ${found}`;
}

describe("the vocabulary of settlement lines", () => {
  it("keeps the same description apart under different amount types", () => {
    expect(kind("Order", "ItemPrice", "Shipping")).toBe("sales");
    expect(kind("Order", "Promotion", "Shipping")).toBe("promotions");
    expect(kind("Refund", "ItemPrice", "Shipping")).toBe("refunds");
    expect(kind("Order", "Shipment-Fees", "Shipping")).toBe("fulfilment-fees");
    expect(kind("Order", "ItemPrice", "Tax")).toBe("tax-collected");
    expect(kind("Order", "ItemPrice", "Goodwill")).toBe("sales");
    expect(kind("Refund", "ItemFees", "Goodwill")).toBe("selling-fees");
  });

  it("knows the lines that join settlements, whatever transaction they stand under", () => {
    expect(kind("other-transaction", "other-transaction", "Payable to Amazon")).toBe(
      "previous-balance",
    );
    expect(kind("other-transaction", "other-transaction", "Successful charge")).toBe(
      "charge-to-seller",
    );
    expect(kind("Transfer", "other-transaction", "Current Reserve Amount")).toBe("reserve");
    expect(kind("Transfer", "other-transaction", "Previous Reserve Amount Balance")).toBe(
      "reserve",
    );
    expect(kind("Transfers", "Micro Deposit", "Micro Deposit")).toBe("bank-verification");
    expect(
      kind(
        "other-transaction",
        "other-transaction",
        "Transfer of funds unsuccessful: any new reason.",
      ),
    ).toBe("failed-transfer");
    expect(
      kind("Debt Adjustment", "Debt Adjustment", "Cross-Account Debt Adjustment against BE, ES"),
    ).toBe("adjustments");
  });

  it("knows the shape of 2024-25, where the fee's name stands in amount-type", () => {
    expect(kind("FBAFees", "FBA Removal Order: Return Fee", "Discount on Fee")).toBe(
      "fulfilment-fees",
    );
    expect(kind("FBAFees", "FBA Inventory Storage Fee", "Tax on fee")).toBe("storage-fees");
    expect(kind("", "FBA Inventory Storage Fee", "Base fee")).toBe("storage-fees");
    expect(kind("AmazonFees", "Coupon Participation Fee", "Base fee")).toBe("advertising");
    expect(
      kind("AmazonFees", "Eco-contribution for EPR Pay on Behalf - GB - Packaging", "Base fee"),
    ).toBe("other-fees");
    expect(kind("FBAFees", "FBA Customer Returns Fee for ASIN: B0MADEUP01", "Base fee")).toBe(
      "fulfilment-fees",
    );
    expect(kind("FBAFees", "FBA Inventory Storage Fee", "Principal")).toBe("unknown: suspense");
  });

  it("puts a reversed line where the line itself belongs", () => {
    expect(kind("other-transaction - Reversal", "other-transaction", "Storage Fee")).toBe(
      "storage-fees",
    );
    expect(kind("AmazonFees", "FBA fulfilment fee per unit - Reversal", "Base fee")).toBe(
      "fulfilment-fees",
    );
  });

  it("compares without case, outer spaces and quotes", () => {
    expect(kind(" ORDER ", "itemprice", "principal")).toBe("sales");
    expect(kind("other-transaction", "other-transaction", '"Storage Fee"')).toBe("storage-fees");
  });

  it("leaves what it does not know in suspense", () => {
    expect(kind("Order", "ItemFees", "Brand New Fee")).toBe("unknown: suspense");
    expect(kind("NewThing", "ItemPrice", "Principal")).toBe("unknown: suspense");
    expect(kind("", "", "")).toBe("unknown: suspense");
    expect(kind("any", "any", "any")).toBe("unknown: suspense");
  });
});
