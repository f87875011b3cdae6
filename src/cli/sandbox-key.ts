// The API key of a sandbox: made at its first start, kept in a file of its data folder that only its owner reads, and
// shown at every start. It is of an operator: reads everything, plays scenarios, asks for releases.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { AccessDeps } from "../identity/access-deps.ts";
import { KEY_LIFE_DAYS_MAX, makeKeyHere } from "../identity/api-keys/change-keys.ts";
import { writeFileWhole } from "../storage/durable-file.ts";

const FILE = "sandbox.key";
const FILE_MODE = 0o600;

/** The folder's key; made when there is none yet. */
export async function sandboxKey(deps: AccessDeps, dataDir: string): Promise<string> {
  const path = join(dataDir, FILE);
  if (existsSync(path)) return readFileSync(path, "utf8").trim();
  const made = await makeKeyHere(deps, {
    name: "sandbox",
    role: "operator",
    sellerId: null,
    lifeDays: KEY_LIFE_DAYS_MAX,
  });
  if (!made.ok) throw new Error(made.refusal.message);
  writeFileWhole(path, `${made.value.secret}\n`, FILE_MODE);
  return made.value.secret;
}
