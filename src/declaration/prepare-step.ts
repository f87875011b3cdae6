// Prepares the declarations of receipts as money comes and goes: numbers them without a gap, writes what declares them,
// and takes back what was never filed when the money goes back. In the step that credits; without a bank's profile it
// asks nothing.

import { invariant } from "../errors/invariant.ts";
import type { EvidenceFacts } from "../evidence/evidence-facts.ts";
import { loadEvidenceFacts } from "../evidence/evidence-facts.ts";
import type { EvidenceSettings } from "../evidence/settings.ts";
import { loadEnterprises } from "../identity/enterprises.ts";
import type { Currency } from "../money/currency.ts";
import type { Tx } from "../storage/database.ts";
import { addBusinessDays } from "../time/calendar.ts";
import { addWeekdays, type CivilDate, civilDateIn, type Instant } from "../time/instant.ts";
import { appendEvents } from "../timeline/timeline.ts";
import {
  loadDeclarations,
  type NewDeclaration,
  writeDeclarations,
  writeVersions,
} from "./declaration-rows.ts";
import { type DeclaredReceipt, type DeclaredRow, declaredRows } from "./declare-receipt.ts";
import { baseFaults, declarationFaults, type FieldFault } from "./field-rules.ts";
import { CORPORATE_SERIALS_MAX, corporateNumber } from "./report-number.ts";
import type { DeclarationSettings } from "./settings.ts";

export type PrepareAt = {
  readonly settings: DeclarationSettings;
  readonly evidence: EvidenceSettings;
  readonly zone: string;
  readonly now: Instant;
};

type ReceiptRow = {
  transaction_id: string;
  seller_id: string;
  seller_name: string;
  account_number: string;
  currency: Currency;
  minor: bigint;
  undone_minor: bigint;
  on_day: CivilDate;
  reference: string;
  payer_name: string | null;
  payer_country: string | null;
  charge_minor: bigint;
  payout_id: string;
  netted_minor: bigint;
  is_declared: boolean;
};

/** Declares what the payouts received and is not declared yet; deciding twice changes nothing. */
export async function prepareDeclarations(
  tx: Tx,
  tenantId: string,
  payoutIds: readonly string[],
  at: PrepareAt,
): Promise<void> {
  if (payoutIds.length === 0) return;
  const receipts = await loadReceipts(tx, tenantId, payoutIds);
  const today = civilDateIn(at.zone, at.now);
  await takeBack(
    tx,
    tenantId,
    receipts.filter((row) => row.is_declared && row.undone_minor >= row.minor),
    today,
    at,
  );
  // Money that went back before it was declared is not declared (regulation.md 1.3, art. 37).
  const fresh = receipts.filter((row) => !row.is_declared && row.undone_minor < row.minor);
  if (fresh.length === 0) return;
  const enterprises = await loadEnterprises(tx, tenantId, [
    ...new Set(fresh.map((row) => row.seller_id)),
  ]);
  const evidence = await loadEvidenceFacts(
    tx,
    tenantId,
    [...new Set(fresh.map((row) => row.payout_id))],
    { settings: at.evidence, today },
  );
  const drafts = fresh.map((row) => ({
    row,
    rows: declaredRows(
      receiptOf(
        row,
        enterprises(row.seller_id, row.on_day)?.creditCode ?? null,
        evidence.get(row.payout_id),
      ),
      at.settings,
    ),
  }));
  const { fitting, numbers } = await giveNumbers(tx, tenantId, drafts, today, at.settings);
  const made = numbered(fitting, numbers, today, at.settings);
  await writeDeclarations(tx, tenantId, made, at.now);
  await appendEvents(
    tx,
    tenantId,
    made.map((one) => ({
      subject: one.payoutId ?? one.creditId,
      kind: "declaration-prepared",
      at: at.now,
      data: { rptNo: one.rptNo, dueOn: one.dueOn, faultCount: one.version.faults.length },
      source: null,
      occasion: at.now,
    })),
  );
}

type Draft = { readonly row: ReceiptRow; readonly rows: readonly DeclaredRow[] };

/** The rows of each receipt with their numbers, in order. */
function numbered(
  drafts: readonly Draft[],
  numbers: readonly string[],
  today: CivilDate,
  settings: DeclarationSettings,
): readonly NewDeclaration[] {
  let next = 0;
  return drafts.flatMap(({ row, rows }) => {
    const actualNo = numbers[next] ?? "";
    return rows.map((declared, index): NewDeclaration => {
      const rptNo = numbers[next] ?? "";
      next += 1;
      // A restored row names its actual row in place of the bank's reference (regulation.md 1.3, netting 2).
      const busCode = index === 0 ? declared.base.busCode : actualNo;
      const base = { ...declared.base, rptNo, busCode };
      const information = { ...declared.declaration, rptNo, rptDate: today };
      return {
        rptNo,
        creditId: row.transaction_id,
        payoutId: row.payout_id,
        sellerId: row.seller_id,
        rowNo: index + 1,
        kind: declared.kind,
        creditedOn: row.on_day,
        dueOn: dueOf(row.on_day, settings),
        version: {
          actionType: "A",
          actionDesc: "",
          base,
          information,
          faults: faultsOf({ base, information }, today, settings),
        },
      };
    });
  });
}

