// The shape of a posting and its fingerprint. The type checker cannot see what came through JSON, and an id must
// never stand for two different bodies (facts that other ledgers got wrong: same key, other amount, answered 200).

import { hash } from "node:crypto";
import { parseCivilDate } from "../time/instant.ts";
import type { Leg, Posting, PostingOutcome, PostingRefusalCode, TransferRef } from "./posting.ts";

/** Characters of an id of a tenant, posting or account; three of them fit a PostgreSQL index row (2,704 bytes). */
export const LEDGER_ID_LENGTH_MAX = 200;
/** Characters of `reason`, a word of the caller's. */
export const REASON_LENGTH_MAX = 100;
/** Characters of `subject`, an id of the caller's. */
export const SUBJECT_LENGTH_MAX = 200;
/** Legs of one posting; it must fit one batch on every engine (400 is the portable batch). */
export const LEGS_PER_POSTING_MAX = 200;
/** Largest amount and largest balance of one side, pending included: PostgreSQL bigint, 2^63 - 1 minor units. */
export const AMOUNT_MINOR_MAX = 2n ** 63n - 1n;

/** A posting whose shape is right, with the sha256 (hex) of everything in it but its id. */
export type CheckedPosting = { readonly posting: Posting; readonly fingerprint: string };

export type PostingRefusal = Extract<PostingOutcome, { ok: false }>;

export function refusePosting(
  code: PostingRefusalCode,
  leg: number | null,
  message: string,
): PostingRefusal {
  return { ok: false, refusal: { code, leg, message } };
}

/** True for a text that PostgreSQL keeps as it is: not empty, not too long, no NUL, no half of a surrogate pair. */
export function isLedgerText(text: unknown, lengthMax: number): text is string {
  return (
    typeof text === "string" &&
    text.length > 0 &&
    text.length <= lengthMax &&
    !text.includes("\0") &&
    !/\p{Surrogate}/u.test(text)
  );
}

function malformed(message: string, leg: number | null = null): PostingRefusal {
  return refusePosting("posting-malformed", leg, message);
}

/** Checks everything that can be said without the ledger's state. Never throws, whatever it is given. */
export function checkPosting(
  posting: Posting,
): { readonly ok: true; readonly value: CheckedPosting } | PostingRefusal {
  if (typeof posting !== "object" || posting === null) return malformed("a posting is an object");
  if (!isLedgerText(posting.id, LEDGER_ID_LENGTH_MAX))
    return malformed(`id must be a text of 1 to ${LEDGER_ID_LENGTH_MAX} characters`);
  if (!isDate(posting.effectiveOn))
    return malformed("effectiveOn must be a date that exists, as YYYY-MM-DD");
  if (!isLedgerText(posting.reason, REASON_LENGTH_MAX))
    return malformed(`reason must be a text of 1 to ${REASON_LENGTH_MAX} characters`);
  if (!isLedgerText(posting.subject, SUBJECT_LENGTH_MAX))
    return malformed(`subject must be a text of 1 to ${SUBJECT_LENGTH_MAX} characters`);
  if (!Array.isArray(posting.legs) || posting.legs.length === 0)
    return malformed("a posting has at least one leg");
  if (posting.legs.length > LEGS_PER_POSTING_MAX)
    return malformed(`a posting has at most ${LEGS_PER_POSTING_MAX} legs`);
  for (const [index, leg] of posting.legs.entries()) {
    const refusal = checkLeg(leg, index);
    if (refusal !== null) return refusal;
  }
  return { ok: true, value: { posting, fingerprint: fingerprintOf(posting) } };
}

/** Nearly all postings of a day bear its date: the last one that existed need not be read again. */
let lastDate: unknown = null;

function isDate(text: unknown): boolean {
  if (text === lastDate && text !== null) return true;
  if (typeof text !== "string" || parseCivilDate(text) === null) return false;
  lastDate = text;
  return true;
}

function checkLeg(leg: Leg, index: number): PostingRefusal | null {
  if (typeof leg !== "object" || leg === null) return malformed("a leg is an object", index);
  const amount: { currency?: unknown; minor?: unknown } | undefined | null = leg.amount;
  if (typeof amount?.minor !== "bigint" || typeof amount.currency !== "string")
    return malformed("amount must be { currency, minor } with minor a bigint", index);
  if (amount.minor <= 0n)
    return refusePosting("amount-not-positive", index, "amount must be at least 1 minor unit");
  if (amount.minor > AMOUNT_MINOR_MAX)
    return refusePosting("amount-too-large", index, `amount must be at most ${AMOUNT_MINOR_MAX}`);
  switch (leg.kind) {
    case "post":
    case "pending":
      return checkAccounts(leg.debit, leg.credit, index);
    case "commit":
    case "void":
    case "reverse":
      return isTransferRef(leg.of)
        ? null
        : malformed("of must name a posting and one of its legs, from 0", index);
    default:
      return malformed("kind must be post, pending, commit, void or reverse", index);
  }
}

function checkAccounts(debit: unknown, credit: unknown, index: number): PostingRefusal | null {
  if (!isLedgerText(debit, LEDGER_ID_LENGTH_MAX) || !isLedgerText(credit, LEDGER_ID_LENGTH_MAX))
    return malformed("debit and credit must be account ids", index);
  return debit === credit
    ? refusePosting("same-account-twice", index, "debit and credit must be two accounts")
    : null;
}

function isTransferRef(of: TransferRef | undefined | null): boolean {
  return (
    typeof of === "object" &&
    of !== null &&
    isLedgerText(of.postingId, LEDGER_ID_LENGTH_MAX) &&
    Number.isInteger(of.leg) &&
    of.leg >= 0 &&
    of.leg < LEGS_PER_POSTING_MAX
  );
}

/** sha256 (hex) of a JSON array of texts: two bodies that differ anywhere differ here. */
function fingerprintOf(posting: Posting): string {
  const body: (string | number)[] = [posting.effectiveOn, posting.reason, posting.subject];
  for (const leg of posting.legs) {
    body.push(leg.kind, leg.amount.currency, leg.amount.minor.toString());
    if (leg.kind === "post" || leg.kind === "pending") body.push(leg.debit, leg.credit);
    else body.push(leg.of.postingId, leg.of.leg);
  }
  return hash("sha256", JSON.stringify(body), "hex");
}
