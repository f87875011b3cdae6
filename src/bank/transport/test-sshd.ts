// An OpenSSH server for tests: this machine's sshd as a child process on a loopback port, with keys of its own in a
// temporary folder. Absent binaries are a reason to skip, said aloud.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import type { SftpAccess } from "./sftp-files.ts";

const SSHD = ["/usr/sbin/sshd", "/usr/local/sbin/sshd"].find((path) => existsSync(path)) ?? null;
/** sshd as root wants this folder, empty, before it starts (sshd(8), privilege separation). */
const SEPARATION_FOLDER = "/run/sshd";

export function sshdMissing(): string | null {
  if (SSHD === null) return "no sshd on this machine (Debian: openssh-server)";
  try {
    execFileSync("ssh-keygen", ["-?"], { stdio: "ignore" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "no ssh-keygen on this machine";
  }
  return null;
}

export type TestSshd = {
  readonly access: SftpAccess;
  readonly stop: () => Promise<void>;
};

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

function makeKey(path: string): void {
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", path]);
}

function printOf(path: string): string {
  return execFileSync("ssh-keygen", ["-lf", path], { encoding: "utf8" }).split(" ")[1] ?? "";
}

function configuration(folder: string, port: number): string {
  return [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${join(folder, "host")}`,
    `AuthorizedKeysFile ${join(folder, "client.pub")}`,
    `PidFile ${join(folder, "pid")}`,
    "PermitRootLogin yes",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "UsePAM no",
    "StrictModes no",
    "Subsystem sftp internal-sftp",
    "",
  ].join("\n");
}

/** Milliseconds in which a server must have started on a busy machine. */
const START_MS = 90_000;

/** A child of the test: gone with the process, whatever becomes of the test. */
export function endWithUs(child: ChildProcess): void {
  const end = (): void => {
    child.kill("SIGKILL");
  };
  process.once("exit", end);
  child.once("exit", () => process.off("exit", end));
}

/** Resolves once something answers at the port; rejects, and ends the program, when it does not start. */
export async function answering(
  port: number,
  child: ChildProcess,
  said: () => string,
): Promise<void> {
  endWithUs(child);
  const until = performance.now() + START_MS;
  for (;;) {
    if (performance.now() > until) {
      child.kill("SIGKILL");
      throw new Error(`it does not answer: ${said()}`);
    }
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`it ended: ${said()}`);
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Starts a server whose SFTP root for the tests is the folder `root`. */
export async function startSshd(root: string): Promise<TestSshd> {
  const folder = mkdtempSync(join(tmpdir(), "sshd-"));
  makeKey(join(folder, "host"));
  makeKey(join(folder, "client"));
  if (userInfo().uid === 0) mkdirSync(SEPARATION_FOLDER, { recursive: true, mode: 0o755 });
  const port = await freePort();
  writeFileSync(join(folder, "config"), configuration(folder, port));
  const child = spawn(SSHD ?? "sshd", ["-D", "-e", "-f", join(folder, "config")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  child.stderr.on("data", (chunk: Buffer) => {
    log += chunk.toString("utf8");
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  await answering(port, child, () => log);
  return {
    access: {
      host: "127.0.0.1",
      port,
      username: userInfo().username,
      privateKey: readFileSync(join(folder, "client"), "utf8"),
      passphrase: null,
      password: null,
      hostKeys: [printOf(join(folder, "host.pub"))],
      root,
    },
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
