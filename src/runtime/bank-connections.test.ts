import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decideApproval } from "../approval/approval-acts.ts";
import { writeCamt054 } from "../bank/iso20022/write-camt.ts";
import { approveOrder, makeOrder } from "../bank/orders/make-order.ts";
import { loadOrder } from "../bank/orders/order-rows.ts";
import { readPain001 } from "../bank/orders/read-pain001.ts";
import { writeStatusReport } from "../bank/orders/status-report.ts";
import { sendAmqp } from "../bank/transport/amqp-send.ts";
import { callVerifier, hmacSigner, signCall } from "../bank/transport/notice-signature.ts";
import { receiveNotice } from "../bank/transport/receive-notice.ts";
import { startTestQueue, type TestQueue } from "../bank/transport/test-queue.ts";
import { readCibQuestion, writeCibAnswer } from "../bank/vendor/cib.ts";
import { readXmlTree } from "../bank/vendor/xml-tree.ts";
import { registerSellers } from "../identity/sellers.ts";
import type { Currency } from "../money/currency.ts";
import { openTestDatabase, type TestDatabase } from "../storage/test-database.ts";
import { systemClock } from "../time/clock.ts";
import { type CivilDate, civilDateIn, type Instant } from "../time/instant.ts";
import { DEFAULT_TENANT } from "./channel.ts";
import { readConfig, serviceConfig } from "./config.ts";
import { SILENT_LOG } from "./log.ts";
import { type RunningService, startService } from "./serve.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const SELLER = "jiangbei-lamps";
const USD = "USD" as Currency;
const SOON = { timeout: 45_000, interval: 50 };

let database: TestDatabase;
let folder: string;
let queue: TestQueue;
let bank: Server;
let bankUrl = "";
/** What the bank's side answers to a POST, and what it was sent. */
let answer: (body: Buffer, headers: NodeJS.Dict<string | string[]>) => Uint8Array | number;
let service: RunningService | null = null;

beforeEach(async () => {
  database = await openTestDatabase();
  folder = mkdtempSync(join(tmpdir(), "banks-"));
  queue = await startTestQueue();
  bank = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.once("end", () => {
      const answered = answer(Buffer.concat(chunks), request.headers);
      if (typeof answered === "number") response.writeHead(answered).end();
      else response.end(answered);
    });
  });
  await new Promise<void>((resolve) => bank.listen(0, "127.0.0.1", resolve));
  bankUrl = `http://127.0.0.1:${(bank.address() as { port: number }).port}/`;
});

