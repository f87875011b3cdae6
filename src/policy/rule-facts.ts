// What a rule of a pack may look at: one record for each credit of a payout, plain values, the same for explanation,
// decision and rehearsal. Names, types and meanings stand here once: the expression language is told of them, the
// TypeScript type follows from them, and docs/reference/rule-facts.md is written from them.

/** Types of the expression language. Whole numbers are exact (bigint); there is no floating point among the facts. */
type FieldType = "string" | "int" | "bool" | "list<string>" | "list<MissingPaper>";

/** [type, meaning]. A text that is not known is empty; amounts are minor units of the currency that is named. */
type Field = readonly [FieldType, string];

/** Records that stand in lists. */
export const FACT_RECORDS = {
  MissingPaper: {
    orderId: ["string", "Order whose paper is missing; empty: the payout as a whole"],
    paper: ["string", "Which paper: a code of the evidence formats"],
    amountMinor: ["int", "What it would cover, in the evidence's currency"],
    owner: ["string", "Who brings it: seller, operator, bank, marketplace"],
    dueOn: ["string", "Until when"],
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Field>>>>;

export const RULE_FACTS = {
  payout: {
    id: ["string", "The payout, `po_…`"],
    marketplace: ["string", "amazon, shopify, …"],
    reference: ["string", "The marketplace's own reference"],
    currency: ["string", "Currency of the payout"],
    amountMinor: ["int", "Amount of the payout"],
  },
  credit: {
    id: ["string", "The credit, `cr_…`"],
    currency: ["string", "Currency of the credit"],
    amountMinor: ["int", "What of the credit pays this payout and was not taken back"],
    waitingMinor: ["int", "Of it, what is neither released nor taken back"],
    bookedOn: [
      "string",
      "Day of business: the bank's booking day, else the value date, else today",
    ],
    payer: ["string", "Who paid"],
    usdMinor: ["int", "`amountMinor` in US cents at the reference rate of its day"],
    isPriced: ["bool", "A reference rate for its day is on record; else the equivalent is 0"],
  },
  seller: {
    id: ["string", "The seller"],
    class: ["string", "SAFE's class on the credit's day: A, B, C; empty: not told"],
    classFromOn: ["string", "Since when"],
    directory: [
      "string",
      "Directory of trading enterprises on the credit's day: listed, not-listed; empty: not told",
    ],
    quality: ["bool", "On the bank's list of quality enterprises on the credit's day"],
    tier: ["string", "The bank's tier of due diligence: I, II, III; empty: not told"],
  },
  year: {
    from: ["string", "1 January of the credit's year"],
    receiptsUsdMinor: [
      "int",
      "Receipts of the seller in that calendar year until and with the credit's day, US cents",
    ],
    isComplete: [
      "bool",
      "Every receipt of the year had a reference rate; else the sum is a lower bound",
    ],
  },
  day: {
    receiptsUsdMinor: ["int", "All receipts of the seller on the credit's day, US cents"],
    receiptCount: ["int", "How many credits that are"],
  },
  evidence: {
    isKnown: ["bool", "The orders of the payout's statements are on record and were looked at"],
    currency: ["string", "Currency of the sums"],
    requiredMinor: ["int", "Sales of the payout's orders"],
    coveredMinor: ["int", "What of them orders, goods and papers support"],
    uncoveredShareMinor: [
      "int",
      "Of the money that came for the payout, the share that the uncovered sales keep back; credit's currency",
    ],
    missing: ["list<MissingPaper>", "Papers that would cure the rest, the first of them"],
    missingCount: ["int", "How many papers are missing in all"],
    unshippedCount: ["int", "Orders used that still owe a tracking number"],
    overdueCount: ["int", "Orders of the payout whose tracking number is past its day"],
    trackingReusedCount: [
      "int",
      "Tracking numbers of its orders that stand for more than they may, of any seller",
    ],
    customsModes: [
      "list<string>",
      "Customs modes of its papers: 9610, 9710, 9810, 1210, 0110, undeclared",
    ],
    refusedModes: [
      "list<string>",
      "Modes among its papers that this channel does not settle: 1039",
    ],
  },
  screening: {
    state: ["string", "not-screened, clear, review, blocked, stale-lists"],
    parties: ["list<string>", "Who was hit: payer, ultimate-payer, payee"],
    entries: ["list<string>", "The entries that were hit, as list/number"],
    hitCount: ["int", "Entries of lists that a party is alike"],
    scorePermille: ["int", "How alike the most alike is, 0 to 1000"],
    listsDatedOn: ["string", "Day of the oldest list"],
  },
  settings: {
    pendingAccount: ["bool", "Receipts of class B and C wait in the account pending verification"],
    smallSellerLineUsdMinor: [
      "int",
      "Yearly receipts up to which a small seller needs no directory entry",
    ],
    smallSellerWarningUsdMinor: ["int", "Where the early warning begins"],
    largeValueUsdMinor: ["int", "From which one receipt is reported as large"],
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Field>>>>;

type ValueOf<Type> = Type extends "int"
  ? bigint
  : Type extends "bool"
    ? boolean
    : Type extends "list<string>"
      ? readonly string[]
      : Type extends "list<MissingPaper>"
        ? readonly MissingPaperFact[]
        : string;
type RecordOf<Fields extends Readonly<Record<string, Field>>> = {
  readonly [Name in keyof Fields]: ValueOf<Fields[Name][0]>;
};

export type MissingPaperFact = RecordOf<(typeof FACT_RECORDS)["MissingPaper"]>;

/** The facts of one credit of a payout, as of the day of business. Dates are `YYYY-MM-DD`. */
export type RuleFacts = {
  /** The day on which it is decided. */
  readonly today: string;
} & { readonly [Name in keyof typeof RULE_FACTS]: RecordOf<(typeof RULE_FACTS)[Name]> };

export type FactGroup = keyof typeof RULE_FACTS;

/** Facts of which nothing is known: what a caller knows goes over it. */
export function unknownFacts(today: string): RuleFacts {
  const groups = Object.entries(RULE_FACTS).map(([name, fields]) => [
    name,
    Object.fromEntries(
      Object.entries(fields as Readonly<Record<string, Field>>).map(([field, [type]]) => [
        field,
        unknownValue(type),
      ]),
    ),
  ]);
  return { today, ...Object.fromEntries(groups) } as RuleFacts;
}

function unknownValue(type: FieldType): unknown {
  if (type === "int") return 0n;
  if (type === "bool") return false;
  return type === "string" ? "" : [];
}
