// Files that tests of the commands look into: the examples that the documents show, and folders of
// samples that may not be there.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const REFERENCE = join(import.meta.dirname, "../../docs/reference");

/** The JSON that docs/reference/json.md shows for a command ("bank read"). */
export function documentedJson(command: string): unknown {
  return JSON.parse(documented("json.md", `\`${command}\``, "json"));
}

/** What docs/reference/command-line.md shows below the command line of a command. */
export function documentedText(command: string): string {
  const block = documented("command-line.md", `\`straitway ${command} `, "console");
  return block.slice(block.indexOf("\n") + 1).trim();
}

/** The first block of a language under the heading that begins with `heading`. */
function documented(page: string, heading: string, language: string): string {
  const sections = readFileSync(join(REFERENCE, page), "utf8").split(/^## /m);
  const section = sections.find((one) => one.startsWith(heading));
  const block = section?.split(`\`\`\`${language}\n`)[1]?.split("\n```")[0];
  if (block === undefined) throw new Error(`${page} shows no ${language} under ${heading}`);
  return block;
}

/** Paths of all files in a folder and below; none when it is not there. */
export function filesUnder(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted();
  } catch {
    return [];
  }
}
