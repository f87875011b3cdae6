// Which messages make money: settings, because only the bank that runs the channel can say.

import type { BankFamily, EntryStatus } from "./message.ts";

export type CreditSources = Readonly<Record<BankFamily, boolean>>;

/**
 * True: a booked entry of this family is money. camt.054, camt.053, MT910, MT940 and MT103 are the credits of
 * the main job. Intraday reports (camt.052, MT942) are provisional, and a pacs.008 is an instruction between
 * banks: both are off until a bank says otherwise. A pacs.004 undoes what it names.
 */
export const DEFAULT_CREDIT_SOURCES: CreditSources = {
  "camt.052": false,
  "camt.053": true,
  "camt.054": true,
  "pacs.008": false,
  "pacs.004": true,
  mt940: true,
  mt942: false,
  mt910: true,
  mt103: true,
  "cib-notice": true,
  "cmb-notice": true,
};

/** Payment messages have no booking status of their own: the family alone decides. */
const STATUSLESS: readonly BankFamily[] = ["pacs.008", "pacs.004", "mt103"];

export function isMoney(family: BankFamily, status: EntryStatus, sources: CreditSources): boolean {
  if (!sources[family]) return false;
  return status === "booked" || STATUSLESS.includes(family);
}

/** The end-of-day statements: they confirm what an advice told. */
export function isConfirming(family: BankFamily): boolean {
  return family === "camt.053" || family === "mt940";
}
