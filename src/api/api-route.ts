// A route as a value: it validates, types and documents itself, names the permission that it needs and the problems
// that it answers with. What every route shares (sign-in, rate limits, faults) is added here, once.

import { createRoute, type RouteConfig, z } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import type { Permission } from "../identity/roles.ts";
import { idempotent } from "./idempotent.ts";
import { permit, signedIn, stepUp } from "./permit.ts";
import { PROBLEMS, type ProblemCode } from "./problems.ts";
import type { ApiEnv } from "./register.ts";

export type RouteDeclaration = Omit<RouteConfig, "middleware" | "security"> & {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: string[];
  /** What the caller must be permitted; "signed-in": nothing but to be known; "public": nobody need be signed in. */
  readonly permission: Permission | "signed-in" | "public";
  /** A sensitive act: only for a person whose second factor was checked a moment ago. */
  readonly stepUp?: true;
  /** It moves money: an Idempotency-Key is required, and a repeat gets the first answer. */
  readonly idempotent?: true;
  /**
   * Problems of its own, beside those that every route has. "if-match-missing" says that it edits what somebody read:
   * If-Match is then described as required (entity-tag.ts checks it).
   */
  readonly problems?: readonly ProblemCode[];
};

export const problemSchema = z
  .object({
    type: z.string().openapi({ example: "/problems/not-found" }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().openapi({ description: "The request's id, also in `Request-Id`." }),
    code: z
      .string()
      .openapi({ description: "Stable word of the catalogue.", example: "not-found" }),
    retryable: z.boolean(),
    errors: z
      .array(z.object({ pointer: z.string(), code: z.string(), detail: z.string() }))
      .optional(),
  })
  .openapi("Problem");

/** A JSON answer: `200: json(payout, "The payout.")`. */
export function json<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { description, content: { "application/json": { schema } } };
}

/** The same of an object that people edit: `ETag` names the version that an edit is made on. */
export function taggedJson<Schema extends z.ZodType>(schema: Schema, description: string) {
  const ETag = {
    description: "The version; send it as `If-Match` with an edit.",
    schema: { type: "string" as const, example: '"v3"' },
  };
  return { ...json(schema, description), headers: { ETag } };
}

/** Problems that any route may answer with; those of signed-in routes besides. */
const OF_EVERY_ROUTE: readonly ProblemCode[] = ["rate-limited", "internal-fault", "unavailable"];
const OF_SIGNED_IN: readonly ProblemCode[] = ["not-signed-in", "not-permitted"];
const OF_IDEMPOTENT: readonly ProblemCode[] = [
  "idempotency-key-missing",
  "idempotency-key-invalid",
  "idempotency-key-running",
  "idempotency-key-reused",
];
/** What OpenAPI shows of the problems: one answer for each status, with the codes that it may carry. */
function problemResponses(codes: readonly ProblemCode[]): RouteConfig["responses"] {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of [...new Set(codes)].sort()) {
    const { status } = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, ofStatus]) => [
      status,
      {
        description: ofStatus.map((code) => `\`${code}\`: ${PROBLEMS[code].title}.`).join(" "),
        content: {
          "application/problem+json": {
            schema: problemSchema,
            // The codes for programs to read; openapi-document.ts holds what they name.
            examples: Object.fromEntries(
              ofStatus.map((code) => [code, { $ref: `#/components/examples/${code}` }]),
            ),
          },
        },
      },
    ]),
  );
}

/** Completes a declaration; give the result and a handler to `app.openapi`. */
export function apiRoute<Path extends string, Route extends RouteDeclaration & { path: Path }>(
  declaration: Route & { path: Path },
): Route & { getRoutingPath: () => string } {
  // What comes back is the declaration and more; its type, from which handlers and clients are typed, stays the same.
  return createRoute(completed(declaration)) as unknown as Route & { getRoutingPath: () => string };
}

function completed(declaration: RouteDeclaration): RouteConfig {
  const { permission, idempotent: isIdempotent, stepUp: needsStepUp, ...described } = declaration;
  const { problems = [], responses, ...rest } = described;
  const middleware: MiddlewareHandler<ApiEnv>[] = [];
  if (permission === "signed-in") middleware.push(signedIn());
  else if (permission !== "public") middleware.push(permit(permission));
  if (needsStepUp === true) middleware.push(stepUp());
  if (isIdempotent === true) middleware.push(idempotent());
  const codes: readonly ProblemCode[] = [
    ...OF_EVERY_ROUTE,
    ...(permission === "public" ? [] : OF_SIGNED_IN),
    ...(needsStepUp === true ? (["step-up-needed"] as const) : []),
    ...(isIdempotent === true ? OF_IDEMPOTENT : []),
    ...(rest.request === undefined ? [] : (["request-invalid"] as const)),
    ...(rest.request?.body === undefined ? [] : (["body-too-large"] as const)),
    ...("application/json" in (rest.request?.body?.content ?? {})
      ? (["json-malformed"] as const)
      : []),
    ...problems,
  ];
  return {
    ...rest,
    ...(permission === "public" ? { security: [] } : { "x-permission": permission }),
    ...(isIdempotent === true ? { "x-idempotent": true } : {}),
    ...(problems.includes("if-match-missing") ? { "x-if-match": true } : {}),
    ...(needsStepUp === true ? { "x-step-up": true } : {}),
    middleware,
    responses: { ...problemResponses(codes), ...responses },
  };
}
