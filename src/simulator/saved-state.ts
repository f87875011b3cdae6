// What a sandbox keeps across a stop: the states of its parts in one JSON file of the data folder, there whole or not
// at all. Whole minor units are written as decimal texts and read back as bigint: by the rule of all states here,
// fields that end in "Minor" are amounts and no others are bigint.

import { existsSync, readFileSync } from "node:fs";
import { invariant } from "../errors/invariant.ts";
import type { Outcome } from "../errors/refusal.ts";
import { accepted, refused } from "../errors/refusal.ts";
import { writeFileWhole } from "../storage/durable-file.ts";

/** The file holds account numbers of made-up sellers, and consents that are worth nothing outside of the sandbox. */
const FILE_MODE = 0o600;

const AMOUNT_KEY = /Minor$/;

/** The state as JSON. A bigint under another name than "…Minor" is a broken invariant: it would not come back. */
export function stateText(state: unknown): string {
  return JSON.stringify(state, (key, value: unknown) => {
    if (typeof value !== "bigint") return value;
    invariant(AMOUNT_KEY.test(key), `${key} holds an amount and does not say so`);
    return value.toString();
  });
}

/** What `stateText` wrote. Texts under "…Minor" become bigint again. */
export function readStateText(text: string): unknown {
  return JSON.parse(text, (key, value: unknown) =>
    AMOUNT_KEY.test(key) && typeof value === "string" ? BigInt(value) : value,
  );
}

/**
 * The state in the file; null when there is none. A file that cannot be read, or that a later program wrote, is
 * refused: a sandbox does not begin anew over what it was to go on with.
 */
export function readStateFile<State extends { readonly version: number }>(
  path: string,
  version: number,
): Outcome<State | null> {
  if (!existsSync(path)) return accepted(null);
  try {
    const state = readStateText(readFileSync(path, "utf8")) as State;
    if (state.version === version) return accepted(state);
    return refused(
      "sandbox-state-version",
      `${path} is of version ${state.version}, this program reads version ${version}: move it away to begin anew.`,
    );
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return refused(
      "sandbox-state-unreadable",
      `${path} cannot be read (${problem}): move it away to begin anew.`,
    );
  }
}

export function writeStateFile(path: string, state: unknown): void {
  writeFileWhole(path, stateText(state), FILE_MODE);
}

export type StateKeeper = {
  /** Says that the state has changed; it is written a little later, many changes at once. */
  readonly changed: () => void;
  /** Writes what is not yet written; nothing is written after it. */
  readonly stop: () => void;
};

/**
 * Writes the state to its file soon after each change. What changes in the last `delayMs` before the program is
 * killed is lost, as an unsaved document is; `stop` loses nothing.
 */
export function keepState(path: string, take: () => unknown, delayMs = 500): StateKeeper {
  let timer: NodeJS.Timeout | null = null;
  let isStopped = false;
  const write = (): void => {
    timer = null;
    writeStateFile(path, take());
  };
  return {
    changed: () => {
      if (timer !== null || isStopped) return;
      timer = setTimeout(write, delayMs);
      timer.unref();
    },
    stop: () => {
      if (isStopped) return;
      isStopped = true;
      if (timer !== null) clearTimeout(timer);
      write();
    },
  };
}
