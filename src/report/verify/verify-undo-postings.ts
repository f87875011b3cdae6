// The postings of undos: what a reversal or return took back of a credit, of its matches and of their releases.

import { creditPostingId } from "../../bank/credit-entries.ts";
import type { PostingId } from "../../ledger/posting.ts";
import { chargeLegOf, MATCH_LEG, matchPostingId } from "../../matching/match-entries.ts";
import type { Currency } from "../../money/currency.ts";
import type { Instant } from "../../time/instant.ts";
import { datesOf } from "./business-dates.ts";
import { comparePostings, type LedgerLeg, loadLegs } from "./compare-postings.ts";
import {
  addLeg,
  drawnKey,
  type ExpectedPosting,
  type LegSum,
  takenBackKey,
} from "./expected-posting.ts";
import { pagesBy } from "./pages.ts";
import type { VerifyContext } from "./verify-context.ts";
import { assignedPostingId } from "./verify-credit-postings.ts";

/** All parts that one debit takes back of one credit. */
type UndoRow = {
  debit_id: string;
  credit_id: string;
  undone_at: Instant;
  currency: Currency;
  seller_id: string | null;
  parts: readonly UndoPartRow[];
};

type UndoPartRow = {
  match_id: string | null;
  amount: string;
  released: string;
  paid: string;
  charge_currency: Currency | null;
  match_amount: string | null;
  match_charge: string | null;
};

export async function verifyUndoPostings(context: VerifyContext): Promise<void> {
  const { tx, scope } = context;
  const pages = pagesBy<UndoRow>(
    (row) => row.debit_id,
    (after, limit) =>
      tx.query<UndoRow>(
        `SELECT u.debit_id, u.credit_id, min(u.undone_at) AS undone_at, c.currency, c.seller_id,
                jsonb_agg(jsonb_build_object('match_id', u.match_id, 'amount', u.amount_minor::text,
                  'released', u.released_minor::text, 'paid', u.paid_minor::text,
                  'charge_currency', m.charge_currency, 'match_amount', m.amount_minor::text,
                  'match_charge', m.charge_minor::text)) AS parts
           FROM undo u
           LEFT JOIN bank_transaction c ON c.tenant_id = u.tenant_id AND c.transaction_id = u.credit_id
           LEFT JOIN match m ON m.tenant_id = u.tenant_id AND m.match_id = u.match_id
          WHERE u.tenant_id = $1 AND u.debit_id IN (
                SELECT DISTINCT debit_id FROM undo WHERE tenant_id = $1 AND debit_id > $2
                 ORDER BY debit_id LIMIT $3)
          GROUP BY u.debit_id, u.credit_id, c.currency, c.seller_id
          ORDER BY u.debit_id, u.credit_id`,
        [scope.tenantId, after, limit],
      ),
  );
  for await (const page of pages) {
    const legs = await loadLegs(
      context,
      page.flatMap((row) => [
        undoPostingId(row),
        creditPostingId(row.credit_id, null),
        assignedPostingId(row.credit_id),
      ]),
    );
    await comparePostings(
      context,
      page.map((row) => expectedUndo(row, legs)),
    );
  }
}

function undoPostingId(row: UndoRow): PostingId {
  return `undo:${row.debit_id}:${row.credit_id}` as PostingId;
}

function expectedUndo(
  row: UndoRow,
  legs: ReadonlyMap<string, readonly LedgerLeg[]>,
): ExpectedPosting {
  const sums = new Map<string, LegSum>();
  let total = 0n;
  for (const part of row.parts) {
    total += BigInt(part.amount);
    addPart(sums, part, row.currency);
  }
  const credit = creditPostingId(row.credit_id, stoodFor(row, legs));
  addLeg(sums, drawnKey("reverse", credit, 0), { currency: row.currency, minor: total });
  return {
    id: undoPostingId(row),
    fact: `the undo of credit ${row.credit_id} by ${row.debit_id}`,
    reason: "credit-undone",
    subject: row.debit_id,
    effectiveOn: datesOf(row.undone_at),
    legs: sums,
  };
}

function addPart(sums: Map<string, LegSum>, part: UndoPartRow, currency: Currency): void {
  if (part.match_id === null) return;
  const amount = BigInt(part.amount);
  const released = BigInt(part.released);
  const matchId = matchPostingId(part.match_id);
  const exchanged = part.charge_currency !== null && part.charge_currency !== currency;
  // The charge is undone only with the whole match.
  const isWhole = part.match_amount === part.amount;
  const charge = isWhole ? BigInt(part.match_charge ?? "0") : 0n;
  addLeg(sums, takenBackKey(part.match_id), { currency, minor: released });
  addLeg(sums, drawnKey("void", matchId, MATCH_LEG.pending), {
    currency,
    minor: amount - released,
  });
  addLeg(sums, drawnKey("reverse", matchId, MATCH_LEG.explained), { currency, minor: amount });
  addLeg(sums, drawnKey("reverse", matchId, chargeLegOf(BigInt(part.match_amount ?? "0"))), {
    currency: part.charge_currency ?? currency,
    minor: exchanged ? BigInt(part.paid) : charge,
  });
}

/** In whose books the credit stood when it was undone: nobody's, if that was before it moved to its seller. */
function stoodFor(row: UndoRow, legs: ReadonlyMap<string, readonly LedgerLeg[]>): string | null {
  if (!legs.has(creditPostingId(row.credit_id, null))) return row.seller_id;
  const movedAt = legs.get(assignedPostingId(row.credit_id))?.[0]?.seq ?? null;
  const undoneAt = legs.get(undoPostingId(row))?.[0]?.seq ?? null;
  if (movedAt === null) return null;
  return undoneAt !== null && undoneAt < movedAt ? null : row.seller_id;
}
