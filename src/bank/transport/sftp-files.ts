// A folder at the bank's SFTP server (or at ours, where the bank is the client). The server's host key is pinned: a
// connection to any other is refused before a password or signature is sent. One connection is one look at the folder.

import { createHash } from "node:crypto";
import { posix } from "node:path";
import type { SFTPWrapper } from "ssh2";
import SftpClient from "ssh2-sftp-client";
import { Outage } from "../../errors/outage.ts";
import { type BankFiles, FileTooLarge } from "./bank-files.ts";

/** Milliseconds until the server has answered with its key and taken ours. */
const READY_TIMEOUT_MS = 20_000;
/** Bytes of one SFTP write; servers take at least 32 KB (draft-ietf-secsh-filexfer-02, 3). */
const WRITE_BYTES = 32 * 1024;
/** Tries to make a folder, each of which may meet others that make it or one above it. */
const MAKE_TRIES_MAX = 5;
/** SSH_FX_NO_SUCH_FILE (draft-ietf-secsh-filexfer-02, 7). */
const NO_SUCH_FILE = 2;

export type SftpAccess = {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  /** OpenSSH or PEM text. */
  readonly privateKey: string | null;
  readonly passphrase: string | null;
  readonly password: string | null;
  /** "SHA256:…" as `ssh-keygen -lf` prints it; several while the bank changes its key. */
  readonly hostKeys: readonly string[];
  /** Folder on the server that is the root of this connection. */
  readonly root: string;
};

/** "SHA256:…" of a public host key in wire form, as OpenSSH prints it. */
export function hostKeyPrint(key: Uint8Array): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

export async function openSftpFiles(access: SftpAccess): Promise<BankFiles> {
  // Errors reach us through the promises; the client's own listeners would print them.
  const quiet = { error: () => undefined, end: () => undefined, close: () => undefined };
  const client = new SftpClient("bank", quiet);
  const sftp = await connect(client, access);
  const at = (path: string): string => posix.join(access.root, path);
  let closing: Promise<unknown> | null = null;
  const guard = guardFor(access);
  return {
    list: guard(async (folder) => {
      const listed = (await present(client.list(at(folder)))) ?? [];
      return listed
        .filter(({ type }) => type === "-")
        .map(({ name, size, modifyTime }) => ({ name, byteCount: size, modifiedAtMs: modifyTime }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    }),
    read: guard((path, bytesMax) => readWhole(client, at(path), bytesMax)),
    has: guard(async (path) => (await client.exists(at(path))) !== false),
    // A plain rename fails where the name is taken.
    claim: guard(async (from, to) => (await present(client.rename(at(from), at(to)))) !== null),
    move: guard((from, to) => replace(client, at(from), at(to))),
    write: guard(async (path, bytes) => {
      const making = `${at(path)}.tmp`;
      await writeSynced(sftp, making, bytes);
      await replace(client, making, at(path));
    }),
    remove: guard(async (path) => {
      await client.delete(at(path), true);
    }),
    makeFolder: guard((folder) => makeFolder(client, at(folder))),
    close: async () => {
      closing ??= client.end().catch(() => undefined);
      await closing;
    },
  };
}

async function connect(client: SftpClient, access: SftpAccess): Promise<SFTPWrapper> {
  let shown: string | null = null;
  try {
    return await client.connect({
      host: access.host,
      port: access.port,
      username: access.username,
      readyTimeout: READY_TIMEOUT_MS,
      keepaliveInterval: READY_TIMEOUT_MS,
      retries: 0,
      ...(access.privateKey === null ? {} : { privateKey: access.privateKey }),
      ...(access.passphrase === null ? {} : { passphrase: access.passphrase }),
      ...(access.password === null ? {} : { password: access.password }),
      hostVerifier: (key: Buffer) => {
        shown = hostKeyPrint(key);
        return access.hostKeys.includes(shown);
      },
    });
  } catch (error) {
    await client.end().catch(() => undefined);
    const isOther = shown !== null && !access.hostKeys.includes(shown);
    const message = isOther
      ? `${access.host} showed the host key ${shown}, which is not one of those in the settings. ` +
        "Ask the bank before you trust it."
      : `no SFTP connection to ${access.host}:${access.port}: ${(error as Error).message}`;
    throw new Outage("bank-sftp", message, { retryable: !isOther, cause: error });
  }
}

async function readWhole(
  client: SftpClient,
  path: string,
  bytesMax: number,
): Promise<Uint8Array | null> {
  const about = await present(client.stat(path));
  if (about === null) return null;
  if (about.size > bytesMax) throw new FileTooLarge(path, bytesMax);
  const content = await present(client.get(path));
  return content === null ? null : (content as Buffer);
}

/** Others may make it at the same moment: a refusal counts only while the folder is not there. */
async function makeFolder(client: SftpClient, path: string): Promise<void> {
  for (let tries = 1; (await client.exists(path)) === false; tries += 1) {
    try {
      await client.mkdir(path, true);
    } catch (error) {
      if (tries === MAKE_TRIES_MAX) throw error;
    }
  }
}

/** Renames over what is there: in one step where the server has OpenSSH's extension, else by removing it first. */
async function replace(client: SftpClient, from: string, to: string): Promise<boolean> {
  try {
    await client.posixRename(from, to);
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    if (!/support/i.test((error as Error).message)) throw error;
    await client.delete(to, true);
    return (await present(client.rename(from, to))) !== null;
  }
}

/** Writes and syncs: where the server has no fsync, its own writing back must do. */
async function writeSynced(sftp: SFTPWrapper, path: string, bytes: Uint8Array): Promise<void> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const handle = await called<Buffer>((done) => sftp.open(path, "w", done));
  try {
    for (let from = 0; from < buffer.length; from += WRITE_BYTES) {
      const length = Math.min(WRITE_BYTES, buffer.length - from);
      await called((done) => sftp.write(handle, buffer, from, length, from, done));
    }
    await called((done) => sftp.ext_openssh_fsync(handle, done)).catch((error: Error) => {
      if (!/support|extension/i.test(error.message)) throw error;
    });
  } finally {
    await called((done) => sftp.close(handle, done));
  }
}

/** A call with a callback as a promise. */
function called<Value = void>(
  call: (done: (error?: Error | null, value?: Value) => void) => unknown,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    call((error, value) => {
      if (error !== undefined && error !== null) reject(error);
      else resolve(value as Value);
    });
  });
}

function isAbsent(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: string };
  return code === NO_SUCH_FILE || code === "ENOENT" || /no such file/i.test(message ?? "");
}

async function present<Value>(asked: Promise<Value>): Promise<Value | null> {
  try {
    return await asked;
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

/** What the server or the line refuses is an outage. */
function guardFor({ host }: SftpAccess) {
  return <Args extends readonly unknown[], Value>(call: (...args: Args) => Promise<Value>) =>
    async (...args: Args): Promise<Value> => {
      try {
        return await call(...args);
      } catch (error) {
        if (error instanceof FileTooLarge || error instanceof Outage) throw error;
        const message = `the SFTP server ${host} did not do as asked: ${(error as Error).message}`;
        throw new Outage("bank-sftp", message, { retryable: true, cause: error });
      }
    };
}
