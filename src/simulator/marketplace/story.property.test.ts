import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { run } from "../../cli/test-terminal.ts";
import { checkChain } from "../../marketplace/amazon/chain.ts";
import { readEventGroups } from "../../marketplace/amazon/event-groups.ts";
import type { JsonValue } from "../../marketplace/amazon/json-decimal.ts";
import { isArray, isObject, plainDecimal } from "../../marketplace/amazon/json-decimal.ts";
import { readPayoutList } from "../../marketplace/amazon/payout-list.ts";
import { readSettlementV2 } from "../../marketplace/amazon/settlement-v2.ts";
import type { Currency } from "../../money/currency.ts";
import { parseMinor } from "../../money/money.ts";
import { type Instant, instantOfMs, msOf } from "../../time/instant.ts";
import { readStateText, stateText } from "../saved-state.ts";
import { knownMarketplace } from "./marketplaces.ts";
import { sumOf } from "./sales.ts";
import { createSandboxMarketplace } from "./sandbox-marketplace.ts";
import type { MarketplaceState } from "./state.ts";
import {
  callerFor,
  DAY_MS,
  downloadReports,
  START,
  type TestMarketplace,
} from "./test-marketplace.ts";
import { play, STORY } from "./test-story.ts";

const RUNS = { numRuns: 25 };

const PAYOUTS_PATH = "/finances/transfers/2024-06-01/payouts";
/** The group that opened at the instant. */
function groupsPath(after: Instant): string {
  const before = instantOfMs(msOf(after) + 1);
  const range = `FinancialEventGroupStartedAfter=${after}&FinancialEventGroupStartedBefore=${before}`;
  return `/finances/v0/financialEventGroups?${range}&MaxResultsPerPage=100`;
}

function currencyOfStore({ store }: TestMarketplace): Currency {
  return knownMarketplace(store.marketplaceId).currency;
}

/** Every amount under a key of the two names, wherever it stands, in minor units. */
function amountsIn(value: JsonValue, currency: Currency): bigint[] {
  if (isArray(value)) return value.flatMap((item) => amountsIn(item, currency));
  if (!isObject(value)) return [];
  return [...value].flatMap(([key, inner]) => {
    if (!/^currencyAmount$/i.test(key)) return amountsIn(inner, currency);
    const parsed = parseMinor(plainDecimal(inner) ?? "", currency);
    return parsed.ok ? [parsed.minor] : [];
  });
}

function field(value: JsonValue | undefined, ...path: readonly string[]): JsonValue {
  let at: JsonValue | undefined = value;
  for (const key of path) at = at !== undefined && isObject(at) ? at.get(key) : undefined;
  return at ?? null;
}

function minorAt(value: JsonValue, currency: Currency, ...path: readonly string[]): bigint {
  const [first] = amountsIn(field(value, ...path), currency);
  if (first === undefined) throw new Error(`no amount at ${path.join(".")}`);
  return first;
}

