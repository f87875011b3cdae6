// Problems of requests that two people decide: part of the one catalogue (problems.ts).

import type { ProblemEntry } from "./problems.ts";

function entry(
  status: ProblemEntry["status"],
  title: string,
  titleZh: string,
  meaning: string,
): ProblemEntry {
  return { status, title, titleZh, retryable: false, meaning };
}

export const APPROVAL_PROBLEMS = {
  "approval-own": entry(
    403,
    "You asked for this yourself",
    "不能审批自己的申请",
    "Another person decides; that holds for everybody, and for the person behind a key too.",
  ),
  "approval-about-decider": entry(
    403,
    "This is about you",
    "不能审批与本人有关的申请",
    "Nobody decides about their own role; another person does.",
  ),
  "approval-expired": entry(
    409,
    "This request has expired",
    "申请已过期",
    "Nobody decided in time. It can be asked for again.",
  ),
  "approval-decided": entry(
    409,
    "This request is decided already",
    "申请已审批",
    "A decision is made once and stays. Ask anew for something else.",
  ),
  "hold-closed": entry(
    409,
    "This hold is closed",
    "该待核事项已关闭",
    "Nothing is held with this code any more; there is nothing to release by hand.",
  ),
  "hold-changed": entry(
    409,
    "The hold has another reason now",
    "待核原因已变化",
    "What was asked for is not what is held now. Look at the hold again and ask anew.",
  ),
  "hold-not-waivable": entry(
    422,
    "A hold of this kind is not released by hand",
    "此类待核不能人工放行",
    "It is not known whose the money is. Bind the account, or name the seller of the files.",
  ),
  "amount-invalid": entry(
    422,
    "This is not an amount of the currency",
    "金额格式不正确",
    "Give an exact decimal text above zero, with no more decimals than the currency has.",
  ),
  "amount-exceeds-hold": entry(
    422,
    "More than is held",
    "金额超过待核金额",
    "Ask for the amount of the hold or for less; leave `amount` out to ask for all of it.",
  ),
  "account-number-malformed": entry(
    422,
    "This is not an account number",
    "账号格式不正确",
    "4 to 34 letters and digits, as the bank prints the number.",
  ),
  "currency-unknown": entry(
    422,
    "This currency is not known",
    "币种未知",
    "Use an alphabetic code of ISO 4217.",
  ),
  "account-bound": entry(
    409,
    "The account is bound to this seller already",
    "该账户已绑定此卖家",
    "There is nothing to do.",
  ),
  "account-of-another-seller": entry(
    409,
    "The account is bound to another seller",
    "该账户已绑定其他卖家",
    "Check the account number. Who may see all sellers may ask to move it from a day on.",
  ),
  "from-day-missing": entry(
    422,
    "Name the first day",
    "缺少生效日期",
    "An account that moves does so from a day on: money of earlier days stays with the seller before.",
  ),
  "from-day-not-needed": entry(
    422,
    "No day is needed",
    "无需生效日期",
    "The account is nobody's: all its money becomes the seller's. Leave `fromOn` out.",
  ),
  "account-changed": entry(
    409,
    "The account has another owner by now",
    "账户归属已变化",
    "It was bound meanwhile. Look at it again and ask anew.",
  ),
  "account-has-money": entry(
    409,
    "The account has money of that day or later",
    "该日期之后已有入账",
    "Money never moves from one seller's books to another's by itself. Choose a later day.",
  ),
} as const satisfies Record<string, ProblemEntry>;
