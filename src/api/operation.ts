// What supervisors, proxies and Prometheus ask: whether the process lives, whether it may be sent work, and what it
// counted. Outside of /v1: no caller signs in here, and nothing here is about anybody.

import { type Context, Hono } from "hono";
import type { RunningService } from "../runtime/serve.ts";
import { sameText } from "../secret/signature.ts";

export type OperationDeps = Pick<RunningService, "config" | "health" | "metrics">;

export function operationRoutes({ config, health, metrics }: OperationDeps): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    c.header("Cache-Control", "no-store");
  });
  app.get("/health/live", (c) => {
    const liveness = health.live();
    return c.json(liveness, liveness.live ? 200 : 503);
  });
  app.get("/health/ready", async (c) => {
    const readiness = await health.ready();
    return c.json(readiness, readiness.ready ? 200 : 503);
  });
  app.get("/metrics", async (c) => {
    // Whoever may not ask learns nothing, not even that there is something.
    if (!mayAskMetrics(c, config.metrics.token)) return c.notFound();
    return c.body(await metrics.text(), 200, { "Content-Type": metrics.contentType });
  });
  return app;
}

function mayAskMetrics(c: Context, token: string | undefined): boolean {
  if (token !== undefined) {
    const [scheme, given = ""] = (c.req.header("authorization") ?? "").split(" ");
    return scheme?.toLowerCase() === "bearer" && sameText(given, token);
  }
  // A proxy on this machine asks for somebody else, and says so.
  const isForwarded =
    c.req.header("x-forwarded-for") !== undefined || c.req.header("forwarded") !== undefined;
  return !isForwarded && isLoopback(peerOf(c));
}

/** The address at the other end of the connection; null in a test that has none. */
function peerOf(c: Context): string | null {
  const bindings = c.env as { incoming?: { socket?: { remoteAddress?: string } } } | undefined;
  return bindings?.incoming?.socket?.remoteAddress ?? null;
}

function isLoopback(address: string | null): boolean {
  return address !== null && /^(127\.|::1$|::ffff:127\.)/.test(address);
}
