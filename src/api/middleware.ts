// What every request passes through before its route: an id, a trace, a body limit, its caller and the caller's
// allowance; and what every answer carries.

import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { routePath } from "hono/route";
import { freshId } from "../secret/random.ts";
import { problemOf } from "./answer-problem.ts";
import type { ApiDeps } from "./deps.ts";
import { problem } from "./problems.ts";
import { type Allowance, rateLimit } from "./rate-limits.ts";
import type { ApiEnv } from "./register.ts";
import { traceContext } from "./trace-context.ts";

/** Banks call here without signing in: a busy one sends more than a stranger may. */
const BANK_PATH = /^\/v1\/bank\/[^/]+\/notices$/;
/** Paths that take whole files. */
const FILE_PATHS = [/^\/v1\/uploads$/, BANK_PATH];

/** Gives the request its id and trace, and tells the observer how it ended. */
export function requestFacts(deps: ApiDeps): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const startedMs = performance.now();
    const requestId = freshId("req", deps.clock.now());
    const trace = traceContext(c.req.header("traceparent"));
    c.set("deps", deps);
    c.set("requestId", requestId);
    c.set("trace", trace);
    await next();
    c.header("Request-Id", requestId);
    const problemCode = c.get("problem") ?? null;
    deps.observe({
      requestId,
      traceId: trace.traceId,
      method: c.req.method,
      route: routeOf(c),
      status: c.res.status,
      problem: problemCode,
      durationMs: performance.now() - startedMs,
      callerId: c.get("caller")?.id ?? null,
      fault: problemCode === "internal-fault" || problemCode === "unavailable" ? c.error : null,
    });
  };
}

/** The pattern of the route that answered, in OpenAPI's writing; "none" where none did. */
function routeOf(c: Context<ApiEnv>): string {
  const pattern = routePath(c, -1);
  return pattern === "*" || pattern === "/*" ? "none" : pattern.replace(/:([^/]+)/g, "{$1}");
}

/** Closed by default: what is private stays out of caches, and no page of ours runs in another's. */
export function secureAnswers(): MiddlewareHandler {
  return async (c, next) => {
    await next();
    const defaults: Readonly<Record<string, string>> = {
      "Cache-Control": "no-store",
      "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Resource-Policy": "same-origin",
      "Referrer-Policy": "no-referrer",
      "X-Content-Type-Options": "nosniff",
      "X-Frame-Options": "DENY",
    };
    for (const [name, value] of Object.entries(defaults)) {
      if (!c.res.headers.has(name)) c.header(name, value);
    }
    if (new URL(c.req.url).protocol === "https:" && !c.res.headers.has("Strict-Transport-Security"))
      c.header("Strict-Transport-Security", "max-age=31536000");
  };
}

export function limitBody(deps: ApiDeps): MiddlewareHandler<ApiEnv> {
  const { bodyBytesMax, uploadBytesMax } = deps.settings;
  const small = limitOf(bodyBytesMax);
  // A multipart body has its parts' headers besides the file.
  const large = limitOf(uploadBytesMax + 16_384);
  return (c, next) => (FILE_PATHS.some((path) => path.test(c.req.path)) ? large : small)(c, next);
}

function limitOf(maxSize: number): MiddlewareHandler {
  return bodyLimit({
    maxSize,
    onError: () => {
      throw problem("body-too-large", { detail: `At most ${maxSize} bytes are taken here.` });
    },
  });
}

/** Finds out who asks, and counts the request to them, or to their address when nobody knows them. */
export function admit(deps: ApiDeps): MiddlewareHandler<ApiEnv> {
  const { settings, clock } = deps;
  const { windowSeconds } = settings;
  const callers = counted("caller", { count: settings.requestsPerWindow, windowSeconds });
  const addresses = counted("address", {
    count: settings.anonymousRequestsPerWindow,
    windowSeconds,
  });
  const banks = counted("bank", { count: settings.bankRequestsPerWindow, windowSeconds });
  function counted(name: string, policy: { count: number; windowSeconds: number }) {
    return { name, policy, limit: rateLimit(clock, policy) };
  }
  return async (c, next) => {
    let refusal: unknown = null;
    const caller = await deps.authenticate(c).catch((error: unknown) => {
      refusal = error;
      return null;
    });
    const address = clientAddress(c, settings.trustedProxyCount);
    const isBank = caller === null && BANK_PATH.test(c.req.path);
    const { name, policy, limit } = caller !== null ? callers : isBank ? banks : addresses;
    const allowance = limit.take(caller?.id ?? (isBank ? `${c.req.path} ${address}` : address));
    tellAllowance(c, allowance, policy, name);
    if (!allowance.granted) {
      throw problem("rate-limited", {
        headers: { "Retry-After": String(Math.max(1, allowance.nextInSeconds)) },
      });
    }
    if (refusal !== null) throw problemOf(refusal);
    if (caller !== null) c.set("caller", caller);
    await next();
  };
}

function tellAllowance(
  c: Context<ApiEnv>,
  allowance: Allowance,
  limit: { readonly count: number; readonly windowSeconds: number },
  name: string,
): void {
  c.header("RateLimit-Policy", `"${name}";q=${limit.count};w=${limit.windowSeconds}`);
  c.header("RateLimit", `"${name}";r=${allowance.left};t=${allowance.wholeInSeconds}`);
}

/** What stands for an address where there is no socket, as in tests. */
export const UNKNOWN_ADDRESS = "unknown";

/** The sender's address: the socket's, or what one's own proxies say of it; `UNKNOWN_ADDRESS` without either. */
export function clientAddress(c: Context<ApiEnv>, trustedProxyCount: number): string {
  if (trustedProxyCount > 0) {
    const named = (c.req.header("x-forwarded-for") ?? "").split(",").map((text) => text.trim());
    const address = named.at(-trustedProxyCount);
    if (address !== undefined && address !== "") return address;
  }
  const bindings = c.env as { incoming?: { socket?: { remoteAddress?: string } } } | undefined;
  return bindings?.incoming?.socket?.remoteAddress ?? UNKNOWN_ADDRESS;
}
