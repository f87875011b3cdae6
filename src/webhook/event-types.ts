// The catalogue of event types: what subscribers may name, and what the data of each looks like. A type is the kind of
// object and what became of it ("payout.released"); the timeline tells the same happening once for each object that it
// is about, so that everybody reads the story of their own object whole. Types are added, never renamed.

import { z } from "zod";

const id = z.string();
const amount = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .meta({ description: "Exact decimal." });
const currency = z.string().regex(/^[A-Z]{3}$/);
const date = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
const money = { amount, currency };

const match = {
  matchId: id,
  layer: z.string(),
  ...money,
  charges: amount,
  paid: amount,
  paidCurrency: currency,
};
const released = z.object({ releaseId: id, ...money });
const quota = z.object({ orderCount: z.int(), ...money });
const undone = z.object({ debitId: id, creditId: id, ...money });
const notCovered = undone.extend({ reason: z.string() });
const notice = z.object({
  family: z.string(),
  direction: z.enum(["credit", "debit"]),
  ...money,
  bookedOn: date.nullable(),
  valueOn: date.nullable(),
});
const statement = z.object({
  settlementId: z.string(),
  currency: currency.nullable(),
  total: amount.nullable(),
  lineCount: z.int(),
  replaces: id.nullable().meta({ description: "The statement whose place this one takes." }),
});
const approval = z.looseObject({ approvalId: id, kind: z.string() });
const endpoint = z.looseObject({ url: z.string() });

type EventType = {
  readonly type: string;
  /** What happened, one sentence. */
  readonly meaning: string;
  readonly data: z.ZodType;
};

function type(name: string, meaning: string, data: z.ZodType): EventType {
  return { type: name, meaning, data };
}

const NOTICES: readonly EventType[] = ["credit", "debit"].flatMap((object) => [
  type(`${object}.booked`, "A message of the bank says that it is money on the account.", notice),
  type(`${object}.announced`, "A message of the bank announces it; it is no money yet.", notice),
  type(`${object}.copied`, "A copy of a message was received. A copy is not money.", notice),
]);

const STATEMENTS: readonly EventType[] = [
  type(
    "statement.posted",
    "A statement was proven to the cent and stands in the books.",
    statement,
  ),
  type("statement.quarantined", "A statement does not prove; its reasons say why.", statement),
  type(
    "statement.awaiting-seller",
    "A proven statement waits: nobody said whose it is.",
    statement,
  ),
  type("statement.replaced", "A reading came for which a better one stands already.", statement),
  type(
    "statement.confirming",
    "Another download says the same as the statement on record.",
    statement,
  ),
  type("statement.differing", "Another download contradicts the proven statement.", statement),
];

const PAYOUTS: readonly EventType[] = [
  type(
    "payout.announced",
    "The marketplace told of a payout, or what it tells of it changed.",
    z.object({
      reference: z.string(),
      ...money,
      status: z.string(),
      initiatedAt: z.string().nullable(),
      traceIds: z.array(z.string()),
      failureReason: z.string().nullable(),
    }),
  ),
  type(
    "payout.expected",
    "A statement says that a payout is owed which nobody announced.",
    z.object({ settlementId: z.string(), ...money }),
  ),
  type(
    "payout.credit-matched",
    "A credit pays it, in part or whole.",
    z.object({ ...match, creditId: id }),
  ),
  type(
    "payout.hold-opened",
    "An amount of it may not be used yet.",
    z.object({ code: z.string(), ...money, message: z.string(), dueOn: date }),
  ),
  type(
    "payout.hold-waived",
    "An amount that is held may be used all the same: one person asked, another approved.",
    z.object({ approvalId: id, code: z.string(), ...money, maker: id, checker: id.nullable() }),
  ),
  type(
    "payout.hold-closed",
    "A hold on it is over.",
    z.object({ holdId: id.optional(), code: z.string() }),
  ),
  type("payout.released", "Money of it is usable on the seller's account.", released),
  type(
    "payout.evidence-changed",
    "Orders, goods and papers support another part of it than before.",
    z.object({
      currency,
      required: amount,
      covered: amount,
      orderCount: z.int(),
      missingPapers: z.array(z.object({ paper: z.string(), count: z.int() })),
      findingCount: z.int(),
    }),
  ),
  type(
    "payout.declaration-prepared",
    "What declares its receipt is numbered; the payee declares by the day.",
    z.object({ rptNo: z.string(), dueOn: date, faultCount: z.int() }),
  ),
  type(
    "payout.quota-consumed",
    "Its money stands on orders, which support nothing else now.",
    quota,
  ),
  type(
    "payout.quota-returned",
    "Its money went back: its orders may support another receipt.",
    quota,
  ),
  type("payout.quota-given-back", "Refunds took back what its orders had supported.", quota),
  type("payout.credit-undone", "The bank took money of it back.", undone),
  type("payout.undo-not-covered", "The bank took money back that is not there.", notCovered),
  type(
    "payout.failed",
    "A later statement took the failed transfer back into the balance.",
    z.object({ takenBackBy: id }),
  ),
  type("payout.reopened", "It did not fail after all.", z.object({})),
  type(
    "payout.merged",
    "Two payouts turned out to be the same money: `into` has all of `from` now.",
    z.object({ from: id.optional(), into: id.optional() }),
  ),
];

