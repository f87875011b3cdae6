// A database of its own for a test file: a copy of a migrated template, made in some 30 ms by the run's one shared
// PostgreSQL (test/global-setup.ts). Used by tests only; the program never imports it.

import { request } from "node:http";
import { invariant } from "../errors/invariant.ts";
import type { Database } from "./database.ts";
import { connectPostgres } from "./postgres-database.ts";

/** Where the run's global setup listens for requests; set by it for the test processes. */
export const TEST_DESK_VARIABLE = "STRAITWAY_TEST_DESK";

export type TestDatabaseOptions = {
  /** False for an empty database without any migration; true unless told. */
  readonly migrated?: boolean;
  readonly poolMax?: number;
};

export type TestDatabase = Database & {
  /** URL of the database, for a second pool or another program. */
  readonly url: string;
};

type DeskAnswer = { readonly url: string } | { readonly error: string };

/** Asks the desk of the test run; its answer is JSON. */
function ask(path: string): Promise<DeskAnswer> {
  const socketPath = process.env[TEST_DESK_VARIABLE];
  invariant(
    socketPath !== undefined,
    "a test database needs test/global-setup.ts in vitest.config.ts",
  );
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, path, method: "POST" }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.once("error", reject);
      response.once("end", () =>
        resolve(JSON.parse(Buffer.concat(chunks).toString("utf8")) as DeskAnswer),
      );
    });
    call.once("error", reject);
    call.end();
  });
}

async function urlFrom(path: string): Promise<string> {
  const answer = await ask(path);
  if ("error" in answer) throw new Error(answer.error);
  return answer.url;
}

/**
 * Opens a new database for one test file (or one test). `close` drops it; what is left open is dropped at the end
 * of the run. Runs on the embedded PostgreSQL, or on the server at STRAITWAY_TEST_DATABASE_URL.
 */
export async function openTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const url = await urlFrom(options.migrated === false ? "/database/empty" : "/database/migrated");
  const database = connectPostgres(url, {
    poolMax: options.poolMax ?? 8,
    applicationName: "straitway-test",
  });
  let closing: Promise<void> | null = null;
  const closeAndDrop = async (): Promise<void> => {
    await database.close();
    await urlFrom(`/drop/${new URL(url).pathname.slice(1)}`);
  };
  return {
    ...database,
    url,
    close: () => {
      closing ??= closeAndDrop();
      return closing;
    },
  };
}
