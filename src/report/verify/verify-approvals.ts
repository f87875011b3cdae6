// What two people decided: no decision of one person alone, nothing done that was not approved, and every waiver,
// binding and change of an account is exactly what was asked for and approved.

import { accountBindingBody } from "../../identity/account-bindings.ts";
import { type HoldRelease, readHoldRelease } from "../../release/hold-release.ts";
import { waiverIdOf } from "../../release/waiver-rows.ts";
import type { CivilDate, Instant } from "../../time/instant.ts";
import { canonicalText, shownMoney } from "./compare-fields.ts";
import { groupedBy } from "./grouped-rows.ts";
import { pagesBy } from "./pages.ts";
import { FINDINGS_KEPT_MAX } from "./verification.ts";
import type { VerifyContext } from "./verify-context.ts";

const CHECK = "approvals";

export async function verifyApprovals(context: VerifyContext): Promise<void> {
  await verifyDecisions(context);
  await verifyExecuted(context);
  await verifyWaiversWithoutApproval(context);
  await verifyAccountsWithoutApproval(context);
}

type Rule = { readonly subject: string; readonly message: string; readonly query: string };

/** Queries that give the ids of rows which break a rule, as `id`; $1 is the tenant. */
const RULES: readonly Rule[] = [
  {
    subject: "approval",
    message: "its decision is on record, but not the request",
    query: `SELECT d.approval_id AS id FROM approval_decision d WHERE d.tenant_id = $1 AND NOT EXISTS (
              SELECT 1 FROM approval a WHERE a.tenant_id = d.tenant_id AND a.approval_id = d.approval_id)`,
  },
  {
    subject: "approval",
    message: "it was decided by the person who asked for it, or whom it is about",
    query: `SELECT a.approval_id AS id FROM approval a
              JOIN approval_decision d ON d.tenant_id = a.tenant_id AND d.approval_id = a.approval_id
             WHERE a.tenant_id = $1 AND d.checker IN (a.maker, a.maker_person, a.subject)`,
  },
  {
    subject: "approval",
    message: "its decision names another person as the one who asked",
    query: `SELECT a.approval_id AS id FROM approval a
              JOIN approval_decision d ON d.tenant_id = a.tenant_id AND d.approval_id = a.approval_id
             WHERE a.tenant_id = $1 AND d.maker_person <> a.maker_person`,
  },
  {
    subject: "approval",
    message: "it was decided when it had expired, or expired before its time",
    query: `SELECT a.approval_id AS id FROM approval a
              JOIN approval_decision d ON d.tenant_id = a.tenant_id AND d.approval_id = a.approval_id
             WHERE a.tenant_id = $1 AND (d.outcome = 'expired') <> (d.decided_at >= a.expires_at)`,
  },
  {
    subject: "approval",
    message: "it was carried out, but it is not approved",
    query: `SELECT x.approval_id AS id FROM approval_execution x WHERE x.tenant_id = $1 AND NOT EXISTS (
              SELECT 1 FROM approval_decision d WHERE d.tenant_id = x.tenant_id AND d.approval_id = x.approval_id
                 AND d.outcome = 'approved')`,
  },
];

async function verifyDecisions({ tx, scope, findings }: VerifyContext): Promise<void> {
  for (const { subject, message, query } of RULES) {
    const rows = await tx.query<{ id: string }>(
      `SELECT r.id FROM (${query}) AS r ORDER BY r.id LIMIT $2`,
      [scope.tenantId, FINDINGS_KEPT_MAX],
    );
    for (const row of rows) findings.report(CHECK, `${subject} ${row.id}`, message);
  }
  const [count] = await tx.query<{ approvals: bigint; waivers: bigint }>(
    `SELECT (SELECT count(*) FROM approval WHERE tenant_id = $1) AS approvals,
            (SELECT count(*) FROM hold_waiver WHERE tenant_id = $1) AS waivers`,
    [scope.tenantId],
  );
  for (const [what, n] of Object.entries(count ?? {})) findings.compared(CHECK, what, Number(n));
}

