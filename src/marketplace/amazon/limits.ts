// Every limit of the Amazon readers, with its unit. A file that passes one is refused as a whole,
// with the limit's name: a hostile or broken file must not cost memory. Sizes were set from real
// files (longest real line 0.5 kB, widest real header 36 columns) with a wide margin.

/** Bytes of the head that `sniffMarketplaceFile` looks at. */
export const SNIFF_BYTES_MAX = 65_536;
/** Bytes of one line (one record, for CSV), without its line end. */
export const LINE_BYTES_MAX = 65_536;
/** Bytes of one field. */
export const FIELD_BYTES_MAX = 8_192;
/** Columns of one line. V1 has 36; an Amazon fault of 2022 gave a few more. */
export const COLUMNS_MAX = 200;
/** Settlements in one file (concatenated reports). */
export const SETTLEMENTS_PER_FILE_MAX = 2_000;
/** Groups of one settlement; real files have fewer than 200. */
export const GROUPS_PER_STATEMENT_MAX = 20_000;
/**
 * Orders of one settlement of which sums are kept; a settlement with more is proven all the same, and its orders count
 * as not known.
 */
export const ORDERS_PER_STATEMENT_MAX = 1_000_000;
/** Groups of all settlements of one file together. */
export const GROUPS_PER_FILE_MAX = 200_000;
/** Distinct marketplace names of one settlement. */
export const MARKETPLACE_NAMES_MAX = 100;
/** Reasons listed on one statement; what comes after is counted in one last reason. */
export const REASONS_PER_STATEMENT_MAX = 100;
/** Amounts that may wait until a later line decides the number style of the file. */
export const UNDECIDED_AMOUNTS_MAX = 10_000;
/** Digits of one amount; ISO 20022 allows 18 and so do we. */
export const AMOUNT_DIGITS_MAX = 18;
/** Records before the header of a date-range file; real files have 7 to 9. */
export const PREAMBLE_RECORDS_MAX = 40;
/** Consecutive settlements that one transfer may pay: half a year of weekly settlements. */
export const SETTLEMENTS_PER_TRANSFER_MAX = 26;
/** Settlements before a transfer among which those it pays are looked for. */
export const SETTLEMENTS_BEFORE_TRANSFER_MAX = 52;
/** Transfer rows in one date-range file: daily ones for more than a decade. */
export const TRANSFERS_PER_FILE_MAX = 5_000;
/** Groups of one hash that are compared one by one; real files have one. */
export const HASH_CANDIDATES_MAX = 16;
/** Bytes of one JSON answer or of a file of joined pages; Amazon answers have at most 10 MB. */
export const JSON_BYTES_MAX = 33_554_432;
/** Objects and arrays inside one another in JSON. */
export const JSON_DEPTH_MAX = 64;
/** Payouts or event groups in one file. */
export const PAYOUTS_PER_FILE_MAX = 100_000;
/** Balances, expected payouts, summaries or transactions in one file; a page has at most 500. */
export const OUTLOOK_ITEMS_MAX = 100_000;
