// A sign of life that crosses containers: a unix socket in the shared folder. The kernel refuses a connection the
// moment its owner is gone, however it ended, while a pid says nothing to a process in another pid namespace.

import { closeSync, openSync, rmSync } from "node:fs";
import type { Server } from "node:net";
import { connect, createServer } from "node:net";
import { basename, dirname } from "node:path";

export type LiveSocket = { readonly close: () => void };

/** sun_path holds 108 bytes on Linux, 104 on macOS (unix(7), unix(4)), a closing zero included. */
const PATH_BYTES_MAX = 100;

/** Gives `use` a path to the same file that is short enough for a socket; it must be done with it when it returns. */
function withShortPath<Value>(path: string, use: (short: string) => Value): Value {
  if (Buffer.byteLength(path) <= PATH_BYTES_MAX) return use(path);
  const folder = openSync(dirname(path), "r");
  try {
    return use(`/proc/self/fd/${folder}/${basename(path)}`);
  } finally {
    closeSync(folder);
  }
}

/** Shows this process as living at `path`; null where the filesystem has no sockets (some shared folders). */
export function showLife(path: string): LiveSocket | null {
  const server: Server = createServer((connection) => connection.destroy());
  let failed = false;
  server.on("error", () => {
    failed = true;
  });
  try {
    // Binding is done when this returns; only the "listening" event comes later.
    withShortPath(path, (short) => server.listen(short));
  } catch {
    failed = true;
  }
  server.unref();
  if (failed || !server.listening) return null;
  return {
    close: () => {
      server.close();
      rmSync(path, { force: true });
    },
  };
}

/** These say that nobody listens: no such file, not a socket, its owner is gone. */
const NOBODY: ReadonlySet<string> = new Set(["ENOENT", "ENOTSOCK", "ECONNREFUSED"]);

/** True while the process that listens at `path` lives, in whatever container. */
export async function showsLife(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = withShortPath(path, (short) => connect(short));
    connection.once("connect", () => {
      connection.destroy();
      resolve(true);
    });
    connection.once("error", (error: NodeJS.ErrnoException) =>
      resolve(!NOBODY.has(error.code ?? "")),
    );
  });
}
