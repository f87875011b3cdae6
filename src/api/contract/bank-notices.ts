// What a bank sends to the channel by itself: one notice a call, signed, as the bytes of a bank message.

import { z } from "@hono/zod-openapi";
import { apiRoute, json } from "../api-route.ts";
import { idParam, instant, reason, sha256 } from "./values.ts";

const bytes = z.string().openapi({ format: "binary" });

export const noticeAnswer = z
  .object({
    sha256,
    format: z.string().nullable().openapi({
      description: "What the bytes turned out to be; null while they are not read.",
      example: "camt.054.001.08",
    }),
    outcome: z.enum(["stored", "new", "seen", "refused"]).openapi({
      description:
        "`refused`: the bytes are kept and a person looks at them; sending them again changes nothing.",
    }),
    reasons: z.array(reason),
    storedAt: instant.openapi({ description: "When the notice was kept for the first time." }),
  })
  .openapi("BankNoticeAnswer");

export const takeBankNotice = apiRoute({
  method: "post",
  path: "/v1/bank/{connection}/notices",
  operationId: "takeBankNotice",
  summary: "Take a notice from a bank",
  description:
    "The body is one file as the bank would put it into a folder: camt.054, MT910 or another of the formats of " +
    "bank-formats.md, byte for byte. The call is signed (bank-connections.md). It is answered once the notice is kept " +
    "for good; the same notice again gets the same answer.",
  tags: ["Bank"],
  permission: "public",
  request: {
    params: z.object({
      connection: idParam("Id of a webhook connection in the settings.", "icbc-usd"),
    }),
    body: {
      required: true,
      content: {
        "application/xml": { schema: bytes },
        "text/plain": { schema: bytes },
        "application/octet-stream": { schema: bytes },
      },
    },
  },
  responses: { 200: json(noticeAnswer, "Kept; what became of it.") },
  problems: ["not-found", "signature-refused"],
});
