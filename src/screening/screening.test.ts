import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { CivilDate } from "../time/instant.ts";
import { buildIndex } from "./name-index.ts";
import { readLists } from "./read-lists.ts";
import { loadScreening, screenParties } from "./screening.ts";
import { jaroWinkler } from "./similarity.ts";

const SAMPLES = join(import.meta.dirname, "..", "..", "..", "shared", "samples", "sanctions");
const bytes = (text: string) => new TextEncoder().encode(text);

const SDN = `7,"LIAONING MADEUP INDUSTRIAL DEVELOPMENT CO LTD",-0- ,"DPRK",-0- ,-0-
8,"PETROV, Aleksandr",individual,"UKRAINE",-0- ,-0-
9,"KIM, Jong Sik",individual,"DPRK",-0- ,-0-
10,"HASSAN, Ahmed",individual,"SDGT",-0- ,-0-
x,"NO NUMBER",-0- ,"DPRK",-0- ,-0-
`;
const ALT = `7,1,"aka","MADEUP TRADING",-0-
99,2,"aka","OF NOBODY",-0-
`;
const UN = `<?xml version="1.0"?><CONSOLIDATED_LIST dateGenerated="2026-11-20T00:00:00Z"><INDIVIDUALS><INDIVIDUAL>
<FIRST_NAME>XIAO</FIRST_NAME><SECOND_NAME>MING</SECOND_NAME><UN_LIST_TYPE>T</UN_LIST_TYPE><REFERENCE_NUMBER>T.1</REFERENCE_NUMBER>
<INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>CHEUNG SIU MING</ALIAS_NAME></INDIVIDUAL_ALIAS>
<NAME_ORIGINAL_SCRIPT>張小明</NAME_ORIGINAL_SCRIPT></INDIVIDUAL></INDIVIDUALS></CONSOLIDATED_LIST>`;

function madeUp() {
  const read = readLists([
    { name: "sdn.csv", bytes: bytes(SDN) },
    { name: "alt.csv", bytes: bytes(ALT) },
    { name: "un.xml", bytes: bytes(UN) },
  ]);
  if (!read.ok) throw new Error(read.refusal.message);
  return read.value;
}

describe("lists from files", () => {
  it("are told apart by content, with their date, and count the rows that cannot be read", () => {
    expect(
      madeUp().map(({ list, dated, entries, rejectedCount }) => [
        list,
        dated,
        entries.length,
        rejectedCount,
      ]),
    ).toEqual([
      ["un", "2026-11-20", 1, 0],
      ["ofac-sdn", null, 4, 2],
    ]);
    expect(madeUp()[0]?.entries[0]?.names).toEqual(["XIAO MING", "CHEUNG SIU MING", "張小明"]);
  });

  it.each([
    ["a text that is no list", "hello"],
    ["aliases without their list", ALT],
    ["a document type", UN.replace("?>", '?><!DOCTYPE x [<!ENTITY a "b">]>')],
    ["a file that is cut off", UN.slice(0, 300)],
  ])("refuse %s", (_, text) => {
    const read = readLists([{ name: "x", bytes: bytes(text) }]);
    expect(read.ok ? null : read.refusal.code).toBe("list-unknown");
  });
});

describe("the search", () => {
  const index = buildIndex(madeUp().flatMap(({ entries }) => entries));
  const first = (name: string) => index.search(name)[0];

  it.each([
    ["辽宁宏远实业发展有限公司", null, "another own name"],
    [
      "Liaoning Made-up Industry Development Company Limited",
      "LIAONING MADEUP INDUSTRIAL DEVELOPMENT CO LTD",
      "words that mean the same",
    ],
    ["Александр Петров", "PETROV, Aleksandr", "Cyrillic"],
    ["金正植", "KIM, Jong Sik", "characters in their Korean reading"],
    ["김정식", "KIM, Jong Sik", "Hangul"],
    ["أحمد حسن", "HASSAN, Ahmed", "Arabic, by its consonants"],
    ["张小明", "張小明", "simplified characters"],
    ["Zhang Xiaoming", "張小明", "pinyin of the listed characters"],
    ["Cheung Siu-ming", "CHEUNG SIU MING", "as Hong Kong spells it"],
    ["Amazon.com Services LLC", null, "a marketplace"],
    ["Chongqing Example Trading Co., Ltd.", null, "a company that shares only common words"],
  ] as const)("%s → %s (%s)", (...[name, listed]) => {
    expect(first(name)?.name ?? null).toBe(listed);
    if (listed !== null) expect(first(name)?.because.length).toBeGreaterThan(0);
  });

  it("measures letters as Winkler does", () => {
    expect(jaroWinkler("MARTHA", "MARHTA")).toBeCloseTo(0.961, 3);
    expect(jaroWinkler("DWAYNE", "DUANE")).toBeCloseTo(0.84, 2);
    expect(jaroWinkler("", "A")).toBe(0);
  });
});

describe("the parties of a credit", () => {
  it("are clear, under review, or not cleared by lists that are too old", async () => {
    const folder = await mkdtemp(join(tmpdir(), "lists-"));
    await writeFile(join(folder, "un.xml"), UN);
    const loaded = loadScreening({ lists: ["un.xml"], staleDays: 10 }, folder);
    if (!loaded.ok) throw new Error(loaded.refusal.message);
    const state = (name: string | null, today: string) =>
      screenParties(loaded.value, [["payer", name]], today as CivilDate).state;
    expect(state("Amazon Payments Europe", "2026-11-30")).toBe("clear");
    expect(state("Amazon Payments Europe", "2026-12-01")).toBe("stale-lists");
    expect(state("張小明", "2026-12-01")).toBe("blocked");
    expect(state(null, "2026-11-30")).toBe("clear");
    expect(screenParties(null, [["payer", "張小明"]], "2026-11-30" as CivilDate).state).toBe(
      "not-screened",
    );
    expect(loadScreening({ lists: ["none.csv"] }, folder).ok).toBe(false);
  });
});

describe.skipIf(!existsSync(SAMPLES))("the real lists (skipped where the samples are not)", () => {
  it("hit both names that a prototype missed, and no marketplace", () => {
    const names = readdirSync(SAMPLES).filter((name) => /^(sdn|alt)\.csv$|\.xml$/.test(name));
    const read = readLists(
      names.map((name) => ({ name, bytes: readFileSync(join(SAMPLES, name)) })),
    );
    if (!read.ok) throw new Error(read.refusal.message);
    expect(read.value.every(({ rejectedCount }) => rejectedCount === 0)).toBe(true);
    const index = buildIndex(read.value.flatMap(({ entries }) => entries));
    expect(index.search("丹东鸿祥实业发展有限公司")[0]?.name).toBe(
      "DANDONG HONGXIANG INDUSTRIAL DEVELOPMENT CO LTD",
    );
    expect(index.search("金正恩")[0]?.name).toBe("KIM, Jong Un");
    for (const payer of [
      "Amazon.com Services LLC",
      "Amazon Payments Europe",
      "Amazon Payments Europe SCA",
    ])
      expect(index.search(payer)).toEqual([]);
  });
});
