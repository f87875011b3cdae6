// Every reason why an ISO 20022 file is refused or one of its messages is quarantined: the code, a title in two
// languages and what a person does about it. The codes are shown in the queue and stored, so they never change.

export type Iso20022ReasonEntry = {
  /**
   * `file`: the whole file is refused. `message`: one message is quarantined, its neighbours are not. `note`: a
   * message is used all the same and this is said aloud.
   */
  readonly scope: "file" | "message" | "note";
  readonly title: string;
  readonly titleZh: string;
  /** What a person does about it. */
  readonly whatToDo: string;
};

const ASK_AGAIN = "Ask the bank to send the file again, and compare its size and hash.";
const ASK_BANK = "Ask the bank which figure is right; do not book the message before it answers.";
const HOSTILE = "No bank sends this. Find out where the file came from before doing anything else.";
const SETTINGS = "Ask the bank for a file within the documented limits.";

/** Reasons for the file as a whole. */
const FILE_REASONS = {
  "file-empty": ["The file is empty", "文件为空", ASK_AGAIN],
  "file-too-large": ["The file is larger than 100 MB", "文件超过 100 MB", SETTINGS],
  "xml-doctype": [
    "The file declares a document type or entity",
    "文件含 DOCTYPE 或实体声明",
    HOSTILE,
  ],
  "xml-cut-off": ["The file ends before its last element is closed", "文件不完整", ASK_AGAIN],
  "xml-malformed": ["The file is not well-formed XML", "XML 格式错误", ASK_AGAIN],
  "xml-version": ["The file is not XML 1.0", "XML 版本不是 1.0", SETTINGS],
  "xml-prefix-undeclared": [
    "An element uses an undeclared prefix",
    "命名空间前缀未声明",
    ASK_AGAIN,
  ],
  "xml-nul": ["The file contains a NUL character", "文件含空字符", HOSTILE],
  "xml-too-deep": ["Elements are nested too deeply", "元素嵌套过深", HOSTILE],
  "xml-text-too-long": ["One text or tag is too long", "单个文本或标签过长", HOSTILE],
  "xml-too-many-attributes": ["An element has too many attributes", "元素属性过多", HOSTILE],
  "xml-attribute-too-long": ["An attribute is too long", "属性值过长", HOSTILE],
  "record-too-large": ["One record has too many elements", "单条记录元素过多", HOSTILE],
  "too-many-transactions": [
    "One entry or payment message has too many transactions",
    "单笔分录交易过多",
    SETTINGS,
  ],
  "encoding-unsupported": ["The declared encoding is not supported", "不支持的字符编码", SETTINGS],
  "encoding-contradicted": [
    "The bytes are not in the declared encoding",
    "声明的编码与内容不符",
    ASK_AGAIN,
  ],
  "encoding-invalid": [
    "Some bytes are not valid in the file's encoding",
    "文件含非法编码字节",
    ASK_AGAIN,
  ],
  "not-iso20022": [
    "The file is XML but not an ISO 20022 message",
    "不是 ISO 20022 报文",
    ASK_AGAIN,
  ],
  "message-unsupported": [
    "The message is of a kind that this reader does not take",
    "不支持的报文类型",
    "Take the message out of this channel; only camt.052/053/054, pacs.008 and pacs.004 are read.",
  ],
  "message-empty": [
    "The message holds no statement or payment",
    "报文没有账户报表或付款",
    ASK_AGAIN,
  ],
} as const;

