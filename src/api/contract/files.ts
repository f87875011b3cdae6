// Raw files on the wire: what arrived, how far it was read, and its bytes for those who may have them.

import { z } from "@hono/zod-openapi";
import { apiRoute, json } from "../api-route.ts";
import { pageOf, pageQuery } from "../page.ts";
import { fileLine, lineQuery } from "./statements.ts";
import { idParam, instant, reason, sellerFilter, sha256 } from "./values.ts";

export const rawFile = z
  .object({
    sha256,
    name: z.string().openapi({ description: "As first received.", example: "settlement.txt" }),
    byteCount: z.int(),
    sellerId: z.string().nullable(),
    kind: z.enum(["marketplace", "bank", "evidence", "unknown"]),
    format: z.string().nullable().openapi({ description: "Found by content. Open." }),
    state: z.enum(["stored", "read", "refused"]).openapi({
      description:
        "stored: kept, not settled yet; read: its facts are on record; refused: nothing in it is used.",
    }),
    reasons: z.array(reason),
    storedAt: instant,
    readAt: instant.nullable(),
  })
  .openapi("RawFile");
export type RawFileJson = z.infer<typeof rawFile>;

export const rawFileWithArrivals = rawFile
  .extend({ arrivals: z.array(z.object({ name: z.string(), arrivedAt: instant })) })
  .openapi("RawFileWithArrivals");

const params = z.object({
  sha256: idParam(
    "The file's sha256.",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  ),
});

export const listFiles = apiRoute({
  method: "get",
  path: "/v1/files",
  operationId: "listFiles",
  summary: "List raw files, the last stored first",
  tags: ["Files"],
  permission: "files.read",
  request: {
    query: pageQuery.extend({
      sellerId: sellerFilter,
      state: z.enum(["stored", "read", "refused"]).optional(),
    }),
  },
  responses: { 200: json(pageOf(rawFile, "RawFilePage"), "A page of files.") },
  problems: ["cursor-invalid"],
});

export const getFile = apiRoute({
  method: "get",
  path: "/v1/files/{sha256}",
  operationId: "getFile",
  summary: "One raw file, and every time it came",
  tags: ["Files"],
  permission: "files.read",
  request: { params },
  responses: { 200: json(rawFileWithArrivals, "The file.") },
  problems: ["not-found"],
});

export const getFileContent = apiRoute({
  method: "get",
  path: "/v1/files/{sha256}/content",
  operationId: "getFileContent",
  summary: "The bytes of a raw file as received; the download is noted on its timeline",
  tags: ["Files"],
  permission: "files.download",
  request: { params },
  responses: {
    200: {
      description: "The bytes.",
      content: {
        "application/octet-stream": { schema: { type: "string", format: "binary" } as const },
      },
    },
  },
  problems: ["not-found"],
});

export const listFileLines = apiRoute({
  method: "get",
  path: "/v1/files/{sha256}/lines",
  operationId: "listFileLines",
  summary: "Lines of a raw file as received",
  tags: ["Files"],
  permission: "files.download",
  request: { params, query: lineQuery },
  responses: { 200: json(pageOf(fileLine, "FileLinePage"), "A page of lines, in their order.") },
  problems: ["not-found", "cursor-invalid"],
});
