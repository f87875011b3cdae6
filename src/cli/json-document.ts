// Prints one JSON document piece by piece: a bank file of 50 MB is more JSON than one string should
// hold. The rules that every command's document keeps (version first, exact decimal texts, null for
// unknown) are docs/reference/json.md; the syntax is RFC 8259.

import { invariant } from "../errors/invariant.ts";
import type { Terminal } from "./terminal.ts";
import { JSON_VERSION } from "./terminal.ts";

/** Characters collected before they are handed to the terminal. */
const PIECE_LENGTH = 64 * 1024;
const INDENT = "  ";
/**
 * Characters that steer a terminal or turn the direction of text; as escapes they are the same
 * JSON.
 */
const STEERING = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/**
 * What a document is made of. Arrays may be any iterable, so that long ones are made while they are
 * printed.
 */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | Iterable<JsonValue>
  | { readonly [name: string]: JsonValue };

/** Prints `{"version": …, …body}` in two-space indentation, with a line end. */
export function printJsonDocument(
  terminal: Pick<Terminal, "out">,
  body: { readonly [name: string]: JsonValue },
): void {
  const { put, end } = collectPieces(terminal);
  writeValue({ version: JSON_VERSION, ...body }, "\n", put);
  end();
}

export type JsonList = {
  readonly add: (value: JsonValue) => void;
  /** Closes the document; call it once. */
  readonly end: () => void;
};

/**
 * A document `{"version": …, "<name>": […]}` whose list is printed as its values are added, so that
 * they need not all be held.
 */
export function openJsonList(terminal: Pick<Terminal, "out">, name: string): JsonList {
  const { put, end } = collectPieces(terminal);
  const lineStart = `\n${INDENT}`;
  let isFirst = true;
  put(`{${lineStart}"version": ${JSON_VERSION},${lineStart}${textOf(name)}: [`);
  return {
    add: (value) => {
      put(`${isFirst ? "" : ","}${lineStart}${INDENT}`);
      writeValue(value, lineStart + INDENT, put);
      isFirst = false;
    },
    end: () => {
      put(`${isFirst ? "" : lineStart}]\n}`);
      end();
    },
  };
}

/** Hands text on in pieces of some size, and the rest with a line end. */
function collectPieces(terminal: Pick<Terminal, "out">): { put: Put; end: () => void } {
  let collected = "";
  return {
    put: (text) => {
      collected += text;
      if (collected.length < PIECE_LENGTH) return;
      terminal.out(collected);
      collected = "";
    },
    end: () => terminal.out(`${collected}\n`),
  };
}

type Put = (text: string) => void;

function writeValue(value: JsonValue, lineStart: string, put: Put): void {
  if (typeof value === "string") put(textOf(value));
  else if (value === null || typeof value === "boolean") put(String(value));
  else if (typeof value === "number") {
    invariant(Number.isSafeInteger(value), `${value} is no count: amounts are decimal texts`);
    put(String(value));
  } else if (isIterable(value)) writeArray(value, lineStart, put);
  else writeObject(value, lineStart, put);
}

function isIterable(value: object): value is Iterable<JsonValue> {
  return Symbol.iterator in value;
}

function writeArray(values: Iterable<JsonValue>, lineStart: string, put: Put): void {
  const inside = lineStart + INDENT;
  let isFirst = true;
  for (const value of values) {
    put(isFirst ? `[${inside}` : `,${inside}`);
    writeValue(value, inside, put);
    isFirst = false;
  }
  put(isFirst ? "[]" : `${lineStart}]`);
}

function writeObject(
  object: { readonly [name: string]: JsonValue },
  lineStart: string,
  put: Put,
): void {
  const inside = lineStart + INDENT;
  let isFirst = true;
  for (const [name, value] of Object.entries(object)) {
    put(`${isFirst ? "{" : ","}${inside}${textOf(name)}: `);
    writeValue(value, inside, put);
    isFirst = false;
  }
  put(isFirst ? "{}" : `${lineStart}}`);
}

function textOf(text: string): string {
  return JSON.stringify(text).replace(STEERING, (character) =>
    Array.from({ length: character.length }, (_, unit) =>
      escapeOf(character.charCodeAt(unit)),
    ).join(""),
  );
}

function escapeOf(codeUnit: number): string {
  return `\\u${codeUnit.toString(16).padStart(4, "0")}`;
}
