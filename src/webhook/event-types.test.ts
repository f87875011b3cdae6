import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ACT_KINDS } from "../identity/audit.ts";
import { EVENT_TYPES, eventTypeOf, isEventType, isTypeIn } from "./event-types.ts";

const ROOT = join(import.meta.dirname, "../..");
const REFERENCE = join(ROOT, "docs/reference");

describe("event types", () => {
  it("are named once each, by an object and what became of it", () => {
    const names = EVENT_TYPES.map(({ type }) => type);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z][a-z-]*\.[a-z][a-z-]*$/);
  });

  it("follow from the object that the timeline tells a happening of", () => {
    expect(eventTypeOf("po_1", "payout-released")).toBe("payout.released");
    expect(eventTypeOf("cr_1", "payout-released")).toBe("credit.released");
    expect(eventTypeOf("po_1", "hold-opened")).toBe("payout.hold-opened");
    expect(eventTypeOf("cr_1", "bank-notice-pending")).toBe("credit.announced");
    expect(eventTypeOf("db_1", "credit-undone")).toBe("debit.undone-credit");
    expect(eventTypeOf("user_1", "signed-in")).toBe("user.signed-in");
    expect(eventTypeOf("sign-in", "sign-in-refused")).toBe("sign-in.refused");
    expect(eventTypeOf("key_1", "api-key-made")).toBe("api-key.made");
    expect(eventTypeOf("a".repeat(64), "file-downloaded")).toBe("file.downloaded");
    expect(eventTypeOf("jiangbei-lamps", "account-bound")).toBe("seller.account-bound");
  });

  it("are wished for one by one, or all of an object's", () => {
    expect(isTypeIn("payout.released", ["payout.*"])).toBe(true);
    expect(isTypeIn("payout-request.refused", ["payout.*"])).toBe(false);
    expect(isTypeIn("payout.released", ["payout.held", "payout.released"])).toBe(true);
    expect(isEventType("payout.lost")).toBe(false);
  });

  it("are described in the reference as they stand here (vitest -u writes it)", async () => {
    const rows = EVENT_TYPES.map(
      ({ type, meaning, data }) => `| \`${type}\` | ${meaning} | ${fieldsOf(data)} |`,
    );
    const page = [
      "# Event types",
      "",
      "What each event means and what its `data` holds; how events are read: [events.md](events.md). The same as JSON Schemas: [event-schemas.json](event-schemas.json). This page is written from the catalogue that the program uses. Types and fields are added, never renamed or taken away: ignore what you do not know.",
      "",
      "| type | what happened | data |",
      "| --- | --- | --- |",
      ...rows,
      "",
    ].join("\n");
    await expect(page).toMatchFileSnapshot(join(REFERENCE, "event-types.md"));
    const schemas = Object.fromEntries(
      EVENT_TYPES.map(({ type, data }) => [type, z.toJSONSchema(data)]),
    );
    const text = `${JSON.stringify(schemas, null, 2)}\n`;
    await expect(text).toMatchFileSnapshot(join(REFERENCE, "event-schemas.json"));
  });

  it("hold every kind that the program's rooms tell: a new one is added to the catalogue", () => {
    const files = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" }).filter(
      (path) => path.endsWith(".ts") && !/\.test\.ts$|\/test-/.test(path),
    );
    const unknown = files.flatMap((path) => {
      const text = readFileSync(join(ROOT, "src", path), "utf8");
      if (!/\b(appendEvents|tellStore|tellRequest)\b/.test(text)) return [];
      const kinds = [...text.matchAll(/\b(?:kind: |tell\w*\([^()]*?)"([a-z]+(?:-[a-z]+)+)"/g)];
      return kinds
        .map(([, kind = ""]) => kind)
        .filter((kind) => !isTold(kind) && !NO_EVENTS.has(kind))
        .map((kind) => `${path}: ${kind}`);
    });
    expect(unknown).toEqual([]);
  });
});

/** Words that stand behind "kind:" and are kinds of something else. */
const NO_EVENTS: ReadonlySet<string> = new Set([
  "account-binding",
  "role-change",
  "hold-release",
  "payment-order",
]);

/** One id of each kind of object. */
const SUBJECTS = [
  "po_",
  "cr_",
  "db_",
  "st_",
  "sto_",
  "pr_",
  "ord_",
  "upl_",
  "bank:",
  "we_",
  "appr_",
  "seller",
  "a".repeat(64),
];

function isTold(kind: string): boolean {
  return (
    (ACT_KINDS as readonly string[]).includes(kind) ||
    SUBJECTS.some((subject) => isEventType(eventTypeOf(subject, kind)))
  );
}

type Field = { readonly type?: string | string[]; readonly anyOf?: readonly Field[] };

function fieldsOf(schema: z.ZodType): string {
  const { properties = {}, required = [] } = z.toJSONSchema(schema) as {
    properties?: Record<string, Field>;
    required?: string[];
  };
  return Object.entries(properties)
    .map(([name, field]) => {
      const rest = required.includes(name)
        ? mayBeNull(field)
          ? " (or null)"
          : ""
        : " (where known)";
      return `\`${name}\`${rest}`;
    })
    .join(", ");
}

function mayBeNull({ type, anyOf = [] }: Field): boolean {
  return type === "null" || (Array.isArray(type) && type.includes("null")) || anyOf.some(mayBeNull);
}
