import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readPain001 } from "../../bank/orders/read-pain001.ts";
import { type OutgoingMessage, sendOrders } from "../../bank/orders/send-orders.ts";
import { writeStatusReport } from "../../bank/orders/status-report.ts";
import { bankConnection } from "../../bank/transport/settings.ts";
import type { Caller } from "../../identity/caller.ts";
import type { Role } from "../../identity/roles.ts";
import { adviceFile, payoutFile, SALE, statementFile } from "../../report/verify/test-files.ts";
import { civilDateIn } from "../../time/instant.ts";
import { openTestApi, type TestApi, testCaller } from "../test-api.ts";

const SELLER = {
  id: "jiangbei-lamps",
  legalName: "Chongqing Jiangbei Lamps Co., Ltd.",
  accounts: [{ number: "6222601008801", currency: "USD" }],
};
const OTHER = { id: "nanan-toys", legalName: "Chongqing Nan'an Toys Ltd.", accounts: [] };
const FINANCE = testCaller("seller-finance", SELLER.id);
const STRANGER = testCaller("seller-owner", OTHER.id);
const CONNECTION = bankConnection.parse({
  id: "icbc",
  transport: "drop-folder",
  folder: "/srv/bank",
  orders: {
    initiatingParty: "Straitway",
    debtors: [
      {
        account: "6222601008801",
        currency: "USD",
        name: "Chongqing Jiangbei Lamps Co., Ltd.",
        bankBic: "ICBKCNBJCQG",
        country: "CN",
        town: "Chongqing",
      },
    ],
  },
});

let api: TestApi;

beforeEach(async () => {
  api = await openTestApi([SELLER, OTHER], () => ({ bankConnections: [CONNECTION] }));
  const files = [
    statementFile({ id: "311", endOn: "2026-11-01", lines: [SALE(100_000n)] }),
    payoutFile("payouts.json", [
      { id: "311", minor: 100_000n, on: "2026-11-02", trace: "4B71X6KQWZPL2M" },
    ]),
    adviceFile({
      id: "NTF1",
      credits: [
        {
          minor: 100_000n,
          on: "2026-11-05",
          uetr: "3b9b1c52-6f0e-4a6d-9d4c-000000000001",
          text: "PAYOUT 4B71X6KQWZPL2M",
          payer: "Amazon.com Services LLC",
        },
      ],
    }),
  ];
  await api.channel.settle(files, SELLER.id);
});

afterEach(() => api.close());

function person(role: Role, id: string): Caller {
  const steppedUpAt = api.deps.clock.now();
  return {
    ...testCaller(role),
    kind: "user",
    id,
    personId: id,
    sessionId: `ses_${id}`,
    steppedUpAt,
  };
}

const asked = (amount = "250.00", changed: object = {}) => ({
  sellerId: SELLER.id,
  debtorAccount: "6222601008801",
  amount: { amount, currency: "USD" },
  creditor: {
    name: "Bright Parts GmbH",
    account: "DE89370400440532013000",
    bankBic: "COBADEFFXXX",
    country: "DE",
    town: "Köln",
  },
  executeOn: civilDateIn("Asia/Shanghai", api.deps.clock.now()),
  reason: "parts for December",
  ...changed,
});

const post = (caller: Caller, json: unknown, key: string) =>
  api.ask(caller, "/v1/orders", { method: "POST", json, headers: { "Idempotency-Key": key } });

async function approve(approvalId: string, caller: Caller) {
  const path = `/v1/approvals/${approvalId}`;
  const etag = (await api.ask(caller, path)).headers.get("etag") ?? "";
  const headers = { "Idempotency-Key": `decide-${approvalId}`, "If-Match": etag };
  return api.ask(caller, `${path}/approve`, { method: "POST", json: {}, headers });
}