const CREDITS: readonly EventType[] = [
  type(
    "credit.matched",
    "It pays a payout, in part or whole.",
    z.object({ ...match, payoutId: id }),
  ),
  type("credit.released", "Money of it is usable on the seller's account.", released),
  type("credit.undone", "The bank took it back, in part or whole.", undone),
  type("credit.undo-not-covered", "The bank took it back, and the money is not there.", notCovered),
  type("debit.undone-credit", "It took a credit back.", undone),
  type("debit.undo-not-covered", "It takes a credit back whose money is not there.", notCovered),
];

const STORES: readonly EventType[] = [
  ["named", "A store was named for a seller."],
  ["consent-begun", "Somebody went to the marketplace to consent for it."],
  ["bound", "The marketplace gave its consent: the store is read from now on."],
  ["renewed", "The consent was given anew."],
  ["name-checked", "The name of the marketplace's account was compared with the seller's."],
  ["name-confirmed", "A person says that the account is the seller's, although its name differs."],
  ["unbound", "Its authorisation was ended here."],
  ["withdrawn", "Its authorisation was withdrawn at the marketplace."],
].map(([word = "", meaning = ""]) => type(`store.${word}`, meaning, z.looseObject({})));

const REQUESTS: readonly EventType[] = [
  ["requested", "Somebody asks the marketplace for a payout; nothing was sent yet."],
  ["initiated", "The marketplace made the payout."],
  ["refused", "The marketplace refuses."],
  ["given-up", "It is not known whether the marketplace heard: nothing more is sent."],
].map(([word = "", meaning = ""]) =>
  type(`payout-request.${word}`, meaning, z.looseObject({ storeId: id })),
);

const FILES: readonly EventType[] = [
  type(
    "upload.received",
    "A file was handed in.",
    z.object({ sha256: z.string(), name: z.string() }),
  ),
  type(
    "file.order-unknown",
    "It tells of payments that are none of our orders.",
    z.looseObject({ count: z.int() }),
  ),
  type("file.downloaded", "Somebody took the bytes of a file out.", z.looseObject({})),
];

const account = z.looseObject({ account: z.string(), currency });
const SELLERS: readonly EventType[] = [
  type("seller.account-bound", "A bank account is the seller's, by an approved act.", account),
  type("seller.account-unbound", "A bank account is another seller's from a day on.", account),
];

const bankNotice = z.looseObject({ number: z.string() });
const BANKS: readonly EventType[] = [
  type(
    "bank.notice-differs",
    "A bank gave another content under a number that it gave before.",
    bankNotice,
  ),
  type(
    "bank.notice-not-taken",
    "What a bank gave could not be taken: somebody must look.",
    bankNotice,
  ),
];

const ORDERS: readonly EventType[] = [
  type(
    "order.made",
    "A payment out of a seller's account is asked for.",
    z.looseObject({ ...money, executeOn: date }),
  ),
  type("order.sent", "The bank's side has it.", z.looseObject({ messageId: id })),
  type(
    "order.told",
    "The bank said what became of it; `state` is what follows from all that it said.",
    z.looseObject({ code: z.string(), reasonCode: z.string().nullable(), state: z.string() }),
  ),
];

const APPROVAL_WORDS = [
  ["requested", "Somebody asks; another person decides."],
  ["approved", "Another person said yes."],
  ["denied", "Another person said no, with a reason."],
  ["expired", "Nobody decided in time."],
  ["executed", "What was approved was done."],
  ["lapsed", "What was approved was no longer possible."],
] as const;

