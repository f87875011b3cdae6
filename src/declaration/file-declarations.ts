// Files declarations and takes the answer: what is ready goes out as GB18030 XML, one file of base information and one of
// declaration information at a time; the answer's file says of each number whether it was taken.

import iconv from "iconv-lite";
import { accepted, type Outcome, refused } from "../errors/refusal.ts";
import type { Tx } from "../storage/database.ts";
import type { CivilDate, Instant } from "../time/instant.ts";
import { type Declaration, loadDeclarations, markDeclarations } from "./declaration-rows.ts";
import { baseXml, declarationXml, RECORDS_PER_FILE_MAX } from "./declaration-xml.ts";

export type OutgoingFile = {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly declarations: readonly Declaration[];
};

/** Declarations looked through for what is ready. */
const LOOKED_THROUGH_MAX = 100_000;

/**
 * What is ready, as files. Rows of one credit stay in one file, because an actual row and its restored rows are filed
 * the same day; a credit of which any row breaks a rule waits as a whole.
 */
export async function outgoingFiles(
  tx: Tx,
  tenantId: string,
  today: CivilDate,
): Promise<readonly OutgoingFile[]> {
  const all = await loadDeclarations(tx, tenantId, { limit: LOOKED_THROUGH_MAX }, today);
  const byCredit = new Map<string, Declaration[]>();
  for (const one of all) byCredit.set(one.creditId, [...(byCredit.get(one.creditId) ?? []), one]);
  const ready = [...byCredit.values()].filter((rows) =>
    rows.every(({ state }) => state === "ready"),
  );
  const batches: Declaration[][] = [];
  for (const rows of ready) {
    const last = batches.at(-1);
    if (last === undefined || last.length + rows.length > RECORDS_PER_FILE_MAX)
      batches.push([...rows]);
    else last.push(...rows);
  }
  const filedToday = all.filter(({ state }) => state === "filed" || state === "accepted").length;
  return batches.flatMap((declarations, index) => {
    const number = String(filedToday + index + 1).padStart(4, "0");
    const day = today.slice(2).replaceAll("-", "");
    const records = declarations.map(({ version }) => version);
    const base = { kind: "A" as const, name: `BOPA${day}${number}` };
    const information = { kind: "G" as const, name: `BOPG${day}${number}` };
    return [
      {
        name: `${base.name}.xml`,
        bytes: baseXml(
          base,
          records.map((version) => version.base),
        ),
        declarations,
      },
      {
        name: `${information.name}.xml`,
        bytes: declarationXml(
          information,
          records.map((version) => version.information),
        ),
        declarations,
      },
    ];
  });
}

/** Notes that the files were handed over. */
export async function noteFiled(
  tx: Tx,
  tenantId: string,
  files: readonly (OutgoingFile & { readonly sha256: string })[],
  now: Instant,
): Promise<void> {
  const byId = new Map<string, { one: Declaration; files: string[] }>();
  for (const { name, sha256, declarations } of files) {
    for (const one of declarations) {
      const known = byId.get(one.declarationId) ?? { one, files: [] };
      byId.set(one.declarationId, { one, files: [...known.files, `${name} ${sha256}`] });
    }
  }
  await markDeclarations(
    tx,
    tenantId,
    [...byId.values()].map(({ one, files: names }) => ({
      id: one.declarationId,
      versionNo: one.versionNo,
      kind: "filed" as const,
      detail: { files: names },
      by: null,
    })),
    now,
  );
}

export type FeedbackLine = {
  readonly rptNo: string;
  /** 00 not looked at yet, 01 taken, 02 refused (regulation.md 1.3: life cycle). */
  readonly code: "00" | "01" | "02";
  readonly message: string;
};

/** Reads an answer's file. Refused, `feedback-invalid`, with the record. */
export function readFeedback(bytes: Uint8Array, name: string): Outcome<readonly FeedbackLine[]> {
  const text = iconv.decode(Buffer.from(bytes), "gb18030");
  const records = [...text.matchAll(/<REC>([\s\S]*?)<\/REC>/g)].map(([, record = ""]) => record);
  if (records.length === 0) return refused("feedback-invalid", `${name} has no record (REC).`);
  const lines: FeedbackLine[] = [];
  for (const [index, record] of records.entries()) {
    const field = (tag: string) =>
      new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(record)?.[1]?.trim() ?? "";
    const code = field("FEEDBACK");
    const rptNo = field("RPTNO");
    if (rptNo === "" || (code !== "00" && code !== "01" && code !== "02")) {
      const message = `${name}: record ${index + 1} has no RPTNO, or its FEEDBACK "${code}" is none of 00, 01, 02.`;
      return refused("feedback-invalid", message);
    }
    lines.push({ rptNo, code, message: field("MESSAGE") });
  }
  return accepted(lines);
}

export type FeedbackTaken = {
  readonly accepted: number;
  readonly rejected: number;
  readonly waiting: number;
  /** Numbers that are not on record, or were not filed. */
  readonly unknown: readonly string[];
};

/** Notes the answers; the same file again changes nothing. */
export async function takeFeedback(
  tx: Tx,
  tenantId: string,
  lines: readonly FeedbackLine[],
  at: { readonly today: CivilDate; readonly now: Instant; readonly file: string },
): Promise<FeedbackTaken> {
  const numbers = lines.map(({ rptNo }) => rptNo);
  const known = await loadDeclarations(tx, tenantId, { numbers, limit: numbers.length }, at.today);
  const byNumber = new Map(known.map((one) => [one.rptNo, one]));
  const isFiled = (rptNo: string) =>
    ["filed", "accepted", "rejected"].includes(byNumber.get(rptNo)?.state ?? "");
  const answered = lines.filter(({ rptNo, code }) => code !== "00" && isFiled(rptNo));
  await markDeclarations(
    tx,
    tenantId,
    answered.flatMap(({ rptNo, code, message }) => {
      const one = byNumber.get(rptNo);
      if (one === undefined) return [];
      const kind = code === "01" ? ("accepted" as const) : ("rejected" as const);
      return [
        {
          id: one.declarationId,
          versionNo: one.versionNo,
          kind,
          detail: { answer: message, file: at.file },
          by: null,
        },
      ];
    }),
    at.now,
  );
  return {
    accepted: answered.filter(({ code }) => code === "01").length,
    rejected: answered.filter(({ code }) => code === "02").length,
    waiting: lines.filter(({ code, rptNo }) => code === "00" && isFiled(rptNo)).length,
    unknown: numbers.filter((rptNo) => !isFiled(rptNo)),
  };
}
