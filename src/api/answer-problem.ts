// How a refusal, an outage or a fault becomes an answer (RFC 9457): one body for all, in the reader's language, without a
// word of what is inside.

import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { Outage } from "../errors/outage.ts";
import { languageOf } from "./language.ts";
import { ApiProblem, PROBLEMS, type ProblemEntry, problem } from "./problems.ts";
import type { ApiEnv } from "./register.ts";

/** Seconds after which a caller may try again what an outage stopped. */
const OUTAGE_RETRY_AFTER_SECONDS = 2;

/** What a thrown thing is to the caller. */
export function problemOf(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  if (error instanceof Outage) {
    return error.retryable
      ? problem("unavailable", { headers: { "Retry-After": String(OUTAGE_RETRY_AFTER_SECONDS) } })
      : problem("internal-fault");
  }
  if (error instanceof HTTPException) {
    if (error.status === 400) return problem("json-malformed");
    if (error.status === 413) return problem("body-too-large");
    if (error.status === 415) return problem("media-type-not-supported");
  }
  return problem("internal-fault");
}

export function answerProblem(c: Context<ApiEnv>, found: ApiProblem): Response {
  const entry: ProblemEntry = PROBLEMS[found.code];
  const language = languageOf(c.req.header("accept-language"));
  c.set("problem", found.code);
  const body = {
    type: `/problems/${found.code}`,
    title: language === "zh-CN" ? entry.titleZh : entry.title,
    status: entry.status,
    detail: found.facts.detail ?? `${entry.title}.`,
    instance: c.get("requestId"),
    code: found.code,
    retryable: entry.retryable,
    ...(found.facts.errors === undefined ? {} : { errors: found.facts.errors }),
  };
  return c.body(JSON.stringify(body), entry.status, {
    "Content-Type": "application/problem+json; charset=utf-8",
    "Content-Language": language,
    ...found.facts.headers,
  });
}
