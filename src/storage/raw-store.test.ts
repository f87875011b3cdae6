import { createHash } from "node:crypto";
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compilePrograms } from "../../test/compiled-programs.ts";
import { runProgram } from "../../test/running-program.ts";
import type { Sha256 } from "./raw-object.ts";
import { objectPath, RawObjectDamaged } from "./raw-object.ts";
import type { RawStore } from "./raw-store.ts";
import { openRawStore, parseSha256 } from "./raw-store.ts";

let root: string;
let store: RawStore;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "raw-"));
  store = openRawStore(root);
});

afterEach(() => rmSync(root, { recursive: true }));

async function* chunksOf(...chunks: readonly (Uint8Array | string)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
}

async function* failing(body: Uint8Array): AsyncGenerator<Uint8Array> {
  yield body;
  throw new Error("the upload was cut off");
}

async function bytesOf(sha256: Sha256): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.open(sha256)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function listed(): Promise<Sha256[]> {
  const found: Sha256[] = [];
  for await (const sha256 of store.list()) found.push(sha256);
  return found;
}

async function damageOf(sha256: Sha256): Promise<unknown> {
  const error = await bytesOf(sha256).catch((caught: unknown) => caught);
  return error instanceof RawObjectDamaged ? error.damage : error;
}

/** Bytes that do not compress, so that a damaged file is damaged in the middle of its data. */
function noise(byteCount: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(byteCount / 64) }, (_, index) =>
    createHash("sha512").update(String(index)).digest(),
  );
  return Buffer.concat(blocks).subarray(0, byteCount);
}

describe("what is put", () => {
  it("comes back byte for byte, in whatever chunks it came", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 40_000 }), { maxLength: 6 }),
        async (chunks) => {
          const whole = Buffer.concat(chunks);
          const object = await store.put(chunksOf(...chunks));
          expect(object.sha256).toBe(createHash("sha256").update(whole).digest("hex"));
          expect(object.byteCount).toBe(whole.byteLength);
          expect((await bytesOf(object.sha256)).equals(whole)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("is kept once: the same bytes again, under whatever chunking, are present", async () => {
    const first = await store.put(chunksOf("statement", " of July"));
    expect(first.stored).toBe("new");
    expect(await store.put(chunksOf("statement of July"))).toEqual({ ...first, stored: "present" });
    expect(await listed()).toEqual([first.sha256]);
  });

  it("is kept whole when many put the same and other bytes at once", async () => {
    const bodies = ["a", "b", noise(300_000), noise(300_000), "a", "b", "a"];
    const objects = await Promise.all(bodies.map((body) => store.put(chunksOf(body))));
    const hashes = new Set(objects.map(({ sha256 }) => sha256));
    expect(hashes.size).toBe(3);
    expect(await listed()).toEqual([...hashes].sort());
    for (const sha256 of hashes) await bytesOf(sha256);
  });

  it("streams a large source in little memory", async () => {
    const block = Buffer.alloc(1024 * 1024, "2026-07-31\t701-0000001-0000001\tOrder\t12.34\n");
    const blockCount = 96;
    async function* large(): AsyncGenerator<Uint8Array> {
      for (let count = 0; count < blockCount; count += 1) yield block;
    }
    const before = process.memoryUsage().rss;
    const { sha256, byteCount } = await store.put(large());
    expect(byteCount).toBe(blockCount * block.byteLength);
    const hash = createHash("sha256");
    for await (const chunk of store.open(sha256)) hash.update(chunk);
    expect(hash.digest("hex")).toBe(sha256);
    expect(process.memoryUsage().rss - before).toBeLessThan(byteCount / 2);
  });

  it("is listed in the order of the hashes and found by them", async () => {
    const bodies = Array.from({ length: 40 }, (_, index) => `file ${index}`);
    const objects = await Promise.all(bodies.map((body) => store.put(chunksOf(body))));
    expect(await listed()).toEqual(objects.map(({ sha256 }) => sha256).sort());
    expect(store.has(objects[0]!.sha256)).toBe(true);
    expect(store.has("0".repeat(64) as Sha256)).toBe(false);
  });

  it("can be read by no other user", async () => {
    const { sha256 } = await store.put(chunksOf("private"));
    const path = objectPath(root, sha256);
    expect(statSync(path).mode & 0o077).toBe(0);
  });
});

