import { existsSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { decideApproval } from "../../approval/approval-acts.ts";
import { Outage } from "../../errors/outage.ts";
import { registerSellers } from "../../identity/sellers.ts";
import type { Currency } from "../../money/currency.ts";
import { openTestDatabase, type TestDatabase } from "../../storage/test-database.ts";
import { manualClock } from "../../time/clock.ts";
import type { CivilDate, Instant } from "../../time/instant.ts";
import { readTimeline } from "../../timeline/timeline.ts";
import { validateXsd } from "../iso20022/xsd.ts";
import { sniffBankFile } from "../sniff.ts";
import { type BankConnection, bankConnection } from "../transport/settings.ts";
import { approveOrder, makeOrder, type OrderDraft } from "./make-order.ts";
import { loadOrder, loadOrders } from "./order-rows.ts";
import { ORDER_STATES, orderIdsOf, orderState, type PaymentOrder } from "./payment-order.ts";
import { readPain001 } from "./read-pain001.ts";
import { recordStatuses } from "./record-statuses.ts";
import {
  type OutgoingMessage,
  type SendDeps,
  type SendMessage,
  sendOrders,
} from "./send-orders.ts";
import { readStatusReports, type StatusAnswer, writeStatusReport } from "./status-report.ts";
import { writePain001 } from "./write-pain001.ts";

const SCHEMAS = join(import.meta.dirname, "../../../../shared/samples/xsd");
const NOW = "2026-11-23T16:05:06.789Z" as Instant;
const USD = "USD" as Currency;
const MAKER = "user_maker";
const CHECKER = "user_checker";
const connection: BankConnection = bankConnection.parse({
  id: "icbc",
  transport: "drop-folder",
  folder: "/srv/bank",
  orders: {
    initiatingParty: "Straitway 渠道",
    initiatingPartyId: "CH0001",
    debtors: ["100200300", "100200301"].map((account) => ({
      account,
      currency: "USD",
      name: "重庆江北灯具有限公司",
      bankBic: "ICBKCNBJCQG",
      country: "CN",
      town: "Chongqing",
    })),
    ordersPerFileMax: 3,
  },
});
const settings = connection.orders!;

let clock = manualClock(NOW);
let database: TestDatabase;
let tenantId = "";
let number = 0;
let available = 1_000_000n;

beforeAll(async () => {
  database = await openTestDatabase();
});

afterAll(async () => {
  await database.close();
});

beforeEach(async () => {
  clock = manualClock(NOW);
  available = 1_000_000n;
  number += 1;
  tenantId = `t${number}`;
  const accounts = ["100200300", "100200301"].map((account) => ({
    number: account,
    currency: "USD",
  }));
  const seller = { id: "jiangbei-lamps", legalName: "Jiangbei Lamps", accounts };
  await database.transaction((tx) =>
    registerSellers(tx, tenantId, [seller], "registry", clock.now()),
  );
});

const draft = (changed: Partial<OrderDraft> = {}): OrderDraft => ({
  sellerId: "jiangbei-lamps",
  debtorAccount: "100200300",
  currency: USD,
  amountMinor: 12_345n,
  creditor: {
    name: "Bright <Parts> & Co. 零件",
    account: "DE89370400440532013000",
    bankBic: "COBADEFFXXX",
    country: "DE",
    town: "Köln",
    street: "Hohe Str. 1",
  },
  purpose: "GDDS",
  remittance: "Invoice 2026/11",
  executeOn: "2026-11-24" as CivilDate,
  reason: "parts for December",
  ...changed,
});

const make = (key: string, changed: Partial<OrderDraft> = {}) =>
  database.transaction((tx) =>
    makeOrder(
      tx,
      tenantId,
      { connections: [connection], availableMinor: async () => available },
      draft(changed),
      { key, maker: { id: MAKER, personId: MAKER }, now: clock.now() },
    ),
  );

async function decide(approvalId: string, outcome: "approved" | "denied", checker = CHECKER) {
  return database.transaction(async (tx) => {
    const decision = { outcome, checker, reason: outcome === "denied" ? "no" : null };
    const decided = await decideApproval(tx, tenantId, approvalId, decision, clock.now());
    if (decided.ok && outcome === "approved")
      await approveOrder(tx, tenantId, decided.value, clock.now());
    return decided;
  });
}

async function approved(key: string, changed: Partial<OrderDraft> = {}) {
  const made = await make(key, changed);
  if (!made.ok) throw new Error(made.refusal.message);
  await decide(made.value.approvalId, "approved");
  return made.value;
}

const stateOf = async (orderId: string) => (await loadOrder(database, tenantId, orderId))?.state;
const sendDeps = (): SendDeps => ({ database, tenantId, clock });
const target = { connectionId: "icbc", settings };

/** A bank that keeps what it gets. */
function bank(answer: Uint8Array | null = null) {
  const got: OutgoingMessage[] = [];
  const kept: Uint8Array[] = [];
  const failures: unknown[] = [];
  const send: SendMessage = async (message) => {
    got.push(message);
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    return answer;
  };
  const run = () =>
    sendOrders(sendDeps(), target, send, async (_message, bytes) => {
      kept.push(bytes);
    });
  return { got, kept, failures, run };
}

async function hear(answer: StatusAnswer, sha256 = answer.reportId.padEnd(64, "0")) {
  const { reports, refusals } = readStatusReports(writeStatusReport(answer));
  expect(refusals).toEqual([]);
  return database.transaction((tx) =>
    recordStatuses(tx, tenantId, [{ sha256, reports }], clock.now()),
  );
}

function answerTo(message: OutgoingMessage, reportId: string, code: string): StatusAnswer {
  const initiation = readPain001(message.bytes)!;
  const groups = [...new Set(initiation.transfers.map(({ paymentInfoId }) => paymentInfoId))];
  return {
    reportId,
    createdAt: clock.now(),
    messageId: initiation.messageId,
    groupStatus: null,
    payments: groups.map((paymentInfoId) => ({
      paymentInfoId,
      transactions: initiation.transfers
        .filter((transfer) => transfer.paymentInfoId === paymentInfoId)
        .map(({ instructionId, endToEndId, uetr }) => ({
          instructionId,
          endToEndId,
          uetr,
          code,
          reasonCode: code === "RJCT" ? "AC04" : null,
          reasonText: code === "RJCT" ? "账户已关闭" : null,
        })),
    })),
  };
}

const groupAnswer = (message: OutgoingMessage, reportId: string, code: string): StatusAnswer => ({
  ...answerTo(message, reportId, code),
  groupStatus: code,
  payments: [],
});

const code = async (changed: Partial<OrderDraft>) => {
  const made = await make(
    `act ${JSON.stringify(changed, (_key, value: unknown) => String(value))}`,
    changed,
  );
  return made.ok ? null : made.refusal.code;
};

describe("an order", () => {
  it("is made once for one act, waits for another person, and goes out once", async () => {
    const made = await make("act 1");
    expect(made).toMatchObject({ ok: true, value: { state: "proposed", amountMinor: 12_345n } });
    if (!made.ok) return;
    expect(await make("act 1")).toEqual(made);
    const { approvalId, orderId } = made.value;
    const there = bank();
    expect(await there.run()).toBe(0);
    expect(await decide(approvalId, "approved", MAKER)).toMatchObject({
      ok: false,
      refusal: { code: "approval-own" },
    });
    expect(await stateOf(orderId)).toBe("proposed");
    await decide(approvalId, "approved");
    expect(await stateOf(orderId)).toBe("approved");
    expect(await there.run()).toBe(1);
    expect(await there.run()).toBe(0);
    expect(await stateOf(orderId)).toBe("sent");
    expect(readPain001(there.got[0]!.bytes)!.transfers).toMatchObject([
      {
        endToEndId: made.value.endToEndId,
        uetr: made.value.uetr,
        creditorName: "Bright <Parts> & Co. 零件",
      },
    ]);
    const story = (await readTimeline(database, tenantId, [orderId])).map(({ kind }) => kind);
    expect(story.filter((kind) => kind.startsWith("order-"))).toEqual(["order-made", "order-sent"]);
    expect(story).toContain("approval-executed");
  });

  it("is never sent when it is denied", async () => {
    const made = await make("act 1");
    if (!made.ok) throw new Error("refused");
    await decide(made.value.approvalId, "denied");
    expect(await bank().run()).toBe(0);
    expect(await stateOf(made.value.orderId)).toBe("declined");
  });

  it("is refused without an account that takes orders, on a day that is over, or with a text no bank takes", async () => {
    expect(await code({ debtorAccount: "999" })).toBe("order-account-unknown");
    expect(await code({ sellerId: "another" })).toBe("order-account-unknown");
    expect(await code({ currency: "EUR" as Currency })).toBe("order-account-unknown");
    // In Beijing it is the 24th already.
    expect(await code({ executeOn: "2026-11-23" as CivilDate })).toBe("order-date-invalid");
    expect(await code({ executeOn: "2027-11-25" as CivilDate })).toBe("order-date-invalid");
    expect(await code({ remittance: "a\u0000b" })).toBe("order-text-invalid");
    expect(await loadOrders(database, tenantId, "true", [], 10)).toEqual([]);
  });

  it("cannot spend what is not free: what open orders promised is spent, what was refused is not", async () => {
    available = 10_000n;
    const first = await make("1", { amountMinor: 6_000n });
    expect(first.ok).toBe(true);
    expect(await make("2", { amountMinor: 4_001n })).toMatchObject({
      ok: false,
      refusal: {
        code: "order-funds-missing",
        message: expect.stringContaining("40.00 USD") as string,
      },
    });
    expect(await make("3", { amountMinor: 4_000n })).toMatchObject({ ok: true });
    if (first.ok) await decide(first.value.approvalId, "denied");
    const again = await approved("4", { amountMinor: 6_000n });
    const there = bank();
    await there.run();
    await hear(answerTo(there.got[0]!, "R1", "RJCT"));
    expect(await stateOf(again.orderId)).toBe("rejected");
    expect(await make("5", { amountMinor: 6_000n })).toMatchObject({ ok: true });
    expect(await make("6", { amountMinor: 1n })).toMatchObject({ ok: false });
  });

  it("cannot take the same money twice when two are asked for at once", async () => {
    available = 10_000n;
    const made = await Promise.all(
      [1, 2, 3, 4].map((id) => make(`${id}`, { amountMinor: 6_000n })),
    );
    expect(made.filter(({ ok }) => ok)).toHaveLength(1);
  });
});

describe("a message of orders", () => {
  it("goes again byte for byte until the bank has it, whatever was approved meanwhile", async () => {
    await approved("1");
    const there = bank();
    there.failures.push(new Outage("bank-sftp", "down", { retryable: true }));
    await expect(there.run()).rejects.toBeInstanceOf(Outage);
    await approved("2");
    clock.advanceMs(3 * 86_400_000);
    expect(await there.run()).toBe(2);
    expect(there.got).toHaveLength(3);
    expect(there.got[1]).toEqual(there.got[0]);
    const rows = await database.query(
      "SELECT attempts, last_error, order_count FROM payment_message WHERE tenant_id = $1 ORDER BY stored_at",
      [tenantId],
    );
    expect(rows).toEqual([
      { attempts: 2, last_error: null, order_count: 1 },
      { attempts: 1, last_error: null, order_count: 1 },
    ]);
  });

  it("carries as many as the bank takes, and every order once", async () => {
    const orders = [];
    for (let id = 0; id < 7; id += 1) orders.push(await approved(`${id}`, { amountMinor: 100n }));
    const there = bank();
    expect(await there.run()).toBe(3);
    const transfers = there.got.flatMap(({ bytes }) => readPain001(bytes)!.transfers);
    expect(transfers.map(({ endToEndId }) => endToEndId).sort()).toEqual(
      orders.map(({ endToEndId }) => endToEndId).sort(),
    );
    expect(there.got.map(({ name }) => /^MSG[0-9A-Z]{26}\.pain001\.xml$/.test(name))).toEqual([
      true,
      true,
      true,
    ]);
  });

  it("counts as sent only once what the bank answered at once is kept", async () => {
    const order = await approved("1");
    const answer = Buffer.from("an answer");
    const there = bank(answer);
    const failing = () =>
      sendOrders(
        sendDeps(),
        target,
        async () => answer,
        () => Promise.reject(new Error("the inbox is full")),
      );
    await expect(failing()).rejects.toThrow("full");
    expect(await stateOf(order.orderId)).toBe("approved");
    await there.run();
    expect(there.kept).toEqual([answer]);
    expect(await stateOf(order.orderId)).toBe("sent");
  });

  it.skipIf(!existsSync(SCHEMAS))(
    "is valid by the schemas of ISO 20022 (skipped without them), and so is what the bank answers",
    async () => {
      await approved("1");
      await approved("2", {
        debtorAccount: "100200301",
        creditor: { ...draft().creditor, account: "6222021001", street: null },
        purpose: null,
        remittance: null,
      });
      await approved("3", { executeOn: "2026-12-01" as CivilDate });
      const there = bank();
      await there.run();
      expect(there.got).toHaveLength(1);
      const { bytes } = there.got[0]!;
      expect(await validateXsd(bytes, SCHEMAS)).toEqual([]);
      expect(
        new Set(readPain001(bytes)!.transfers.map(({ paymentInfoId }) => paymentInfoId)).size,
      ).toBe(3);
      for (const answer of [
        answerTo(there.got[0]!, "R1", "RJCT"),
        groupAnswer(there.got[0]!, "R2", "ACTC"),
      ]) {
        expect(await validateXsd(writeStatusReport(answer), SCHEMAS)).toEqual([]);
      }
    },
  );

  it("says the same of any orders to whoever reads it, and adds up", () => {
    const order = fc.record({
      amountMinor: fc.bigInt(1n, 10n ** 13n),
      currency: fc.constantFrom("USD", "JPY", "KWD", "CNY").map((code) => code as Currency),
      account: fc.constantFrom("100200300", "DE89370400440532013000"),
      name: fc
        .string({ unit: "grapheme", minLength: 1, maxLength: 60 })
        .map((text) => `x${text.replace(/[^\p{L}\p{N}\p{P}\p{S}]/gu, "_")}x`),
      key: fc.uuid(),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(order, { minLength: 1, maxLength: 12, selector: ({ key }) => key }),
        (rows) => {
          const orders = rows.map(({ key, amountMinor, currency, account, name }): PaymentOrder => {
            const { reason: _reason, ...said } = draft({
              amountMinor,
              currency,
              debtorAccount: account,
              creditor: { ...draft().creditor, name },
            });
            return {
              ...said,
              ...orderIdsOf(key),
              connectionId: "icbc",
              approvalId: "a",
              madeBy: "m",
              madeAt: NOW,
              approvedAt: NOW,
              messageId: null,
            };
          });
          const at = { now: NOW, today: "2026-11-24" as CivilDate };
          const message = writePain001(settings, orders, at);
          expect(writePain001(settings, orders, at)).toEqual(message);
          const { transfers, transferCount } = readPain001(message.bytes)!;
          expect(transferCount).toBe(String(orders.length));
          const told = new Map(transfers.map((transfer) => [transfer.endToEndId, transfer]));
          for (const one of orders) {
            expect(told.get(one.endToEndId)).toMatchObject({
              amount: { currency: one.currency, minor: one.amountMinor },
              debtorAccount: one.debtorAccount,
              creditorName: one.creditor.name,
              uetr: one.uetr,
              paymentInfoId: message.paymentInfoIds.get(one.orderId),
            });
            expect(one.uetr).toMatch(
              /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
            );
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe("what a bank says of orders", () => {
  it("moves each on, of the whole message or of one, and a repeat changes nothing", async () => {
    const one = await approved("1");
    const two = await approved("2");
    const there = bank();
    await there.run();
    const [message] = there.got;
    expect((await hear(groupAnswer(message!, "R1", "ACTC"))).length).toBe(2);
    expect(await stateOf(one.orderId)).toBe("accepted");
    const mixed = answerTo(message!, "R2", "ACSP");
    const [payment] = mixed.payments;
    const transactions = payment!.transactions.map((transaction) =>
      transaction.endToEndId === two.endToEndId
        ? { ...transaction, code: "RJCT", reasonCode: "AC04", reasonText: "账户已关闭" }
        : transaction,
    );
    const report = { ...mixed, groupStatus: "PART", payments: [{ ...payment!, transactions }] };
    await hear(report);
    expect(await hear(report)).toEqual([]);
    expect([await stateOf(one.orderId), await stateOf(two.orderId)]).toEqual([
      "processing",
      "rejected",
    ]);
    const { told } = (await loadOrder(database, tenantId, two.orderId))!;
    expect(told).toContainEqual(
      expect.objectContaining({ code: "RJCT", reasonCode: "AC04", reasonText: "账户已关闭" }),
    );
  });

  it("is told of a stranger's payments on the story of the file, and touches no order", async () => {
    const order = await approved("1");
    const there = bank();
    await there.run();
    const answer = answerTo(there.got[0]!, "R1", "RJCT");
    // The right payment under another message is none of ours.
    expect(await hear({ ...answer, messageId: "ANOTHER" })).toEqual([]);
    expect(await stateOf(order.orderId)).toBe("sent");
    expect(await readTimeline(database, tenantId, ["R1".padEnd(64, "0")])).toMatchObject([
      { kind: "order-unknown", data: { count: 1 } },
    ]);
  });

  it("may come in any order and in several ways to write it", async () => {
    const order = await approved("1");
    const there = bank();
    await there.run();
    await hear(answerTo(there.got[0]!, "R3", "ACSC"));
    await hear(answerTo(there.got[0]!, "R2", "PDNG"));
    await hear(groupAnswer(there.got[0]!, "R1", "ACTC"));
    expect(await stateOf(order.orderId)).toBe("settled");
    await hear(answerTo(there.got[0]!, "R4", "RJCT"));
    expect(await stateOf(order.orderId)).toBe("disputed");
  });

  it("leads to the same state in whatever order it came", () => {
    const codes = fc.array(
      fc.constantFrom("RCVD", "ACTC", "ACCP", "PDNG", "ACSP", "ACSC", "RJCT", "CANC", "XXXX"),
      { maxLength: 6 },
    );
    const facts = { decision: "approved", approvedAt: NOW, sentAt: NOW } as const;
    fc.assert(
      fc.property(codes, (told) => {
        const state = orderState({ ...facts, codes: told });
        expect(ORDER_STATES).toContain(state);
        expect(orderState({ ...facts, codes: told.toReversed() })).toBe(state);
        expect(orderState({ ...facts, codes: [...told, ...told] })).toBe(state);
      }),
    );
  });
});

const envelope = (version: string, inner: string) =>
  `<?xml version="1.0"?><x:Envelope xmlns:x="urn:x"><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.${version}">` +
  `<CstmrPmtStsRpt><GrpHdr><MsgId>R</MsgId><CreDtTm>2026-11-23T04:05:06Z</CreDtTm></GrpHdr><OrgnlGrpInfAndSts>` +
  `<OrgnlMsgId>M</OrgnlMsgId></OrgnlGrpInfAndSts>${inner}</CstmrPmtStsRpt></Document></x:Envelope>`;

describe("payment status reports", () => {
  it.each(["03", "10", "14"])(
    "are known by what they are, in an envelope too, and read alike in version %s",
    (version) => {
      const bytes = Buffer.from(
        envelope(
          version,
          "<OrgnlPmtInfAndSts><OrgnlPmtInfId>P</OrgnlPmtInfId><TxInfAndSts><OrgnlInstrId>I</OrgnlInstrId><TxSts>RJCT</TxSts>" +
            "<StsRsnInf><Rsn><Prtry>X9</Prtry></Rsn></StsRsnInf></TxInfAndSts></OrgnlPmtInfAndSts>",
        ),
      );
      expect(sniffBankFile(bytes)).toBe("pain.002");
      expect(readStatusReports(bytes)).toMatchObject({
        refusals: [],
        reports: [
          {
            format: `pain.002.001.${version}`,
            reportId: "R",
            createdAt: "2026-11-23T04:05:06.000Z",
            statuses: [
              {
                code: "RJCT",
                reasonCode: "X9",
                messageId: "M",
                paymentInfoId: "P",
                endToEndId: "I",
              },
            ],
          },
        ],
      });
    },
  );

  it("that say nothing are refused, with a line", () => {
    expect(readStatusReports(Buffer.from(envelope("10", "")))).toMatchObject({
      refusals: [{ code: "status-none", line: 1 }],
      reports: [],
    });
    expect(readStatusReports(Buffer.from("<a>"))).toMatchObject({
      refusals: [{ code: "xml-cut-off" }],
    });
  });
});
