// Collects a JSON file within its limit and reads it, for the lists that come from a marketplace's API.

import { Buffer, isUtf8 } from "node:buffer";
import type { Reason } from "../../errors/refusal.ts";
import { hasUtf8Mark, looksLikeUtf16 } from "./charset.ts";
import type { JsonValue } from "./json-decimal.ts";
import { isArray, isObject, readJson } from "./json-decimal.ts";
import { JSON_BYTES_MAX } from "./limits.ts";
import { amazonReason } from "./reasons.ts";

export type JsonFile =
  | { readonly ok: true; readonly value: JsonValue }
  | { readonly ok: false; readonly refusal: Reason };

/** What can be wrong with any JSON file, in the words of the marketplace that it should be from. */
export type JsonFault =
  | "file-empty"
  | "charset-utf16"
  | "json-broken"
  | "json-too-large"
  | "answer-is-an-error";
export type JsonReason = (code: JsonFault, line: number | null, detail?: string | null) => Reason;

export async function readJsonFile(
  source: AsyncIterable<Uint8Array>,
  onProgress?: (bytes: number) => void,
  reasonOf: JsonReason = amazonReason,
): Promise<JsonFile> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of source) {
    length += chunk.length;
    if (length > JSON_BYTES_MAX) {
      return refuse(reasonOf("json-too-large", null, `more than ${JSON_BYTES_MAX} bytes`));
    }
    chunks.push(Uint8Array.from(chunk));
    onProgress?.(length);
  }
  const bytes = Buffer.concat(chunks, length);
  if (length === 0) return refuse(reasonOf("file-empty", null));
  if (looksLikeUtf16(bytes)) return refuse(reasonOf("charset-utf16", null));
  // RFC 8259 section 8.1: JSON between systems is UTF-8.
  if (!isUtf8(bytes)) return refuse(reasonOf("json-broken", null, "it is not UTF-8"));
  const text = bytes.toString("utf8", hasUtf8Mark(bytes) ? 3 : 0);
  const read = readJson(text);
  if (!read.ok) return refuse(reasonOf("json-broken", read.line, read.problem));
  const error = errorOf(read.value, reasonOf);
  return error === null ? { ok: true, value: read.value } : refuse(error);
}

function refuse(refusal: Reason): JsonFile {
  return { ok: false, refusal };
}

/** `{errors: [{code, message}]}` is an answer of Amazon's, but not one with payouts. */
function errorOf(value: JsonValue, reasonOf: JsonReason): Reason | null {
  if (!isObject(value)) return null;
  const errors = value.get("errors");
  if (!isArray(errors) || errors.length === 0) return null;
  const codes = errors
    .filter(isObject)
    .map((error) => error.get("code"))
    .filter((code) => typeof code === "string");
  return reasonOf("answer-is-an-error", null, codes.join(", "));
}
