import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import en from "./en.ts";
import zh from "./zh.ts";

const SOURCE = join(import.meta.dirname, "..");

/** Every text with the path of its key: "parts.hold.due". */
function textsOf(node: unknown, path = ""): readonly (readonly [string, string])[] {
  if (typeof node === "string") return [[path, node]];
  return Object.entries(node as object).flatMap(([key, value]) =>
    textsOf(value, path === "" ? key : `${path}.${key}`),
  );
}

function areas(language: string): readonly string[] {
  return readdirSync(join(import.meta.dirname, language)).sort();
}

function placeholders(text: string): readonly string[] {
  return [...text.matchAll(/\{\{\w+\}\}/g)].map(([name]) => name).sort();
}

function sourceFiles(): readonly string[] {
  return readdirSync(SOURCE, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".tsx"))
    .map((name) => join(SOURCE, name));
}

describe("the two catalogues", () => {
  const english = new Map(textsOf(en));
  const chinese = new Map(textsOf(zh));

  it("have the same keys, in the same files", () => {
    expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort());
    expect(areas("zh")).toEqual(areas("en"));
    expect(
      Object.keys(en)
        .map((area) => `${area}.json`)
        .sort(),
    ).toEqual(areas("en"));
  });

  it("have no empty text, and fill the same places", () => {
    for (const [key, text] of english) {
      expect(text.trim(), key).not.toBe("");
      expect(chinese.get(key)?.trim(), key).not.toBe("");
      expect(placeholders(chinese.get(key) ?? ""), key).toEqual(placeholders(text));
    }
  });

  it("are written in their language", () => {
    const isChinese = /\p{Script=Han}/u;
    for (const [key, text] of english) expect(isChinese.test(text), `${key}: ${text}`).toBe(false);
    // Names of things that have no Chinese name stay as they are.
    const names =
      /^(Straitway|Webhook|English|SHA-256|UETR|URL|API|BIC|USD|CNY|—|[A-Z]{2,}|\W+|\{\{.*\}\})$/;
    const untranslated = [...chinese]
      .filter(([, text]) => !isChinese.test(text) && !names.test(text))
      .filter(([key]) => !/\.(example|pattern)$/.test(key));
    expect(untranslated).toEqual([]);
  });
});

describe("the console's source", () => {
  it("writes no word itself: every text that people read comes from a catalogue", () => {
    const found = sourceFiles().flatMap((path) => {
      const text = readFileSync(path, "utf8").replace(/\/\*[\s\S]*?\*\/|(^|\s)\/\/.*$/gm, "");
      // Text between tags, and the attributes that are read aloud or shown.
      const between = [
        ...text.matchAll(/<[a-zA-Z][^<>{}]*>\s*([^<>{}]*\p{L}{2,}[^<>{}]*)\s*<\//gu),
      ];
      const attributes = [
        ...text.matchAll(/\b(?:aria-label|title|placeholder|alt|label)="([^"]*\p{L}{2,}[^"]*)"/gu),
      ];
      return [...between, ...attributes].map(
        (match) => `${path.slice(SOURCE.length)}: ${match[1]}`,
      );
    });
    expect(found).toEqual([]);
  });
});
