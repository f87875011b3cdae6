// A refusal of a use case as the problem of the same code; one that the catalogue does not know is a bug.

import { invariant } from "../errors/invariant.ts";
import type { Refusal } from "../errors/refusal.ts";
import type { AccessOutcome } from "../identity/access-deps.ts";
import { type Instant, msOf } from "../time/instant.ts";
import { type ApiProblem, PROBLEMS, type ProblemCode, problem } from "./problems.ts";

function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(PROBLEMS, code);
}

export function refusalProblem(
  refusal: Refusal,
  headers?: Readonly<Record<string, string>>,
): ApiProblem {
  const { code, message } = refusal;
  invariant(isProblemCode(code), `the refusal ${code} has no entry in the catalogue of problems`);
  return problem(code, { detail: message, ...(headers === undefined ? {} : { headers }) });
}

/** The value, or the refusal thrown as a problem, with `Retry-After` where the refusal says when. */
export function valueOf<Value>(outcome: AccessOutcome<Value>, now: Instant): Value {
  if (outcome.ok) return outcome.value;
  const { retryAt } = outcome;
  if (retryAt === undefined) throw refusalProblem(outcome.refusal);
  const seconds = Math.max(1, Math.ceil((msOf(retryAt) - msOf(now)) / 1000));
  throw refusalProblem(outcome.refusal, { "Retry-After": String(seconds) });
}
