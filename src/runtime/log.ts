// The log of the service: JSON lines about what happens, never about whom. An event is a fixed name; its fields come
// from a list, and texts are scrubbed, so that no account number, name, address or token gets in by accident.

import { pino } from "pino";
import { InvariantBroken } from "../errors/invariant.ts";
import { Outage } from "../errors/outage.ts";
import { codeOf } from "../storage/database-outage.ts";
import type { Clock } from "../time/clock.ts";

/** What may be said beside an event's name. Ids are ours: they name an object, not a person. */
export type LogFields = {
  readonly role?: string;
  readonly owner?: string;
  readonly job?: string;
  readonly approval?: string;
  readonly source?: string;
  readonly outcome?: string;
  readonly code?: string | null;
  readonly format?: string | null;
  /** The first characters of a raw file's hash: enough to find it. */
  readonly file?: string;
  readonly count?: number;
  readonly durationMs?: number;
  readonly waitMs?: number;
  readonly requestId?: string;
  readonly traceId?: string;
  readonly method?: string;
  /** A route's pattern, never a path. */
  readonly route?: string;
  readonly status?: number;
  readonly callerId?: string | null;
  readonly host?: string;
  readonly port?: number;
  readonly version?: string;
  readonly database?: string;
  readonly signal?: string;
  readonly error?: unknown;
};

export type Log = {
  readonly debug: (event: string, fields?: LogFields) => void;
  readonly info: (event: string, fields?: LogFields) => void;
  readonly warn: (event: string, fields?: LogFields) => void;
  readonly error: (event: string, fields?: LogFields) => void;
};

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

/** A log that writes lines, each with its line feed, where it is told. Its clock is real time, also in the sandbox. */
export function openLog(level: LogLevel, clock: Clock, write: (line: string) => void): Log {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${clock.now()}"`,
      formatters: { level: (label) => ({ level: label }) },
      messageKey: "event",
    },
    { write },
  );
  const at =
    (name: "debug" | "info" | "warn" | "error") =>
    (event: string, fields: LogFields = {}): void =>
      logger[name](safeFields(fields), event);
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** A log that says nothing. */
export const SILENT_LOG: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

const FIELD_NAMES: ReadonlySet<string> = new Set([
  "role",
  "owner",
  "job",
  "approval",
  "source",
  "outcome",
  "code",
  "format",
  "file",
  "count",
  "durationMs",
  "waitMs",
  "requestId",
  "traceId",
  "method",
  "route",
  "status",
  "callerId",
  "host",
  "port",
  "version",
  "database",
  "signal",
  "error",
] satisfies (keyof LogFields)[]);

/** Fields that are ids of our own or hexadecimal: they may hold long runs of digits. */
const ID_FIELDS: ReadonlySet<string> = new Set([
  "requestId",
  "traceId",
  "callerId",
  "file",
  "job",
  "owner",
  "approval",
]);

function safeFields(fields: LogFields): Record<string, unknown> {
  const safe: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    // A caller whose types were cast away may hand in anything.
    if (!FIELD_NAMES.has(name) || value === undefined) continue;
    if (name === "error") safe["error"] = errorFacts(value);
    else if (typeof value === "string")
      safe[name] = ID_FIELDS.has(name) ? idText(value) : scrubbed(value);
    else if (typeof value === "number" || typeof value === "boolean" || value === null)
      safe[name] = value;
  }
  return safe;
}

const FIELD_LENGTH_MAX = 300;

/** An id as our own code makes them; anything else is not shown as one. */
function idText(text: string): string {
  return /^[A-Za-z0-9_.:/-]{1,200}$/.test(text) ? text : scrubbed(text);
}

/** Digits in a row, with or without breaks, from which somebody could read an account. */
const NUMBERS = /\d(?:[ -]?\d){5,}/g;
/** IBANs and other mixed references: letters with many digits. */
const REFERENCES = /\b[A-Z]{2}\d{2}[A-Z0-9 ]{7,}[A-Z0-9]\b/g;
const ADDRESSES = /[^\s@<>"']+@[^\s@<>"']+\.[^\s@<>"']+/g;
/** Keys, tokens, hashes: long words of letters and digits together. */
const TOKENS = /\b(?=[A-Za-z0-9_+/=-]*\d)(?=[A-Za-z0-9_+/=-]*[A-Za-z])[A-Za-z0-9_+/=-]{24,}/g;
/** A login in a URL, and whatever follows its question mark. */
const LOGINS = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi;
const QUERIES = /\?[^\s"']+/g;

/** A text without what could be an account, an address, a key or a password. */
export function scrubbed(text: string): string {
  return text
    .slice(0, FIELD_LENGTH_MAX)
    .replace(LOGINS, "$1")
    .replace(ADDRESSES, "[address]")
    .replace(QUERIES, "?…")
    .replace(REFERENCES, "[reference]")
    .replace(TOKENS, "[token]")
    .replace(NUMBERS, "[number]");
}

/** Frames of a stack that are kept: where, without what. */
const FRAMES_MAX = 8;

/**
 * What may be told of an error. Our own outages and invariants speak in our words; anything else may repeat data (a
 * row that broke a constraint, a text that did not parse), so of that only its kind and where it was thrown.
 */
export function errorFacts(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: typeof error };
  const isOurs = error instanceof Outage || error instanceof InvariantBroken;
  const frames = (error.stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .slice(0, FRAMES_MAX)
    .map((line) =>
      line.trim().replace(/\(?(?:file:\/\/)?\/?\S*\/((?:dist|src|node_modules)\/)/, "($1"),
    );
  return {
    name: error.name,
    code: codeOf(error),
    ...(error instanceof Outage ? { port: error.port, retryable: error.retryable } : {}),
    ...(isOurs ? { message: scrubbed(error.message) } : {}),
    ...(error instanceof Outage ? {} : { frames }),
    ...(error.cause === undefined ? {} : { cause: causeFacts(error.cause) }),
  };
}

function causeFacts(cause: unknown): Record<string, unknown> {
  return cause instanceof Error
    ? { name: cause.name, code: codeOf(cause) }
    : { name: typeof cause };
}
