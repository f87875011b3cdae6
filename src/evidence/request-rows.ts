// What is asked for: each paper of each order once, whatever payout needs it. A request ends when its paper came; a paper
// that came and counts no longer is asked for in another round.

import type { Currency } from "../money/currency.ts";
import type { Tx } from "../storage/database.ts";
import { insertRows } from "../storage/insert-rows.ts";
import type { CivilDate, Instant } from "../time/instant.ts";
import type { PaperOwner } from "./evidence-facts.ts";
import type { PaperCode } from "./settings.ts";

/** A paper that a payout needs; of the payout as a whole where the marketplace is empty, and then `orderId` is its id. */
export type WantedPaper = {
  readonly marketplace: string;
  readonly orderId: string;
  readonly paper: PaperCode;
  readonly payoutId: string;
  readonly sellerId: string;
  readonly currency: Currency;
  readonly amountMinor: bigint;
  readonly owner: PaperOwner;
  readonly dueOn: CivilDate;
};

type Key = Pick<WantedPaper, "marketplace" | "orderId" | "paper">;

type RequestRow = {
  marketplace: string;
  order_id: string;
  paper: PaperCode;
  round: number;
  payout_id: string;
  due_on: CivilDate;
  cured_at: Instant | null;
};

/** The newest round of each request for one of the papers, or made for one of the payouts. */
export type Requests = ReadonlyMap<string, RequestRow>;

export function requestKey({ marketplace, orderId, paper }: Key): string {
  return `${marketplace}\u001f${orderId}\u001f${paper}`;
}

export async function loadRequests(
  tx: Tx,
  tenantId: string,
  wanted: readonly Key[],
  payoutIds: readonly string[],
): Promise<Requests> {
  const rows = await tx.query<RequestRow>(
    `SELECT r.marketplace, r.order_id, r.paper, r.round, r.payout_id, r.due_on, r.cured_at
       FROM unnest($2::text[], $3::text[], $4::text[]) AS k(marketplace, order_id, paper)
      CROSS JOIN LATERAL (SELECT * FROM paper_request r
                           WHERE r.tenant_id = $1 AND r.marketplace = k.marketplace AND r.order_id = k.order_id
                             AND r.paper = k.paper ORDER BY r.round DESC LIMIT 1) AS r
     UNION
     SELECT r.marketplace, r.order_id, r.paper, r.round, r.payout_id, r.due_on, r.cured_at
       FROM unnest($5::text[]) AS p(payout_id)
      CROSS JOIN LATERAL (SELECT * FROM paper_request r
                           WHERE r.tenant_id = $1 AND r.payout_id = p.payout_id OFFSET 0) AS r
      WHERE r.cured_at IS NULL`,
    [
      tenantId,
      wanted.map(({ marketplace }) => marketplace),
      wanted.map(({ orderId }) => orderId),
      wanted.map(({ paper }) => paper),
      payoutIds,
    ],
    { name: "paper-requests" },
  );
  return new Map(rows.map((row) => [requestKey({ ...row, orderId: row.order_id }), row] as const));
}

/** The day on which a wanted paper is due: as it was asked for first, where it is asked for already. */
export function dueOf(requests: Requests, wanted: Key, otherwise: CivilDate): CivilDate {
  const standing = requests.get(requestKey(wanted));
  return standing !== undefined && standing.cured_at === null ? standing.due_on : otherwise;
}

/** Asks for what is wanted and not asked for yet, and ends requests of these payouts that nothing wants any more. */
export async function keepRequests(
  tx: Tx,
  tenantId: string,
  requests: Requests,
  wanted: readonly WantedPaper[],
  payoutIds: readonly string[],
  now: Instant,
): Promise<void> {
  const byKey = new Map<string, WantedPaper>();
  for (const paper of wanted)
    if (!byKey.has(requestKey(paper))) byKey.set(requestKey(paper), paper);
  const asked = [...byKey].filter(([key]) => requests.get(key)?.cured_at !== null);
  await insertRows(
    tx,
    "paper_request",
    {
      tenant_id: "text",
      marketplace: "text",
      order_id: "text",
      paper: "text",
      round: "integer",
      payout_id: "text",
      seller_id: "text",
      currency: "text",
      amount_minor: "bigint",
      owner: "text",
      asked_at: "timestamptz",
      due_on: "date",
    },
    asked.map(([key, paper]) => [
      tenantId,
      paper.marketplace,
      paper.orderId,
      paper.paper,
      (requests.get(key)?.round ?? 0) + 1,
      paper.payoutId,
      paper.sellerId,
      paper.currency,
      paper.amountMinor,
      paper.owner,
      now,
      paper.dueOn,
    ]),
  );
  const own = new Set(payoutIds);
  const cured = [...requests].filter(
    ([key, row]) => row.cured_at === null && own.has(row.payout_id) && !byKey.has(key),
  );
  if (cured.length === 0) return;
  await tx.query(
    `UPDATE paper_request r SET cured_at = $2
       FROM unnest($3::text[], $4::text[], $5::text[]) AS k(marketplace, order_id, paper)
      WHERE r.tenant_id = $1 AND r.marketplace = k.marketplace AND r.order_id = k.order_id AND r.paper = k.paper
        AND r.cured_at IS NULL`,
    [
      tenantId,
      now,
      cured.map(([, row]) => row.marketplace),
      cured.map(([, row]) => row.order_id),
      cured.map(([, row]) => row.paper),
    ],
  );
}
