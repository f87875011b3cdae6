// `straitway serve`: the channel as a service, until it is told to stop. What it has in memory is on disk: started
// again, it goes on where it was.

import { readFile } from "node:fs/promises";
import { type FullConfig, fullConfig } from "../api/full-config.ts";
import { type HttpServer, listenHttp } from "../api/http-server.ts";
import { apiDepsOf, serveApi } from "../api/serve-api.ts";
import { accepted, type Outcome, refused } from "../errors/refusal.ts";
import { type ConfigFile, readConfig, redactedConfig } from "../runtime/config.ts";
import { openLog } from "../runtime/log.ts";
import { type RunningService, startService } from "../runtime/serve.ts";
import { systemClock } from "../time/clock.ts";
import type { AddCommand } from "./add-command.ts";
import { packageVersion } from "./package-version.ts";
import { hearStopSignals } from "./stop-signals.ts";
import { type ExitCode, printRefusal, type Terminal } from "./terminal.ts";

/** Of the time that a stop may take, the part in which requests under way are answered. */
const ANSWERING_SHARE = 0.25;

/** Pause between two looks at whether the service can go on. */
const FAILURE_LOOK_MS = 1_000;

type ServeOptions = {
  readonly config?: string;
  readonly data?: string;
  readonly databaseUrl?: string;
  readonly host?: string;
  readonly port?: string;
  readonly printConfig?: boolean;
};

const HELP = `
Settings come from the file and the environment (docs/reference/configuration.md). Without any, the service runs on
this machine alone, with an embedded PostgreSQL in straitway-data. Several processes may share one DATABASE_URL: one
settles, the others answer and store, and one of them takes over when it is gone.

Logs are JSON lines on standard output. Ctrl-C or SIGTERM stops the service in order; started again, it goes on where it was.

Examples:
  straitway serve
  straitway serve --config /etc/straitway/config.json
  DATABASE_URL=postgres://… STRAITWAY_SECRET_KEY=… straitway serve --host 0.0.0.0`;

export const serveCommand: AddCommand = (program, terminal, finish) => {
  program
    .command("serve")
    .description("run the channel as a service: API, connections, deliveries")
    .option("--config <file>", "settings (JSON)")
    .option("--data <dir>", "folder for what is kept on this machine")
    .option("--database-url <url>", "use this PostgreSQL instead of the embedded one")
    .option("--host <address>", "address to listen on")
    .option("--port <number>", "port to listen on; 0: any free one")
    .option("--print-config", "show the settings that hold, without their secrets, and end")
    .addHelpText("after", HELP)
    .action(async (options: ServeOptions) => {
      finish(await serve(options, terminal));
    });
};

async function serve(options: ServeOptions, terminal: Terminal): Promise<ExitCode> {
  const config = await configFor(options, terminal);
  if (!config.ok) return refuse(terminal, config);
  if (options.printConfig === true) {
    terminal.out(`${JSON.stringify(redactedConfig(config.value), null, 2)}\n`);
    return 0;
  }
  const log = openLog(config.value.log.level, systemClock, terminal.out);
  // Heard before anything is opened: what is half started is stopped too.
  let running: RunningService | null = null;
  const signals = hearStopSignals(() => running?.store.killNow());
  try {
    const started = await startService(config.value, {
      clock: systemClock,
      log,
      env: terminal.env,
      version: packageVersion(),
    });
    if (!started.ok) return refuse(terminal, started);
    running = started.value;
    return await serveUntilStopped(running, config.value, signals.asked, terminal);
  } finally {
    signals.close();
  }
}

function refuse(terminal: Terminal, outcome: Outcome<never> & { ok: false }): ExitCode {
  printRefusal(terminal, outcome.refusal, false);
  return 1;
}

async function serveUntilStopped(
  service: RunningService,
  config: FullConfig,
  asked: Promise<NodeJS.Signals>,
  terminal: Terminal,
): Promise<ExitCode> {
  const letGo = (): void => service.store.killNow();
  process.once("exit", letGo);
  // Ends what streams, which never ends by itself.
  const stopping = new AbortController();
  let http: HttpServer | null = null;
  let isClean = false;
  let hasFailed = false;
  try {
    const deps = apiDepsOf(service, {
      ownUrl: () => http?.url ?? `http://localhost:${config.http.port}`,
      bankNotices: service.banks.notices,
      settings: config.api,
      stopping: stopping.signal,
    });
    http = await listenHttp(serveApi(service, deps), config.http);
    service.log.info("listening", { host: config.http.host, port: http.port });
    terminal.err(`Straitway is serving at ${http.url}. Ctrl-C stops it.\n`);
    const why = await Promise.race([asked, failureOf(service)]);
    service.log.info("stopping", { signal: why });
    if (why === "failure") terminal.err("straitway: the embedded PostgreSQL is down for good.\n");
    else terminal.err("Stopping: finishing what is under way.\n");
    hasFailed = why === "failure";
  } finally {
    service.announceStop();
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

/** The settings of the file and the environment, under what the command line says. */
async function configFor(options: ServeOptions, terminal: Terminal): Promise<Outcome<FullConfig>> {
  const file = await fileOf(options.config);
  if (!file.ok) return file;
  const said = {
    STRAITWAY_DATA: options.data,
    DATABASE_URL: options.databaseUrl,
    STRAITWAY_HOST: options.host,
    STRAITWAY_PORT: options.port,
  };
  const given = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
  return readConfig(fullConfig, file.value, { ...terminal.env, ...given });
}

async function fileOf(path: string | undefined): Promise<Outcome<ConfigFile | null>> {
  if (path === undefined) return accepted(null);
  try {
    return accepted({ name: path, text: await readFile(path, "utf8") });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return refused("config-unreadable", `${path} cannot be read (${code ?? "unknown"}).`);
  }
}
