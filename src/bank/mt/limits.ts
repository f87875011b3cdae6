// What one MT line, field and message may hold before it is refused; src/bank/limits.ts has the
// limits of every bank file. FIN messages are at most 10,000 characters (SWIFT user handbook); bank
// portals export months of statements into one file, so our own limits are far above that.

/**
 * Characters of one line. Field lines have at most 65, FIN headers in RJE files a few hundred. Own
 * limit.
 */
export const MT_LINE_CHARS_MAX = 4096;

/** Lines of one field. :86: has at most 6 by the standard; Dutch banks write 8. Own limit. */
export const MT_FIELD_LINES_MAX = 100;

/** Entries (:61:) of one message. Own limit. */
export const MT_ENTRIES_MAX = 100_000;

/** Lines before :20: that may stand as a header ("ABNANL2A", "940", "ABNANL2A"). Own limit. */
export const MT_HEADER_LINES_MAX = 6;

/** Characters of an amount, decimal comma included: format 15d of every amount subfield. */
export const MT_AMOUNT_CHARS_MAX = 15;

/** Characters of a :86: line: format 6*65x. A line this long goes on in the next one. */
export const MT_DETAILS_LINE_CHARS = 65;

/**
 * Characters of a :70:, :72: or party line: format 4*35x. A :70: line this long goes on in the next
 * one.
 */
export const MT_NARRATIVE_LINE_CHARS = 35;

/** Characters of a ?20 to ?29 subfield in German :86: fields (DFÜ agreement, annex 3): 27. */
export const MT_GERMAN_SUBFIELD_CHARS = 27;

/** Characters of the raw line that a reason quotes. Own limit. */
export const MT_QUOTED_CHARS_MAX = 80;
