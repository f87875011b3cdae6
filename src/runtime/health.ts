// Whether the process lives and whether it may be sent work: for a supervisor that restarts it, and a proxy that
// chooses among several. A standby is ready: it answers questions and keeps what it is sent.

import type { Database } from "../storage/database.ts";
import type { Role } from "./leader.ts";

/** A database that has not answered by then is told as down. */
const DATABASE_MS_MAX = 2_000;

export type Liveness = { readonly live: boolean; readonly reason: string | null };

export type Readiness = {
  readonly ready: boolean;
  readonly role: Role;
  readonly database: "up" | "down";
  /** True from the moment at which the process was told to stop. */
  readonly stopping: boolean;
};

export type Health = {
  readonly live: () => Liveness;
  readonly ready: () => Promise<Readiness>;
};

export type HealthDeps = {
  readonly database: Database;
  readonly role: () => Role;
  readonly isStopping: () => boolean;
  /** Why the process cannot go on and must be started anew; null while it can. */
  readonly failure: () => Error | null;
};

export function openHealth({ database, role, isStopping, failure }: HealthDeps): Health {
  return {
    live: () => {
      const failed = failure();
      return { live: failed === null, reason: failed === null ? null : failed.name };
    },
    ready: async () => {
      const isUp = await answers(database);
      const stopping = isStopping();
      return {
        ready: isUp && !stopping && failure() === null,
        role: role(),
        database: isUp ? "up" : "down",
        stopping,
      };
    },
  };
}

async function answers(database: Database): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), DATABASE_MS_MAX);
  });
  const asked = database.query("SELECT 1").then(
    () => true,
    () => false,
  );
  const isUp = await Promise.race([asked, late]);
  clearTimeout(timer);
  return isUp;
}
