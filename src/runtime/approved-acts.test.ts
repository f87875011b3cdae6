import { afterEach, describe, expect, it } from "vitest";
import { decideApproval } from "../approval/approval-acts.ts";
import { loadApproval } from "../approval/read-approvals.ts";
import { requestAccountBinding } from "../identity/account-bindings.ts";
import { DEFAULT_POLICY } from "../policy/policy.ts";
import { requestHoldRelease } from "../release/request-release.ts";
import { openTestChannel, type TestChannel } from "../report/verify/test-channel.ts";
import {
  adviceFile,
  payoutFile,
  SALE,
  statementFile,
  type TestCredit,
} from "../report/verify/test-files.ts";
import { readTimeline } from "../timeline/timeline.ts";

const SELLER = {
  id: "jiangbei-lamps",
  legalName: "Chongqing Jiangbei Lamps Co., Ltd.",
  accounts: [{ number: "6222601008801", currency: "USD" }],
};
const OTHER = { id: "nan-an-toys", legalName: "Chongqing Nan'an Toys Co., Ltd.", accounts: [] };
const MAKER = { id: "user_maker", personId: "user_maker" };
const CHECKER = "user_checker";

const uetr = (last: number) => `3b9b1c52-6f0e-4a6d-9d4c-${String(last).padStart(12, "0")}`;
const TRACE = "4B71X6KQWZPL2M";

/** USD 1,000.00 are owed and announced; a stranger pays them in two parts. */
const STATEMENT = statementFile({ id: "311", endOn: "2026-11-01", lines: [SALE(100_000n)] });
const PAYOUT = payoutFile("payouts.json", [
  { id: "311", minor: 100_000n, on: "2026-11-02", trace: TRACE },
]);
const stranger = (last: number, minor: bigint, over: Partial<TestCredit> = {}): TestCredit => ({
  minor,
  on: "2026-11-05",
  uetr: uetr(last),
  text: `PAYOUT ${TRACE}`,
  payer: "Somebody Else Ltd",
  ...over,
});
const FIRST = adviceFile({ id: "NTF1", credits: [stranger(1, 60_000n)] });
const SECOND = adviceFile({ id: "NTF2", credits: [stranger(2, 40_000n)] });
const TAKEN_BACK = adviceFile({
  id: "NTF3",
  credits: [stranger(1, 60_000n, { on: "2026-11-06", reversal: true })],
});

let at: TestChannel;

async function open(...args: Parameters<typeof openTestChannel>): Promise<void> {
  at = await openTestChannel(...args);
}

afterEach(() => at.close());

type Hold = { hold_id: string; code: string; amount_minor: bigint };

function openHolds(): Promise<Hold[]> {
  return at.database.query<Hold>(
    "SELECT hold_id, code, amount_minor FROM hold WHERE closed_at IS NULL ORDER BY code",
  );
}

async function heldNow(): Promise<(string | bigint)[][]> {
  return (await openHolds()).map((hold) => [hold.code, hold.amount_minor]);
}

function request(
  holdId: string,
  amountMinor: bigint | null = null,
  sellerId: string | null = null,
) {
  return at.database.transaction((tx) =>
    requestHoldRelease(
      tx,
      at.channel.tenantId,
      { holdId, amountMinor, reason: "Known to the desk.", maker: MAKER, sellerId },
      { policy: DEFAULT_POLICY, now: at.channel.clock.now() },
    ),
  );
}

async function approve(approvalId: string) {
  const decided = await at.database.transaction((tx) =>
    decideApproval(
      tx,
      at.channel.tenantId,
      approvalId,
      { outcome: "approved", checker: CHECKER, reason: null },
      at.channel.clock.now(),
    ),
  );
  expect(decided).toMatchObject({ ok: true });
}

/** Asks for the release of the open hold with this code, approves it, and has it carried out. */
async function waive(code: string, amountMinor: bigint | null = null): Promise<string> {
  const hold = (await openHolds()).find((item) => item.code === code);
  const asked = await request(hold!.hold_id, amountMinor);
  if (!asked.ok) throw new Error(asked.refusal.message);
  await approve(asked.value.approvalId);
  const done = await at.channel.carryOutApproved();
  expect(done).toMatchObject([{ approvalId: asked.value.approvalId, outcome: { ok: true } }]);
  return asked.value.approvalId;
}

async function usable(): Promise<bigint> {
  const [row] = await at.database.query<{ minor: bigint }>(
    `SELECT coalesce(sum(debits_posted - credits_posted), 0)::bigint AS minor FROM ledger_account
      WHERE account_id = $1`,
    [`seller/${SELLER.id}/fx-account/USD`],
  );
  return row!.minor;
}

async function stateOfPayout(): Promise<string> {
  const [row] = await at.database.query<{ state: string }>("SELECT state FROM payout");
  return row!.state;
}

async function expectVerified(): Promise<void> {
  expect((await at.verify()).findings).toEqual([]);
}

