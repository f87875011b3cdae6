// The catalogue of what can be wrong with an answer of Shopify Payments, with the codes that other marketplaces use for
// the same. A reason on a statement quarantines that statement; a reason in `refusals` refuses the whole file.

import type { Reason } from "../../errors/refusal.ts";
import type { Currency } from "../../money/currency.ts";
import { formatMinor } from "../../money/money.ts";

const ASK_AGAIN = "Ask Shopify again and keep the answer unchanged.";
const WHOLE = "Ask for the payout with all pages of its balance transactions.";

export const SHOPIFY_REASONS = {
  "file-empty": ["The file is empty", ASK_AGAIN],
  "charset-utf16": ["The file is UTF-16", "Save it as UTF-8, or use the original answer."],
  "json-broken": ["The JSON cannot be read", ASK_AGAIN],
  "json-too-large": ["The JSON is too large", "Split the pages into several files."],
  "answer-is-an-error": ["The answer is an error of Shopify's", "Ask again; it holds no payouts."],
  "not-this-format": ["The file is no answer about Shopify Payments", ASK_AGAIN],
  "too-many-items": ["The file holds too many items", "Split the pages into several files."],
  "item-unreadable": ["An item of the list cannot be read", ASK_AGAIN],
  "total-missing": ["The file does not tell what the payout came to", WHOLE],
  "total-mismatch": ["The balance transactions do not sum to the payout", WHOLE],
  "total-differs": ["The payout and its own row in the balance differ", ASK_AGAIN],
  "item-contradicts": ["One transaction stands in the file with two contents", ASK_AGAIN],
  "currency-differs": ["Two currencies in one payout", ASK_AGAIN],
  "components-mismatch": ["A transaction's amount less its fee is not its net", ASK_AGAIN],
  "test-transaction": ["A transaction was made in test mode and is no money", WHOLE],
} as const satisfies Record<string, readonly [title: string, remedy: string]>;

export type ShopifyReasonCode = keyof typeof SHOPIFY_REASONS;

export function shopifyReason(
  code: ShopifyReasonCode,
  line: number | null,
  detail: string | null = null,
): Reason {
  const [title, remedy] = SHOPIFY_REASONS[code];
  return { code, line, message: `${title}${detail === null ? "" : `: ${detail}`}. ${remedy}` };
}

export function mismatchText(declared: bigint, summed: bigint, currency: Currency): string {
  const [total, sum] = [declared, summed].map((minor) => formatMinor(minor, currency));
  return `the payout is ${currency} ${total}, its transactions sum to ${sum}`;
}
