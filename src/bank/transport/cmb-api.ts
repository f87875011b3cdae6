// Asks CMB's front-end for notices. GetNewNotice hands each out once and forgets it, so what is lost between its answer
// and our commit would be lost for good: the history of the last days is asked for as well, again and again.

import { createHash } from "node:crypto";
import { Outage } from "../../errors/outage.ts";
import {
  addDays,
  type CivilDate,
  civilDateIn,
  type Instant,
  instantOfMs,
  msOf,
} from "../../time/instant.ts";
import {
  CMB_MONEY_TYPES,
  type CmbAnswer,
  type CmbMoneyType,
  type CmbQuestion,
  cmbItem,
  readCmbAnswer,
  writeCmbNotice,
  writeCmbQuestion,
} from "../vendor/cmb.ts";
import { readXmlTree, textAt, type XmlElement } from "../vendor/xml-tree.ts";
import { callBank } from "./bank-http.ts";
import { BANK_ZONE } from "./cib-api.ts";
import type { BankApi, PolledItem, PolledPage } from "./poll-bank.ts";
import type { BankConnectionOf } from "./settings.ts";

/** RECNUM: notices of one page of history; the interface allows 100 to 2000. */
export const HISTORY_PAGE = 1000;
/** Milliseconds between two looks at the history. */
export const HISTORY_EVERY_MS = 5 * 60_000;

export type CmbPosition = {
  /** When the history was last fetched to its end; null before the first time. */
  readonly sweptAt: Instant | null;
  /** The day up to which it was. */
  readonly sweptOn: CivilDate | null;
  /** The look at the history under way; null between two. */
  readonly sweep: {
    readonly type: CmbMoneyType;
    readonly beginOn: CivilDate;
    readonly endOn: CivilDate;
    /** The greatest number of the page before. */
    readonly after: string | null;
  } | null;
};

const START: CmbPosition = { sweptAt: null, sweptOn: null, sweep: null };

export type CmbSettings = Pick<
  BankConnectionOf<"cmb-api">,
  "id" | "url" | "overlapDays" | "since" | "loginName"
>;

export function cmbApi(settings: CmbSettings): BankApi<CmbPosition> {
  return {
    ask: (position, now) => {
      const from = position ?? START;
      return from.sweep === null ? askNew(settings, from, now) : askHistory(settings, from, now);
    },
  };
}

async function askNew(
  settings: CmbSettings,
  from: CmbPosition,
  now: Instant,
): Promise<PolledPage<CmbPosition>> {
  const { loginName, id } = settings;
  const answer = await questioned(settings, { kind: "new", loginName });
  const items = answer.notices.map((notice) => itemOf(id, notice));
  const isDue = from.sweptAt === null || now >= instantOfMs(msOf(from.sweptAt) + HISTORY_EVERY_MS);
  if (!isDue) return { items, position: from, isDone: items.length === 0 };
  const sweep = { type: CMB_MONEY_TYPES[0], ...windowOf(settings, from, now), after: null };
  return { items, position: { ...from, sweep }, isDone: false };
}

function windowOf({ overlapDays, since }: CmbSettings, { sweptOn }: CmbPosition, now: Instant) {
  const endOn = civilDateIn(BANK_ZONE, now);
  const beginOn =
    sweptOn === null ? ((since as CivilDate | null) ?? endOn) : addDays(sweptOn, -overlapDays);
  return { beginOn: beginOn < endOn ? beginOn : endOn, endOn };
}

async function askHistory(
  settings: CmbSettings,
  from: CmbPosition,
  now: Instant,
): Promise<PolledPage<CmbPosition>> {
  const sweep = from.sweep!;
  const answer = await questioned(settings, {
    kind: "history",
    loginName: settings.loginName,
    type: sweep.type,
    beginOn: sweep.beginOn.replaceAll("-", ""),
    endOn: sweep.endOn.replaceAll("-", ""),
    after: sweep.after,
    count: HISTORY_PAGE,
  });
  const items = answer.notices.map((notice) => itemOf(settings.id, notice));
  const last = greatest(answer.notices, sweep.after);
  // A page that brings us no further ends the look: asking again would bring the same.
  if (answer.notices.length >= HISTORY_PAGE && last !== sweep.after) {
    return { items, position: { ...from, sweep: { ...sweep, after: last } }, isDone: false };
  }
  const nextType = CMB_MONEY_TYPES[CMB_MONEY_TYPES.indexOf(sweep.type) + 1];
  if (nextType !== undefined) {
    const next = { ...sweep, type: nextType, after: null };
    return { items, position: { ...from, sweep: next }, isDone: false };
  }
  return {
    items,
    position: { sweptAt: now, sweptOn: sweep.endOn, sweep: null },
    isDone: true,
  };
}

/** Numbers have one length; compared as text in any case. */
function greatest(notices: readonly XmlElement[], after: string | null): string | null {
  let most = after;
  for (const notice of notices) {
    const number = textAt(notice, "MSGNBR");
    if (number !== null && (most === null || number > most)) most = number;
  }
  return most;
}

async function questioned(settings: CmbSettings, question: CmbQuestion): Promise<CmbAnswer> {
  const headers = { "content-type": "text/xml; charset=GBK" };
  const { status, body } = await callBank(settings.url, writeCmbQuestion(question), headers);
  const tree = readXmlTree(body);
  const answer = tree.ok ? readCmbAnswer(tree.root) : null;
  if (answer?.code === "0") return answer;
  const what =
    answer === null
      ? `HTTP ${status} without an answer of its own`
      : `${answer.code} ${answer.message ?? ""}`.trim();
  throw new Outage("bank-api", `${settings.id} answered ${what}`, { retryable: true });
}

function itemOf(connectionId: string, notice: XmlElement): PolledItem {
  const bytes = writeCmbNotice(notice);
  const key = createHash("sha256").update(bytes).digest("hex");
  // A notice without its number cannot be told from another: its content is its number.
  const told = cmbItem(notice) ?? { key, money: [] };
  return { ...told, name: `${connectionId}-${told.key}.xml`, bytes };
}
