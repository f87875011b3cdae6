// One look at a drop folder: what is whole is claimed by a rename, handed to the inbox, answered with a receipt and
// archived, or put aside with its reason. A crash at any point leaves the file in `work/`, where the next look finds it;
// the inbox knows it again by its bytes.
//
//   in/  the bank's files      work/   claimed          archive/yyyy/mm/dd/  taken
//   out/ our orders            error/  with a .reason.json                   receipts/  one per file

import { createHash, randomUUID } from "node:crypto";
import type { Reason } from "../../errors/refusal.ts";
import type { InboundReceipt } from "../../inbox/inbound.ts";
import { BANK_FILE_BYTES_MAX } from "../limits.ts";
import { type BankFiles, type FileSighting, FileTooLarge } from "./bank-files.ts";
import {
  archiveFolder,
  chooseReady,
  claimedName,
  hashInSidecar,
  isSidecar,
  originalName,
  type Readiness,
  secondName,
  sidecarNames,
} from "./drop-names.ts";
import {
  ATTEMPTS_MAX,
  isPassing,
  loadCursor,
  messageOf,
  noteAttempt,
  saveCursor,
  sourceOf,
  type TransportDeps,
  type TransportOutcome,
} from "./transport.ts";

/** Files taken at one look; the rest wait for the next. */
export const FILES_PER_LOOK_MAX = 200;
/** Bytes of a sidecar that are looked at. */
const SIDECAR_BYTES_MAX = 64 * 1024;

export const DROP_FOLDERS = ["in", "out", "work", "archive", "error", "receipts"] as const;

export type DropFolder = {
  readonly connectionId: string;
  /** Whose everything in it is; null: the accounts say so. */
  readonly sellerId: string | null;
  readonly readiness: Readiness;
  /** Write a receipt for every file. */
  readonly receipts: boolean;
};

type Sightings = { readonly waiting: readonly FileSighting[] };

/** A file at work, and what was said of it. */
type Claimed = { readonly path: string; readonly name: string };

export async function scanDropFolder(
  deps: TransportDeps,
  files: BankFiles,
  folder: DropFolder,
): Promise<TransportOutcome> {
  for (const name of DROP_FOLDERS) await files.makeFolder(name);
  const tally = { accepted: 0, refused: 0 };
  for (const { name } of await files.list("work")) {
    if (isSidecar(name)) continue;
    const left = { path: `work/${name}`, name: originalName(name) };
    await takeClaimed(deps, files, folder, left, tally);
  }
  const cursor = await loadCursor<Sightings>(deps.database, deps.tenantId, folder.connectionId);
  const { ready, waiting } = chooseReady(
    await files.list("in"),
    cursor.position?.waiting ?? [],
    folder.readiness,
  );
  for (const { name, sidecar } of ready.slice(0, FILES_PER_LOOK_MAX)) {
    const path = `work/${claimedName(randomUUID(), name)}`;
    if (!(await files.claim(`in/${name}`, path))) continue;
    if (sidecar !== null) {
      await files.claim(`in/${sidecar}`, `${path}${sidecar.slice(name.length)}`);
    }
    await takeClaimed(deps, files, folder, { path, name }, tally);
  }
  // A look that another program took meanwhile keeps what it saw; this one's is dropped.
  await saveCursor(deps.database, deps, folder.connectionId, cursor.version, { waiting });
  const rest = Math.max(0, ready.length - FILES_PER_LOOK_MAX);
  return { ...tally, waiting: waiting.length + rest };
}

async function takeClaimed(
  deps: TransportDeps,
  files: BankFiles,
  folder: DropFolder,
  claimed: Claimed,
  tally: { accepted: number; refused: number },
): Promise<void> {
  const bytes = await readClaimed(files, claimed.path);
  // Gone: the program that claimed it was not dead and has archived it meanwhile.
  if (bytes === null) return;
  if (bytes === "too-large") {
    const message = `The file is larger than ${BANK_FILE_BYTES_MAX / 1024 / 1024} MB.`;
    await putAside(deps, files, claimed, null, [{ code: "file-too-large", line: null, message }]);
    tally.refused += 1;
    return;
  }
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const promised = await promisedHash(files, claimed);
  if (promised !== null && promised !== sha256) {
    const message = `The file is not the one that was announced: its SHA-256 is ${sha256}. Send it again.`;
    await putAside(deps, files, claimed, sha256, [{ code: "file-altered", line: null, message }]);
    tally.refused += 1;
    return;
  }
  const receipt = await acceptCounting(deps, folder, claimed, { bytes, sha256 });
  if (!("outcome" in receipt)) {
    await putAside(deps, files, claimed, sha256, [receipt]);
    tally.refused += 1;
    return;
  }
  if (folder.receipts) await writeReceipt(files, claimed.name, bytes.byteLength, receipt);
  if (receipt.outcome === "refused") {
    await putAside(deps, files, claimed, sha256, receipt.reasons);
    tally.refused += 1;
    return;
  }
  await place(files, claimed, archiveFolder(deps.clock.now()), sha256);
  tally.accepted += 1;
}

