import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  creditFile,
  type MadeSettlement,
  orderId,
  ordersReport,
  payoutFile,
  settlementFile,
  shipmentsReport,
} from "../evidence/made-evidence.ts";
import { DEFAULT_EVIDENCE_SETTINGS } from "../evidence/settings.ts";
import { readEnterprises } from "../identity/enterprises.ts";
import { parsePack } from "../policy/pack.ts";
import { DEFAULT_POLICY } from "../policy/policy.ts";
import { readPack, readPacks } from "../policy/read-packs.ts";
import { explainPayout, rehearsePack } from "../report/verdicts.ts";
import { openTestChannel, type TestChannel } from "../report/verify/test-channel.ts";
import type { CivilDate } from "../time/instant.ts";
import { requestHoldRelease } from "./request-release.ts";

const ACME = "6222000000001111";
const SELLERS = [{ id: "acme", legalName: "Acme", accounts: [{ number: ACME, currency: "USD" }] }];
const [ONE, TWO] = [orderId(1), orderId(2)] as const;
const ORDERS = [
  { id: ONE, sale: 10_000n },
  { id: TWO, sale: 30_000n },
];
const SETTLEMENT: MadeSettlement = { id: "7001", account: ACME, orders: ORDERS };

const packs = readPacks(["cn-goods-receipts", "cn-chongqing-pilot"], ".");
if (!packs.ok) throw new Error(packs.refusal.message);
const POLICY = {
  ...DEFAULT_POLICY,
  evidence: { ...DEFAULT_EVIDENCE_SETTINGS, unshipped: "hold" as const },
  packs: packs.value,
};

let world: TestChannel;
beforeEach(async () => {
  world = await openTestChannel(SELLERS, POLICY);
});
afterEach(() => world.channel.close());

type HoldRow = {
  hold_id: string;
  code: string;
  amount: bigint;
  message: string;
  message_zh: string | null;
  consequence: string | null;
  rule: string | null;
};

const openHolds = () =>
  world.database.query<HoldRow>(
    `SELECT hold_id, code, amount_minor AS amount, message, message_zh, consequence, rule FROM hold
      WHERE closed_at IS NULL ORDER BY code`,
  );

const released = async () => {
  const [row] = await world.database.query<{ sum: bigint | null }>(
    "SELECT sum(amount_minor)::bigint AS sum FROM release",
  );
  return row?.sum ?? 0n;
};

const payoutId = async () => {
  const [row] = await world.database.query<{ payout_id: string }>(
    "SELECT payout_id FROM payout WHERE merged_into IS NULL",
  );
  return row?.payout_id ?? "";
};

async function arrive(): Promise<void> {
  await world.settle([settlementFile(SETTLEMENT), payoutFile(SETTLEMENT)], "acme");
  await world.settle([creditFile(SETTLEMENT)], "acme");
}

