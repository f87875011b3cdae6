// The sandbox as a newcomer starts it: the program itself, on a free port, with a folder of its own.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..");

export type SandboxProgram = {
  readonly url: string;
  /** Plays a story to its end. */
  readonly play: (scenario: string) => Promise<void>;
  readonly get: (path: string) => Promise<unknown>;
  readonly stop: () => Promise<void>;
};

export async function startSandbox(): Promise<SandboxProgram> {
  const data = await mkdtemp(join(tmpdir(), "browser-"));
  const child = spawn(
    process.execPath,
    ["bin/straitway.js", "sandbox", "--data", join(data, "sandbox"), "--port", "0"],
    { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] },
  );
  const { url, key } = await started(child);
  const ask = async (path: string, method = "GET"): Promise<unknown> => {
    const headers = { authorization: `Bearer ${key}`, "idempotency-key": crypto.randomUUID() };
    const answer = await fetch(`${url}${path}`, { method, headers });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  return {
    url,
    play: async (scenario) => {
      await ask(`/v1/sandbox/scenarios/${scenario}/plays`, "POST");
    },
    get: ask,
    stop: async () => {
      const ended = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGINT");
      await ended;
    },
  };
}

function started(child: ChildProcess): Promise<{ readonly url: string; readonly key: string }> {
  return new Promise((resolve, reject) => {
    let said = "";
    const hear = (chunk: Buffer): void => {
      said += chunk.toString("utf8");
      const url = /console +(http\S+)/.exec(said)?.[1];
      const key = /API key +(swk_\S+)/.exec(said)?.[1];
      if (url !== undefined && key !== undefined) resolve({ url, key });
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    child.once("close", () => reject(new Error(`the sandbox ended: ${said}`)));
  });
}
