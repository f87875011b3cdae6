// The events of a sandbox as a story that a newcomer can follow: one line for each step of the money.

import { currencyOf } from "../money/currency.ts";
import { displayMoney, parseMinor } from "../money/money.ts";
import type { Database } from "../storage/database.ts";
import { lastSeq, readFeed } from "../timeline/feed.ts";
import type { RecordedEvent } from "../timeline/timeline.ts";

const LOOK_MS = 250;
const PAGE = 200;

export type Story = { readonly stop: () => void };

/** Tells what happens from now on; `tell` gets each line. */
export async function tellStory(
  database: Database,
  tenantId: string,
  tell: (line: string, event: RecordedEvent) => void,
  onFailure: (error: unknown) => void,
): Promise<Story> {
  let afterSeq = await lastSeq(database, tenantId);
  let isLooking = false;
  const look = async (): Promise<void> => {
    const page = await readFeed(database, tenantId, { afterSeq, limit: PAGE, withoutAccess: true });
    afterSeq = page.throughSeq;
    for (const event of page.events) {
      const line = lineOf(event);
      if (line !== null) tell(line, event);
    }
  };
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    look()
      .catch(onFailure)
      .finally(() => {
        isLooking = false;
      });
  }, LOOK_MS);
  return { stop: () => clearInterval(timer) };
}

/** One line for an event that moves the story on; null for the others. */
export function lineOf({ kind, data, subject }: RecordedEvent): string | null {
  const money = moneyOf(data);
  const text = (name: string) => textOf(data[name]);
  switch (kind) {
    case "statement-posted":
      return `statement   ${text("settlementId")} proven to the cent: ${text("lineCount")} lines, ${moneyOf({ ...data, amount: data["total"] })}`;
    case "statement-quarantined":
      return `statement   ${text("settlementId")} does not prove; what comes for it is held`;
    case "payout-announced":
      return `payout      ${text("reference")} ${money}, the marketplace says ${text("status")}`;
    case "bank-notice-booked":
      return data["direction"] === "credit"
        ? `bank        ${money} is booked, told by ${text("family")}`
        : `bank        ${money} went back, told by ${text("family")}`;
    case "credit-matched":
      return subject.startsWith("po_") ? `match       ${money} pays this payout` : null;
    case "payout-released":
      return subject.startsWith("po_") ? `released    ${money} is on the seller's account` : null;
    case "hold-opened":
      return `HELD        ${money} [${text("code")}] ${text("message")}`;
    case "hold-closed":
      return `hold        [${text("code")}] is closed`;
    case "payout-failed":
      return "payout      failed";
    default:
      return null;
  }
}

function moneyOf(data: Readonly<Record<string, unknown>>): string {
  const currency = currencyOf(textOf(data["currency"]));
  const minor = currency === null ? null : parseMinor(textOf(data["amount"]), currency);
  if (currency === null || minor?.ok !== true) return "";
  return displayMoney({ currency, minor: minor.minor });
}

function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
