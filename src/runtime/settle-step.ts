// The main job as one step: facts of any number of files go in, and statements, payouts, credits, matches, undos,
// releases, postings and the timeline come out in one transaction, or nothing does.

import type { BankMessage } from "../bank/message.ts";
import { recordBankMessages } from "../bank/record-transactions.ts";
import type { LedgerStep } from "../books/journal.ts";
import type { Reason } from "../errors/refusal.ts";
import { loadAccountOwners, type SellerAccount } from "../identity/sellers.ts";
import { type FileReadMark, markFiles, type RawFile } from "../inbox/raw-files.ts";
import { recordPayouts } from "../marketplace/record-payouts.ts";
import { recordStatements } from "../marketplace/record-statements.ts";
import type { StatementReading } from "../marketplace/statement.ts";
import type { Tx } from "../storage/database.ts";
import { bindAccounts } from "./assign-seller.ts";
import { carryOn, type SettleContext } from "./carry-on.ts";
import type { FileContent } from "./read-file.ts";

export type ReadFile = { readonly file: RawFile; readonly content: FileContent };

/** Records the files' facts and carries every case they touch as far as it goes. Returns what became of each file. */
export async function settleFiles(
  tx: Tx,
  ledger: LedgerStep,
  context: SettleContext,
  files: readonly ReadFile[],
): Promise<readonly FileReadMark[]> {
  const { tenantId, clock } = context;
  const usable: ReadFile[] = [];
  const marks: FileReadMark[] = [];
  for (const item of files) {
    const refusals = await refusalsOf(tx, ledger, context, item);
    if (refusals.length === 0) usable.push(item);
    marks.push({
      sha256: item.file.sha256,
      state: refusals.length === 0 ? "read" : "refused",
      kind: item.content.kind,
      format: item.content.format,
      reasons: refusals.length > 0 ? refusals : quarantineReasons(item.content),
    });
  }
  const marketplace = await recordMarketplace(tx, ledger, context, usable);
  const bank = await recordBank(tx, ledger, context, usable);
  await carryOn(tx, ledger, context, { ...marketplace, transactionIds: bank.touchedIds });
  await markFiles(tx, tenantId, marks, clock.now());
  return marks;
}

/** Why the file as a whole cannot be used: it is broken, or it speaks of another seller's account. */
async function refusalsOf(
  tx: Tx,
  ledger: LedgerStep,
  context: SettleContext,
  item: ReadFile,
): Promise<readonly Reason[]> {
  const { content, file } = item;
  if (content.kind === "unknown") return content.refusals;
  if (content.kind === "marketplace") {
    return content.reading.refusals.length > 0
      ? content.reading.refusals
      : settlementsOfOthers(tx, context.tenantId, item);
  }
  if (content.refusals.length > 0 || file.sellerId === null) return content.refusals;
  const bound = await bindAccounts(
    tx,
    ledger,
    context,
    file.sellerId,
    accountsIn(content.messages),
  );
  return bound.ok ? [] : [{ code: bound.refusal.code, line: null, message: bound.refusal.message }];
}

/** The accounts that a bank file speaks of, in the currencies of its entries. */
function accountsIn(messages: readonly BankMessage[]): readonly SellerAccount[] {
  const accounts = new Map<string, SellerAccount>();
  for (const message of messages) {
    const { number } = message.account;
    if (number === "" || message.verdict === "quarantined") continue;
    for (const entry of message.entries) {
      accounts.set(`${number}/${entry.amount.currency}`, {
        number,
        currency: entry.amount.currency,
      });
    }
  }
  return [...accounts.values()];
}

/** A settlement that is on record for another seller is not this one's to bring. */
async function settlementsOfOthers(
  tx: Tx,
  tenantId: string,
  item: ReadFile,
): Promise<readonly Reason[]> {
  if (item.content.kind !== "marketplace" || item.file.sellerId === null) return [];
  const rows = await tx.query<{ settlement_id: string }>(
    `SELECT settlement_id FROM statement
      WHERE tenant_id = $1 AND settlement_id = ANY($2::text[]) AND is_current
        AND seller_id IS NOT NULL AND seller_id <> $3`,
    [
      tenantId,
      item.content.reading.statements.map((statement) => statement.settlementId),
      item.file.sellerId,
    ],
  );
  return rows.map((row) => ({
    code: "settlement-of-another-seller",
    line: null,
    message: `Settlement ${row.settlement_id} is on record for another seller. Check which seller this file belongs to.`,
  }));
}

/** A file that is used may still hold statements or messages that are not: they are named on the file too. */
function quarantineReasons(content: FileContent): readonly Reason[] {
  if (content.kind === "marketplace") {
    return content.reading.statements.flatMap((statement) => statement.reasons);
  }
  return content.kind === "bank"
    ? content.messages
        .filter((message) => message.verdict === "quarantined")
        .flatMap((message) => message.reasons)
    : [];
}

async function recordMarketplace(
  tx: Tx,
  ledger: LedgerStep,
  { tenantId, clock }: SettleContext,
  files: readonly ReadFile[],
): Promise<{ sellerIds: readonly (string | null)[]; payoutIds: readonly string[] }> {
  const now = clock.now();
  const readings = files.flatMap(({ file, content }) =>
    content.kind === "marketplace" ? [{ file, reading: content.reading }] : [],
  );
  await recordStatements(
    tx,
    ledger,
    tenantId,
    readings.flatMap(({ file, reading }) =>
      reading.statements.map((statement) => ({
        reading: ownDeferred(statement, file.sha256),
        sha256: file.sha256,
        sellerId: file.sellerId,
      })),
    ),
    now,
  );
  const payoutIds = await recordPayouts(
    tx,
    tenantId,
    readings.flatMap(({ file, reading }) =>
      reading.payouts.map((announcement) => ({
        announcement,
        sha256: file.sha256,
        sellerId: file.sellerId,
      })),
    ),
    now,
  );
  return { sellerIds: [...new Set(readings.map(({ file }) => file.sellerId))], payoutIds };
}

/** Rows that the marketplace has not put into a settlement yet share one word in every file: each file keeps its own. */
function ownDeferred(statement: StatementReading, sha256: string): StatementReading {
  return statement.settlementId === "deferred"
    ? { ...statement, settlementId: `deferred:${sha256.slice(0, 12)}` }
    : statement;
}

async function recordBank(
  tx: Tx,
  ledger: LedgerStep,
  { tenantId, policy, clock }: SettleContext,
  files: readonly ReadFile[],
) {
  const arrivals = files.flatMap(({ file, content }) =>
    content.kind === "bank"
      ? [{ sha256: file.sha256, storedAt: file.storedAt, messages: content.messages }]
      : [],
  );
  const sellerOfAccount = await loadAccountOwners(
    tx,
    tenantId,
    arrivals.flatMap((arrival) => arrival.messages.map((message) => message.account.number)),
  );
  return recordBankMessages(tx, ledger, tenantId, arrivals, {
    sources: policy.creditSources,
    sellerOfAccount,
    now: clock.now(),
  });
}
