// `bench evidence`: payouts of many orders taken the whole way, with rules, evidence and declarations in force: orders and
// parcels read, statements proven, credits matched, every order decided, money released, receipts declared.

import { join } from "node:path";
import { parseArgs } from "node:util";
import { declarationSettings } from "../src/declaration/settings.ts";
import {
  creditFile,
  type MadeSettlement,
  ordersReport,
  payoutFile,
  settlementFile,
  shipmentsReport,
} from "../src/evidence/made-evidence.ts";
import { DEFAULT_EVIDENCE_SETTINGS } from "../src/evidence/settings.ts";
import { readEnterprises } from "../src/identity/enterprises.ts";
import { DEFAULT_POLICY, type Policy } from "../src/policy/policy.ts";
import { readPacks } from "../src/policy/read-packs.ts";
import { type Channel, openChannel } from "../src/runtime/channel.ts";
import { systemClock } from "../src/time/clock.ts";
import { openBenchStore, withBenchFolder } from "./bench-channel.ts";
import { madeSeller } from "./made-payouts.ts";

const SELLERS = 20;
const SALE_MINOR = 2_599n;

export async function benchEvidence(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      payouts: { type: "string", default: "1000" },
      orders: { type: "string", default: "200" },
    },
  });
  const [payouts, orders] = [Number(values.payouts), Number(values.orders)];
  await withBenchFolder(async (folder) => {
    const store = await openBenchStore(join(folder, "data"));
    const channel = await openChannel(store, {
      policy: policy(),
      clock: systemClock,
      isOwnDatabase: true,
    });
    try {
      await measure(channel, payouts, orders);
    } finally {
      await channel.close();
    }
  });
}

function policy(): Policy {
  const packs = readPacks(["cn-goods-receipts", "cn-chongqing-pilot"], ".");
  if (!packs.ok) throw new Error(packs.refusal.message);
  const declaration = declarationSettings.parse({
    areaCode: "500000",
    bankCode: "0014",
    branchOrder: "02",
    filler: { name: "bench", phone: "0" },
  });
  return {
    ...DEFAULT_POLICY,
    evidence: DEFAULT_EVIDENCE_SETTINGS,
    packs: packs.value,
    declaration,
  };
}

type File = { readonly name: string; readonly content: string | Uint8Array };

async function registerEnterprises(channel: Channel) {
  const sellers = Array.from({ length: SELLERS }, (_, at) => madeSeller(at));
  const registered = await channel.register(sellers);
  if (!registered.ok) throw new Error(registered.refusal.message);
  const lines = sellers.map(
    ({ id }, at) => `${id},2020-01-01,A,listed,,,9150000000000${String(at).padStart(4, "0")}X`,
  );
  const table = readEnterprises(
    `seller,from,class,directory,quality,tier,credit-code\n${lines.join("\n")}\n`,
    "bench",
  );
  if (!table.ok) throw new Error(table.refusal.message);
  await channel.takeEnterprises(table.value, "bench");
  return sellers;
}

async function measure(channel: Channel, payouts: number, orders: number): Promise<void> {
  const sellers = await registerEnterprises(channel);
  const worlds = sellers.map(({ id, accounts }, at) => ({
    id,
    settlements: settlementsOf(at, accounts[0]?.number ?? "", payouts / SELLERS, orders),
  }));
  const began = performance.now();
  const step = async (
    name: string,
    filesOf: (settlements: readonly MadeSettlement[], at: number) => readonly File[],
  ) => {
    const from = performance.now();
    for (const [at, { id, settlements }] of worlds.entries()) {
      const files = filesOf(settlements, at);
      const outcomes = await channel.settle(
        files.map(({ name: file, content }) => ({
          name: file,
          sellerId: id,
          bytes: () => onePiece(content),
        })),
      );
      const refused = outcomes.find(({ outcome }) => outcome !== "new");
      if (refused !== undefined)
        throw new Error(`${refused.name}: ${JSON.stringify(refused.reasons)}`);
    }
    say(`${name.padEnd(34)} ${((performance.now() - from) / 1000).toFixed(2)} s`);
  };
  await step("orders and parcels", (settlements, at) => [
    ordersReport(
      settlements.flatMap(({ orders: own }) => own.map(({ id, sale = 0n }) => ({ id, sale }))),
      `orders-${at}.txt`,
    ),
    shipmentsReport(
      settlements.flatMap(({ orders: own }) =>
        own.map(({ id }): [string, string] => [id, `1Z${id}`]),
      ),
      `parcels-${at}.txt`,
    ),
  ]);
  await step("statements and announcements", (settlements) =>
    settlements.flatMap((one) => [settlementFile(one), payoutFile(one)]),
  );
  await step("credits: matched, decided, declared", (settlements) =>
    settlements.map((one) => creditFile(one)),
  );
  const seconds = (performance.now() - began) / 1000;
  const [done] = await channel.store.database.query<{
    released: number;
    covered: number;
    declared: number;
  }>(
    `SELECT (SELECT count(*) FROM payout WHERE state = 'released')::integer AS released,
            (SELECT count(*) FROM quota_entry WHERE kind = 'consumed')::integer AS covered,
            (SELECT count(*) FROM declaration_version WHERE faults = '[]')::integer AS declared`,
  );
  say(
    `${payouts} payouts of ${orders} orders: ${seconds.toFixed(2)} s in all; ${done?.released} released, ${done?.covered} orders consumed, ${done?.declared} receipts declared without fault`,
  );
  if (done?.released !== payouts || done.covered !== payouts * orders || done.declared !== payouts)
    process.exitCode = 1;
}

function settlementsOf(
  seller: number,
  account: string,
  count: number,
  orders: number,
): readonly MadeSettlement[] {
  return Array.from({ length: count }, (_, at) => {
    const index = seller * count + at;
    const ids = Array.from(
      { length: orders },
      (__, order) => `113-${String(index).padStart(7, "0")}-${String(order).padStart(7, "0")}`,
    );
    return {
      id: `8${String(index).padStart(9, "0")}`,
      account,
      orders: ids.map((id) => ({ id, sale: SALE_MINOR })),
    };
  });
}

async function* onePiece(content: string | Uint8Array): AsyncIterable<Uint8Array> {
  yield typeof content === "string" ? new TextEncoder().encode(content) : content;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
