// Reads every file on record again from the raw store: the bytes must still have their sha256, and what stands on
// record must be what the readers find in them. Raw bytes are the one source of truth of everything that follows.

import type { Reason } from "../../errors/refusal.ts";
import { RawObjectDamaged, type Sha256 } from "../../storage/raw-object.ts";
import type { Instant } from "../../time/instant.ts";
import { compareFields } from "./compare-fields.ts";
import { pagesBy } from "./pages.ts";
import { type AnnouncementRead, verifyAnnouncements } from "./verify-announcements.ts";
import { type MessagesRead, verifyBankFiles } from "./verify-bank-files.ts";
import type { FileFacts, VerifiedFile, VerifyContext } from "./verify-context.ts";
import { type OutlookRead, verifyOutlook, verifyOutlookSources } from "./verify-outlook.ts";
import { type StatementRead, verifyStatements } from "./verify-statements.ts";

type FileRow = {
  sha256: Sha256;
  name: string;
  byte_count: bigint;
  stored_at: Instant;
  seller_id: string | null;
  kind: string;
  format: string | null;
  state: "stored" | "read" | "refused";
  reasons: readonly Reason[];
};

/** Refused for what was on record, or damaged, when it came: its bytes cannot tell. */
function isRefusedByRecord({ code }: Reason): boolean {
  return (
    code.endsWith("-of-another-seller") ||
    code === "raw-object-damaged" ||
    code === "seller-missing"
  );
}

export async function verifyFiles(context: VerifyContext): Promise<void> {
  const { tx, scope, findings } = context;
  const pages = pagesBy<FileRow>(
    (row) => row.sha256,
    (after, limit) =>
      tx.query<FileRow>(
        `SELECT sha256, name, byte_count, stored_at, seller_id, kind, format, state, reasons FROM raw_file
          WHERE tenant_id = $1 AND sha256 > $2 ORDER BY sha256 LIMIT $3`,
        [scope.tenantId, after, limit],
      ),
  );
  let batch: ReadAgain[] = [];
  let byteCount = 0n;
  for await (const page of pages) {
    for (const file of page) {
      const read = await verifyFile(context, file);
      if (read === null) continue;
      batch.push(read);
      byteCount += file.byte_count;
      if (batch.length < BATCH_FILES_MAX && byteCount < BATCH_BYTES_MAX) continue;
      await verifyFacts(context, batch);
      [batch, byteCount] = [[], 0n];
    }
    findings.compared("raw-files", "files", page.length);
  }
  await verifyFacts(context, batch);
  await verifyOutlookSources(context);
  await noteStrangers(context);
}

/** Files whose facts are compared together: many small ones in a few queries, a large one alone. */
const BATCH_FILES_MAX = 200;
const BATCH_BYTES_MAX = 16n * 1024n * 1024n;

/** A file in use and what was found in it now. */
type ReadAgain = { readonly file: VerifiedFile; readonly facts: FileFacts };

async function verifyFacts(context: VerifyContext, batch: readonly ReadAgain[]): Promise<void> {
  const statements: StatementRead[] = [];
  const announcements: AnnouncementRead[] = [];
  const messages: MessagesRead[] = [];
  const outlooks: OutlookRead[] = [];
  for (const { file, facts } of batch) {
    if (facts.kind === "bank") messages.push({ file, messages: facts.messages });
    if (facts.kind !== "marketplace") continue;
    for (const reading of facts.reading.statements) statements.push({ file, reading });
    for (const announcement of facts.reading.payouts) announcements.push({ file, announcement });
    const { outlook } = facts.reading;
    if (outlook !== undefined) outlooks.push({ file, outlook });
  }
  await verifyStatements(context, statements);
  await verifyAnnouncements(context, announcements);
  await verifyOutlook(context, outlooks);
  await verifyBankFiles(context, messages);
}

