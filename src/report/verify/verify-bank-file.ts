// Bank messages and notices on record against one bank file: every message has its row; every notice on record stands
// in its file at its line; and what the file says is put aside for the checks over all files.

import { isConfirming, isMoney } from "../../bank/credit-policy.ts";
import type { BankMessage } from "../../bank/message.ts";
import { messageKey, type NoticeDraft, noticesOf } from "../../bank/notice.ts";
import { type Telling, tellingOf, toldBy } from "../../bank/tellings.ts";
import { objectId } from "../../ids/object-id.ts";
import type { Policy } from "../../policy/policy.ts";
import type { CivilDate, Instant } from "../../time/instant.ts";
import { compareFields, reasonKeys } from "./compare-fields.ts";
import { groupedBy } from "./grouped-rows.ts";
import { markExplained, noteRowCounts, noteTellings, type RowCount } from "./scratch-tables.ts";
import type { VerifiedFile, VerifyContext } from "./verify-context.ts";

const CHECK = "bank";

/** One telling of a transaction as it stands in its file, and what follows from it. */
export type FileTelling = {
  readonly telling: Telling;
  readonly identity: string;
  readonly occurrence: number;
  readonly currency: string;
  readonly direction: NoticeDraft["direction"];
  readonly amountMinor: bigint;
  readonly isMoney: boolean;
  readonly isConfirming: boolean;
  readonly storedAt: Instant;
};

export async function verifyBankFile(
  context: VerifyContext,
  file: VerifiedFile,
  messages: readonly BankMessage[],
): Promise<void> {
  await verifyMessages(context, file, messages);
  const drafts = messages
    .filter((message) => message.verdict !== "quarantined")
    .flatMap((message) => noticesOf(message, file.sha256));
  await verifyNotices(context, file, drafts);
  await noteRowCounts(context.tx, rowCountsOf(drafts, context.policy), file.name);
}

type MessageRow = {
  message_key: string;
  source_line: number;
  reasons: readonly { code: string; line: number | null }[];
} & Record<string, unknown>;

async function verifyMessages(
  { tx, scope, findings }: VerifyContext,
  file: VerifiedFile,
  messages: readonly BankMessage[],
): Promise<void> {
  const rows = await tx.query<MessageRow>(
    `SELECT * FROM bank_message
      WHERE tenant_id = $1 AND message_key = ANY($2::text[]) AND source_sha256 = $3`,
    [scope.tenantId, [...new Set(messages.map(messageKey))], file.sha256],
  );
  const found = new Map(rows.map((row) => [`${row.message_key}/${row.source_line}`, row]));
  // Of messages with one key on one line, the first has the row.
  const expected = new Map(
    messages.toReversed().map((message) => [`${messageKey(message)}/${message.line}`, message]),
  );
  for (const [key, message] of expected) {
    const row = found.get(key);
    const subject = `bank message ${key} of ${file.name}`;
    if (row === undefined) {
      findings.report(CHECK, subject, "it is not on record", { expected: message.format });
      continue;
    }
    const reasons = reasonKeys(row.reasons);
    compareFields(findings, CHECK, subject, "its file", messageFields(message), {
      ...row,
      reasons,
    });
  }
  await markExplained(
    tx,
    "message",
    [...expected.keys()].filter((key) => found.has(key)).map((key) => `${key}/${file.sha256}`),
  );
  findings.compared(CHECK, "messages", expected.size);
}

function messageFields(message: BankMessage): Record<string, unknown> {
  return {
    family: message.family,
    format: message.format,
    message_id: message.messageId,
    copy: message.copy,
    statement_ref: message.statementId,
    sequence: message.sequence,
    page_number: message.page?.number ?? null,
    account_number: message.account.number,
    account_currency: message.account.currency,
    owner_name: message.account.ownerName,
    created_at: message.createdAt,
    balances: message.balances,
    verdict: message.verdict,
    reasons: reasonKeys(message.reasons),
    entry_count: message.entries.length,
    credit_sums: bookedCredits(message),
  };
}

