// Whose facts a marketplace file tells: a settlement and a payout belong to one seller, so a file that speaks of
// another seller's is refused, and what nobody had claimed is claimed with the file that tells of it again.

import type { Reason } from "../errors/refusal.ts";
import { payoutIdOf, payoutIdOfSettlement } from "../marketplace/fold-payout.ts";
import type { MarketplaceReading } from "../marketplace/reading.ts";
import type { Tx } from "../storage/database.ts";

/** Something that belongs to one seller only, by the name that the file gives it. */
type Subject = { readonly kind: "settlement" | "payout"; readonly name: string };

export type FileSubjects = {
  readonly settlements: readonly { readonly marketplace: string; readonly id: string }[];
  /** By the payout's id. */
  readonly payouts: ReadonlyMap<string, Subject>;
};

/** Rows that the marketplace has not put into a settlement yet: the word is every seller's. */
const NO_SETTLEMENT = "deferred";

/** The settlements and payouts that a file speaks of; a settlement stands for the payout that delivers it too. */
export function subjectsOf(reading: MarketplaceReading): FileSubjects {
  const settlements = [
    ...reading.statements.map(({ marketplace, settlementId: id }) => ({ marketplace, id })),
    ...reading.payouts.flatMap(({ marketplace, settlementIds }) =>
      settlementIds.map((id) => ({ marketplace, id })),
    ),
    ...(reading.outlook?.controls ?? []).map(({ marketplace, settlementId: id }) => ({
      marketplace,
      id,
    })),
  ].filter(({ id }) => id !== NO_SETTLEMENT);
  const payouts = new Map<string, Subject>();
  for (const announcement of reading.payouts) {
    payouts.set(payoutIdOf(announcement), { kind: "payout", name: announcement.reference });
  }
  for (const { marketplace, id } of settlements) {
    payouts.set(payoutIdOfSettlement(marketplace, id), { kind: "settlement", name: id });
  }
  return { settlements, payouts };
}

/** The same of files that are on record. */
export async function subjectsOfFiles(
  tx: Tx,
  tenantId: string,
  sha256s: readonly string[],
): Promise<FileSubjects> {
  const statements = await tx.query<{ marketplace: string; id: string }>(
    `SELECT DISTINCT marketplace, settlement_id AS id FROM statement
      WHERE tenant_id = $1 AND source_sha256 = ANY($2::text[])`,
    [tenantId, sha256s],
  );
  const payouts = await tx.query<{ payout_id: string; reference: string }>(
    `SELECT DISTINCT payout_id, reference FROM payout_announcement
      WHERE tenant_id = $1 AND source_sha256 = ANY($2::text[])`,
    [tenantId, sha256s],
  );
  return {
    settlements: statements,
    payouts: new Map(
      payouts.map(({ payout_id, reference }) => [payout_id, { kind: "payout", name: reference }]),
    ),
  };
}

/** Whose it is on record, and which files told of it. */
type Standing = {
  readonly subject: Subject;
  readonly sellerId: string | null;
  readonly sha256s: readonly string[];
};

async function standingsOf(
  tx: Tx,
  tenantId: string,
  { settlements, payouts }: FileSubjects,
): Promise<readonly Standing[]> {
  const rows = await tx.query<{
    settlement_id: string | null;
    payout_id: string | null;
    seller_id: string | null;
    sha256s: readonly string[];
  }>(
    `SELECT s.settlement_id, NULL AS payout_id, s.seller_id, ARRAY[s.source_sha256] AS sha256s
       FROM unnest($2::text[], $3::text[]) AS n(marketplace, settlement_id)
      CROSS JOIN LATERAL (SELECT * FROM statement s
                           WHERE s.tenant_id = $1 AND s.marketplace = n.marketplace
                             AND s.settlement_id = n.settlement_id AND s.is_current OFFSET 0) AS s
     UNION ALL
     SELECT NULL, p.payout_id, p.seller_id,
            (SELECT coalesce(array_agg(DISTINCT a.source_sha256), '{}') FROM payout_announcement a
              WHERE a.tenant_id = p.tenant_id AND a.payout_id = p.payout_id)
       FROM unnest($4::text[]) AS n(payout_id)
      CROSS JOIN LATERAL (SELECT * FROM payout p
                           WHERE p.tenant_id = $1 AND p.payout_id = n.payout_id OFFSET 0) AS p`,
    [
      tenantId,
      settlements.map(({ marketplace }) => marketplace),
      settlements.map(({ id }) => id),
      [...payouts.keys()],
    ],
    { name: "whose-subjects" },
  );
  return rows.map((row) => ({
    subject: payouts.get(row.payout_id ?? "") ?? {
      kind: "settlement",
      name: row.settlement_id ?? "",
    },
    sellerId: row.seller_id,
    sha256s: row.sha256s,
  }));
}

export type Whose = {
  /** Not empty: something in the file is another seller's. */
  readonly refusals: readonly Reason[];
  /** Files of nobody that told of the same settlements and payouts. */
  readonly unclaimed: readonly string[];
};

/** Whether the seller may bring a file with these subjects, and which files of nobody are then the seller's too. */
export async function whoseSubjects(
  tx: Tx,
  tenantId: string,
  sellerId: string,
  subjects: FileSubjects,
): Promise<Whose> {
  const standings = await standingsOf(tx, tenantId, subjects);
  const refusals = standings
    .filter((standing) => standing.sellerId !== null && standing.sellerId !== sellerId)
    .map(({ subject }) => ofAnother(subject));
  const unclaimed = standings
    .filter((standing) => standing.sellerId === null)
    .flatMap(({ sha256s }) => sha256s);
  return {
    refusals: [...new Map(refusals.map((reason) => [reason.message, reason])).values()],
    unclaimed: [...new Set(unclaimed)],
  };
}

/** Which seller each subject was brought for by the files of one step, before their facts are on record. */
export type StepClaims = Map<string, string>;

/** Claims the subjects for the seller; refused where a file of the same step brought one of them for another. */
export function claimSubjects(
  claims: StepClaims,
  sellerId: string,
  subjects: FileSubjects,
): readonly Reason[] {
  const taken = [...subjects.payouts].filter(
    ([payoutId]) => (claims.get(payoutId) ?? sellerId) !== sellerId,
  );
  if (taken.length === 0) {
    for (const payoutId of subjects.payouts.keys()) claims.set(payoutId, sellerId);
  }
  return taken.map(([, subject]) => ofAnother(subject));
}

function ofAnother({ kind, name }: Subject): Reason {
  const what = kind === "settlement" ? `Settlement ${name}` : `Payout ${name}`;
  return {
    code: `${kind}-of-another-seller`,
    line: null,
    message: `${what} is on record for another seller. Check which seller this file belongs to.`,
  };
}
