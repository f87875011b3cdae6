// What of a payout may be used although a rule holds it, because one person asked for it and another approved: a pure
// rule over facts. A waiver is about one rule's code and one credit, up to an amount in all: whatever comes before or
// after it, the same money becomes usable, and never more (docs/concepts/approval.md).

import type {
  Complaint,
  HoldCode,
  ReleaseDecision,
  ReleaseFacts,
  ReleaseMatch,
  WaitingMoney,
} from "./decide-release.ts";

export type HoldWaiver = {
  readonly approvalId: string;
  readonly code: HoldCode;
  readonly creditId: string;
  /** Of the credit, for this payout: how much may be released in all while the rule complains. Minor units. */
  readonly upToMinor: bigint;
  /** What was wrong when it was looked at; another wrong is not covered. */
  readonly causes: readonly string[];
};

/**
 * Holds that no approval lifts, because it is not known whose the money is: naming the seller or binding the account
 * does.
 */
const NEVER_WAIVED: ReadonlySet<HoldCode> = new Set([
  "seller-unknown",
  "account-of-another-seller",
]);

export function isWaivable(code: HoldCode): boolean {
  return !NEVER_WAIVED.has(code);
}

/** The waiver that covers most of this match against the complaint; null when none does. */
export function coveringWaiver(
  waivers: readonly HoldWaiver[],
  complaint: Complaint,
  match: ReleaseMatch,
): HoldWaiver | null {
  if (!isWaivable(complaint.code) || complaint.isFinal === true) return null;
  const causes = complaint.causes?.(match) ?? [];
  const covering = waivers.filter(
    (waiver) =>
      waiver.code === complaint.code &&
      waiver.creditId === match.creditId &&
      causes.every((cause) => waiver.causes.includes(cause)),
  );
  return covering.reduce<HoldWaiver | null>(
    (most, waiver) => (most === null || waiver.upToMinor > most.upToMinor ? waiver : most),
    null,
  );
}

/** Released of each credit for this payout, in all, whether it was taken back later or not. */
export function releasedOfCredits(facts: Pick<ReleaseFacts, "matches">): Map<string, bigint> {
  const released = new Map<string, bigint>();
  for (const { creditId, everReleasedMinor } of facts.matches)
    released.set(creditId, (released.get(creditId) ?? 0n) + everReleasedMinor);
  return released;
}

type Waived = {
  readonly releases: ReleaseDecision["releases"];
  /** What each complaint still holds, in their order; zero where all of it is waived. */
  readonly heldMinorOf: readonly bigint[];
};

/** Releases of the waiting money what every complaint against it leaves free: all of it where there is none. */
export function applyWaivers(
  facts: ReleaseFacts,
  complaints: readonly Complaint[],
  waiting: readonly WaitingMoney[],
): Waived {
  const released = releasedOfCredits(facts);
  const untouched = complaints.map((complaint) => untouchedBy(complaint, waiting));
  const freed = waiting.map(({ match, amountMinor }, at) => {
    const covering = complaints.map((complaint) => coveringWaiver(facts.waivers, complaint, match));
    const before = released.get(match.creditId) ?? 0n;
    const free = covering
      .map((waiver, of) =>
        maximum(untouched[of]?.[at] ?? 0n, within(amountMinor, (waiver?.upToMinor ?? 0n) - before)),
      )
      .reduce(minimum, amountMinor);
    released.set(match.creditId, before + free);
    return { match, free, left: amountMinor - free, covering };
  });
  return {
    releases: freed.flatMap(({ match, free, covering }) =>
      free === 0n ? [] : [releaseOf(match, free, covering)],
    ),
    heldMinorOf: complaints.map((_, index) =>
      heldMinor(
        freed.map(({ match, free, left, covering }, at) => ({
          creditId: match.creditId,
          left,
          untouched: within(left, (untouched[index]?.[at] ?? 0n) - free),
          upToMinor: covering[index]?.upToMinor ?? 0n,
        })),
        released,
      ),
    ),
  };
}

/** Of each waiting amount, what the complaint says nothing against: it holds the latest money. */
export function untouchedBy(
  complaint: Complaint,
  waiting: readonly WaitingMoney[],
): readonly bigint[] {
  const isAbout = (match: ReleaseMatch) =>
    complaint.creditId === undefined || complaint.creditId === match.creditId;
  const about = waiting.filter(({ match }) => isAbout(match));
  const total = about.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  let left = complaint.holdsMinor === undefined ? 0n : within(total, total - complaint.holdsMinor);
  return waiting.map(({ match, amountMinor }) => {
    if (!isAbout(match)) return amountMinor;
    const untouched = minimum(left, amountMinor);
    left -= untouched;
    return untouched;
  });
}

function releaseOf(
  match: ReleaseMatch,
  amountMinor: bigint,
  covering: readonly (HoldWaiver | null)[],
): ReleaseDecision["releases"][number] {
  const { matchId, creditId, currency } = match;
  const approvalIds = covering.map((waiver) => waiver?.approvalId).filter((id) => id !== undefined);
  return {
    matchId,
    creditId,
    amountMinor,
    currency,
    approvalIds: [...new Set(approvalIds)].sort(),
  };
}

/** What one complaint holds: what is left of each credit less what is waived of it and not released yet. */
function heldMinor(
  items: readonly {
    readonly creditId: string;
    readonly left: bigint;
    /** Of what is left, what the complaint says nothing against. */
    readonly untouched: bigint;
    readonly upToMinor: bigint;
  }[],
  released: ReadonlyMap<string, bigint>,
): bigint {
  const covered = new Map(released);
  let held = 0n;
  for (const { creditId, left, untouched, upToMinor } of items) {
    const before = covered.get(creditId) ?? 0n;
    const free = maximum(untouched, within(left, upToMinor - before));
    covered.set(creditId, before + free);
    held += left - free;
  }
  return held;
}

function within(most: bigint, minor: bigint): bigint {
  return minor <= 0n ? 0n : minimum(most, minor);
}

function maximum(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}

function minimum(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}
