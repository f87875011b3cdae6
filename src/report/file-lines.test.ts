import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LINE_BYTES_SHOWN_MAX, readFileLines } from "./file-lines.ts";

async function* chunksOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe("lines of a raw file", () => {
  it("are the same however the bytes come in", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.stringMatching(/^[a-zü\t]{0,9}$/), { minLength: 1, maxLength: 9 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 0, max: 9 }),
        async (texts, endsWithLineEnd, size, from, more) => {
          const content = texts.join("\n") + (endsWithLineEnd ? "\n" : "");
          const lines = await readFileLines(
            chunksOf(Buffer.from(content), size),
            from,
            from + more,
          );
          const all = content.split("\n");
          if (all.at(-1) === "") all.pop();
          expect(lines).toEqual(
            all
              .slice(from - 1, from + more)
              .map((text, index) => ({ line: from + index, text, isCut: false })),
          );
        },
      ),
    );
  });

  it("are read in the charset that they are in, without the carriage return", async () => {
    const latin = Buffer.from([0x53, 0xfc, 0x64, 0x0d, 0x0a]);
    expect(await readFileLines(chunksOf(latin, 2), 1, 1)).toEqual([
      { line: 1, text: "Süd", isCut: false },
    ]);
    const kana = Buffer.from([0x83, 0x65, 0x83, 0x58, 0x0a]);
    expect((await readFileLines(chunksOf(kana, 3), 1, 1))[0]?.text).toBe("テス");
  });

  it("are cut where they would cost memory, and say so", async () => {
    const long = Buffer.concat([Buffer.alloc(LINE_BYTES_SHOWN_MAX + 9, 97), Buffer.from("\nb\n")]);
    const lines = await readFileLines(chunksOf(long, 1000), 1, 2);
    expect(lines.map(({ text, isCut }) => [text.length, isCut])).toEqual([
      [LINE_BYTES_SHOWN_MAX, true],
      [1, false],
    ]);
  });

  it("are not read past the last that is wanted", async () => {
    let given = 0;
    async function* counted(): AsyncGenerator<Uint8Array> {
      for (; given < 100; given += 1) yield Buffer.from("x\n");
    }
    expect(await readFileLines(counted(), 2, 3)).toHaveLength(2);
    expect(given).toBeLessThan(5);
  });
});
