// The catalogue of what can be wrong with an Amazon file: code, title in two languages, what to do.
// A reason on a statement quarantines that statement; a reason in `refusals` refuses the whole
// file. Source of the rules: docs/reference/statement-formats.md.

import type { Reason } from "../../errors/refusal.ts";

/**
 * Title for people and the one thing to do next; the message of a `Reason` adds line and values.
 */
export type ReasonText = {
  readonly title: string;
  readonly titleZh: string;
  readonly remedy: string;
};

const DOWNLOAD_AGAIN = "Download the file again from Amazon and read it unchanged.";
const KEEP_WAITING = "Wait for Amazon to re-issue the settlement; the corrected file replaces it.";
const SEND_US = "Report the format with one made-up line, so that the reader can learn it.";

export const AMAZON_REASONS = {
  // The file as a whole is refused.
  "file-empty": text("The file is empty", "文件为空", DOWNLOAD_AGAIN),
  "header-only": text("The file has a header and nothing else", "文件只有表头", DOWNLOAD_AGAIN),
  "not-this-format": text("The file is not of this format", "文件格式不符", DOWNLOAD_AGAIN),
  "column-missing": text("A column that is needed is missing", "缺少必需的列", DOWNLOAD_AGAIN),
  "column-repeated": text("A column stands twice in the header", "表头有重复的列", DOWNLOAD_AGAIN),
  "charset-utf16": text(
    "The file is UTF-16",
    "文件编码为 UTF-16",
    "Save it as UTF-8, or use the original download.",
  ),
  "charset-contradicts-mark": text(
    "The file says UTF-8 and is not",
    "文件标为 UTF-8 但内容不是",
    DOWNLOAD_AGAIN,
  ),
  "nul-byte": text("The file holds NUL bytes", "文件含有空字节", DOWNLOAD_AGAIN),
  "line-too-long": text("A line is too long", "行过长", DOWNLOAD_AGAIN),
  "field-too-long": text("A field is too long", "字段过长", DOWNLOAD_AGAIN),
  "too-many-columns": text("A line has too many columns", "列数过多", DOWNLOAD_AGAIN),
  "too-many-settlements": text(
    "The file holds too many settlements",
    "结算单数量过多",
    "Split the file and read the parts.",
  ),
  "too-many-groups": text("A settlement has too many kinds of lines", "结算明细类别过多", SEND_US),
  "too-many-payouts": text(
    "The file holds too many payouts",
    "付款记录过多",
    "Split the file and read the parts.",
  ),
  "json-broken": text("The JSON cannot be read", "JSON 无法读取", DOWNLOAD_AGAIN),
  "json-too-large": text(
    "The JSON is too large",
    "JSON 过大",
    "Split the pages into several files.",
  ),
  "answer-is-an-error": text(
    "The answer is an error of Amazon's",
    "亚马逊返回了错误",
    "Ask Amazon again; this answer holds no payouts.",
  ),
  "too-many-items": text(
    "The file holds too many items",
    "条目过多",
    "Split the pages into several files.",
  ),
  "item-unreadable": text("An item of the list cannot be read", "条目无法读取", SEND_US),
  "payout-unreadable": text("A payout cannot be read", "付款记录无法读取", SEND_US),
  // One statement is quarantined.
  "total-mismatch": text("The lines do not sum to the total", "账期总额不一致", KEEP_WAITING),
  "total-missing": text("The settlement declares no total", "缺少结算总额", DOWNLOAD_AGAIN),
  "total-differs": text(
    "Two totals are declared for one settlement",
    "同一结算单有两个总额",
    "Read each report as its own file.",
  ),
  "summary-repeated": text(
    "The settlement stands in the file twice",
    "文件中结算单重复",
    "Read each report as its own file.",
  ),
  "amount-missing": text("A line has no amount", "明细缺少金额", DOWNLOAD_AGAIN),
  "amount-unreadable": text("An amount is not a number", "金额不是数字", DOWNLOAD_AGAIN),
  "amount-too-long": text("An amount has too many digits", "金额位数过多", DOWNLOAD_AGAIN),
  "amount-not-exact": text(
    "An amount has more decimals than its currency",
    "金额小数位超过币种",
    DOWNLOAD_AGAIN,
  ),
  "number-style-ambiguous": text(
    "Nothing tells whether the mark is decimal or thousands",
    "无法判断小数点或千位分隔符",
    DOWNLOAD_AGAIN,
  ),
  "number-style-mixed": text(
    "An amount is written in another style than the rest",
    "金额写法前后不一致",
    DOWNLOAD_AGAIN,
  ),
  "date-unreadable": text("A date cannot be read", "日期无法读取", DOWNLOAD_AGAIN),
  "date-style-ambiguous": text(
    "Nothing tells the day from the month",
    "无法区分日与月",
    DOWNLOAD_AGAIN,
  ),
  "date-style-mixed": text(
    "A date is written in another style than the rest",
    "日期写法前后不一致",
    DOWNLOAD_AGAIN,
  ),
  "zone-unknown": text("The time zone is not known", "时区无法识别", SEND_US),
  "currency-unknown": text(
    "The currency is missing or not known",
    "币种缺失或未知",
    DOWNLOAD_AGAIN,
  ),
  "currency-differs": text(
    "Two currencies in one settlement",
    "同一结算单有两种币种",
    DOWNLOAD_AGAIN,
  ),
  "row-too-short": text("A line has too few columns", "列数不足", DOWNLOAD_AGAIN),
  "row-too-wide": text("A line has more columns than the header", "列数多于表头", DOWNLOAD_AGAIN),
  "file-cut-off": text("The file ends in the middle of a line", "文件不完整", DOWNLOAD_AGAIN),
  "settlement-id-missing": text("A line names no settlement", "明细缺少结算编号", DOWNLOAD_AGAIN),
  "components-mismatch": text(
    "The columns of a line do not sum to its total",
    "分项之和与合计不符",
    DOWNLOAD_AGAIN,
  ),
  "not-proven-by-a-transfer": text(
    "No transfer in the file equals this settlement",
    "文件中没有与之相符的转账",
    "Use the settlement report, or a longer date range.",
  ),
  "deferred-not-released": text(
    "Deferred lines belong to no settlement yet",
    "递延款项尚未释放",
    "Nothing to do: Amazon settles them after release.",
  ),
  "more-reasons": text("More lines have faults", "还有其他问题行", DOWNLOAD_AGAIN),
} as const satisfies Record<string, ReasonText>;

export type AmazonReasonCode = keyof typeof AMAZON_REASONS;

function text(title: string, titleZh: string, remedy: string): ReasonText {
  return { title, titleZh, remedy };
}

/**
 * A reason of the catalogue. `detail` names the values; the title and the remedy are put around it.
 */
export function amazonReason(
  code: AmazonReasonCode,
  line: number | null,
  detail: string | null = null,
): Reason {
  const { title, remedy } = AMAZON_REASONS[code];
  const facts = detail === null ? "" : `: ${detail}`;
  return { code, line, message: `${title}${facts}. ${remedy}` };
}

/**
 * Text of a foreign file as it may stand in a message: one line, no control characters, not too
 * long.
 */
export function quoted(value: string): string {
  const shown = value.length > 60 ? `${value.slice(0, 57)}...` : value;
  return JSON.stringify(shown);
}
