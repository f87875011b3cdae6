// The one way from stored bytes to settled facts, for files from the command line and for notices that services
// receive: arrivals are noted, contents are read, and many files are settled in one step. A file that breaks a step
// never stops its neighbours.

import { type OpenBooks, stepInBooks } from "../books/step-books.ts";
import { invariant } from "../errors/invariant.ts";
import { Outage } from "../errors/outage.ts";
import type { Refusal } from "../errors/refusal.ts";
import { type FileReadMark, type RawFile, recordArrivals } from "../inbox/raw-files.ts";
import type { PartitionWriter } from "../ledger/partition-writer.ts";
import type { Policy } from "../policy/policy.ts";
import type { Database } from "../storage/database.ts";
import { RawObjectDamaged, type Sha256 } from "../storage/raw-object.ts";
import type { Store } from "../storage/store.ts";
import type { Clock } from "../time/clock.ts";
import { gatherEvents } from "../timeline/timeline.ts";
import { assignFiles } from "./assign-seller.ts";
import type { SettleContext } from "./carry-on.ts";
import type { FileOutcome } from "./channel.ts";
import { type FileContent, readFileContent } from "./read-file.ts";
import { type ReadFile, settleFiles } from "./settle-step.ts";
import type { Statistics } from "./statistics.ts";

/** Files settled in one transaction at most. */
export const FILES_PER_STEP_MAX = 200;

/** What settling needs of a channel. */
export type SettleBase = {
  readonly tenantId: string;
  readonly policy: Policy;
  readonly clock: Clock;
  readonly store: Store;
  readonly writer: PartitionWriter;
  readonly openBooks: OpenBooks;
  readonly onlySeller: () => Promise<string | null>;
  readonly statistics: Statistics;
  readonly filesBindAccounts: boolean;
};

/** A file whose bytes are in the raw store. */
export type StoredArrival = {
  readonly name: string;
  readonly sha256: string;
  readonly byteCount: number;
  readonly sellerId: string | null;
};

/** What became of one file, or the error that it alone met. */
export type FileResult =
  | { readonly ok: true; readonly outcome: FileOutcome }
  | { readonly ok: false; readonly error: unknown };

export type ReadContent = (file: RawFile) => Promise<FileContent>;

export function contextOf(base: SettleBase): SettleContext {
  const { tenantId, policy, clock, filesBindAccounts } = base;
  return { tenantId, policy, clock, filesBindAccounts };
}

/**
 * With one registered seller, files that name nobody are that seller's; null when there are none or several. Asked no
 * more once there are several: a seller is never removed.
 */
export function onlySellerOf(database: Database, tenantId: string): () => Promise<string | null> {
  let hasSeveral = false;
  return async () => {
    if (hasSeveral) return null;
    const sellers = await database.query<{ seller_id: string }>(
      "SELECT seller_id FROM seller WHERE tenant_id = $1 LIMIT 2",
      [tenantId],
    );
    hasSeveral = sellers.length > 1;
    return hasSeveral ? null : (sellers[0]?.seller_id ?? null);
  };
}

/** Notes the arrivals in the inbox; returns the rows of their files as they stand. */
export function noteArrivals(
  base: SettleBase,
  arrivals: readonly StoredArrival[],
): Promise<ReadonlyMap<string, RawFile>> {
  return recordArrivals(base.store.database, base.tenantId, arrivals, base.clock.now());
}

/**
 * Settles noted arrivals that are not on record yet, and gives those that were on record without a seller the one
 * that they come with now. The result of each arrival stands at its place.
 */
export async function settleArrivals(
  base: SettleBase,
  arrivals: readonly StoredArrival[],
  files: ReadonlyMap<string, RawFile>,
  read: ReadContent,
): Promise<readonly FileResult[]> {
  const standing = withArrivalsSeller(files, arrivals);
  const toRead = [...standing.values()].filter((file) => file.state !== "read");
  const results = await settleUnread(base, toRead, read);
  const settled = new Map(toRead.map((file, index) => [file.sha256, results[index]]));
  const claimed = await assignSeen(base, arrivals, standing);
  const told = new Set<string>();
  return arrivals.map((arrival): FileResult => {
    const { sha256, name } = arrival;
    const result = settled.get(sha256);
    if (result?.ok === false) return result;
    const outcome = result?.outcome;
    const file = standing.get(sha256);
    const refusal = ofAnother(arrival, file) ?? claimed.refusals.get(sha256) ?? null;
    const isFirst = !told.has(sha256);
    told.add(sha256);
    if (outcome !== undefined && isFirst && refusal === null) {
      return { ok: true, outcome: { ...outcome, name } };
    }
    const isRefused = outcome?.outcome === "refused";
    if (refusal !== null) {
      const reasons = [{ code: refusal.code, line: null, message: refusal.message }];
      return {
        ok: true,
        outcome: { name, sha256, format: null, outcome: "refused", reasons, claimed: false },
      };
    }
    return {
      ok: true,
      outcome: {
        name,
        sha256,
        format: file?.format ?? outcome?.format ?? null,
        outcome: isRefused ? "refused" : "seen",
        reasons: file?.reasons ?? [],
        claimed: claimed.sha256s.has(sha256),
      },
    };
  });
}

/**
 * A file that was refused is nobody's: whoever brings it again says whose it is, so that a wrong seller once named
 * does not lock the right one out.
 */
function withArrivalsSeller(
  files: ReadonlyMap<string, RawFile>,
  arrivals: readonly StoredArrival[],
): ReadonlyMap<string, RawFile> {
  const sellerOf = new Map<string, string>();
  for (const { sha256, sellerId } of arrivals) {
    if (sellerId !== null && !sellerOf.has(sha256)) sellerOf.set(sha256, sellerId);
  }
  return new Map(
    [...files].map(([sha256, file]) => {
      const isOpen =
        file.state === "refused" || (file.state === "stored" && file.sellerId === null);
      const sellerId = (isOpen ? sellerOf.get(sha256) : undefined) ?? file.sellerId;
      return [sha256, { ...file, sellerId }];
    }),
  );
}

