// What does not fit across sellers, with both sides of it: kept for operators. A seller is told of its own side only.

import { objectId } from "../ids/object-id.ts";
import type { Tx } from "../storage/database.ts";
import { insertRows } from "../storage/insert-rows.ts";
import type { Instant } from "../time/instant.ts";

export type EvidenceFindingDraft = {
  readonly code: "order-of-another-seller" | "tracking-reused" | "paper-of-another-seller";
  readonly marketplace: string;
  /** Of a paper that names no order: the paper's number. */
  readonly orderId: string;
  readonly sellerId: string;
  readonly tracking: string | null;
  readonly others: readonly { readonly sellerId: string; readonly orderId: string }[];
};

export async function writeFindings(
  tx: Tx,
  tenantId: string,
  findings: readonly EvidenceFindingDraft[],
  now: Instant,
): Promise<void> {
  const byId = new Map(findings.map((finding) => [idOf(finding), finding]));
  await insertRows(
    tx,
    "evidence_finding",
    {
      tenant_id: "text",
      finding_id: "text",
      code: "text",
      marketplace: "text",
      order_id: "text",
      seller_id: "text",
      tracking: "text",
      others: "jsonb",
      found_at: "timestamptz",
    },
    [...byId].map(([id, finding]) => [
      tenantId,
      id,
      finding.code,
      finding.marketplace,
      finding.orderId,
      finding.sellerId,
      finding.tracking,
      finding.others,
      now,
    ]),
  );
}

function idOf({ code, marketplace, orderId, sellerId, tracking }: EvidenceFindingDraft): string {
  return objectId("ef", code, marketplace, orderId, sellerId, tracking);
}
