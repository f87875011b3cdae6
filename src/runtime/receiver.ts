// The front for services: a bank notice comes in as bytes, and its money is available when the promise resolves. Many
// callers at once share the work: what queued meanwhile is stored as one batch and settled as one step, so that the
// disk is synced and a transaction committed once for all of them (docs/reference/benchmarks.md).

import { setImmediate as nextTurn } from "node:timers/promises";
import { Outage } from "../errors/outage.ts";
import { loadRawFiles, type RawFile } from "../inbox/raw-files.ts";
import type { Instant } from "../time/instant.ts";
import type { Channel, FileOutcome } from "./channel.ts";
import { type FileContent, readFileContent } from "./read-file.ts";
import {
  FILES_PER_STEP_MAX,
  type FileResult,
  noteArrivals,
  readStored,
  type StoredArrival,
  settleArrivals,
} from "./settle-arrivals.ts";
import { type StoredResult, settleStored } from "./settle-stored.ts";
import { traced } from "./tracing.ts";

/** Files that may wait; past it a caller gets a retryable outage instead of a longer wait. */
export const RECEIVE_QUEUE_FILES_MAX = 10_000;
/** Bytes of the files that may wait: what the process holds in memory for them at most. */
export const RECEIVE_QUEUE_BYTES_MAX = 256 * 1024 * 1024;
/** Bytes of one batch past which no further file joins it; a larger file is a batch of its own. */
export const RECEIVE_BATCH_BYTES_MAX = 8 * 1024 * 1024;

/** What became of a received file. */
export type Receipt = FileOutcome & {
  /** When its bytes were on disk and its arrival noted for the first time: the minute clock of its credits starts. */
  readonly storedAt: Instant;
  /** When its facts, and all that follows from them, were committed. */
  readonly settledAt: Instant;
};

export type Receiver = {
  /**
   * Takes a file as received; resolves once all that it allows is committed, or it is refused. `sellerId` says whose
   * file it is; null or absent: the accounts in it say so. Rejects with a retryable outage when the disk, the
   * database or the queue cannot take it now: sending it again is harmless.
   */
  readonly receive: (name: string, bytes: Uint8Array, sellerId?: string | null) => Promise<Receipt>;
  /**
   * Settles what other processes have stored and what a crash interrupted, in turn with what is received here; files
   * whose sha256 is in `skip` wait. Tells what became of each.
   */
  readonly settleStored: (skip?: ReadonlySet<string>) => Promise<readonly StoredResult[]>;
  /** How many files wait here, and since when the longest-waiting one does. */
  readonly waiting: () => { readonly count: number; readonly since: Instant | null };
  /** Finishes what was received; a later call is a final outage. The channel stays open. */
  readonly close: () => Promise<void>;
};

type Waiting = {
  readonly since: Instant;
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly sellerId: string | null;
  readonly resolve: (receipt: Receipt) => void;
  readonly reject: (error: unknown) => void;
};

/** A batch whose bytes are on disk and whose arrivals are noted. */
type StoredBatch = {
  readonly waiting: readonly Waiting[];
  readonly arrivals: readonly StoredArrival[];
  readonly files: ReadonlyMap<string, RawFile>;
  readonly contents: ReadonlyMap<string, Promise<FileContent>>;
};

export function openReceiver(channel: Channel): Receiver {
  return new OpenReceiver(channel);
}

class OpenReceiver implements Receiver {
  readonly #channel: Channel;
  #queue: Waiting[] = [];
  #queuedBytes = 0;
  #storing: Promise<void> | null = null;
  /** Ends with the files that were settled last. */
  #settling: Promise<ReadonlySet<string>> = Promise.resolve(new Set<string>());
  #isClosed = false;
  /** Files that are settled from here, so that `settleStored` leaves them alone: how many callers brought each. */
  readonly #underWay = new Map<string, number>();

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  receive = (name: string, bytes: Uint8Array, sellerId: string | null = null): Promise<Receipt> =>
    new Promise((resolve, reject) => {
      this.#requireOpen();
      const isFull =
        this.#queue.length >= RECEIVE_QUEUE_FILES_MAX ||
        (this.#queue.length > 0 && this.#queuedBytes + bytes.byteLength > RECEIVE_QUEUE_BYTES_MAX);
      if (isFull) throw new Outage("receiver", "too many files are waiting", { retryable: true });
      const since = this.#channel.clock.now();
      this.#queue.push({ since, name, bytes, sellerId, resolve, reject });
      this.#queuedBytes += bytes.byteLength;
      this.#storing ??= this.#storeQueued();
    });

  settleStored = (skip: ReadonlySet<string> = new Set()): Promise<readonly StoredResult[]> =>
    new Promise((resolve, reject) => {
      this.#requireOpen();
      void this.#inTurn(async (before) => {
        try {
          const leave = (sha256: string) => skip.has(sha256) || this.#underWay.has(sha256);
          const results = await settleStored(this.#channel, leave);
          resolve(results);
          return new Set([...before, ...results.map(({ sha256 }) => sha256)]);
        } catch (error) {
          reject(error);
          return before;
        }
      });
    });

