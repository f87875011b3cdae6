// Asking for the release of a hold by hand: what is asked for becomes the body of an approval, to the credit and the
// cent, so that who approves sees exactly what will be waived. Pure; the approval's way is in src/approval.

import { z } from "zod";
import { accepted, type Outcome, type Refusal, refusalOf, refused } from "../errors/refusal.ts";
import type { Currency } from "../money/currency.ts";
import { formatMinor } from "../money/money.ts";
import type { Policy } from "../policy/policy.ts";
import type { CivilDate } from "../time/instant.ts";
import {
  type Complaint,
  complaintsOf,
  decideRelease,
  type HoldCode,
  type ReleaseFacts,
  waitingOf,
} from "./decide-release.ts";
import { coveringWaiver, isWaivable, releasedOfCredits, untouchedBy } from "./waivers.ts";

const minorText = z
  .string()
  .regex(/^[1-9]\d{0,18}$/)
  .transform((text) => BigInt(text));

/** The body of an approval of kind `hold-release`: amounts are decimal texts of minor units. */
export const holdReleaseBody = z.strictObject({
  payoutId: z.string(),
  holdId: z.string(),
  code: z.string(),
  /** The sentence of the hold as it was when its release was asked for. */
  message: z.string(),
  currency: z.string().transform((code) => code as Currency),
  /** What the hold held, and what of it is to be waived. */
  heldMinor: minorText,
  amountMinor: minorText,
  parts: z
    .array(
      z.strictObject({
        creditId: z.string(),
        amountMinor: minorText,
        upToMinor: minorText,
        causes: z.array(z.string()),
      }),
    )
    .min(1),
});

export type HoldRelease = z.output<typeof holdReleaseBody>;

/** Throws where the body is not one that `planHoldRelease` made. */
export function readHoldRelease(body: unknown): HoldRelease {
  return holdReleaseBody.parse(body);
}

export type HoldToRelease = {
  readonly holdId: string;
  readonly code: HoldCode;
  /** What of the hold is to be waived; null: all of it. Minor units of the hold's currency. */
  readonly amountMinor: bigint | null;
};

/**
 * What a release of this hold would waive, by credit, in the order in which the money was matched. Refused:
 * `hold-not-waivable`, `hold-closed` (no rule holds with this code any more), `amount-exceeds-hold`.
 */
export function planHoldRelease(
  facts: ReleaseFacts,
  policy: Policy,
  today: CivilDate,
  wanted: HoldToRelease,
): Outcome<HoldRelease> {
  const { code } = wanted;
  if (!isWaivable(code)) {
    const message = `A hold "${code}" is not released by hand: the seller's account must be named or bound.`;
    return refused("hold-not-waivable", message);
  }
  const hold = decideRelease(facts, policy, today).holds.find((item) => item.code === code);
  const complaint = complaintsOf(facts, policy).find((item) => item.code === code);
  if (hold === undefined || complaint === undefined)
    return refused("hold-closed", "Nothing is held with this code any more.");
  if (complaint.isFinal === true)
    return refused(
      "hold-not-waivable",
      `A hold "${code}" is not released by hand: ${hold.message}`,
    );
  const amountMinor = wanted.amountMinor ?? hold.amountMinor;
  if (amountMinor <= 0n || amountMinor > hold.amountMinor) {
    const held = `${hold.currency} ${formatMinor(hold.amountMinor, hold.currency)}`;
    return refused("amount-exceeds-hold", `${held} is held: ask for that or for less.`);
  }
  return accepted({
    payoutId: facts.payoutId,
    holdId: wanted.holdId,
    code,
    message: hold.message,
    currency: hold.currency,
    heldMinor: hold.amountMinor,
    amountMinor,
    parts: partsOf(facts, complaint, amountMinor),
  });
}

/** Of each credit what the complaint holds and is not waived yet, until the amount is reached. */
function partsOf(
  facts: ReleaseFacts,
  complaint: Complaint,
  amountMinor: bigint,
): HoldRelease["parts"] {
  const released = releasedOfCredits(facts);
  const untouched = untouchedByCredit(facts, complaint);
  const parts = new Map<string, HoldRelease["parts"][number]>();
  let left = amountMinor;
  for (const [creditId, waiting] of waitingByCredit(facts)) {
    const { match } = waiting;
    const before = released.get(creditId) ?? 0n;
    const waived = coveringWaiver(facts.waivers, complaint, match)?.upToMinor ?? 0n;
    const free = before + (untouched.get(creditId) ?? 0n);
    const upTo = waived > free ? waived : free;
    const held = waiting.amountMinor - (upTo - before);
    const minor = held < left ? held : left;
    if (minor <= 0n) continue;
    left -= minor;
    const causes = [...(complaint.causes?.(match) ?? [])];
    parts.set(creditId, { creditId, amountMinor: minor, upToMinor: upTo + minor, causes });
  }
  return [...parts.values()];
}

/** Of each credit's waiting money, what the complaint says nothing against. */
function untouchedByCredit(facts: ReleaseFacts, complaint: Complaint): ReadonlyMap<string, bigint> {
  const waiting = waitingOf(facts);
  const untouched = new Map<string, bigint>();
  for (const [index, minor] of untouchedBy(complaint, waiting).entries()) {
    const creditId = waiting[index]?.match.creditId ?? "";
    untouched.set(creditId, (untouched.get(creditId) ?? 0n) + minor);
  }
  return untouched;
}

function waitingByCredit(facts: ReleaseFacts) {
  const credits = new Map<string, ReturnType<typeof waitingOf>[number]>();
  for (const item of waitingOf(facts)) {
    const { creditId } = item.match;
    const amountMinor = (credits.get(creditId)?.amountMinor ?? 0n) + item.amountMinor;
    credits.set(creditId, { ...item, amountMinor });
  }
  return credits;
}

/**
 * Is what was asked for still what is held? Asked when it is approved: who approves must not approve something else
 * than what was looked at. Null: yes.
 */
export function holdReleaseRefusal(
  facts: ReleaseFacts,
  policy: Policy,
  today: CivilDate,
  release: HoldRelease,
): Refusal | null {
  const { code } = release;
  const hold = decideRelease(facts, policy, today).holds.find((item) => item.code === code);
  const complaint = complaintsOf(facts, policy).find((item) => item.code === code);
  if (hold === undefined || complaint === undefined)
    return refusalOf("hold-closed", "Nothing is held with this code any more.");
  const changed = release.parts.some((part) =>
    facts.matches
      .filter((match) => match.creditId === part.creditId)
      .some((match) =>
        (complaint.causes?.(match) ?? []).some((cause) => !part.causes.includes(cause)),
      ),
  );
  return changed
    ? refusalOf("hold-changed", "The hold has another reason now: ask for its release anew.")
    : null;
}

/** The body as JSON keeps it. */
export function holdReleaseJson(release: HoldRelease): Record<string, unknown> {
  return {
    ...release,
    heldMinor: String(release.heldMinor),
    amountMinor: String(release.amountMinor),
    parts: release.parts.map((part) => ({
      ...part,
      amountMinor: String(part.amountMinor),
      upToMinor: String(part.upToMinor),
    })),
  };
}