describe("a hold released by two people", () => {
  it("posts the money in the ledger, and tells who asked and who approved", async () => {
    await open([SELLER]);
    await at.settle([STATEMENT, PAYOUT, FIRST, SECOND], SELLER.id);
    expect(await heldNow()).toEqual([["payer-not-known", 100_000n]]);
    const approvalId = await waive("payer-not-known");
    expect(await heldNow()).toEqual([]);
    expect(await usable()).toBe(100_000n);
    expect(await stateOfPayout()).toBe("released");
    const approval = await loadApproval(at.database, at.channel.tenantId, approvalId);
    const story = await readTimeline(at.database, at.channel.tenantId, [approval!.subject]);
    expect(story.map((event) => event.kind)).toEqual(
      expect.arrayContaining([
        "approval-requested",
        "approval-approved",
        "hold-waived",
        "hold-closed",
        "payout-released",
        "approval-executed",
      ]),
    );
    expect(story.find((event) => event.kind === "hold-waived")).toMatchObject({
      actor: CHECKER,
      data: { code: "payer-not-known", amount: "1000.00", maker: MAKER.id, checker: CHECKER },
    });
    expect(story.find((event) => event.kind === "payout-released")).toMatchObject({
      data: { approvalIds: [approvalId] },
    });
    await expectVerified();
    expect(await at.channel.carryOutApproved()).toEqual([]);
  });

  it("may be of a part, and the next request is of the rest", async () => {
    await open([SELLER]);
    await at.settle([STATEMENT, PAYOUT, FIRST, SECOND], SELLER.id);
    await waive("payer-not-known", 70_000n);
    expect(await usable()).toBe(70_000n);
    expect(await heldNow()).toEqual([["payer-not-known", 30_000n]]);
    expect(await stateOfPayout()).toBe("part-released");
    await expectVerified();
    await waive("payer-not-known");
    expect(await usable()).toBe(100_000n);
    await expectVerified();
  });

  it("comes to the same end whether more money, a statement or a return comes before or after", async () => {
    const ends: unknown[] = [];
    const orders = [
      { before: [STATEMENT, PAYOUT, FIRST], after: [SECOND] },
      { before: [STATEMENT, PAYOUT, FIRST, SECOND], after: [] },
      { before: [PAYOUT, FIRST], after: [SECOND, STATEMENT] },
      { before: [PAYOUT, FIRST, SECOND], after: [STATEMENT] },
    ];
    for (const { before, after } of orders) {
      await open([SELLER]);
      await at.settle(before, SELLER.id);
      // The first credit's 600.00, whatever else holds it now.
      for (const [code] of await heldNow()) {
        if (code === "payer-not-known") await waive(code, 60_000n);
      }
      if (after.length === 1 || before.length === 3) await waiveIfHeld("amount-short", 60_000n);
      await at.settle(after, SELLER.id);
      await expectVerified();
      ends.push({ usable: await usable(), held: await heldNow(), state: await stateOfPayout() });
      await at.close();
    }
    await open([SELLER]);
    for (const end of ends)
      expect(end).toEqual({
        usable: 60_000n,
        held: [["payer-not-known", 40_000n]],
        state: "part-released",
      });
  });

  it("covers no new money with the same fault, and no fault of another kind", async () => {
    await open([SELLER]);
    await at.settle([STATEMENT, PAYOUT, FIRST], SELLER.id);
    await waive("payer-not-known");
    expect(await heldNow()).toEqual([["amount-short", 60_000n]]);
    expect(await usable()).toBe(0n);
    await at.settle([SECOND], SELLER.id);
    expect(await heldNow()).toEqual([["payer-not-known", 40_000n]]);
    expect(await usable()).toBe(60_000n);
    await expectVerified();
  });

  it("is taken back with its credit, before and after it was released", async () => {
    for (const order of ["waived first", "returned first"]) {
      await open([SELLER]);
      await at.settle([STATEMENT, PAYOUT, FIRST, SECOND], SELLER.id);
      const hold = (await openHolds())[0]!;
      const asked = await request(hold.hold_id);
      if (!asked.ok) throw new Error(asked.refusal.message);
      if (order === "returned first") await at.settle([TAKEN_BACK], SELLER.id);
      await approve(asked.value.approvalId);
      await at.channel.carryOutApproved();
      if (order === "waived first") await at.settle([TAKEN_BACK], SELLER.id);
      expect(await usable(), order).toBe(40_000n);
      expect(await heldNow(), order).toEqual([]);
      await expectVerified();
      await at.close();
    }
    await open([SELLER]);
  });

  it("is refused for a hold that is not there, is closed, or is another seller's", async () => {
    await open([SELLER, OTHER]);
    await at.settle([STATEMENT, PAYOUT, FIRST, SECOND], SELLER.id);
    const hold = (await openHolds())[0]!;
    expect(await request("hold_none")).toMatchObject({ refusal: { code: "hold-unknown" } });
    expect(await request(hold.hold_id, null, OTHER.id)).toMatchObject({
      refusal: { code: "hold-unknown" },
    });
    const asked = await request(hold.hold_id);
    expect(asked).toMatchObject({ ok: true });
    expect(await request(hold.hold_id)).toMatchObject({ refusal: { code: "approval-pending" } });
    await approve(asked.ok ? asked.value.approvalId : "");
    await at.channel.carryOutApproved();
    expect(await request(hold.hold_id)).toMatchObject({ refusal: { code: "hold-closed" } });
  });
});