export function faultsOf(
  { base, information }: Pick<NewDeclaration["version"], "base" | "information">,
  today: CivilDate,
  settings: DeclarationSettings,
): readonly FieldFault[] {
  const context = { today, settings };
  return [...baseFaults(base, context), ...declarationFaults(information, base, context)];
}

function dueOf(
  creditedOn: CivilDate,
  { dueWorkingDays, unknownYear }: DeclarationSettings,
): CivilDate {
  const due = addBusinessDays(creditedOn, dueWorkingDays, ["CN"], unknownYear);
  return due.ok ? due.value : addWeekdays(creditedOn, dueWorkingDays);
}

function receiptOf(
  row: ReceiptRow,
  creditCode: string | null,
  evidence: EvidenceFacts | undefined,
): DeclaredReceipt {
  return {
    payeeName: row.seller_name,
    payeeCreditCode: creditCode,
    payerName: row.payer_name ?? "",
    payerCountry: row.payer_country,
    currency: row.currency,
    arrivedMinor: row.minor - row.undone_minor,
    overseasChargeMinor: row.charge_minor,
    account: row.account_number,
    bankReference: row.reference,
    creditedOn: row.on_day,
    goods: evidence?.customsModes ?? [],
    nettedFeesMinor: row.netted_minor,
    isAdvance: false,
  };
}

/**
 * The next numbers of the branch and day: the counter moves in the step that uses them, so none is lost or used twice.
 * When a day's numbers are used up, the receipts that are left wait undeclared, which is an exception; their money does not.
 */
async function giveNumbers(
  tx: Tx,
  tenantId: string,
  drafts: readonly Draft[],
  on: CivilDate,
  settings: DeclarationSettings,
): Promise<{ readonly fitting: readonly Draft[]; readonly numbers: readonly string[] }> {
  const branch = `${settings.areaCode}${settings.bankCode}${settings.branchOrder}`;
  const [row] = await tx.query<{ last: number }>(
    "SELECT last FROM declaration_serial WHERE tenant_id = $1 AND branch = $2 AND on_day = $3",
    [tenantId, branch, on],
    { name: "declaration-serial" },
  );
  const before = row?.last ?? 0;
  let count = 0;
  const fitting = drafts.filter(({ rows }) => {
    if (before + count + rows.length > CORPORATE_SERIALS_MAX) return false;
    count += rows.length;
    return true;
  });
  if (count === 0) return { fitting: [], numbers: [] };
  await tx.query(
    `INSERT INTO declaration_serial (tenant_id, branch, on_day, last) VALUES ($1, $2, $3, $4)
     ON CONFLICT (tenant_id, branch, on_day) DO UPDATE SET last = EXCLUDED.last`,
    [tenantId, branch, on, before + count],
    { name: "move-declaration-serial" },
  );
  const numbers = Array.from({ length: count }, (_, index) => {
    const number = corporateNumber(settings, on, before + index + 1);
    invariant(number.ok, "a serial within the day's numbers has its number");
    return number.value;
  });
  return { fitting, numbers };
}

/** Payouts that received money which is not declared: from before there was a profile, or when the numbers were used up. */
export async function undeclaredPayouts(tx: Tx, tenantId: string): Promise<readonly string[]> {
  const rows = await tx.query<{ payout_id: string }>(
    `SELECT DISTINCT coalesce(q.merged_into, q.payout_id) AS payout_id
       FROM match m
       JOIN payout q ON q.tenant_id = $1 AND q.payout_id = m.payout_id
       JOIN bank_transaction c ON c.tenant_id = $1 AND c.transaction_id = m.credit_id
      WHERE m.tenant_id = $1 AND c.seller_id IS NOT NULL AND c.state <> 'copy'
        AND coalesce(c.booked_on, c.value_on) IS NOT NULL
        AND c.amount_minor > coalesce((SELECT sum(u.amount_minor) FROM undo u
                                        WHERE u.tenant_id = $1 AND u.credit_id = c.transaction_id), 0)
        AND NOT EXISTS (SELECT 1 FROM declaration d WHERE d.tenant_id = $1 AND d.credit_id = c.transaction_id)
      ORDER BY 1`,
    [tenantId],
  );
  return rows.map(({ payout_id }) => payout_id);
}

