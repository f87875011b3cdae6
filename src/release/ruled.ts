// Rules of packs over payouts: loads what they look at, and turns what they say into complaints of the release. Where no
// pack is in force nothing is asked.

import type { EvidenceFacts } from "../evidence/evidence-facts.ts";
import { loadEvidenceFacts, uncoveredShare } from "../evidence/evidence-facts.ts";
import { DEFAULT_EVIDENCE_SETTINGS } from "../evidence/settings.ts";
import { type EnterpriseOn, loadEnterprises } from "../identity/enterprises.ts";
import type { Currency } from "../money/currency.ts";
import { evaluatePacks, type Verdict } from "../policy/evaluate.ts";
import type { Policy } from "../policy/policy.ts";
import { RULE_FACTS, type RuleFacts, unknownFacts } from "../policy/rule-facts.ts";
import { loadRates, type RateTable } from "../rates/reference-rates.ts";
import { screenParties } from "../screening/screening.ts";
import type { Tx } from "../storage/database.ts";
import { addBusinessDays } from "../time/calendar.ts";
import { addWeekdays, type CivilDate } from "../time/instant.ts";
import type { Complaint, ReleaseFacts, ReleaseMatch } from "./decide-release.ts";

/** What the packs say of each payout, in the order of its credits. */
export async function judgePayouts(
  tx: Tx,
  tenantId: string,
  facts: readonly ReleaseFacts[],
  { policy, today }: { readonly policy: Policy; readonly today: CivilDate },
): Promise<ReadonlyMap<string, readonly Verdict[]>> {
  const claimed = facts.filter(({ sellerId }) => sellerId !== null);
  if (policy.packs.length === 0 || claimed.length === 0) return new Map();
  const cases = await loadCases(tx, tenantId, claimed, policy, today);
  return new Map(
    [...cases].map(([payoutId, own]) => [payoutId, evaluatePacks(policy.packs, own, dueDay)]),
  );
}

/**
 * What a person looked at when a hold was waived: the rule, and the things by name that it names (entries of lists, modes).
 * Other ones are another cause; an amount never is.
 */
function causesOf({ rule, lookedAt }: Verdict): readonly string[] {
  const named = lookedAt.filter(({ fact, value }) => LIST_FACTS.has(fact) && value !== "");
  return [rule.ref, ...named.map(({ fact, value }) => `${fact} = ${value}`)];
}

const LIST_FACTS: ReadonlySet<string> = new Set(
  Object.entries(RULE_FACTS).flatMap(([group, fields]) =>
    Object.entries(fields).flatMap(([field, [type]]) =>
      type === "list<string>" ? [`${group}.${field}`] : [],
    ),
  ),
);

/** The facts with what the packs say against them. */
export async function withRules(
  tx: Tx,
  tenantId: string,
  facts: readonly ReleaseFacts[],
  at: { readonly policy: Policy; readonly today: CivilDate },
): Promise<readonly ReleaseFacts[]> {
  const verdicts = await judgePayouts(tx, tenantId, facts, at);
  if (verdicts.size === 0) return facts;
  return facts.map((fact) => ({
    ...fact,
    ruled: complaintsOfVerdicts(verdicts.get(fact.payoutId) ?? []),
  }));
}

/** Working days of China's banks; weekdays in years that no calendar is announced for. */
function dueDay(from: CivilDate, count: number): CivilDate {
  const due = addBusinessDays(from, count, ["CN"], "weekdays");
  return due.ok ? due.value : addWeekdays(from, count);
}

/** Verdicts that hold money, as complaints; a rule that cannot be computed holds until a person looked. */
export function complaintsOfVerdicts(verdicts: readonly Verdict[]): readonly Complaint[] {
  return verdicts.flatMap((verdict) => {
    const { rule, outcome, creditId, amountMinor, dueOn } = verdict;
    const holds = rule.effect === "hold" || rule.effect === "refuse";
    const isFailed = outcome === "failed";
    if (!isFailed && !(outcome === "speaks" && holds)) return [];
    return [
      {
        code: isFailed ? "rule-failed" : rule.code,
        message: isFailed ? `${rule.ref} cannot be computed: ${verdict.failure}` : verdict.message,
        papers: isFailed ? [] : rule.papers.map(({ en }) => en),
        owner: isFailed ? ("operator" as const) : rule.owner,
        words: {
          messageZh: isFailed ? `规则 ${rule.ref} 无法计算：${verdict.failure}` : verdict.messageZh,
          consequence: rule.consequence.en || null,
          consequenceZh: rule.consequence.zh || null,
          rule: rule.ref,
        },
        causes: () => causesOf(verdict),
        isFinal: rule.effect === "refuse",
        ...(creditId === null ? {} : { creditId }),
        ...(amountMinor === null ? {} : { holdsMinor: amountMinor }),
        ...(dueOn === null ? {} : { dueOn }),
      },
    ];
  });
}

