// Cuts a file into raw messages: FIN blocks "{1:}{2:}{3:}{4:…-}{5:}", one or many, with or without
// RJE "$"; acknowledgements ({1:F21…) before the copy of a message; bare ":20:" … "-"; and header
// lines of bank portals ("ABNANL2A", "940", "ABNANL2A"). A message that another one interrupts, or
// the end, is cut off.

import type { Reason } from "../../errors/refusal.ts";
import { REASONS_PER_MESSAGE_MAX } from "../limits.ts";
import { finBlockAt, finFields } from "./fin-block.ts";
import { mtReason, quoted } from "./findings.ts";
import { MT_HEADER_LINES_MAX, MT_LINE_CHARS_MAX } from "./limits.ts";
import type { TextLine } from "./text-lines.ts";

/** A message as it stands in the file, its text not yet read. */
export type RawMessage = {
  /** Where it begins: its first block, or :20:. */
  readonly line: number;
  /** Content of block 1 and 2; "" without. */
  basicHeader: string;
  applicationHeader: string;
  /** Fields of block 3: 108 (user reference), 119 (validation), 121 (UETR). */
  userHeader: ReadonlyMap<string, string>;
  /** Fields of block 5 and S: CHK, PDE, PDM, TNG. */
  readonly trailer: Map<string, string>;
  /** Lines before :20: outside FIN blocks. */
  readonly headerLines: readonly string[];
  readonly text: TextLine[];
  /** True once the end of the text was seen ("-}" or "-"). */
  closed: boolean;
  /** Damage to blocks, a refusal by the network. */
  readonly flaws: Reason[];
};

/** "-" or "-}"; ING ends with "-XXX", mBank with "-" and an ETX. */
// oxlint-disable-next-line no-control-regex
const END_OF_BARE_TEXT = /^-(\}|XXX|\u0003)?\s*$/;

/** Blanks, RJE "$", and the SOH and ETX of the DOS file format stand between messages. */
// oxlint-disable-next-line no-control-regex
const FILLER = /^[\s$\u0001\u0003]+/;

type Splitter = {
  message: RawMessage | null;
  inText: "framed" | "bare" | null;
  headerLines: TextLine[];
  /**
   * Set after {1:F21: the next {4:} is an acknowledgement; `refused` when it was a negative one.
   */
  acknowledgement: { readonly line: number; refused: boolean; open: boolean } | null;
  readonly done: RawMessage[];
  fatal: Reason | null;
};

/** Raw messages in order; ends with a reason when the file as a whole must be refused. */
export function* splitMessages(lines: Iterable<TextLine>): Generator<RawMessage, Reason | null> {
  const splitter: Splitter = {
    message: null,
    inText: null,
    headerLines: [],
    acknowledgement: null,
    done: [],
    fatal: null,
  };
  for (const line of lines) {
    if (line.text.length > MT_LINE_CHARS_MAX)
      return mtReason(
        "mt-line-too-long",
        line.number,
        `Line ${line.number} has more than ${MT_LINE_CHARS_MAX} characters; this is not an MT file.`,
      );
    if (splitter.inText === "framed") takeFramedLine(splitter, line);
    else if (splitter.inText === "bare") takeBareLine(splitter, line);
    else takeOutsideLine(splitter, line);
    yield* splitter.done.splice(0);
    if (splitter.fatal !== null) return splitter.fatal;
  }
  finish(splitter);
  yield* splitter.done.splice(0);
  return strayHeader(splitter);
}

function takeFramedLine(splitter: Splitter, line: TextLine): void {
  if (line.text.startsWith("-}")) {
    splitter.message!.closed = true;
    splitter.inText = null;
    takeOutsideLine(splitter, { number: line.number, text: line.text.slice(2) });
  } else if (line.text.startsWith("{1:")) {
    finish(splitter);
    takeOutsideLine(splitter, line);
  } else splitter.message!.text.push(line);
}

function takeBareLine(splitter: Splitter, line: TextLine): void {
  const message = splitter.message!;
  if (END_OF_BARE_TEXT.test(line.text)) {
    message.closed = true;
    finish(splitter);
  } else if (line.text.startsWith("{1:") || line.text.startsWith(":20:")) {
    finish(splitter);
    takeOutsideLine(splitter, line);
  } else message.text.push(line);
}

/**
 * Blocks, "$", header lines and :20:, outside the text of a message; one line may hold several of
 * them.
 */
