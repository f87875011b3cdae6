// Edits without overwriting what one has not seen (RFC 9110, 13.1.1): an object is answered with its version as `ETag`,
// and an edit names the version that it was made on as `If-Match`.

import type { Context } from "hono";
import { problem } from "./problems.ts";
import type { ApiEnv } from "./register.ts";

export function entityTag(version: bigint): string {
  return `"${version}"`;
}

/** Throws `if-match-missing`, or `changed-meanwhile` when it stands at another version by now. */
export function requireVersion(c: Context<ApiEnv>, version: bigint): void {
  const header = c.req.header("if-match");
  if (header === undefined || header.trim() === "") throw problem("if-match-missing");
  const named = header.split(",").map((tag) => tag.trim());
  if (!named.includes("*") && !named.includes(entityTag(version)))
    throw problem("changed-meanwhile");
}