/** The facts of each credit of each payout; at most four statements whatever their number. */
export async function loadCases(
  tx: Tx,
  tenantId: string,
  facts: readonly ReleaseFacts[],
  policy: Policy,
  today: CivilDate,
): Promise<ReadonlyMap<string, readonly RuleFacts[]>> {
  const sellerIds = [...new Set(facts.flatMap(({ sellerId }) => sellerId ?? []))];
  const enterprises = await loadEnterprises(tx, tenantId, sellerIds);
  const since = `${Number(today.slice(0, 4)) - 1}-01-01` as CivilDate;
  const creditIds = facts.flatMap(({ matches }) => matches.map(({ creditId }) => creditId));
  const receipts = await loadReceipts(tx, tenantId, { sellerIds, creditIds, since });
  const days = receipts.map(({ on }) => on);
  const rates = await loadRates(tx, tenantId, days.reduce(earlier, today), today);
  const evidence = await loadEvidenceFacts(
    tx,
    tenantId,
    facts.map(({ payoutId }) => payoutId),
    { settings: policy.evidence ?? DEFAULT_EVIDENCE_SETTINGS, today },
  );
  const sellerNames =
    policy.screening === null ? new Map() : await loadNames(tx, tenantId, sellerIds);
  const known: Known = {
    since,
    sellerNames,
    enterprises,
    receipts,
    rates,
    evidence,
    policy,
    today,
  };
  return new Map(
    facts.map((payout) => [
      payout.payoutId,
      payout.matches
        .filter((match) => match.amountMinor > match.undoneMinor)
        .map((match) => caseOf(payout, match, known)),
    ]),
  );
}

async function loadNames(
  tx: Tx,
  tenantId: string,
  sellerIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await tx.query<{ seller_id: string; legal_name: string }>(
    "SELECT seller_id, legal_name FROM seller WHERE tenant_id = $1 AND seller_id = ANY ($2::text[])",
    [tenantId, sellerIds],
    { name: "names-of-sellers" },
  );
  return new Map(rows.map((row) => [row.seller_id, row.legal_name]));
}

type Receipt = {
  readonly creditId: string;
  readonly sellerId: string;
  readonly currency: Currency;
  readonly minor: bigint;
  readonly on: CivilDate;
};

type Known = {
  /** From here all receipts of the sellers are known. */
  readonly since: CivilDate;
  readonly sellerNames: ReadonlyMap<string, string>;
  readonly enterprises: EnterpriseOn;
  readonly receipts: readonly Receipt[];
  readonly rates: RateTable;
  readonly evidence: ReadonlyMap<string, EvidenceFacts>;
  readonly policy: Policy;
  readonly today: CivilDate;
};

function earlier(left: CivilDate, right: CivilDate): CivilDate {
  return left < right ? left : right;
}

type ReceiptRow = {
  transaction_id: string;
  seller_id: string;
  currency: Currency;
  minor: bigint;
  on_day: CivilDate;
};

/**
 * What the bank credited the sellers in this calendar year and the one before, less what it took back; and the credits that
 * are judged, however old they are.
 */
async function loadReceipts(
  tx: Tx,
  tenantId: string,
  asked: {
    readonly sellerIds: readonly string[];
    readonly creditIds: readonly string[];
    readonly since: CivilDate;
  },
): Promise<readonly Receipt[]> {
  const rows = await tx.query<ReceiptRow>(
    `SELECT c.transaction_id, c.seller_id, c.currency, coalesce(c.booked_on, c.value_on) AS on_day,
            c.amount_minor - coalesce((SELECT sum(u.amount_minor) FROM undo u
                                        WHERE u.tenant_id = $1 AND u.credit_id = c.transaction_id), 0)::bigint AS minor
       FROM bank_transaction c
      WHERE c.tenant_id = $1 AND c.seller_id = ANY ($2::text[]) AND c.direction = 'credit' AND c.role = 'incoming'
        AND c.state <> 'copy'
        AND (coalesce(c.booked_on, c.value_on) >= $3::date OR c.transaction_id = ANY ($4::text[])
             AND coalesce(c.booked_on, c.value_on) IS NOT NULL)`,
    [tenantId, asked.sellerIds, asked.since, asked.creditIds],
    { name: "receipts-of-sellers" },
  );
  return rows.map((row) => ({
    creditId: row.transaction_id,
    sellerId: row.seller_id,
    currency: row.currency,
    minor: row.minor,
    on: row.on_day,
  }));
}

