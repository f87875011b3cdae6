import { beforeEach, describe, expect, it } from "vitest";
import {
  type CibQuestion,
  readCib,
  readCibAnswer,
  writeCibQuestion,
} from "../../../bank/vendor/cib.ts";
import {
  type CmbQuestion,
  readCmb,
  readCmbAnswer,
  writeCmbQuestion,
} from "../../../bank/vendor/cmb.ts";
import { readXmlTree, type XmlElement } from "../../../bank/vendor/xml-tree.ts";
import { type Currency, currencyOf } from "../../../money/currency.ts";
import { manualClock } from "../../../time/clock.ts";
import type { Instant } from "../../../time/instant.ts";
import { createSandboxBank, type SandboxBank } from "../sandbox-bank.ts";
import { type ArrivalPlan, newBankState } from "../state.ts";
import { cibFrontEnd } from "./cib-front-end.ts";
import { cmbFrontEnd } from "./cmb-front-end.ts";
import type { FrontEnd } from "./front-end.ts";

const USD = currencyOf("USD") as Currency;
const ACCOUNT = "6217000000004821";
/** 23:30 of the 23rd in China. */
const START = "2026-11-23T15:30:00.000Z" as Instant;
const HOUR_MS = 3_600_000;

let clock = manualClock(START);
let bank: SandboxBank;
let count = 0;

beforeEach(() => {
  clock = manualClock(START);
  bank = createSandboxBank({ clock, state: newBankState(5) });
  bank.openAccount({ accountNumber: ACCOUNT, currency: USD, ownerName: "重庆江北灯具有限公司" });
  count = 0;
});

function arrive(amountMinor: bigint, plan: ArrivalPlan = {}): void {
  count += 1;
  expect(bank.plan(ACCOUNT, USD, plan).ok).toBe(true);
  bank.receive({
    transferId: `T${count}`,
    sentAt: clock.now(),
    accountNumber: ACCOUNT,
    currency: USD,
    amountMinor,
    payerName: "Amazon.com Services LLC",
    reference: `TRACE${count}`,
  });
  bank.passTime();
}

async function ask(frontEnd: FrontEnd, body: Uint8Array | string): Promise<Response> {
  const sent = typeof body === "string" ? body : Buffer.from(body);
  return frontEnd(new Request("http://127.0.0.1/", { method: "POST", body: sent }));
}

async function root(answer: Response): Promise<XmlElement> {
  const tree = readXmlTree(new Uint8Array(await answer.arrayBuffer()));
  if (!tree.ok) throw new Error(tree.reason.message);
  return tree.root;
}

const customer = { customerId: "1000000001", userId: "channel", password: "word" };

const cibQuestion = (asked: Partial<CibQuestion> = {}) =>
  writeCibQuestion({
    ...customer,
    clientTime: "2026-11-23 23:30:00",
    transactionId: "Q1",
    beginOn: "2026-11-23",
    endOn: "2026-11-24",
    page: 1,
    ...asked,
  });
const cibFront = (pageSize = 100) => cibFrontEnd({ bank, clock, customer, pageSize });

describe("the sandbox bank behind CIB's interface", () => {
  it("tells receipts by the day in China, page by page, whatever is advised of them", async () => {
    arrive(10_000n, { advice: "none" });
    clock.advanceMs(HOUR_MS);
    arrive(20_000n);
    arrive(30_000n);
    const pages: (readonly (string | undefined)[])[] = [];
    for (const page of [1, 2]) {
      const answer = readCibAnswer(await root(await ask(cibFront(2), cibQuestion({ page }))))!;
      expect([answer.code, answer.more]).toEqual(["0", page === 1]);
      pages.push(answer.notices.map(({ children }) => childText(children, "REMIT_AMOUNT")));
    }
    expect(pages).toEqual([["100.00", "200.00"], ["300.00"]]);
    const later = readCibAnswer(
      await root(await ask(cibFront(), cibQuestion({ beginOn: "2026-11-24" }))),
    );
    expect(later?.notices).toHaveLength(2);
  });

  it("tells what was sent and what banks took of it, and no money that went back", async () => {
    arrive(50_000n, { chargeMinor: 1_500n, back: { kind: "returned", afterMs: HOUR_MS } });
    clock.advanceMs(2 * HOUR_MS);
    bank.passTime();
    expect(bank.state.accounts[0]?.bookings).toHaveLength(2);
    const [told, ...others] = readCib(await root(await ask(cibFront(), cibQuestion())));
    expect(others).toEqual([]);
    expect(told?.reasons).toEqual([]);
    expect(told?.entries[0]).toMatchObject({
      amount: { currency: "USD", minor: 48_500n },
      direction: "credit",
      bookedOn: "2026-11-23",
      servicerReference: bank.state.accounts[0]?.bookings[0]?.servicerRef,
      transactions: [
        {
          instructedAmount: { currency: "USD", minor: 50_000n },
          charges: [{ amount: { currency: "USD", minor: 1_500n } }],
          payer: { name: "Amazon.com Services LLC" },
          remittance: ["AMZN TRACE1"],
        },
      ],
    });
  });

  it("tells nothing to who is not its customer, and answers no other question", async () => {
    arrive(10_000n);
    for (const wrong of [{ password: "x" }, { userId: "x" }, { customerId: "2000000002" }]) {
      const answer = readCibAnswer(await root(await ask(cibFront(), cibQuestion(wrong))))!;
      expect([answer.code, answer.notices]).toEqual(["2001", []]);
    }
    expect((await ask(cibFront(), "<FOX/>")).status).toBe(400);
    expect((await ask(cibFront(), "no XML")).status).toBe(400);
  });
});

