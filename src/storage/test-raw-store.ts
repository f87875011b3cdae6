// What every raw store must do, whatever keeps its objects: one suite for all of them.

import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Sha256 } from "./raw-object.ts";
import type { RawStore } from "./raw-store.ts";

export async function* chunksOf(
  ...chunks: readonly (Uint8Array | string)[]
): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
}

async function* failing(body: Uint8Array): AsyncGenerator<Uint8Array> {
  yield body;
  throw new Error("the upload was cut off");
}

/** Bytes that do not compress, so that a damaged object is damaged in the middle of its data. */
export function noise(byteCount: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(byteCount / 64) }, (_, index) =>
    createHash("sha512").update(String(index)).digest(),
  );
  return Buffer.concat(blocks).subarray(0, byteCount);
}

export async function bytesOf(store: RawStore, sha256: Sha256): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.open(sha256)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export async function listed(store: RawStore): Promise<Sha256[]> {
  const found: Sha256[] = [];
  for await (const sha256 of store.list()) found.push(sha256);
  return found;
}

function sha256Of(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The suite; `store` gives an empty store of the running test. */
export function itKeepsRawObjects(store: () => RawStore): void {
  describe("what is put", () => itKeepsOne(store));
  describe("what is put with others", () => itKeepsMany(store));
  describe("what cannot be kept or given", () => itSaysSo(store));
}

function itKeepsOne(store: () => RawStore): void {
  it("comes back byte for byte, in whatever chunks it came", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 40_000 }), { maxLength: 6 }),
        async (chunks) => {
          const whole = Buffer.concat(chunks);
          const object = await store().put(chunksOf(...chunks));
          expect(object.sha256).toBe(sha256Of(whole));
          expect(object.byteCount).toBe(whole.byteLength);
          expect((await bytesOf(store(), object.sha256)).equals(whole)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("is kept once: the same bytes again, under whatever chunking, are present", async () => {
    const first = await store().put(chunksOf("statement", " of July"));
    expect(first.stored).toBe("new");
    expect(await store().put(chunksOf("statement of July"))).toEqual({
      ...first,
      stored: "present",
    });
    expect(await listed(store())).toEqual([first.sha256]);
  });

  it("is kept whole when many put the same and other bytes at once", async () => {
    const bodies = ["a", "b", noise(300_000), noise(300_000), "a", "b", "a"];
    const objects = await Promise.all(bodies.map((body) => store().put(chunksOf(body))));
    const hashes = new Set(objects.map(({ sha256 }) => sha256));
    expect(hashes.size).toBe(3);
    expect(await listed(store())).toEqual([...hashes].sort());
    for (const sha256 of hashes) await bytesOf(store(), sha256);
  });
}

function itKeepsMany(store: () => RawStore): void {
  it("is kept as if it came alone, small and large, and answered in order", async () => {
    const large = noise(1_300_000);
    const bodies = [
      Buffer.from("x"),
      large,
      Buffer.from("y"),
      Buffer.from("x"),
      Buffer.alloc(0),
      large,
    ];
    const objects = await store().putAll(bodies);
    expect(objects.map(({ sha256 }) => sha256)).toEqual(bodies.map((body) => sha256Of(body)));
    expect(objects.map(({ byteCount }) => byteCount)).toEqual(
      bodies.map((body) => body.byteLength),
    );
    for (const [index, { sha256 }] of objects.entries())
      expect((await bytesOf(store(), sha256)).equals(bodies[index]!)).toBe(true);
    const again = await store().putAll(bodies);
    expect(again.map(({ stored }) => stored)).toEqual(bodies.map(() => "present"));
    expect(await listed(store())).toHaveLength(4);
  });

  it("by several at once is kept once and whole", async () => {
    const bodies = Array.from({ length: 30 }, (_, index) => Buffer.from(`notice ${index}`));
    const answers = await Promise.all([
      store().putAll(bodies),
      store().putAll(bodies.toReversed()),
      store().putAll(bodies),
    ]);
    const news = answers.flat().filter(({ stored }) => stored === "new");
    expect(news.length).toBeGreaterThanOrEqual(30);
    expect(await listed(store())).toEqual(bodies.map((body) => sha256Of(body)).sort());
    for (const sha256 of await listed(store())) await bytesOf(store(), sha256);
  });

  it("is listed in the order of the hashes and found by them", async () => {
    const bodies = Array.from({ length: 40 }, (_, index) => `file ${index}`);
    const objects = await Promise.all(bodies.map((body) => store().put(chunksOf(body))));
    expect(await listed(store())).toEqual(objects.map(({ sha256 }) => sha256).sort());
    expect(await store().has(objects[0]!.sha256)).toBe(true);
    expect(await store().has("0".repeat(64) as Sha256)).toBe(false);
  });

  it("streams a large source in little memory", async () => {
    const block = Buffer.alloc(1024 * 1024, "2026-07-31\t701-0000001-0000001\tOrder\t12.34\n");
    const blockCount = 96;
    async function* large(): AsyncGenerator<Uint8Array> {
      for (let count = 0; count < blockCount; count += 1) yield block;
    }
    const before = process.memoryUsage().rss;
    const { sha256, byteCount } = await store().put(large());
    expect(byteCount).toBe(blockCount * block.byteLength);
    const hash = createHash("sha256");
    for await (const chunk of store().open(sha256)) hash.update(chunk);
    expect(hash.digest("hex")).toBe(sha256);
    expect(process.memoryUsage().rss - before).toBeLessThan(byteCount / 2);
  });
}

function itSaysSo(store: () => RawStore): void {
  it("is missing, and said to be so", async () => {
    await expect(bytesOf(store(), "0".repeat(64) as Sha256)).rejects.toMatchObject({
      name: "RawObjectDamaged",
      damage: "missing",
    });
  });

  it("of a source that fails passes its own error on and leaves nothing, small or large", async () => {
    for (const body of [noise(10), noise(1_500_000)])
      await expect(store().put(failing(body))).rejects.toThrow("the upload was cut off");
    expect(await listed(store())).toEqual([]);
  });
}
