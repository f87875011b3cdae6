// `straitway serve`: the channel as a service, until it is told to stop. What it has in memory is on disk: started
// again, it goes on where it was.

import { readFile } from "node:fs/promises";
import { type FullConfig, fullConfig } from "../api/full-config.ts";
import { accepted, type Outcome, refused } from "../errors/refusal.ts";
import { type ConfigFile, readConfig, redactedConfig } from "../runtime/config.ts";
import { openLog } from "../runtime/log.ts";
import { type RunningService, startService } from "../runtime/serve.ts";
import { systemClock } from "../time/clock.ts";
import type { AddCommand } from "./add-command.ts";
import { packageVersion } from "./package-version.ts";
import { serveUntilStopped } from "./serve-until-stopped.ts";
import { hearStopSignals } from "./stop-signals.ts";
import { type ExitCode, printRefusal, type Terminal } from "./terminal.ts";

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
    return await serveUntilStopped(running, config.value, { asked: signals.asked, terminal });
  } finally {
    signals.close();
  }
}

function refuse(terminal: Terminal, outcome: Outcome<never> & { ok: false }): ExitCode {
  printRefusal(terminal, outcome.refusal, false);
  return 1;
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
