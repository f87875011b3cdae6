// Limits of every bank file reader, each with its unit and source. A bank file is input from outside: what no
// real bank sends is refused before it can cost memory or time. Readers return a refusal when one is passed.

/** Bytes of one bank file. A camt.053 of 31,871 entries is 50 MB; twice that is more than any account's day. */
export const BANK_FILE_BYTES_MAX = 100 * 1024 * 1024;

/** Bytes that `sniffBankFile` looks at; enough for a byte order mark, an XML declaration and an MT header. */
export const SNIFF_BYTES_MAX = 1024;

/** Nested XML elements. The deepest ISO 20022 path inside an envelope is below 20 (camt.054.001.12 schema). */
export const XML_DEPTH_MAX = 64;

/** Characters of one XML text, comment or tag. The longest ISO text is Max2000Text; free text of banks is below 5 KB. */
export const XML_TEXT_LENGTH_MAX = 64 * 1024;

/** Attributes of one XML element. ISO 20022 has one (Ccy); an envelope declares some namespaces. */
export const XML_ATTRIBUTES_MAX = 32;

/** Characters of one XML attribute value. A schemaLocation with every ISO schema is below 4 KB. */
export const XML_ATTRIBUTE_LENGTH_MAX = 8 * 1024;

/** Elements held in memory at once for one record (an entry without its transactions, one transaction, one header). */
export const RECORD_ELEMENTS_MAX = 20_000;

/** Transactions held in memory at once: of one entry (batch) or one pacs message. SEPA batches stay below 100,000. */
export const TRANSACTIONS_HELD_MAX = 200_000;

/** Reasons that one message keeps; the rest are counted in one last reason. */
export const REASONS_PER_MESSAGE_MAX = 100;

/** Characters given to the XML parser at once; what it may hold beyond a limit before the limit is noticed. */
export const XML_SLICE_LENGTH = 32 * 1024;
