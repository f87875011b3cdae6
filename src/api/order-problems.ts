// The part of the catalogue of problems that is about payment orders.

import type { ProblemEntry } from "./problems.ts";

export const ORDER_PROBLEMS = {
  "order-account-unknown": {
    status: 422,
    title: "No order can be drawn on this account",
    titleZh: "该账户不支持付款指令",
    retryable: false,
    meaning:
      "The account is not the seller's in this currency, or no bank connection in the settings takes orders for it.",
  },
  "order-date-invalid": {
    status: 422,
    title: "The day of execution does not fit",
    titleZh: "执行日期无效",
    retryable: false,
    meaning: "An order is for today, as it is in Beijing, or for a day of the coming year.",
  },
  "order-text-invalid": {
    status: 422,
    title: "A text cannot be sent to a bank",
    titleZh: "文本无法发送至银行",
    retryable: false,
    meaning: "Names, town and remittance hold no control characters.",
  },
  "order-funds-missing": {
    status: 409,
    title: "The account does not have this much free",
    titleZh: "可用余额不足",
    retryable: false,
    meaning:
      "What is held is not usable, and what other orders have promised is spent; the detail says what is left. Nothing was ordered.",
  },
} as const satisfies Record<string, ProblemEntry>;
