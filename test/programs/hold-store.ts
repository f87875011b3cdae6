// A program that opens the store and does as told on its input, one word a line, answering with JSON lines. Tests
// kill it, and the PostgreSQL it runs, at the worst moment. Arguments: data folder, migrations folder.

import { createInterface } from "node:readline";
import { Outage } from "../../src/errors/outage.ts";
import type { Store } from "../../src/storage/store.ts";
import { openStore } from "../../src/storage/store.ts";
import { systemClock } from "../../src/time/clock.ts";

export type Answer =
  | { readonly opened: string; readonly notice: string | null; readonly openMs: number }
  | { readonly refusal: string; readonly message: string }
  | { readonly acknowledged: number }
  | { readonly outage: string; readonly retryable: boolean }
  | { readonly rows: readonly number[] }
  | { readonly closed: true };

const [, , dataDir, migrationsDir] = process.argv;

function say(answer: Answer): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

/** Writes one row a transaction for ever; a row is acknowledged only when its commit was answered. */
async function appendForEver(store: Store): Promise<void> {
  const rows = await store.database.query<{ next: number }>(
    "select (coalesce(max(number), 0) + 1)::int4 as next from acknowledgement",
  );
  for (let number = rows[0]!.next; ; number += 1) {
    try {
      await store.database.transaction((tx) =>
        tx.query("insert into acknowledgement values ($1) on conflict do nothing", [number]),
      );
      say({ acknowledged: number });
    } catch (error) {
      if (!(error instanceof Outage)) throw error;
      say({ outage: error.message, retryable: error.retryable });
      number -= 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

async function obey(store: Store, word: string): Promise<void> {
  if (word === "append") await appendForEver(store);
  if (word === "rows") {
    const rows = await store.database.query<{ number: number }>(
      "select number from acknowledgement order by number",
    );
    say({ rows: rows.map(({ number }) => number) });
  }
  if (word === "close") {
    await store.close();
    say({ closed: true });
    process.exit(0);
  }
  if (word === "exit") process.exit(0);
}

const startedAtMs = performance.now();
const opened = await openStore({
  dataDir: dataDir!,
  clock: systemClock,
  ...(migrationsDir === undefined ? {} : { migrationsDir }),
});
if (opened.ok) {
  const store = opened.value;
  process.once("exit", store.killNow);
  const openMs = performance.now() - startedAtMs;
  say({ opened: store.databaseLabel, notice: store.notice, openMs });
  for await (const word of createInterface({ input: process.stdin })) void obey(store, word);
} else {
  say({ refusal: opened.refusal.code, message: opened.refusal.message });
}
