// The API about itself: where things are, its description, and the reference pages.

import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { JSONValue } from "hono/utils/types";
import { apiRoute, json } from "../api-route.ts";
import { API_VERSION, makeOpenApiDocument, type OpenApiDocument } from "../openapi-document.ts";
import { PROBLEMS, type ProblemCode, problem } from "../problems.ts";
import { PAGE_POLICY, STYLESHEET } from "../reference/html-text.ts";
import {
  problemsPage,
  type ReferenceDocument,
  referencePage,
} from "../reference/reference-page.ts";
import type { ApiEnv, RegisterRoutes } from "../register.ts";

const getService = apiRoute({
  method: "get",
  path: "/v1",
  operationId: "getService",
  summary: "What this is, and where its description stands",
  tags: ["Service"],
  permission: "public",
  responses: {
    200: json(
      z
        .object({
          name: z.string().openapi({ example: "straitway" }),
          version: z.string().openapi({ example: API_VERSION }),
          openapi: z.string().openapi({ example: "/v1/openapi.json" }),
          reference: z.string().openapi({ example: "/reference" }),
          problems: z.string().openapi({ example: "/problems" }),
        })
        .openapi("Service"),
      "The service.",
    ),
  },
});

const getOpenApi = apiRoute({
  method: "get",
  path: "/v1/openapi.json",
  operationId: "getOpenApi",
  summary: "This description, OpenAPI 3.1",
  tags: ["Service"],
  permission: "public",
  responses: { 200: json(z.record(z.string(), z.unknown()), "The document.") },
});

/** How long a browser may keep the pages: they change with the program only. */
const PAGE_SECONDS = 300;

export const aboutRoutes: RegisterRoutes = (app) => {
  let made: OpenApiDocument | null = null;
  // At the first request, when every resource has registered its routes.
  const document = (): OpenApiDocument => {
    made ??= makeOpenApiDocument(app);
    return made;
  };
  app.openapi(getService, (c) =>
    c.json(
      {
        name: "straitway",
        version: API_VERSION,
        openapi: "/v1/openapi.json",
        reference: "/reference",
        problems: "/problems",
      },
      200,
    ),
  );
  app.openapi(getOpenApi, (c) => c.json(document() as unknown as Record<string, JSONValue>, 200));
  app.get("/reference", (c) =>
    asPage(c, referencePage(document() as unknown as ReferenceDocument)),
  );
  app.get("/reference.css", (c) => {
    c.header("Cache-Control", `public, max-age=${PAGE_SECONDS}`);
    return c.body(STYLESHEET, 200, { "Content-Type": "text/css; charset=utf-8" });
  });
  app.get("/problems", (c) => asPage(c, problemsPage(null)));
  app.get("/problems/:code", (c) => {
    const code = c.req.param("code");
    if (!Object.hasOwn(PROBLEMS, code)) throw problem("not-found");
    return asPage(c, problemsPage(code as ProblemCode));
  });
};

function asPage(c: Context<ApiEnv>, text: string): Response {
  c.header("Content-Security-Policy", PAGE_POLICY);
  c.header("Cache-Control", `public, max-age=${PAGE_SECONDS}`);
  return c.body(text, 200, { "Content-Type": "text/html; charset=utf-8" });
}
