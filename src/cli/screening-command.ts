// `straitway screening check NAME…`: what sanctions lists say of names, with the reason of each hit. Reads files, stores
// nothing.

import { loadScreening, type Screening } from "../screening/screening.ts";
import type { AddCommand } from "./add-command.ts";
import { printAnswer } from "./read-command.ts";
import { printRefusal, table } from "./terminal.ts";

const HELP = `
Lists are files as their publishers give them: OFAC's sdn.csv with alt.csv, the United Nations' consolidated XML. A policy
names them for the channel itself ("screening": {"lists": […]}).

Examples:
  straitway screening check "丹东鸿祥实业发展有限公司" --list sdn.csv alt.csv
  straitway screening check "Kim Jong Un" 金正恩 --list UN_consolidated.xml --json`;

export const screeningCommand: AddCommand = (program, terminal, finish) => {
  const screening = program.command("screening").description("names against sanctions lists");
  screening
    .command("check")
    .description("what lists say of names, and why")
    .argument("<name...>", "names in any script")
    .requiredOption("--list <file...>", "files of lists")
    .option("--json", "print one JSON document")
    .addHelpText("after", HELP)
    .action((names: string[], options: { list: string[]; json?: boolean }) => {
      const loaded = loadScreening({ lists: options.list }, ".");
      if (!loaded.ok) {
        printRefusal(terminal, loaded.refusal, options.json === true);
        finish(1);
        return;
      }
      const { json, text, isClear } = answerOf(loaded.value, names);
      printAnswer(terminal, { json, text }, options.json === true);
      finish(isClear ? 0 : 1);
    });
};

function answerOf({ lists, hitsOf }: Screening, names: readonly string[]) {
  const found = names.map((name) => ({ name, hits: hitsOf(name) }));
  const isClear = found.every(({ hits }) => hits.length === 0);
  const json = {
    lists: lists.map(({ list, dated, entryCount, rejectedCount }) => ({
      list,
      dated,
      entryCount,
      rejectedCount,
    })),
    names: found.map(({ name, hits }) => ({
      name,
      hits: hits.map(({ entry, name: listed, score, because }) => ({
        list: entry.list,
        entryId: entry.entryId,
        program: entry.program,
        listed,
        score: score.toFixed(3),
        because: [...because],
      })),
    })),
  };
  const rows = found.flatMap(({ name, hits }) =>
    hits.length === 0
      ? [[name, "clear", "", "", ""]]
      : hits.map((hit) => [
          name,
          hit.score.toFixed(3),
          `${hit.entry.list} ${hit.entry.entryId}`,
          hit.name,
          hit.because.join("; "),
        ]),
  );
  const head = lists
    .map(
      ({ list, dated, entryCount, rejectedCount }) =>
        `${list} of ${dated}: ${entryCount} entries, ${rejectedCount} rows rejected`,
    )
    .join("\n");
  return {
    json,
    text: `${head}\n\n${table(["NAME", "SCORE", "ENTRY", "LISTED AS", "BECAUSE"], rows)}`,
    isClear,
  };
}