describe("a pack in force", () => {
  it("releases what the papers support, holds the rest, and frees it when the paper comes", async () => {
    await world.settle([ordersReport(ORDERS), shipmentsReport([[ONE, "1Z 999 AA1"]])], "acme");
    await arrive();
    // A quarter of the sales is supported: of the 360.00 that came, 90.00 is released.
    const [hold, ...others] = await openHolds();
    expect(others).toEqual([]);
    expect(hold).toMatchObject({
      code: "evidence-missing",
      amount: 27_000n,
      rule: "cn-goods-receipts/evidence-missing",
    });
    expect(hold?.message).toContain("USD 100.00 of USD 400.00");
    expect(hold?.message_zh).toContain("尚缺 1 份材料");
    expect(hold?.consequence).toContain("released at once");
    expect(await released()).toBe(9_000n);
    await world.settle([shipmentsReport([[TWO, "1Z 999 AA2"]], "second.txt")], "acme");
    expect(await openHolds()).toEqual([]);
    expect(await released()).toBe(36_000n);
    expect((await world.verify()).ok).toBe(true);
  });

  it("holds by class from the day on which it is told, and lets go when that is taken back", async () => {
    const tell = async (line: string) => {
      const read = readEnterprises(
        `seller,from,class,directory,quality,tier\n${line}\n`,
        "class.csv",
      );
      if (!read.ok) throw new Error(read.refusal.message);
      return world.channel.takeEnterprises(read.value, "at-the-machine");
    };
    await world.settle(
      [
        ordersReport(ORDERS),
        shipmentsReport([
          [ONE, "1Z 999 AA1"],
          [TWO, "1Z 999 AA2"],
        ]),
      ],
      "acme",
    );
    expect(await tell("acme,2026-01-01,C,listed,,")).toEqual({ recorded: 1, decidedAgain: 0 });
    expect(await tell("acme,2026-01-01,C,listed,,")).toEqual({ recorded: 0, decidedAgain: 0 });
    await arrive();
    expect(await openHolds()).toMatchObject([{ code: "class-c", amount: 36_000n }]);
    expect(await released()).toBe(0n);
    expect((await world.verify()).ok).toBe(true);
    expect(await tell("acme,2026-01-01,A,listed,,")).toEqual({ recorded: 1, decidedAgain: 1 });
    expect(await openHolds()).toEqual([]);
    expect(await released()).toBe(36_000n);
    expect((await world.verify()).ok).toBe(true);
  });

  it("lets two people release what a rule holds, but nothing that a rule refuses", async () => {
    await world.settle([ordersReport(ORDERS), shipmentsReport([[ONE, "1Z 999 AA1"]])], "acme");
    await arrive();
    const [hold] = await openHolds();
    const at = { policy: POLICY, now: world.channel.clock.now() };
    const wish = {
      holdId: hold?.hold_id ?? "",
      amountMinor: 7_000n,
      reason: "the parcel is known to the bank",
      maker: { id: "user_1", personId: "user_1" },
      sellerId: null,
    };
    const asked = await world.database.transaction((tx) =>
      requestHoldRelease(tx, "default", wish, at),
    );
    expect(asked.ok && asked.value.body).toMatchObject({
      amountMinor: "7000",
      heldMinor: "27000",
      parts: [{ amountMinor: "7000", upToMinor: "16000" }],
    });
    const goods = readFileSync(
      join(import.meta.dirname, "../../packs/cn-goods-receipts.json"),
      "utf8",
    );
    const refusing = parsePack(
      goods.replaceAll('"effect": "hold"', '"effect": "refuse"'),
      "p.json",
      "",
    );
    if (!refusing.ok) throw new Error(refusing.refusal.message);
    const refused = await world.database.transaction((tx) =>
      requestHoldRelease(tx, "default", wish, {
        ...at,
        policy: { ...POLICY, packs: [refusing.value] },
      }),
    );
    expect(refused).toMatchObject({ ok: false, refusal: { code: "hold-not-waivable" } });
  });

  it("explains facts, rules, sources and verdicts, and rehearses another pack without changing anything", async () => {
    await arrive();
    const at = { policy: POLICY, today: "2026-11-25" as CivilDate };
    const explanation = await explainPayout(world.database, "default", await payoutId(), at);
    const speaking = explanation?.verdicts.filter(({ outcome }) => outcome === "speaks");
    expect(speaking?.map(({ rule }) => rule)).toEqual([
      "cn-goods-receipts/evidence-missing",
      "cn-goods-receipts/declaration-due",
    ]);
    expect(speaking?.[0]?.source.notice).toBe("Huifa [2020] 11");
    expect(explanation?.facts).toContainEqual(
      expect.objectContaining({ fact: "evidence.requiredMinor", value: "40000" }),
    );
    const before = await openHolds();
    const goods = readPack("cn-goods-receipts", ".");
    if (!goods.ok) throw new Error(goods.refusal.message);
    const none = { policy: { ...POLICY, packs: [] }, today: at.today };
    const rehearsed = await rehearsePack(world.database, "default", goods.value, none);
    expect(rehearsed).toMatchObject({
      payouts: 1,
      otherwise: [{ before: [], after: ["evidence-missing"] }],
    });
    expect(await openHolds()).toEqual(before);
  });
});
