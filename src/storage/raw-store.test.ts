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
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compilePrograms } from "../../test/compiled-programs.ts";
import { runProgram } from "../../test/running-program.ts";
import type { Sha256 } from "./raw-object.ts";
import { objectPath, RawObjectDamaged } from "./raw-object.ts";
import type { RawStore } from "./raw-store.ts";
import { openRawStore, parseSha256 } from "./raw-store.ts";
import {
  chunksOf,
  itKeepsRawObjects,
  listed,
  noise,
  bytesOf as readBytes,
} from "./test-raw-store.ts";

let root: string;
let store: RawStore;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "raw-"));
  store = openRawStore(root);
});

afterEach(() => rmSync(root, { recursive: true }));

function bytesOf(sha256: Sha256): Promise<Buffer> {
  return readBytes(store, sha256);
}

async function damageOf(sha256: Sha256): Promise<unknown> {
  const error = await bytesOf(sha256).catch((caught: unknown) => caught);
  return error instanceof RawObjectDamaged ? error.damage : error;
}

itKeepsRawObjects(() => store);

describe("what is put into a folder", () => {
  it("can be read by no other user", async () => {
    const { sha256 } = await store.put(chunksOf("private"));
    const path = objectPath(root, sha256);
    expect(statSync(path).mode & 0o077).toBe(0);
  });
});

async function* failing(): AsyncGenerator<Uint8Array> {
  yield noise(500_000);
  throw new Error("the upload was cut off");
}

describe("a source that fails", () => {
  it("leaves nothing half made", async () => {
    await expect(store.put(failing())).rejects.toThrow("the upload was cut off");
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
    const found = await listed(store);
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
    expect(await listed(store)).toEqual([sha256]);
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