describe("whatever happens in a store", () => {
  it("every settlement file proves, and each follows the one before it", async () => {
    await fc.assert(
      fc.asyncProperty(STORY, async (story) => {
        const made = await play(story);
        const readings = [];
        for (const file of await downloadReports(made)) {
          const { statements, refusals } = await readSettlementV2(Readable.from([file]));
          expect(refusals).toEqual([]);
          readings.push(...statements);
        }
        const closed = made.store.settlements.filter(({ endAt }) => endAt !== null);
        // Reports are listed for 90 days.
        const listed = made.store.reports.filter(
          ({ createdAt }) => msOf(createdAt) >= msOf(made.clock.now()) - 90 * DAY_MS,
        );
        expect(listed.length).toBeGreaterThan(0);
        expect(readings).toHaveLength(listed.length);
        for (const reading of readings) {
          const own = closed.find(({ settlementId }) => settlementId === reading.settlementId);
          expect([reading.verdict, reading.declaredTotalMinor]).toEqual([
            "proven",
            own?.totalMinor,
          ]);
          const unheard = reading.groups.filter(({ known }) => !known);
          expect(unheard.every((group) => group.amountDescription.startsWith("Moon"))).toBe(true);
        }
        expect(checkChain(readings).findings).toEqual([]);
      }),
      RUNS,
    );
  });

  it("summaries, transactions, event groups and events make the same totals", async () => {
    await fc.assert(
      fc.asyncProperty(STORY, async (story) => {
        const made = await play(story);
        const currency = currencyOfStore(made);
        for (const settlement of made.store.settlements) {
          const { settlementId, groupId, totalMinor } = settlement;
          if (totalMinor === null) continue;
          const related = `relatedIdentifierName=SETTLEMENT_ID&relatedIdentifierValue=${settlementId}`;
          const summary = field(
            await made.caller.exact(`/finances/2024-06-19/summary?${related}`),
            "summaries",
          );
          const [own] = isArray(summary) ? summary : [];
          expect(minorAt(own ?? null, currency, "netProceeds")).toBe(totalMinor);
          const branches = field(own, "breakdowns");
          const tops = (isArray(branches) ? branches : []).map((one) =>
            minorAt(one, currency, "breakdownAmount"),
          );
          expect(tops.reduce((sum, part) => sum + part, 0n)).toBe(totalMinor);

          const listed = field(
            await made.caller.exact(
              `/finances/2024-06-19/transactions?relatedIdentifierName=FINANCIAL_EVENT_GROUP_ID&relatedIdentifierValue=${groupId}`,
            ),
            "payload",
            "transactions",
          );
          const counted = (isArray(listed) ? listed : []).filter(
            (one) => field(one, "transactionType") !== "Transfer",
          );
          const amounts = counted.map((one) => minorAt(one, currency, "totalAmount"));
          expect(amounts.reduce((sum, part) => sum + part, 0n)).toBe(totalMinor);

          const groups = field(
            await made.caller.exact(groupsPath(settlement.startAt)),
            "payload",
            "FinancialEventGroupList",
          );
          const group = (isArray(groups) ? groups : []).find(
            (one) => field(one, "FinancialEventGroupId") === groupId,
          );
          const original = minorAt(group ?? null, currency, "OriginalTotal");
          const beginning = minorAt(group ?? null, currency, "BeginningBalance");
          const events = field(
            await made.caller.exact(
              `/finances/v0/financialEventGroups/${groupId}/financialEvents?MaxResultsPerPage=100`,
            ),
            "payload",
            "FinancialEvents",
          );
          // The base value of an advertising charge repeats its transaction value.
          const advertising = amountsIn(field(events, "ProductAdsPaymentEventList"), currency);
          const twice = advertising.reduce((sum, part) => sum + part, 0n) / 2n;
          const all = amountsIn(events, currency).reduce((sum, part) => sum + part, 0n);
          expect(beginning + all - twice).toBe(original);
        }
      }),
      RUNS,
    );
  });

  it("no money is made or lost: what was posted is open, deferred, kept back, waiting or sent", async () => {
    await fc.assert(
      fc.asyncProperty(STORY, async (story) => {
        const made = await play(story);
        const { store, controls } = made;
        const earned = store.transactions
          .filter(
            ({ kind, deferral }) =>
              deferral === null &&
              !["Reserve", "Carry", "DebtRecovery", "FailedTransfer"].includes(kind),
          )
          .flatMap(({ lines }) => lines);
        const { deferredMinor } = controls.standing(store.storeId);
        const arrived = store.payouts
          .filter(({ history }) => history.at(-1)?.status === "PAID")
          .reduce((sum, payout) => sum + payout.originalMinor, 0n);
        const charged = store.transactions
          .filter(({ kind }) => kind === "DebtRecovery")
          .flatMap(({ lines }) => lines);
        const answer = field(await made.caller.exact("/finances/2024-06-19/balances"), "balances");
        const [balance] = isArray(answer) ? answer : [];
        const total = minorAt(balance ?? null, currencyOfStore(made), "amount");
        // Deferred money is in the balance before it counts as earned.
        expect(total - deferredMinor).toBe(sumOf(earned) + sumOf(charged) - arrived);
      }),
      RUNS,
    );
  });

  it("payout list and event groups are read without a refusal, and tell the same payouts", async () => {
    await fc.assert(
      fc.asyncProperty(STORY, async (story) => {
        const made = await play(story);
        made.controls.setPageSize("listPayouts", 500);
        const read = async (path: string) =>
          Readable.from([new Uint8Array(await (await made.caller.ask(path)).arrayBuffer())]);
        const list = await readPayoutList(await read(PAYOUTS_PATH));
        expect(list.refusals).toEqual([]);
        for (const payout of list.payouts.filter(({ traceIds }) => traceIds.length > 0)) {
          const groups = await readEventGroups(
            await read(groupsPath(payout.periodStartAt ?? START)),
          );
          expect(groups.refusals).toEqual([]);
          const group = groups.payouts.find(
            ({ traceIds }) => traceIds.join() === payout.traceIds.join(),
          );
          expect([group?.amount, group?.status]).toEqual([payout.amount, payout.status]);
        }
      }),
      RUNS,
    );
  });

  it("the same story gives the same state, asked often or once, and in one run or with a stop between", async () => {
    await fc.assert(
      fc.asyncProperty(STORY, fc.integer({ min: 1, max: 40 }), async (story, days) => {
        const once = await play(story);
        const often = await play(story);
        for (let day = 0; day < days; day += 1) {
          often.clock.advanceMs(DAY_MS);
          await often.caller.get("/sellers/v1/account");
        }
        once.clock.advanceMs(days * DAY_MS);
        const told = once.marketplace.state();
        // Apart from how full the buckets of calls are.
        expect(stateText({ ...often.marketplace.state(), buckets: {} })).toBe(
          stateText({ ...told, buckets: {} }),
        );
        const restarted = createSandboxMarketplace({
          clock: once.clock,
          state: readStateText(stateText(told)) as MarketplaceState,
        });
        once.clock.advanceMs(30 * DAY_MS);
        expect(stateText(restarted.state())).toBe(stateText(once.marketplace.state()));
      }),
      RUNS,
    );
  });
});

