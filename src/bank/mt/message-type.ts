// Which MT a message is: block 2 says it, or a header line of the bank's portal ("940"), or only
// its fields do. Where the fields fit a credit and a debit alike (MT910 and MT900), the type stays
// unknown: nothing is guessed.

import type { BankFamily } from "../message.ts";
import type { MtField } from "./fields.ts";
import { messageTypeOfBlock2 } from "./fin-block.ts";
import type { RawMessage } from "./split-messages.ts";

export type MtFamily = Extract<BankFamily, "mt940" | "mt942" | "mt910" | "mt103">;

const FAMILIES: ReadonlyMap<string, MtFamily> = new Map([
  ["940", "mt940"],
  ["942", "mt942"],
  ["910", "mt910"],
  ["103", "mt103"],
]);

export type MessageType =
  | { readonly kind: "supported"; readonly family: MtFamily }
  | { readonly kind: "unsupported"; readonly type: string }
  | { readonly kind: "unknown" };

export function messageTypeOf(raw: RawMessage, fields: readonly MtField[]): MessageType {
  const declared = messageTypeOfBlock2(raw.applicationHeader) ?? typeOfHeader(raw.headerLines);
  if (declared === null) return typeOfFields(new Set(fields.map((field) => field.tag)));
  const family = FAMILIES.get(declared);
  return family === undefined
    ? { kind: "unsupported", type: `MT${declared}` }
    : { kind: "supported", family };
}

/** "940", "940 00" or ":940:" among the lines before :20:. */
function typeOfHeader(headerLines: readonly string[]): string | null {
  for (const line of headerLines) {
    const type = /^:?(\d{3})(:| \d{2})?$/.exec(line)?.[1];
    if (type !== undefined) return type;
  }
  return null;
}

function typeOfFields(tags: ReadonlySet<string>): MessageType {
  const has = (...names: readonly string[]) => names.some((name) => tags.has(name));
  if (has("60F", "60M", "62F", "62M")) return supported("mt940");
  if (has("34F") && has("28C", "28")) return supported("mt942");
  if (has("23B") && has("32A") && has("59", "59A", "59F")) return supported("mt103");
  // 50a and 56a tell MT910 from MT900, the debit, which has all its other fields too.
  if (has("25", "25P") && has("32A") && has("50A", "50F", "50K", "56A", "56D"))
    return supported("mt910");
  return { kind: "unknown" };
}

function supported(family: MtFamily): MessageType {
  return { kind: "supported", family };
}