describe("payment orders over the API", () => {
  it("are asked for by one person, approved by another, sent, and answered by the bank", async () => {
    const made = await post(FINANCE, asked(), "order-key-1");
    expect(made.status, made.text).toBe(201);
    expect(made.body).toMatchObject({
      state: "proposed",
      amount: { amount: "250.00", currency: "USD" },
      madeBy: FINANCE.id,
      told: [],
    });
    expect((await post(FINANCE, asked(), "order-key-1")).text).toBe(made.text);
    const path = made.headers.get("location") ?? "";
    const approved = await approve(made.body.approvalId, person("approver", "user_checker"));
    expect(approved.status, approved.text).toBe(200);
    expect(approved.body).toMatchObject({
      kind: "payment-order",
      state: "executed",
      paymentOrder: { amount: "250.00", creditor: { name: "Bright Parts GmbH" } },
    });
    expect((await api.ask(FINANCE, path)).body.state).toBe("approved");
    const { store, tenantId, clock } = api.deps;
    const got: OutgoingMessage[] = [];
    const target = { connectionId: CONNECTION.id, settings: CONNECTION.orders! };
    const send = async (message: OutgoingMessage) => {
      got.push(message);
      return null;
    };
    await sendOrders(
      { database: store.database, tenantId, clock },
      target,
      send,
      async () => undefined,
    );
    expect((await api.ask(FINANCE, path)).body.state).toBe("sent");
    const { messageId, transfers } = readPain001(got[0]!.bytes)!;
    const [transfer] = transfers;
    const bytes = writeStatusReport({
      reportId: "STS1",
      createdAt: clock.now(),
      messageId,
      groupStatus: null,
      payments: [
        {
          paymentInfoId: transfer!.paymentInfoId,
          transactions: [{ ...transfer!, code: "ACSC", reasonCode: null, reasonText: null }],
        },
      ],
    });
    const receipt = await api.deps.intake({
      name: "answer.xml",
      bytes,
      sellerId: null,
      source: "bank:icbc",
    });
    expect(receipt).toMatchObject({ outcome: "new", format: "pain.002.001.10", reasons: [] });
    expect((await api.ask(FINANCE, path)).body).toMatchObject({
      state: "settled",
      told: [{ code: "ACSC", source: { sha256: receipt.sha256 } }],
    });
    expect((await api.channel.verify()).findings).toEqual([]);
  });

  it("do not spend more than the account shows as usable", async () => {
    expect((await post(FINANCE, asked("600.00"), "order-key-1")).status).toBe(201);
    const short = await post(FINANCE, asked("400.01"), "order-key-2");
    expect(short.status).toBe(409);
    expect(short.body).toMatchObject({ code: "order-funds-missing" });
    expect(short.body.detail).toContain("400.00 USD");
  });

  it("are refused for what they say before anything is on record", async () => {
    const codes = [];
    const wrong = [
      asked("0.00"),
      asked("1.001"),
      asked("1.00", { debtorAccount: "1" }),
      asked("1.00", { executeOn: "2020-01-01" }),
      asked("1.00", { colour: "red" }),
      asked("1.00", { reason: " " }),
    ];
    for (const [index, json] of wrong.entries()) {
      codes.push((await post(FINANCE, json, `order-key-${index}`)).body.code);
    }
    expect(codes).toEqual([
      "amount-invalid",
      "amount-invalid",
      "order-account-unknown",
      "order-date-invalid",
      "request-invalid",
      "reason-missing",
    ]);
    expect((await api.ask(FINANCE, "/v1/orders")).body.data).toEqual([]);
  });

  it("are each seller's own, page by page", async () => {
    for (const key of ["order-key-1", "order-key-2", "order-key-3"])
      await post(FINANCE, asked("1.00"), key);
    const first = await api.ask(FINANCE, "/v1/orders?limit=2");
    const second = await api.ask(FINANCE, `/v1/orders?limit=2&cursor=${first.body.nextCursor}`);
    const ids = [...first.body.data, ...second.body.data].map(({ id }: { id: string }) => id);
    expect(new Set(ids).size).toBe(3);
    expect(second.body.hasMore).toBe(false);
    expect((await api.ask(STRANGER, "/v1/orders")).body.data).toEqual([]);
    expect((await api.ask(STRANGER, `/v1/orders/${ids[0]}`)).status).toBe(404);
    expect((await post(STRANGER, asked(), "order-key-9")).status).toBe(404);
    const viewer = testCaller("seller-viewer", SELLER.id);
    expect((await post(viewer, asked(), "order-key-9")).status).toBe(403);
  });
});
