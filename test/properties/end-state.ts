// What the books and the queue say in the end, without anything that may differ between two orders of arrival: ids
// that come from whichever telling was first, instants, names of files. Two runs that saw the same files must agree
// on all of it.

import type { Currency } from "../../src/money/currency.ts";
import { formatMinor } from "../../src/money/money.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { listExceptions } from "../../src/report/exceptions.ts";
import type { Tx } from "../../src/storage/database.ts";
import type { Instant } from "../../src/time/instant.ts";

export type EndState = {
  readonly payouts: readonly string[];
  readonly credits: readonly string[];
  readonly books: readonly string[];
  readonly statements: readonly string[];
  readonly exceptions: readonly string[];
};

/** Exceptions read for a comparison; a made-up world has far fewer. */
const EXCEPTIONS_MAX = 100_000;

/** Reads the whole end state as sorted lines of text, so that a difference reads like a diff. */
export async function endState(
  tx: Tx,
  tenantId: string,
  at: { readonly policy: Policy; readonly now: Instant },
): Promise<EndState> {
  const creditNames = await nameCredits(tx, tenantId);
  return {
    payouts: await payoutLines(tx, tenantId, creditNames),
    credits: [...creditNames.values()].map(({ line }) => line).sort(),
    books: await bookLines(tx, tenantId),
    statements: await statementLines(tx, tenantId),
    exceptions: await exceptionLines(tx, tenantId, at, creditNames),
  };
}

type CreditRow = {
  transaction_id: string;
  account_number: string;
  currency: Currency;
  direction: string;
  reversal: boolean;
  amount_minor: bigint;
  open_minor: bigint;
  state: string;
  confirmed: boolean;
  role: string;
  seller_id: string | null;
  undone: bigint;
  tellings: readonly string[] | null;
};

type CreditName = { readonly name: string; readonly line: string };

/** A transaction's name is what it is and who told of it; the id depends on which telling was first. */
async function nameCredits(tx: Tx, tenantId: string): Promise<ReadonlyMap<string, CreditName>> {
  const rows = await tx.query<CreditRow>(
    `SELECT t.*, (SELECT coalesce(sum(u.amount_minor), 0)::bigint FROM undo u
                   WHERE u.tenant_id = t.tenant_id AND u.credit_id = t.transaction_id) AS undone,
            (SELECT array_agg(n.family || '/' || n.status || CASE WHEN n.copy THEN '/copy' ELSE '' END
                              ORDER BY n.family, n.status, n.copy)
               FROM bank_notice n
              WHERE n.tenant_id = t.tenant_id AND n.transaction_id = t.transaction_id) AS tellings
       FROM bank_transaction t WHERE t.tenant_id = $1`,
    [tenantId],
  );
  return new Map(
    rows.map((row) => {
      const money = (minor: bigint) => formatMinor(minor, row.currency);
      const name = [
        row.direction + (row.reversal ? " reversal" : ""),
        row.account_number,
        row.currency,
        money(row.amount_minor),
        (row.tellings ?? []).join("+"),
      ].join(" ");
      const line =
        `${name}: ${row.state}${row.confirmed ? " confirmed" : ""} ${row.role} of ${row.seller_id ?? "nobody"}, ` +
        `open ${money(row.open_minor)}, undone ${money(row.undone)}`;
      return [row.transaction_id, { name, line }];
    }),
  );
}

type PayoutRow = {
  payout_id: string;
  reference: string;
  seller_id: string | null;
  source: string;
  currency: Currency;
  amount_minor: bigint;
  original_currency: Currency | null;
  original_minor: bigint | null;
  announced_status: string;
  state: string;
  is_open: boolean;
  released: bigint;
  taken_back: bigint;
  settlements: readonly string[] | null;
  holds: readonly string[] | null;
};

async function payoutLines(
  tx: Tx,
  tenantId: string,
  creditNames: ReadonlyMap<string, CreditName>,
): Promise<readonly string[]> {
  const rows = await tx.query<PayoutRow>(
    `SELECT p.*,
            (SELECT coalesce(sum(r.amount_minor), 0)::bigint
               FROM release r JOIN payout q ON q.tenant_id = r.tenant_id AND q.payout_id = r.payout_id
              WHERE r.tenant_id = p.tenant_id AND coalesce(q.merged_into, q.payout_id) = p.payout_id) AS released,
            (SELECT coalesce(sum(u.released_minor), 0)::bigint
               FROM undo u JOIN match m ON m.tenant_id = u.tenant_id AND m.match_id = u.match_id
               JOIN payout q ON q.tenant_id = m.tenant_id AND q.payout_id = m.payout_id
              WHERE u.tenant_id = p.tenant_id AND coalesce(q.merged_into, q.payout_id) = p.payout_id) AS taken_back,
            (SELECT array_agg(s.settlement_id || ' ' || s.verdict ORDER BY s.settlement_id) FROM statement s
              WHERE s.tenant_id = p.tenant_id AND s.payout_id = p.payout_id AND s.is_current) AS settlements,
            (SELECT array_agg(h.code || ' ' || h.currency || ' ' || h.amount_minor ORDER BY h.code) FROM hold h
              WHERE h.tenant_id = p.tenant_id AND h.payout_id = p.payout_id AND h.closed_at IS NULL) AS holds
       FROM payout p WHERE p.tenant_id = $1 AND p.merged_into IS NULL`,
    [tenantId],
  );
  const paidBy = await matchLines(tx, tenantId, creditNames);
  return rows
    .map((row) => {
      const original =
        row.original_minor === null || row.original_currency === null
          ? ""
          : ` (${shown(row.original_minor, row.original_currency)})`;
      return [
        `${row.reference} ${row.source} of ${row.seller_id ?? "nobody"} ${shown(row.amount_minor, row.currency)}${original}`,
        `${row.announced_status} ${row.state}${row.is_open ? " open" : ""}, usable ${row.released - row.taken_back}`,
        `pays ${(row.settlements ?? []).join(", ") || "nothing known"}`,
        `held ${(row.holds ?? []).join(", ") || "no"}`,
        `paid by ${(paidBy.get(row.payout_id) ?? []).sort().join(" and ") || "nothing"}`,
      ].join("; ");
    })
    .sort();
}

