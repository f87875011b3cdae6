// Compares postings that the facts ask for with the ledger: each is there once, with exactly its legs and amounts.

import type { TransferKind } from "../../ledger/transfer.ts";
import type { Currency } from "../../money/currency.ts";
import type { CivilDate, Instant } from "../../time/instant.ts";
import { shownMoney } from "./compare-fields.ts";
import {
  addLeg,
  drawnKey,
  type ExpectedPosting,
  type LegSum,
  movedKey,
  takenBackKey,
} from "./expected-posting.ts";
import { groupedBy } from "./grouped-rows.ts";
import { markExplained } from "./scratch-tables.ts";
import type { VerifyContext } from "./verify-context.ts";

const CHECK = "postings";

export type LedgerLeg = {
  posting_id: string;
  seq: bigint;
  kind: TransferKind;
  debit_account: string;
  credit_account: string;
  currency: Currency;
  amount: bigint;
  effective_on: CivilDate;
  booked_at: Instant;
  reason: string;
  subject: string;
  of_posting: string | null;
  of_leg: number | null;
  /** The match whose release it draws from. */
  released_match: string | null;
};

/** The legs of the postings as the ledger has them, with what each draws from. */
export async function loadLegs(
  { tx, scope }: VerifyContext,
  postingIds: readonly string[],
): Promise<ReadonlyMap<string, readonly LedgerLeg[]>> {
  const rows = await tx.query<LedgerLeg>(
    `SELECT t.posting_id, t.seq, t.kind, t.debit_account, t.credit_account, t.currency, t.amount, t.effective_on,
            t.booked_at, t.reason, t.subject, o.posting_id AS of_posting, o.leg AS of_leg, r.match_id AS released_match
       FROM unnest($3::text[]) AS w(posting_id)
       JOIN ledger_transfer t ON t.tenant_id = $1 AND t.partition = $2 AND t.posting_id = w.posting_id
       LEFT JOIN ledger_transfer o ON o.tenant_id = $1 AND o.partition = $2 AND o.seq = t.of_seq
       LEFT JOIN release r ON r.tenant_id = $1 AND t.kind = 'reverse' AND o.posting_id = 'release:' || r.release_id
      ORDER BY t.seq`,
    [scope.tenantId, scope.partition, postingIds],
  );
  return groupedBy(rows, (row) => row.posting_id);
}

export async function comparePostings(
  context: VerifyContext,
  expected: readonly ExpectedPosting[],
): Promise<void> {
  if (expected.length === 0) return;
  const found = await loadLegs(
    context,
    expected.map((posting) => posting.id),
  );
  for (const posting of expected) comparePosting(context, posting, found.get(posting.id) ?? []);
  await markExplained(
    context.tx,
    "posting",
    expected.map((posting) => posting.id),
  );
  context.findings.compared(CHECK, "postings", expected.length);
}

function comparePosting(
  { findings }: VerifyContext,
  expected: ExpectedPosting,
  legs: readonly LedgerLeg[],
): void {
  const subject = `posting ${expected.id}`;
  const [first] = legs;
  if (first === undefined) {
    const message = `${expected.fact} is not in the ledger`;
    findings.report(CHECK, subject, message, { expected: shownLegs(expected.legs) });
    return;
  }
  const sums = ledgerSums(legs);
  for (const key of new Set([...expected.legs.keys(), ...sums.keys()])) {
    const [wanted, has] = [expected.legs.get(key), sums.get(key)];
    if (wanted?.minor === has?.minor) continue;
    findings.report(CHECK, subject, `${key}: not what ${expected.fact} makes`, {
      expected: wanted === undefined ? null : shown(wanted),
      found: has === undefined ? null : shown(has),
    });
  }
  const words = [
    ["reason", expected.reason, first.reason],
    ["subject", expected.subject, first.subject],
  ] as const;
  for (const [name, wanted, has] of words) {
    if (wanted === has) continue;
    const message = `its ${name} is not ${expected.fact}'s`;
    findings.report(CHECK, subject, message, { expected: wanted, found: has });
  }
  const { effectiveOn } = expected;
  if (effectiveOn === null || effectiveOn.includes(first.effective_on)) return;
  findings.report(CHECK, subject, `its effective date is not ${expected.fact}'s`, {
    expected: effectiveOn.join(" or "),
    found: first.effective_on,
  });
}

function ledgerSums(legs: readonly LedgerLeg[]): ReadonlyMap<string, LegSum> {
  const sums = new Map<string, LegSum>();
  for (const leg of legs) {
    addLeg(sums, keyOf(leg), { currency: leg.currency, minor: leg.amount });
  }
  return sums;
}

function keyOf(leg: LedgerLeg): string {
  if (leg.kind === "post" || leg.kind === "pending")
    return movedKey(leg.kind, leg.debit_account, leg.credit_account);
  if (leg.released_match !== null) return takenBackKey(leg.released_match);
  return drawnKey(leg.kind, leg.of_posting ?? "nothing", leg.of_leg ?? 0);
}

function shown({ currency, minor }: LegSum): string {
  return shownMoney(currency, minor);
}

function shownLegs(legs: ReadonlyMap<string, LegSum>): string {
  return [...legs].map(([key, sum]) => `${key}: ${shown(sum)}`).join("; ");
}
