// Lists as their publishers give them: OFAC's SDN as sdn.csv with alt.csv, the United Nations' consolidated list as XML.
// Told apart by content. Rows that cannot be read are counted and shown, never dropped silently.

import { parse } from "csv-parse/sync";
import { SaxesParser } from "saxes";
import { accepted, type Outcome, refused } from "../errors/refusal.ts";
import type { ListEntry, ListReading } from "./list-entry.ts";

/** Bytes of one list at most: the largest known is a third of it. */
export const LIST_BYTES_MAX = 64 * 1024 * 1024;
const REJECTED_SHOWN = 20;

export type ListFile = { readonly name: string; readonly bytes: Uint8Array };

/** Reads the files of lists; refused, `list-unknown` or `list-too-large`, where one is none. */
export function readLists(files: readonly ListFile[]): Outcome<readonly ListReading[]> {
  const sdn: ListFile[] = [];
  const alt: ListFile[] = [];
  const readings: ListReading[] = [];
  for (const file of files) {
    if (file.bytes.length > LIST_BYTES_MAX)
      return refused(
        "list-too-large",
        `${file.name} is larger than a list is (${LIST_BYTES_MAX} bytes).`,
      );
    const head = new TextDecoder().decode(file.bytes.subarray(0, 2000));
    if (/<CONSOLIDATED_LIST\b/.test(head)) {
      const read = readUn(file);
      if (!read.ok) return read;
      readings.push(read.value);
    } else if (/^\s*\d+,\d+,"?(aka|fka|nka)/.test(head)) alt.push(file);
    else if (/^\s*\d+,".+?",/.test(head)) sdn.push(file);
    else
      return refused(
        "list-unknown",
        `${file.name} is neither OFAC's sdn.csv or alt.csv nor the United Nations' consolidated XML.`,
      );
  }
  if (sdn.length === 0 && alt.length > 0)
    return refused("list-unknown", "alt.csv has aliases only: bring sdn.csv beside it.");
  if (sdn.length > 0) readings.push(readOfac(sdn, alt));
  return accepted(readings);
}

type Row = { readonly cells: readonly string[]; readonly line: number };

/** The control character with which OFAC ends a file (SUB). */
const END_OF_FILE = String.fromCharCode(26);

/** OFAC writes -0- for what it does not say, and ends the file with a control character. */
function rowsOf({ bytes }: ListFile): readonly Row[] {
  const text = new TextDecoder("windows-1252").decode(bytes).replaceAll(END_OF_FILE, "");
  const rows = parse(text, {
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    info: true,
    trim: true,
  }) as unknown as { record: string[]; info: { lines: number } }[];
  return rows.map(({ record, info }) => ({
    cells: record.map((cell) => (cell.trim() === "-0-" ? "" : cell.trim())),
    line: info.lines,
  }));
}

const KINDS: Readonly<Record<string, ListEntry["kind"]>> = {
  individual: "person",
  vessel: "vessel",
  aircraft: "aircraft",
};

function readOfac(sdn: readonly ListFile[], alt: readonly ListFile[]): ListReading {
  const rejected: { line: number; message: string }[] = [];
  const entries = new Map<string, ListEntry & { names: string[] }>();
  for (const { cells, line } of sdn.flatMap(rowsOf)) {
    const [entryId = "", name = "", kind = "", program = ""] = cells;
    if (!/^\d+$/.test(entryId) || name === "") {
      rejected.push({ line, message: "the row has no number or no name" });
      continue;
    }
    entries.set(entryId, {
      list: "ofac-sdn",
      entryId,
      kind: KINDS[kind] ?? "entity",
      program,
      names: [name],
    });
  }
  for (const { cells, line } of alt.flatMap(rowsOf)) {
    const [entryId = "", , , name = ""] = cells;
    const entry = entries.get(entryId);
    if (entry === undefined || name === "") {
      rejected.push({ line, message: `an alias of entry ${entryId}, which is not on the list` });
      continue;
    }
    entry.names.push(name);
  }
  return {
    list: "ofac-sdn",
    dated: null,
    entries: [...entries.values()],
    rejectedCount: rejected.length,
    rejected: rejected.slice(0, REJECTED_SHOWN),
  };
}

type UnEntry = {
  id: string;
  kind: "person" | "entity";
  program: string;
  parts: Map<string, string>;
  names: string[];
};

const NAME_PARTS = ["FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME"];

function readUn({ name, bytes }: ListFile): Outcome<ListReading> {
  const text = new TextDecoder().decode(bytes);
  if (/<!DOCTYPE/i.test(text))
    return refused("list-unknown", `${name} has a document type: such a file is not read.`);
  const entries: ListEntry[] = [];
  const rejected: { line: number; message: string }[] = [];
  let dated: string | null = null;
  let open: UnEntry | null = null;
  let content = "";
  const parser = new SaxesParser();
  parser.on("opentag", ({ name: tag, attributes }) => {
    content = "";
    if (tag === "CONSOLIDATED_LIST") dated = attributes["dateGenerated"]?.slice(0, 10) ?? null;
    if (tag === "INDIVIDUAL" || tag === "ENTITY") {
      open = {
        id: "",
        kind: tag === "ENTITY" ? "entity" : "person",
        program: "",
        parts: new Map(),
        names: [],
      };
    }
  });
  parser.on("text", (piece) => {
    content += piece;
  });
  parser.on("closetag", ({ name: tag }) => {
    const entry = open;
    const value = content.trim();
    content = "";
    if (entry === null) return;
    if (tag === "REFERENCE_NUMBER") entry.id = value;
    if (tag === "UN_LIST_TYPE") entry.program = value;
    if (NAME_PARTS.includes(tag) && value !== "") entry.parts.set(tag, value);
    if ((tag === "ALIAS_NAME" || tag === "NAME_ORIGINAL_SCRIPT") && value !== "")
      entry.names.push(value);
    if (tag !== "INDIVIDUAL" && tag !== "ENTITY") return;
    open = null;
    const whole = NAME_PARTS.flatMap((part) => entry.parts.get(part) ?? []).join(" ");
    if (entry.id === "" || whole === "") {
      rejected.push({ line: parser.line, message: "an entry has no reference number or no name" });
      return;
    }
    const names = [...new Set([whole, ...entry.names])];
    entries.push({
      list: "un",
      entryId: entry.id,
      kind: entry.kind,
      program: entry.program,
      names,
    });
  });
  try {
    parser.write(text).close();
  } catch (error) {
    return refused("list-unknown", `${name} is not whole: ${(error as Error).message}`);
  }
  return accepted({
    list: "un",
    dated,
    entries,
    rejectedCount: rejected.length,
    rejected: rejected.slice(0, REJECTED_SHOWN),
  });
}
