// Sums that hold for every single credit, debit, match and payout, as queries that give the rows that break them.

import type { Currency } from "../../money/currency.ts";

/** A row that breaks a rule; `currency` null: the amounts are told in minor units. */
export type MoneyRow = {
  id: string;
  currency: Currency | null;
  expected: bigint | null;
  found: bigint | null;
};

type MoneyRule = {
  /** What the id is of. */
  readonly subject: string;
  readonly message: string;
  /** Gives alias r with the columns of `MoneyRow`; $1 is the tenant. */
  readonly query: string;
};

const MATCHED = `(SELECT coalesce(sum(m.amount_minor), 0) FROM match m
                   WHERE m.tenant_id = t.tenant_id AND m.credit_id = t.transaction_id)`;
const UNDONE_OPEN = `(SELECT coalesce(sum(u.amount_minor), 0) FROM undo u
                       WHERE u.tenant_id = t.tenant_id AND u.credit_id = t.transaction_id AND u.match_id IS NULL)`;
const UNDOING = `(SELECT coalesce(sum(u.amount_minor), 0) FROM undo u
                   WHERE u.tenant_id = t.tenant_id AND u.debit_id = t.transaction_id)`;

/** What each match has beside its own row. */
const MATCH_SUMS = `
  SELECT m.match_id, m.credit_id, m.payout_id, m.currency, m.charge_currency, m.amount_minor, m.paid_minor,
         (SELECT coalesce(sum(x.amount_minor), 0)::bigint FROM release x
           WHERE x.tenant_id = m.tenant_id AND x.match_id = m.match_id) AS released,
         (SELECT coalesce(sum(u.amount_minor), 0)::bigint FROM undo u
           WHERE u.tenant_id = m.tenant_id AND u.match_id = m.match_id) AS undone,
         (SELECT coalesce(sum(u.released_minor), 0)::bigint FROM undo u
           WHERE u.tenant_id = m.tenant_id AND u.match_id = m.match_id) AS taken_back,
         (SELECT coalesce(sum(u.paid_minor), 0)::bigint FROM undo u
           WHERE u.tenant_id = m.tenant_id AND u.match_id = m.match_id) AS undone_paid
    FROM match m WHERE m.tenant_id = $1`;

export const MONEY_RULES: readonly MoneyRule[] = [
  {
    subject: "credit",
    message: "what is open of it is not its amount less what is matched and undone",
    query: `SELECT * FROM (
      SELECT t.transaction_id AS id, t.currency, t.open_minor AS found,
             (CASE WHEN t.state = 'booked' THEN t.amount_minor ELSE 0 END - ${MATCHED} - ${UNDONE_OPEN})::bigint AS expected
        FROM bank_transaction t WHERE t.tenant_id = $1 AND t.direction = 'credit') AS r
      WHERE r.expected <> r.found`,
  },
  {
    subject: "debit",
    message: "what is open of it is not its amount less what it has undone",
    query: `SELECT * FROM (
      SELECT t.transaction_id AS id, t.currency, t.open_minor AS found,
             (CASE WHEN t.state = 'booked' AND t.role = 'undo' THEN t.amount_minor ELSE 0 END - ${UNDOING})::bigint
               AS expected
        FROM bank_transaction t WHERE t.tenant_id = $1 AND t.direction = 'debit') AS r
      WHERE r.expected <> r.found`,
  },
  {
    subject: "bank transaction",
    message: "it is marked open although nothing is left of it, or the other way round",
    query: `SELECT * FROM (
      SELECT t.transaction_id AS id, t.currency, t.open_minor AS expected, NULL::bigint AS found
        FROM bank_transaction t WHERE t.tenant_id = $1 AND t.is_open <> (t.open_minor > 0)) AS r`,
  },
  {
    subject: "match",
    message: "its credit or its payout is not on record",
    query: `SELECT * FROM (
      SELECT m.match_id AS id, m.currency, NULL::bigint AS expected, m.amount_minor AS found FROM match m
       WHERE m.tenant_id = $1
         AND (NOT EXISTS (SELECT 1 FROM bank_transaction t
                           WHERE t.tenant_id = m.tenant_id AND t.transaction_id = m.credit_id)
              OR NOT EXISTS (SELECT 1 FROM payout p
                              WHERE p.tenant_id = m.tenant_id AND p.payout_id = m.payout_id))) AS r`,
  },
  {
    subject: "match",
    message: "more was taken back of it than it has",
    query: `SELECT r.id, r.currency, r.expected, r.found FROM (
      SELECT s.*, s.match_id AS id, s.amount_minor AS expected, s.undone AS found FROM (${MATCH_SUMS}) AS s) AS r
      WHERE r.undone > r.amount_minor OR r.undone_paid > r.paid_minor`,
  },
  {
    subject: "match",
    message: "more was released of it than it has left",
    query: `SELECT r.id, r.currency, r.expected, r.found FROM (
      SELECT s.*, s.match_id AS id, s.amount_minor - s.undone AS expected, s.released - s.taken_back AS found
        FROM (${MATCH_SUMS}) AS s) AS r
      WHERE r.found > r.expected OR r.taken_back > r.released`,
  },
  {
    subject: "release",
    message: "its match is not on record",
    query: `SELECT * FROM (
      SELECT x.release_id AS id, NULL::text AS currency, NULL::bigint AS expected, x.amount_minor AS found FROM release x
       WHERE x.tenant_id = $1 AND NOT EXISTS (
             SELECT 1 FROM match m WHERE m.tenant_id = x.tenant_id AND m.match_id = x.match_id)) AS r`,
  },
  {
    subject: "undo",
    message: "its debit, its credit or its match is not on record",
    query: `SELECT * FROM (
      SELECT u.undo_id AS id, NULL::text AS currency, NULL::bigint AS expected, u.amount_minor AS found FROM undo u
       WHERE u.tenant_id = $1
         AND (NOT EXISTS (SELECT 1 FROM bank_transaction t WHERE t.tenant_id = u.tenant_id
                             AND t.transaction_id = u.debit_id AND t.direction = 'debit')
              OR NOT EXISTS (SELECT 1 FROM bank_transaction t WHERE t.tenant_id = u.tenant_id
                                AND t.transaction_id = u.credit_id AND t.direction = 'credit')
              OR (u.match_id IS NOT NULL AND NOT EXISTS (
                  SELECT 1 FROM match m WHERE m.tenant_id = u.tenant_id AND m.match_id = u.match_id
                     AND m.credit_id = u.credit_id)))) AS r`,
  },
  {
    subject: "payout",
    message: "it was paid more than its amount",
    query: `SELECT * FROM (
      SELECT p.payout_id AS id, p.currency, p.amount_minor AS expected, sum(s.paid_minor - s.undone_paid)::bigint AS found
        FROM (${MATCH_SUMS}) AS s
        JOIN payout o ON o.tenant_id = $1 AND o.payout_id = s.payout_id
        JOIN payout p ON p.tenant_id = $1 AND p.payout_id = coalesce(o.merged_into, o.payout_id)
       GROUP BY p.payout_id, p.currency, p.amount_minor) AS r
      WHERE r.found > r.expected`,
  },
  {
    subject: "bank row",
    message: "two notices are the same telling: one of them is counted twice",
    query: `SELECT * FROM (
      SELECT n.identity || '/' || n.occurrence AS id, NULL::text AS currency, 1::bigint AS expected, count(*) AS found
        FROM bank_notice n WHERE n.tenant_id = $1 GROUP BY n.identity, n.occurrence) AS r
      WHERE r.found > 1`,
  },
];