function bookedCredits(message: BankMessage): Record<string, bigint> {
  const sums: Record<string, bigint> = {};
  for (const { direction, status, amount } of message.entries) {
    if (direction === "credit" && status === "booked")
      sums[amount.currency] = (sums[amount.currency] ?? 0n) + amount.minor;
  }
  return sums;
}

type NoticeRow = {
  notice_id: string;
  transaction_id: string;
  identity: string;
  occurrence: number;
  scope: string;
  page: string;
  family: string;
  status: string;
  amount_minor: bigint;
  copy: boolean;
  booked_on: CivilDate | null;
  value_on: CivilDate | null;
  message_key: string;
  source_line: number;
  told: unknown;
};

/** Every notice of this file on record must stand in it; each line of the file stands for one notice at most. */
async function verifyNotices(
  { tx, scope, findings, policy }: VerifyContext,
  file: VerifiedFile,
  drafts: readonly NoticeDraft[],
): Promise<void> {
  const rows = await tx.query<NoticeRow>(
    `SELECT * FROM bank_notice WHERE tenant_id = $1 AND source_sha256 = $2 ORDER BY identity, occurrence`,
    [scope.tenantId, file.sha256],
  );
  const lines = groupedBy(drafts, placeOf);
  const tellings: { transactionId: string; told: FileTelling }[] = [];
  const explained: string[] = [];
  for (const row of rows) {
    const place = { identity: row.identity, messageKey: row.message_key, page: row.page };
    const draft = lines.get(placeOf({ ...place, line: row.source_line }))?.shift();
    // Left for the check of what no file explains.
    if (draft === undefined) continue;
    explained.push(row.notice_id);
    compareFields(
      findings,
      CHECK,
      `bank notice ${row.notice_id}`,
      `line ${draft.line} of ${file.name}`,
      noticeFields(draft, row.occurrence),
      row,
    );
    tellings.push({
      transactionId: row.transaction_id,
      told: {
        telling: tellingOf(draft, row.notice_id),
        identity: draft.identity,
        occurrence: row.occurrence,
        currency: draft.currency,
        direction: draft.direction,
        amountMinor: draft.amountMinor,
        isMoney: tellsMoney(draft, policy),
        isConfirming: isConfirming(draft.family) && draft.status === "booked",
        storedAt: file.storedAt,
      },
    });
  }
  await markExplained(tx, "notice", explained);
  await noteTellings(tx, tellings);
  findings.compared(CHECK, "rows of bank files", drafts.length);
}

function placeOf(item: Pick<NoticeDraft, "identity" | "messageKey" | "page" | "line">): string {
  return [item.identity, item.messageKey, item.page, item.line].join("\u001f");
}

function noticeFields(draft: NoticeDraft, occurrence: number): Record<string, unknown> {
  return {
    notice_id: objectId("nt", draft.identity, occurrence),
    scope: draft.scope,
    family: draft.family,
    status: draft.status,
    amount_minor: draft.amountMinor,
    copy: draft.copy,
    booked_on: draft.bookedOn,
    value_on: draft.valueOn,
    told: toldBy(draft),
  };
}

function tellsMoney(draft: NoticeDraft, policy: Policy): boolean {
  return !draft.copy && isMoney(draft.family, draft.status, policy.creditSources);
}

/**
 * Identical rows are counted within one bank statement, over its pages; a page that a file has twice (in two
 * messages) is the same page.
 */
function rowCountsOf(drafts: readonly NoticeDraft[], policy: Policy): readonly RowCount[] {
  const byPage = groupedBy(drafts, (draft) =>
    [draft.identity, draft.scope, draft.page].join("\u001f"),
  );
  return [...byPage.values()].flatMap((rows) => {
    const [first] = rows;
    if (first === undefined) return [];
    const count = { rowCount: 0, moneyCount: 0 };
    for (const told of groupedBy(rows, (row) => row.messageKey).values()) {
      const moneyCount = told.filter((row) => tellsMoney(row, policy)).length;
      count.rowCount = Math.max(count.rowCount, told.length);
      count.moneyCount = Math.max(count.moneyCount, moneyCount);
    }
    return { identity: first.identity, scope: first.scope, page: first.page, ...count };
  });
}
