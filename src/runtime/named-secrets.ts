// Secrets that the settings name and do not hold: an environment variable, or a file that the platform mounts.

import { readFileSync } from "node:fs";
import type { ReadSecret } from "../bank/transport/settings.ts";
import { Outage } from "../errors/outage.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Bytes of a secret file that are read: keys and certificates have a few thousand. */
const SECRET_BYTES_MAX = 64 * 1024;

/** Reads what a reference names; throws a final outage that names the reference where there is nothing. */
export function secretReader(env: Environment): ReadSecret {
  return (reference) => {
    if ("env" in reference) {
      const text = env[reference.env];
      if (text !== undefined && text !== "") return text;
      throw missing(`the environment variable ${reference.env} is not set`);
    }
    try {
      const bytes = readFileSync(reference.file);
      if (bytes.length === 0 || bytes.length > SECRET_BYTES_MAX)
        throw missing(`the file ${reference.file} is empty or too large for a secret`);
      // Editors and platforms end a file with a line feed; no secret ends with one, and PEM does not mind.
      return bytes.toString("utf8").replace(/\r?\n$/, "");
    } catch (error) {
      if (error instanceof Outage) throw error;
      const { code } = error as NodeJS.ErrnoException;
      throw missing(`the file ${reference.file} cannot be read (${code ?? "unknown"})`);
    }
  };
}

function missing(message: string): Outage {
  return new Outage("settings", `a secret of the settings is missing: ${message}`, {
    retryable: false,
  });
}
