// The running channel: a store, the ledger's writer and the policy, and the one way in for files. What a crash left
// stored but unread is carried on when the channel opens.

import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { InvariantBroken } from "../errors/invariant.ts";
import type { Outcome, Reason } from "../errors/refusal.ts";
import type { SellerRegistration } from "../identity/sellers.ts";
import { listSellers } from "../identity/sellers.ts";
import { type FileReadMark, loadUnread, type RawFile, recordArrivals } from "../inbox/raw-files.ts";
import { openPartition, type PartitionWriter } from "../ledger/partition-writer.ts";
import type { Policy } from "../policy/policy.ts";
import { RawObjectDamaged, type Sha256 } from "../storage/raw-object.ts";
import type { Store } from "../storage/store.ts";
import type { Clock } from "../time/clock.ts";
import { assignFiles, registerRegistry } from "./assign-seller.ts";
import type { SettleContext } from "./carry-on.ts";
import { type FileContent, readFileContent } from "./read-file.ts";
import { type ReadFile, settleFiles } from "./settle-step.ts";

/** The one tenant of a self-hosted channel on the command line. */
export const DEFAULT_TENANT = "default";
/** The one ledger partition of a channel on one machine. */
export const DEFAULT_PARTITION = 0;
/** Files settled in one transaction at most. */
export const FILES_PER_STEP_MAX = 200;
/** How long a program waits for another one's lease on the ledger of a shared database. */
const LEASE_WAIT_MS = 20_000;

export type FileInput = {
  readonly name: string;
  readonly bytes: () => AsyncIterable<Uint8Array>;
  readonly sellerId: string | null;
};

export type FileOutcome = {
  readonly name: string;
  readonly sha256: string;
  readonly format: string | null;
  /** `new`: its facts are on record now; `seen`: they were before; `refused`: nothing in it is used. */
  readonly outcome: "new" | "seen" | "refused";
  readonly reasons: readonly Reason[];
  /** True: it was on record without a seller, and is the named seller's now. */
  readonly claimed: boolean;
};

export type Progress = (name: string, bytes: number) => void;

export type Channel = {
  readonly tenantId: string;
  readonly policy: Policy;
  readonly clock: Clock;
  readonly store: Store;
  readonly writer: PartitionWriter;
  /** Files that an interrupted run had stored but not settled, settled when the channel opened. */
  readonly recovered: readonly FileOutcome[];
  readonly register: (sellers: readonly SellerRegistration[]) => Promise<Outcome<null>>;
  readonly settle: (
    inputs: readonly FileInput[],
    onProgress?: Progress,
  ) => Promise<readonly FileOutcome[]>;
  readonly close: () => Promise<void>;
};

export async function openChannel(
  store: Store,
  options: { policy: Policy; clock: Clock; tenantId?: string; isOwnDatabase: boolean },
): Promise<Channel> {
  const tenantId = options.tenantId ?? DEFAULT_TENANT;
  const writer = await openPartition(store.database, {
    tenantId,
    partition: DEFAULT_PARTITION,
    // The folder's lock makes us the only program of an embedded database, so we may take over at once.
    owner: options.isOwnDatabase
      ? "this-data-folder"
      : `${hostname()}/${process.pid}/${randomUUID()}`,
    clock: options.clock,
    leaseWaitMsMax: LEASE_WAIT_MS,
  });
  const base = { tenantId, policy: options.policy, clock: options.clock, store, writer };
  const unread = await loadUnread(store.database, tenantId);
  const recovered = await settleStored(base, unread);
  return {
    ...base,
    recovered,
    register: (sellers) =>
      writer.step((tx, ledger) => registerRegistry(tx, ledger, contextOf(base), sellers)),
    settle: (inputs, onProgress) => settleInputs(base, inputs, onProgress),
    close: async () => {
      await writer.close();
      await store.close();
    },
  };
}

type Base = Pick<Channel, "tenantId" | "policy" | "clock" | "store" | "writer">;

function contextOf(base: Base): SettleContext {
  return { tenantId: base.tenantId, policy: base.policy, clock: base.clock };
}