/** Reasons that quarantine one message. */
const MESSAGE_REASONS = {
  "header-contradicts-document": [
    "The envelope names another message than it carries",
    "报文头与报文不符",
    ASK_AGAIN,
  ],
  "field-missing": ["A field that the standard requires is missing", "缺少必填字段", ASK_AGAIN],
  "field-repeated": ["A field that may stand once stands twice", "字段重复", ASK_BANK],
  "field-misplaced": ["A header field stands after the entries", "表头字段位置错误", ASK_AGAIN],
  "amount-unreadable": ["An amount is not a plain decimal", "金额格式错误", ASK_BANK],
  "amount-negative": ["An amount is negative", "金额为负", ASK_BANK],
  "amount-too-fine": [
    "An amount has more decimals than its currency",
    "金额小数位超过币种精度",
    ASK_BANK,
  ],
  "currency-missing": ["An amount names no currency", "金额缺少币种", ASK_BANK],
  "currency-unknown": ["A currency is not in ISO 4217", "币种不在 ISO 4217", ASK_BANK],
  "direction-unknown": ["The direction is neither credit nor debit", "借贷方向不明", ASK_BANK],
  "date-unreadable": ["A date does not exist or cannot be read", "日期错误", ASK_BANK],
  "number-unreadable": ["A count or total is not a number", "笔数或合计格式错误", ASK_BANK],
  "balance-sum-wrong": ["Opening plus entries is not closing", "期初加发生额不等于期末", ASK_BANK],
  "balance-currency-differs": [
    "Opening and closing are in different currencies",
    "期初期末币种不同",
    ASK_BANK,
  ],
  "entry-currency-differs": [
    "An entry is in another currency than the balances",
    "分录币种与余额币种不同",
    ASK_BANK,
  ],
  "transactions-sum-wrong": [
    "The transactions of an entry do not sum to it",
    "明细合计不等于分录金额",
    ASK_BANK,
  ],
  "batch-count-wrong": ["A batch says another number of transactions", "批次笔数不符", ASK_BANK],
  "batch-total-wrong": ["A batch says another total", "批次合计不符", ASK_BANK],
  "summary-count-wrong": ["The summary says another number of entries", "汇总笔数不符", ASK_BANK],
  "summary-sum-wrong": ["The summary says another sum of entries", "汇总金额不符", ASK_BANK],
  "group-count-wrong": [
    "The group header says another number of payments",
    "报文头笔数不符",
    ASK_BANK,
  ],
  "group-total-wrong": ["The group header says another total", "报文头合计不符", ASK_BANK],
  "more-reasons": ["There are more reasons than are kept", "还有更多原因", ASK_BANK],
} as const;

/** What is said aloud of a message that is used. */
const NOTES = {
  "note-page-not-proven": [
    "A page repeats the balances of the whole statement",
    "分页重复整份对账单余额",
    "Nothing, unless the pages together do not add up; ask the bank for one file per statement.",
  ],
  "note-interim-not-proven": [
    "An intraday report's entries are not all between its balances",
    "日间报告余额与分录不对应",
    "Nothing: intraday figures are provisional, the statement of the day proves them.",
  ],
  "note-batch-not-split": [
    "A batch does not say the amounts of its transactions",
    "批次未列明细金额",
    "Ask the bank to list amounts per transaction if the batch pays several payouts.",
  ],
} as const;

/** Reasons of `validateXsd` only. */
const SCHEMA_REASONS = {
  "schema-missing": [
    "There is no schema for this message version",
    "缺少该版本的 XSD",
    "Put the schema of this version into the schema folder, or turn schema validation off for this bank.",
  ],
  "schema-unusable": [
    "The schema file cannot be used",
    "XSD 文件无法使用",
    "Replace the schema file by a fresh copy.",
  ],
  "schema-violation": [
    "The message breaks its schema",
    "报文不符合 XSD",
    "Ask the bank, or list the deviation as known for this bank.",
  ],
} as const;

export type FileReasonCode = keyof typeof FILE_REASONS;
export type MessageReasonCode = keyof typeof MESSAGE_REASONS;
export type NoteCode = keyof typeof NOTES;
export type SchemaReasonCode = keyof typeof SCHEMA_REASONS;
export type Iso20022ReasonCode = FileReasonCode | MessageReasonCode | NoteCode | SchemaReasonCode;

function catalogueOf(
  scope: Iso20022ReasonEntry["scope"],
  rows: Readonly<Record<string, readonly [string, string, string]>>,
): readonly (readonly [string, Iso20022ReasonEntry])[] {
  return Object.entries(rows).map(([code, [title, titleZh, whatToDo]]) => [
    code,
    { scope, title, titleZh, whatToDo },
  ]);
}

/** Code → title in English and Chinese, scope and whatToDo, for every code that this room gives. */
export const ISO20022_REASONS = Object.fromEntries([
  ...catalogueOf("file", FILE_REASONS),
  ...catalogueOf("message", MESSAGE_REASONS),
  ...catalogueOf("note", NOTES),
  ...catalogueOf("message", SCHEMA_REASONS),
]) as Readonly<Record<Iso20022ReasonCode, Iso20022ReasonEntry>>;
