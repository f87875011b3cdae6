// The whole HTTP front of a running service: health and metrics beside the API, on one socket.

import { Hono } from "hono";
import type { AccessDeps } from "../identity/access-deps.ts";
import { openSso } from "../identity/sessions/sso.ts";
import { accessSettingsOf } from "../identity/settings.ts";
import { DEFAULT_SUPERVISION } from "../report/supervision/default-supervision.ts";
import { DEFAULT_PARTITION } from "../runtime/channel.ts";
import type { RunningService } from "../runtime/serve.ts";
import { createApi } from "./app.ts";
import { authenticator } from "./authenticate.ts";
import { type ConsoleFiles, consoleAnswer } from "./console-files.ts";
import type { AnsweredRequest, ApiDeps } from "./deps.ts";
import type { Fetch } from "./http-server.ts";
import { operationRoutes } from "./operation.ts";
import { readAs } from "./read-as.ts";
import type { ApiSettings } from "./settings.ts";

/** What the front needs beside the service. */
export type FrontDeps = Pick<ApiDeps, "bankNotices" | "sandbox" | "stopping"> &
  Partial<Pick<ApiDeps, "lookAround" | "hasConsole">> & {
    readonly settings: ApiSettings;
    /** Where the front listens, once it does. */
    readonly ownUrl: () => string;
  };

export function apiDepsOf(service: RunningService, front: FrontDeps): ApiDeps {
  const access = accessOf(service, front.ownUrl);
  return {
    tenantId: service.tenantId,
    partition: DEFAULT_PARTITION,
    store: service.store,
    channel: service.channel,
    policy: service.policy,
    clock: service.clock,
    intake: service.accept,
    amazon: service.amazon,
    bankConnections: service.config.banks,
    supervision: DEFAULT_SUPERVISION,
    bankNotices: front.bankNotices,
    authenticate: authenticator(access),
    access,
    sso: openSso(access),
    read: readAs(service.store.database, service.tenantId, service.store.rowSecurity),
    settings: front.settings,
    sandbox: front.sandbox,
    lookAround: front.lookAround ?? null,
    hasConsole: front.hasConsole ?? false,
    webhooks: service.config.webhooks,
    stopping: front.stopping,
    observe: (request) => observe(service, request),
  };
}

/** What sign-in and keys need of a running service; `ownUrl` is where its front listens. */
export function accessOf(service: RunningService, ownUrl: () => string): AccessDeps {
  return {
    database: service.store.database,
    tenantId: service.tenantId,
    clock: service.wallClock,
    channelClock: service.clock,
    sealer: service.sealer,
    settings: accessSettingsOf(service.config.access, ownUrl),
  };
}

/**
 * Health and metrics first, then the console's own addresses, then the API: it answers everything else, also what is
 * not there. The console's files ask nobody who they are for: they are the same for all, and hold nothing of anybody.
 */
export function serveApi(
  service: RunningService,
  deps: ApiDeps,
  built: ConsoleFiles | null = null,
): Fetch {
  const front = new Hono();
  const operation = operationRoutes(service);
  const api = createApi(deps);
  front.all("/health/*", (c) => operation.fetch(c.req.raw, c.env));
  front.all("/metrics", (c) => operation.fetch(c.req.raw, c.env));
  if (built !== null) front.get("*", async (c, next) => consoleAnswer(built, c.req.raw) ?? next());
  front.all("*", (c) => api.fetch(c.req.raw, c.env as object));
  return (request, env) => front.fetch(request, env);
}

function observe({ metrics, log }: RunningService, request: AnsweredRequest): void {
  const { requestId, traceId, method, route, status, problem, durationMs, callerId, fault } =
    request;
  metrics.answered({ method, route, status, durationMs });
  const facts = {
    requestId,
    traceId,
    method,
    route,
    status,
    code: problem,
    durationMs: Math.round(durationMs),
    callerId,
  };
  if (fault === null || fault === undefined) log.info("request", facts);
  else {
    metrics.failed(fault);
    log.error("request", { ...facts, error: fault });
  }
}