/** A file that is on record for one seller is not another's to bring, and shows nothing of the first one's. */
function ofAnother(arrival: StoredArrival, file: RawFile | undefined): Refusal | null {
  const isOther =
    file !== undefined &&
    file.sellerId !== null &&
    arrival.sellerId !== null &&
    file.sellerId !== arrival.sellerId;
  return isOther
    ? {
        code: "file-of-another-seller",
        message: "This file is on record for another seller. Check which seller it belongs to.",
        line: null,
      }
    : null;
}

type Claims = {
  readonly sha256s: ReadonlySet<string>;
  readonly refusals: ReadonlyMap<string, Refusal>;
};

/** Files on record without a seller that now come with one. */
async function assignSeen(
  base: SettleBase,
  arrivals: readonly StoredArrival[],
  files: ReadonlyMap<string, RawFile>,
): Promise<Claims> {
  const bySeller = new Map<string, string[]>();
  const sha256sClaimed = new Set<string>();
  const refusals = new Map<string, Refusal>();
  for (const arrival of arrivals) {
    const file = files.get(arrival.sha256);
    if (arrival.sellerId === null || file?.state !== "read" || file.sellerId !== null) continue;
    bySeller.set(arrival.sellerId, [...(bySeller.get(arrival.sellerId) ?? []), arrival.sha256]);
  }
  for (const [sellerId, sha256s] of bySeller) {
    const assigned = await stepInBooks(base.writer, base.openBooks, (tx, ledger) =>
      gatherEvents(tx, base.tenantId, () =>
        assignFiles(tx, ledger, contextOf(base), sellerId, sha256s),
      ),
    );
    for (const sha256 of sha256s) {
      if (assigned.ok) sha256sClaimed.add(sha256);
      else refusals.set(sha256, assigned.refusal);
    }
  }
  return { sha256s: sha256sClaimed, refusals };
}

/** Reads stored files and settles them, many in one transaction; the result of each file stands at its place. */
export async function settleUnread(
  base: SettleBase,
  files: readonly RawFile[],
  read: ReadContent,
): Promise<readonly FileResult[]> {
  const results: FileResult[] = [];
  for (let from = 0; from < files.length; from += FILES_PER_STEP_MAX) {
    const group = files.slice(from, from + FILES_PER_STEP_MAX);
    const readable: ReadFile[] = [];
    const failed = new Map<RawFile, FileResult>();
    for (const file of group) {
      const content = await contentOf(file, read);
      if (content.ok) readable.push({ file, content: content.value });
      else failed.set(file, { ok: false, error: content.error });
    }
    const settled = await settleBatch(base, readable);
    const ofReadable = new Map(readable.map(({ file }, index) => [file, settled[index]]));
    for (const file of group) {
      const result = failed.get(file) ?? ofReadable.get(file);
      invariant(result !== undefined, "every file of a batch has a result");
      results.push(result);
    }
  }
  return results;
}

/** A reader that fails on one file must not stop the others; an outage concerns them all. */
async function contentOf(
  file: RawFile,
  read: ReadContent,
): Promise<{ ok: true; value: FileContent } | { ok: false; error: unknown }> {
  try {
    return { ok: true, value: await read(file) };
  } catch (error) {
    if (error instanceof Outage) throw error;
    return { ok: false, error };
  }
}

/** One step; when it fails for another reason than an outage, its halves, until the file that breaks it is alone. */
async function settleBatch(
  base: SettleBase,
  batch: readonly ReadFile[],
): Promise<readonly FileResult[]> {
  if (batch.length === 0) return [];
  try {
    const marks = await stepInBooks(base.writer, base.openBooks, (tx, ledger) =>
      gatherEvents(tx, base.tenantId, () => settleFiles(tx, ledger, contextOf(base), batch)),
    );
    base.statistics.grown(marks.map((mark) => mark.kind));
    return marks.map((mark, index) => ({
      ok: true,
      outcome: outcomeOf(mark, batch[index]?.file.name ?? ""),
    }));
  } catch (error) {
    if (error instanceof Outage) throw error;
    if (batch.length === 1) return [{ ok: false, error }];
    const middle = batch.length >> 1;
    const left = await settleBatch(base, batch.slice(0, middle));
    return [...left, ...(await settleBatch(base, batch.slice(middle)))];
  }
}

function outcomeOf(mark: FileReadMark, name: string): FileOutcome {
  return {
    name,
    sha256: mark.sha256,
    format: mark.format,
    outcome: mark.state === "read" ? "new" : "refused",
    reasons: mark.reasons,
    claimed: false,
  };
}

/** Reads a file's content back from the raw store; damaged bytes refuse the file, they do not stop the others. */
export async function readStored(
  base: SettleBase,
  file: RawFile,
  onBytes?: (bytes: number) => void,
): Promise<FileContent> {
  try {
    return await readFileContent(base.store.rawStore.open(file.sha256 as Sha256), {
      takesOrders: base.policy.evidence !== null,
      ...(onBytes === undefined ? {} : { onProgress: onBytes }),
    });
  } catch (error) {
    if (!(error instanceof RawObjectDamaged)) throw error;
    const reason = {
      code: "raw-object-damaged",
      line: null,
      message: `The stored bytes of ${file.name} are damaged (${error.message}). Restore the raw store from a back-up.`,
    };
    return { kind: "unknown", format: null, refusals: [reason] };
  }
}
