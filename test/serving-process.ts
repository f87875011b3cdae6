// `straitway serve` as a process of its own: started, asked, told to stop and killed by tests.

import { type ProgramOptions, runProgram } from "./running-program.ts";

export type LogLine = {
  readonly event: string;
  readonly level: string;
  readonly port?: number;
  readonly role?: string;
  readonly [field: string]: unknown;
};

export type ServiceProcess = {
  readonly pid: number;
  readonly url: string;
  /** Everything that it has logged so far. */
  readonly log: readonly LogLine[];
  readonly get: (path: string, headers?: Record<string, string>) => Promise<Response>;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly ended: () => Promise<{ readonly code: number | null; readonly stderr: string }>;
};

/** Starts the service and waits until it listens; throws with what it said when it ends before. */
export async function startServiceProcess(
  program: string,
  words: readonly string[],
  options: ProgramOptions = {},
): Promise<ServiceProcess> {
  const running = runProgram<LogLine>(program, ["serve", "--port", "0", ...words], options);
  const log: LogLine[] = [];
  let port: number | undefined;
  while (port === undefined) {
    const line = await running.answer();
    if (line === null) {
      const { code, stderr } = await running.ended();
      throw new Error(`the service ended with ${code}: ${stderr}`);
    }
    log.push(line);
    if (line.event === "listening") port = line.port;
  }
  const reading = (async () => {
    for (let line = await running.answer(); line !== null; line = await running.answer())
      log.push(line);
  })();
  const url = `http://127.0.0.1:${port}`;
  return {
    pid: running.pid,
    url,
    log,
    get: (path, headers = {}) => fetch(`${url}${path}`, { headers }),
    kill: running.kill,
    ended: async () => {
      await reading;
      return running.ended();
    },
  };
}
