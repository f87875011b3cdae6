// An order to pay out of a seller's account: what it says, the ids that it keeps for life, and what state follows from
// what is on record about it. Codes are those of ISO 20022 ExternalPaymentTransactionStatus1Code.

import { createHash } from "node:crypto";
import { objectId } from "../../ids/object-id.ts";
import type { Currency } from "../../money/currency.ts";
import type { CivilDate, Instant } from "../../time/instant.ts";

export type OrderId = `ord_${string}`;

/** Who is paid. Town and country are mandatory in cross-border payments since November 2026. */
export type Creditor = {
  readonly name: string;
  readonly account: string;
  readonly bankBic: string;
  readonly country: string;
  readonly town: string;
  readonly street: string | null;
};

export type PaymentOrder = {
  readonly orderId: OrderId;
  readonly connectionId: string;
  readonly sellerId: string;
  readonly debtorAccount: string;
  readonly currency: Currency;
  readonly amountMinor: bigint;
  readonly creditor: Creditor;
  /** ExternalPurpose1Code such as GDDS; null: none. */
  readonly purpose: string | null;
  /** One line of at most 140 characters. */
  readonly remittance: string | null;
  readonly executeOn: CivilDate;
  /** 29 characters, letters and digits: also the InstrId. */
  readonly endToEndId: string;
  readonly uetr: string;
  readonly approvalId: string;
  readonly madeBy: string;
  readonly madeAt: Instant;
  readonly approvedAt: Instant | null;
  readonly messageId: string | null;
};

/** The ids of an order follow from the act that made it: the same act again is the same order. */
export function orderIdsOf(actKey: string): Pick<PaymentOrder, "orderId" | "endToEndId" | "uetr"> {
  const orderId = objectId("ord", actKey);
  return { orderId, endToEndId: paperId("ORD", orderId), uetr: uetrOf(orderId) };
}

/** An id for banks: at most 35 letters and digits, which every network carries. */
export function paperId(prefix: string, ...parts: readonly string[]): string {
  return `${prefix}${objectId("x", ...parts)
    .slice(2)
    .toUpperCase()}`;
}

/** A UETR has the form of a UUID of version 4 (ISO 20022 UUIDv4Identifier), here made of the order's own id. */
function uetrOf(orderId: string): string {
  const bytes = createHash("sha256").update(`uetr ${orderId}`).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export const ORDER_STATES = [
  /** Asked for; another person has not decided. */
  "proposed",
  /** That person said no, or nobody decided in time. */
  "declined",
  /** Approved, and not with the bank yet. */
  "approved",
  /** The bank's side has the message and has not answered. */
  "sent",
  /** The bank has checked its form (ACTC) or the customer (ACCP), or received it (RCVD). */
  "accepted",
  /** The bank waits for something (PDNG). */
  "pending",
  /** On its way (ACSP). */
  "processing",
  /** Settled: on the bank's books (ACSC) or the payee's account (ACCC). */
  "settled",
  "rejected",
  "cancelled",
  /** The bank said both that it was settled and that it was not: a person asks the bank. */
  "disputed",
] as const;
export type OrderState = (typeof ORDER_STATES)[number];

/** Status code → state; of several the one further down the list counts, whatever order they came in. */
const CODES: Readonly<Record<string, OrderState>> = {
  RCVD: "accepted",
  ACTC: "accepted",
  ACCP: "accepted",
  ACWC: "accepted",
  ACFC: "accepted",
  PATC: "accepted",
  PDNG: "pending",
  ACSP: "processing",
  ACWP: "processing",
  ACSC: "settled",
  ACCC: "settled",
  RJCT: "rejected",
  CANC: "cancelled",
  BLCK: "rejected",
};
const PROGRESS: readonly OrderState[] = ["accepted", "pending", "processing"];

/** True for a code that says what became of an order; others are kept and change nothing. */
export function isStatusCode(code: string): boolean {
  return Object.hasOwn(CODES, code);
}

/** What is on record about an order. */
export type OrderFacts = {
  readonly decision: "approved" | "denied" | "expired" | null;
  readonly approvedAt: Instant | null;
  readonly sentAt: Instant | null;
  /** Every code that the bank told, in any order. */
  readonly codes: readonly string[];
};

export function orderState({ decision, approvedAt, sentAt, codes }: OrderFacts): OrderState {
  const told = new Set(codes.filter(isStatusCode).map((code) => CODES[code]!));
  const ends = (["settled", "rejected", "cancelled"] as const).filter((state) => told.has(state));
  if (ends.length > 1 && told.has("settled")) return "disputed";
  if (ends[0] !== undefined) return ends[0];
  const furthest = PROGRESS.findLast((state) => told.has(state));
  if (furthest !== undefined) return furthest;
  if (sentAt !== null) return "sent";
  if (approvedAt !== null) return "approved";
  return decision === "denied" || decision === "expired" ? "declined" : "proposed";
}