/** Stores every file first, then settles those that are not on record yet. */
async function settleInputs(
  base: Base,
  inputs: readonly FileInput[],
  onProgress?: Progress,
): Promise<readonly FileOutcome[]> {
  const only = await onlySeller(base);
  const stored: { name: string; sha256: string; byteCount: number; sellerId: string | null }[] = [];
  for (const input of inputs) {
    const { sha256, byteCount } = await base.store.rawStore.put(input.bytes());
    stored.push({ name: input.name, sha256, byteCount, sellerId: input.sellerId ?? only });
  }
  const files = await base.store.database.transaction((tx) =>
    recordArrivals(tx, base.tenantId, stored, base.clock.now()),
  );
  const toRead = [...files.values()].filter((file) => file.state !== "read");
  const settled = new Map(
    (await settleStored(base, toRead, onProgress)).map((file) => [file.sha256, file]),
  );
  const claimed = await assignSeen(base, stored, files);
  const told = new Set<string>();
  return stored.map((arrival) => {
    const outcome = told.has(arrival.sha256) ? undefined : settled.get(arrival.sha256);
    told.add(arrival.sha256);
    if (outcome !== undefined) return { ...outcome, name: arrival.name };
    const file = files.get(arrival.sha256);
    const refusedTwin = settled.get(arrival.sha256)?.outcome === "refused";
    return {
      name: arrival.name,
      sha256: arrival.sha256,
      format: file?.format ?? settled.get(arrival.sha256)?.format ?? null,
      outcome: refusedTwin ? ("refused" as const) : ("seen" as const),
      reasons: file?.reasons ?? [],
      claimed: claimed.has(arrival.sha256),
    };
  });
}

/** With one registered seller, files that name nobody are that seller's. */
async function onlySeller(base: Base): Promise<string | null> {
  const sellers = await listSellers(base.store.database, base.tenantId);
  return sellers.length === 1 ? (sellers[0]?.sellerId ?? null) : null;
}

/** Files on record without a seller that now come with one. */
async function assignSeen(
  base: Base,
  arrivals: readonly { sha256: string; sellerId: string | null }[],
  files: ReadonlyMap<string, RawFile>,
): Promise<ReadonlySet<string>> {
  const bySeller = new Map<string, string[]>();
  const claimed = new Set<string>();
  for (const arrival of arrivals) {
    const file = files.get(arrival.sha256);
    if (arrival.sellerId === null || file?.state !== "read" || file.sellerId !== null) continue;
    bySeller.set(arrival.sellerId, [...(bySeller.get(arrival.sellerId) ?? []), arrival.sha256]);
  }
  for (const [sellerId, sha256s] of bySeller) {
    const assigned = await base.writer.step((tx, ledger) =>
      assignFiles(tx, ledger, contextOf(base), sellerId, sha256s),
    );
    if (assigned.ok) for (const sha256 of sha256s) claimed.add(sha256);
  }
  return claimed;
}

/** Reads stored files and settles them, many in one transaction. */
async function settleStored(
  base: Base,
  files: readonly RawFile[],
  onProgress?: Progress,
): Promise<readonly FileOutcome[]> {
  const outcomes: FileOutcome[] = [];
  for (let from = 0; from < files.length; from += FILES_PER_STEP_MAX) {
    const batch: ReadFile[] = [];
    for (const file of files.slice(from, from + FILES_PER_STEP_MAX)) {
      batch.push({ file, content: await readStored(base, file, onProgress) });
    }
    outcomes.push(...(await settleBatch(base, batch)));
  }
  return outcomes;
}

export async function settleBatch(
  base: Base,
  batch: readonly ReadFile[],
): Promise<readonly FileOutcome[]> {
  try {
    const marks = await base.writer.step((tx, ledger) =>
      settleFiles(tx, ledger, contextOf(base), batch),
    );
    return marks.map((mark, index) => outcomeOf(mark, batch[index]?.file.name ?? ""));
  } catch (error) {
    // A bug that one file shows must not stop its neighbours: each goes alone, and the one that fails is told.
    if (!(error instanceof InvariantBroken) || batch.length === 1) throw error;
    const outcomes: FileOutcome[] = [];
    const failures: unknown[] = [];
    for (const item of batch) {
      try {
        outcomes.push(...(await settleBatch(base, [item])));
      } catch (failure) {
        failures.push(failure);
      }
    }
    if (failures.length > 0) throw failures[0];
    return outcomes;
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

async function readStored(base: Base, file: RawFile, onProgress?: Progress): Promise<FileContent> {
  try {
    return await readFileContent(
      base.store.rawStore.open(file.sha256 as Sha256),
      onProgress === undefined ? undefined : (bytes) => onProgress(file.name, bytes),
    );
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
