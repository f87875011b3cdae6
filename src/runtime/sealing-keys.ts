// The keys that seal secrets at rest: from the settings, or, where one machine keeps everything, from a file beside the
// database that the program makes itself. A database that others reach needs a key that is not in it.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Outcome, refused } from "../errors/refusal.ts";
import { newSealingKey, readKeyRing, type SealingKey } from "../secret/seal.ts";
import { writeFileWhole } from "../storage/durable-file.ts";

const KEY_FILE = "secret.key";

/**
 * The key ring; `dataDir` is the folder of an embedded database, null where the database is elsewhere. Refused:
 * `secret-key-missing`, `secret-key-invalid`.
 */
export function sealingKeys(
  setting: string | undefined,
  dataDir: string | null,
): Outcome<readonly SealingKey[]> {
  if (setting !== undefined) return readKeyRing(setting);
  if (dataDir === null)
    return refused(
      "secret-key-missing",
      "With a database URL, STRAITWAY_SECRET_KEY must hold the key that seals secrets: openssl rand -base64 32.",
    );
  const path = join(dataDir, KEY_FILE);
  if (existsSync(path)) return readKeyRing(readFileSync(path, "utf8").trim());
  const key = newSealingKey();
  writeFileWhole(path, `${key}\n`, 0o600);
  return readKeyRing(key);
}
