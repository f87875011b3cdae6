// ETag and If-Match where people edit (RFC 9110, 8.8.3 and 13.1): an object is answered with its version, and an edit
// names the version that its author saw, so that nobody overwrites what they have not read.

import type { Context, MiddlewareHandler } from "hono";
import { problem } from "./problems.ts";
import type { ApiEnv } from "./register.ts";

export function etagOf(version: bigint): string {
  return `"v${version}"`;
}

/** Refuses an edit without If-Match (`if-match-missing`), or of another version (`changed-meanwhile`). */
export function checkMatch(c: Context<ApiEnv>, version: bigint): void {
  const header = c.req.header("if-match");
  if (header === undefined || header.trim() === "") throw problem("if-match-missing");
  const seen = tagsOf(header);
  if (!seen.includes("*") && !seen.includes(etagOf(version))) throw problem("changed-meanwhile");
}

function tagsOf(header: string): readonly string[] {
  return header.split(",").map((tag) => tag.trim());
}

/** Answers 304 to a reader who has the tagged object already (weak comparison, RFC 9110, 13.1.2). */
export function unchangedSinceRead(): MiddlewareHandler {
  return async (c, next) => {
    await next();
    const tag = c.res.headers.get("etag");
    const known = c.req.header("if-none-match");
    if (c.req.method !== "GET" || c.res.status !== 200 || tag === null || known === undefined)
      return;
    if (!tagsOf(known).some((item) => item.replace(/^W\//, "") === tag)) return;
    const headers = new Headers(c.res.headers);
    for (const name of ["content-type", "content-length"]) headers.delete(name);
    await c.res.body?.cancel();
    c.res = new Response(null, { status: 304, headers });
  };
}
