// Papers on record: customs papers, stocking orders, contracts, invoices, packing lists, with the orders and articles that
// each speaks of. A customs paper has one number in the country: brought by a second seller, it supports nothing.

import type { Reason } from "../errors/refusal.ts";
import { objectId } from "../ids/object-id.ts";
import type { Tx } from "../storage/database.ts";
import { insertRows } from "../storage/insert-rows.ts";
import type { Instant } from "../time/instant.ts";
import { type EvidenceFindingDraft, writeFindings } from "./finding-rows.ts";
import type { PaperKind, PaperTold } from "./reading.ts";
import type { EvidenceArrival } from "./record-evidence.ts";

/** Kinds whose numbers the customs give: the same number is the same paper, whoever brings it. */
const CUSTOMS_KINDS: ReadonlySet<PaperKind> = new Set<PaperKind>([
  "customs-declaration",
  "customs-list",
  "bonded-record",
]);

type PaperArrival = {
  readonly paper: PaperTold;
  readonly paperId: string;
  readonly sha256: string;
  readonly sellerId: string;
};

export async function recordPapers(
  tx: Tx,
  tenantId: string,
  arrivals: readonly EvidenceArrival[],
  now: Instant,
): Promise<void> {
  const told = arrivals.flatMap(({ reading, sha256, sellerId }) =>
    reading.papers.map((paper) => ({
      paper,
      paperId: objectId("pap", sellerId, paper.kind, paper.number),
      sha256,
      sellerId,
    })),
  );
  if (told.length === 0) return;
  const owners = await loadOwners(tx, tenantId, told);
  const findings: EvidenceFindingDraft[] = [];
  const rows = told.map((arrival) => {
    const { paper, sellerId } = arrival;
    const key = `${paper.kind}\u001f${paper.number}`;
    const owner = owners.get(key) ?? sellerId;
    if (CUSTOMS_KINDS.has(paper.kind)) owners.set(key, owner);
    if (owner !== sellerId) findings.push(paperOfAnother(arrival, owner));
    return paperRow(tenantId, arrival, reasonsAgainst(paper, owner !== sellerId), now);
  });
  await insertRows(tx, "paper_record", PAPER_COLUMNS, rows);
  await insertRows(
    tx,
    "paper_order",
    {
      tenant_id: "text",
      marketplace: "text",
      order_id: "text",
      paper_id: "text",
      amount_minor: "bigint",
    },
    told.flatMap(({ paper, paperId }) =>
      paper.orders.map(({ marketplace, orderId, amountMinor }) => [
        tenantId,
        marketplace,
        orderId,
        paperId,
        amountMinor,
      ]),
    ),
  );
  await insertRows(
    tx,
    "paper_goods",
    {
      tenant_id: "text",
      seller_id: "text",
      sku: "text",
      paper_id: "text",
      quantity: "bigint",
    },
    told.flatMap(({ paper, paperId, sellerId }) =>
      paper.goods.map(({ sku, quantity }) => [tenantId, sellerId, sku, paperId, quantity]),
    ),
  );
  await writeFindings(tx, tenantId, findings, now);
}

/** Why a paper supports nothing; empty: it does. */
export function reasonsAgainst(paper: PaperTold, isOfAnother: boolean): readonly Reason[] {
  const reasons: Reason[] = [];
  if (paper.mode === "1039") {
    const message =
      "The paper is of market procurement (1039), which this channel does not settle: bring it to a bank that does.";
    reasons.push({ code: "mode-refused", line: paper.line, message });
  }
  if (isOfAnother) {
    const message = `Paper ${paper.number} is on record already. Check its number.`;
    reasons.push({ code: "paper-on-record", line: paper.line, message });
  }
  return reasons;
}

async function loadOwners(
  tx: Tx,
  tenantId: string,
  told: readonly PaperArrival[],
): Promise<Map<string, string>> {
  const customs = told.filter(({ paper }) => CUSTOMS_KINDS.has(paper.kind));
  if (customs.length === 0) return new Map();
  const rows = await tx.query<{ kind: string; number: string; seller_id: string }>(
    `SELECT p.kind, p.number, p.seller_id
       FROM unnest($2::text[], $3::text[]) AS k(kind, number)
      CROSS JOIN LATERAL (SELECT * FROM paper_record p
                           WHERE p.tenant_id = $1 AND p.kind = k.kind AND p.number = k.number
                           ORDER BY p.recorded_at, p.paper_id LIMIT 1) AS p`,
    [tenantId, customs.map(({ paper }) => paper.kind), customs.map(({ paper }) => paper.number)],
  );
  return new Map(rows.map((row) => [`${row.kind}\u001f${row.number}`, row.seller_id]));
}

function paperOfAnother({ paper, sellerId }: PaperArrival, otherId: string): EvidenceFindingDraft {
  return {
    code: "paper-of-another-seller",
    marketplace: "",
    orderId: paper.number,
    sellerId,
    tracking: null,
    others: [{ sellerId: otherId, orderId: paper.number }],
  };
}

const PAPER_COLUMNS = {
  tenant_id: "text",
  paper_id: "text",
  kind: "text",
  mode: "text",
  number: "text",
  seller_id: "text",
  counterparty: "text",
  currency: "text",
  amount_minor: "bigint",
  issued_on: "date",
  state: "text",
  reasons: "jsonb",
  detail: "jsonb",
  source_sha256: "text",
  source_line: "integer",
  recorded_at: "timestamptz",
} as const;

function paperRow(
  tenantId: string,
  { paper, paperId, sha256, sellerId }: PaperArrival,
  reasons: readonly Reason[],
  now: Instant,
): unknown[] {
  return [
    tenantId,
    paperId,
    paper.kind,
    paper.mode,
    paper.number,
    sellerId,
    paper.counterparty,
    paper.currency,
    paper.amountMinor,
    paper.issuedOn,
    reasons.length === 0 ? "accepted" : "refused",
    reasons,
    { purpose: paper.purpose },
    sha256,
    paper.line,
    now,
  ];
}
