// What the routes are given: plain values, wired by hand where the program starts. A route asks for nothing else, so
// that a test hands in a database of its own, a clock that it moves and callers that it made up.

import type { Context } from "hono";
import type { NoticeConnection } from "../bank/transport/receive-notice.ts";
import type { BankConnection } from "../bank/transport/settings.ts";
import type { AccessDeps } from "../identity/access-deps.ts";
import type { Caller } from "../identity/caller.ts";
import type { Sso } from "../identity/sessions/sso.ts";
import type { LookAround } from "../identity/users/sandbox-users.ts";
import type { Accept } from "../inbox/inbound.ts";
import type { AmazonConnection } from "../marketplace/amazon/sp-api/amazon-store.ts";
import type { Policy } from "../policy/policy.ts";
import type { SupervisionDeps } from "../report/supervision/supervision.ts";
import type { Channel } from "../runtime/channel.ts";
import type { SandboxControl } from "../simulator/sandbox-run.ts";
import type { Tx } from "../storage/database.ts";
import type { Store } from "../storage/store.ts";
import type { Clock } from "../time/clock.ts";
import type { WebhookSettings } from "../webhook/settings.ts";
import type { ApiEnv } from "./register.ts";
import type { ApiSettings } from "./settings.ts";

/**
 * Who sends this request, by session or key; null: nobody that is known, as with a key or session that is no longer
 * good. Refuses a request that a foreign site made with the user's cookie by throwing an `ApiProblem`. May set cookies.
 */
export type Authenticate = (c: Context<ApiEnv>) => Promise<Caller | null>;

/**
 * Runs reads within one moment of the database, as the caller may see it: for a caller that is bound to a seller the
 * database itself shows nothing of others. Every query still names the seller, so that an engine without row-level
 * security answers the same.
 */
export type ReadAs = <Value>(caller: Caller, work: (tx: Tx) => Promise<Value>) => Promise<Value>;

/** One request and what became of it, for metrics and logs. No path or query: they hold ids. */
export type AnsweredRequest = {
  readonly requestId: string;
  /** 32 hex digits of the W3C trace that the request belongs to. */
  readonly traceId: string;
  readonly method: string;
  /** The route's pattern ("/v1/payouts/{payoutId}"), or "none". */
  readonly route: string;
  readonly status: number;
  /** The problem's code when it was refused. */
  readonly problem: string | null;
  readonly durationMs: number;
  /** Id of the user or key; null when nobody signed in. */
  readonly callerId: string | null;
  /** What broke, when nothing here was meant to: for the log only, the answer says nothing of it. */
  readonly fault: unknown;
};

export type ApiDeps = {
  readonly tenantId: string;
  readonly partition: number;
  readonly store: Store;
  /** The running channel on the process that holds the ledger; null on the others: they read and store. */
  readonly channel: () => Channel | null;
  readonly policy: Policy;
  readonly clock: Clock;
  readonly intake: Accept;
  /** The connection to Amazon; null where the settings have none. */
  readonly amazon: AmazonConnection | null;
  /** How banks are connected, as the settings say: which account takes orders. */
  readonly bankConnections: readonly BankConnection[];
  /** The webhook connection of a bank by its id; null: there is none. */
  readonly bankNotices: (connectionId: string) => NoticeConnection | null;
  readonly authenticate: Authenticate;
  /** Users, sessions, keys: what the routes of sign-in and administration work on. */
  readonly access: AccessDeps;
  /** The company sign-ins of the settings. */
  readonly sso: Sso;
  readonly read: ReadAs;
  readonly settings: ApiSettings;
  /** What reports watch for, and how few sellers a foreign view may not show. */
  readonly supervision: Pick<SupervisionDeps, "watch" | "foreign">;
  /** What can be done with the sandbox; null where there is none. */
  readonly sandbox: SandboxControl | null;
  /** Signs in as one of a sandbox's people by one click; null everywhere else. */
  readonly lookAround: LookAround | null;
  /** The console is served beside the API: who signed in goes there. */
  readonly hasConsole: boolean;
  /** Where webhook endpoints may be. */
  readonly webhooks: WebhookSettings;
  /** Aborted when the program stops: answers that stream end. */
  readonly stopping: AbortSignal;
  /** Told of every request once it is answered. */
  readonly observe: (request: AnsweredRequest) => void;
};
