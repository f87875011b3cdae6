// Problems of stores, their consents, and payouts that are asked for: part of the one catalogue (problems.ts).

import type { ProblemEntry } from "./problems.ts";

function entry(
  status: ProblemEntry["status"],
  title: string,
  titleZh: string,
  meaning: string,
): ProblemEntry {
  return { status, title, titleZh, retryable: false, meaning };
}

export const STORE_PROBLEMS = {
  "seller-unknown": entry(
    422,
    "There is no such seller here",
    "没有此卖家",
    "Name a registered seller, or none: the accounts in the file say whose it is.",
  ),
  "marketplace-not-connected": entry(
    409,
    "There is no connection to this marketplace",
    "未接入该平台",
    "This installation has no application at the marketplace, or the program has no connection to it. Upload its files instead.",
  ),
  "too-many-stores": entry(
    409,
    "There are too many stores",
    "店铺数量过多",
    "A seller has at most 200. Use the ones that there are: a store that was ended can be bound again.",
  ),
  "consent-unknown": entry(
    404,
    "No such consent was begun",
    "没有该授权流程",
    "The `state` is not one of ours. Begin the consent again.",
  ),
  "consent-declined": entry(
    422,
    "The consent was not given",
    "卖家未同意授权",
    "Nothing was bound. The seller may begin the consent again.",
  ),
  "consent-used": entry(
    409,
    "This consent was used already",
    "该授权已使用",
    "A consent is good once. Begin it again.",
  ),
  "consent-expired": entry(
    409,
    "This consent took too long",
    "授权已超时",
    "It is good for half an hour, and the marketplace's code for five minutes. Begin it again.",
  ),
  "consent-begun-elsewhere": entry(
    403,
    "This consent was begun elsewhere",
    "授权流程不是在此处开始的",
    "It is completed in the browser, or by the key, that began it, so that nobody is led to give their store to another seller.",
  ),
  "consent-code-invalid": entry(
    422,
    "The marketplace does not take the consent's code",
    "平台不接受该授权码",
    "The code is good once and for five minutes. Begin the consent again.",
  ),
  "store-of-another-account": entry(
    409,
    "This store was bound to another account",
    "该店铺曾绑定另一平台账户",
    "A store stays with its account. Name a new store for the other one.",
  ),
  "store-already-bound": entry(
    409,
    "The account is bound to another store",
    "该平台账户已绑定另一店铺",
    "An account pays one seller. End the other binding first; who may do that is who may see that store.",
  ),
  "store-not-bound": entry(
    409,
    "The store is not bound",
    "店铺未授权",
    "Its seller has to consent at the marketplace first.",
  ),
  "store-name-in-doubt": entry(
    409,
    "Whose account this is is in doubt",
    "平台账户名称有疑问",
    "The marketplace tells another legal name, or none. A person confirms it first.",
  ),
  "name-not-in-doubt": entry(
    409,
    "The name is not in doubt",
    "名称没有疑问",
    "There is nothing to confirm.",
  ),
  "payout-not-on-demand": entry(
    422,
    "This country store does not pay on demand",
    "该站点不支持主动提现",
    "The marketplace pays it out by its own schedule. Which ones can be asked: marketplaces.md.",
  ),
  "payout-asked-lately": entry(
    409,
    "A payout was asked for lately",
    "近期已发起过提现",
    "One in 24 hours for each country store; `detail` says when the next one may be asked for.",
  ),
} as const satisfies Record<string, ProblemEntry>;
