import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Currency } from "../money/currency.ts";
import type { TestDatabase } from "../storage/test-database.ts";
import { openTestDatabase } from "../storage/test-database.ts";
import { systemClock } from "../time/clock.ts";
import { accountBalances } from "./account-reads.ts";
import type { ModelAccount, ModelAnswer, ModelBalances } from "./ledger-model.ts";
import { LedgerModel } from "./ledger-model.ts";
import type { PartitionWriter } from "./partition-writer.ts";
import { openPartition } from "./partition-writer.ts";
import type { AccountBalances, Leg, Posting, PostingOutcome } from "./posting.ts";
import {
  accountId,
  CNY,
  drawn,
  moved,
  opening,
  posting,
  ref,
  reserved,
  USD,
} from "./test-postings.ts";
import { verifyLedger } from "./verify-ledger.ts";

const ACCOUNTS: readonly ModelAccount[] = [
  { id: "clearing", currency: USD, limit: "none" },
  { id: "seller", currency: USD, limit: "debits-within-credits" },
  { id: "fees", currency: USD, limit: "credits-within-debits" },
  { id: "clearing/CNY", currency: CNY, limit: "none" },
  { id: "seller/CNY", currency: CNY, limit: "debits-within-credits" },
];

let database: TestDatabase;
let partitionCount = 0;

beforeAll(async () => {
  database = await openTestDatabase();
});

afterAll(async () => database.close());

const amount = fc.oneof(
  { weight: 9, arbitrary: fc.bigInt({ min: 1n, max: 30n }) },
  { weight: 1, arbitrary: fc.bigInt({ min: 2n ** 62n, max: 2n ** 63n - 1n }) },
);
/** Few ids, so that they are reused and referred to. */
const id = fc.nat(30).map((number) => `p${number}`);
const US_ACCOUNTS = ["clearing", "seller", "fees"];
const CN_ACCOUNTS = ["clearing/CNY", "seller/CNY"];
const ANY_ACCOUNTS = [...US_ACCOUNTS, ...CN_ACCOUNTS, "nobody"];

function legBetween(names: readonly string[], currency: Currency): fc.Arbitrary<Leg> {
  const make = fc.constantFrom(moved, reserved, reserved);
  return fc
    .tuple(make, fc.constantFrom(...names), fc.constantFrom(...names), amount)
    .filter(([, debit, credit]) => debit !== credit)
    .map(([leg, debit, credit, minor]) => leg(debit, credit, minor, currency));
}

function legDrawing(currency: Currency): fc.Arbitrary<Leg> {
  const kind = fc.constantFrom("commit", "commit", "void", "reverse", "reverse");
  const ofLeg = fc.constantFrom(0, 0, 0, 1, 2);
  return fc
    .tuple(kind, id, ofLeg, amount)
    .map(([how, of, leg, minor]) => drawn(how, ref(of, leg), minor, currency));
}

const leg: fc.Arbitrary<Leg> = fc.oneof(
  // Money that comes in, or the limited accounts would refuse nearly everything.
  { weight: 6, arbitrary: amount.map((minor) => moved("clearing", "seller", minor)) },
  { weight: 6, arbitrary: legBetween(US_ACCOUNTS, USD) },
  { weight: 2, arbitrary: legBetween(CN_ACCOUNTS, CNY) },
  { weight: 1, arbitrary: legBetween(ANY_ACCOUNTS, USD) },
  { weight: 8, arbitrary: legDrawing(USD) },
  { weight: 1, arbitrary: legDrawing(CNY) },
);

const onePosting = fc
  .tuple(
    id,
    fc.oneof(
      { weight: 3, arbitrary: fc.tuple(leg) },
      fc.array(leg, { minLength: 2, maxLength: 3 }),
    ),
  )
  .map(([postingId, legs]) => posting(postingId, ...legs));

/** What refers to the posting that was posted so many before: its repeat, or one that draws from its first leg. */
type Echo = { back: number; draw: "commit" | "void" | "reverse" | null; minor: bigint };
const echo: fc.Arbitrary<Echo> = fc.record({
  back: fc.nat(10),
  draw: fc.constantFrom(null, "commit", "commit", "void", "reverse"),
  minor: fc.bigInt({ min: 1n, max: 15n }),
});
const item = fc.oneof({ weight: 2, arbitrary: onePosting }, { weight: 1, arbitrary: echo });

/** How a run of postings reaches the ledger. */
const way = fc.constantFrom("callers", "callers", "step", "two-calls-in-a-step", "after-restart");
const items = fc.array(item, { minLength: 4, maxLength: 14 });
const batches = fc.array(fc.tuple(way, items), { minLength: 4, maxLength: 8 });

