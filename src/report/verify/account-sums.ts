// What stands on the accounts of each seller, added up from the facts alone: credits, matches, releases, undos,
// statements and the marketplace's own exchanges.

/** An account of the chart as a text in SQL; as `bookAccountId` makes it. */
function account(seller: string, book: string, currency: string): string {
  return `'seller/' || coalesce(${seller}, 'unassigned') || '/${book}/' || ${currency}`;
}

/** One row of an account: side `posted` counts debits less credits, `reserved` the same of what is pending. */
function row(
  at: { readonly seller: string; readonly book: string; readonly currency: string },
  minor: string,
  from: string,
  side: "posted" | "reserved" = "posted",
): string {
  const { seller, book, currency } = at;
  return `SELECT ${account(seller, book, currency)} AS account_id, ${currency} AS currency,
            '${side}' AS side, ${minor} AS minor FROM ${from}`;
}

const credit = (book: string) => ({ seller: "c.seller_id", book, currency: "c.currency" });
const match = (book: string) => ({ seller: "m.seller_id", book, currency: "m.currency" });
const inTransit = (seller: string, currency: string) => ({
  seller,
  book: "payout-in-transit",
  currency,
});

/** What stands as released, and what is reserved and not released yet, of a match. */
const RELEASED = "m.released - m.taken_back";
const RESERVED = "m.amount_minor - m.undone - m.released + m.taken_back";

/**
 * Common table expressions that end in `by_facts` (account_id, currency, side, minor); $1 is the tenant. Every booked
 * credit makes rows of zero for the accounts that it opens, so that money on an account without facts is found too.
 */
export const ACCOUNTS_BY_FACTS = `
  credit_sum AS (
    SELECT t.transaction_id, t.seller_id, t.currency, t.amount_minor, t.open_minor,
           (SELECT coalesce(sum(u.amount_minor), 0) FROM undo u
             WHERE u.tenant_id = t.tenant_id AND u.credit_id = t.transaction_id) AS undone
      FROM bank_transaction t
     WHERE t.tenant_id = $1 AND t.direction = 'credit' AND t.state = 'booked' AND t.amount_minor > 0),
  match_sum AS (
    SELECT m.match_id, c.seller_id, m.currency, coalesce(m.charge_currency, m.currency) AS charge_currency,
           m.amount_minor, m.charge_minor, m.paid_minor,
           (SELECT coalesce(sum(x.amount_minor), 0) FROM release x
             WHERE x.tenant_id = m.tenant_id AND x.match_id = m.match_id) AS released,
           (SELECT coalesce(sum(u.amount_minor), 0) FROM undo u
             WHERE u.tenant_id = m.tenant_id AND u.match_id = m.match_id) AS undone,
           (SELECT coalesce(sum(u.released_minor), 0) FROM undo u
             WHERE u.tenant_id = m.tenant_id AND u.match_id = m.match_id) AS taken_back,
           (SELECT coalesce(sum(u.paid_minor), 0) FROM undo u
             WHERE u.tenant_id = m.tenant_id AND u.match_id = m.match_id) AS undone_paid,
           EXISTS (SELECT 1 FROM undo u WHERE u.tenant_id = m.tenant_id AND u.match_id = m.match_id
                      AND u.amount_minor = m.amount_minor) AS whole_undone
      FROM match m
      JOIN credit_sum c ON c.transaction_id = m.credit_id
     WHERE m.tenant_id = $1),
  by_facts AS (
    ${row(credit("fx-account-pending"), "c.amount_minor - c.undone", "credit_sum c")}
    UNION ALL
    ${row(credit("credit-suspense"), "- c.open_minor", "credit_sum c")}
    UNION ALL
    ${row(credit("fx-account"), "0", "credit_sum c")}
    UNION ALL
    ${row(match("fx-account"), RELEASED, "match_sum m")}
    UNION ALL
    ${row(match("fx-account-pending"), `- (${RELEASED})`, "match_sum m")}
    UNION ALL
    ${row(match("fx-account"), RESERVED, "match_sum m", "reserved")}
    UNION ALL
    ${row(match("fx-account-pending"), `- (${RESERVED})`, "match_sum m", "reserved")}
    UNION ALL
    ${row(
      { seller: "m.seller_id", book: "overseas-charges", currency: "m.charge_currency" },
      "CASE WHEN m.charge_currency = m.currency AND NOT m.whole_undone THEN m.charge_minor ELSE 0 END",
      "match_sum m",
    )}
    UNION ALL
    ${row(inTransit("m.seller_id", "m.charge_currency"), "- (m.paid_minor - m.undone_paid)", "match_sum m")}
    UNION ALL
    ${row(
      inTransit("s.seller_id", "s.currency"),
      "greatest(s.summed_minor, 0) - s.taken_back_minor",
      "statement s WHERE s.tenant_id = $1 AND s.state = 'posted'",
    )}
    UNION ALL
    ${row(
      inTransit("p.seller_id", "p.currency"),
      "p.amount_minor",
      "payout p WHERE p.tenant_id = $1 AND p.is_converted",
    )}
    UNION ALL
    ${row(
      inTransit("p.seller_id", "p.original_currency"),
      "- p.original_minor",
      "payout p WHERE p.tenant_id = $1 AND p.is_converted",
    )})`;
