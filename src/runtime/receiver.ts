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
  /** Finishes what was received; a later call is a final outage. The channel stays open. */
  readonly close: () => Promise<void>;
};

type Waiting = {
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
  let queue: Waiting[] = [];
  let queuedBytes = 0;
  let storing: Promise<void> | null = null;
  /** Ends with the files of the batch that was settled last. */
  let settling: Promise<ReadonlySet<string>> = Promise.resolve(new Set<string>());
  let isClosed = false;
  /** Stores one batch while the one before it settles. */
  const storeQueued = async (): Promise<void> => {
    // One turn of the event loop lets everyone who sends now, or was just answered, join the batch.
    for (await nextTurn(); queue.length > 0; await nextTurn()) {
      const waiting = batchOf(queue);
      queue = queue.slice(waiting.length);
      for (const { bytes } of waiting) queuedBytes -= bytes.byteLength;
      const batch = await answering(waiting, () => storeBatch(channel, waiting));
      const before = await settling;
      if (batch !== null) settling = settleBatch(channel, batch, before);
    }
    storing = null;
  };
  return {
    receive: (name, bytes, sellerId = null) =>
      new Promise((resolve, reject) => {
        if (isClosed) throw new Outage("receiver", "this receiver is closed", { retryable: false });
        const isFull =
          queue.length >= RECEIVE_QUEUE_FILES_MAX ||
          (queue.length > 0 && queuedBytes + bytes.byteLength > RECEIVE_QUEUE_BYTES_MAX);
        if (isFull) throw new Outage("receiver", "too many files are waiting", { retryable: true });
        queue.push({ name, bytes, sellerId, resolve, reject });
        queuedBytes += bytes.byteLength;
        storing ??= storeQueued();
      }),
    close: async () => {
      isClosed = true;
      await storing;
      await settling;
    },
  };
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

/** Puts the bytes on disk and notes the arrivals; reads the contents meanwhile. */
async function storeBatch(channel: Channel, waiting: readonly Waiting[]): Promise<StoredBatch> {
  const only = waiting.some(({ sellerId }) => sellerId === null)
    ? await channel.onlySeller()
    : null;
  const storing = channel.store.rawStore.putAll(waiting.map(({ bytes }) => bytes));
  const contents = waiting.map(({ bytes }) => readContent(bytes));
  const objects = await storing;
  const arrivals = waiting.map(({ name, sellerId, bytes }, index) => ({
    name,
    sha256: objects[index]!.sha256,
    byteCount: bytes.byteLength,
    sellerId: sellerId ?? only,
  }));
  return {
    waiting,
    arrivals,
    files: await noteArrivals(channel, arrivals),
    contents: new Map(arrivals.map(({ sha256 }, index) => [sha256, contents[index]!])),
  };
}

/** Reads bytes in memory; a reader that fails is met when the file's turn comes, not before. */
function readContent(bytes: Uint8Array): Promise<FileContent> {
  const content = readFileContent(onePiece(bytes));
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
