// What marketplaces told beside statements and payouts, against the files that it was read from: each telling has its
// row, and each row its telling.

import type { Outlook } from "../../marketplace/outlook.ts";
import { compareFields, type Fields } from "./compare-fields.ts";
import type { VerifiedFile, VerifyContext } from "./verify-context.ts";

const CHECK = "payouts";

/** What one file tells. */
export type OutlookRead = { readonly file: VerifiedFile; readonly outlook: Outlook };

/** A telling by what tells it apart in its file, and the columns that it fills. */
type Telling = { readonly key: string; readonly fields: Fields };

const TABLES: Readonly<Record<string, (outlook: Outlook) => readonly Telling[]>> = {
  balance_told: ({ balances }) =>
    balances.map((told) => ({
      key: `${told.line}/${told.kind}`,
      fields: {
        partner_id: told.partnerId,
        marketplace_id: told.marketplaceId,
        account_type: told.accountType,
        currency: told.amount.currency,
        amount_minor: told.amount.minor,
        updated_at: told.updatedAt,
        as_of_on: told.asOfOn,
      },
    })),
  expected_payout: ({ expected }) =>
    expected.map((told) => ({
      key: `${told.line}/`,
      fields: {
        partner_id: told.partnerId,
        marketplace_id: told.marketplaceId,
        account_type: told.accountType,
        status: told.status,
        currency: told.amount?.currency ?? null,
        amount_minor: told.amount?.minor ?? null,
        scheduled_at: told.scheduledAt,
        settlement_ids: told.settlementIds,
      },
    })),
  control_total: ({ controls }) =>
    controls.map((told) => ({
      key: `${told.line}/`,
      fields: {
        settlement_id: told.settlementId,
        currency: told.amount.currency,
        amount_minor: told.amount.minor,
      },
    })),
  deferred_told: ({ deferred }) =>
    deferred.map((told) => ({
      key: `${told.line}/`,
      fields: {
        partner_id: told.partnerId,
        marketplace_id: told.marketplaceId,
        currency: told.currency,
        amount_minor: told.totalMinor,
        transaction_count: told.transactionCount,
        release_on: told.releaseOn,
        reason: told.reason,
      },
    })),
};

type Row = {
  readonly source_sha256: string;
  readonly source_line: number;
  readonly kind?: string;
} & Fields;

export async function verifyOutlook(
  context: VerifyContext,
  read: readonly OutlookRead[],
): Promise<void> {
  if (read.length === 0) return;
  const { tx, scope, findings } = context;
  for (const [table, tellingsOf] of Object.entries(TABLES)) {
    const rows = await tx.query<Row>(
      `SELECT * FROM ${table} WHERE tenant_id = $1 AND source_sha256 = ANY($2::text[])`,
      [scope.tenantId, read.map(({ file }) => file.sha256)],
    );
    const found = new Map(rows.map((row) => [placeOf(row), row]));
    for (const { file, outlook } of read) {
      for (const { key, fields } of tellingsOf(outlook)) {
        const place = `${file.sha256}/${key}`;
        const row = found.get(place);
        found.delete(place);
        const subject = `${table} ${file.name}, item ${key.split("/")[0]}`;
        if (row === undefined)
          findings.report(CHECK, subject, "its file tells it, but it is not on record", {});
        else
          compareFields(
            findings,
            CHECK,
            subject,
            "its file",
            { ...fields, seller_id: file.sellerId },
            row,
          );
        findings.compared(CHECK, "tellings", 1);
      }
    }
    for (const place of found.keys()) {
      findings.report(CHECK, `${table} ${place}`, "its file does not tell it", {
        found: "on record",
      });
    }
  }
}

/** Rows whose file is not on record at all, or is not in use. */
export async function verifyOutlookSources({ tx, scope, findings }: VerifyContext): Promise<void> {
  for (const table of Object.keys(TABLES)) {
    const rows = await tx.query<Row>(
      `SELECT t.* FROM ${table} t WHERE t.tenant_id = $1 AND NOT EXISTS (
         SELECT 1 FROM raw_file f WHERE f.tenant_id = t.tenant_id AND f.sha256 = t.source_sha256 AND f.state = 'read')
        ORDER BY t.source_sha256, t.source_line LIMIT 1000`,
      [scope.tenantId],
    );
    for (const row of rows) {
      findings.report(CHECK, `${table} ${placeOf(row)}`, "its file is not in use", {
        found: "on record",
      });
    }
  }
}

function placeOf({ source_sha256: sha256, source_line: line, kind = "" }: Row): string {
  return `${sha256}/${line}/${kind}`;
}