function takeOutsideLine(splitter: Splitter, line: TextLine): void {
  let rest = skipFiller(line.text);
  while (rest.startsWith("{")) {
    if (/^\{4:(?!\{)/.test(rest)) {
      openText(splitter, line.number, rest.slice(3));
      return;
    }
    const block = finBlockAt(rest);
    if (block === null) rest = takeBrokenBlock(splitter, line.number, rest);
    else {
      takeBlock(splitter, line.number, block.id, block.content);
      rest = rest.slice(block.length);
    }
    if (splitter.fatal !== null) return;
    rest = skipFiller(rest);
  }
  if (rest !== "") takePlainText(splitter, { number: line.number, text: rest });
}

function skipFiller(text: string): string {
  return text.replace(FILLER, "");
}

function openText(splitter: Splitter, line: number, remainder: string): void {
  if (splitter.message === null || splitter.message.closed) beginMessage(splitter, line);
  splitter.inText = "framed";
  if (remainder.trim() !== "") takeFramedLine(splitter, { number: line, text: remainder });
}

function takeBlock(splitter: Splitter, line: number, id: string, content: string): void {
  if (id === "1") takeBasicHeader(splitter, line, content);
  else if (id === "4" && splitter.acknowledgement?.open === true) {
    splitter.acknowledgement.open = false;
    splitter.acknowledgement.refused = finFields(content).get("451") === "1";
  } else if (splitter.message === null) {
    // Trailers of an acknowledgement are of no interest; blocks without block 1 begin a message.
    if (id === "2" || id === "3") beginMessage(splitter, line);
  }
  const message = splitter.message;
  if (message === null || id === "1") return;
  if (id === "2") message.applicationHeader = content;
  if (id === "3") message.userHeader = finFields(content);
  if (id === "5" || id === "S")
    for (const [name, value] of finFields(content)) message.trailer.set(name, value);
}

function takeBasicHeader(splitter: Splitter, line: number, content: string): void {
  finish(splitter);
  const service = content.slice(0, 3);
  if (service === "F21") splitter.acknowledgement = { line, refused: false, open: true };
  else if (service === "F01") beginMessage(splitter, line).basicHeader = content;
  else
    splitter.fatal = mtReason(
      "mt-type-unsupported",
      line,
      `Line ${line}: service ${quoted(service)} in block 1 is neither a FIN message nor an acknowledgement.`,
    );
}

/** Leaves a broken block behind and goes on at the next message on the line, if there is one. */
function takeBrokenBlock(splitter: Splitter, line: number, rest: string): string {
  const flaw = mtReason(
    "mt-envelope-broken",
    line,
    `Line ${line}: the block ${quoted(rest)} is damaged or cut off.`,
  );
  if (splitter.message === null) splitter.fatal = flaw;
  else if (splitter.message.flaws.length < REASONS_PER_MESSAGE_MAX)
    splitter.message.flaws.push(flaw);
  const next = rest.indexOf("{1:", 1);
  return next === -1 ? "" : rest.slice(next);
}

function takePlainText(splitter: Splitter, line: TextLine): void {
  finish(splitter);
  if (line.text.startsWith(":20:")) {
    beginMessage(splitter, line.number).text.push(line);
    splitter.inText = "bare";
  } else if (isHeaderLine(line.text) && splitter.headerLines.length < MT_HEADER_LINES_MAX)
    splitter.headerLines.push(line);
  else splitter.fatal = outsideText(line);
}

/** "ABNANL2A", "940", "0000 01INGBNL2AXXXX00001", "940 00", ":940:". */
function isHeaderLine(text: string): boolean {
  return /^[A-Z0-9 ]{2,40}$/.test(text.trim()) || text.trim() === ":940:";
}

function beginMessage(splitter: Splitter, line: number): RawMessage {
  finish(splitter);
  const message: RawMessage = {
    line,
    basicHeader: "",
    applicationHeader: "",
    userHeader: new Map(),
    trailer: new Map(),
    headerLines: splitter.headerLines.map((header) => header.text.trim()),
    text: [],
    closed: false,
    flaws: [],
  };
  if (splitter.acknowledgement?.refused === true)
    message.flaws.push(
      mtReason(
        "mt-rejected-by-network",
        splitter.acknowledgement.line,
        "The acknowledgement before this message says that the network refused it ({451:1}).",
      ),
    );
  splitter.acknowledgement = null;
  splitter.headerLines = [];
  splitter.message = message;
  return message;
}

function finish(splitter: Splitter): void {
  if (splitter.message !== null) splitter.done.push(splitter.message);
  splitter.message = null;
  splitter.inText = null;
}

function strayHeader(splitter: Splitter): Reason | null {
  const [first] = splitter.headerLines;
  return first === undefined ? null : outsideText(first);
}

function outsideText(line: TextLine): Reason {
  return mtReason(
    "mt-text-outside-message",
    line.number,
    `Line ${line.number}: ${quoted(line.text)} belongs to no message.`,
  );
}