/** The file's own row against its bytes; null: nothing in it is in use. */
async function verifyFile(context: VerifyContext, file: FileRow): Promise<ReadAgain | null> {
  const { findings } = context;
  const facts = await readAgain(context, file);
  if (facts === null) return null;
  const refusals =
    facts.kind === "marketplace" || facts.kind === "evidence"
      ? facts.reading.refusals
      : facts.refusals;
  if (file.state === "stored") {
    findings.note("raw-files", subjectOf(file), "stored, not settled yet: settle carries it on");
    return null;
  }
  if (file.state === "refused") {
    if (refusals.length === 0 && !file.reasons.some(isRefusedByRecord)) {
      const values = { expected: "read", found: "refused" };
      findings.report("raw-files", subjectOf(file), "it can be read, but is refused", values);
    }
    return null;
  }
  if (refusals.length > 0) {
    const [first] = refusals;
    findings.report("raw-files", subjectOf(file), "it is in use, but cannot be read", {
      expected: `refused: ${first?.code}`,
      found: "read",
    });
    return null;
  }
  compareFields(
    findings,
    "raw-files",
    subjectOf(file),
    "its bytes",
    { kind: facts.kind, format: facts.format },
    { kind: file.kind, format: file.format },
  );
  const { sha256, name, seller_id: sellerId, stored_at: storedAt } = file;
  return { file: { sha256, name, sellerId, storedAt }, facts };
}

function subjectOf(file: FileRow): string {
  return `file ${file.sha256} (${file.name})`;
}

/** What the file holds, once its bytes are proven to the last; null when they are not what was stored. */
async function readAgain(context: VerifyContext, file: FileRow): Promise<FileFacts | null> {
  const { findings, rawStore } = context;
  const tally = { byteCount: 0n, ended: false };
  try {
    const facts = await context.readFacts(counted(rawStore.open(file.sha256), tally));
    // A reader may stop at the first byte that it refuses; the bytes behind it are proven all the same.
    if (!tally.ended) tally.byteCount = await byteCountOf(rawStore.open(file.sha256));
    if (tally.byteCount !== file.byte_count) {
      findings.report("raw-files", subjectOf(file), "byte_count differs from its bytes", {
        expected: `${tally.byteCount}`,
        found: `${file.byte_count}`,
      });
    }
    return facts;
  } catch (error) {
    if (!(error instanceof RawObjectDamaged)) throw error;
    const found = error.damage;
    const message =
      found === "missing"
        ? "its stored bytes are missing: restore the raw store from a back-up"
        : "its stored bytes are damaged: restore the raw store from a back-up";
    findings.report("raw-files", subjectOf(file), message, { expected: file.sha256, found });
    context.unreadable.add(file.sha256);
    return null;
  }
}

async function* counted(
  source: AsyncIterable<Uint8Array>,
  tally: { byteCount: bigint; ended: boolean },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    tally.byteCount += BigInt(chunk.byteLength);
    yield chunk;
  }
  tally.ended = true;
}

async function byteCountOf(source: AsyncIterable<Uint8Array>): Promise<bigint> {
  const tally = { byteCount: 0n, ended: false };
  const chunks = counted(source, tally);
  while ((await chunks.next()).done !== true);
  return tally.byteCount;
}

/** Hashes asked for in one query. */
const STRANGERS_PAGE_MAX = 1000;

/** Objects that no row names: a crash between storing and recording leaves one, and it was never acknowledged. */
async function noteStrangers(context: VerifyContext): Promise<void> {
  let page: Sha256[] = [];
  for await (const sha256 of context.rawStore.list()) {
    page.push(sha256);
    if (page.length < STRANGERS_PAGE_MAX) continue;
    await noteStrangersOf(context, page);
    page = [];
  }
  if (page.length > 0) await noteStrangersOf(context, page);
}

async function noteStrangersOf(
  { tx, findings }: VerifyContext,
  page: readonly Sha256[],
): Promise<void> {
  // Whatever the tenant: one raw store serves all of them.
  const rows = await tx.query<{ sha256: string }>(
    `SELECT DISTINCT sha256 FROM raw_file WHERE sha256 = ANY($1::text[])`,
    [page],
  );
  const known = new Set(rows.map((row) => row.sha256));
  for (const sha256 of page) {
    if (!known.has(sha256)) findings.note("raw-files", `file ${sha256}`, "stored, not accepted");
  }
}
