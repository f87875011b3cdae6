// `straitway settle FILE…`: the main job on files, and what became of each file and payout.

import { constants, createReadStream } from "node:fs";
import { access, stat } from "node:fs/promises";
import { basename } from "node:path";
import { accepted, type Outcome, type Refusal } from "../errors/refusal.ts";
import { type SellerRegistration, sellerIdOf } from "../identity/sellers.ts";
import { type ExceptionView, listExceptions } from "../report/exceptions.ts";
import { type PayoutView, payoutsOfFiles, viewPayouts } from "../report/payout-view.ts";
import type { Channel, FileInput, FileOutcome } from "../runtime/channel.ts";
import type { AddCommand } from "./add-command.ts";
import { type ChannelOptions, openChannelFor, withStoreOptions } from "./channel-options.ts";
import { printJsonDocument } from "./json-document.ts";
import { readRegistry } from "./registry-file.ts";
import { printSettlement } from "./settle-print.ts";
import { type ExitCode, printRefusal, progressLine, safeText, type Terminal } from "./terminal.ts";

/** Exceptions printed after a settlement; `exception list` has them all. */
export const EXCEPTIONS_SHOWN_MAX = 1000;

type SettleOptions = ChannelOptions & { readonly seller?: string; readonly json?: boolean };

const HELP = `
Each file is recognised by its content: Amazon settlement reports (V2 or V1 flat file, date-range CSV), payout
lists (listPayouts or financial event groups as JSON), bank messages (camt.052/053/054, pacs.008, pacs.004,
MT940/942/910/103). Files may come in any order, again, or under other names: a repeat changes nothing.

Examples:
  straitway settle --seller "Chongqing Example Trading" settlement.txt payouts.json credit.xml
  straitway settle --seller sellers.json --policy policy.json *.xml
  straitway settle --json statement.sta | jq '.payouts[] | {reference, state, creditedAmount}'`;

export const settleCommand: AddCommand = (program, terminal, finish) => {
  withStoreOptions(program.command("settle"))
    .description(
      "take statements, payout lists and bank messages through the whole path, payout by payout",
    )
    .argument("<file...>", "files as received")
    .option(
      "--seller <name|file>",
      "whose files these are: a seller's name or id, or a registry file (.json)",
    )
    .option("--policy <file>", "settings of matching and release (JSON)")
    .option("--json", "print one JSON document")
    .addHelpText("after", HELP)
    .action(async (paths: string[], options: SettleOptions) => {
      const code = await settlePaths(paths, options, terminal);
      finish(code === "refused" ? 1 : code);
    });
};

export type SettledFile = {
  readonly file: string;
  /** Null when the path could not be read. */
  readonly sha256: string | null;
  readonly format: string | null;
  readonly outcome: FileOutcome["outcome"];
  readonly reasons: FileOutcome["reasons"];
  readonly claimed: boolean;
};

export type SettlementResult = {
  readonly payouts: readonly PayoutView[];
  readonly exceptions: readonly ExceptionView[];
  readonly exceptionCount: number;
  readonly files: readonly SettledFile[];
};

/** Settles files and prints the result; "refused" when it could not begin. Also the demo's way. */
export async function settlePaths(
  paths: readonly string[],
  options: SettleOptions,
  terminal: Terminal,
): Promise<ExitCode | "refused"> {
  const refuse = (refusal: Refusal) => {
    printRefusal(terminal, refusal, options.json === true);
    return "refused" as const;
  };
  const seller = await resolveSeller(options.seller);
  if (!seller.ok) return refuse(seller.refusal);
  const given = await lookAt(paths);
  const opened = await openChannelFor(options, terminal);
  if (!opened.ok) return refuse(opened.refusal);
  const channel = opened.value;
  try {
    const registered = await channel.register(seller.value.sellers);
    if (!registered.ok) return refuse(registered.refusal);
    const inputs = given
      .filter(({ refusal }) => refusal === null)
      .map(({ path }) => inputOf(path, seller.value.fileOwner));
    const progress = progressLine(terminal);
    const outcomes = await channel.settle(inputs, progress.show);
    progress.done();
    const result = await resultOf(channel, settledFiles(given, outcomes));
    const place = { dataDir: options.data, database: channel.store.databaseLabel };
    if (options.json === true) printJsonDocument(terminal, result);
    else terminal.out(printSettlement(result, place));
    return exitCodeOf(result);
  } finally {
    await channel.close();
  }
}

