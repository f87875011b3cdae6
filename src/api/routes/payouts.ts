// Payouts: where each stands, and its story down to file and line.

import { loadEvidenceFacts } from "../../evidence/evidence-facts.ts";
import { type Caller, maySeeSeller } from "../../identity/caller.ts";
import type { HoldView } from "../../report/hold-view.ts";
import { type CreditOfPayout, type PayoutView, viewPayouts } from "../../report/payout-view.ts";
import { explainPayout } from "../../report/verdicts.ts";
import type { Tx } from "../../storage/database.ts";
import { civilDateIn, type Instant, msOf } from "../../time/instant.ts";
import { readTimeline, type TimelineEvent } from "../../timeline/timeline.ts";
import {
  getPayout,
  getPayoutEvidence,
  getPayoutTimeline,
  getPayoutVerdicts,
  listPayouts,
  type PayoutJson,
  type TimelineEntryJson,
} from "../contract/payouts.ts";
import { moneyOf } from "../contract/values.ts";
import { type Page, type Place, pageFrom, placeOf } from "../page.ts";
import { problem } from "../problems.ts";
import type { RegisterRoutes } from "../register.ts";
import { sellerScope } from "../seller-scope.ts";
import { evidenceJson, verdictsJson } from "./payout-rules.ts";

const LIST = "payouts";

export const payoutRoutes: RegisterRoutes = (app, deps) => {
  app.openapi(listPayouts, async (c) => {
    const query = c.req.valid("query");
    const caller = c.get("caller");
    const page = await deps.read(caller, (tx) =>
      pageOfPayouts(tx, deps.tenantId, {
        sellerId: sellerScope(caller, query.sellerId),
        state: query.state ?? null,
        reference: query.reference ?? null,
        limit: query.limit,
        after: placeOf(LIST, query.cursor, ["instant", "text"]),
      }),
    );
    return c.json(page, 200);
  });
  app.openapi(getPayout, async (c) => {
    const { payoutId } = c.req.valid("param");
    const caller = c.get("caller");
    const view = await deps.read(caller, (tx) => loadPayout(tx, deps.tenantId, caller, payoutId));
    return c.json(payoutJson(view), 200);
  });
  app.openapi(getPayoutTimeline, async (c) => {
    const { payoutId } = c.req.valid("param");
    const caller = c.get("caller");
    const data = await deps.read(caller, async (tx) => {
      const view = await loadPayout(tx, deps.tenantId, caller, payoutId);
      const subjects = [
        view.id,
        ...view.statements.map((statement) => statement.id),
        ...view.credits.map((credit) => credit.id),
      ];
      return timelineJson(tx, deps.tenantId, await readTimeline(tx, deps.tenantId, subjects));
    });
    return c.json({ data }, 200);
  });
};

export const payoutRuleRoutes: RegisterRoutes = (app, deps) => {
  const { tenantId, policy, clock } = deps;
  const today = () => civilDateIn(policy.zone, clock.now());
  app.openapi(getPayoutEvidence, async (c) => {
    const { payoutId } = c.req.valid("param");
    const caller = c.get("caller");
    const evidence = await deps.read(caller, async (tx) => {
      const { id } = await loadPayout(tx, tenantId, caller, payoutId);
      if (policy.evidence === null) return null;
      const at = { settings: policy.evidence, today: today() };
      return (await loadEvidenceFacts(tx, tenantId, [id], at)).get(id) ?? null;
    });
    return c.json(evidenceJson(evidence), 200);
  });
  app.openapi(getPayoutVerdicts, async (c) => {
    const { payoutId } = c.req.valid("param");
    const caller = c.get("caller");
    const explanation = await deps.read(caller, async (tx) => {
      const { id } = await loadPayout(tx, tenantId, caller, payoutId);
      return explainPayout(tx, tenantId, id, { policy, today: today() });
    });
    if (explanation === null) throw problem("not-found");
    return c.json(verdictsJson(explanation, caller.sellerId !== null), 200);
  });
};

type Filter = {
  readonly sellerId: string | null;
  readonly state: string | null;
  readonly reference: string | null;
  readonly limit: number;
  readonly after: Place | null;
};

type PlaceRow = { payout_id: string; on_day: Instant };

async function pageOfPayouts(tx: Tx, tenantId: string, filter: Filter): Promise<Page<PayoutJson>> {
  const rows = await tx.query<PlaceRow>(
    `SELECT payout_id, coalesce(initiated_at, period_end_at, recorded_at) AS on_day FROM payout
      WHERE tenant_id = $1 AND merged_into IS NULL AND ($2::text IS NULL OR seller_id = $2)
        AND ($3::text IS NULL OR state = $3) AND ($4::text IS NULL OR reference = $4)
        AND ($5::timestamptz IS NULL
             OR (coalesce(initiated_at, period_end_at, recorded_at), payout_id) < ($5::timestamptz, $6::text))
      ORDER BY coalesce(initiated_at, period_end_at, recorded_at) DESC, payout_id DESC LIMIT $7`,
    [
      tenantId,
      filter.sellerId,
      filter.state,
      filter.reference,
      filter.after?.[0] ?? null,
      filter.after?.[1] ?? null,
      filter.limit + 1,
    ],
  );
  const views = await viewPayouts(
    tx,
    tenantId,
    rows.map((row) => row.payout_id),
  );
  const byId = new Map(views.map((view) => [view.id, view]));
  return pageFrom(
    LIST,
    rows,
    filter.limit,
    (row) => [row.on_day, row.payout_id],
    (row) => payoutJson(byId.get(row.payout_id) as PayoutView),
  );
}

