// What all tellings of one transaction say together. It is computed from their set and never from the order in which
// they came: where two of them differ, the one that tells most about a payment counts (docs/concepts/matching.md).

import type { CivilDate } from "../time/instant.ts";
import type { BankFamily, Charge, Direction, EntryStatus } from "./message.ts";
import {
  type BankReferences,
  type NoticeDetail,
  type NoticeDraft,
  sameMoneyStrength,
} from "./notice.ts";

/** What one notice says of its transaction beside account, currency, direction and amount, which all have in common. */
export type Told = BankReferences & {
  readonly accountNumber: string;
  readonly reversal: boolean;
  readonly bookedOn: CivilDate | null;
  readonly valueOn: CivilDate | null;
  readonly typeCode: string | null;
  readonly detail: NoticeDetail;
};

export type Telling = Told & {
  readonly noticeId: string;
  readonly family: BankFamily;
  readonly status: EntryStatus;
  readonly copy: boolean;
};

/**
 * `undo`: a debit that reverses or returns; `outside`: any other debit; `returned-to-us`: a credit that undoes an
 * outgoing payment.
 */
export type TransactionRole = "incoming" | "returned-to-us" | "undo" | "outside";

/** The whole of a transaction's tellings. */
export type ToldTogether = Told & { readonly role: TransactionRole };

/** Payment messages tell most of payer and charges, advices more than statements, interim reports least. */
const FAMILY_ORDER: readonly BankFamily[] = [
  "pacs.008",
  "mt103",
  "pacs.004",
  "camt.054",
  "mt910",
  "cib-notice",
  "cmb-notice",
  "camt.053",
  "mt940",
  "camt.052",
  "mt942",
];

const STATUS_ORDER: readonly EntryStatus[] = [
  "booked",
  "information",
  "pending",
  "future",
  "unknown",
];

/** What a notice says beside its own columns; kept with it. */
export function toldBy(draft: NoticeDraft): Told {
  return {
    accountNumber: draft.accountNumber,
    reversal: draft.reversal,
    bookedOn: draft.bookedOn,
    valueOn: draft.valueOn,
    typeCode: draft.typeCode,
    uetr: draft.uetr,
    servicerRef: draft.servicerRef,
    endToEndId: draft.endToEndId,
    instructionId: draft.instructionId,
    detail: draft.detail,
  };
}

export function tellingOf(draft: NoticeDraft, noticeId: string): Telling {
  const { family, status, copy } = draft;
  return { ...toldBy(draft), noticeId, family, status, copy };
}

/** One row of one family tells of one transaction: a second row of it is other money, a copy of it is not. */
export function isSecondRow(tellings: readonly Telling[], draft: NoticeDraft): boolean {
  return tellings.some(
    ({ family, status, copy }) =>
      family === draft.family && status === draft.status && copy === draft.copy,
  );
}

/** How strongly a notice tells of the money that the tellings tell of: as much as the strongest pair does. */
export function strengthOf(tellings: readonly Telling[], draft: NoticeDraft): number {
  const isOther = tellings.some(
    ({ uetr }) => uetr !== null && draft.uetr !== null && uetr !== draft.uetr,
  );
  if (isOther) return 0;
  const strength = Math.max(0, ...tellings.map((telling) => pairStrength(telling, draft)));
  const isAlike = tellings.some(({ reversal }) => reversal) === draft.reversal;
  if (isAlike) return strength;
  // A bank may book a return as a plain debit; a credit that reverses is never an ordinary one.
  return draft.direction === "debit" && strength >= 1 ? strength : 0;
}

/** Between an account and a message that does not repeat it, only a reference can tell. */
function pairStrength(telling: Telling, draft: NoticeDraft): number {
  const strength = sameMoneyStrength(telling, draft);
  return telling.accountNumber === draft.accountNumber || strength >= 1 ? strength : 0;
}

export function tellTogether(direction: Direction, tellings: readonly Telling[]): ToldTogether {
  const ranked = [...tellings].sort(compareTellings);
  const first = <Value>(pick: (telling: Telling) => Value | null): Value | null => {
    for (const telling of ranked) {
      const value = pick(telling);
      if (value !== null) return value;
    }
    return null;
  };
  return {
    accountNumber: first(({ accountNumber }) => accountNumber || null) ?? "",
    reversal: ranked.some(({ reversal }) => reversal),
    bookedOn: first(({ bookedOn }) => bookedOn),
    valueOn: first(({ valueOn }) => valueOn),
    uetr: first(({ uetr }) => uetr),
    servicerRef: first(({ servicerRef }) => servicerRef),
    endToEndId: first(({ endToEndId }) => endToEndId),
    instructionId: first(({ instructionId }) => instructionId),
    typeCode: first(({ typeCode }) => typeCode),
    role: roleTogether(direction, ranked),
    detail: {
      payer: first(({ detail }) => detail.payer),
      ultimatePayer: first(({ detail }) => detail.ultimatePayer),
      payerAgent: first(({ detail }) => detail.payerAgent),
      instructed: first(({ detail }) => detail.instructed),
      charges:
        first(({ detail }) => (detail.charges.some(isTaken) ? detail.charges : null)) ??
        first(({ detail }) => (detail.charges.length > 0 ? detail.charges : null)) ??
        [],
      exchange: first(({ detail }) => detail.exchange),
      remittance: [...new Set(ranked.flatMap(({ detail }) => detail.remittance))].sort(),
      purpose: first(({ detail }) => detail.purpose),
      returned: first(({ detail }) => detail.returned),
      instructionId: first(({ detail }) => detail.instructionId),
      transactionId: first(({ detail }) => detail.transactionId),
    },
  };
}

/** Payment messages repeat the charge bearer with an amount of zero where nothing was deducted. */
function isTaken(charge: Charge): boolean {
  return charge.amount.minor > 0n;
}

function compareTellings(left: Telling, right: Telling): number {
  return (
    Number(left.copy) - Number(right.copy) ||
    FAMILY_ORDER.indexOf(left.family) - FAMILY_ORDER.indexOf(right.family) ||
    STATUS_ORDER.indexOf(left.status) - STATUS_ORDER.indexOf(right.status) ||
    (left.noticeId < right.noticeId ? -1 : 1)
  );
}

type TellsOfReturn = Pick<Told, "reversal" | "detail" | "typeCode">;

/** A return family code (PMNT/…/RRTN, ISO 20022 bank transaction codes) or an original that is named. */
function isReturn({ detail, typeCode }: TellsOfReturn): boolean {
  return detail.returned !== null || /(^|\/)RRTN$/.test(typeCode ?? "");
}

/** What the movement is to the channel: one telling that says so is enough. */
function roleTogether(direction: Direction, told: readonly TellsOfReturn[]): TransactionRole {
  const undoes = told.some((one) => one.reversal || isReturn(one));
  if (direction === "credit") return undoes ? "returned-to-us" : "incoming";
  return undoes ? "undo" : "outside";
}

/** What one notice alone says that the movement is. */
export function roleOf(draft: TellsOfReturn & Pick<NoticeDraft, "direction">): TransactionRole {
  return roleTogether(draft.direction, [draft]);
}
