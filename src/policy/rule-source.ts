// Where a rule comes from, as its pack says it: never invented, and with how sure it is.

import { z } from "zod";

/** How sure the text is; the words of docs/reference/rule-packs.md. */
export const CONFIDENCES = ["official", "secondary", "general-knowledge", "uncertain"] as const;
export type Confidence = (typeof CONFIDENCES)[number];

export const ruleSource = z.strictObject({
  /** The notice or law, by the name and number under which it is cited: "Huifa [2024] 11". */
  notice: z.string().min(1).max(200),
  /** Article, item or section; null where the source does not say. */
  article: z.string().min(1).max(200).nullable(),
  /** Where the text or the report of it was read; null where no page was. */
  url: z
    .string()
    .regex(/^https?:\/\/\S+$/, "not an address")
    .max(300)
    .nullable(),
  confidence: z.enum(CONFIDENCES),
  /** The line on which the rule rests, in the words in which it was collected. */
  quote: z.string().min(1).max(600),
});

export type RuleSource = z.output<typeof ruleSource>;