  waiting = () => ({ count: this.#queue.length, since: this.#queue[0]?.since ?? null });

  close = async (): Promise<void> => {
    this.#isClosed = true;
    await this.#storing;
    await this.#settling;
  };

  #requireOpen(): void {
    if (this.#isClosed)
      throw new Outage("receiver", "this receiver is closed", { retryable: false });
  }

  /** Settles after what is settling now; `work` is told which files that were, and never rejects. */
  #inTurn(
    work: (before: ReadonlySet<string>) => Promise<ReadonlySet<string>>,
  ): Promise<ReadonlySet<string>> {
    this.#settling = this.#settling.then(work);
    return this.#settling;
  }

  /** Stores one batch while the one before it settles. */
  async #storeQueued(): Promise<void> {
    // One turn of the event loop lets everyone who sends now, or was just answered, join the batch.
    for (await nextTurn(); this.#queue.length > 0; await nextTurn()) {
      const waiting = batchOf(this.#queue);
      this.#queue = this.#queue.slice(waiting.length);
      for (const { bytes } of waiting) this.#queuedBytes -= bytes.byteLength;
      const facts = { "straitway.files": waiting.length };
      const batch = await answering(waiting, () =>
        traced("receiver.store", facts, () => storeBatch(this.#channel, waiting, this.#underWay)),
      );
      await this.#settling;
      if (batch === null) continue;
      void this.#inTurn((before) =>
        traced("receiver.settle", facts, () => settleBatch(this.#channel, batch, before)).finally(
          () => countDown(this.#underWay, batch.arrivals),
        ),
      );
    }
    this.#storing = null;
  }
}

/** The files at the front of the queue that fit one batch. */
function batchOf(queue: readonly Waiting[]): readonly Waiting[] {
  let byteCount = 0;
  const over = queue.findIndex(({ bytes }, index) => {
    byteCount += bytes.byteLength;
    return index >= FILES_PER_STEP_MAX || (index > 0 && byteCount > RECEIVE_BATCH_BYTES_MAX);
  });
  return over === -1 ? queue : queue.slice(0, over);
}

/** Runs work for callers: what it throws is their answer, and null is ours. */
async function answering<Value>(
  waiting: readonly Waiting[],
  work: () => Promise<Value>,
): Promise<Value | null> {
  try {
    return await work();
  } catch (error) {
    for (const { reject } of waiting) reject(error);
    return null;
  }
}

function countUp(counts: Map<string, number>, arrivals: readonly StoredArrival[]): void {
  for (const { sha256 } of arrivals) counts.set(sha256, (counts.get(sha256) ?? 0) + 1);
}

function countDown(counts: Map<string, number>, arrivals: readonly StoredArrival[]): void {
  for (const { sha256 } of arrivals) {
    const left = (counts.get(sha256) ?? 0) - 1;
    if (left > 0) counts.set(sha256, left);
    else counts.delete(sha256);
  }
}

/** Puts the bytes on disk and notes the arrivals; reads the contents meanwhile. */
async function storeBatch(
  channel: Channel,
  waiting: readonly Waiting[],
  underWay: Map<string, number>,
): Promise<StoredBatch> {
  const only = waiting.some(({ sellerId }) => sellerId === null)
    ? await channel.onlySeller()
    : null;
  const storing = channel.store.rawStore.putAll(waiting.map(({ bytes }) => bytes));
  const contents = waiting.map(({ bytes }) => readContent(bytes, channel.policy.evidence !== null));
  const objects = await storing;
  const arrivals = waiting.map(({ name, sellerId, bytes }, index) => ({
    name,
    sha256: objects[index]!.sha256,
    byteCount: bytes.byteLength,
    sellerId: sellerId ?? only,
  }));
  // Before their rows say "stored": another turn must not settle them too.
  countUp(underWay, arrivals);
  try {
    return {
      waiting,
      arrivals,
      files: await noteArrivals(channel, arrivals),
      contents: new Map(arrivals.map(({ sha256 }, index) => [sha256, contents[index]!])),
    };
  } catch (error) {
    countDown(underWay, arrivals);
    throw error;
  }
}

/** Reads bytes in memory; a reader that fails is met when the file's turn comes, not before. */
function readContent(bytes: Uint8Array, takesOrders: boolean): Promise<FileContent> {
  const content = readFileContent(onePiece(bytes), { takesOrders });
  content.catch(() => undefined);
  return content;
}

async function* onePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/**
 * Settles a stored batch and answers its callers; returns the files that it settled. `before` are those of the batch
 * before it, which was not settled yet when this one's files were noted.
 */
async function settleBatch(
  channel: Channel,
  batch: StoredBatch,
  before: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const { waiting, arrivals, contents } = batch;
  const hashes = arrivals.map(({ sha256 }) => sha256);
  await answering(waiting, async () => {
    const files = hashes.some((sha256) => before.has(sha256))
      ? await loadRawFiles(channel.store.database, channel.tenantId, hashes)
      : batch.files;
    const read = (file: RawFile) => contents.get(file.sha256) ?? readStored(channel, file);
    const results = await settleArrivals(channel, arrivals, files, read);
    const settledAt = channel.clock.now();
    for (const [index, item] of waiting.entries()) {
      answer(item, results[index]!, files.get(hashes[index]!)!.storedAt, settledAt);
    }
  });
  return new Set(hashes);
}

function answer(item: Waiting, result: FileResult, storedAt: Instant, settledAt: Instant): void {
  if (result.ok) item.resolve({ ...result.outcome, storedAt, settledAt });
  else item.reject(result.error);
}
