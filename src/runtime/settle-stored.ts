// What was stored but not settled: by a process that does not hold the ledger, or before a crash. The process that
// holds it settles them as if they had just come in; what others were told about whose a file is, it hears too.

import { dropClaim, loadClaims } from "../inbox/raw-claims.ts";
import { type FileKind, loadRawFiles, loadUnread, type RawFile } from "../inbox/raw-files.ts";
import type { Instant } from "../time/instant.ts";
import {
  FILES_PER_STEP_MAX,
  type FileResult,
  readStored,
  type SettleBase,
  settleArrivals,
} from "./settle-arrivals.ts";

export type StoredResult = {
  readonly sha256: string;
  readonly storedAt: Instant;
  readonly settledAt: Instant;
  /** What it turned out to be; "unknown" where it was not read. */
  readonly kind: FileKind;
  readonly result: FileResult;
};

/** Settles at most one step's worth of files, and hears as many claims; those to `leave` wait. */
export async function settleStored(
  base: SettleBase,
  leave: (sha256: string) => boolean,
): Promise<readonly StoredResult[]> {
  const unread = await settleUnreadFiles(base, leave);
  return [...unread, ...(await hearClaims(base, leave))];
}

async function settleUnreadFiles(
  base: SettleBase,
  leave: (sha256: string) => boolean,
): Promise<readonly StoredResult[]> {
  const { database } = base.store;
  const stored = await loadUnread(database, base.tenantId, FILES_PER_STEP_MAX);
  const files = stored.filter(({ sha256 }) => !leave(sha256));
  return files.length === 0 ? [] : settle(base, files, null);
}

async function hearClaims(
  base: SettleBase,
  leave: (sha256: string) => boolean,
): Promise<readonly StoredResult[]> {
  const { database } = base.store;
  const claims = await loadClaims(database, base.tenantId, FILES_PER_STEP_MAX);
  const results: StoredResult[] = [];
  for (const claim of claims.filter(({ sha256 }) => !leave(sha256))) {
    const files = await loadRawFiles(database, base.tenantId, [claim.sha256]);
    const heard = await settle(base, [...files.values()], claim.sellerId);
    if (heard.every(({ result }) => result.ok)) await dropClaim(database, base.tenantId, claim);
    results.push(...heard);
  }
  return results;
}

async function settle(
  base: SettleBase,
  files: readonly RawFile[],
  claimedFor: string | null,
): Promise<readonly StoredResult[]> {
  const kinds = new Map<string, FileKind>();
  const arrivals = files.map(({ name, sha256, byteCount, sellerId }) => ({
    name,
    sha256,
    byteCount: Number(byteCount),
    sellerId: claimedFor ?? sellerId,
  }));
  const byHash = new Map(files.map((file) => [file.sha256, file]));
  const results = await settleArrivals(base, arrivals, byHash, async (file) => {
    const content = await readStored(base, file);
    kinds.set(file.sha256, content.kind);
    return content;
  });
  const settledAt = base.clock.now();
  return files.map(({ sha256, storedAt, kind }, index) => ({
    sha256,
    storedAt,
    settledAt,
    kind: kinds.get(sha256) ?? kind,
    result: results[index]!,
  }));
}
