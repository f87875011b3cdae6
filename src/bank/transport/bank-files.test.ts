import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Outage } from "../../errors/outage.ts";
import { type BankFiles, FileTooLarge } from "./bank-files.ts";
import { openLocalFiles } from "./local-files.ts";
import { openSftpFiles } from "./sftp-files.ts";
import { sshdMissing, startSshd, type TestSshd } from "./test-sshd.ts";

const missing = sshdMissing();
let root: string;
let files: BankFiles;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "bank-files-"));
});

afterEach(async () => {
  await files?.close();
  rmSync(root, { recursive: true, force: true });
});

const text = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes).toString("utf8");

/** What every kind of shared folder does; `open` is called with the root of the test. */
function contract(open: () => Promise<BankFiles>): void {
  beforeEach(async () => {
    files = await open();
    await files.makeFolder("in");
    await files.makeFolder("work");
  });

  it("lists regular files by name, and nothing where there is no folder", async () => {
    writeFileSync(join(root, "in/b.xml"), "12");
    writeFileSync(join(root, "in/a.xml"), "");
    mkdirSync(join(root, "in/folder"));
    symlinkSync(join(root, "in/b.xml"), join(root, "in/link.xml"));
    const listed = await files.list("in");
    expect(listed.map(({ name, byteCount }) => [name, byteCount])).toEqual([
      ["a.xml", 0],
      ["b.xml", 2],
    ]);
    expect(listed[0]!.modifiedAtMs).toBeGreaterThan(1.6e12);
    expect(await files.list("nowhere")).toEqual([]);
  });

  it("reads a file whole, null when it is gone, and throws when it is too large", async () => {
    writeFileSync(join(root, "in/a"), "收汇");
    expect(text(await files.read("in/a", 6))).toBe("收汇");
    expect(await files.read("in/b", 6)).toBeNull();
    await expect(files.read("in/a", 5)).rejects.toBeInstanceOf(FileTooLarge);
  });

  it("makes a folder that others make at the same moment", async () => {
    const makers = [await open(), await open(), await open(), await open()];
    for (const folder of ["archive/2026/11/23", "out", "archive/2026/11/24"]) {
      await Promise.all(makers.map((maker) => maker.makeFolder(folder)));
      expect(existsSync(join(root, folder))).toBe(true);
    }
    await Promise.all(makers.map((maker) => maker.close()));
  });

  it("claims a file once: the second comes too late", async () => {
    writeFileSync(join(root, "in/a"), "1");
    expect(await files.claim("in/a", "work/1.a")).toBe(true);
    expect(await files.claim("in/a", "work/2.a")).toBe(false);
    expect(readdirSync(join(root, "work"))).toEqual(["1.a"]);
  });

  it("writes whole, replaces, and leaves nothing else behind", async () => {
    const large = Buffer.alloc(100_000, "x");
    await files.write("in/a", large);
    expect(readFileSync(join(root, "in/a")).equals(large)).toBe(true);
    await files.write("in/a", Buffer.from("2"));
    await files.write("in/empty", new Uint8Array());
    expect(readdirSync(join(root, "in")).sort()).toEqual(["a", "empty"]);
    expect(readFileSync(join(root, "in/a"), "utf8")).toBe("2");
  });

  it("moves over what is there, removes, and does not mind what is gone", async () => {
    writeFileSync(join(root, "in/a"), "1");
    writeFileSync(join(root, "in/b"), "2");
    expect(await files.move("in/a", "in/b")).toBe(true);
    expect(await files.move("in/a", "in/b")).toBe(false);
    expect(readFileSync(join(root, "in/b"), "utf8")).toBe("1");
    await files.remove("in/b");
    await files.remove("in/b");
    expect(await files.has("in/b")).toBe(false);
    await files.makeFolder("archive/2026/11/23");
    await files.makeFolder("archive/2026/11/23");
    expect(await files.has("archive/2026/11/23")).toBe(true);
  });
}

describe("a folder of this machine", () => {
  contract(async () => openLocalFiles(root));

  it("is an outage where the file system refuses", async () => {
    files = openLocalFiles(join(root, "in/a"));
    writeFileSync(join(root, "in/a"), "a file where a folder should be");
    await expect(files.makeFolder("x")).rejects.toBeInstanceOf(Outage);
  });
});

describe.skipIf(missing !== null)(
  `a folder at an OpenSSH server${missing === null ? "" : ` (skipped: ${missing})`}`,
  () => {
    let sshd: TestSshd;

    beforeAll(async () => {
      sshd = await startSshd("");
    });

    afterAll(async () => {
      await sshd.stop();
    });

    contract(() => openSftpFiles({ ...sshd.access, root }));

    it("is not trusted when its host key is another than the one in the settings", async () => {
      const hostKeys = [`SHA256:${"A".repeat(43)}`];
      const opening = openSftpFiles({ ...sshd.access, root, hostKeys });
      await expect(opening).rejects.toMatchObject({ name: "Outage", retryable: false });
      await expect(opening).rejects.toThrow(sshd.access.hostKeys[0]!);
    });

    it("is an outage that passes when it does not answer or does not know us", async () => {
      const nobody = openSftpFiles({ ...sshd.access, root, port: 1 });
      await expect(nobody).rejects.toMatchObject({ name: "Outage", retryable: true });
      const stranger = openSftpFiles({ ...sshd.access, root, privateKey: null, password: "wrong" });
      await expect(stranger).rejects.toMatchObject({ name: "Outage", retryable: true });
    });
  },
);
