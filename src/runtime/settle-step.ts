// The main job as one step: facts of any number of files go in, and statements, payouts, credits, matches, undos,
// releases, postings and the timeline come out in one transaction, or nothing does.

import type { BankMessage } from "../bank/message.ts";
import { recordStatuses } from "../bank/orders/record-statuses.ts";
import { recordBankMessages } from "../bank/record-transactions.ts";
import type { LedgerStep } from "../books/journal.ts";
import type { Reason, Refusal } from "../errors/refusal.ts";
import type { EvidenceReading } from "../evidence/reading.ts";
import { recordEvidence } from "../evidence/record-evidence.ts";
import { recordStatementOrders } from "../evidence/record-statement-orders.ts";
import { type AccountOwners, loadAccountOwners, type SellerAccount } from "../identity/sellers.ts";
import { type FileReadMark, markFiles, type RawFile } from "../inbox/raw-files.ts";
import type { MarketplaceReading } from "../marketplace/reading.ts";
import { recordOutlook } from "../marketplace/record-outlook.ts";
import { recordPayouts } from "../marketplace/record-payouts.ts";
import { recordStatements, unclaimedReadings } from "../marketplace/record-statements.ts";
import type { StatementReading } from "../marketplace/statement.ts";
import type { Tx } from "../storage/database.ts";
import { assignFiles, bindAccounts } from "./assign-seller.ts";
import { carryOn, type SettleContext } from "./carry-on.ts";
import type { FileContent } from "./read-file.ts";
import { claimSubjects, type StepClaims, subjectsOf, whoseSubjects } from "./whose-file.ts";

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
  const transactionIds: string[] = [];
  const claims: StepClaims = new Map();
  const owners = await ownersOf(tx, tenantId, files);
  for (const item of files) {
    const { refusals, boundIds } = await admit(tx, ledger, context, item, { claims, owners });
    if (refusals.length === 0) usable.push(item);
    transactionIds.push(...boundIds);
    marks.push({
      sha256: item.file.sha256,
      sellerId: item.file.sellerId,
      state: refusals.length === 0 ? "read" : "refused",
      kind: item.content.kind,
      format: item.content.format,
      reasons: refusals.length > 0 ? refusals : quarantineReasons(item.content),
    });
  }
  const marketplace = await recordMarketplace(tx, ledger, context, usable);
  const isUnchanged = files.every(({ file }) => file.sellerId === null);
  const ownersNow = isUnchanged ? owners : await ownersOf(tx, tenantId, usable);
  const bank = await recordBank(tx, ledger, context, usable, ownersNow);
  transactionIds.push(...bank.touchedIds);
  await recordOrderStatuses(tx, context, usable);
  const supported = await recordEvidence(tx, tenantId, evidenceOf(usable), clock.now());
  const payoutIds = [...marketplace.payoutIds, ...supported];
  await carryOn(tx, ledger, context, { ...marketplace, payoutIds, transactionIds });
  await markFiles(tx, tenantId, marks, clock.now());
  return marks;
}

type Admission = {
  /** Why the file as a whole cannot be used: it is broken, or it speaks of what is another seller's. */
  readonly refusals: readonly Reason[];
  /** Transactions that stood on the file's accounts for nobody and have its seller now. */
  readonly boundIds: readonly string[];
};

async function admit(
  tx: Tx,
  ledger: LedgerStep,
  context: SettleContext,
  { content, file: { sellerId } }: ReadFile,
  { claims, owners }: { readonly claims: StepClaims; readonly owners: AccountOwners },
): Promise<Admission> {
  const refusals = refusalsOf(content, sellerId);
  const { kind } = content;
  if (refusals.length > 0 || sellerId === null || kind === "unknown" || kind === "evidence") {
    return { refusals, boundIds: [] };
  }
  if (content.kind === "marketplace") {
    const { reading } = content;
    return {
      refusals: await bindSubjects(tx, ledger, context, sellerId, reading, claims),
      boundIds: [],
    };
  }
  const accounts = accountsIn(content.messages);
  // What was the seller's once is told by its files still: money of that time is its own.
  const isKnown = accounts.every(({ number, currency }) =>
    owners.ever(number, currency).includes(sellerId),
  );
  if (accounts.length > 0 && isKnown) return { refusals: [], boundIds: [] };
  const bound = await bindAccounts(tx, ledger, context, sellerId, accounts);
  return bound.ok
    ? { refusals: [], boundIds: bound.value }
    : { refusals: [reasonOf(bound.refusal)], boundIds: [] };
}

function refusalsOf(content: FileContent, sellerId: string | null): readonly Reason[] {
  if (content.kind === "marketplace") return content.reading.refusals;
  if (content.kind !== "evidence") return content.refusals;
  const { refusals } = content.reading;
  return refusals.length === 0 && sellerId === null ? [SELLER_MISSING] : refusals;
}

/** Papers stand for the one who brings them: without a seller nobody could rely on them. */
const SELLER_MISSING: Reason = {
  code: "seller-missing",
  line: null,
  message:
    "Nobody has said whose orders and papers these are: name the seller (--seller) and bring the file again.",
};

