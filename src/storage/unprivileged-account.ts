// PostgreSQL refuses to run as root. A program started by root runs it as an account that is already there, and
// must know where that account may go: a checkout or data folder under a closed parent is out of its reach.

import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

export type Account = { readonly name: string; readonly uid: number; readonly gid: number };

/** Accounts in order of preference; initdb needs an entry in the account table. */
const ACCOUNT_NAMES = ["postgres", "_postgres", "nobody"] as const;

/** The account in a passwd(5) text, or null. */
export function accountIn(passwd: string, name: string): Account | null {
  const fields = passwd
    .split("\n")
    .map((line) => line.split(":"))
    .find((parts) => parts[0] === name && parts.length >= 4);
  if (fields === undefined) return null;
  const [uid, gid] = [Number(fields[2]), Number(fields[3])];
  return Number.isInteger(uid) && uid !== 0 && Number.isInteger(gid) ? { name, uid, gid } : null;
}

/** The account for PostgreSQL when this process is root; null for an ordinary user, who needs none. */
export function accountForPostgres(): Account | "none-found" | null {
  if (process.getuid?.() !== 0) return null;
  const passwd = readFileSync("/etc/passwd", "utf8");
  for (const name of ACCOUNT_NAMES) {
    const account = accountIn(passwd, name);
    if (account !== null) return account;
  }
  return "none-found";
}

const READ_AND_ENTER = 0o5;
const ENTER = 0o1;

/** The permission bits (0 to 7) that a path's mode gives the account. Access lists beyond the mode are not read. */
function bitsFor(path: string, account: Account): number {
  const { mode, uid, gid } = statSync(path);
  if (uid === account.uid) return (mode >> 6) & 7;
  return gid === account.gid ? (mode >> 3) & 7 : mode & 7;
}

/** True when the account may enter the folder (an absolute real path) and every folder above it. */
export function mayEnter(account: Account, folder: string): boolean {
  for (let path = resolve(folder); ; path = dirname(path)) {
    if ((bitsFor(path, account) & ENTER) === 0) return false;
    if (path === dirname(path)) return true;
  }
}

/** True when the account may also read and run the file. */
export function mayRun(account: Account, file: string): boolean {
  return (
    (bitsFor(file, account) & READ_AND_ENTER) === READ_AND_ENTER && mayEnter(account, dirname(file))
  );
}
