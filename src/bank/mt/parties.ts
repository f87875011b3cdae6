// Party fields of MT103 and MT910: option A names a BIC, D, K and no letter give name and address
// lines, F gives numbered lines ("1/NAME", "3/US/SEATTLE"). Source: SWIFT user handbook, fields
// 50a, 52a, 57a, 59a.

import type { Party } from "../message.ts";
import type { MtField } from "./fields.ts";
import { bicOf } from "./fin-block.ts";

export function readParty(field: MtField): Party {
  const lines = field.lines.map((line) => line.trim()).filter((line) => line !== "");
  const option = field.tag.slice(2);
  if (option === "F") return numberedParty(lines);
  const hasIdentifier = lines[0]?.startsWith("/") === true;
  const account = hasIdentifier ? accountOf(lines[0]!) : null;
  const named = hasIdentifier ? lines.slice(1) : lines;
  if (option === "A") return bicParty(account, named);
  return { name: named[0] ?? null, account, bic: null, country: null };
}

/**
 * "/12345" → "12345"; "/C/12345" and "/D/12345" name the side; "//CN…" is a clearing code, not an
 * account.
 */
function accountOf(line: string): string | null {
  if (line.startsWith("//")) return null;
  const account = line.replace(/^\/([CD]\/)?/, "").replaceAll(" ", "");
  return account === "" ? null : account;
}

function bicParty(account: string | null, lines: readonly string[]): Party {
  const bic = bicOf(lines[0] ?? "");
  if (bic === null) return { name: lines[0] ?? null, account, bic: null, country: null };
  return { name: null, account, bic, country: bic.slice(4, 6) };
}

function numberedParty(lines: readonly string[]): Party {
  const numbered = (number: string) =>
    lines.filter((line) => line.startsWith(`${number}/`)).map((line) => line.slice(2));
  const name = numbered("1").join(" ").trim();
  const country = /^([A-Z]{2})(\/|$)/.exec(numbered("3")[0] ?? "")?.[1] ?? null;
  const account = lines[0]?.startsWith("/") === true ? accountOf(lines[0]) : null;
  return { name: name === "" ? null : name, account, bic: null, country };
}
