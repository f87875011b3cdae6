import { createHash } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Outage } from "../../errors/outage.ts";
import { openTestDatabase, type TestDatabase } from "../../storage/test-database.ts";
import { manualClock } from "../../time/clock.ts";
import type { Instant } from "../../time/instant.ts";
import { type DropFolder, scanDropFolder } from "./drop-folder.ts";
import { openLocalFiles } from "./local-files.ts";
import { openSftpFiles } from "./sftp-files.ts";
import { openTestInbox, type TestInbox } from "./test-inbox.ts";
import { sshdMissing, startSshd, type TestSshd } from "./test-sshd.ts";
import type { TransportDeps } from "./transport.ts";
import { ATTEMPTS_MAX } from "./transport.ts";

const clock = manualClock("2026-11-23T16:05:06.789Z" as Instant);
const missing = sshdMissing();
let database: TestDatabase;
let root: string;
let inbox: TestInbox;
let deps: TransportDeps;
let folder: DropFolder;
let number = 0;

beforeAll(async () => {
  database = await openTestDatabase();
});

afterAll(async () => {
  await database.close();
});

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "drop-"));
  mkdirSync(join(root, "in"));
  inbox = openTestInbox(clock);
  deps = { database, tenantId: "t", clock, accept: inbox.accept };
  number += 1;
  folder = { connectionId: `drop-${number}`, sellerId: null, readiness: "stable", receipts: true };
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const scan = () => scanDropFolder(deps, openLocalFiles(root), folder);
const put = (path: string, content: string) => writeFileSync(join(root, path), content);
const names = (path: string) => readdirSync(join(root, path)).sort();
const read = (path: string) =>
  JSON.parse(readFileSync(join(root, path), "utf8")) as Record<string, unknown>;
const sha = (content: string) => createHash("sha256").update(content).digest("hex");
const outage = () => new Outage("inbox", "full", { retryable: true });

