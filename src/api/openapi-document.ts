// The description of the API, made from the same schemas that check its requests.

import type { ApiApp } from "./register.ts";

export type OpenApiDocument = ReturnType<ApiApp["getOpenAPI31Document"]>;

export function makeOpenApiDocument(app: ApiApp): OpenApiDocument {
  return app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "Straitway", version: "1" },
    servers: [{ url: "/" }],
  });
}