describe("the command line", () => {
  it("proves the files of a marketplace of every region with `statement check`", async () => {
    const folder = mkdtempSync(join(tmpdir(), "straitway-sandbox-files-"));
    try {
      const paths: string[] = [];
      for (const marketplace of [
        "US",
        "CA",
        "MX",
        "GB",
        "DE",
        "FR",
        "SE",
        "PL",
        "JP",
        "AU",
        "SG",
      ]) {
        const made = await play({
          seed: 11,
          marketplace,
          settings: { ordersPerDay: 4, reserveMinor: 1_000n },
          acts: [{ kind: "wait", hours: 24 * 30 }, { kind: "refund" }],
        });
        const files = await downloadReports(made);
        expect(files.length).toBeGreaterThan(3);
        for (const [index, bytes] of files.entries()) {
          const path = join(folder, `${marketplace}-${index}.txt`);
          writeFileSync(path, bytes);
          paths.push(path);
        }
      }
      const { exitCode, out } = await run(["statement", "check", ...paths]);
      expect(out).toContain(`${paths.length} proven, 0 quarantined; 0 files refused.`);
      expect(exitCode).toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("keeps the token of a caller out of the state", async () => {
    const made = await play({ seed: 3, marketplace: "US", settings: {}, acts: [] });
    const { newToken } = await callerFor(made.marketplace, made.seller.sellerId);
    expect(stateText(made.marketplace.state())).not.toContain(await newToken());
  });
});
