// Amounts as the newer Finances API tells them: a tree of what makes a sum, two levels deep. The branches are those
// of Amazon's own example; which line belongs where follows from the vocabulary of settlement files.

import { classifyLine } from "../../marketplace/amazon/vocabulary.ts";
import type { StatementClass } from "../../marketplace/statement.ts";
import type { Currency } from "../../money/currency.ts";
import type { Answer } from "./answers.ts";
import { amount } from "./answers.ts";
import { sumOf } from "./sales.ts";
import type { LineState } from "./state.ts";

const BRANCHES: Readonly<Record<StatementClass, readonly [branch: string, leaf: string]>> = {
  sales: ["Sales", "Product Charges"],
  promotions: ["Sales", "Promotional Rebates"],
  "tax-collected": ["Sales", "Tax"],
  "tax-withheld": ["Sales", "Tax Withheld"],
  refunds: ["Refunds", "Product Charges"],
  "selling-fees": ["Expenses", "Amazon fees"],
  "fulfilment-fees": ["Expenses", "FBA fees"],
  "storage-fees": ["Expenses", "Storage fees"],
  advertising: ["Expenses", "Advertising"],
  "subscription-fees": ["Expenses", "Subscription"],
  "other-fees": ["Expenses", "Other fees"],
  reimbursements: ["Adjustments", "Reimbursements"],
  adjustments: ["Adjustments", "Other adjustments"],
  reserve: ["Reserves", "Account Level Reserve"],
  "previous-balance": ["Balance", "Payable to Amazon"],
  "charge-to-seller": ["Balance", "Successful charge"],
  "failed-transfer": ["Balance", "Failed transfer"],
  "bank-verification": ["Balance", "Micro Deposit"],
  payout: ["Balance", "Transfer"],
  suspense: ["Other", "Other"],
};

/** The branches that have lines, each with its leaves; leaves sum to their branch and branches to the lines. */
export function breakdownsOf(lines: readonly LineState[], currency: Currency): readonly Answer[] {
  const branches = new Map<string, Map<string, LineState[]>>();
  for (const line of lines) {
    const { class: kind } = classifyLine(
      line.transactionType,
      line.amountType,
      line.amountDescription,
    );
    const [branch, leaf] = BRANCHES[kind];
    const leaves = branches.get(branch) ?? new Map<string, LineState[]>();
    leaves.set(leaf, [...(leaves.get(leaf) ?? []), line]);
    branches.set(branch, leaves);
  }
  return [...branches].map(([branch, leaves]) => ({
    breakdownType: branch,
    breakdownAmount: amount(sumOf([...leaves.values()].flat()), currency),
    breakdowns: [...leaves].map(([leaf, own]) => ({
      breakdownType: leaf,
      breakdownAmount: amount(sumOf(own), currency),
      breakdowns: [],
    })),
  }));
}
