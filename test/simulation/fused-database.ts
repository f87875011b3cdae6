// A database that goes away at a chosen statement and stays away until it is mended: what a kill of the program or of
// the server looks like to the code. What was not committed rolls back; a commit may have happened and not be known.

import { Outage } from "../../src/errors/outage.ts";
import type { Connection, Database, Tx } from "../../src/storage/database.ts";

export type FusedDatabase = Database & {
  /** Goes away after so many statements from now on; every call after that fails. */
  readonly blowAfter: (statements: number) => void;
  readonly isBlown: () => boolean;
  /** Lets go of what the dead program held, and works again. */
  readonly mend: () => void;
};

/** Statements whose moment no seed decides: they are not counted. */
const IN_THE_BACKGROUND = /^\s*(analyze|update ledger_partition set lease_until)/i;

/** Of the fuses that blow right at a commit, the share where the commit happened and only its answer is lost. */
export function fusedDatabase(database: Database, losesAnswer: () => boolean): FusedDatabase {
  let left = Number.POSITIVE_INFINITY;
  let generation = 0;
  const held = new Set<Connection>();
  const spend = (of: number): void => {
    if (of !== generation || left <= 0) throw gone();
    left -= 1;
    if (left <= 0) throw gone();
  };
  const fusedTx = (tx: Tx, of: number): Tx => ({
    query: async (text, values, options) => {
      if (!IN_THE_BACKGROUND.test(text)) spend(of);
      else if (of !== generation || left <= 0) throw gone();
      return tx.query(text, values, options);
    },
  });
  const fusedTransaction =
    (run: Database["transaction"], of: number): Database["transaction"] =>
    async (work, options) => {
      spend(of);
      const value = await run(async (tx) => {
        const done = await work(fusedTx(tx, of));
        // The commit itself is a statement: what fails before it rolls everything back.
        if (left <= 1 && !losesAnswer()) spend(of);
        return done;
      }, options);
      spend(of);
      return value;
    };
  return {
    ...fusedTx(database, 0),
    query: (text, values, options) => fusedTx(database, generation).query(text, values, options),
    transaction: (work, options) =>
      fusedTransaction(database.transaction, generation)(work, options),
    connect: async () => {
      const of = generation;
      spend(of);
      const connection = await database.connect();
      held.add(connection);
      return {
        ...fusedTx(connection, of),
        transaction: fusedTransaction(connection.transaction, of),
        alive: () => of === generation && left > 0 && connection.alive(),
        release: () => {
          held.delete(connection);
          connection.release();
        },
      };
    },
    close: () => database.close(),
    blowAfter: (statements) => {
      left = statements;
    },
    isBlown: () => left <= 0,
    mend: () => {
      generation += 1;
      left = Number.POSITIVE_INFINITY;
      for (const connection of held) connection.release();
      held.clear();
    },
  };
}

function gone(): Outage {
  return new Outage("database", "the connection is gone", { retryable: true });
}
