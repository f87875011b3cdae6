// What a person must look at in the connections to marketplaces: authorisations that end, accounts whose name is in
// doubt, work that keeps failing, reports that were not made, settlements that were announced and did not come, and
// totals that the marketplace tells otherwise than its own report.

import type { StatementClass } from "../marketplace/statement.ts";
import { EXPIRING_DAYS, storeState } from "../marketplace/stores/store.ts";
import type { Policy } from "../policy/policy.ts";
import type { Tx } from "../storage/database.ts";
import type { Instant } from "../time/instant.ts";
import { instantOfMs, msOf } from "../time/instant.ts";
import type { FoundException } from "./exceptions.ts";

/** Failures in a row, and hours without a whole poll, from which a person looks at it: what passes has passed by then. */
const FAILURES_MIN = 3;
const FAILING_HOURS_MIN = 1;
/** Reports come within the hour of a settlement's close; some were seen to be listed a day later. */
const REPORT_HOURS_MAX = 48;

/** Lines that move a balance and are no proceeds of the period. */
const NOT_PROCEEDS: readonly StatementClass[] = [
  "reserve",
  "previous-balance",
  "charge-to-seller",
  "failed-transfer",
  "payout",
];

export async function storeExceptions(
  tx: Tx,
  tenantId: string,
  { policy, now }: { readonly policy: Policy; readonly now: Instant },
): Promise<readonly FoundException[]> {
  const hoursAgo = (hours: number) => instantOfMs(msOf(now) - hours * 3_600_000);
  return [
    ...(await endingAuthorisations(tx, tenantId, now)),
    ...(await tx.query<FoundException>(NAMES_IN_DOUBT, [tenantId])),
    ...(await tx.query<FoundException>(FAILING, [
      tenantId,
      FAILURES_MIN,
      hoursAgo(FAILING_HOURS_MIN),
    ])),
    ...(await tx.query<FoundException>(REPORTS, [tenantId])),
    ...(await tx.query<FoundException>(MISSING, [tenantId, hoursAgo(REPORT_HOURS_MAX)])),
    ...(await tx.query<FoundException>(CONTROLS, [
      tenantId,
      policy.controlTotal === "proceeds" ? NOT_PROCEEDS : [],
    ])),
  ];
}

type EndingRow = Omit<FoundException, "kind" | "code" | "message"> & {
  name: string;
  expires_at: Instant;
  ended_at: Instant | null;
};

const ENDING_WORDS = {
  expiring: "runs out soon; the seller renews it by consenting again.",
  expired: "should be over; the seller renews it by consenting again.",
  revoked: "was withdrawn at the marketplace; nothing is read until the seller consents again.",
} as const;

/** An authorisation that somebody ended here is no exception: it was meant. */
async function endingAuthorisations(
  tx: Tx,
  tenantId: string,
  now: Instant,
): Promise<readonly FoundException[]> {
  const rows = await tx.query<EndingRow>(
    `SELECT s.store_id AS subject, s.name, s.seller_id, NULL::bigint AS minor, NULL AS currency,
            b.expires_at, b.ended_at, coalesce(b.ended_at, b.expires_at) AS since, NULL AS file, NULL::integer AS line
       FROM store s
       JOIN LATERAL (SELECT * FROM (SELECT expires_at, ended_at, end_reason, bound_at FROM store_binding b
                                     WHERE b.tenant_id = s.tenant_id AND b.store_id = s.store_id) AS b
                      ORDER BY b.bound_at DESC, b.ended_at DESC NULLS FIRST LIMIT 1) AS b ON true
      WHERE s.tenant_id = $1 AND b.end_reason IS DISTINCT FROM 'unbound'
        AND (b.ended_at IS NOT NULL OR b.expires_at <= $2)`,
    [tenantId, instantOfMs(msOf(now) + EXPIRING_DAYS * 86_400_000)],
  );
  return rows.flatMap(({ name, expires_at: expiresAt, ended_at: endedAt, ...row }) => {
    const state = storeState({ expiresAt, endedAt }, now);
    if (state === "bound" || state === "pending-consent") return [];
    const message = `The authorisation of store ${name} ${ENDING_WORDS[state]}`;
    // What is still to come has been known since now.
    const since = row.since > now ? now : row.since;
    return [{ ...row, kind: "store-authorisation" as const, code: state, message, since }];
  });
}