describe("a source that fails", () => {
  it("passes its own error on and leaves nothing, small or large", async () => {
    for (const body of [noise(10), noise(500_000)])
      await expect(store.put(failing(body))).rejects.toThrow("the upload was cut off");
    expect(await listed()).toEqual([]);
    expect(readdirSync(join(root, "making"))).toEqual([]);
  });
});

describe("an object on disk that is not what was put", () => {
  it("is never given out as whole: cut off, changed, replaced, emptied or gone", async () => {
    const { sha256 } = await store.put(chunksOf(noise(200_000)));
    const path = objectPath(root, sha256);
    const good = readFileSync(path);
    truncateSync(path, good.byteLength >> 1);
    expect(await damageOf(sha256)).toBe("unreadable");
    const changed = Buffer.from(good);
    changed[100_000]! ^= 1;
    writeFileSync(path, changed);
    expect(["unreadable", "different"]).toContain(await damageOf(sha256));
    writeFileSync(path, gzipSync("another file"));
    expect(await damageOf(sha256)).toBe("different");
    writeFileSync(path, "");
    expect(["unreadable", "different"]).toContain(await damageOf(sha256));
    rmSync(path);
    expect(await damageOf(sha256)).toBe("missing");
  });

  it("never gives other bytes than were put, wherever one byte of its file is changed", async () => {
    const body = noise(3_000);
    const { sha256 } = await store.put(chunksOf(body));
    const path = objectPath(root, sha256);
    const good = readFileSync(path);
    let damagedCount = 0;
    for (let position = 0; position < good.byteLength; position += 7) {
      const changed = Buffer.from(good);
      changed[position]! ^= 0b0101_0101;
      writeFileSync(path, changed);
      // Some bits of a gzip file do not bear on its content: the time in its header, padding between blocks.
      const read = await bytesOf(sha256).catch((error: unknown) => error);
      if (read instanceof RawObjectDamaged) damagedCount += 1;
      else expect(read).toEqual(body);
    }
    expect(damagedCount).toBeGreaterThan(good.byteLength / 7 - 10);
  });

  it("is made good when the same bytes arrive again", async () => {
    const { sha256 } = await store.put(chunksOf("statement"));
    writeFileSync(objectPath(root, sha256), "rubbish");
    expect(await store.put(chunksOf("statement"))).toMatchObject({ sha256, stored: "new" });
    expect((await bytesOf(sha256)).toString()).toBe("statement");
  });
});

describe("a program killed while it stores", () => {
  it("leaves every object that it named, and none that is not whole", async () => {
    const programs = compilePrograms();
    const stored: Sha256[] = [];
    for (let round = 1; round <= 5; round += 1) {
      const program = runProgram<{ stored: Sha256 }>(programs.program("put-raw"), [root]);
      for (let count = 0; count < round * 7; count += 1)
        stored.push((await program.answer())!.stored);
      program.kill("SIGKILL");
      for (let last = await program.answer(); last !== null; last = await program.answer())
        stored.push(last.stored);
      await program.ended();
    }
    programs.remove();
    store = openRawStore(root);
    const found = await listed();
    expect(stored.filter((sha256) => !found.includes(sha256))).toEqual([]);
    for (const sha256 of found) await bytesOf(sha256);
    expect(readdirSync(join(root, "making"))).toEqual([]);
  });
});

describe("the store itself", () => {
  it("forgets at its start what a crash left half made", async () => {
    const { sha256 } = await store.put(chunksOf("kept"));
    writeFileSync(join(root, "making", "0123"), "half a file");
    store = openRawStore(root);
    expect(readdirSync(join(root, "making"))).toEqual([]);
    expect(await listed()).toEqual([sha256]);
  });

  it.skipIf(process.getuid?.() === 0)(
    "answers a disk that cannot be written with an outage (skipped for root, who may write everywhere)",
    async () => {
      chmodSync(join(root, "making"), 0o500);
      await expect(store.put(chunksOf("x"))).rejects.toMatchObject({
        name: "Outage",
        port: "raw-store",
      });
      chmodSync(join(root, "making"), 0o700);
    },
  );

  it("answers a folder that went away with an outage that may be retried", async () => {
    rmSync(join(root, "making"), { recursive: true });
    await expect(store.put(chunksOf("x"))).rejects.toMatchObject({
      name: "Outage",
      port: "raw-store",
      retryable: true,
    });
  });

  it("knows a hash from any other text", () => {
    expect(parseSha256("ab".repeat(32))).toBe("ab".repeat(32));
    expect(parseSha256("AB".repeat(32))).toBeNull();
    expect(parseSha256("../../etc/passwd")).toBeNull();
  });
});
