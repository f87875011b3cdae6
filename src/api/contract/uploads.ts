// Uploads on the wire: a file handed in by request, and what became of it.

import { z } from "@hono/zod-openapi";
import { apiRoute, json } from "../api-route.ts";
import { pageOf, pageQuery } from "../page.ts";
import { idParam, instant, reason, sellerFilter, sha256 } from "./values.ts";

export const upload = z
  .object({
    id: z.string().openapi({ example: "upl_01jd5wq3v0x5r6y7z8a9b0c1d2" }),
    name: z.string(),
    sha256,
    byteCount: z.int(),
    sellerId: z.string().nullable(),
    uploadedBy: z.string().openapi({ description: "User or key." }),
    uploadedAt: instant,
    state: z.enum(["stored", "read", "refused"]).openapi({
      description:
        "stored: kept, and settled in a moment; read: its facts are on record; refused: nothing in it is used.",
    }),
    format: z.string().nullable(),
    reasons: z.array(reason).openapi({
      description: "Why it is refused, or why something in it is quarantined.",
    }),
  })
  .openapi("Upload");
export type UploadJson = z.infer<typeof upload>;

/** What a file may be called that is sent as the body alone. */
const nameQuery = z.string().min(1).max(255).optional().openapi({
  description: "The file's name, where the body is the file alone.",
  example: "settlement.txt",
});

export const uploadForm = z.object({
  file: z
    .custom<File>((value) => value instanceof File, "is missing: send one file")
    .openapi({
      type: "string",
      format: "binary",
    }),
  sellerId: z.string().max(63).optional(),
});

const binary = { schema: { type: "string", format: "binary" } as const };

/** Media types of a file sent as the body alone; what it is, its content says. */
export const RAW_MEDIA_TYPES = [
  "application/octet-stream",
  "application/xml",
  "text/xml",
  "text/plain",
  "text/csv",
  "text/tab-separated-values",
  "application/json",
] as const;

export const createUpload = apiRoute({
  method: "post",
  path: "/v1/uploads",
  operationId: "createUpload",
  summary: "Hand in a file: a settlement report, a payout list, a bank message",
  description:
    "The bytes are kept before anything reads them, and their identity is their sha256: sending a file again is harmless. " +
    "201 when all that follows from it is on record; 202 when it is kept and another process settles it: ask `Location`.",
  tags: ["Uploads"],
  permission: "uploads.write",
  request: {
    query: z.object({ name: nameQuery, sellerId: sellerFilter }),
    body: {
      content: {
        "multipart/form-data": { schema: uploadForm },
        ...Object.fromEntries(RAW_MEDIA_TYPES.map((type) => [type, binary])),
      },
    },
  },
  responses: {
    201: json(upload, "Kept and settled."),
    202: json(upload, "Kept; ask `Location` what became of it."),
  },
  problems: [
    "upload-empty",
    "upload-not-for-sellers",
    "seller-unknown",
    "media-type-not-supported",
  ],
});

export const listUploads = apiRoute({
  method: "get",
  path: "/v1/uploads",
  operationId: "listUploads",
  summary: "List uploads, newest first",
  tags: ["Uploads"],
  permission: "files.read",
  request: { query: pageQuery.extend({ sellerId: sellerFilter }) },
  responses: { 200: json(pageOf(upload, "UploadPage"), "A page of uploads.") },
  problems: ["cursor-invalid"],
});

export const getUpload = apiRoute({
  method: "get",
  path: "/v1/uploads/{uploadId}",
  operationId: "getUpload",
  summary: "What became of an upload",
  tags: ["Uploads"],
  permission: "files.read",
  request: { params: z.object({ uploadId: idParam("`upl_…`", "upl_01jd5wq3v0x5r6y7z8a9b0c1d2") }) },
  responses: { 200: json(upload, "The upload.") },
  problems: ["not-found"],
});
