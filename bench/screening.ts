// `bench screening`: does every listed name find itself, are names found across scripts, how many made-up companies are
// found and how many are found wrongly, and how long one party takes. Lists are files: --lists DIR (sdn.csv, alt.csv,
// UN_consolidated.xml) or the made-up one; --pairs FILE holds "query,expected name" lines.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { ListEntry } from "../src/screening/list-entry.ts";
import { buildIndex, REVIEW_FROM } from "../src/screening/name-index.ts";
import { readLists } from "../src/screening/read-lists.ts";

const HERE = import.meta.dirname.replace(/dist\/bench$/, "bench");
const COMPANIES = join(HERE, "made-companies.csv");
const SHOWN_MAX = 10;

export async function benchScreening(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { lists: { type: "string" }, pairs: { type: "string" } },
  });
  const listed = madeCompanies().filter(({ isListed }) => isListed);
  const made = listed.map(({ english }, index): ListEntry => entryOf(`made-${index}`, english));
  const entries = values.lists === undefined ? made : listsOf(values.lists);
  selfSearch(entries);
  companies(entries, made);
  if (values.pairs !== undefined && existsSync(values.pairs))
    pairs(readFileSync(values.pairs, "utf8"));
}

function entryOf(entryId: string, name: string): ListEntry {
  return { list: "ofac-sdn", entryId, kind: "entity", program: "", names: [name] };
}

function listsOf(folder: string): readonly ListEntry[] {
  const names = readdirSync(folder).filter((name) => /^(sdn|alt)\.csv$|\.xml$/i.test(name));
  const read = readLists(names.map((name) => ({ name, bytes: readFileSync(join(folder, name)) })));
  if (!read.ok) throw new Error(read.refusal.message);
  for (const { list, dated, entries, rejectedCount } of read.value)
    say(
      `${list}${dated === null ? "" : ` of ${dated}`}: ${entries.length} entries, ${rejectedCount} rows rejected`,
    );
  return read.value.flatMap(({ entries }) => entries);
}

/** Every listed name and alias must find its own entry. */
function selfSearch(entries: readonly ListEntry[]): void {
  const builtFrom = performance.now();
  const index = buildIndex(entries);
  say(
    `index of ${index.nameCount} names built in ${(performance.now() - builtFrom).toFixed(0)} ms`,
  );
  const times: number[] = [];
  const missed: string[] = [];
  for (const entry of entries) {
    for (const name of entry.names) {
      const from = performance.now();
      const hits = index.search(name);
      times.push(performance.now() - from);
      if (!hits.some((hit) => hit.entry === entry)) missed.push(name);
    }
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => (times[Math.floor((times.length - 1) * share)] ?? 0).toFixed(2);
  say(
    `self: ${times.length - missed.length} of ${times.length} names and aliases find their entry`,
  );
  if (missed.length > 0) say(`  not: ${missed.slice(0, SHOWN_MAX).join(" | ")}`);
  const mean = times.reduce((sum, ms) => sum + ms, 0) / times.length;
  say(
    `a party: mean ${mean.toFixed(2)} ms, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms`,
  );
  if (missed.length > 0) process.exitCode = 1;
}

type Company = { readonly chinese: string; readonly english: string; readonly isListed: boolean };

function madeCompanies(): readonly Company[] {
  return readFileSync(COMPANIES, "utf8")
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => {
      const [chinese = "", english = "", listed = ""] = line.split(",");
      return { chinese, english, isListed: listed === "yes" };
    });
}

/** Made-up companies asked for by their Chinese names: the listed ones must be found, the others not. */
function companies(entries: readonly ListEntry[], made: readonly ListEntry[]): void {
  const index = buildIndex(entries === made ? made : [...entries, ...made]);
  let found = 0;
  let wrong = 0;
  let right = 0;
  const all = madeCompanies();
  const times: number[] = [];
  for (const { chinese, english, isListed } of all) {
    const from = performance.now();
    const hits = index.search(chinese);
    times.push(performance.now() - from);
    const own = hits.some(({ name }) => name === english);
    if (isListed && own) found += 1;
    if (own) right += 1;
    wrong += hits.filter(({ name }) => name !== english).length;
  }
  const listed = all.filter(({ isListed }) => isListed).length;
  const clean = all.length - listed;
  say(
    `${all.length} made-up Chinese companies, ${listed} of them listed in English, beside ${index.nameCount - made.length} other names:`,
  );
  say(`  recall ${((100 * found) / listed).toFixed(1)} % (${found} of ${listed})`);
  say(
    `  precision ${((100 * right) / Math.max(1, right + wrong)).toFixed(1)} % (${wrong} hits on others, ${clean} companies are on no list)`,
  );
  say(`  ${(times.reduce((sum, ms) => sum + ms, 0) / times.length).toFixed(2)} ms a company`);
}

/** Pairs of one name in two scripts: each query among all the expected names. */
function pairs(text: string): void {
  const rows = text
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map((line) => line.split(","))
    .filter(([query = "", expected = ""]) => expected !== "" && query !== "Query");
  const names = [...new Set(rows.map(([, expected = ""]) => expected))];
  const index = buildIndex(names.map((name, at) => entryOf(`pair-${at}`, name)));
  let found = 0;
  let wrong = 0;
  const missed: string[] = [];
  for (const [query = "", expected = ""] of rows) {
    const hits = index.search(query);
    const own = hits.some(({ name }) => name === expected);
    if (own) found += 1;
    else missed.push(`${query} (${expected})`);
    wrong += hits.filter(({ name }) => name !== expected).length;
  }
  say(
    `pairs across scripts, from a score of ${REVIEW_FROM}: recall ${((100 * found) / rows.length).toFixed(1)} % (${found} of ${rows.length}), precision ${((100 * found) / Math.max(1, found + wrong)).toFixed(1)} %`,
  );
  if (missed.length > 0) say(`  missed: ${missed.join(", ")}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
