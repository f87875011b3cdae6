// A small XML document as a whole: the answers and notices of a bank's own interface, and payment status reports. The
// same strict parser and encodings as for ISO 20022; what is larger than the limits is refused.

import type { Reason } from "../../errors/refusal.ts";
import { createXmlDecoder } from "../iso20022/xml-encoding.ts";
import { createXmlParser, type XmlParser } from "../iso20022/xml-parser.ts";
import { XML_SLICE_LENGTH, XML_TEXT_LENGTH_MAX } from "../limits.ts";

/** Elements of one document: 2,000 notices of 40 fields, or 10,000 payment statuses. */
export const TREE_ELEMENTS_MAX = 200_000;

export type XmlElement = {
  /** Local name. */
  readonly name: string;
  readonly namespace: string;
  readonly line: number;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  text: string;
};

export type XmlTree =
  | { readonly ok: true; readonly root: XmlElement }
  | { readonly ok: false; readonly reason: Reason };

export function readXmlTree(bytes: Uint8Array): XmlTree {
  const open: XmlElement[] = [];
  let root: XmlElement | null = null;
  let count = 0;
  const parser: XmlParser = createXmlParser({
    open: (name, attributes, line) => {
      count += 1;
      if (count > TREE_ELEMENTS_MAX) {
        parser.stop(
          "record-too-large",
          `The document has more than ${TREE_ELEMENTS_MAX} elements.`,
        );
      }
      const element = {
        name: name.local,
        namespace: name.namespace,
        line,
        attributes: { ...attributes },
        children: [],
        text: "",
      };
      open.at(-1)?.children.push(element);
      open.push(element);
      root ??= element;
    },
    text: (text) => {
      const element = open.at(-1);
      if (element === undefined) return;
      element.text += text;
      if (element.text.length > XML_TEXT_LENGTH_MAX) {
        parser.stop("xml-text-too-long", `One text is over ${XML_TEXT_LENGTH_MAX} characters.`);
      }
    },
    close: () => {
      open.pop();
    },
    end: () => undefined,
  });
  const reason = parseAll(bytes, parser);
  if (reason !== null) return { ok: false, reason };
  if (root === null) {
    return { ok: false, reason: { code: "xml-malformed", line: null, message: "No element." } };
  }
  return { ok: true, root };
}

function parseAll(bytes: Uint8Array, parser: XmlParser): Reason | null {
  const decoder = createXmlDecoder();
  for (let from = 0; from < bytes.length; from += XML_SLICE_LENGTH) {
    const text = decoder.push(bytes.subarray(from, from + XML_SLICE_LENGTH));
    if (!text.ok) return { ...text.refusal, line: parser.line() };
    const reason = parser.write(text.value);
    if (reason !== null) return reason;
  }
  const rest = decoder.end();
  if (!rest.ok) return rest.refusal;
  return parser.write(rest.value) ?? parser.end();
}

/** The first element at a path of names below; null when there is none. */
export function elementAt(from: XmlElement | null, ...path: readonly string[]): XmlElement | null {
  let here = from;
  for (const name of path) here = here?.children.find((child) => child.name === name) ?? null;
  return here;
}

export function elementsNamed(from: XmlElement | null, name: string): readonly XmlElement[] {
  return from?.children.filter((child) => child.name === name) ?? [];
}

/** All elements of that name, however deep, in the order of the document. */
export function elementsBelow(from: XmlElement, name: string): readonly XmlElement[] {
  return from.children.flatMap((child) => [
    ...(child.name === name ? [child] : []),
    ...elementsBelow(child, name),
  ]);
}

/** The text at a path without outer blanks; null when it is absent or empty. */
export function textAt(from: XmlElement | null, ...path: readonly string[]): string | null {
  const text = elementAt(from, ...path)?.text.trim() ?? "";
  return text === "" ? null : text;
}
