// Runs once around a test run: makes the run's folder and opens a desk at a unix socket where test files ask for
// databases. The server behind it starts with the first question: a run without a database costs nothing.

import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { join } from "node:path";
import { TEST_DESK_VARIABLE } from "../src/storage/test-database.ts";
import { makeRunFolder } from "./run-folder.ts";
import type { TestServer } from "./test-server.ts";
import { startTestServer } from "./test-server.ts";

type Answer = (path: string) => Promise<string>;

function serve(answer: Answer, request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  answer(request.url ?? "").then(
    (url) => response.end(JSON.stringify({ url })),
    (error: unknown) => response.end(JSON.stringify({ error: String(error) })),
  );
}

/** Opens the desk; the returned function closes it and leaves nothing behind. */
export default async function setup(): Promise<() => Promise<void>> {
  const run = await makeRunFolder();
  process.env["TMPDIR"] = run.path;
  let starting: Promise<TestServer> | null = null;
  const answer: Answer = async (path) => {
    starting ??= startTestServer(run.path);
    const server = await starting;
    if (path === "/database/migrated") return server.create("migrated");
    if (path === "/database/empty") return server.create("empty");
    const name = path.slice("/drop/".length);
    await server.drop(name);
    return name;
  };
  const desk = createServer((request, response) => serve(answer, request, response));
  const socketPath = join(run.path, "desk");
  await new Promise<void>((resolve) => desk.listen(socketPath, resolve));
  process.env[TEST_DESK_VARIABLE] = socketPath;
  return async () => {
    desk.close();
    // A server that could not be started has been reported to every test that asked for it.
    const server = await starting?.catch(() => null);
    await server?.stop();
    run.remove();
  };
}
