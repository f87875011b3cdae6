import { createHash } from "node:crypto";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Sha256 } from "./raw-object.ts";
import { openRawPacks, PACKED_BYTES_MAX } from "./raw-packs.ts";
import { openRawStore, peekRawStore, type RawStore } from "./raw-store.ts";

let root: string;
let store: RawStore;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "packs-"));
  store = openRawStore(root);
});

afterEach(() => rmSync(root, { recursive: true }));

/** Opens the store anew, as after a restart. */
function reopen(): void {
  store = openRawStore(root);
}

function hash(bytes: Uint8Array): Sha256 {
  return createHash("sha256").update(bytes).digest("hex") as Sha256;
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

function texts(...bodies: readonly string[]): Buffer[] {
  return bodies.map((body) => Buffer.from(body));
}

function packPath(number = 1): string {
  return join(root, "packs", `${String(number).padStart(8, "0")}.pack`);
}

describe("what is put together", () => {
  it("comes back byte for byte, at once and after a restart", async () => {
    const batches = fc.array(fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 12 }), {
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(batches, async (made) => {
        for (const batch of made) {
          const objects = await store.putAll(batch);
          expect(objects.map(({ sha256 }) => sha256)).toEqual(batch.map(hash));
          expect(objects.map(({ byteCount }) => byteCount)).toEqual(
            batch.map(({ byteLength }) => byteLength),
          );
        }
        for (const body of made.flat()) expect((await bytesOf(hash(body))).equals(body)).toBe(true);
        reopen();
        for (const body of made.flat()) expect((await bytesOf(hash(body))).equals(body)).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  it("is kept once, whether it came alone or with others before", async () => {
    const [alone, first, twin] = texts("alone", "twin", "twin");
    await store.put(
      (async function* () {
        yield alone!;
      })(),
    );
    const stored = await store.putAll([alone!, first!, twin!]);
    expect(stored.map((object) => object.stored)).toEqual(["present", "new", "present"]);
    expect((await store.putAll([first!]))[0]!.stored).toBe("present");
    reopen();
    expect((await store.putAll([first!]))[0]!.stored).toBe("present");
    expect(await listed()).toEqual([hash(alone!), hash(first!)].sort());
  });

  it("may be large: then it is a file of its own", async () => {
    const large = Buffer.alloc(PACKED_BYTES_MAX + 1, "x");
    const small = Buffer.from("small");
    await store.putAll([large, small]);
    expect((await bytesOf(hash(large))).equals(large)).toBe(true);
    expect(await listed()).toEqual([hash(large), hash(small)].sort());
    expect(readFileSync(packPath()).length).toBeLessThan(1000);
  });

  it("is found by its hash and listed in the order of the hashes, over all packs and files", async () => {
    const bodies = texts(...Array.from({ length: 90 }, (_, index) => `notice ${index}`));
    for (const from of [0, 30, 60]) {
      await store.putAll(bodies.slice(from, from + 30));
      reopen();
    }
    expect(readdirSync(join(root, "packs")).filter((name) => name.endsWith(".pack"))).toHaveLength(
      3,
    );
    expect(await listed()).toEqual(bodies.map(hash).sort());
    expect(await store.has(hash(bodies[40]!))).toBe(true);
    expect(await store.has("0".repeat(64) as Sha256)).toBe(false);
  });

  it("can be read without this program: a pack is a gzip file", async () => {
    await store.putAll(texts("one,", "two,", "three"));
    expect(gunzipSync(readFileSync(packPath())).toString()).toBe("one,two,three");
  });
});

describe("a pack that a crash cut off", () => {
  it("still has every object that is whole, wherever it was cut, and takes more", async () => {
    const bodies = texts(...Array.from({ length: 12 }, (_, index) => `notice ${index}`.repeat(9)));
    await store.putAll(bodies);
    const whole = readFileSync(packPath());
    const lengths = memberLengths(whole);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: whole.length }), async (cutAt) => {
        rmSync(join(root, "packs"), { recursive: true });
        reopen();
        writeFileSync(packPath(), whole);
        truncateSync(packPath(), cutAt);
        reopen();
        let end = 0;
        const intact = bodies.filter((_, index) => {
          end += lengths[index]!;
          return end <= cutAt;
        });
        expect(await listed()).toEqual(intact.map(hash).sort());
        const again = await store.putAll(bodies);
        expect(again.filter(({ stored }) => stored === "present")).toHaveLength(intact.length);
        for (const body of bodies) expect((await bytesOf(hash(body))).equals(body)).toBe(true);
        expect(readFileSync(packPath()).equals(whole.subarray(0, cutAt))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it("is read past a hole that a power cut left in its middle", async () => {
    const bodies = texts("before the hole", "in the hole", "after the hole");
    await store.putAll(bodies);
    const pack = readFileSync(packPath());
    const [first = 0, second = 0] = memberLengths(pack);
    writeFileSync(packPath(), pack.fill(0, first, first + second));
    reopen();
    expect(await listed()).toEqual([hash(bodies[0]!), hash(bodies[2]!)].sort());
  });
});

describe("an object in a pack that was damaged later", () => {
  it("is told as missing, never as other bytes, and is whole again once it is put again", async () => {
    const [body] = texts("the payer paid 1000.00");
    await store.putAll([body!]);
    reopen();
    const pack = readFileSync(packPath());
    pack[70] = pack[70]! ^ 1;
    writeFileSync(packPath(), pack);
    await expect(bytesOf(hash(body!))).rejects.toMatchObject({ name: "RawObjectDamaged" });
    expect((await store.putAll([body!]))[0]!.stored).toBe("new");
    expect((await bytesOf(hash(body!))).equals(body!)).toBe(true);
    reopen();
    expect((await bytesOf(hash(body!))).equals(body!)).toBe(true);
  });

  it("is found without its pack's index, or with one that is damaged", async () => {
    const [body] = texts("index");
    await store.putAll([body!]);
    reopen();
    const index = packPath().replace(".pack", ".index");
    for (const spoil of [() => rmSync(index), () => writeFileSync(index, "not an index")]) {
      spoil();
      reopen();
      expect((await bytesOf(hash(body!))).equals(body!)).toBe(true);
    }
  });
});

describe("a disk that fails", () => {
  it("is a retryable outage, and what was kept before stays readable", async () => {
    const folder = join(root, "failing");
    const packs = openRawPacks(folder);
    const [kept, lost] = texts("kept", "lost");
    await packs.put([kept!]);
    const restarted = openRawPacks(folder);
    rmSync(folder, { recursive: true });
    await expect(restarted.put([lost!])).rejects.toMatchObject({
      name: "Outage",
      port: "raw-store",
      retryable: true,
    });
    expect(restarted.has(hash(lost!))).toBe(false);
  });
});

/** Lengths of the members as their heads tell them: at 48 the length of the data, beside 64 bytes of head and tail. */
function memberLengths(pack: Buffer): number[] {
  const lengths: number[] = [];
  for (let at = 0; at < pack.length; at += lengths.at(-1)!)
    lengths.push(64 + pack.readUInt32LE(at + 48));
  return lengths;
}

describe("a pack that another program is writing", () => {
  it("is read as far as it has come, and nothing is left beside it", async () => {
    const [first] = await store.putAll(texts("first"));
    const before = readdirSync(join(root, "packs"));
    const peeking = peekRawStore(root);
    const chunks: Uint8Array[] = [];
    for await (const chunk of peeking.open(first!.sha256)) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe("first");
    expect(readdirSync(join(root, "packs"))).toEqual(before);
    const [second] = await store.putAll(texts("second"));
    reopen();
    expect((await bytesOf(first!.sha256)).toString()).toBe("first");
    expect((await bytesOf(second!.sha256)).toString()).toBe("second");
    const found: Sha256[] = [];
    for await (const sha256 of peekRawStore(root).list()) found.push(sha256);
    expect(found).toEqual(await listed());
  });

  it("that is not there holds nothing", async () => {
    const found: Sha256[] = [];
    for await (const sha256 of peekRawStore(join(root, "nowhere")).list()) found.push(sha256);
    expect(found).toEqual([]);
  });
});