/** What each payout got, summed per credit: one credit may pay it in two steps or in one. */
async function matchLines(
  tx: Tx,
  tenantId: string,
  creditNames: ReadonlyMap<string, CreditName>,
): Promise<ReadonlyMap<string, string[]>> {
  const rows = await tx.query<{
    root_id: string;
    credit_id: string;
    amount: bigint;
    charge: bigint;
    paid: bigint;
  }>(
    `SELECT coalesce(p.merged_into, p.payout_id) AS root_id, m.credit_id,
            sum(m.amount_minor - coalesce(u.amount, 0))::bigint AS amount,
            sum(CASE WHEN m.paid_minor = coalesce(u.paid, 0) THEN 0 ELSE m.charge_minor END)::bigint AS charge,
            sum(m.paid_minor - coalesce(u.paid, 0))::bigint AS paid
       FROM match m JOIN payout p ON p.tenant_id = m.tenant_id AND p.payout_id = m.payout_id
       LEFT JOIN LATERAL (SELECT sum(x.amount_minor) AS amount, sum(x.paid_minor) AS paid FROM undo x
                           WHERE x.tenant_id = m.tenant_id AND x.match_id = m.match_id) AS u ON true
      WHERE m.tenant_id = $1 GROUP BY 1, 2`,
    [tenantId],
  );
  const lines = new Map<string, string[]>();
  for (const row of rows.filter((item) => item.paid > 0n)) {
    const list = lines.get(row.root_id) ?? [];
    list.push(
      `${row.paid} (${row.amount} + ${row.charge}) by ${creditNames.get(row.credit_id)?.name}`,
    );
    lines.set(row.root_id, list);
  }
  return lines;
}

async function bookLines(tx: Tx, tenantId: string): Promise<readonly string[]> {
  const rows = await tx.query<{ account_id: string; posted: bigint; pending: bigint }>(
    `SELECT account_id, debits_posted - credits_posted AS posted, debits_pending - credits_pending AS pending
       FROM ledger_account WHERE tenant_id = $1`,
    [tenantId],
  );
  // An account that was opened and came back to nothing says the same as one that was never opened.
  return rows
    .filter((row) => row.posted !== 0n || row.pending !== 0n)
    .map((row) => `${row.account_id} ${row.posted} pending ${row.pending}`)
    .sort();
}

async function statementLines(tx: Tx, tenantId: string): Promise<readonly string[]> {
  const rows = await tx.query<{ line: string }>(
    `SELECT settlement_id || ' ' || verdict || ' ' || state || ' of ' || coalesce(seller_id, 'nobody') || ' ' || summed_minor AS line
       FROM statement WHERE tenant_id = $1 AND is_current`,
    [tenantId],
  );
  return rows.map((row) => row.line).sort();
}

async function exceptionLines(
  tx: Tx,
  tenantId: string,
  at: { readonly policy: Policy; readonly now: Instant },
  creditNames: ReadonlyMap<string, CreditName>,
): Promise<readonly string[]> {
  const { exceptions } = await listExceptions(tx, tenantId, {
    ...at,
    limit: EXCEPTIONS_MAX,
    sellerId: null,
  });
  const payouts = await tx.query<{ payout_id: string; reference: string }>(
    `SELECT payout_id, reference FROM payout WHERE tenant_id = $1`,
    [tenantId],
  );
  // Of two proven downloads of one settlement the first stands, whichever that is: its id is of its bytes.
  const statements = await tx.query<{ statement_id: string; settlement_id: string }>(
    `SELECT statement_id, settlement_id FROM statement WHERE tenant_id = $1`,
    [tenantId],
  );
  const references = new Map([
    ...payouts.map((row) => [row.payout_id, row.reference] as const),
    ...statements.map((row) => [row.statement_id, row.settlement_id] as const),
  ]);
  return exceptions
    .map(
      (item) =>
        `${item.kind} ${creditNames.get(item.subject)?.name ?? references.get(item.subject) ?? item.subject} ${item.amount} ${item.currency}`,
    )
    .sort();
}

function shown(minor: bigint, currency: Currency): string {
  return `${currency} ${formatMinor(minor, currency)}`;
}