describe("a drop folder", () => {
  it("takes a file once its size and time stood still, and archives it with a receipt", async () => {
    put("in/advice.xml", "camt");
    expect(await scan()).toEqual({ accepted: 0, refused: 0, waiting: 1 });
    expect(await scan()).toEqual({ accepted: 1, refused: 0, waiting: 0 });
    expect(inbox.items).toMatchObject([
      { name: "advice.xml", sellerId: null, source: `bank:${folder.connectionId}` },
    ]);
    expect(names("archive/2026/11/23")).toEqual(["advice.xml"]);
    expect(names("in")).toEqual([]);
    expect(names("work")).toEqual([]);
    expect(read("receipts/advice.xml.receipt.json")).toMatchObject({
      name: "advice.xml",
      byteCount: 4,
      sha256: sha("camt"),
      outcome: "new",
    });
    expect(await scan()).toEqual({ accepted: 0, refused: 0, waiting: 0 });
  });

  it("waits while a file still grows, and never looks at uploads under another name", async () => {
    put("in/advice.xml", "ca");
    for (const name of ["b.tmp", "c.PARTIAL", "d.filepart", ".hidden"]) put(`in/${name}`, "x");
    await scan();
    put("in/advice.xml", "camt");
    expect((await scan()).accepted).toBe(0);
    utimesSync(join(root, "in/advice.xml"), 1, 1);
    expect((await scan()).accepted).toBe(0);
    expect((await scan()).accepted).toBe(1);
    expect(names("in")).toEqual([".hidden", "b.tmp", "c.PARTIAL", "d.filepart"]);
  });

  it("takes a file at once that a sidecar calls whole, and waits for the sidecar where it must", async () => {
    put("in/a.xml", "one");
    put("in/a.xml.done", "");
    put("in/b.xml", "two");
    expect(await scan()).toMatchObject({ accepted: 1, waiting: 1 });
    folder = { ...folder, readiness: "done-file" };
    await scan();
    expect(await scan()).toMatchObject({ accepted: 0, waiting: 1 });
    put("in/b.xml.ok", `${sha("two")}  b.xml\n`);
    expect(await scan()).toMatchObject({ accepted: 1, waiting: 0 });
    expect(names("in")).toEqual([]);
    expect(names("work")).toEqual([]);
  });

  it("puts a file aside that is not the one its sidecar announces, and says why", async () => {
    put("in/a.xml", "altered");
    put("in/a.xml.done", sha("as sent"));
    expect(await scan()).toEqual({ accepted: 0, refused: 1, waiting: 0 });
    expect(inbox.items).toEqual([]);
    expect(names("error")).toEqual(["a.xml", "a.xml.reason.json"]);
    expect(read("error/a.xml.reason.json")).toMatchObject({
      sha256: sha("altered"),
      refusedAt: clock.now(),
      reasons: [{ code: "file-altered" }],
    });
  });

  it("puts aside what the inbox refuses, with the inbox's reasons and a receipt", async () => {
    put("in/x.bin", "refuse me");
    await scan();
    expect(await scan()).toMatchObject({ refused: 1 });
    expect(read("error/x.bin.reason.json")).toMatchObject({
      reasons: [{ code: "format-unknown" }],
    });
    expect(read("receipts/x.bin.receipt.json")).toMatchObject({ outcome: "refused" });
  });

  it("keeps both of two files of one name, and takes the same bytes twice without harm", async () => {
    for (const content of ["one", "two", "one"]) {
      put("in/a.xml", content);
      put("in/a.xml.done", "");
      await scan();
    }
    expect(inbox.kept()).toBe(2);
    expect(names("archive/2026/11/23")).toEqual([
      "a.xml",
      ...[sha("one"), sha("two")].map((hash) => `a.xml~${hash.slice(0, 12)}`).sort(),
    ]);
  });

  it("leaves a file at work when the inbox cannot take it now, and finishes it at the next look", async () => {
    put("in/a.xml", "one");
    put("in/a.xml.done", "");
    inbox.failures.push(outage());
    await expect(scan()).rejects.toBeInstanceOf(Outage);
    expect(names("work")).toHaveLength(2);
    expect(await scan()).toEqual({ accepted: 1, refused: 0, waiting: 0 });
    expect(names("archive/2026/11/23")).toEqual(["a.xml"]);
    expect(names("work")).toEqual([]);
  });

  it("takes a file again whose acknowledgement was lost: the inbox knows its bytes", async () => {
    put("in/a.xml", "one");
    put("in/a.xml.done", "");
    inbox.lostAnswers.push(outage());
    await expect(scan()).rejects.toBeInstanceOf(Outage);
    expect(await scan()).toMatchObject({ accepted: 1 });
    expect(inbox.items).toHaveLength(2);
    expect(inbox.kept()).toBe(1);
  });

  it("does not hold an old file to the sidecar of a newer one of its name", async () => {
    put("in/a.xml", "one");
    put("in/a.xml.done", "");
    inbox.failures.push(outage());
    await expect(scan()).rejects.toBeInstanceOf(Outage);
    put("in/a.xml", "two");
    put("in/a.xml.done", sha("two"));
    expect(await scan()).toEqual({ accepted: 2, refused: 0, waiting: 0 });
    expect(inbox.kept()).toBe(2);
  });

  it("puts a file aside that breaks the inbox each time, and goes on with its neighbours", async () => {
    put("in/a.xml", "one");
    put("in/a.xml.done", "");
    inbox.failures.push(...Array.from({ length: ATTEMPTS_MAX }, () => new Error("a bug")));
    for (let attempt = 1; attempt < ATTEMPTS_MAX; attempt += 1)
      await expect(scan()).rejects.toThrow("a bug");
    put("in/b.xml", "two");
    put("in/b.xml.done", "");
    expect(await scan()).toEqual({ accepted: 1, refused: 1, waiting: 0 });
    expect(read("error/a.xml.reason.json")).toMatchObject({
      reasons: [{ code: "file-not-taken" }],
    });
  });

  it("loses nothing when two programs look at once", async () => {
    for (let file = 0; file < 40; file += 1) {
      put(`in/${file}.xml`, `content ${file}`);
      put(`in/${file}.xml.done`, "");
    }
    const outcomes = await Promise.all([scan(), scan(), scan()]);
    expect(inbox.kept()).toBe(40);
    expect(names("archive/2026/11/23").filter((name) => !name.includes("~"))).toHaveLength(40);
    expect(outcomes.every(({ refused }) => refused === 0)).toBe(true);
    expect(names("work")).toEqual([]);
  });

  it("takes nothing through a link, and nothing of a folder", async () => {
    mkdirSync(join(root, "in/folder"));
    put("secret", "not for the bank");
    symlinkSync(join(root, "secret"), join(root, "in/link.xml"));
    await scan();
    expect(await scan()).toEqual({ accepted: 0, refused: 0, waiting: 0 });
    expect(inbox.items).toEqual([]);
  });
});

describe.skipIf(missing !== null)(
  `a drop folder at an OpenSSH server${missing === null ? "" : ` (skipped: ${missing})`}`,
  () => {
    let sshd: TestSshd;

    beforeAll(async () => {
      sshd = await startSshd("");
    });

    afterAll(async () => {
      await sshd.stop();
    });

    it("is read with the same conventions", async () => {
      const look = async () => {
        const files = await openSftpFiles({ ...sshd.access, root });
        try {
          return await scanDropFolder(deps, files, folder);
        } finally {
          await files.close();
        }
      };
      put("in/a.xml.tmp", "one");
      expect(await look()).toEqual({ accepted: 0, refused: 0, waiting: 0 });
      renameSync(join(root, "in/a.xml.tmp"), join(root, "in/a.xml"));
      expect(await look()).toMatchObject({ waiting: 1 });
      put("in/b.bin", "refuse");
      put("in/b.bin.done", "");
      expect(await look()).toEqual({ accepted: 1, refused: 1, waiting: 0 });
      expect(names("archive/2026/11/23")).toEqual(["a.xml"]);
      expect(names("error")).toEqual(["b.bin", "b.bin.reason.json"]);
      expect(names("receipts")).toHaveLength(2);
      expect(statSync(join(root, "archive/2026/11/23/a.xml")).size).toBe(3);
    });
  },
);