/** Declarations of money that went back whole: deleted with the reason, as long as nobody was told of them. */
async function takeBack(
  tx: Tx,
  tenantId: string,
  undone: readonly ReceiptRow[],
  today: CivilDate,
  { settings, now }: PrepareAt,
): Promise<void> {
  if (undone.length === 0) return;
  const standing = await loadDeclarations(
    tx,
    tenantId,
    { creditIds: undone.map((row) => row.transaction_id), limit: Number.MAX_SAFE_INTEGER },
    today,
  );
  const open = standing.filter(({ state }) => state === "incomplete" || state === "ready");
  await writeVersions(
    tx,
    tenantId,
    open.map(({ declarationId, versionNo, version }) => {
      const action = { actionType: "D" as const, actionDesc: RETURNED };
      const base = { ...version.base, ...action };
      const information = { ...version.information, ...action };
      const faults = faultsOf({ base, information }, today, settings);
      return {
        id: declarationId,
        versionNo: versionNo + 1,
        version: { ...action, base, information, faults },
        by: null,
      };
    }),
    now,
  );
}

const RETURNED = "款项已退回";

/** Classes of lines that are the marketplace's fees, kept back before it pays. */
const FEE_CLASSES = [
  "selling-fees",
  "fulfilment-fees",
  "storage-fees",
  "advertising",
  "subscription-fees",
  "other-fees",
];

/**
 * The receipts that pay the payouts, each with the payout that it pays most of. Fees are restored where one credit pays
 * its payout alone; of a payout in several credits they are not divided here.
 */
async function loadReceipts(
  tx: Tx,
  tenantId: string,
  payoutIds: readonly string[],
): Promise<readonly ReceiptRow[]> {
  return tx.query<ReceiptRow>(
    `WITH paid AS (
       SELECT DISTINCT ON (m.credit_id) m.credit_id, coalesce(q.merged_into, q.payout_id) AS payout_id
         FROM unnest($2::text[]) AS wanted(payout_id)
         JOIN payout q ON q.tenant_id = $1 AND (q.payout_id = wanted.payout_id OR q.merged_into = wanted.payout_id)
         JOIN match m ON m.tenant_id = $1 AND m.payout_id = q.payout_id
        ORDER BY m.credit_id, m.amount_minor DESC, m.match_id)
     SELECT c.transaction_id, c.seller_id, s.legal_name AS seller_name, c.account_number, c.currency,
            c.amount_minor AS minor, coalesce(c.booked_on, c.value_on) AS on_day,
            coalesce(c.servicer_ref, c.uetr, c.end_to_end_id, c.transaction_id) AS reference,
            coalesce(c.detail->'payer'->>'name', c.detail->'ultimatePayer'->>'name') AS payer_name,
            c.detail->'payer'->>'country' AS payer_country, paid.payout_id,
            coalesce((SELECT sum(u.amount_minor) FROM undo u
                       WHERE u.tenant_id = $1 AND u.credit_id = c.transaction_id), 0)::bigint AS undone_minor,
            coalesce((SELECT sum((charge->'amount'->>'minor')::bigint)
                        FROM jsonb_array_elements(c.detail->'charges') AS charge
                       WHERE charge->'amount'->>'currency' = c.currency), 0)::bigint AS charge_minor,
            CASE WHEN (SELECT count(DISTINCT m.credit_id) FROM match m
                         JOIN payout q ON q.tenant_id = m.tenant_id AND q.payout_id = m.payout_id
                        WHERE m.tenant_id = $1 AND coalesce(q.merged_into, q.payout_id) = paid.payout_id) = 1
                 THEN greatest(0, -coalesce((SELECT sum((g->>'totalMinor')::bigint) FROM statement t
                                             CROSS JOIN LATERAL jsonb_array_elements(t.groups) AS g
                                             WHERE t.tenant_id = $1 AND t.payout_id = paid.payout_id AND t.is_current
                                               AND t.currency = c.currency AND g->>'class' = ANY ($3::text[])), 0))
                 ELSE 0 END::bigint AS netted_minor,
            EXISTS (SELECT 1 FROM declaration d WHERE d.tenant_id = $1 AND d.credit_id = c.transaction_id) AS is_declared
       FROM paid
       JOIN bank_transaction c ON c.tenant_id = $1 AND c.transaction_id = paid.credit_id
       JOIN seller s ON s.tenant_id = $1 AND s.seller_id = c.seller_id
      WHERE c.direction = 'credit' AND c.state <> 'copy' AND coalesce(c.booked_on, c.value_on) IS NOT NULL
      ORDER BY on_day, c.transaction_id`,
    [tenantId, payoutIds, FEE_CLASSES],
    { name: "receipts-to-declare" },
  );
}