type WaiverRow = {
  waiver_id: string;
  approval_id: string;
  payout_id: string;
  code: string;
  credit_id: string;
  currency: string;
  amount_minor: bigint;
  up_to_minor: bigint;
  causes: readonly string[];
};

type ChangeRow = {
  account_number: string;
  currency: string;
  from_on: CivilDate;
  seller_id: string;
  approval_id: string;
};

/** What was carried out is on record as it was asked for. */
async function verifyExecuted(context: VerifyContext): Promise<void> {
  const { tx, scope } = context;
  const pages = pagesBy<{ approval_id: string; kind: string; outcome: string; body: unknown }>(
    (row) => row.approval_id,
    (after, limit) =>
      tx.query(
        `SELECT a.approval_id, a.kind, x.outcome, a.body FROM approval a
           JOIN approval_execution x ON x.tenant_id = a.tenant_id AND x.approval_id = a.approval_id
          WHERE a.tenant_id = $1 AND a.approval_id > $2 ORDER BY a.approval_id LIMIT $3`,
        [scope.tenantId, after, limit],
      ),
  );
  for await (const page of pages) {
    const ids = page.map((row) => row.approval_id);
    const waivers = groupedBy(
      await tx.query<WaiverRow>(
        "SELECT * FROM hold_waiver WHERE tenant_id = $1 AND approval_id = ANY($2::text[])",
        [scope.tenantId, ids],
      ),
      (row) => row.approval_id,
    );
    const changes = groupedBy(
      await tx.query<ChangeRow>(
        "SELECT * FROM seller_account_change WHERE tenant_id = $1 AND approval_id = ANY($2::text[])",
        [scope.tenantId, ids],
      ),
      (row) => row.approval_id,
    );
    for (const { approval_id: id, kind, outcome, body } of page) {
      const isDone = outcome === "executed";
      const release = kind === "hold-release" && isDone ? readHoldRelease(body) : null;
      compareWaivers(context, id, release, waivers.get(id) ?? []);
      const binding = kind === "account-binding" && isDone ? accountBindingBody.parse(body) : null;
      const expected =
        binding?.before === null || binding === null
          ? []
          : [changeText(binding.accountNumber, binding.currency, binding.fromOn, binding.after)];
      const found = (changes.get(id) ?? []).map((row) =>
        changeText(row.account_number, row.currency, row.from_on, row.seller_id),
      );
      must(context, id, "the account was not moved as it was approved", expected, found);
    }
  }
}

function changeText(number: string, currency: string, fromOn: string | null, to: string): string {
  return `…${number.slice(-4)} ${currency} to ${to} from ${fromOn}`;
}

function compareWaivers(
  context: VerifyContext,
  approvalId: string,
  release: HoldRelease | null,
  rows: readonly WaiverRow[],
): void {
  const expected = (release?.parts ?? []).map((part) =>
    waiverText({
      waiver_id: waiverIdOf(approvalId, part.creditId),
      approval_id: approvalId,
      payout_id: release?.payoutId ?? "",
      code: release?.code ?? "",
      credit_id: part.creditId,
      currency: release?.currency ?? "",
      amount_minor: part.amountMinor,
      up_to_minor: part.upToMinor,
      causes: part.causes,
    }),
  );
  const message = "the waivers on record are not what was approved";
  must(context, approvalId, message, expected, rows.map(waiverText));
}

function waiverText(row: WaiverRow): string {
  const { waiver_id, payout_id, code, credit_id, currency, causes } = row;
  const amount = shownMoney(currency, row.amount_minor);
  const upTo = shownMoney(currency, row.up_to_minor);
  const about = canonicalText([...causes].sort());
  return `${waiver_id}: ${code} of ${payout_id}, ${amount} of ${credit_id}, up to ${upTo}, ${about}`;
}

