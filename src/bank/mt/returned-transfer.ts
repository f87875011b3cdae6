// A returned or rejected transfer: field 72 begins with "/RETN/" or "/REJT/", then "/AC01/text",
// "/MREF/…" the reference and "/TREF/…" the transaction it undoes. Source: SWIFT payments reject
// and return guidelines.

import type { ReturnInfo } from "../message.ts";
import type { MtMessage } from "./header.ts";
import { fieldOf } from "./header.ts";
import { referenceOf, uetrOf } from "./values.ts";

export function returnIn72(message: MtMessage): ReturnInfo | null {
  const lines = unwrapped(fieldOf(message, "72")?.lines ?? []);
  if (!/^\/(RETN|REJT)\//.test(lines[0] ?? "")) return null;
  const word = (code: string) =>
    lines.find((line) => line.startsWith(`/${code}/`))?.slice(code.length + 2);
  const reason = /^\/([A-Z]{2}\d{2})\/(.*)$/.exec(lines[1] ?? "");
  return {
    reasonCode: reason?.[1] ?? null,
    reasonText: reason?.[2] || word("TEXT") || null,
    originalUetr: uetrOf(word("UETR")),
    originalEndToEndId: null,
    originalInstructionId: referenceOf(word("MREF")),
    originalTransactionId: referenceOf(word("TREF")),
  };
}

/** Lines of field 72 that begin with "//" go on with the line before. */
function unwrapped(lines: readonly string[]): readonly string[] {
  const joined: string[] = [];
  for (const line of lines.map((written) => written.trim())) {
    if (line.startsWith("//") && joined.length > 0) joined[joined.length - 1] += line.slice(2);
    else joined.push(line);
  }
  return joined;
}
