import { join } from "node:path";
import { expect, it } from "vitest";
import { FACT_RECORDS, RULE_FACTS } from "./rule-facts.ts";

const PAGE = join(import.meta.dirname, "..", "..", "docs", "reference", "rule-facts.md");
const HEAD = ["| Fact | Type | Meaning |", "| --- | --- | --- |"];

function rowsOf(
  groups: Readonly<Record<string, Readonly<Record<string, readonly [string, string]>>>>,
): readonly string[] {
  return Object.entries(groups).flatMap(([group, fields]) =>
    Object.entries(fields).map(
      ([field, [type, meaning]]) => `| \`${group}.${field}\` | \`${type}\` | ${meaning} |`,
    ),
  );
}

it("are documented as they are (npx vitest run src/policy/rule-facts.test.ts --update writes the page)", async () => {
  const page = [
    "# What a rule of a pack may look at",
    "",
    "Whole numbers are exact; amounts are minor units; what is not known is empty, 0 or false. `today` is the day of decision.",
    "The rest of a pack: [rule packs](rule-packs.md).",
    "",
    ...HEAD,
    ...rowsOf(RULE_FACTS),
    "",
    "Records in lists:",
    "",
    ...HEAD,
    ...rowsOf(FACT_RECORDS),
    "",
  ].join("\n");
  await expect(page).toMatchFileSnapshot(PAGE);
});
