import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_POLICY } from "../policy/policy.ts";
import { openTestChannel, type TestChannel } from "../report/verify/test-channel.ts";
import type { CivilDate } from "../time/instant.ts";
import { type EvidenceFacts, loadEvidenceFacts, uncoveredShare } from "./evidence-facts.ts";
import {
  creditFile,
  type MadeSettlement,
  orderId,
  ordersReport,
  payoutFile,
  settlementFile,
  shipmentsReport,
} from "./made-evidence.ts";
import { DEFAULT_EVIDENCE_SETTINGS, type EvidenceSettings } from "./settings.ts";

const ACME = "6222000000001111";
const BETA = "6222000000002222";
const SELLERS = [
  { id: "acme", legalName: "Acme", accounts: [{ number: ACME, currency: "USD" }] },
  { id: "beta", legalName: "Beta", accounts: [{ number: BETA, currency: "USD" }] },
];

let world: TestChannel;
async function open(settings: EvidenceSettings = DEFAULT_EVIDENCE_SETTINGS): Promise<void> {
  world = await openTestChannel(SELLERS, { ...DEFAULT_POLICY, evidence: settings });
}
beforeEach(() => open());
afterEach(() => world.channel.close());

async function factsOf(settlementId: string, today = "2026-11-23"): Promise<EvidenceFacts> {
  const [row] = await world.database.query<{ payout_id: string }>(
    `SELECT coalesce(q.merged_into, q.payout_id) AS payout_id FROM payout q
      WHERE q.settlement_ids ? $1 OR q.reference = $1 LIMIT 1`,
    [settlementId],
  );
  const facts = await loadEvidenceFacts(world.database, "default", [row!.payout_id], {
    settings: world.channel.policy.evidence!,
    today: today as CivilDate,
  });
  return facts.get(row!.payout_id)!;
}

/** The chain of an order as "kind amount → balance". */
async function chainOf(order: string): Promise<readonly string[]> {
  const rows = await world.database.query<{ kind: string; amount: bigint; balance: bigint }>(
    `SELECT kind, amount_minor AS amount, balance_minor AS balance FROM quota_entry WHERE order_id = $1 ORDER BY seq`,
    [order],
  );
  return rows.map(({ kind, amount, balance }) => `${kind} ${amount} → ${balance}`);
}

const [ONE, TWO, THREE] = [orderId(1), orderId(2), orderId(3)] as const;
const SETTLEMENT: MadeSettlement = {
  id: "7001",
  account: ACME,
  orders: [
    { id: ONE, sale: 10_000n },
    { id: TWO, sale: 30_000n },
  ],
};
const BOTH = [
  { id: ONE, sale: 10_000n },
  { id: TWO, sale: 30_000n },
];
const PARCELS = [
  [ONE, "1Z 999 AA1"],
  [TWO, "1Z 999 AA2"],
] as const;

