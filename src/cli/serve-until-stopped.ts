// A running service with its front, until somebody asks it to stop: the part that every way of serving shares.

import { join } from "node:path";
import { openConsoleFiles } from "../api/console-files.ts";
import type { FullConfig } from "../api/full-config.ts";
import { type HttpServer, listenHttp } from "../api/http-server.ts";
import { apiDepsOf, serveApi } from "../api/serve-api.ts";
import type { LookAround } from "../identity/users/sandbox-users.ts";
import type { RunningService } from "../runtime/serve.ts";
import type { SandboxControl } from "../simulator/sandbox-run.ts";
import { packageRoot } from "./package-version.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

/** Of the time that a stop may take, the part in which requests under way are answered. */
const ANSWERING_SHARE = 0.25;

/** Pause between two looks at whether the service can go on. */
const FAILURE_LOOK_MS = 1_000;

export type Serving = {
  /** Resolves when somebody asks for the end. */
  readonly asked: Promise<NodeJS.Signals>;
  readonly terminal: Terminal;
  readonly sandbox?: SandboxControl;
  /** Of a sandbox: signs in without a password. */
  readonly lookAround?: (ownUrl: () => string) => LookAround;
  /** Runs once the API listens; what it throws ends the serving. */
  readonly onListening?: (url: string) => Promise<void>;
  /** Runs before anything is stopped. */
  readonly beforeStop?: () => Promise<void>;
};

/** Serves the API in front of a running service until it is asked to stop or cannot go on; stops both in order. */
export async function serveUntilStopped(
  service: RunningService,
  config: FullConfig,
  { asked, terminal, sandbox, lookAround, onListening, beforeStop }: Serving,
): Promise<ExitCode> {
  const letGo = (): void => service.store.killNow();
  process.once("exit", letGo);
  // Ends what streams, which never ends by itself.
  const stopping = new AbortController();
  let http: HttpServer | null = null;
  let isClean = false;
  let hasFailed = false;
  try {
    const ownUrl = (): string => http?.url ?? `http://localhost:${config.http.port}`;
    const console = openConsoleFiles(join(packageRoot(), "dist", "console"));
    const deps = apiDepsOf(service, {
      ownUrl,
      bankNotices: service.banks.notices,
      settings: config.api,
      sandbox: sandbox ?? null,
      lookAround: lookAround?.(ownUrl) ?? null,
      hasConsole: console !== null,
      stopping: stopping.signal,
    });
    http = await listenHttp(serveApi(service, deps, console), config.http);
    service.log.info("listening", { host: config.http.host, port: http.port });
    terminal.err(`Straitway is serving at ${http.url}. Ctrl-C stops it.\n`);
    await onListening?.(http.url);
    const why = await Promise.race([asked, failureOf(service)]);
    service.log.info("stopping", { signal: why });
    if (why === "failure") terminal.err("straitway: the embedded PostgreSQL is down for good.\n");
    else terminal.err("Stopping: finishing what is under way.\n");
    hasFailed = why === "failure";
  } finally {
    service.announceStop();
    await beforeStop?.();
    stopping.abort();
    await http?.close(config.stopSeconds * 1000 * ANSWERING_SHARE);
    isClean = await service.stop();
    process.off("exit", letGo);
  }
  return isClean && !hasFailed ? 0 : 1;
}

/** Resolves when the service cannot go on by itself: whoever supervises it starts it anew. */
function failureOf({ health }: RunningService): Promise<"failure"> {
  return new Promise((resolve) => {
    const looking = setInterval(() => {
      if (health.live().live) return;
      clearInterval(looking);
      resolve("failure");
    }, FAILURE_LOOK_MS);
    looking.unref();
  });
}
