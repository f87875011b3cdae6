// What a command may do to the world it was started from: print, show progress, ask the clock. Passed in, so that
// commands are tested without a process.

import type { Refusal } from "../errors/refusal.ts";
import type { Clock } from "../time/clock.ts";

/** Version of the JSON that every command prints (docs/reference/json.md). */
export const JSON_VERSION = 1;

/** 0 done; 1 refused, held or different, with reasons; 2 wrong usage. */
export type ExitCode = 0 | 1 | 2;

export type Terminal = {
  /** The answer of the command; with --json exactly one JSON document. */
  readonly out: (text: string) => void;
  /** Everything else: progress, notices, errors. */
  readonly err: (text: string) => void;
  /** True when `err` is a terminal: progress lines may be rewritten. */
  readonly isInteractive: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
};

/** A refusal of the command as a whole: one line for people, one document for machines. */
export function printRefusal(terminal: Terminal, refusal: Refusal, json: boolean): void {
  if (json) terminal.out(`${JSON.stringify({ version: JSON_VERSION, refusal }, null, 2)}\n`);
  terminal.err(`straitway: ${refusal.message} [${refusal.code}]\n`);
}

/** Left-aligned columns, numbers to the right; the header in capitals. */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  const widths = header.map((name, column) =>
    Math.max(displayWidth(name), ...rows.map((row) => displayWidth(row[column] ?? ""))),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => {
        const pad = " ".repeat(Math.max(0, (widths[column] ?? 0) - displayWidth(cell)));
        return right.includes(column) ? pad + cell : cell + pad;
      })
      .join("  ")
      .trimEnd();
  return [line(header.map((name) => name.toUpperCase())), ...rows.map(line)].join("\n");
}

/** Columns a text takes on a terminal: East Asian wide characters take two. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    width +=
      /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]/u.test(
        character,
      )
        ? 2
        : 1;
  }
  return width;
}

// Control characters, and those that turn the writing direction around.
// oxlint-disable-next-line no-control-regex
const STEERING = /[\u0000-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/g;

/** Characters that could steer a terminal are shown as their code: texts come from files. */
export function safeText(text: string): string {
  return text.replace(
    STEERING,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Bytes after which progress on one file is shown. */
const PROGRESS_BYTES = 8 * 1024 * 1024;

/** A progress callback that rewrites one line on a terminal and stays silent elsewhere; `done` clears it. */
export function progressLine(terminal: Terminal): {
  show: (name: string, bytes: number) => void;
  done: () => void;
} {
  let next = PROGRESS_BYTES;
  let current = "";
  let shown = false;
  return {
    show: (name, bytes) => {
      if (name !== current) {
        current = name;
        next = PROGRESS_BYTES;
      }
      if (bytes < next || !terminal.isInteractive) return;
      next = bytes + PROGRESS_BYTES;
      shown = true;
      terminal.err(`\r\u001b[K${safeText(name)}: ${Math.floor(bytes / 1024 / 1024)} MB read`);
    },
    done: () => {
      if (shown) terminal.err("\r\u001b[K");
      shown = false;
    },
  };
}
