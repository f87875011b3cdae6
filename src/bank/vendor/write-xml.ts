// Writes small XML documents for bank interfaces. What is not ASCII is written as a character reference, so that the
// bytes are the same in UTF-8, GB 2312 and GB 18030, whichever the other side insists on.

import { escapeXml } from "../iso20022/write-camt.ts";

/** An element as the writer takes it: a name, its content, its attributes. */
export type XmlPart = {
  readonly name: string;
  readonly content: string | null | readonly XmlPart[];
  readonly attributes?: Readonly<Record<string, string>>;
};

/** An element; one without content (null) is left out by `write`. */
export function part(
  name: string,
  content: XmlPart["content"],
  attributes?: Readonly<Record<string, string>>,
): XmlPart {
  return attributes === undefined ? { name, content } : { name, content, attributes };
}

export function writeXmlDocument(root: XmlPart, encoding: "UTF-8" | "GBK" | "GB2312"): Uint8Array {
  const text = `<?xml version="1.0" encoding="${encoding}"?>\n${write(root)}\n`;
  return Buffer.from(text.replace(/[^\0-\x7f]/gu, reference), "latin1");
}

function reference(char: string): string {
  return `&#x${(char.codePointAt(0) ?? 0).toString(16).toUpperCase()};`;
}

function write({ name, content, attributes = {} }: XmlPart): string {
  if (content === null) return "";
  const inner = typeof content === "string" ? escapeXml(content) : content.map(write).join("");
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(value)}"`);
  return `<${name}${written.join("")}>${inner}</${name}>`;
}
