// The meters of payouts on record: a new row where what was computed differs, and the event that tells of it.

import { hash } from "node:crypto";
import { formatMinor } from "../money/money.ts";
import type { Tx } from "../storage/database.ts";
import { insertRows, jsonText } from "../storage/insert-rows.ts";
import type { Instant } from "../time/instant.ts";
import { appendEvents, type TimelineEvent } from "../timeline/timeline.ts";
import type { Cover } from "./cover.ts";

type Standing = { payout_id: string; version: number; content: string };

/** What tells one meter from another: a digest, so that a long list of papers need not be read to be compared. */
function digestOf(cover: Cover): string {
  return hash("sha256", jsonText(cover), "hex");
}

export async function keepCovers(
  tx: Tx,
  tenantId: string,
  covers: ReadonlyMap<string, Cover>,
  now: Instant,
): Promise<void> {
  if (covers.size === 0) return;
  const standing = new Map(
    (
      await tx.query<Standing>(
        `SELECT c.payout_id, c.version, c.content_sha256 AS content
           FROM unnest($2::text[]) AS wanted(payout_id)
          CROSS JOIN LATERAL (SELECT * FROM evidence_cover c
                               WHERE c.tenant_id = $1 AND c.payout_id = wanted.payout_id
                               ORDER BY c.version DESC LIMIT 1) AS c`,
        [tenantId, [...covers.keys()]],
        { name: "standing-covers" },
      )
    ).map((row) => [row.payout_id, row]),
  );
  const changed = [...covers]
    .map(([payoutId, cover]) => ({ payoutId, cover, content: digestOf(cover) }))
    .filter(({ payoutId, content }) => standing.get(payoutId)?.content !== content);
  await insertRows(
    tx,
    "evidence_cover",
    COLUMNS,
    changed.map(({ payoutId, cover, content }) => [
      tenantId,
      payoutId,
      (standing.get(payoutId)?.version ?? 0) + 1,
      cover.currency,
      cover.requiredMinor,
      cover.coveredMinor,
      cover.refundedMinor,
      cover.otherMinor,
      cover.orderCount,
      cover.coveredCount,
      cover.unshippedCount,
      cover.ordersKnown,
      cover.provisional,
      cover.modes,
      cover.papers,
      cover.missing,
      cover.findings,
      cover.findingCount,
      content,
      now,
    ]),
  );
  await appendEvents(
    tx,
    tenantId,
    changed.map(({ payoutId, cover }) => changedEvent(payoutId, cover, now)),
  );
}

const COLUMNS = {
  tenant_id: "text",
  payout_id: "text",
  version: "integer",
  currency: "text",
  required_minor: "bigint",
  covered_minor: "bigint",
  refunded_minor: "bigint",
  other_minor: "bigint",
  order_count: "integer",
  covered_count: "integer",
  unshipped_count: "integer",
  orders_known: "boolean",
  provisional: "jsonb",
  modes: "jsonb",
  papers: "jsonb",
  missing: "jsonb",
  findings: "jsonb",
  finding_count: "integer",
  content_sha256: "text",
  decided_at: "timestamptz",
} as const;

function changedEvent(payoutId: string, cover: Cover, now: Instant): TimelineEvent {
  return {
    subject: payoutId,
    kind: "evidence-changed",
    at: now,
    data: {
      currency: cover.currency,
      required: formatMinor(cover.requiredMinor, cover.currency),
      covered: formatMinor(cover.coveredMinor, cover.currency),
      orderCount: cover.orderCount,
      missingPapers: cover.papers.map(({ paper, count }) => ({ paper, count })),
      findingCount: cover.findingCount,
    },
    source: null,
    occasion: now,
  };
}
