// The release step: decides each touched payout, commits what is released, records and closes holds, and keeps the
// payout's state. Set-based: any number of payouts in one transaction.

import { type LedgerStep, mustPostToBooks } from "../books/journal.ts";
import { objectId } from "../ids/object-id.ts";
import type { Posting } from "../ledger/posting.ts";
import { MATCH_LEG, matchPostingId } from "../matching/match-entries.ts";
import type { Proposal } from "../matching/propose-step.ts";
import { payoutsReturnedBefore } from "../matching/returned-before.ts";
import { releasePostingId } from "../matching/undo-entries.ts";
import { formatMinor } from "../money/money.ts";
import type { Policy } from "../policy/policy.ts";
import type { Tx } from "../storage/database.ts";
import { insertRows } from "../storage/insert-rows.ts";
import { type CivilDate, civilDateIn, type Instant } from "../time/instant.ts";
import { appendEvents, type TimelineEvent } from "../timeline/timeline.ts";
import { decideRelease, type ReleaseDecision, type ReleaseFacts } from "./decide-release.ts";
import { keepHolds } from "./holds.ts";
import { netPaidMinor } from "./net-paid.ts";
import { payoutState } from "./payout-state.ts";
import { loadReleaseFacts } from "./release-facts.ts";
import { withRules } from "./ruled.ts";
import { withWaivers } from "./waiver-rows.ts";

/** Decides the payouts again and makes the decisions true. Deciding twice changes nothing. */
export async function releasePayouts(
  tx: Tx,
  ledger: LedgerStep,
  tenantId: string,
  payoutIds: readonly string[],
  at: {
    readonly policy: Policy;
    readonly now: Instant;
    readonly proposals?: ReadonlyMap<string, Proposal>;
  },
): Promise<void> {
  if (payoutIds.length === 0) return;
  const { policy, now } = at;
  const loaded = await loadReleaseFacts(tx, tenantId, payoutIds, at.proposals);
  const short = loaded.filter((fact) => netPaidMinor(fact) < fact.amountMinor);
  const returned = await payoutsReturnedBefore(
    tx,
    tenantId,
    short.map((fact) => fact.payoutId),
    policy,
  );
  const today = civilDateIn(policy.zone, now);
  const told = loaded.map((fact) => ({
    ...fact,
    returnedBeforeMinor: returned.get(fact.payoutId) ?? 0n,
  }));
  const ruled = await withRules(tx, tenantId, told, { policy, today });
  const facts = await withWaivers(tx, tenantId, ruled, policy);
  const decisions = facts.map((fact) => decideRelease(fact, policy, today));
  await keepHolds(tx, tenantId, decisions, now);
  await postReleases(tx, ledger, tenantId, facts, decisions, { now, today });
  await keepStates(tx, tenantId, facts, decisions);
}

type ReleaseToPost = ReleaseDecision["releases"][number] & {
  readonly payoutId: string;
  readonly releaseId: string;
};

async function postReleases(
  tx: Tx,
  ledger: LedgerStep,
  tenantId: string,
  facts: readonly ReleaseFacts[],
  decisions: readonly ReleaseDecision[],
  at: { now: Instant; today: CivilDate },
): Promise<void> {
  const releases = releasesOf(facts, decisions);
  if (releases.length === 0) return;
  await insertRows(
    tx,
    "release",
    {
      tenant_id: "text",
      release_id: "text",
      payout_id: "text",
      match_id: "text",
      amount_minor: "bigint",
      released_at: "timestamptz",
    },
    releases.map((release) => [
      tenantId,
      release.releaseId,
      release.payoutId,
      release.matchId,
      release.amountMinor,
      at.now,
    ]),
  );
  await mustPostToBooks(
    ledger,
    [],
    releases.map((release) => releasePosting(release, at.today)),
  );
  await appendEvents(
    tx,
    tenantId,
    releases.flatMap((release) => releaseEvents(release, at.now)),
  );
}

/** A release is named by how much of its match was released before it, so that repeating it makes no second one. */
function releasesOf(
  facts: readonly ReleaseFacts[],
  decisions: readonly ReleaseDecision[],
): readonly ReleaseToPost[] {
  const releasedSoFar = new Map(
    facts.flatMap((fact) =>
      fact.matches.map((match) => [match.matchId, match.everReleasedMinor] as const),
    ),
  );
  return decisions.flatMap((decision) =>
    decision.releases.map((release) => ({
      ...release,
      payoutId: decision.payoutId,
      releaseId: objectId(
        "rl",
        release.matchId,
        releasedSoFar.get(release.matchId) ?? 0n,
        release.amountMinor,
      ),
    })),
  );
}

function releasePosting(release: ReleaseToPost, today: CivilDate): Posting {
  return {
    id: releasePostingId(release.releaseId),
    effectiveOn: today,
    reason: "payout-released",
    subject: release.payoutId,
    legs: [
      {
        kind: "commit",
        of: { postingId: matchPostingId(release.matchId), leg: MATCH_LEG.pending },
        amount: { currency: release.currency, minor: release.amountMinor },
      },
    ],
  };
}

function releaseEvents(release: ReleaseToPost, now: Instant): readonly TimelineEvent[] {
  const { approvalIds } = release;
  const data = {
    releaseId: release.releaseId,
    amount: formatMinor(release.amountMinor, release.currency),
    currency: release.currency,
    ...(approvalIds.length === 0 ? {} : { approvalIds }),
  };
  return [release.payoutId, release.creditId].map((subject) => ({
    subject,
    kind: "payout-released",
    at: now,
    data,
    source: null,
  }));
}

async function keepStates(
  tx: Tx,
  tenantId: string,
  facts: readonly ReleaseFacts[],
  decisions: readonly ReleaseDecision[],
): Promise<void> {
  const states = facts.map((fact, index) => payoutState(fact, decisions[index] as ReleaseDecision));
  await tx.query(
    `UPDATE payout p SET state = n.state, is_open = n.is_open, version = p.version + 1
       FROM unnest($2::text[], $3::text[], $4::boolean[]) AS n(payout_id, state, is_open)
      WHERE p.tenant_id = $1 AND p.payout_id = n.payout_id AND p.merged_into IS NULL
        AND (p.state <> n.state OR p.is_open <> n.is_open)`,
    [
      tenantId,
      facts.map((fact) => fact.payoutId),
      states.map((state) => state.state),
      states.map((state) => state.isOpen),
    ],
    { name: "keep-payout-states" },
  );
}