async function waiveIfHeld(code: string, amountMinor: bigint): Promise<void> {
  if ((await heldNow()).some(([held]) => held === code)) await waive(code, amountMinor);
}

function askToBind(over: Partial<Parameters<typeof requestAccountBinding>[2]> = {}) {
  return at.database.transaction((tx) =>
    requestAccountBinding(
      tx,
      at.channel.tenantId,
      {
        accountNumber: "6222 6010 0880 1",
        currency: "USD",
        sellerId: SELLER.id,
        fromOn: null,
        reason: "Confirmation letter of the bank.",
        maker: MAKER,
        mayMove: true,
        ...over,
      },
      at.channel.clock.now(),
    ),
  );
}

async function bind(over: Parameters<typeof askToBind>[0] = {}) {
  const asked = await askToBind(over);
  if (!asked.ok) throw new Error(asked.refusal.message);
  await approve(asked.value.approvalId);
  const [done] = await at.channel.carryOutApproved();
  return done!.outcome;
}

describe("an account bound by two people", () => {
  it("takes the money that waited on it for nobody, where files bind no accounts", async () => {
    await open([{ ...SELLER, accounts: [] }], DEFAULT_POLICY, { filesBindAccounts: false });
    const known = adviceFile({
      id: "NTF1",
      credits: [stranger(1, 100_000n, { payer: "Amazon.com Services LLC" })],
    });
    const outcomes = await at.settle([STATEMENT, PAYOUT, known], SELLER.id);
    expect(outcomes.map((item) => item.outcome)).toEqual(["new", "new", "new"]);
    expect(await usable()).toBe(0n);
    await expectVerified();
    expect(await bind()).toMatchObject({ ok: true });
    expect(await usable()).toBe(100_000n);
    expect(await askToBind()).toMatchObject({ refusal: { code: "account-bound" } });
    await expectVerified();
  });

  it("moves to another seller from a day on; money keeps the owner of its day, whenever it comes", async () => {
    await open([SELLER, OTHER]);
    const early = adviceFile({ id: "NTF1", credits: [stranger(1, 100n, { on: "2026-11-05" })] });
    const late = adviceFile({ id: "NTF2", credits: [stranger(2, 200n, { on: "2026-11-09" })] });
    const later = adviceFile({ id: "NTF3", credits: [stranger(3, 400n, { on: "2026-12-01" })] });
    await at.settle([early], SELLER.id);
    expect(await askToBind({ sellerId: OTHER.id })).toMatchObject({
      refusal: { code: "from-day-missing" },
    });
    expect(await askToBind({ sellerId: OTHER.id, fromOn: "2026-11-05" })).toMatchObject({
      refusal: { code: "account-has-money" },
    });
    expect(
      await askToBind({ sellerId: OTHER.id, fromOn: "2026-11-10", mayMove: false }),
    ).toMatchObject({
      refusal: { code: "account-of-another-seller" },
    });
    expect(await bind({ sellerId: OTHER.id, fromOn: "2026-11-10" })).toMatchObject({ ok: true });
    await at.settle([late, later]);
    await at.settle([late], SELLER.id);
    const rows = await at.database.query<{ seller_id: string; amount_minor: bigint }>(
      "SELECT seller_id, amount_minor FROM bank_transaction ORDER BY amount_minor",
    );
    expect(rows.map((row) => [row.seller_id, row.amount_minor])).toEqual([
      [SELLER.id, 100n],
      [SELLER.id, 200n],
      [OTHER.id, 400n],
    ]);
    await expectVerified();
  });

  it("lapses when money came meanwhile that would have to move", async () => {
    await open([SELLER, OTHER]);
    const asked = await askToBind({ sellerId: OTHER.id, fromOn: "2026-11-04" });
    if (!asked.ok) throw new Error(asked.refusal.message);
    await approve(asked.value.approvalId);
    await at.settle([FIRST], SELLER.id);
    expect(await at.channel.carryOutApproved()).toMatchObject([
      { outcome: { ok: false, refusal: { code: "account-has-money" } } },
    ]);
    const approval = await loadApproval(at.database, at.channel.tenantId, asked.value.approvalId);
    expect(approval?.execution).toMatchObject({ outcome: "lapsed", code: "account-has-money" });
    await expectVerified();
  });

  it("keeps account numbers out of the timeline", async () => {
    await open([{ ...SELLER, accounts: [] }]);
    await bind();
    const events = await at.database.query<{ told: string }>(
      "SELECT data::text AS told FROM timeline_event",
    );
    expect(events.length).toBeGreaterThan(3);
    expect(events.filter((event) => event.told.includes("6222601008801"))).toEqual([]);
  });
});
