// A JSON Schema in words short enough for a table cell, with links to the named ones.

import { escaped } from "./html-text.ts";

export type JsonSchema = {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly description?: string;
  readonly example?: unknown;
  readonly default?: unknown;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
};

/** The name of a schema of `#/components/schemas`. */
export function refName(schema: JsonSchema): string | null {
  return /^#\/components\/schemas\/(.+)$/.exec(schema.$ref ?? "")?.[1] ?? null;
}

/** "text", "list of Payout", "USD or null": HTML. */
export function typeText(schema: JsonSchema): string {
  const name = refName(schema);
  if (name !== null) return `<a href="#schema-${escaped(name)}">${escaped(name)}</a>`;
  const parts = schema.anyOf ?? schema.oneOf;
  if (parts !== undefined) return [...new Set(parts.map(typeText))].join(" or ");
  if (schema.allOf !== undefined) return [...new Set(schema.allOf.map(typeText))].join(" and ");
  if (schema.enum !== undefined) {
    return schema.enum.map((value) => `<code>${escaped(JSON.stringify(value))}</code>`).join(", ");
  }
  const types = Array.isArray(schema.type) ? (schema.type as readonly string[]) : [schema.type];
  return types.map((type) => oneType(schema, type as string | undefined)).join(" or ");
}

function oneType(schema: JsonSchema, type: string | undefined): string {
  if (type === "array")
    return `list of ${schema.items === undefined ? "anything" : typeText(schema.items)}`;
  if (type === "string") return schema.format === "binary" ? "bytes" : "text";
  if (type === "integer" || type === "number") return `number${rangeText(schema)}`;
  if (type === "boolean") return "true or false";
  return type ?? "anything";
}

function rangeText({ minimum, maximum }: JsonSchema): string {
  if (minimum === undefined && maximum === undefined) return "";
  return ` ${minimum ?? ""}…${maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : ""}`;
}

/** An example of a value by its schema, from the examples that stand in it. */
export function exampleOf(
  schema: JsonSchema,
  named: (name: string) => JsonSchema | undefined,
  depth = 0,
): unknown {
  if (schema.example !== undefined) return schema.example;
  if (depth > 6) return null;
  const name = refName(schema);
  if (name !== null) return exampleOf(named(name) ?? {}, named, depth + 1);
  const [first] = schema.anyOf ?? schema.oneOf ?? [];
  if (first !== undefined) return exampleOf(first, named, depth + 1);
  if (schema.allOf !== undefined) {
    const parts = schema.allOf.map((part) => exampleOf(part, named, depth + 1));
    const isObject = parts.every((part) => typeof part === "object" && part !== null);
    return isObject ? Object.assign({}, ...parts) : parts[0];
  }
  if (schema.default !== undefined) return schema.default;
  if (schema.enum !== undefined) return schema.enum[0];
  const type = Array.isArray(schema.type) ? (schema.type as readonly string[])[0] : schema.type;
  if (type === "array") return [exampleOf(schema.items ?? {}, named, depth + 1)];
  if (type === "object" || schema.properties !== undefined) {
    return Object.fromEntries(
      Object.entries(schema.properties ?? {}).map(([key, value]) => [
        key,
        exampleOf(value, named, depth + 1),
      ]),
    );
  }
  if (type === "integer" || type === "number") return schema.minimum ?? 1;
  if (type === "boolean") return true;
  return type === "string" ? "…" : null;
}
