// Where each payout stands, decided anew from its facts by the rules that released or held it: state, open holds, and
// nothing left that should have been released.

import { proposeMatches } from "../../matching/propose-step.ts";
import { payoutsReturnedBefore } from "../../matching/returned-before.ts";
import { decideRelease, type HoldDraft, type ReleaseFacts } from "../../release/decide-release.ts";
import { payoutState } from "../../release/payout-state.ts";
import { loadReleaseFacts } from "../../release/release-facts.ts";
import { withRules } from "../../release/ruled.ts";
import { withWaivers } from "../../release/waiver-rows.ts";
import { civilDateIn } from "../../time/instant.ts";
import { shownMoney } from "./compare-fields.ts";
import { groupedBy } from "./grouped-rows.ts";
import { pagesBy } from "./pages.ts";
import type { VerifyContext } from "./verify-context.ts";

const CHECK = "states";

type StateRow = {
  payout_id: string;
  state: string;
  is_open: boolean;
  merged_into: string | null;
};

type OpenHold = { payout_id: string; code: string; amount_minor: bigint; currency: string };

export async function verifyStates(context: VerifyContext): Promise<void> {
  const { tx, scope, findings, policy } = context;
  const { proposals } = await proposeMatches(tx, scope.tenantId, policy);
  const pages = pagesBy<StateRow>(
    (row) => row.payout_id,
    (after, limit) =>
      tx.query<StateRow>(
        `SELECT payout_id, state, is_open, merged_into FROM payout
          WHERE tenant_id = $1 AND payout_id > $2 ORDER BY payout_id LIMIT $3`,
        [scope.tenantId, after, limit],
      ),
  );
  for await (const page of pages) {
    const ids = page.map((row) => row.payout_id);
    const told = await loadReleaseFacts(tx, scope.tenantId, ids, proposals);
    const today = civilDateIn(policy.zone, context.now);
    const ruled = await withRules(tx, scope.tenantId, told, { policy, today });
    const loaded = await withWaivers(tx, scope.tenantId, ruled, policy);
    const facts = new Map(loaded.map((fact) => [fact.payoutId, fact]));
    const holds = await loadOpenHolds(context, ids);
    for (const row of page) {
      const open = holds.get(row.payout_id) ?? [];
      const fact = facts.get(row.payout_id);
      if (row.merged_into !== null) verifyMerged(context, row, open);
      else if (fact !== undefined) await verifyStanding(context, row, open, fact);
    }
    findings.compared(CHECK, "payouts", page.length);
  }
}

async function loadOpenHolds(
  { tx, scope }: VerifyContext,
  payoutIds: readonly string[],
): Promise<ReadonlyMap<string, readonly OpenHold[]>> {
  const rows = await tx.query<OpenHold>(
    `SELECT payout_id, code, amount_minor, currency FROM hold
      WHERE tenant_id = $1 AND payout_id = ANY($2::text[]) AND closed_at IS NULL`,
    [scope.tenantId, payoutIds],
  );
  return groupedBy(rows, (row) => row.payout_id);
}

/** Another payout answers for a merged one. */
function verifyMerged({ findings }: VerifyContext, row: StateRow, open: readonly OpenHold[]): void {
  const subject = `payout ${row.payout_id}`;
  if (row.state !== "merged" || row.is_open) {
    const values = { expected: "merged, closed", found: standingOf(row.state, row.is_open) };
    findings.report(CHECK, subject, "it was merged into another and must be closed", values);
  }
  if (open.length > 0) {
    const message = "a hold is open on it, although it was merged into another";
    findings.report(CHECK, subject, message, { found: shownHolds(open.map(openedHold)) });
  }
}

async function verifyStanding(
  context: VerifyContext,
  row: StateRow,
  open: readonly OpenHold[],
  facts: ReleaseFacts,
): Promise<void> {
  const faults = standingFaults(context, row, open, facts);
  if (faults.length === 0) return;
  // Money that came and went before the payout was known counts too. It is looked for only where it can explain
  // something: that is one search a payout, and most books have none.
  const { tx, scope, policy, findings } = context;
  const ids = [facts.payoutId];
  const returned = await payoutsReturnedBefore(tx, scope.tenantId, ids, policy);
  const returnedBeforeMinor = returned.get(facts.payoutId) ?? 0n;
  const left =
    returnedBeforeMinor === 0n
      ? faults
      : standingFaults(context, row, open, { ...facts, returnedBeforeMinor });
  for (const { message, expected, found } of left) {
    findings.report(CHECK, `payout ${row.payout_id}`, message, { expected, found });
  }
}

type StandingFault = { message: string; expected: string | null; found: string | null };

function standingFaults(
  { policy, now }: VerifyContext,
  row: StateRow,
  open: readonly OpenHold[],
  facts: ReleaseFacts,
): readonly StandingFault[] {
  const decision = decideRelease(facts, policy, civilDateIn(policy.zone, now));
  const faults: StandingFault[] = decision.releases.map((release) => ({
    message: `no rule holds match ${release.matchId}, but it is not released`,
    expected: `${shownMoney(release.currency, release.amountMinor)} released`,
    found: null,
  }));
  const must = (message: string, expected: string, found: string): void => {
    if (expected !== found) faults.push({ message, expected, found });
  };
  // What is not released yet must not count as released when the state is told.
  const state = payoutState(facts, { ...decision, releases: [] });
  must(
    "its state is not what its facts say",
    standingOf(state.state, state.isOpen),
    standingOf(row.state, row.is_open),
  );
  must(
    "its open holds are not what the rules say",
    shownHolds(decision.holds.map(decidedHold)),
    shownHolds(open.map(openedHold)),
  );
  return faults;
}

function standingOf(state: string, isOpen: boolean): string {
  return `${state}, ${isOpen ? "open" : "closed"}`;
}

function decidedHold(hold: HoldDraft): string {
  return `${hold.code} ${shownMoney(hold.currency, hold.amountMinor)}`;
}

function openedHold(hold: OpenHold): string {
  return `${hold.code} ${shownMoney(hold.currency, hold.amount_minor)}`;
}

function shownHolds(holds: readonly string[]): string {
  return holds.length === 0 ? "none" : [...holds].sort().join("; ");
}
