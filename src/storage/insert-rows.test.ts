import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { insertRows } from "./insert-rows.ts";
import { openTestDatabase, type TestDatabase } from "./test-database.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase({ migrated: false, poolMax: 2 });
  await database.query(
    `create table sample (id text primary key, words text, big bigint, small integer, yes boolean,
       at timestamptz, day date, facts jsonb)`,
  );
});

afterAll(() => database.close());

const COLUMNS = {
  id: "text",
  words: "text",
  big: "bigint",
  small: "integer",
  yes: "boolean",
  at: "timestamptz",
  day: "date",
  facts: "jsonb",
} as const;

/** Texts that an array literal must quote, beside any other; PostgreSQL's text holds no NUL. */
const words = fc
  .oneof(
    fc.string({ unit: "grapheme", maxLength: 20 }),
    fc.constantFrom("", "NULL", "{}", "a,b", '"', "\\", '\\"', " x ", "{1,2}", "重庆"),
  )
  .map((text) => text.replaceAll("\u0000", ""));

const row = fc.record({
  words: fc.option(words),
  big: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  small: fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  yes: fc.option(fc.boolean()),
  at: fc.option(fc.constantFrom("2026-11-23T04:05:06.789Z", "2024-02-29T23:59:59.999Z")),
  day: fc.option(fc.constantFrom("2026-11-23", "2024-02-29")),
  facts: fc.option(fc.dictionary(words, fc.oneof(words, fc.integer(), fc.constant(null)))),
});

describe("rows that are inserted as a set", () => {
  it("stand in the table value for value", async () => {
    let batch = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 8 }), async (rows) => {
        batch += 1;
        const ids = rows.map((_, index) => `${batch}/${index}`);
        const inserted = await insertRows(
          database,
          "sample",
          COLUMNS,
          rows.map((each, index) => [ids[index], ...Object.values(each)]),
        );
        expect(inserted).toBe(rows.length);
        const found = await database.query(
          "select words, big, small, yes, at, day, facts from sample where id = any($1) order by id",
          [ids],
        );
        expect(found).toEqual(rows.map((each) => ({ ...each })));
      }),
      { numRuns: 60 },
    );
  });

  it("leave a row with the same key as it is, and count what is new", async () => {
    const rest = [null, null, null, null, null, null];
    await insertRows(database, "sample", COLUMNS, [["kept", "first", ...rest]]);
    const inserted = await insertRows(database, "sample", COLUMNS, [
      ["kept", "second", ...rest],
      ["new", "second", ...rest],
    ]);
    expect(inserted).toBe(1);
    expect(
      await database.query("select words from sample where id in ('kept', 'new') order by id"),
    ).toEqual([{ words: "first" }, { words: "second" }]);
  });

  it("keep amounts beyond a JSON number, and what jsonb cannot hold is marked", async () => {
    const facts = { minor: 2n ** 63n - 1n, text: "a\u0000b" };
    await insertRows(database, "sample", { id: "text", facts: "jsonb" }, [["json", facts]]);
    expect(await database.query("select facts from sample where id = 'json'")).toEqual([
      { facts: { minor: "9223372036854775807", text: "a\uFFFDb" } },
    ]);
  });
});