describe("the evidence of a payout", () => {
  it("is asked for before the money comes, order by order, and each paper once", async () => {
    await world.settle([settlementFile(SETTLEMENT), payoutFile(SETTLEMENT)], "acme");
    const before = await factsOf("7001");
    expect(before).toMatchObject({
      state: "incomplete",
      requiredMinor: 40_000n,
      coveredMinor: 0n,
      uncoveredBps: 10_000,
    });
    expect(before.missing.map(({ orderId: order, paper }) => `${order} ${paper}`)).toEqual([
      `${ONE} order`,
      `${ONE} tracking-number`,
      `${TWO} order`,
      `${TWO} tracking-number`,
    ]);
    await world.settle([ordersReport(BOTH), shipmentsReport([PARCELS[0]])], "acme");
    const half = await factsOf("7001");
    // The second order is not sent yet: it supports until its tracking number is due, ten working days on.
    expect(half).toMatchObject({
      state: "provisional",
      coveredMinor: 40_000n,
      provisionalMinor: 30_000n,
      ordersUnshipped: 1,
    });
    expect(half.missing).toEqual([
      expect.objectContaining({ orderId: TWO, paper: "tracking-number", dueOn: "2026-12-07" }),
    ]);
    const late = await factsOf("7001", "2026-12-08");
    expect(late).toMatchObject({ state: "incomplete", coveredMinor: 10_000n, ordersOverdue: 1 });
    expect(uncoveredShare(late, 36_000n)).toBe(27_000n);
    await world.settle([shipmentsReport(PARCELS, "all.txt")], "acme");
    expect(await factsOf("7001")).toMatchObject({ state: "complete", missing: [] });
    const asked = await world.database.query(
      "SELECT order_id, paper, count(*) AS times, bool_and(cured_at IS NOT NULL) AS cured FROM paper_request GROUP BY 1, 2",
    );
    expect(asked).toHaveLength(4);
    expect(asked.every((row) => row["times"] === 1n && row["cured"] === true)).toBe(true);
  });

  it("is consumed by the receipt, and freed when the money goes back", async () => {
    await world.settle([ordersReport(BOTH), shipmentsReport(PARCELS)], "acme");
    await world.settle([settlementFile(SETTLEMENT), payoutFile(SETTLEMENT)], "acme");
    expect(await chainOf(ONE)).toEqual(["earned 10000 → 10000"]);
    await world.settle([creditFile(SETTLEMENT)], "acme");
    expect(await chainOf(ONE)).toEqual(["earned 10000 → 10000", "consumed 10000 → 0"]);
    expect(await factsOf("7001")).toMatchObject({ state: "complete" });
    await world.settle([creditFile(SETTLEMENT, true)], "acme");
    expect(await chainOf(ONE)).toEqual([
      "earned 10000 → 10000",
      "consumed 10000 → 0",
      "returned 10000 → 10000",
    ]);
  });

  it("gives back what a later settlement refunds, and lets nothing else stand on it", async () => {
    const later: MadeSettlement = {
      id: "7002",
      account: ACME,
      orders: [
        { id: ONE, refund: 4_000n },
        { id: THREE, sale: 20_000n },
      ],
    };
    await world.settle(
      [ordersReport([...BOTH, { id: THREE, sale: 20_000n }]), shipmentsReport(PARCELS)],
      "acme",
    );
    for (const settlement of [SETTLEMENT, later]) {
      await world.settle(
        [settlementFile(settlement), payoutFile(settlement), creditFile(settlement)],
        "acme",
      );
    }
    expect(await chainOf(ONE)).toEqual([
      "earned 10000 → 10000",
      "consumed 10000 → 0",
      "given-back 4000 → 4000",
      "withdrawn 4000 → 0",
    ]);
    expect(await factsOf("7002")).toMatchObject({ requiredMinor: 20_000n, refundedMinor: 4_000n });
  });

  it("lets one order support one receipt, whichever seller claims it", async () => {
    await world.settle([ordersReport(BOTH), shipmentsReport(PARCELS)], "acme");
    await world.settle(
      [settlementFile(SETTLEMENT), payoutFile(SETTLEMENT), creditFile(SETTLEMENT)],
      "acme",
    );
    const copy: MadeSettlement = { id: "8001", account: BETA, orders: SETTLEMENT.orders };
    await world.settle(
      [ordersReport(BOTH, "copied.txt"), shipmentsReport([[ONE, "OTHER7"]], "p.txt")],
      "beta",
    );
    await world.settle([settlementFile(copy), payoutFile(copy), creditFile(copy)], "beta");
    const facts = await factsOf("8001");
    expect(facts).toMatchObject({ state: "incomplete", coveredMinor: 0n });
    expect(facts.findings.map(({ code }) => code)).toEqual([
      "order-of-another-seller",
      "order-of-another-seller",
    ]);
    // What beta is told does not say whose the order is.
    expect(
      JSON.stringify(facts, (_key, value) => (typeof value === "bigint" ? `${value}` : value)),
    ).not.toContain("acme");
    expect(await chainOf(ONE)).toEqual(["earned 10000 → 10000", "consumed 10000 → 0"]);
    expect(
      await world.database.query("SELECT DISTINCT seller_id, others FROM evidence_finding"),
    ).toHaveLength(2);
  });

  it("finds a tracking number of another seller's parcel, whoever brings it second", async () => {
    const own: MadeSettlement = {
      id: "8002",
      account: BETA,
      orders: [{ id: THREE, sale: 5_000n }],
    };
    await world.settle([ordersReport(BOTH), shipmentsReport(PARCELS)], "acme");
    await world.settle([settlementFile(SETTLEMENT), payoutFile(SETTLEMENT)], "acme");
    await world.settle(
      [
        ordersReport([{ id: THREE, sale: 5_000n }], "b.txt"),
        shipmentsReport([[THREE, "1z999-aa1"]], "c.txt"),
      ],
      "beta",
    );
    await world.settle([settlementFile(own), payoutFile(own)], "beta");
    expect(await factsOf("8002")).toMatchObject({
      state: "incomplete",
      trackingReused: [{ orderId: THREE, trackingNumber: "1Z999AA1", by: "another-seller" }],
    });
    expect(await factsOf("7001")).toMatchObject({ state: "complete", trackingReused: [] });
  });
});
