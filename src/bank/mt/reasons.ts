// The catalogue of everything the MT reader may object to or remark on: stable code, titles in both
// languages, and what a person does about it. "file": nothing in the file is used; "message": that
// message is quarantined; "note": a deviation that was read all the same and is said aloud;
// "write": our own writer cannot put it in MT.

export type MtReasonScope = "file" | "message" | "note" | "write";

export type MtReasonEntry = {
  readonly scope: MtReasonScope;
  readonly title: string;
  readonly titleZh: string;
  readonly whatToDo: string;
};

export const MT_REASONS = {
  "mt-file-empty": {
    scope: "file",
    title: "The file is empty",
    titleZh: "文件为空",
    whatToDo: "Fetch the file again from the bank.",
  },
  "mt-file-too-large": {
    scope: "file",
    title: "The file is larger than an MT file may be",
    titleZh: "文件超过大小上限",
    whatToDo: "Ask the bank for shorter periods, or split the file between two messages.",
  },
  "mt-line-too-long": {
    scope: "file",
    title: "A line is longer than any MT line",
    titleZh: "行长度超过上限",
    whatToDo: "Check that the file is an MT file and that its line ends survived the transfer.",
  },
  "mt-nul-byte": {
    scope: "file",
    title: "The file holds NUL bytes",
    titleZh: "文件含空字节",
    whatToDo:
      "Transfer the file again as text in ASCII, UTF-8, ISO-8859-1 or GB18030; not as UTF-16.",
  },
  "mt-no-message": {
    scope: "file",
    title: "The file holds no MT message",
    titleZh: "文件中没有 MT 报文",
    whatToDo: "Check that the right file was sent; acknowledgements alone bring no money.",
  },
  "mt-text-outside-message": {
    scope: "file",
    title: "Text stands outside any message",
    titleZh: "报文之外有多余文本",
    whatToDo: "Look at the line: the start of a message may be missing. Fetch the file again.",
  },
  "mt-type-unsupported": {
    scope: "file",
    title: "The message type is not read here",
    titleZh: "不支持的报文类型",
    whatToDo: "Send only MT940, MT942, MT910 and MT103; route other types elsewhere.",
  },
  "mt-type-unknown": {
    scope: "file",
    title: "The message type cannot be told from its fields",
    titleZh: "无法判断报文类型",
    whatToDo: "Ask the bank for files with FIN headers (block 2), which name the type.",
  },
  "mt-cut-off": {
    scope: "message",
    title: "The message is cut off",
    titleZh: "报文不完整",
    whatToDo: "Fetch the file again; the message must end with a line of '-' or '-}'.",
  },
  "mt-envelope-broken": {
    scope: "message",
    title: "A FIN block is damaged",
    titleZh: "报文块损坏",
    whatToDo: "Fetch the file again; a damaged trailer may hide a possible-duplicate mark.",
  },
  "mt-rejected-by-network": {
    scope: "message",
    title: "The network refused this message",
    titleZh: "报文被网络拒收",
    whatToDo: "Nothing was sent and no money moves; ask the sender.",
  },
  "mt-training-message": {
    scope: "message",
    title: "The message is marked as test and training",
    titleZh: "测试培训报文",
    whatToDo: "It is not money. Remove it from the production channel.",
  },
  "mt-field-missing": {
    scope: "message",
    title: "A mandatory field is missing",
    titleZh: "缺少必填域",
    whatToDo: "Ask the bank for a complete message.",
  },
  "mt-field-repeated": {
    scope: "message",
    title: "A field that may stand once stands twice",
    titleZh: "域重复出现",
    whatToDo: "Two messages may have run together; fetch the file again.",
  },
  "mt-field-unexpected": {
    scope: "message",
    title: "The message type does not have this field",
    titleZh: "出现该报文类型没有的域",
    whatToDo: "Look at the line; ask the bank which standard release it follows.",
  },
  "mt-field-malformed": {
    scope: "message",
    title: "A field does not follow its format",
    titleZh: "域格式错误",
    whatToDo: "Look at the line and ask the bank; the line is kept as it came.",
  },
  "mt-field-too-long": {
    scope: "message",
    title: "A field has too many lines",
    titleZh: "域行数过多",
    whatToDo: "Two messages may have run together; fetch the file again.",
  },
  "mt-control-character": {
    scope: "message",
    title: "A field holds a control character",
    titleZh: "域中含控制字符",
    whatToDo: "Fetch the file again as plain text.",
  },
  "mt-entries-too-many": {
    scope: "message",
    title: "The message has too many entries",
    titleZh: "明细行过多",
    whatToDo: "Ask the bank for shorter periods.",
  },
  "mt-date-impossible": {
    scope: "message",
    title: "The date does not exist",
    titleZh: "日期不存在",
    whatToDo: "Ask the bank for the right date; money is not booked on a guessed day.",
  },
  "mt-amount-malformed": {
    scope: "message",
    title: "The amount cannot be read exactly",
    titleZh: "金额无法准确读取",
    whatToDo: "Ask the bank; an amount needs a comma and no more decimals than its currency has.",
  },
  "mt-currency-unknown": {
    scope: "message",
    title: "The currency is missing or not in ISO 4217",
    titleZh: "币种缺失或不在 ISO 4217",
    whatToDo: "Ask the bank which currency the account has.",
  },
  "mt-currency-mismatch": {
    scope: "message",
    title: "One message names two account currencies",
    titleZh: "币种不一致",
    whatToDo: "Ask the bank for one statement a currency.",
  },
  "mt-balance-mismatch": {
    scope: "message",
    title: "Opening balance and entries do not make the closing balance",
    titleZh: "期初余额加明细不等于期末余额",
    whatToDo: "An entry is missing, doubled or changed: fetch the statement again.",
  },
  "mt-total-mismatch": {
    scope: "message",
    title: "The entries do not make the declared number and sum",
    titleZh: "明细与笔数及合计不符",
    whatToDo: "An entry is missing or doubled: fetch the report again.",
  },
  "mt-charges-mismatch": {
    scope: "message",
    title: "Instructed amount and charges do not make the settled amount",
    titleZh: "指示金额与费用不等于清算金额",
    whatToDo: "Ask the bank who took the difference; it is a charge, never lower sales.",
  },
  "mt-findings-too-many": {
    scope: "message",
    title: "There are more reasons than are listed",
    titleZh: "更多原因未列出",
    whatToDo: "Mend the listed reasons first and read the file again.",
  },
  "mt-note-no-end-mark": {
    scope: "note",
    title: "A bare statement ends after its closing balance without an end mark",
    titleZh: "对账单在期末余额后无结束标志",
    whatToDo: "Nothing: opening, entries and closing balance prove that it is whole.",
  },
  "mt-note-charges-unstated": {
    scope: "note",
    title: "Less was settled than instructed, and no charge says why",
    titleZh: "清算金额少于指示金额且未列明费用",
    whatToDo: "Ask the bank who took the difference; until then the shortfall may be held.",
  },
  "mt-note-february-30": {
    scope: "note",
    title: "Value date 30 February read as the last day of February",
    titleZh: "起息日 2 月 30 日按 2 月最后一日读取",
    whatToDo: "Nothing: banks that count interest by 30/360 write this day.",
  },
  "mt-note-field-unused": {
    scope: "note",
    title: "A field was left aside",
    titleZh: "某域未采用",
    whatToDo: "Nothing: the balances prove the statement without it. The raw file keeps it.",
  },
  "mt-note-statement-text": {
    scope: "note",
    title: "The bank's text about the statement as a whole",
    titleZh: "银行对整份对账单的说明",
    whatToDo: "Read it; it belongs to no entry.",
  },
  "mt-note-floor-limit": {
    scope: "note",
    title: "The bank lists only entries from a floor limit up",
    titleZh: "银行仅列示达到起点金额的明细",
    whatToDo: "Smaller entries come with the end-of-day statement.",
  },
  "mt-value-unwritable": {
    scope: "write",
    title: "The value does not fit its MT field",
    titleZh: "该值无法写入 MT 域",
    whatToDo: "Shorten it or leave out what the field's format does not allow.",
  },
} as const satisfies Readonly<Record<string, MtReasonEntry>>;

/** Stable code of a reason or note of the MT reader. */
export type MtReasonCode = keyof typeof MT_REASONS;
