// Every limit of the evidence readers, with its unit. A file that passes one is refused as a whole, with the limit's name.

/** Bytes of one file of orders, parcels or papers. */
export const EVIDENCE_BYTES_MAX = 134_217_728;
/** Bytes that a spreadsheet may unpack to: it is a compressed archive. */
export const SPREADSHEET_UNPACKED_MAX = 402_653_184;
/** Rows of one table. */
export const ROWS_MAX = 2_000_000;
/** Rows before the header of a table: titles and notes that people put there. */
export const ROWS_BEFORE_HEADER_MAX = 20;
/** Characters of an order id, a paper's number, a tracking number or a name. */
export const TEXT_LENGTH_MAX = 200;
/** Rejected rows that are listed; all are counted. */
export const REJECTED_LISTED_MAX = 100;
/** Articles of one order that are kept by name. */
export const SKUS_PER_ORDER_MAX = 50;
