// Which files of a drop folder may be taken, and what they are called afterwards: the conventions of host-to-host
// transfer (upload under another name, then rename; or a second, empty file that says "done"). Pure.

import type { FileSighting } from "./bank-files.ts";

/** Names of uploads under way, as common transfer programs make them. */
const TEMPORARY = /(^\.)|\.(tmp|partial|part|filepart|writing|making)$/i;
/** Files that say that the file of the same name is whole; their content may be its SHA-256. */
const SIDECAR = /\.(done|ok|sha256)$/i;
/** As `SIDECAR`, in the order in which they are looked for. */
const SIDECAR_SUFFIXES = [".done", ".ok", ".sha256"] as const;

/** Prefix of a claimed name: a UUID and a dot, so that two files of one name can both be at work. */
const CLAIM = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\./;

export type Readiness =
  /** Taken once size and time were the same at two looks, or a sidecar says that it is whole. */
  | "stable"
  /** Taken only with a sidecar. */
  | "done-file";

export type ReadyFile = { readonly name: string; readonly sidecar: string | null };

/** What may be taken now, oldest first, and what was seen and may be taken at the next look. */
export function chooseReady(
  seen: readonly FileSighting[],
  before: readonly FileSighting[],
  readiness: Readiness,
): { readonly ready: readonly ReadyFile[]; readonly waiting: readonly FileSighting[] } {
  const names = new Set(seen.map(({ name }) => name));
  const earlier = new Map(before.map((file) => [file.name, file]));
  const ready: (ReadyFile & { readonly file: FileSighting })[] = [];
  const waiting: FileSighting[] = [];
  for (const file of seen) {
    if (TEMPORARY.test(file.name) || SIDECAR.test(file.name)) continue;
    const suffix = SIDECAR_SUFFIXES.find((each) => names.has(`${file.name}${each}`));
    const sidecar = suffix === undefined ? null : `${file.name}${suffix}`;
    const isWhole =
      sidecar !== null || (readiness === "stable" && isSame(file, earlier.get(file.name)));
    if (isWhole) ready.push({ name: file.name, sidecar, file });
    else waiting.push(file);
  }
  ready.sort((a, b) => a.file.modifiedAtMs - b.file.modifiedAtMs || (a.name < b.name ? -1 : 1));
  return { ready: ready.map(({ name, sidecar }) => ({ name, sidecar })), waiting };
}

function isSame(now: FileSighting, before: FileSighting | undefined): boolean {
  return (
    before !== undefined &&
    before.byteCount === now.byteCount &&
    before.modifiedAtMs === now.modifiedAtMs
  );
}

export function claimedName(claimId: string, name: string): string {
  return `${claimId}.${name}`;
}

/** The name under which a claimed file came. */
export function originalName(claimed: string): string {
  return claimed.replace(CLAIM, "");
}

export function isSidecar(name: string): boolean {
  return SIDECAR.test(name);
}

export function sidecarNames(name: string): readonly string[] {
  return SIDECAR_SUFFIXES.map((suffix) => `${name}${suffix}`);
}

/** The SHA-256 that a sidecar names, bare or as `sha256sum` prints it; null when it names none. */
export function hashInSidecar(bytes: Uint8Array): string | null {
  const text = Buffer.from(bytes).toString("latin1");
  return /^[\s\\]*([0-9a-f]{64})\b/i.exec(text)?.[1]?.toLowerCase() ?? null;
}

/** A second name for other bytes under a name that is taken: the same bytes give the same. */
export function secondName(name: string, sha256: string): string {
  return `${name}~${sha256.slice(0, 12)}`;
}

/** "archive/2026/11/23": by the UTC day on which it was taken. */
export function archiveFolder(at: string): string {
  return `archive/${at.slice(0, 4)}/${at.slice(5, 7)}/${at.slice(8, 10)}`;
}
