// Lines of a raw file by their numbers, so that a figure opens to the text it was read from. Only the lines asked for
// are kept in memory, however long the file or a line of it is.

import { charsetOf, noCharsetEvidence, seeBlock } from "../marketplace/amazon/charset.ts";

/** Bytes of a line that are shown; the rest of a longer one is left out. */
export const LINE_BYTES_SHOWN_MAX = 16_384;

export type FileLine = {
  /** From 1, the header included. */
  readonly line: number;
  /** Without its line end. */
  readonly text: string;
  /** It is longer than what is shown. */
  readonly isCut: boolean;
};

const LF = 10;

/** Lines `from` to `to` (both included) of the source, fewer where it ends before. Reads no further than `to`. */
export async function readFileLines(
  source: AsyncIterable<Uint8Array>,
  from: number,
  to: number,
): Promise<readonly FileLine[]> {
  const lines: CollectedLine[] = [];
  let number = 1;
  let current = emptyLine();
  for await (const chunk of source) {
    let start = 0;
    for (let at = chunk.indexOf(LF); at !== -1; at = chunk.indexOf(LF, start)) {
      if (number >= from) lines.push(collect(current, chunk.subarray(start, at)));
      if (number === to) return decoded(from, lines);
      number += 1;
      current = emptyLine();
      start = at + 1;
    }
    if (number >= from) collect(current, chunk.subarray(start));
    current.hasBegun ||= start < chunk.length;
  }
  if (current.hasBegun && number >= from) lines.push(current);
  return decoded(from, lines);
}

/** A line while its parts arrive; never more of it than is shown, and one byte to know that there is more. */
type CollectedLine = { readonly parts: Uint8Array[]; length: number; hasBegun: boolean };

function emptyLine(): CollectedLine {
  return { parts: [], length: 0, hasBegun: false };
}

function collect(line: CollectedLine, part: Uint8Array): CollectedLine {
  const room = LINE_BYTES_SHOWN_MAX + 1 - line.length;
  if (room > 0 && part.length > 0) {
    line.parts.push(part.slice(0, room));
    line.length += Math.min(part.length, room);
  }
  return line;
}

function decoded(from: number, lines: readonly CollectedLine[]): readonly FileLine[] {
  const evidence = noCharsetEvidence();
  const whole = lines.map(({ parts }) => Buffer.concat(parts));
  // A cut line may end within a character: it says nothing of the charset.
  for (const bytes of whole) if (bytes.length <= LINE_BYTES_SHOWN_MAX) seeBlock(evidence, bytes);
  const decoder = new TextDecoder(charsetOf(evidence));
  return whole.map((bytes, index) => ({
    line: from + index,
    text: decoder.decode(bytes.subarray(0, LINE_BYTES_SHOWN_MAX)).replace(/\r$/, ""),
    isCut: bytes.length > LINE_BYTES_SHOWN_MAX,
  }));
}
