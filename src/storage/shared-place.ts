// A folder outside of the data folder that belongs to this program alone: for the copied PostgreSQL binaries, and
// for the cluster of a data folder that root keeps where PostgreSQL's account may not go.

import { lstatSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Account } from "./unprivileged-account.ts";
import { mayEnter } from "./unprivileged-account.ts";

/** Parents for root, in order; only such as outlive a restart (FHS 3.0: /var/lib, /srv, /opt). */
const ROOT_PARENTS = ["/var/lib", "/srv", "/opt"] as const;
const WRITABLE_BY_OTHERS = 0o022;

/** Makes the folder when it is missing; true when it is a real folder of ours that no one else may write. */
function isOurs(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    const stat = lstatSync(folder);
    const safe = (stat.mode & WRITABLE_BY_OTHERS) === 0;
    return stat.isDirectory() && stat.uid === process.getuid?.() && safe;
  } catch {
    return false;
  }
}

/** The place for a program started by root, which the account may enter; null when the system has none. */
export function placeForRoot(account: Account): string | null {
  const places = ROOT_PARENTS.map((parent) => join(parent, "straitway"));
  return places.find((place) => isOurs(place) && mayEnter(account, place)) ?? null;
}

/** The home of this user; null for one whom the account table does not know and who set none. */
function home(): string | null {
  try {
    return homedir();
  } catch {
    return null;
  }
}

/** The cache place of an ordinary user (XDG base directory specification), or null when there is no home. */
export function cachePlace(): string | null {
  const cache = process.env["XDG_CACHE_HOME"];
  const own = home();
  const parent =
    cache?.startsWith("/") === true ? cache : own === null ? null : join(own, ".cache");
  if (parent === null) return null;
  const place = join(parent, "straitway");
  return isOurs(place) ? place : null;
}
