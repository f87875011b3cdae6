// Declarations as they stand in the database: numbered rows, their versions, and what became of each.

import { objectId } from "../ids/object-id.ts";
import type { Tx } from "../storage/database.ts";
import { insertRows } from "../storage/insert-rows.ts";
import type { CivilDate, Instant } from "../time/instant.ts";
import type { RowKind } from "./declare-receipt.ts";
import type { FieldFault } from "./field-rules.ts";
import type { ActionType, BaseInformation, DeclarationInformation } from "./records.ts";

/**
 * `incomplete`: it breaks a rule and is not filed; `ready`: it may be filed; `filed`: it was handed over; `accepted`,
 * `rejected`: as the authority's answer says; `deleted`: taken back with a reason.
 */
export const DECLARATION_STATES = [
  "incomplete",
  "ready",
  "filed",
  "accepted",
  "rejected",
  "deleted",
] as const;
export type DeclarationState = (typeof DECLARATION_STATES)[number];

export type NewDeclaration = {
  readonly rptNo: string;
  readonly creditId: string;
  readonly payoutId: string | null;
  readonly sellerId: string;
  readonly rowNo: number;
  readonly kind: RowKind;
  readonly creditedOn: CivilDate;
  readonly dueOn: CivilDate;
  readonly version: DeclarationVersion;
};

export type DeclarationVersion = {
  readonly actionType: ActionType;
  readonly actionDesc: string;
  readonly base: BaseInformation;
  readonly information: DeclarationInformation;
  readonly faults: readonly FieldFault[];
};

export type Declaration = Omit<NewDeclaration, "version"> & {
  readonly declarationId: string;
  readonly versionNo: number;
  readonly version: DeclarationVersion;
  readonly state: DeclarationState;
  readonly isConfirmed: boolean;
  /** Not filed, and the day by which it had to be is over. */
  readonly isLate: boolean;
  readonly answer: string | null;
  readonly madeAt: Instant;
};

export async function writeDeclarations(
  tx: Tx,
  tenantId: string,
  made: readonly NewDeclaration[],
  now: Instant,
): Promise<void> {
  const numbered = made.map((one) => ({ ...one, id: objectId("decl", one.rptNo) }));
  await insertRows(
    tx,
    "declaration",
    {
      tenant_id: "text",
      declaration_id: "text",
      rpt_no: "text",
      credit_id: "text",
      payout_id: "text",
      seller_id: "text",
      row_no: "integer",
      kind: "text",
      credited_on: "date",
      due_on: "date",
      made_at: "timestamptz",
    },
    numbered.map((one) => [
      tenantId,
      one.id,
      one.rptNo,
      one.creditId,
      one.payoutId,
      one.sellerId,
      one.rowNo,
      one.kind,
      one.creditedOn,
      one.dueOn,
      now,
    ]),
  );
  const versions = numbered.map(({ id, version }) => ({ id, versionNo: 1, version, by: null }));
  await writeVersions(tx, tenantId, versions, now);
}

export async function writeVersions(
  tx: Tx,
  tenantId: string,
  versions: readonly {
    readonly id: string;
    readonly versionNo: number;
    readonly version: DeclarationVersion;
    readonly by: string | null;
  }[],
  now: Instant,
): Promise<void> {
  await insertRows(
    tx,
    "declaration_version",
    {
      tenant_id: "text",
      declaration_id: "text",
      version: "integer",
      action_type: "text",
      action_desc: "text",
      base: "jsonb",
      information: "jsonb",
      faults: "jsonb",
      made_by: "text",
      made_at: "timestamptz",
    },
    versions.map(({ id, versionNo, version, by }) => [
      tenantId,
      id,
      versionNo,
      version.actionType,
      version.actionDesc,
      plain(version.base),
      plain(version.information),
      version.faults,
      by,
      now,
    ]),
  );
}

export type MarkKind = "confirmed" | "filed" | "accepted" | "rejected";

/** Notes what became of versions; the same again changes nothing. */
export async function markDeclarations(
  tx: Tx,
  tenantId: string,
  marks: readonly {
    readonly id: string;
    readonly versionNo: number;
    readonly kind: MarkKind;
    readonly detail: Readonly<Record<string, unknown>>;
    readonly by: string | null;
  }[],
  now: Instant,
): Promise<void> {
  await tx.query(
    `INSERT INTO declaration_mark (tenant_id, declaration_id, version, kind, detail, marked_by, marked_at)
     SELECT $1, m.id, m.version, m.kind, m.detail, m.by, $7::timestamptz
       FROM unnest($2::text[], $3::integer[], $4::text[], $5::jsonb[], $6::text[]) AS m(id, version, kind, detail, by)
     ON CONFLICT DO NOTHING`,
    [
      tenantId,
      marks.map(({ id }) => id),
      marks.map(({ versionNo }) => versionNo),
      marks.map(({ kind }) => kind),
      marks.map(({ detail }) => JSON.stringify(detail)),
      marks.map(({ by }) => by),
      now,
    ],
  );
}