function modelBalances(balances: AccountBalances): ModelBalances {
  const { version, debitsPosted, creditsPosted, debitsPending, creditsPending } = balances;
  return [version, debitsPosted, creditsPosted, debitsPending, creditsPending];
}

function asModelAnswer(outcome: PostingOutcome): ModelAnswer {
  if (!outcome.ok) return { outcome: outcome.refusal.code, leg: outcome.refusal.leg };
  const { balances } = outcome;
  return {
    outcome: outcome.outcome,
    balances: Object.fromEntries(balances.map((each) => [each.accountId, modelBalances(each)])),
  };
}

type Scope = { readonly tenantId: string; readonly partition: number };

/** The postings of a run, echoes put in; `past` holds all postings before and gets these too. */
function resolved(items: readonly (Posting | Echo)[], past: Posting[]): Posting[] {
  return items.flatMap((each) => {
    const wanted = "legs" in each ? each : echoed(each, past);
    if (wanted === null) return [];
    past.push(wanted);
    return [wanted];
  });
}

function echoed({ back, draw, minor }: Echo, past: readonly Posting[]): Posting | null {
  const earlier = past.at(-1 - back);
  if (earlier === undefined || draw === null) return earlier ?? null;
  const currency = earlier.legs[0]!.amount.currency;
  return posting(`draw${past.length}`, drawn(draw, ref(earlier.id), minor, currency));
}

async function openWriter(scope: Scope): Promise<PartitionWriter> {
  // The smallest memory that is allowed, so that accounts are forgotten and read again.
  const options = { ...scope, owner: "test", clock: systemClock, cacheAccountsMax: 4 };
  return openPartition(database, options);
}

async function postBy(
  how: string,
  writer: PartitionWriter,
  postings: readonly Posting[],
): Promise<PostingOutcome[]> {
  if (how === "step") return writer.step((_tx, ledger) => ledger.post(postings));
  if (how === "two-calls-in-a-step") {
    const half = Math.ceil(postings.length / 2);
    return writer.step(async (_tx, ledger) => [
      ...(await ledger.post(postings.slice(0, half))),
      ...(await ledger.post(postings.slice(half))),
    ]);
  }
  return Promise.all(postings.map((each) => writer.post(each)));
}

async function expectSameBalances(scope: Scope, model: LedgerModel): Promise<void> {
  const ids = ACCOUNTS.map((each) => accountId(each.id));
  const found = await accountBalances(database, scope, ids);
  expect(found.map(modelBalances)).toEqual(ACCOUNTS.map((each) => model.balances(each.id)));
  for (const each of [USD, CNY]) {
    const ofCurrency = found.filter((balances) => balances.currency === each);
    const sum = (pick: (balances: AccountBalances) => bigint): bigint =>
      ofCurrency.reduce((total, balances) => total + pick(balances), 0n);
    expect(sum((b) => b.debitsPosted)).toBe(sum((b) => b.creditsPosted));
    expect(sum((b) => b.debitsPending)).toBe(sum((b) => b.creditsPending));
  }
}

describe("the ledger", () => {
  it("answers as a ledger on paper does, however its postings are cut into batches", async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(batches, async (runs) => {
        const scope = { tenantId: "model", partition: partitionCount };
        partitionCount += 1;
        const model = new LedgerModel(ACCOUNTS);
        let writer = await openWriter(scope);
        await writer.open(
          ACCOUNTS.map((each) => opening(each.id, each.limit, each.currency as never)),
        );
        const past: Posting[] = [];
        for (const [how, items] of runs) {
          const postings = resolved(items, past);
          if (how === "after-restart") {
            const crashed = writer;
            writer = await openWriter(scope);
            await crashed.close();
          }
          const answers = (await postBy(how, writer, postings)).map(asModelAnswer);
          expect(answers).toEqual(postings.map((each) => model.post(each)));
          for (const { outcome } of answers) seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
          await expectSameBalances(scope, model);
        }
        const verification = await verifyLedger(database, scope);
        expect(verification.findings).toEqual([]);
        expect(verification.transferCount).toBe(BigInt(model.lines.length));
        await writer.close();
      }),
      { numRuns: 60 },
    );
    // The property is worth nothing unless it has met every answer that depends on the ledger's state.
    for (const answer of [
      "posted",
      "exists",
      "id-reused-with-another-body",
      "limit-exceeded",
      "exceeds-remainder",
      "amount-too-large",
      "transfer-not-found",
      "transfer-not-pending",
      "transfer-not-posted",
    ])
      expect(seen.get(answer) ?? 0, answer).toBeGreaterThan(0);
  });
});
