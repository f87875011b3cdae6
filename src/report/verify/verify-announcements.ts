// Payout announcements on record against their files: each line that announces a payout has its row, under the payout
// to which it belongs, and no row announces what no file says.

import { payoutIdOf } from "../../marketplace/fold-payout.ts";
import type { PayoutAnnouncement } from "../../marketplace/payout.ts";
import { compareFields, shownMoney } from "./compare-fields.ts";
import { markExplained } from "./scratch-tables.ts";
import type { VerifiedFile, VerifyContext } from "./verify-context.ts";

type AnnouncementRow = {
  announcement_id: string;
  payout_id: string;
  source: string;
  reference: string;
  announced: Record<string, unknown>;
  source_sha256: string;
  source_line: number;
};

const CHECK = "payouts";

/** An announcement as it was read again, and the file that it stands in. */
export type AnnouncementRead = {
  readonly file: VerifiedFile;
  readonly announcement: PayoutAnnouncement;
};

export async function verifyAnnouncements(
  { tx, scope, findings }: VerifyContext,
  read: readonly AnnouncementRead[],
): Promise<void> {
  if (read.length === 0) return;
  // A file that says the same twice on one line says it once.
  const expected = new Map(
    read.map((item) => {
      const { line, source, reference } = item.announcement;
      return [keyOf(item.file.sha256, line, source, reference), item];
    }),
  );
  const rows = await tx.query<AnnouncementRow>(
    `SELECT announcement_id, payout_id, source, reference, announced, source_sha256, source_line
       FROM payout_announcement
      WHERE tenant_id = $1 AND payout_id = ANY($2::text[]) AND source_sha256 = ANY($3::text[])`,
    [
      scope.tenantId,
      [...new Set(read.map(({ announcement }) => payoutIdOf(announcement)))],
      [...new Set(read.map(({ file }) => file.sha256))],
    ],
  );
  const found = new Map(
    rows.map((row) => [keyOf(row.source_sha256, row.source_line, row.source, row.reference), row]),
  );
  for (const [key, { file, announcement }] of expected) {
    const row = found.get(key);
    if (row === undefined) {
      const subject = `payout ${payoutIdOf(announcement)}`;
      const message = `line ${announcement.line} of ${file.name} announces it, but it is not on record`;
      const { currency, minor } = announcement.amount;
      findings.report(CHECK, subject, message, { expected: shownMoney(currency, minor) });
      continue;
    }
    compareFields(
      findings,
      CHECK,
      `announcement ${row.announcement_id}`,
      "its file",
      {
        payout_id: payoutIdOf(announcement),
        fields: Object.keys(announcement).sort(),
        ...announcement,
      },
      {
        payout_id: row.payout_id,
        fields: Object.keys(row.announced).sort(),
        ...row.announced,
      },
    );
  }
  const explained = [...expected.keys()].flatMap((key) => found.get(key)?.announcement_id ?? []);
  await markExplained(tx, "announcement", explained);
  findings.compared(CHECK, "announcements", expected.size);
}

function keyOf(sha256: string, line: number, source: string, reference: string): string {
  return [sha256, line, source, reference].join("\u001f");
}
