// ETag and If-Match (RFC 9110, 8.8.3 and 13.1.1) where people edit: who changes a thing says which version they saw.

import type { Context } from "hono";
import { problem } from "./problems.ts";
import type { ApiEnv } from "./register.ts";

export function etagOf(version: bigint): string {
  return `"v${version}"`;
}

/** Refuses an edit without If-Match (`if-match-missing`), or of another version (`changed-meanwhile`). */
export function checkMatch(c: Context<ApiEnv>, version: bigint): void {
  const header = c.req.header("if-match");
  if (header === undefined) throw problem("if-match-missing");
  const seen = header.split(",").map((text) => text.trim());
  if (!seen.includes("*") && !seen.includes(etagOf(version))) throw problem("changed-meanwhile");
}
