// Problems of declarations: part of the one catalogue (problems.ts).

import type { ProblemEntry } from "./problems.ts";

export const DECLARATION_PROBLEMS = {
  "declaration-filed": {
    status: 409,
    title: "The declaration was filed",
    titleZh: "该申报已报送",
    retryable: false,
    meaning:
      "What was handed over is corrected by the bank with a reason, not completed by the payee.",
  },
  "country-unknown": {
    status: 422,
    title: "No such country",
    titleZh: "没有该国家或地区",
    retryable: false,
    meaning: "Give ISO 3166 letters, two or three.",
  },
  "declarations-off": {
    status: 409,
    title: "Nothing is declared here",
    titleZh: "此处未作申报",
    retryable: false,
    meaning: "The policy names no reporting bank.",
  },
} as const satisfies Readonly<Record<string, ProblemEntry>>;
