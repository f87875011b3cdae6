// Bank messages and notices on record against their files: every message has its row; every notice on record stands
// in its file at its line; and what the files say is put aside for the checks over all files.

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

/** A bank file as it was read again. */
export type MessagesRead = {
  readonly file: VerifiedFile;
  readonly messages: readonly BankMessage[];
};

export async function verifyBankFiles(
  context: VerifyContext,
  read: readonly MessagesRead[],
): Promise<void> {
  if (read.length === 0) return;
  await verifyMessages(context, read);
  const drafts = read.flatMap(({ file, messages }) =>
    messages
      .filter((message) => message.verdict !== "quarantined")
      .flatMap((message) => noticesOf(message, file.sha256)),
  );
  const files = new Map(read.map(({ file }) => [file.sha256, file]));
  await verifyNotices(context, files, drafts);
  const byFile = groupedBy(drafts, (draft) => draft.sha256);
  const counts = [...byFile].flatMap(([sha256, own]) =>
    rowCountsOf(own, context.policy, files.get(sha256)?.name ?? sha256),
  );
  await noteRowCounts(context.tx, counts);
}

type MessageRow = {
  message_key: string;
  source_sha256: string;
  source_line: number;
  reasons: readonly { code: string; line: number | null }[];
} & Record<string, unknown>;

async function verifyMessages(
  { tx, scope, findings }: VerifyContext,
  read: readonly MessagesRead[],
): Promise<void> {
  const told = read.flatMap(({ file, messages }) => messages.map((message) => ({ file, message })));
  const rows = await tx.query<MessageRow>(
    `SELECT * FROM bank_message
      WHERE tenant_id = $1 AND message_key = ANY($2::text[]) AND source_sha256 = ANY($3::text[])`,
    [
      scope.tenantId,
      [...new Set(told.map(({ message }) => messageKey(message)))],
      read.map(({ file }) => file.sha256),
    ],
  );
  const found = new Map(
    rows.map((row) => [`${row.message_key}/${row.source_line}/${row.source_sha256}`, row]),
  );
  // Of messages with one key on one line, the first has the row.
  const expected = new Map(
    told
      .toReversed()
      .map((item) => [
        `${messageKey(item.message)}/${item.message.line}/${item.file.sha256}`,
        item,
      ]),
  );
  for (const [key, { file, message }] of expected) {
    const row = found.get(key);
    const subject = `bank message ${messageKey(message)}, line ${message.line} of ${file.name}`;
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
  const explained = [...expected.keys()].filter((key) => found.has(key));
  await markExplained(tx, "message", explained);
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
  source_sha256: string;
  source_line: number;
  told: unknown;
};

/** Every notice of a file on record must stand in it; each line of the file stands for one notice at most. */
async function verifyNotices(
  { tx, scope, findings, policy }: VerifyContext,
  files: ReadonlyMap<string, VerifiedFile>,
  drafts: readonly NoticeDraft[],
): Promise<void> {
  const rows = await tx.query<NoticeRow>(
    `SELECT * FROM bank_notice
      WHERE tenant_id = $1 AND source_sha256 = ANY($2::text[]) ORDER BY identity, occurrence`,
    [scope.tenantId, [...files.keys()]],
  );
  const lines = groupedBy(drafts, placeOf);
  const tellings: { transactionId: string; told: FileTelling }[] = [];
  const explained: string[] = [];
  for (const row of rows) {
    const file = files.get(row.source_sha256);
    const draft = lines.get(placeOf(placeOfRow(row)))?.shift();
    // Left for the check of what no file explains.
    if (draft === undefined || file === undefined) continue;
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

type Place = Pick<NoticeDraft, "identity" | "messageKey" | "page" | "sha256" | "line">;

function placeOf({ identity, messageKey: key, page, sha256, line }: Place): string {
  return [identity, key, page, sha256, line].join("\u001f");
}

function placeOfRow(row: NoticeRow): Place {
  return {
    identity: row.identity,
    messageKey: row.message_key,
    page: row.page,
    sha256: row.source_sha256,
    line: row.source_line,
  };
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
function rowCountsOf(
  drafts: readonly NoticeDraft[],
  policy: Policy,
  source: string,
): readonly RowCount[] {
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
    return { identity: first.identity, scope: first.scope, page: first.page, source, ...count };
  });
}