function shown(texts: readonly string[]): string | null {
  return texts.length === 0 ? null : [...texts].sort().join("; ");
}

function must(
  { findings }: VerifyContext,
  approvalId: string,
  message: string,
  expected: readonly string[],
  found: readonly string[],
): void {
  if (shown(expected) === shown(found)) return;
  findings.report(CHECK, `approval ${approvalId}`, message, {
    expected: shown(expected),
    found: shown(found),
  });
}

/** Money is waived by nothing but an approved request that was carried out. */
async function verifyWaiversWithoutApproval({ tx, scope, findings }: VerifyContext): Promise<void> {
  const rows = await tx.query<WaiverRow>(
    `SELECT w.* FROM hold_waiver w
      WHERE w.tenant_id = $1 AND NOT EXISTS (
            SELECT 1 FROM approval a
              JOIN approval_decision d ON d.tenant_id = a.tenant_id AND d.approval_id = a.approval_id
              JOIN approval_execution x ON x.tenant_id = a.tenant_id AND x.approval_id = a.approval_id
             WHERE a.tenant_id = w.tenant_id AND a.approval_id = w.approval_id AND a.kind = 'hold-release'
               AND d.outcome = 'approved' AND x.outcome = 'executed')
      ORDER BY w.waiver_id LIMIT $2`,
    [scope.tenantId, FINDINGS_KEPT_MAX],
  );
  for (const row of rows) {
    const found = waiverText(row);
    findings.report(CHECK, `waiver ${row.waiver_id}`, "no approved request allows it", { found });
  }
}

/** An account that was bound or moved by an approval is so by one that was carried out. */
async function verifyAccountsWithoutApproval(context: VerifyContext): Promise<void> {
  const { tx, scope, findings } = context;
  const moved = await tx.query<ChangeRow>(
    `SELECT c.* FROM seller_account_change c
      WHERE c.tenant_id = $1 AND (c.approval_id IS NULL) <> (c.from_on = '0001-01-01')
      ORDER BY c.account_number, c.currency, c.from_on LIMIT $2`,
    [scope.tenantId, FINDINGS_KEPT_MAX],
  );
  for (const row of moved) {
    const found = changeText(row.account_number, row.currency, row.from_on, row.seller_id);
    findings.report(CHECK, "account", "it was moved without an approval", { found });
  }
  const bound = await tx.query<{
    account_number: string;
    currency: string;
    seller_id: string;
    bound_at: Instant;
    allowed: boolean;
    owner: string | null;
  }>(
    `SELECT s.account_number, s.currency, s.seller_id, s.bound_at,
            s.bound_by <> 'approval' OR EXISTS (
              SELECT 1 FROM approval a
                JOIN approval_execution x ON x.tenant_id = a.tenant_id AND x.approval_id = a.approval_id
               WHERE a.tenant_id = s.tenant_id AND a.kind = 'account-binding' AND x.outcome = 'executed'
                 AND a.claim = s.account_number || '/' || s.currency
                 AND a.body->>'after' = s.seller_id) AS allowed,
            (SELECT c.seller_id FROM seller_account_change c
              WHERE c.tenant_id = s.tenant_id AND c.account_number = s.account_number AND c.currency = s.currency
              ORDER BY c.from_on DESC LIMIT 1) AS owner
       FROM seller_account s WHERE s.tenant_id = $1 ORDER BY s.account_number, s.currency`,
    [scope.tenantId],
  );
  for (const row of bound) {
    const subject = `account …${row.account_number.slice(-4)} ${row.currency}`;
    if (!row.allowed)
      findings.report(CHECK, subject, "no approved request binds it", { found: row.seller_id });
    if (row.owner !== null && row.owner !== row.seller_id) {
      const values = { expected: row.owner, found: row.seller_id };
      findings.report(CHECK, subject, "its owner is not the one it was moved to last", values);
    }
  }
}
