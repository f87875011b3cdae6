// The URL of a PostgreSQL that is not the program's own, as libpq takes it ("Connection URIs"): checked before
// anything is started, and shown only without its password.

import type { Outcome } from "../errors/refusal.ts";
import { accepted, refused } from "../errors/refusal.ts";

const PROTOCOLS: ReadonlySet<string> = new Set(["postgres:", "postgresql:"]);
const EXAMPLE = "postgres://user:password@host:5432/database";

function malformed(what: string): Outcome<URL> {
  const message = `the database URL ${what}: it should look like ${EXAMPLE}`;
  return refused("database-url-malformed", message);
}

/** Refuses (`database-url-malformed`) what is not a PostgreSQL URL with a database; never repeats the text. */
export function checkDatabaseUrl(text: string): Outcome<URL> {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return malformed(
      "cannot be read (a special character in the password must be percent-encoded)",
    );
  }
  if (!PROTOCOLS.has(url.protocol)) return malformed(`begins with ${url.protocol}`);
  if (url.pathname.length <= 1) return malformed("names no database");
  return accepted(url);
}

/** "postgres://user@host:5432/database": for people, without password and parameters. */
export function databaseUrlLabel(text: string): string {
  const url = new URL(text);
  const user = url.username === "" ? "" : `${url.username}@`;
  return `${url.protocol}//${user}${url.host}${url.pathname}`;
}
