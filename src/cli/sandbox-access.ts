// Who may act in a sandbox: made at its first start with secrets drawn by chance, kept in a file of its data folder
// that only its owner reads, and shown at every start.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { AccessDeps } from "../identity/access-deps.ts";
import { makeKeyHere } from "../identity/api-keys/change-keys.ts";
import type { Role } from "../identity/roles.ts";
import { newTotpSecret, stepOf, totpCode } from "../identity/sessions/totp.ts";
import { addSandboxUser } from "../identity/users/users-here.ts";
import { randomToken } from "../secret/random.ts";
import { DEMO_SELLER } from "../simulator/demo-cast.ts";
import { writeFileWhole } from "../storage/durable-file.ts";
import type { Instant } from "../time/instant.ts";

const FILE = "sandbox-access.json";
const FILE_MODE = 0o600;
const KEY_DAYS = 366;

export type SandboxUser = {
  readonly email: string;
  readonly role: Role;
  readonly password: string;
  readonly totpSecret: string;
};

export type SandboxAccess = {
  /** Of an operator: reads everything, plays scenarios, asks for releases. */
  readonly apiKey: string;
  readonly users: readonly SandboxUser[];
};

/** A person of each side: who is paid, who operates, who decides, who looks on, who admits. */
const PEOPLE: readonly (readonly [name: string, role: Role, sellerId: string | null])[] = [
  ["seller", "seller-owner", DEMO_SELLER.id],
  ["operator", "operator", null],
  ["approver", "approver", null],
  ["supervisor", "supervisor", null],
  ["admin", "admin", null],
];

export function readSandboxAccess(dataDir: string): SandboxAccess | null {
  const path = join(dataDir, FILE);
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as SandboxAccess) : null;
}

/** The sandbox's people and key; made when the folder has none yet. The seller must be registered. */
export async function ensureSandboxAccess(
  deps: AccessDeps,
  dataDir: string,
): Promise<SandboxAccess> {
  const standing = readSandboxAccess(dataDir);
  if (standing !== null) return standing;
  const users: SandboxUser[] = [];
  for (const [name, role, sellerId] of PEOPLE) {
    const email = `${name}@example.com`;
    const known = { password: randomToken().slice(0, 20), totpSecret: newTotpSecret() };
    await addSandboxUser(deps, { email, name, role, sellerId }, known);
    users.push({ email, role, ...known });
  }
  const made = await makeKeyHere(deps, {
    name: "sandbox",
    role: "operator",
    sellerId: null,
    lifeDays: KEY_DAYS,
  });
  if (!made.ok) throw new Error(made.refusal.message);
  const access: SandboxAccess = { apiKey: made.value.secret, users };
  writeFileWhole(join(dataDir, FILE), `${JSON.stringify(access, null, 2)}\n`, FILE_MODE);
  return access;
}

/** The six digits that the user's authenticator would show now. */
export function codeNow({ totpSecret }: SandboxUser, now: Instant): string {
  return totpCode(totpSecret, stepOf(now));
}
