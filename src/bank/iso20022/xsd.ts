// Validates ISO 20022 messages by the schemas of a folder that the operator provides (they are ISO's and not part
// of this project). Reading does not need it: a schema fault is a reason to look, money is proven by sums. libxml2
// is compiled to WebAssembly; whatever it allocates is disposed here.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { XmlDocument, XmlElement, XsdValidator } from "libxml2-wasm";
import type { Reason } from "../../errors/refusal.ts";
import { BANK_FILE_BYTES_MAX, REASONS_PER_MESSAGE_MAX } from "../limits.ts";
import { definitionIn } from "./message-header.ts";
import type { SchemaReasonCode } from "./reasons.ts";
import { createXmlDecoder } from "./xml-encoding.ts";

type Libxml = typeof import("libxml2-wasm");

/** Loaded on first use: 1.3 MB of WebAssembly that most processes never need. */
let libxml: Promise<Libxml> | null = null;

/** Compiled schemas by file path; they live as long as the process, and there are few. */
const schemas = new Map<string, Promise<XsdValidator | Reason>>();

/**
 * The faults (the first 100) that the schema of each Document finds; empty when all are valid. A Document is
 * validated by `<definition>.xsd` of the folder, such as camt.054.001.08.xsd, chosen by its namespace, else by the
 * envelope's MsgDefIdr. A file that cannot be parsed safely is told with the reader's own reasons. Holds the whole
 * file as a tree: about ten times its size in memory.
 */
export async function validateXsd(
  bytes: Uint8Array,
  xsdFolder: string,
): Promise<readonly Reason[]> {
  const text = safeText(bytes);
  if (typeof text !== "string") return [text];
  libxml ??= import("libxml2-wasm");
  const library = await libxml;
  const parsed = parse(library, text);
  if (!(parsed instanceof library.XmlDocument)) return [parsed];
  try {
    const documents = parsed.find("//*[local-name()='Document']") as XmlElement[];
    if (documents.length === 0) {
      return [{ code: "not-iso20022", line: 1, message: "The file has no Document element." }];
    }
    const reasons: Reason[] = [];
    for (const document of documents) {
      reasons.push(...(await validateDocument(library, parsed, document, xsdFolder)));
    }
    return reasons.slice(0, REASONS_PER_MESSAGE_MAX);
  } finally {
    parsed.dispose();
  }
}

/** The file as text, decoded by the same rules as when it is read: no document type, no lying encoding. */
function safeText(bytes: Uint8Array): string | Reason {
  if (bytes.length > BANK_FILE_BYTES_MAX) {
    return { code: "file-too-large", line: null, message: "The file is too large to validate." };
  }
  const decoder = createXmlDecoder();
  const body = decoder.push(bytes);
  if (!body.ok) return body.refusal;
  const rest = decoder.end();
  if (!rest.ok) return rest.refusal;
  // libxml2 gets UTF-8 and would believe a declaration of anything else.
  const text = body.value + rest.value;
  return text.replace(/^(<\?xml\s[^>]*?encoding\s*=\s*)(?:"[^"]*"|'[^']*')/, '$1"UTF-8"');
}

function parse(library: Libxml, text: string): XmlDocument | Reason {
  // Without it lines above 65,535 are told as 65,535. No document type, so no entity, gets this far.
  const option = library.ParseOption.XML_PARSE_BIG_LINES;
  try {
    return library.XmlDocument.fromString(text, { option });
  } catch (error) {
    if (!(error instanceof library.XmlLibError)) throw error;
    const [detail] = error.details;
    const message = `The file is not well-formed XML: ${(detail?.message ?? error.message).trim()}`;
    return { code: "xml-malformed", line: detail?.line ?? null, message };
  }
}

async function validateDocument(
  library: Libxml,
  file: XmlDocument,
  document: XmlElement,
  xsdFolder: string,
): Promise<readonly Reason[]> {
  const line = document.line;
  const definition = definitionIn(document.namespaceUri) ?? definitionIn(envelopeDefinition(file));
  if (definition === null) {
    const named = JSON.stringify(document.namespaceUri.slice(0, 100));
    return [reason("schema-missing", line, `The namespace ${named} names no ISO 20022 message.`)];
  }
  const schema = await schemaOf(library, definition, xsdFolder);
  if (!(schema instanceof library.XsdValidator)) return [{ ...schema, line }];
  try {
    schema.validate(document);
    return [];
  } catch (error) {
    if (!(error instanceof library.XmlLibError)) throw error;
    return error.details.map((detail) =>
      reason("schema-violation", detail.line, shortMessage(detail.message)),
    );
  }
}

function envelopeDefinition(file: XmlDocument): string | null {
  return file.get("//*[local-name()='AppHdr']/*[local-name()='MsgDefIdr']")?.content ?? null;
}

async function schemaOf(
  library: Libxml,
  definition: string,
  xsdFolder: string,
): Promise<XsdValidator | Reason> {
  const path = join(xsdFolder, `${definition}.xsd`);
  const known = schemas.get(path);
  if (known !== undefined) return known;
  const compiling = compile(library, definition, path);
  schemas.set(path, compiling);
  const compiled = await compiling;
  // A schema that is put into the folder later is found without a restart.
  if (!(compiled instanceof library.XsdValidator)) schemas.delete(path);
  return compiled;
}

async function compile(
  library: Libxml,
  definition: string,
  path: string,
): Promise<XsdValidator | Reason> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
    throw error;
  });
  if (bytes === null) {
    return reason("schema-missing", null, `There is no ${definition}.xsd in the schema folder.`);
  }
  let document: XmlDocument | null = null;
  try {
    document = library.XmlDocument.fromBuffer(bytes);
    return library.XsdValidator.fromDoc(document);
  } catch (error) {
    if (!(error instanceof library.XmlError)) throw error;
    return reason("schema-unusable", null, `${definition}.xsd cannot be used as a schema.`);
  } finally {
    document?.dispose();
  }
}

/** libxml2 names every element with its namespace: "{urn:…}Amt" is "Amt" to a person. */
function shortMessage(message: string): string {
  return message.trim().replace(/\{[^{}]*\}/g, "");
}

function reason(code: SchemaReasonCode, line: number | null, message: string): Reason {
  return { code, line, message };
}
