// From an undo to its posting: every leg that the credit, its matches and its releases made is taken back in
// reverse order, by what the debit names and no more.

import { creditPostingId } from "../bank/credit-entries.ts";
import type { Leg, Posting, PostingId } from "../ledger/posting.ts";
import type { Currency } from "../money/currency.ts";
import type { CivilDate } from "../time/instant.ts";
import { chargeLegOf, MATCH_LEG, matchPostingId } from "./match-entries.ts";
import type { UndoPart } from "./undo-plan.ts";

export function releasePostingId(releaseId: string): PostingId {
  return `release:${releaseId}` as PostingId;
}

export function undoPosting(undo: {
  readonly debitId: string;
  readonly creditId: string;
  readonly sellerId: string | null;
  readonly currency: Currency;
  readonly amountMinor: bigint;
  readonly parts: readonly UndoPart[];
  readonly effectiveOn: CivilDate;
}): Posting {
  const amount = (minor: bigint) => ({ currency: undo.currency, minor });
  const legs: Leg[] = [];
  for (const part of undo.parts) {
    if (part.match === null) continue;
    const matchId = matchPostingId(part.match.matchId);
    for (const release of part.released) {
      legs.push({
        kind: "reverse",
        of: { postingId: releasePostingId(release.releaseId), leg: 0 },
        amount: amount(release.minor),
      });
    }
    if (part.pendingMinor > 0n) {
      legs.push({
        kind: "void",
        of: { postingId: matchId, leg: MATCH_LEG.pending },
        amount: amount(part.pendingMinor),
      });
    }
    const third = part.match.exchanged ? part.paidMinor : part.chargeMinor;
    if (third > 0n) {
      legs.push({
        kind: "reverse",
        of: { postingId: matchId, leg: chargeLegOf(part.match.amountMinor) },
        amount: { currency: part.match.payoutCurrency, minor: third },
      });
    }
    if (part.amountMinor === 0n) continue;
    legs.push({
      kind: "reverse",
      of: { postingId: matchId, leg: MATCH_LEG.explained },
      amount: amount(part.amountMinor),
    });
  }
  legs.push({
    kind: "reverse",
    of: { postingId: creditPostingId(undo.creditId, undo.sellerId), leg: 0 },
    amount: amount(undo.amountMinor),
  });
  return {
    id: `undo:${undo.debitId}:${undo.creditId}` as PostingId,
    effectiveOn: undo.effectiveOn,
    reason: "credit-undone",
    subject: undo.debitId,
    legs,
  };
}
