// Problems of reports: part of the one catalogue (problems.ts).

import type { ProblemEntry } from "./problems.ts";

export const REPORT_PROBLEMS = {
  "report-span-invalid": {
    status: 422,
    title: "The report's days do not fit",
    titleZh: "报表日期范围不合要求",
    retryable: false,
    meaning: "`detail` says which: the last day is before the first, or the steps are too many.",
  },
  "report-view-refused": {
    status: 422,
    title: "The view has no such figures",
    titleZh: "该视图不提供此类数据",
    retryable: false,
    meaning: "The foreign view names nobody: group by marketplace, mode, code or country.",
  },
  "target-invalid": {
    status: 422,
    title: "The target does not hold together",
    titleZh: "目标设定不成立",
    retryable: false,
    meaning: "`detail` says what contradicts itself: days, baseline, amount or their number.",
  },
} as const satisfies Record<string, ProblemEntry>;