async function readClaimed(
  files: BankFiles,
  path: string,
): Promise<Uint8Array | "too-large" | null> {
  try {
    return await files.read(path, BANK_FILE_BYTES_MAX);
  } catch (error) {
    if (error instanceof FileTooLarge) return "too-large";
    throw error;
  }
}

/** The hash in the sidecar: beside the claimed file, or still in `in/` when a crash came between the two renames. */
async function promisedHash(files: BankFiles, { path, name }: Claimed): Promise<string | null> {
  // A sidecar in `in/` belongs to a newer file of that name, where there is one.
  const isAlone = !(await files.has(`in/${name}`));
  for (const sidecar of [...sidecarNames(path), ...(isAlone ? sidecarNames(`in/${name}`) : [])]) {
    const bytes = await files.read(sidecar, SIDECAR_BYTES_MAX).catch((error: unknown) => {
      if (error instanceof FileTooLarge) return null;
      throw error;
    });
    const hash = bytes === null ? null : hashInSidecar(bytes);
    if (hash !== null) return hash;
  }
  return null;
}

/** The inbox's answer; a reason when it failed too often for another cause than an outage. Else it throws. */
async function acceptCounting(
  deps: TransportDeps,
  { connectionId, sellerId }: DropFolder,
  { name }: Claimed,
  { bytes, sha256 }: { bytes: Uint8Array; sha256: string },
): Promise<InboundReceipt | Reason> {
  try {
    return await deps.accept({ name, bytes, sellerId, source: sourceOf(connectionId) });
  } catch (error) {
    if (isPassing(error)) throw error;
    const attempts = await noteAttempt(deps, connectionId, sha256, error);
    if (attempts < ATTEMPTS_MAX) throw error;
    const message = `The file was tried ${attempts} times and could not be taken: ${messageOf(error)}`;
    return { code: "file-not-taken", line: null, message };
  }
}

/** To `error/`, with a file beside it that says why. */
async function putAside(
  { clock }: TransportDeps,
  files: BankFiles,
  claimed: Claimed,
  sha256: string | null,
  reasons: readonly Reason[],
): Promise<void> {
  const told = { name: claimed.name, sha256, refusedAt: clock.now(), reasons };
  const name = await freeName(files, "error", claimed.name, sha256 ?? "too-large");
  await files.write(`error/${name}.reason.json`, json(told));
  await moveAway(files, claimed, `error/${name}`);
}

async function place(
  files: BankFiles,
  claimed: Claimed,
  folder: string,
  sha256: string,
): Promise<void> {
  await files.makeFolder(folder);
  const name = await freeName(files, folder, claimed.name, sha256);
  await moveAway(files, claimed, `${folder}/${name}`);
}

/** The name itself, or with its hash where it is taken: the same bytes again replace themselves. */
async function freeName(
  files: BankFiles,
  folder: string,
  name: string,
  sha256: string,
): Promise<string> {
  return (await files.has(`${folder}/${name}`)) ? secondName(name, sha256) : name;
}

/** Moves the file last: while it stands in `work/`, the next look finishes what was begun. */
async function moveAway(files: BankFiles, { path, name }: Claimed, to: string): Promise<void> {
  const isAlone = !(await files.has(`in/${name}`));
  for (const sidecar of [...sidecarNames(path), ...(isAlone ? sidecarNames(`in/${name}`) : [])]) {
    if (await files.has(sidecar)) await files.remove(sidecar);
  }
  await files.move(path, to);
}

async function writeReceipt(
  files: BankFiles,
  name: string,
  byteCount: number,
  receipt: InboundReceipt,
): Promise<void> {
  const free = await freeName(files, "receipts", `${name}.receipt.json`, receipt.sha256);
  await files.write(`receipts/${free}`, json({ name, byteCount, ...receipt }));
}

function json(value: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}