function evidenceOf(files: readonly ReadFile[]) {
  return files.flatMap(({ file: { sha256, sellerId }, content }) =>
    content.kind === "evidence" && sellerId !== null
      ? [{ reading: content.reading, sha256, sellerId }]
      : [],
  );
}

/** What the file speaks of is the seller's from now on, with the files of nobody that told of it before. */
async function bindSubjects(
  tx: Tx,
  ledger: LedgerStep,
  context: SettleContext,
  sellerId: string,
  reading: MarketplaceReading,
  claims: StepClaims,
): Promise<readonly Reason[]> {
  const subjects = subjectsOf(reading);
  const { refusals, unclaimed } = await whoseSubjects(tx, context.tenantId, sellerId, subjects);
  if (refusals.length > 0) return refusals;
  const taken = claimSubjects(claims, sellerId, subjects);
  if (taken.length > 0 || unclaimed.length === 0) return taken;
  const assigned = await assignFiles(tx, ledger, context, sellerId, unclaimed);
  return assigned.ok ? [] : [reasonOf(assigned.refusal)];
}

function reasonOf({ code, line, message }: Refusal): Reason {
  return { code, line, message };
}

/** Whose the accounts are that the bank files among them speak of. */
function ownersOf(tx: Tx, tenantId: string, files: readonly ReadFile[]): Promise<AccountOwners> {
  const numbers = files.flatMap(({ content }) =>
    content.kind === "bank" ? content.messages.map((message) => message.account.number) : [],
  );
  return numbers.length === 0
    ? Promise.resolve({ on: () => null, ever: () => [] })
    : loadAccountOwners(tx, tenantId, numbers);
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

/** A file that is used may still hold statements or messages that are not: they are named on the file too. */
function quarantineReasons(content: FileContent): readonly Reason[] {
  if (content.kind === "marketplace") {
    return content.reading.statements.flatMap((statement) => statement.reasons);
  }
  if (content.kind === "evidence") return rejectedRows(content.reading);
  return content.kind === "bank"
    ? content.messages
        .filter((message) => message.verdict === "quarantined")
        .flatMap((message) => message.reasons)
    : [];
}

function rejectedRows({ rejected, rejectedCount }: EvidenceReading): readonly Reason[] {
  const unlisted = rejectedCount - rejected.length;
  if (unlisted === 0) return rejected;
  const message = `${unlisted} more rows cannot be read.`;
  return [...rejected, { code: "more-rows-rejected", line: null, message }];
}

async function recordMarketplace(
  tx: Tx,
  ledger: LedgerStep,
  context: SettleContext,
  files: readonly ReadFile[],
): Promise<{ sellerIds: readonly (string | null)[]; payoutIds: readonly string[] }> {
  const { tenantId, clock } = context;
  const now = clock.now();
  const readings = files.flatMap(({ file, content }) =>
    content.kind === "marketplace" ? [{ file, reading: content.reading }] : [],
  );
  const arrivals = readings.flatMap(({ file, reading }) =>
    reading.statements.map((statement) => ({
      reading: ownDeferred(statement, file.sha256),
      sha256: file.sha256,
      sellerId: file.sellerId,
    })),
  );
  const statements = await recordStatements(tx, ledger, tenantId, arrivals, now);
  await recordStatementOrders(
    tx,
    tenantId,
    statements.flatMap(({ statementId }, index) => {
      const { verdict, orders } = arrivals[index]!.reading;
      return verdict === "proven" && orders !== undefined && orders !== null
        ? [{ statementId, orders }]
        : [];
    }),
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
  await recordOutlook(
    tx,
    tenantId,
    readings.flatMap(({ file: { sha256, sellerId }, reading: { outlook } }) =>
      outlook === undefined ? [] : [{ outlook, sha256, sellerId }],
    ),
    now,
  );
  const statementIds = statements.map((statement) => statement.statementId);
  // A settlement that comes again with its seller says whose the earlier file is.
  for (const { sha256, sellerId } of await unclaimedReadings(tx, tenantId, statementIds))
    await assignFiles(tx, ledger, context, sellerId, [sha256]);
  const sellerIds = [...readings.map(({ file }) => file), ...statements].map(
    (item) => item.sellerId,
  );
  return { sellerIds: [...new Set(sellerIds)], payoutIds };
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
  owners: AccountOwners,
) {
  const arrivals = files.flatMap(({ file, content }) =>
    content.kind === "bank"
      ? [{ sha256: file.sha256, storedAt: file.storedAt, messages: content.messages }]
      : [],
  );
  return recordBankMessages(tx, ledger, tenantId, arrivals, {
    sources: policy.creditSources,
    sellerOfAccount: owners.on,
    now: clock.now(),
  });
}

/** What banks answered to our payment orders. */
async function recordOrderStatuses(
  tx: Tx,
  { tenantId, clock }: SettleContext,
  files: readonly ReadFile[],
): Promise<void> {
  const arrivals = files.flatMap(({ file, content }) =>
    content.kind === "bank" && content.reports.length > 0
      ? [{ sha256: file.sha256, reports: content.reports }]
      : [],
  );
  if (arrivals.length > 0) await recordStatuses(tx, tenantId, arrivals, clock.now());
}
