// The running channel: a store, the ledger's writer and the policy, and the one way in for files. What a crash left
// stored but unread is carried on when the channel opens.

import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { type OpenBooks, stepInBooks } from "../books/step-books.ts";
import type { Outcome, Reason } from "../errors/refusal.ts";
import type { EnterpriseRecord } from "../identity/enterprises.ts";
import type { SellerRegistration } from "../identity/sellers.ts";
import { loadUnread } from "../inbox/raw-files.ts";
import { openPartition, type PartitionWriter } from "../ledger/partition-writer.ts";
import type { Policy } from "../policy/policy.ts";
import type { Store } from "../storage/store.ts";
import type { Clock } from "../time/clock.ts";
import { gatherEvents } from "../timeline/timeline.ts";
import { type CarriedOut, carryOutApproved } from "./approved-acts.ts";
import { registerRegistry } from "./assign-seller.ts";
import { declareLeft } from "./declare-left.ts";
import {
  contextOf,
  type FileResult,
  noteArrivals,
  onlySellerOf,
  readStored,
  type SettleBase,
  type StoredArrival,
  settleArrivals,
  settleUnread,
} from "./settle-arrivals.ts";
import { keepStatistics, type Statistics } from "./statistics.ts";
import { type EnterprisesTaken, takeEnterprises } from "./take-enterprises.ts";

/** The one tenant of a self-hosted channel on the command line. */
export const DEFAULT_TENANT = "default";
/** The one ledger partition of a channel on one machine. */
export const DEFAULT_PARTITION = 0;
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
  readonly openBooks: OpenBooks;
  readonly onlySeller: () => Promise<string | null>;
  readonly statistics: Statistics;
  readonly filesBindAccounts: boolean;
  /** Files that an interrupted run had stored but not settled, settled when the channel opened. */
  readonly recovered: readonly FileOutcome[];
  readonly register: (sellers: readonly SellerRegistration[]) => Promise<Outcome<null>>;
  /** Makes approved acts on money true that are not yet; what became of each. Called after each approval. */
  readonly carryOutApproved: () => Promise<readonly CarriedOut[]>;
  /** Declares what is not declared yet, where the policy names a reporting bank; how many payouts were looked at. */
  readonly declareLeft: () => Promise<number>;
  /** Takes what is said of enterprises and decides their waiting payouts anew. */
  readonly takeEnterprises: (
    records: readonly EnterpriseRecord[],
    actor: string,
  ) => Promise<EnterprisesTaken>;
  readonly settle: (
    inputs: readonly FileInput[],
    onProgress?: Progress,
  ) => Promise<readonly FileOutcome[]>;
  readonly close: () => Promise<void>;
};

export type ChannelOptions = {
  readonly policy: Policy;
  readonly clock: Clock;
  readonly tenantId?: string;
  readonly isOwnDatabase: boolean;
  /** This process, unlike any other; made up unless told, where the database is shared. */
  readonly owner?: string;
  /** The ledger's own default unless told. */
  readonly leaseMs?: number;
  /** How long to wait for another program's lease; some 20 s unless told. */
  readonly leaseWaitMsMax?: number;
  /**
   * False: what is stored but unread is left to `Receiver.settleStored`, and what is approved but not done to
   * `carryOutApproved`, so that one of them that breaks keeps no channel from opening.
   */
  readonly carriesOn?: boolean;
  /** True unless told: a service says false, so that binding an account needs an approval. */
  readonly filesBindAccounts?: boolean;
};

export async function openChannel(store: Store, options: ChannelOptions): Promise<Channel> {
  const tenantId = options.tenantId ?? DEFAULT_TENANT;
  const writer = await openPartition(store.database, {
    tenantId,
    partition: DEFAULT_PARTITION,
    // The folder's lock makes us the only program of an embedded database, so we may take over at once.
    owner: options.isOwnDatabase ? "this-data-folder" : (options.owner ?? processName()),
    clock: options.clock,
    ...(options.leaseMs === undefined ? {} : { leaseMs: options.leaseMs }),
    leaseWaitMsMax: options.leaseWaitMsMax ?? LEASE_WAIT_MS,
  });
  try {
    return await channelOn(store, writer, { ...options, tenantId });
  } catch (error) {
    // A lease that nobody uses would go on to be renewed, and keep every other process out.
    await writer.close().catch(() => undefined);
    throw error;
  }
}

async function channelOn(
  store: Store,
  writer: PartitionWriter,
  options: ChannelOptions & { readonly tenantId: string },
): Promise<Channel> {
  const { tenantId } = options;
  const statistics = await keepStatistics(store.database);
  const base = {
    tenantId,
    policy: options.policy,
    clock: options.clock,
    store,
    writer,
    openBooks: new Set<string>(),
    onlySeller: onlySellerOf(store.database, tenantId),
    statistics,
    filesBindAccounts: options.filesBindAccounts ?? true,
  };
  const unread = options.carriesOn === false ? [] : await loadUnread(store.database, tenantId);
  const results = await settleUnread(base, unread, (file) => readStored(base, file));
  const recovered = results.map(outcomeOrThrow);
  if (options.carriesOn !== false) await carryOutApproved(base);
  return {
    ...base,
    recovered,
    register: (sellers) =>
      stepInBooks(writer, base.openBooks, (tx, ledger) =>
        gatherEvents(tx, tenantId, () => registerRegistry(tx, ledger, contextOf(base), sellers)),
      ),
    carryOutApproved: () => carryOutApproved(base),
    declareLeft: () =>
      stepInBooks(writer, base.openBooks, (tx) =>
        gatherEvents(tx, tenantId, () => declareLeft(tx, contextOf(base))),
      ),
    takeEnterprises: (records, actor) =>
      stepInBooks(writer, base.openBooks, (tx, ledger) =>
        gatherEvents(tx, tenantId, () =>
          takeEnterprises(tx, ledger, contextOf(base), records, actor),
        ),
      ),
    settle: (inputs, onProgress) => settleInputs(base, inputs, onProgress),
    close: async () => {
      await writer.close();
      await statistics.idle();
      await store.close();
    },
  };
}

/** This process as it is named in leases: where it runs, and unlike any other. */
export function processName(): string {
  return `${hostname()}/${process.pid}/${randomUUID()}`;
}

/** Stores every file first, then settles those that are not on record yet. */
async function settleInputs(
  base: SettleBase,
  inputs: readonly FileInput[],
  onProgress?: Progress,
): Promise<readonly FileOutcome[]> {
  const only = await base.onlySeller();
  const stored: StoredArrival[] = [];
  for (const input of inputs) {
    const { sha256, byteCount } = await base.store.rawStore.put(input.bytes());
    stored.push({ name: input.name, sha256, byteCount, sellerId: input.sellerId ?? only });
  }
  const files = await noteArrivals(base, stored);
  const results = await settleArrivals(base, stored, files, (file) =>
    readStored(
      base,
      file,
      onProgress === undefined ? undefined : (bytes) => onProgress(file.name, bytes),
    ),
  );
  return results.map(outcomeOrThrow);
}

/** All files have been tried by now: the first that broke a step is told. */
function outcomeOrThrow(result: FileResult): FileOutcome {
  if (!result.ok) throw result.error;
  return result.outcome;
}