type Seller = {
  readonly sellers: readonly SellerRegistration[];
  readonly fileOwner: string | null;
};

/** A registry file, or one seller named on the command line; the files are that seller's if it is the only one. */
async function resolveSeller(text: string | undefined): Promise<Outcome<Seller>> {
  if (text === undefined) return accepted({ sellers: [], fileOwner: null });
  if (text.endsWith(".json")) {
    const sellers = await readRegistry(text);
    if (!sellers.ok) return sellers;
    const [only] = sellers.value;
    return accepted({
      sellers: sellers.value,
      fileOwner: sellers.value.length === 1 && only !== undefined ? only.id : null,
    });
  }
  const id = sellerIdOf(text);
  if (!id.ok) return id;
  return accepted({
    sellers: [{ id: id.value, legalName: text, accounts: [] }],
    fileOwner: id.value,
  });
}

/** A path as given, and why it cannot be read; null when it can. */
type GivenPath = { readonly path: string; readonly refusal: string | null };

function lookAt(paths: readonly string[]): Promise<readonly GivenPath[]> {
  return Promise.all(
    paths.map(async (path) => {
      try {
        await access(path, constants.R_OK);
        const isFile = (await stat(path)).isFile();
        return { path, refusal: isFile ? null : `${safeText(path)} is not a file.` };
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? "unknown";
        return { path, refusal: `${safeText(path)} cannot be read (${code}).` };
      }
    }),
  );
}

function inputOf(path: string, sellerId: string | null): FileInput {
  return { name: basename(path), bytes: () => createReadStream(path), sellerId };
}

async function resultOf(
  channel: Channel,
  files: readonly SettledFile[],
): Promise<SettlementResult> {
  const sha256s = files
    .filter((file) => file.outcome !== "refused")
    .map((file) => file.sha256)
    .filter((sha256) => sha256 !== null);
  return channel.store.database.transaction(
    async (tx) => {
      const ids = await payoutsOfFiles(tx, channel.tenantId, sha256s);
      const { exceptions, total } = await listExceptions(tx, channel.tenantId, {
        policy: channel.policy,
        now: channel.clock.now(),
        limit: EXCEPTIONS_SHOWN_MAX,
        sellerId: null,
      });
      const payouts = await viewPayouts(tx, channel.tenantId, ids);
      return { payouts, exceptions, exceptionCount: total, files };
    },
    { isolation: "repeatable read" },
  );
}

/** What became of each path, in the order given. */
function settledFiles(
  given: readonly GivenPath[],
  outcomes: readonly FileOutcome[],
): readonly SettledFile[] {
  const rest = [...outcomes];
  return given.map(({ path, refusal }): SettledFile => {
    const outcome = refusal === null ? rest.shift() : undefined;
    if (outcome !== undefined) {
      const { sha256, format, reasons, claimed } = outcome;
      return { file: path, sha256, format, outcome: outcome.outcome, reasons, claimed };
    }
    const reasons = [{ code: "file-unreadable", line: null, message: refusal ?? "" }];
    return { file: path, sha256: null, format: null, outcome: "refused", reasons, claimed: false };
  });
}

/** Exceptions that mean that money of these files is not where it should be. */
const STOPPING: readonly string[] = [
  "credit-unmatched",
  "credit-without-seller",
  "statement-without-seller",
  "statement-differs",
  "payout-without-seller",
  "undo-open",
];

function exitCodeOf(result: SettlementResult): ExitCode {
  const names = new Set(result.files.map((file) => basename(file.file)));
  const stops =
    result.files.some((file) => file.outcome === "refused" || file.reasons.length > 0) ||
    result.payouts.some((payout) => payout.holds.length > 0) ||
    result.exceptions.some(
      (item) => STOPPING.includes(item.kind) && (item.file === null || names.has(item.file)),
    );
  return stops ? 1 : 0;
}