afterEach(async () => {
  await service?.stop();
  service = null;
  bank.close();
  bank.closeAllConnections();
  await queue.stop();
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

const debtor = (account: string) => ({
  account,
  currency: "USD",
  name: "Chongqing Jiangbei Lamps Co., Ltd.",
  bankBic: "ICBKCNBJCQG",
  country: "CN",
  town: "Chongqing",
});
const ordersOf = (account: string) => ({
  initiatingParty: "Straitway",
  debtors: [debtor(account)],
});

async function start(): Promise<RunningService> {
  const key = { id: "1", key: { env: "BANK_KEY" } };
  const banks = [
    {
      id: "folder",
      transport: "drop-folder",
      folder: join(folder, "drop"),
      everySeconds: 1,
      orders: ordersOf("1001"),
    },
    {
      id: "hook",
      transport: "webhook",
      signature: { algorithm: "hmac-sha256", keys: [key] },
      orders: ordersOf("1002"),
      orderCalls: { url: bankUrl, key },
    },
    {
      id: "cib",
      transport: "cib-api",
      url: bankUrl,
      everySeconds: 1,
      customerId: "1000000001",
      userId: "channel",
      password: { env: "BANK_KEY" },
    },
    {
      id: "queue",
      transport: "amqp",
      host: queue.access.host,
      port: queue.access.port,
      tls: false,
      inbound: "notices",
      outbound: "orders",
      orders: ordersOf("1003"),
    },
  ];
  const text = JSON.stringify({
    databaseUrl: database.url,
    secretKey: Buffer.alloc(32, 5).toString("base64"),
    data: join(folder, "data"),
    databaseConnections: 8,
    banks,
  });
  const config = readConfig(serviceConfig, { name: "test", text }, {});
  if (!config.ok) throw new Error(config.refusal.message);
  const outcome = await startService(config.value, {
    clock: systemClock,
    log: SILENT_LOG,
    env: { BANK_KEY: SECRET },
    version: "test",
  });
  if (!outcome.ok) throw new Error(outcome.refusal.message);
  service = outcome.value;
  const accounts = ["1001", "1002", "1003", "1004"].map((account) => ({
    number: account,
    currency: "USD",
  }));
  const seller = { id: SELLER, legalName: "Jiangbei Lamps", accounts };
  await database.transaction((tx) =>
    registerSellers(tx, DEFAULT_TENANT, [seller], "registry", systemClock.now()),
  );
  return service;
}

const today = (): CivilDate => civilDateIn("Asia/Shanghai", systemClock.now());

function advice(account: string): Uint8Array {
  const createdAt: Instant = systemClock.now();
  const entry = {
    amount: { currency: USD, minor: 10_000n },
    direction: "credit" as const,
    bookedOn: today(),
    valueOn: today(),
    servicerReference: `REF${account}`,
    typeCode: "PMNT/RCDT/XBCT",
  };
  const statement = {
    id: account,
    createdAt,
    account: { number: account, currency: "USD" },
    entries: [entry],
  };
  return Buffer.from(writeCamt054({ messageId: account, createdAt, statements: [statement] }));
}

function cibAnswer(body: Buffer): Uint8Array | null {
  const tree = readXmlTree(body);
  const question = tree.ok ? readCibQuestion(tree.root) : null;
  if (question === null) return null;
  const notice = {
    STL_BIZ_NO: "JZS1",
    BIZ_DATE: question.endOn,
    CURRENCY: "USD",
    REMIT_AMOUNT: "100.00",
    PAYEE_ACCT_NO: "1004",
  };
  return writeCibAnswer({
    transactionId: question.transactionId,
    code: question.password === SECRET ? "0" : "1",
    message: "",
    serverTime: question.clientTime,
    notices: [notice],
    more: false,
  });
}

const creditedAccounts = async () =>
  (
    await database.query<{ account_number: string }>(
      "SELECT account_number FROM bank_transaction WHERE state = 'booked' AND seller_id = $1 ORDER BY 1",
      [SELLER],
    )
  ).map((row) => row.account_number);

describe("a service with four kinds of bank connections", () => {
  it("takes what each of them brings into one inbox, and books it once", async () => {
    answer = (body) => cibAnswer(body) ?? 404;
    const { banks, clock, accept } = await start();
    await expect.poll(() => existsSync(join(folder, "drop/in")), SOON).toBe(true);
    for (const copy of ["a", "b"]) {
      writeFileSync(join(folder, `drop/in/${copy}.xml`), advice("1001"));
      writeFileSync(join(folder, `drop/in/${copy}.xml.done`), "");
    }
    const body = advice("1002");
    const headers = signCall(
      {
        timestampHeader: "Bank-Timestamp",
        keyIdHeader: "Bank-Key-Id",
        signatureHeader: "Bank-Signature",
        encoding: "base64",
      },
      "1",
      hmacSigner(SECRET),
      body,
      clock.now(),
    );
    const call = { headers: (name: string) => new Headers(headers).get(name), body };
    const deps = { database, tenantId: DEFAULT_TENANT, clock, accept };
    expect(await receiveNotice(deps, banks.notices("hook")!, call)).toMatchObject({
      ok: true,
      value: { outcome: "new" },
    });
    await sendAmqp(queue.access, "the-bank", "notices", { id: "1", bytes: advice("1003") });
    await expect.poll(creditedAccounts, SOON).toEqual(["1001", "1002", "1003", "1004"]);
    await expect
      .poll(
        () =>
          existsSync(join(folder, "drop/receipts"))
            ? readdirSync(join(folder, "drop/receipts")).length
            : 0,
        SOON,
      )
      .toBe(2);
    expect(await creditedAccounts()).toHaveLength(4);
  });

  it("sends approved orders the way of each account's bank, and hears its answer", async () => {
    const verify = callVerifier(
      {
        algorithm: "hmac-sha256",
        keys: [{ id: "1", key: { env: "BANK_KEY" } }],
        sm2Name: null,
        encoding: "base64",
        timestampHeader: "Bank-Timestamp",
        keyIdHeader: "Bank-Key-Id",
        signatureHeader: "Bank-Signature",
        windowSeconds: 300,
      },
      () => SECRET,
    );
    if (!verify.ok) throw new Error("no verifier");
    let calls = 0;
    answer = (body, headers) => {
      const polled = cibAnswer(body);
      if (polled !== null) return polled;
      calls += 1;
      const isOurs = verify.value(
        (name) => String(headers[name] ?? ""),
        body,
        systemClock.now(),
      ).ok;
      const initiation = readPain001(body);
      if (!isOurs || initiation === null || headers["idempotency-key"] !== initiation.messageId)
        return 401;
      // The first answer is lost: the same message must come again.
      if (calls === 1) return 503;
      return writeStatusReport({
        reportId: "STS1",
        createdAt: systemClock.now(),
        messageId: initiation.messageId,
        groupStatus: "ACTC",
        payments: [],
      });
    };
    const { config } = await start();
    const ids: string[] = [];
    for (const account of ["1001", "1002", "1003"]) {
      ids.push(
        await database.transaction(async (tx) => {
          const made = await makeOrder(
            tx,
            DEFAULT_TENANT,
            { connections: config.banks, availableMinor: async () => 1_000_000n },
            {
              sellerId: SELLER,
              debtorAccount: account,
              currency: USD,
              amountMinor: 5_000n,
              creditor: {
                name: "Parts",
                account: "55",
                bankBic: "COBADEFFXXX",
                country: "DE",
                town: "Köln",
                street: null,
              },
              purpose: null,
              remittance: null,
              executeOn: today(),
              reason: "parts",
            },
            { key: account, maker: { id: "user_a", personId: "user_a" }, now: systemClock.now() },
          );
          if (!made.ok) throw new Error(made.refusal.message);
          const decision = { outcome: "approved" as const, checker: "user_b", reason: null };
          const decided = await decideApproval(
            tx,
            DEFAULT_TENANT,
            made.value.approvalId,
            decision,
            systemClock.now(),
          );
          if (!decided.ok) throw new Error(decided.refusal.message);
          await approveOrder(tx, DEFAULT_TENANT, decided.value, systemClock.now());
          return made.value.orderId;
        }),
      );
    }
    const states = () =>
      Promise.all(ids.map(async (id) => (await loadOrder(database, DEFAULT_TENANT, id))?.state));
    await expect.poll(states, SOON).toEqual(["sent", "accepted", "sent"]);
    expect(calls).toBe(2);
    const [name] = readdirSync(join(folder, "drop/out"));
    expect(readPain001(readFileSync(join(folder, "drop/out", name!)))?.transfers).toMatchObject([
      { debtorAccount: "1001", amount: { minor: 5_000n } },
    ]);
  });
});
