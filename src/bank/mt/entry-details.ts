// Field 86, what the bank tells about an entry, in the three ways banks write it: German sub-fields
// ("166?00…?20…"), slash code words ("/EREF/…/REMI/…") and free text.

import { readCodedDetails } from "./coded-details.ts";
import type { EntryDetails } from "./details.ts";
import { NO_DETAILS } from "./details.ts";
import { joinWrapped } from "./fields.ts";
import { readGermanDetails } from "./german-details.ts";
import { MT_DETAILS_LINE_CHARS } from "./limits.ts";

/** Reads the lines of :86:. Sub-fields and code words may be broken over lines at any place. */
export function readEntryDetails(lines: readonly string[]): EntryDetails {
  const whole = lines.join("");
  return (
    readGermanDetails(whole) ??
    readCodedDetails(whole) ?? {
      ...NO_DETAILS,
      remittance: joinWrapped(lines, MT_DETAILS_LINE_CHARS),
    }
  );
}