/** Told of the request, and of what it is about. */
const APPROVALS: readonly EventType[] = APPROVAL_WORDS.flatMap(([word, meaning]) => [
  type(`approval.${word}`, meaning, approval),
  type(`payout.approval-${word}`, meaning, approval),
  type(`seller.approval-${word}`, meaning, approval),
  type(`order.approval-${word}`, meaning, approval),
]);

const WEBHOOKS: readonly EventType[] = [
  type("webhook.created", "An endpoint was registered.", endpoint),
  type("webhook.changed", "Its URL, types or description changed.", endpoint),
  type(
    "webhook.secrets-rotated",
    "It has new secrets; both sets sign until the old ones end.",
    endpoint,
  ),
  type("webhook.enabled", "It gets events again, from where it stopped.", endpoint),
  type("webhook.disabled", "It gets no events: by hand, gone, or failing for days.", endpoint),
  type("webhook.deleted", "It is no more.", endpoint),
  type("webhook.pinged", "Somebody asked for this event to try the endpoint.", endpoint),
  type("webhook.resend-asked", "One event is sent to it again.", endpoint),
  type("webhook.replay-asked", "A stretch of the feed is delivered to it again.", endpoint),
  type(
    "webhook.delivery-failed",
    "An event was given up after the last attempt, while the endpoint took others.",
    z.looseObject({ deliveryId: id, eventId: id }),
  ),
];

export const EVENT_TYPES: readonly EventType[] = [
  ...PAYOUTS,
  ...CREDITS,
  ...NOTICES,
  ...STATEMENTS,
  ...STORES,
  ...REQUESTS,
  ...SELLERS,
  ...FILES,
  ...BANKS,
  ...ORDERS,
  ...APPROVALS,
  ...WEBHOOKS,
];

const KNOWN: ReadonlySet<string> = new Set(EVENT_TYPES.map(({ type: name }) => name));

export function isEventType(name: string): boolean {
  return KNOWN.has(name);
}

/** True when one of the wishes names the type: itself, or all of its object's ("payout.*"). */
export function isTypeIn(name: string, wishes: readonly string[]): boolean {
  return wishes.some((wish) =>
    wish.endsWith(".*") ? name.startsWith(wish.slice(0, -1)) : name === wish,
  );
}

/** The kinds of objects, by how their ids begin. */
const OBJECTS: readonly (readonly [prefix: string, object: string])[] = [
  ["po_", "payout"],
  ["cr_", "credit"],
  ["db_", "debit"],
  ["st_", "statement"],
  ["hold_", "hold"],
  ["sto_", "store"],
  ["pr_", "payout-request"],
  ["ord_", "order"],
  ["upl_", "upload"],
  ["bank:", "bank"],
  ["appr_", "approval"],
  ["user_", "user"],
  ["key_", "api-key"],
  ["ses_", "session"],
  ["we_", "webhook"],
];

function objectOf(subject: string): string {
  const known = OBJECTS.find(([prefix]) => subject.startsWith(prefix));
  if (known !== undefined) return known[1];
  if (subject === "sign-in") return "sign-in";
  return /^[0-9a-f]{64}$/.test(subject) ? "file" : "seller";
}

/** Where the timeline's own word would read badly, or says what the object's name says already. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ["credit/payout-released", "released"],
  ["debit/credit-undone", "undone-credit"],
  ["payout-request/payout-requested", "requested"],
  ["upload/file-uploaded", "received"],
  ...["credit", "debit"].flatMap((object): [string, string][] => [
    [`${object}/bank-notice-booked`, "booked"],
    [`${object}/bank-notice-pending`, "announced"],
    [`${object}/bank-notice-information`, "announced"],
    [`${object}/bank-notice-future`, "announced"],
    [`${object}/bank-notice-unknown`, "announced"],
    [`${object}/bank-notice-copy`, "copied"],
  ]),
]);

/** The type of an event: "payout.released" for the kind "payout-released" told of a payout. */
export function eventTypeOf(subject: string, kind: string): string {
  const object = objectOf(subject);
  const own = WORDS.get(`${object}/${kind}`);
  const word = own ?? (kind.startsWith(`${object}-`) ? kind.slice(object.length + 1) : kind);
  return `${object}.${word}`;
}