const NAMES_IN_DOUBT = `
  SELECT 'store-name-in-doubt' AS kind, s.name_check AS code, s.store_id AS subject,
         CASE s.name_check
           WHEN 'differs' THEN 'The account of store ' || s.name || ' has another legal name than the seller; nothing is read until a person confirms it.'
           ELSE 'The marketplace tells no legal name for store ' || s.name || '; nothing is read until a person confirms whose account it is.'
         END AS message,
         NULL::bigint AS minor, NULL AS currency, s.seller_id, s.checked_at AS since, NULL AS file, NULL::integer AS line
    FROM store s WHERE s.tenant_id = $1 AND s.name_check IN ('differs', 'unknown') AND s.checked_at IS NOT NULL`;

const FAILING = `
  SELECT 'store-failing' AS kind, c.operation AS code, c.store_id AS subject,
         'Store ' || s.name || ': ' || c.operation || ' failed ' || c.failure_count || ' times in a row: ' || coalesce(c.failure, '') AS message,
         NULL::bigint AS minor, NULL AS currency, s.seller_id, coalesce(c.polled_at, s.created_at) AS since,
         NULL AS file, NULL::integer AS line
    FROM store_cursor c JOIN store s ON s.tenant_id = c.tenant_id AND s.store_id = c.store_id
   WHERE c.tenant_id = $1 AND c.failure_count >= $2 AND coalesce(c.polled_at, s.created_at) < $3`;

const REPORTS = `
  SELECT 'report-not-made' AS kind, lower(r.status) AS code, r.store_id AS subject,
         'The marketplace could not make report ' || r.report_id || ' of store ' || s.name || '.' AS message,
         NULL::bigint AS minor, NULL AS currency, s.seller_id, r.created_at AS since, NULL AS file, NULL::integer AS line
    FROM store_report r JOIN store s ON s.tenant_id = r.tenant_id AND s.store_id = r.store_id
   WHERE r.tenant_id = $1 AND r.status = 'FATAL'`;

/** Payouts that name a settlement whose report never came: the marketplace's lists are seen to have gaps. */
const MISSING = `
  SELECT 'settlement-missing' AS kind, 'report-did-not-come' AS code, p.payout_id AS subject,
         'Payout ' || p.reference || ' pays settlement ' || n.settlement_id || ', whose report did not come; fetch it from the marketplace and upload it.' AS message,
         p.amount_minor AS minor, p.currency, p.seller_id, p.recorded_at AS since, NULL AS file, NULL::integer AS line
    FROM payout p
    JOIN LATERAL jsonb_array_elements_text(p.settlement_ids) AS n(settlement_id) ON true
   WHERE p.tenant_id = $1 AND p.source = 'list-payouts' AND p.merged_into IS NULL AND p.recorded_at < $2
     AND EXISTS (SELECT 1 FROM store s WHERE s.tenant_id = p.tenant_id AND s.seller_id = p.seller_id
                    AND s.marketplace = p.marketplace AND s.created_at <= coalesce(p.initiated_at, p.recorded_at))
     AND NOT EXISTS (SELECT 1 FROM statement t WHERE t.tenant_id = p.tenant_id AND t.marketplace = p.marketplace
                        AND t.settlement_id = n.settlement_id)`;

/** The total that was told last is the marketplace's word; the amount at stake is the difference. */
const CONTROLS = `
  SELECT 'control-total-differs' AS kind, 'marketplace-summary' AS code, s.statement_id AS subject,
         'The marketplace sums settlement ' || s.settlement_id || ' otherwise than its report; compare both before the next one closes.' AS message,
         CASE WHEN c.currency = s.currency THEN c.amount_minor - (s.summed_minor - x.minor) ELSE c.amount_minor END AS minor,
         c.currency, s.seller_id, c.recorded_at AS since, f.name AS file, c.source_line AS line
    FROM statement s
    CROSS JOIN LATERAL (
      SELECT coalesce(sum((g.value->>'totalMinor')::bigint), 0)::bigint AS minor
        FROM jsonb_array_elements(s.groups) AS g(value) WHERE g.value->>'class' = ANY($2::text[])) AS x
    JOIN LATERAL (
      SELECT c.*, (SELECT max(a.arrived_at) FROM raw_arrival a
                    WHERE a.tenant_id = c.tenant_id AND a.sha256 = c.source_sha256) AS told_at
        FROM control_total c
       WHERE c.tenant_id = s.tenant_id AND c.marketplace = s.marketplace AND c.settlement_id = s.settlement_id
       ORDER BY told_at DESC NULLS LAST, c.source_sha256, c.source_line LIMIT 1) AS c ON true
    LEFT JOIN raw_file f ON f.tenant_id = c.tenant_id AND f.sha256 = c.source_sha256
   WHERE s.tenant_id = $1 AND s.is_current AND s.state = 'posted'
     AND (c.currency <> s.currency OR c.amount_minor <> s.summed_minor - x.minor)`;