/** Whole units are kept as decimal texts: JSON's numbers lose digits. */
function plain(record: BaseInformation | DeclarationInformation): unknown {
  return JSON.parse(
    JSON.stringify(record, (_, value: unknown) =>
      typeof value === "bigint" ? `${value}n` : value,
    ),
  );
}

function revived(record: unknown): unknown {
  return JSON.parse(JSON.stringify(record), (_, value: unknown) =>
    typeof value === "string" && /^-?\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
  );
}

type Row = {
  declaration_id: string;
  rpt_no: string;
  credit_id: string;
  payout_id: string | null;
  seller_id: string;
  row_no: number;
  kind: RowKind;
  credited_on: CivilDate;
  due_on: CivilDate;
  made_at: Instant;
  version: number;
  action_type: ActionType;
  action_desc: string;
  base: unknown;
  information: unknown;
  faults: readonly FieldFault[];
  marks: readonly { readonly kind: MarkKind; readonly detail: { readonly answer?: string } }[];
};

export type DeclarationFilter = {
  readonly sellerId?: string | null;
  readonly creditIds?: readonly string[];
  readonly ids?: readonly string[];
  readonly numbers?: readonly string[];
  readonly after?: string;
  readonly limit: number;
};

/** Declarations by number, each as its latest version stands. */
export async function loadDeclarations(
  tx: Tx,
  tenantId: string,
  filter: DeclarationFilter,
  today: CivilDate,
): Promise<readonly Declaration[]> {
  const rows = await tx.query<Row>(
    `SELECT d.*, v.version, v.action_type, v.action_desc, v.base, v.information, v.faults,
            (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', m.kind, 'detail', m.detail) ORDER BY m.marked_at), '[]')
               FROM declaration_mark m
              WHERE m.tenant_id = d.tenant_id AND m.declaration_id = d.declaration_id AND m.version = v.version) AS marks
       FROM declaration d
      CROSS JOIN LATERAL (SELECT * FROM declaration_version v
                           WHERE v.tenant_id = d.tenant_id AND v.declaration_id = d.declaration_id
                           ORDER BY v.version DESC LIMIT 1) AS v
      WHERE d.tenant_id = $1 AND ($2::text IS NULL OR d.seller_id = $2)
        AND ($3::text[] IS NULL OR d.credit_id = ANY ($3)) AND ($4::text[] IS NULL OR d.declaration_id = ANY ($4))
        AND ($5::text[] IS NULL OR d.rpt_no = ANY ($5)) AND d.rpt_no > $6
      ORDER BY d.rpt_no LIMIT $7`,
    [
      tenantId,
      filter.sellerId ?? null,
      filter.creditIds ?? null,
      filter.ids ?? null,
      filter.numbers ?? null,
      filter.after ?? "",
      filter.limit,
    ],
  );
  return rows.map((row) => declarationOf(row, today));
}

function declarationOf(row: Row, today: CivilDate): Declaration {
  const state = stateOf(row);
  return {
    declarationId: row.declaration_id,
    rptNo: row.rpt_no,
    creditId: row.credit_id,
    payoutId: row.payout_id,
    sellerId: row.seller_id,
    rowNo: row.row_no,
    kind: row.kind,
    creditedOn: row.credited_on,
    dueOn: row.due_on,
    versionNo: row.version,
    version: {
      actionType: row.action_type,
      actionDesc: row.action_desc,
      base: revived(row.base) as BaseInformation,
      information: revived(row.information) as DeclarationInformation,
      faults: row.faults,
    },
    state,
    isConfirmed: row.marks.some(({ kind }) => kind === "confirmed"),
    isLate:
      (state === "incomplete" || state === "ready" || state === "rejected") && row.due_on < today,
    answer: answerOf(row),
    madeAt: row.made_at,
  };
}

function stateOf({ marks, faults, action_type }: Row): DeclarationState {
  const has = (kind: MarkKind) => marks.some((mark) => mark.kind === kind);
  if (has("rejected")) return "rejected";
  if (has("accepted")) return action_type === "D" ? "deleted" : "accepted";
  if (has("filed")) return "filed";
  // What was never filed is taken back here alone.
  if (action_type === "D" && faults.length === 0) return "deleted";
  return faults.length > 0 ? "incomplete" : "ready";
}

function answerOf({ marks }: Row): string | null {
  const answer = marks.findLast(({ kind }) => kind === "rejected" || kind === "accepted");
  return answer === undefined ? null : (answer.detail.answer ?? "");
}