function caseOf(payout: ReleaseFacts, match: ReleaseMatch, known: Known): RuleFacts {
  const { policy, today, rates } = known;
  const on = known.receipts.find(({ creditId }) => creditId === match.creditId)?.on ?? today;
  const amountMinor = match.amountMinor - match.undoneMinor;
  const usd = rates.usdMinor(amountMinor, match.currency, on);
  const { rules } = policy;
  const nothing = unknownFacts(today);
  return {
    ...nothing,
    payout: {
      id: payout.payoutId,
      marketplace: payout.marketplace,
      reference: payout.reference,
      currency: payout.currency,
      amountMinor: payout.amountMinor,
    },
    credit: {
      id: match.creditId,
      currency: match.currency,
      amountMinor,
      waitingMinor: amountMinor - match.releasedMinor,
      bookedOn: on,
      payer: match.payerName ?? match.ultimatePayerName ?? "",
      usdMinor: usd ?? 0n,
      isPriced: usd !== null,
    },
    seller: sellerFacts(payout.sellerId ?? "", on, known),
    ...receiptFacts(payout.sellerId ?? "", on, known),
    evidence: evidenceFacts(payout, match, known.evidence.get(payout.payoutId)) ?? nothing.evidence,
    screening: screeningFacts(payout, match, known),
    settings: {
      pendingAccount: rules.pendingAccount,
      smallSellerLineUsdMinor: BigInt(rules.smallSellerLineUsd) * CENTS,
      smallSellerWarningUsdMinor: BigInt(rules.smallSellerWarningUsd) * CENTS,
      largeValueUsdMinor: BigInt(rules.largeValueUsd) * CENTS,
    },
  };
}

const CENTS = 100n;

function sellerFacts(sellerId: string, on: CivilDate, { enterprises }: Known): RuleFacts["seller"] {
  const record = enterprises(sellerId, on);
  return {
    id: sellerId,
    class: record?.class ?? "",
    classFromOn: record?.fromOn ?? "",
    directory: record?.directory ?? "",
    quality: record?.quality ?? false,
    tier: record?.tier ?? "",
  };
}

function receiptFacts(
  sellerId: string,
  on: CivilDate,
  { receipts, rates, since }: Known,
): Pick<RuleFacts, "year" | "day"> {
  const from = `${on.slice(0, 4)}-01-01`;
  const own = receipts.filter((one) => one.sellerId === sellerId && one.on >= from && one.on <= on);
  const usd = own.map((one) => rates.usdMinor(one.minor, one.currency, one.on));
  const ofDay = own.map((one, index) => (one.on === on ? (usd[index] ?? null) : null));
  return {
    year: { from, receiptsUsdMinor: sum(usd), isComplete: from >= since && !usd.includes(null) },
    day: {
      receiptsUsdMinor: sum(ofDay),
      receiptCount: BigInt(own.filter((one) => one.on === on).length),
    },
  };
}

function sum(amounts: readonly (bigint | null)[]): bigint {
  return amounts.reduce<bigint>((total, minor) => total + (minor ?? 0n), 0n);
}

/** The payee is screened by its registered name's owner: the seller. */
function screeningFacts(
  payout: ReleaseFacts,
  match: ReleaseMatch,
  { policy, today, sellerNames }: Known,
): RuleFacts["screening"] {
  const screened = screenParties(
    policy.screening,
    [
      ["payer", match.payerName],
      ["ultimate-payer", match.ultimatePayerName],
      ["payee", sellerNames.get(payout.sellerId ?? "") ?? null],
    ],
    today,
  );
  const best = screened.hits.reduce((most, { score }) => Math.max(most, score), 0);
  return {
    state: screened.state,
    parties: [...new Set(screened.hits.map(({ party }) => party))],
    entries: [
      ...new Set(screened.hits.map(({ entry }) => `${entry.list}/${entry.entryId}`)),
    ].sort(),
    hitCount: BigInt(screened.hits.length),
    scorePermille: BigInt(Math.round(best * 1000)),
    listsDatedOn: screened.listsDatedOn ?? "",
  };
}

/** Papers named one by one to a rule; all of them are counted. */
const PAPERS_SHOWN = 20;

function evidenceFacts(
  payout: ReleaseFacts,
  match: ReleaseMatch,
  evidence: EvidenceFacts | undefined,
): RuleFacts["evidence"] | null {
  if (evidence === undefined || evidence.state === "unknown") return null;
  const came = payout.matches
    .filter(({ currency }) => currency === match.currency)
    .reduce((sum, one) => sum + one.amountMinor - one.undoneMinor, 0n);
  return {
    isKnown: true,
    currency: evidence.currency,
    requiredMinor: evidence.requiredMinor,
    coveredMinor: evidence.coveredMinor,
    uncoveredShareMinor: uncoveredShare(evidence, came),
    missing: evidence.missing.slice(0, PAPERS_SHOWN).map((paper) => ({
      orderId: paper.orderId ?? "",
      paper: paper.paper,
      amountMinor: paper.amountMinor,
      owner: paper.owner,
      dueOn: paper.dueOn,
    })),
    missingCount: BigInt(evidence.missingPapers.reduce((sum, { count }) => sum + count, 0)),
    unshippedCount: BigInt(evidence.ordersUnshipped),
    overdueCount: BigInt(evidence.ordersOverdue),
    trackingReusedCount: BigInt(evidence.trackingReused.length),
    customsModes: evidence.customsModes.map(({ mode }) => mode),
    refusedModes: evidence.refusedModes,
  };
}
