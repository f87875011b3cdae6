// The types by which a resource's file adds its routes to the API.

import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Caller } from "../identity/caller.ts";
import type { ApiDeps } from "./deps.ts";
import type { ProblemCode } from "./problems.ts";
import type { TraceContext } from "./trace-context.ts";

/** What a request carries through its middleware. */
export type RequestFacts = {
  /** Who asks; absent only on routes whose permission is "public". */
  caller: Caller;
  requestId: string;
  trace: TraceContext;
  deps: ApiDeps;
  /** Set by whoever answers with a problem. */
  problem: ProblemCode;
  /**
   * The Idempotency-Key of a route that takes one, made unique for its caller: an act derives its own ids from it, so
   * that a repeat after a crash is the same act and not a second one.
   */
  actKey: string;
};

export type ApiEnv = { Variables: RequestFacts };
export type ApiApp = OpenAPIHono<ApiEnv>;
/** Adds one resource's routes. */
export type RegisterRoutes = (app: ApiApp, deps: ApiDeps) => void;
