// The postings of booked credits. One that came before its account was bound stands in the books of nobody first and
// moves to its seller's with what was left of it then.

import { type CreditToPost, creditPosting, creditPostingId } from "../../bank/credit-entries.ts";
import type { PostingId } from "../../ledger/posting.ts";
import type { Currency } from "../../money/currency.ts";
import type { CivilDate, Instant } from "../../time/instant.ts";
import { comparePostings, type LedgerLeg, loadLegs } from "./compare-postings.ts";
import { type ExpectedPosting, expectedOf } from "./expected-posting.ts";
import { groupedBy } from "./grouped-rows.ts";
import { pagesBy } from "./pages.ts";
import type { VerifyContext } from "./verify-context.ts";

type CreditRow = {
  transaction_id: string;
  seller_id: string | null;
  currency: Currency;
  amount_minor: bigint;
  value_on: CivilDate | null;
  booked_on: CivilDate | null;
};

/** An undo of a credit, with the place of its posting in the ledger; null when it has none. */
type UndoOfCredit = { credit_id: string; amount_minor: bigint; seq: bigint | null };

export function assignedPostingId(creditId: string): PostingId {
  return `credit-assigned:${creditId}` as PostingId;
}

export async function verifyCreditPostings(context: VerifyContext): Promise<void> {
  const { tx, scope } = context;
  const pages = pagesBy<CreditRow>(
    (row) => row.transaction_id,
    (after, limit) =>
      tx.query<CreditRow>(
        `SELECT transaction_id, seller_id, currency, amount_minor, value_on, booked_on FROM bank_transaction
          WHERE tenant_id = $1 AND direction = 'credit' AND state = 'booked' AND amount_minor > 0
            AND transaction_id > $2 ORDER BY transaction_id LIMIT $3`,
        [scope.tenantId, after, limit],
      ),
  );
  for await (const page of pages) {
    const ids = page.map((row) => row.transaction_id);
    const legs = await loadLegs(context, [
      ...ids.map((id) => creditPostingId(id, null)),
      ...ids.map(assignedPostingId),
      ...page.map((row) => creditPostingId(row.transaction_id, row.seller_id)),
    ]);
    const undos = groupedBy(await loadUndos(context, ids), (row) => row.credit_id);
    await comparePostings(
      context,
      page.flatMap((row) => creditPostings(row, legs, undos.get(row.transaction_id) ?? [])),
    );
  }
}

async function loadUndos(
  { tx, scope }: VerifyContext,
  creditIds: readonly string[],
): Promise<readonly UndoOfCredit[]> {
  return tx.query<UndoOfCredit>(
    `SELECT u.credit_id, u.amount_minor,
            (SELECT min(t.seq) FROM ledger_transfer t
              WHERE t.tenant_id = $1 AND t.partition = $2
                AND t.posting_id = 'undo:' || u.debit_id || ':' || u.credit_id) AS seq
       FROM undo u WHERE u.tenant_id = $1 AND u.credit_id = ANY($3::text[])`,
    [scope.tenantId, scope.partition, creditIds],
  );
}

function creditPostings(
  row: CreditRow,
  legs: ReadonlyMap<string, readonly LedgerLeg[]>,
  undos: readonly UndoOfCredit[],
): readonly ExpectedPosting[] {
  const id = row.transaction_id;
  const whole = (sellerId: string | null) => expectedCredit(row, sellerId, row.amount_minor, legs);
  const isMoved = row.seller_id !== null && legs.has(creditPostingId(id, null));
  if (!isMoved) return [whole(row.seller_id)];
  const movedAt = legs.get(assignedPostingId(id))?.[0]?.seq ?? null;
  const undoneBefore = undos
    .filter((undo) => undo.seq !== null && (movedAt === null || undo.seq < movedAt))
    .reduce((sum, undo) => sum + undo.amount_minor, 0n);
  const left = row.amount_minor - undoneBefore;
  if (left <= 0n) return [whole(null)];
  return [
    whole(null),
    { ...movedOut(row, left), effectiveOn: datesOf(row, legs.get(assignedPostingId(id))) },
    expectedCredit(row, row.seller_id, left, legs),
  ];
}

function expectedCredit(
  row: CreditRow,
  sellerId: string | null,
  amountMinor: bigint,
  legs: ReadonlyMap<string, readonly LedgerLeg[]>,
): ExpectedPosting {
  const credit: CreditToPost = {
    transactionId: row.transaction_id,
    sellerId,
    currency: row.currency,
    amountMinor,
    valueOn: row.value_on,
    bookedOn: row.booked_on,
  };
  const posting = creditPosting(credit, NO_INSTANT);
  const dates = datesOf(row, legs.get(posting.id));
  return expectedOf(posting, `credit ${row.transaction_id}`, dates);
}

function movedOut(row: CreditRow, left: bigint): ExpectedPosting {
  return expectedOf(
    {
      id: assignedPostingId(row.transaction_id),
      effectiveOn: NO_INSTANT.slice(0, 10) as CivilDate,
      reason: "credit-assigned",
      subject: row.transaction_id,
      legs: [
        {
          kind: "reverse",
          of: { postingId: creditPostingId(row.transaction_id, null), leg: 0 },
          amount: { currency: row.currency, minor: left },
        },
      ],
    },
    `the move of credit ${row.transaction_id} to its seller`,
    null,
  );
}

/** Only its date is used, and only where the credit has none; it is replaced by `datesOf`. */
const NO_INSTANT = "1970-01-01T00:00:00.000Z" as Instant;

/** A later telling may fill a date that was not known when the credit was posted: then the day of posting counts. */
function datesOf(row: CreditRow, legs: readonly LedgerLeg[] | undefined): readonly CivilDate[] {
  const bookedAt = legs?.[0]?.booked_at ?? null;
  return [
    row.value_on,
    row.booked_on,
    bookedAt === null ? null : (bookedAt.slice(0, 10) as CivilDate),
  ].filter((date) => date !== null);
}
