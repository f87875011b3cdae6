// Asks CIB's front-end for receipts: a window of days, page by page, each page one question. The window begins some
// days before the last one ended, because the bank may still add to a day that is over.

import { createHash } from "node:crypto";
import { Outage } from "../../errors/outage.ts";
import { addDays, type CivilDate, civilDateIn, type Instant } from "../../time/instant.ts";
import {
  type CibAnswer,
  cibItem,
  readCibAnswer,
  writeCibNotice,
  writeCibQuestion,
} from "../vendor/cib.ts";
import { readXmlTree, type XmlElement } from "../vendor/xml-tree.ts";
import { callBank } from "./bank-http.ts";
import type { BankApi, PolledItem } from "./poll-bank.ts";
import type { BankConnectionOf } from "./settings.ts";

/** Business days of the bank are Beijing's. */
export const BANK_ZONE = "Asia/Shanghai";
/** Pages of one window at most: a bank that never ends is not believed. */
const PAGES_MAX = 10_000;

export type CibPosition = {
  /** The last day that was fetched to its end; null before the first. */
  readonly doneOn: CivilDate | null;
  /** The window under way and its next page; null between windows. */
  readonly window: {
    readonly beginOn: CivilDate;
    readonly endOn: CivilDate;
    readonly page: number;
  } | null;
};

export type CibSettings = Pick<
  BankConnectionOf<"cib-api">,
  "id" | "url" | "overlapDays" | "since" | "customerId" | "userId"
>;

export function cibApi(settings: CibSettings, password: string): BankApi<CibPosition> {
  return {
    ask: async (position, now) => {
      const window = position?.window ?? nextWindow(settings, position?.doneOn ?? null, now);
      const answer = await questioned(settings, password, window, now);
      const items = answer.notices.map((notice) => itemOf(settings.id, notice));
      if (answer.more && window.page < PAGES_MAX) {
        const next = { ...window, page: window.page + 1 };
        return {
          items,
          position: { doneOn: position?.doneOn ?? null, window: next },
          isDone: false,
        };
      }
      return { items, position: { doneOn: window.endOn, window: null }, isDone: true };
    },
  };
}

function nextWindow({ overlapDays, since }: CibSettings, doneOn: CivilDate | null, now: Instant) {
  const endOn = civilDateIn(BANK_ZONE, now);
  const beginOn =
    doneOn === null ? ((since as CivilDate | null) ?? endOn) : addDays(doneOn, -overlapDays);
  return { beginOn: beginOn < endOn ? beginOn : endOn, endOn, page: 1 };
}

async function questioned(
  settings: CibSettings,
  password: string,
  window: NonNullable<CibPosition["window"]>,
  now: Instant,
): Promise<CibAnswer> {
  const question = writeCibQuestion({
    customerId: settings.customerId,
    userId: settings.userId,
    password,
    clientTime: beijingTime(now),
    transactionId: `SW${now.replace(/\D/g, "")}P${window.page}`,
    ...window,
  });
  const headers = { "content-type": "text/xml; charset=GB2312" };
  const { status, body } = await callBank(settings.url, question, headers);
  const tree = readXmlTree(body);
  const answer = tree.ok ? readCibAnswer(tree.root) : null;
  if (answer === null) throw refusedBy(settings.id, `HTTP ${status} without an answer of its own`);
  if (answer.code !== "0") {
    throw refusedBy(settings.id, `${answer.code} ${answer.message ?? ""}`.trim());
  }
  return answer;
}

function refusedBy(connectionId: string, what: string): Outage {
  return new Outage("bank-api", `${connectionId} answered ${what}`, { retryable: true });
}

function itemOf(connectionId: string, notice: XmlElement): PolledItem {
  const bytes = writeCibNotice(notice);
  const key = createHash("sha256").update(bytes).digest("hex");
  // A notice without its number cannot be told from another: its content is its number.
  const told = cibItem(notice) ?? { key, money: [] };
  return { ...told, name: `${connectionId}-${told.key}.xml`, bytes };
}

/** "2026-11-23 12:05:06" in Beijing, which has no summer time. */
function beijingTime(now: Instant): string {
  const shifted = new Date(Date.parse(now) + 8 * 3_600_000).toISOString();
  return shifted.slice(0, 19).replace("T", " ");
}
