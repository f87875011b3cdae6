// Runs once around a test run: a desk at a unix socket where test files ask for databases. The server behind it
// starts with the first question, so that a run without a database costs nothing.

import { mkdtempSync, rmSync } from "node:fs";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TEST_DESK_VARIABLE } from "../src/storage/test-database.ts";
import type { TestServer } from "./test-server.ts";
import { startTestServer } from "./test-server.ts";

let starting: Promise<TestServer> | null = null;

async function answer(path: string): Promise<string> {
  starting ??= startTestServer();
  const server = await starting;
  if (path === "/database/migrated") return server.create("migrated");
  if (path === "/database/empty") return server.create("empty");
  const name = path.slice("/drop/".length);
  await server.drop(name);
  return name;
}

function serve(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  answer(request.url ?? "").then(
    (url) => response.end(JSON.stringify({ url })),
    (error: unknown) => response.end(JSON.stringify({ error: String(error) })),
  );
}

/** Opens the desk; the returned function closes it and leaves nothing behind. */
export default async function setup(): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), "straitway-desk-"));
  const socketPath = join(folder, "desk");
  const desk: Server = createServer(serve);
  await new Promise<void>((resolve) => desk.listen(socketPath, resolve));
  process.env[TEST_DESK_VARIABLE] = socketPath;
  return async () => {
    await new Promise((resolve) => desk.close(resolve));
    rmSync(folder, { recursive: true, force: true });
    if (starting !== null) await (await starting).stop();
  };
}
