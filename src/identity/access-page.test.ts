import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { ACT_KINDS } from "./audit.ts";
import { keyScopesOf, PERMISSIONS, ROLES, roleMay } from "./roles.ts";

const PAGE = readFileSync("docs/reference/access.md", "utf8");

/** The table of the page: a row a permission, a column a role. */
function permissionTable(): string {
  const head = ["permission", ...ROLES.map((role) => `\`${role}\``)];
  const rows = PERMISSIONS.map((permission) => {
    const isForPeople = !ROLES.some((role) => keyScopesOf(role).includes(permission));
    const name = `\`${permission}\`${isForPeople ? " *people*" : ""}`;
    return [name, ...ROLES.map((role) => (roleMay(role, permission) ? "yes" : ""))];
  });
  return [head, head.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

it("says of each role what the code lets it do", () => {
  const shown = /<!-- permissions:begin[^>]*-->\n([\s\S]*?)\n<!-- permissions:end -->/.exec(
    PAGE,
  )?.[1];
  expect(shown).toBe(permissionTable());
});

it("names every act of the audit trail", () => {
  for (const kind of ACT_KINDS) expect(PAGE, kind).toContain(`\`${kind}\``);
});
