// The HTTP API: every resource's routes behind one front, and the document that describes them. It listens to nothing
// itself: `fetch` is served by whoever starts the program, and called directly by tests.

import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { methodNotAllowed } from "hono/method-not-allowed";
import type { z } from "zod";
import { answerProblem, problemOf } from "./answer-problem.ts";
import type { ApiDeps } from "./deps.ts";
import { unchangedSinceRead } from "./entity-tag.ts";
import { admit, limitBody, requestFacts, secureAnswers } from "./middleware.ts";
import { makeOpenApiDocument, type OpenApiDocument } from "./openapi-document.ts";
import { type FieldFault, problem } from "./problems.ts";
import type { ApiApp, ApiEnv } from "./register.ts";
import { RESOURCES } from "./resources.ts";

export type Api = {
  /** Answers a request; `env` is what the server knows of the connection. */
  readonly fetch: (request: Request, env?: object) => Response | Promise<Response>;
  /** The whole description: OpenAPI 3.1. */
  readonly openApiDocument: () => OpenApiDocument;
  readonly app: ApiApp;
};

export function createApi(deps: ApiDeps): Api {
  const app: ApiApp = new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (!result.success) {
        throw problem("request-invalid", { errors: faultsOf(result.target, result.error.issues) });
      }
    },
  });
  app.onError((error, c) => answerProblem(c, problemOf(error)));
  app.notFound((c) => answerProblem(c, problem("not-found")));
  app.use(requestFacts(deps), secureAnswers(), unchangedSinceRead(), otherMethods(app));
  app.use(admit(deps), limitBody(deps));
  for (const register of RESOURCES) register(app, deps);
  return {
    fetch: (request, env) => app.fetch(request, env),
    openApiDocument: () => makeOpenApiDocument(app),
    app,
  };
}

/** A path that is ours with a method that is not gets the methods that it takes. */
function otherMethods(app: ApiApp) {
  return methodNotAllowed({
    app,
    onMethodNotAllowed: (c: Context<ApiEnv>, methods: readonly string[]) =>
      answerProblem(c, problem("method-not-allowed", { headers: { Allow: methods.join(", ") } })),
  });
}

/** Where in the request a validator looked, as the first step of a pointer. */
const PLACES: Readonly<Record<string, string>> = {
  json: "body",
  form: "body",
  query: "query",
  param: "path",
  header: "header",
  cookie: "cookie",
};

function faultsOf(target: string, issues: readonly z.core.$ZodIssue[]): readonly FieldFault[] {
  return issues.map((issue) => {
    const path = issue.path.map((step) => String(step).replaceAll("~", "~0").replaceAll("/", "~1"));
    return {
      pointer: `/${[PLACES[target] ?? target, ...path].join("/")}`,
      code: issue.code.replaceAll("_", "-"),
      detail: issue.message,
    };
  });
}
