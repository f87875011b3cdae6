// The font of PDF reports, unpacked. A WOFF file is an OpenType font whose tables are deflated one by one (W3C WOFF 1.0,
// sections 3 to 5); the PDF library would inflate them in JavaScript, which takes a second and holds everything else up.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { inflateSync } from "node:zlib";

const WOFF_SIGNATURE = 0x774f4646;
const WOFF_HEADER_BYTES = 44;
const WOFF_ENTRY_BYTES = 20;
const SFNT_HEADER_BYTES = 12;
const SFNT_ENTRY_BYTES = 16;

const unpacked = new Map<number, Buffer>();

/** The font with Chinese characters in one weight, as an OpenType font. */
export function reportFont(weight: 400 | 700): Buffer {
  const known = unpacked.get(weight);
  if (known !== undefined) return known;
  const require = createRequire(import.meta.url);
  const name = `@fontsource/noto-sans-sc/files/noto-sans-sc-chinese-simplified-${weight}-normal.woff`;
  const font = unpackWoff(readFileSync(require.resolve(name)));
  unpacked.set(weight, font);
  return font;
}

type Table = { readonly entry: Buffer; readonly data: Buffer };

export function unpackWoff(woff: Buffer): Buffer {
  if (woff.readUInt32BE(0) !== WOFF_SIGNATURE) throw new RangeError("not a WOFF font");
  const tables = Array.from({ length: woff.readUInt16BE(12) }, (_, index) =>
    tableAt(woff, WOFF_HEADER_BYTES + index * WOFF_ENTRY_BYTES),
  );
  const header = Buffer.alloc(SFNT_HEADER_BYTES);
  woff.copy(header, 0, 4, 8);
  header.writeUInt16BE(tables.length, 4);
  const power = Math.floor(Math.log2(tables.length));
  header.writeUInt16BE(2 ** power * 16, 6);
  header.writeUInt16BE(power, 8);
  header.writeUInt16BE(tables.length * 16 - 2 ** power * 16, 10);
  let offset = SFNT_HEADER_BYTES + tables.length * SFNT_ENTRY_BYTES;
  for (const { entry, data } of tables) {
    entry.writeUInt32BE(offset, 8);
    offset += data.length;
  }
  return Buffer.concat([
    header,
    ...tables.map((table) => table.entry),
    ...tables.map((table) => table.data),
  ]);
}

/** A table as the font's directory names it (tag, checksum, offset to be filled in, length), and its bytes on a boundary of four. */
function tableAt(woff: Buffer, at: number): Table {
  const offset = woff.readUInt32BE(at + 4);
  const packedLength = woff.readUInt32BE(at + 8);
  const length = woff.readUInt32BE(at + 12);
  const packed = woff.subarray(offset, offset + packedLength);
  const bytes = packedLength < length ? inflateSync(packed) : packed;
  const entry = Buffer.alloc(SFNT_ENTRY_BYTES);
  woff.copy(entry, 0, at, at + 4);
  woff.copy(entry, 4, at + 16, at + 20);
  entry.writeUInt32BE(length, 12);
  return { entry, data: Buffer.concat([bytes, Buffer.alloc((4 - (length % 4)) % 4)]) };
}
