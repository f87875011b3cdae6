// A small file that is there whole or not at all, also after a power cut: written under another name, synced,
// renamed, and the folder synced (fsync(2): syncing a file does not sync its entry in the folder).

import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

export function syncFolder(folder: string): void {
  syncFile(folder);
}

/** Brings to disk what any program has written to the file. */
export function syncFile(path: string): void {
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Puts the content at `path`, replacing what is there. `mode` are the permission bits of the new file. */
export function writeFileWhole(path: string, content: string | Uint8Array, mode: number): void {
  const making = `${path}.${process.pid}.making`;
  rmSync(making, { force: true });
  const fd = openSync(making, "wx", mode);
  try {
    writeFileSync(fd, content);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(making, path);
  syncFolder(dirname(path));
}
