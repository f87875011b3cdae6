// A message without balances cannot prove that a field left aside held no money: there, a field
// that the type does not have is a reason.

import { fieldText } from "./fields.ts";
import type { Findings } from "./findings.ts";
import { addReason, quoted } from "./findings.ts";
import type { MtMessage } from "./header.ts";

export function refuseUnknownFields(
  message: MtMessage,
  knownTags: ReadonlySet<string>,
  findings: Findings,
): void {
  for (const field of message.fields)
    if (!knownTags.has(field.tag))
      addReason(
        findings,
        "mt-field-unexpected",
        field.line,
        `Line ${field.line}: ${message.family.toUpperCase()} has no :${field.tag}: (${quoted(fieldText(field))}).`,
      );
}