/** The view of a payout that the caller may see; a merged one is shown as the one it went into. */
async function loadPayout(
  tx: Tx,
  tenantId: string,
  caller: Caller,
  payoutId: string,
): Promise<PayoutView> {
  const [view] = await viewPayouts(tx, tenantId, [payoutId]);
  if (view === undefined || !maySeeSeller(caller, view.sellerId)) throw problem("not-found");
  return view;
}

function payoutJson(view: PayoutView): PayoutJson {
  const original =
    view.originalAmount === null || view.originalCurrency === null
      ? null
      : moneyOf(view.originalAmount, view.originalCurrency);
  return {
    id: view.id,
    reference: view.reference,
    sellerId: view.sellerId,
    marketplace: view.marketplace,
    source: view.source,
    announcedStatus: view.announcedStatus,
    // A merged payout is never shown: its place was taken by another.
    state: view.state as PayoutJson["state"],
    amount: moneyOf(view.amount, view.currency),
    originalAmount: original,
    initiatedAt: view.initiatedAt,
    credited: moneyOf(view.creditedAmount, view.creditedCurrency),
    charged: moneyOf(view.chargedAmount, view.currency),
    holds: view.holds.map(holdJson),
    statements: view.statements.map((statement) => ({
      id: statement.id,
      settlementId: statement.settlementId,
      verdict: statement.verdict,
      total: moneyOf(statement.total, statement.currency),
      lineCount: statement.lineCount,
      periodStart: statement.periodStart,
      periodEnd: statement.periodEnd,
      source: sourceOf(statement),
    })),
    matches: view.credits.map((credit) => matchJson(credit, view.currency)),
    minuteClock: minuteClockOf(view),
    transitDays: view.transitDays,
  };
}

function sourceOf(of: { file: string | null; sha256: string; line: number }) {
  return { file: of.file, sha256: of.sha256, line: of.line };
}

function holdJson(hold: HoldView): PayoutJson["holds"][number] {
  return {
    id: hold.id,
    code: hold.code,
    amount: moneyOf(hold.amount, hold.currency),
    message: hold.message,
    messageZh: hold.messageZh,
    consequence: hold.consequence,
    consequenceZh: hold.consequenceZh,
    rule: hold.rule,
    papers: [...hold.papers],
    owner: hold.owner,
    dueOn: hold.dueOn,
    openedAt: hold.openedAt,
  };
}

function matchJson(credit: CreditOfPayout, payoutCurrency: string): PayoutJson["matches"][number] {
  return {
    matchId: credit.matchId,
    creditId: credit.id,
    layer: credit.layer,
    amount: moneyOf(credit.amount, credit.currency),
    charges: moneyOf(credit.charges, payoutCurrency),
    released: moneyOf(credit.released, credit.currency),
    returned: moneyOf(credit.returned, credit.currency),
    account: credit.account,
    payer: credit.payer,
    valueOn: credit.valueOn,
    storedAt: credit.storedAt,
    recordedAt: credit.recordedAt,
    matchedAt: credit.matchedAt,
    releasedAt: credit.releasedAt,
    confirmed: credit.confirmed,
    source: sourceOf(credit),
  };
}

/** The slowest credit's clock. */
function minuteClockOf(view: PayoutView): PayoutJson["minuteClock"] {
  const clocks = view.credits.flatMap(({ storedAt, releasedAt }) =>
    storedAt === null || releasedAt === null
      ? []
      : [{ storedAt, releasedAt, ms: msOf(releasedAt) - msOf(storedAt) }],
  );
  return clocks.sort((a, b) => b.ms - a.ms)[0] ?? null;
}

async function timelineJson(
  tx: Tx,
  tenantId: string,
  events: readonly TimelineEvent[],
): Promise<TimelineEntryJson[]> {
  const hashes = events.flatMap((event) => (event.source === null ? [] : [event.source.sha256]));
  const files = await tx.query<{ sha256: string; name: string }>(
    `SELECT sha256, name FROM raw_file WHERE tenant_id = $1 AND sha256 = ANY($2::text[])`,
    [tenantId, [...new Set(hashes)]],
  );
  const names = new Map(files.map((file) => [file.sha256, file.name]));
  return events.map((event) => ({
    at: event.at,
    subject: event.subject,
    kind: event.kind,
    actor: event.actor ?? null,
    data: { ...event.data },
    source:
      event.source === null
        ? null
        : { ...event.source, file: names.get(event.source.sha256) ?? null },
  }));
}
