// XML events with namespaces resolved and every limit held, on top of saxes. The first thing that is wrong stops
// the file: nothing after it is reported. saxes knows no DTD beyond skipping it and resolves no external entity;
// a document type is refused earlier still, by the decoder.

import { SaxesParser } from "saxes";
import type { Reason } from "../../errors/refusal.ts";
import {
  XML_ATTRIBUTE_LENGTH_MAX,
  XML_ATTRIBUTES_MAX,
  XML_DEPTH_MAX,
  XML_TEXT_LENGTH_MAX,
} from "../limits.ts";
import type { FileReasonCode } from "./reasons.ts";

/** An element's name; the same object for the same name while no namespace declaration changes. */
export type XmlName = { readonly local: string; readonly namespace: string };

export type XmlHandler = {
  readonly open: (
    name: XmlName,
    attributes: Readonly<Record<string, string>>,
    line: number,
  ) => void;
  readonly text: (text: string) => void;
  readonly close: () => void;
  /** Called once, when the file has ended well. */
  readonly end: () => void;
};

export type XmlParser = {
  /**
   * Parses more text; the reason when the file must be refused, null while all is well. What is wrong is noticed
   * at the end of each call: callers give slices of XML_SLICE_LENGTH.
   */
  readonly write: (text: string) => Reason | null;
  /** Must be called at the end of the file: a file that is cut off is refused here. */
  readonly end: () => Reason | null;
  /** Stops the file from inside a handler. */
  readonly stop: (code: FileReasonCode, message: string) => void;
  /** Current line, from 1. */
  readonly line: () => number;
};

export function createXmlParser(handler: XmlHandler): XmlParser {
  const parser = new SaxesParser({ xmlns: false, position: true });
  const names = createNames();
  let stopped: Reason | null = null;
  let isEnding = false;
  let depth = 0;
  let isSilent = true;
  let silentLength = 0;

  const stop = (code: FileReasonCode, message: string): void => {
    stopped ??= { code, line: parser.line, message };
  };

  // Five handlers at most: with seven V8 turns the parser into a dictionary and it runs five times slower
  // (measured: 0.8 s and 4.0 s for 49 MB). So comments give no event, and count into the length of a text.
  parser.on("error", (error) => {
    const what = error.message.replace(/^\d+:\d+: /, "").slice(0, 200);
    if (isEnding) stop("xml-cut-off", `The file ends too early (${what}); ask for it again.`);
    else stop("xml-malformed", `The file is not well-formed XML: ${what}`);
  });
  parser.on("opentag", (tag) => {
    isSilent = false;
    if (stopped !== null) return;
    depth += 1;
    if (depth === 1 && (parser.xmlDecl.version ?? "1.0") !== "1.0") {
      stop("xml-version", "Only XML 1.0 is read.");
    }
    if (depth > XML_DEPTH_MAX) stop("xml-too-deep", `More than ${XML_DEPTH_MAX} nested elements.`);
    const fault = attributeFault(tag.attributes);
    if (fault !== null) stop(fault[0], fault[1]);
    const name = names.open(tag.name, tag.attributes, depth);
    if (name === null) stop("xml-prefix-undeclared", "An element's prefix is not declared.");
    else if (stopped === null) handler.open(name, tag.attributes, parser.line);
  });
  parser.on("text", (text) => {
    isSilent = false;
    if (stopped === null) handler.text(text);
  });
  parser.on("cdata", (text) => {
    isSilent = false;
    if (stopped === null) handler.text(text);
  });
  parser.on("closetag", () => {
    isSilent = false;
    if (stopped !== null) return;
    names.close(depth);
    depth -= 1;
    handler.close();
  });

  const write = (text: string): Reason | null => {
    if (stopped !== null) return stopped;
    isSilent = true;
    parser.write(text);
    silentLength = isSilent ? silentLength + text.length : 0;
    if (silentLength > XML_TEXT_LENGTH_MAX) {
      const message = `One text, comment or tag is over ${XML_TEXT_LENGTH_MAX} characters.`;
      stop("xml-text-too-long", message);
    }
    return stopped;
  };
  const end = (): Reason | null => {
    isEnding = true;
    if (stopped === null) parser.close();
    if (stopped === null) handler.end();
    return stopped;
  };
  return { write, end, stop, line: () => parser.line };
}

function attributeFault(
  attributes: Readonly<Record<string, string>>,
): readonly [FileReasonCode, string] | null {
  let count = 0;
  for (const name in attributes) {
    count += 1;
    if (
      (attributes[name] ?? "").length > XML_ATTRIBUTE_LENGTH_MAX ||
      name.length > XML_ATTRIBUTE_LENGTH_MAX
    ) {
      return [
        "xml-attribute-too-long",
        `An attribute is over ${XML_ATTRIBUTE_LENGTH_MAX} characters.`,
      ];
    }
  }
  return count > XML_ATTRIBUTES_MAX
    ? ["xml-too-many-attributes", `An element has more than ${XML_ATTRIBUTES_MAX} attributes.`]
    : null;
}

/** One level of declarations; `names` remembers the names resolved under it. */
type Scope = {
  readonly depth: number;
  readonly bindings: ReadonlyMap<string, string>;
  readonly names: Map<string, XmlName>;
};

/** Names that one scope remembers; a file with more different names than ISO 20022 has is resolved anew. */
const NAMES_REMEMBERED_MAX = 4096;

function createNames() {
  const scopes: Scope[] = [{ depth: 0, bindings: new Map([["xml", "xml"]]), names: new Map() }];
  const top = (): Scope => scopes.at(-1) as Scope;

  return {
    open(raw: string, attributes: Readonly<Record<string, string>>, depth: number): XmlName | null {
      const declared = declarationsIn(attributes);
      if (declared !== null) {
        scopes.push({
          depth,
          bindings: new Map([...top().bindings, ...declared]),
          names: new Map(),
        });
      }
      const scope = top();
      const known = scope.names.get(raw);
      if (known !== undefined) return known;
      const colon = raw.indexOf(":");
      const prefix = colon === -1 ? "" : raw.slice(0, colon);
      const namespace = scope.bindings.get(prefix) ?? (prefix === "" ? "" : null);
      if (namespace === null) return null;
      const name = { local: raw.slice(colon + 1), namespace };
      if (scope.names.size < NAMES_REMEMBERED_MAX) scope.names.set(raw, name);
      return name;
    },
    close(depth: number): void {
      if (top().depth === depth) scopes.pop();
    },
  };
}

function declarationsIn(attributes: Readonly<Record<string, string>>): [string, string][] | null {
  let declared: [string, string][] | null = null;
  for (const name in attributes) {
    if (!name.startsWith("xmlns")) continue;
    if (name === "xmlns") (declared ??= []).push(["", attributes[name] ?? ""]);
    else if (name[5] === ":") (declared ??= []).push([name.slice(6), attributes[name] ?? ""]);
  }
  return declared;
}
