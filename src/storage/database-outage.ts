// Which errors of the driver and the server mean "the database is not there for us now" and not "this statement
// is wrong". Codes: PostgreSQL documentation, Appendix A (SQLSTATE), and Node's system errors.

import { Outage } from "../errors/outage.ts";

/** SQLSTATEs that end the attempt but not the idea: the same call may succeed later. */
const RETRYABLE_STATES: ReadonlySet<string> = new Set([
  "25006", // read_only_sql_transaction: the primary became a standby
  "40003", // statement_completion_unknown
  "53000", // insufficient_resources
  "53100", // disk_full
  "53200", // out_of_memory
  "53300", // too_many_connections
  "55P03", // lock_not_available
  "57014", // query_canceled (a statement timeout)
  "57P01", // admin_shutdown
  "57P02", // crash_shutdown
  "57P03", // cannot_connect_now: starting up or recovering
  "57P05", // idle_session_timeout
  "25P03", // idle_in_transaction_session_timeout
  "58030", // io_error
]);

/** SQLSTATEs that a person must mend: no such role, wrong password, no such database. */
const FINAL_STATES: ReadonlySet<string> = new Set(["28000", "28P01", "3D000"]);

/** Class 08: connection exceptions. */
const CONNECTION_STATE = /^08...$/;

const SOCKET_CODES: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EADDRNOTAVAIL",
  "EAI_AGAIN",
  "ENOTFOUND",
  "ENOENT", // a unix socket that is not there
  "EMFILE",
]);

/** The driver gives these without a code. */
const DRIVER_MESSAGES =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|timeout expired|timeout exceeded when trying to connect|Cannot use a pool after calling end|Query read timeout|The server does not support SSL|SASL)/;

/** SQLSTATE of a server error ("23505"), the system code of a socket error, or null. */
export function codeOf(error: unknown): string | null {
  if (typeof error !== "object" || error === null || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}

/** The driver tries every address of a name and joins the failures ("localhost" by IPv6 and IPv4). */
function firstOf(error: unknown): unknown {
  return error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error;
}

/** True when the transaction may be run again with the same ids: serialization failure or deadlock. */
export function isConflict(error: unknown): boolean {
  const code = codeOf(error);
  return code === "40001" || code === "40P01";
}

/** The outage behind an error, or null when the error is about the statement itself. */
export function outageOf(error: unknown): Outage | null {
  if (error instanceof Outage) return error;
  const cause = firstOf(error);
  const code = codeOf(cause);
  const message = cause instanceof Error ? cause.message : String(cause);
  const outage = (retryable: boolean): Outage =>
    new Outage("database", `the database is not available: ${message}`, {
      retryable,
      cause: error,
    });
  if (code !== null && FINAL_STATES.has(code)) return outage(false);
  if (code !== null && (RETRYABLE_STATES.has(code) || SOCKET_CODES.has(code))) return outage(true);
  if (code !== null && CONNECTION_STATE.test(code)) return outage(true);
  if (code === null && DRIVER_MESSAGES.test(message)) return outage(!message.startsWith("SASL"));
  return null;
}

/** SQLSTATEs with which the server ends the session. */
const SESSION_ENDS: ReadonlySet<string> = new Set(["57P01", "57P02", "57P05", "25P03"]);

/** True when the connection that gave this error is of no use any more. */
export function endsConnection(error: unknown): boolean {
  const cause = error instanceof Outage ? firstOf(error.cause) : firstOf(error);
  const code = codeOf(cause);
  if (code === null) return DRIVER_MESSAGES.test(cause instanceof Error ? cause.message : "");
  return SESSION_ENDS.has(code) || SOCKET_CODES.has(code) || CONNECTION_STATE.test(code);
}
