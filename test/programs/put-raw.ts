// A program that puts raw objects for ever and names each once it is stored. Tests kill it in the middle of one.
// Argument: the raw store's folder.

import { randomBytes } from "node:crypto";
import { openRawStore } from "../../src/storage/raw-store.ts";

const CHUNK_BYTES = 50_000;
const CHUNK_COUNT_MAX = 12;

async function* body(chunkCount: number): AsyncGenerator<Uint8Array> {
  for (let count = 0; count < chunkCount; count += 1) yield randomBytes(CHUNK_BYTES);
}

const store = openRawStore(process.argv[2]!);
for (let round = 0; ; round += 1) {
  const { sha256 } = await store.put(body(1 + (round % CHUNK_COUNT_MAX)));
  process.stdout.write(`${JSON.stringify({ stored: sha256 })}\n`);
}