describe("the sandbox bank behind CMB's interface", () => {
  let handedOut: Record<string, number> = {};
  const frontEnd = () => cmbFrontEnd({ bank, loginName: "channel", handedOut, name: "cmb" });
  const asked = async (question: CmbQuestion) => {
    const tree = await root(await ask(frontEnd(), writeCmbQuestion(question)));
    return { messages: readCmb(tree), code: readCmbAnswer(tree)?.code };
  };
  const fresh = { kind: "new", loginName: "channel" } as const;
  const history = {
    kind: "history",
    loginName: "channel",
    type: "NCCRTTRS",
    beginOn: "20261123",
    endOn: "20261124",
    after: null,
    count: 2,
  } as const;

  beforeEach(() => {
    handedOut = {};
  });

  it("hands each new notice out once, also to a bank that was stopped in between", async () => {
    arrive(10_000n);
    arrive(20_000n);
    expect((await asked(fresh)).messages).toHaveLength(2);
    expect((await asked(fresh)).messages).toEqual([]);
    handedOut = JSON.parse(JSON.stringify(handedOut)) as Record<string, number>;
    arrive(30_000n);
    const { messages } = await asked(fresh);
    expect(messages.map(({ entries }) => entries[0]?.amount.minor)).toEqual([30_000n]);
  });

  it("gives the notices of days again, by type and number", async () => {
    for (const amount of [1n, 2n, 3n]) arrive(amount);
    const first = (await asked(history)).messages;
    expect(first).toHaveLength(2);
    const after = first[1]?.messageId ?? "";
    const rest = (await asked({ ...history, after })).messages;
    expect(rest.map(({ entries }) => entries[0]?.amount.minor)).toEqual([3n]);
    expect((await asked({ ...history, type: "NCDBTTRS" })).messages).toEqual([]);
    expect((await asked({ ...history, beginOn: "20261124" })).messages).toEqual([]);
  });

  it("writes a reversal in red on the credit's side, and a return as a debit of its own", async () => {
    arrive(10_000n, { back: { kind: "reversed", afterMs: 1000 } });
    arrive(20_000n, { back: { kind: "returned", afterMs: 1000 } });
    clock.advanceMs(1000);
    bank.passTime();
    const { messages } = await asked(fresh);
    expect(messages.flatMap(({ reasons }) => reasons)).toEqual([]);
    const told = messages.map(({ entries: [entry] }) => [
      entry?.direction,
      entry?.reversal,
      entry?.amount.minor,
    ]);
    expect(told).toEqual([
      ["credit", false, 10_000n],
      ["credit", false, 20_000n],
      ["debit", true, 10_000n],
      ["debit", false, 20_000n],
    ]);
    const references = messages.map(({ entries }) => entries[0]?.servicerReference);
    expect(references[2]).toBe(references[0]);
    expect(references[3]).not.toBe(references[1]);
  });

  it("tells nothing to a login name that it does not know, and keeps it for the one it does", async () => {
    arrive(10_000n);
    const stranger = await asked({ ...fresh, loginName: "stranger" });
    expect([stranger.code, stranger.messages]).toEqual(["-1", []]);
    expect((await asked(fresh)).messages).toHaveLength(1);
    expect((await ask(frontEnd(), "<CMBSDKPGK/>")).status).toBe(400);
  });
});

function childText(children: readonly XmlElement[], name: string): string | undefined {
  return children.find((child) => child.name === name)?.text.trim();
}
