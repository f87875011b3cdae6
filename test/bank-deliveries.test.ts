// The sandbox bank speaks to a running channel over every transport that a bank may have, by the real ones: signed calls
// to the channel's own socket, a folder here and one at an SFTP server, a queue, and front-ends that are asked.

import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fullConfig } from "../src/api/full-config.ts";
import { type HttpServer, listenHttp } from "../src/api/http-server.ts";
import { apiDepsOf, serveApi } from "../src/api/serve-api.ts";
import { openLocalFiles } from "../src/bank/transport/local-files.ts";
import { hmacSigner, type Signer } from "../src/bank/transport/notice-signature.ts";
import { openSftpFiles } from "../src/bank/transport/sftp-files.ts";
import { startTestQueue, type TestQueue } from "../src/bank/transport/test-queue.ts";
import { sshdMissing, startSshd, type TestSshd } from "../src/bank/transport/test-sshd.ts";
import { registerSellers } from "../src/identity/sellers.ts";
import { type Currency, currencyOf } from "../src/money/currency.ts";
import { DEFAULT_TENANT } from "../src/runtime/channel.ts";
import { SILENT_LOG } from "../src/runtime/log.ts";
import { type RunningService, startService } from "../src/runtime/serve.ts";
import { signRsaSha256 } from "../src/secret/signature.ts";
import {
  newSm2PrivateKey,
  signSm2,
  sm2PublicKeyBytes,
  sm2PublicKeyOf,
  sm2SignatureBytes,
} from "../src/secret/sm2.ts";
import { byCall } from "../src/simulator/bank/deliver/by-call.ts";
import { byFolder } from "../src/simulator/bank/deliver/by-folder.ts";
import { byQueue } from "../src/simulator/bank/deliver/by-queue.ts";
import { cibFrontEnd } from "../src/simulator/bank/deliver/cib-front-end.ts";
import { cmbFrontEnd } from "../src/simulator/bank/deliver/cmb-front-end.ts";
import type { Delivery } from "../src/simulator/bank/deliver/delivery.ts";
import { createSandboxBank, type SandboxBank } from "../src/simulator/bank/sandbox-bank.ts";
import { newBankState } from "../src/simulator/bank/state.ts";
import { openTestDatabase, type TestDatabase } from "../src/storage/test-database.ts";
import { systemClock } from "../src/time/clock.ts";

const USD = currencyOf("USD") as Currency;
const SECRET = "0123456789abcdef0123456789abcdef";
const SM2_KEY = newSm2PrivateKey();
const RSA_KEYS = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});
const SELLER = "jiangbei-lamps";
/** Generous: the machine may be busy. */
const SOON = { timeout: 60_000, interval: 50 };
const START_MS = 120_000;
const noSshd = sshdMissing();

/** One account for each way, named after it. */
const ACCOUNTS = {
  hmac: "1001",
  sm2: "1002",
  folder: "1003",
  sftp: "1004",
  queue: "1005",
  cib: "1006",
  cmb: "1007",
  rsa: "1008",
} as const;
type Way = keyof typeof ACCOUNTS;
const WAYS = (Object.keys(ACCOUNTS) as Way[]).filter((way) => way !== "sftp" || noSshd === null);

const HEADERS = {
  timestampHeader: "Bank-Timestamp",
  keyIdHeader: "Bank-Key-Id",
  signatureHeader: "Bank-Signature",
  encoding: "base64",
} as const;

let database: TestDatabase;
let folder: string;
let queue: TestQueue;
let sshd: TestSshd | null = null;
let fronts: readonly HttpServer[] = [];
let http: HttpServer;
let service: RunningService;
let bank: SandboxBank;
let deliveries: readonly Delivery[];

beforeAll(async () => {
  database = await openTestDatabase();
  folder = mkdtempSync(join(tmpdir(), "deliveries-"));
  mkdirSync(join(folder, "sftp"));
  queue = await startTestQueue();
  if (noSshd === null) sshd = await startSshd(join(folder, "sftp"));
  bank = createSandboxBank({ clock: systemClock, state: newBankState(11) });
  for (const way of WAYS) openAccount(way);
  const cib = cibFrontEnd({
    bank: onlyOf("cib"),
    clock: systemClock,
    customer: { customerId: "1000000001", userId: "channel", password: SECRET },
    pageSize: 1,
  });
  const cmb = cmbFrontEnd({
    bank: onlyOf("cmb"),
    loginName: "channel",
    handedOut: {},
    name: "cmb",
  });
  fronts = await Promise.all(
    [cib, cmb].map((fetch) => listenHttp(fetch, { host: "127.0.0.1", port: 0 })),
  );
  await startChannel();
  deliveries = deliveriesNow();
}, START_MS);

afterAll(async () => {
  await http?.close(0);
  await service?.stop();
  for (const front of fronts) await front.close(0);
  await sshd?.stop();
  await queue?.stop();
  await database?.close();
  rmSync(folder, { recursive: true, force: true });
}, START_MS);

function openAccount(way: Way): void {
  bank.openAccount({
    accountNumber: ACCOUNTS[way],
    currency: USD,
    ownerName: "Chongqing Jiangbei Lamps Co., Ltd.",
    language: way === "folder" ? "mt" : "iso20022",
  });
}

/** The bank as the customer of one front-end sees it: with that customer's account alone. */
function onlyOf(way: Way): SandboxBank {
  return {
    ...bank,
    get state() {
      const accounts = bank.state.accounts.filter((one) => one.accountNumber === ACCOUNTS[way]);
      return { ...bank.state, accounts };
    },
  };
}

async function startChannel(): Promise<void> {
  const config = fullConfig.parse({
    databaseUrl: database.url,
    secretKey: Buffer.alloc(32, 5).toString("base64"),
    data: join(folder, "data"),
    databaseConnections: 8,
    http: { host: "127.0.0.1", port: 0 },
    banks: banks(),
  });
  const started = await startService(config, {
    clock: systemClock,
    log: SILENT_LOG,
    env: {
      BANK_KEY: SECRET,
      BANK_SM2: sm2PublicKeyBytes(sm2PublicKeyOf(SM2_KEY)).toString("hex"),
      BANK_RSA: RSA_KEYS.publicKey,
      BANK_SSH: sshd?.access.privateKey ?? "",
    },
    version: "test",
  });
  if (!started.ok) throw new Error(started.refusal.message);
  service = started.value;
  const accounts = WAYS.map((way) => ({ number: ACCOUNTS[way], currency: "USD" }));
  const seller = { id: SELLER, legalName: "Chongqing Jiangbei Lamps Co., Ltd.", accounts };
  await database.transaction((tx) =>
    registerSellers(tx, DEFAULT_TENANT, [seller], "registry", systemClock.now()),
  );
  const deps = apiDepsOf(service, {
    ownUrl: () => http.url,
    bankNotices: service.banks.notices,
    settings: config.api,
    sandbox: null,
    stopping: new AbortController().signal,
  });
  http = await listenHttp(serveApi(service, deps), config.http);
}

const calls = (id: Way, algorithm: string, env: string) => ({
  id,
  transport: "webhook",
  signature: { algorithm, keys: [{ id: "1", key: { env } }] },
});

function banks(): readonly object[] {
  const polled = { everySeconds: 1, questionsPerMinute: 600 };
  const place = { readiness: "done-file", everySeconds: 1 };
  const sftp = sshd === null ? [] : [{ ...sftpSettings(sshd), ...place }];
  const [cib, cmb] = fronts.map(({ url }) => `${url}/`);
  return [
    calls("hmac", "hmac-sha256", "BANK_KEY"),
    calls("sm2", "sm2-sm3", "BANK_SM2"),
    calls("rsa", "rsa-sha256", "BANK_RSA"),
    { id: "folder", transport: "drop-folder", folder: join(folder, "drop"), ...place },
    ...sftp,
    {
      id: "queue",
      transport: "amqp",
      host: queue.access.host,
      port: queue.access.port,
      tls: false,
      inbound: "notices",
    },
    {
      id: "cib",
      transport: "cib-api",
      url: cib,
      customerId: "1000000001",
      userId: "channel",
      password: { env: "BANK_KEY" },
      ...polled,
    },
    { id: "cmb", transport: "cmb-api", url: cmb, loginName: "channel", ...polled },
  ];
}

function sftpSettings({ access }: TestSshd): object {
  return {
    id: "sftp",
    transport: "sftp",
    host: access.host,
    port: access.port,
    username: access.username,
    privateKey: { env: "BANK_SSH" },
    hostKeys: access.hostKeys,
    folder: access.root,
  };
}

const route = (way: Way) => ({
  name: way,
  takes: ({ accountNumber }: { accountNumber: string }) => accountNumber === ACCOUNTS[way],
});

function deliveriesNow(): readonly Delivery[] {
  const call = (way: Way, signer: Signer) =>
    byCall({
      ...route(way),
      url: `${http.url}/v1/bank/${way}/notices`,
      signature: HEADERS,
      keyId: "1",
      signer,
      clock: systemClock,
    });
  const ssh = sshd;
  return [
    call("hmac", hmacSigner(SECRET)),
    call("sm2", (message) => sm2SignatureBytes(signSm2(SM2_KEY, message))),
    call("rsa", (message) => signRsaSha256(RSA_KEYS.privateKey, message)),
    byFolder({ ...route("folder"), open: async () => openLocalFiles(join(folder, "drop")) }),
    byQueue({ ...route("queue"), access: queue.access, address: "notices" }),
    ...(ssh === null
      ? []
      : [byFolder({ ...route("sftp"), open: () => openSftpFiles(ssh.access) })]),
  ];
}

/** Sends what the bank wrote from a place on, each by its way; returns the place after it. */
async function deliver(place: number): Promise<number> {
  bank.passTime();
  const messages = bank.messagesFrom(place);
  for (const message of messages) {
    for (const { takes, put } of deliveries) if (takes(message)) await put(message);
  }
  return place + messages.length;
}

/** What the channel has of each way's account: "credit 10000", in the order of amounts. */
async function money(): Promise<Readonly<Partial<Record<Way, readonly string[]>>>> {
  const rows = await database.query<{ account: string; told: string }>(
    `SELECT account_number AS account, direction || ' ' || amount_minor AS told
       FROM bank_transaction WHERE state = 'booked' AND seller_id = $1 ORDER BY amount_minor, direction`,
    [SELLER],
  );
  const of = (way: Way) =>
    rows.filter(({ account }) => account === ACCOUNTS[way]).map(({ told }) => told);
  return Object.fromEntries(WAYS.map((way) => [way, of(way)]));
}

const reversed = () =>
  database.query(
    `SELECT account_number, direction, reversal, role FROM bank_transaction
      WHERE amount_minor = 90000 AND state = 'booked' ORDER BY account_number, direction`,
  );

function everyWay(told: readonly string[]): Readonly<Partial<Record<Way, readonly string[]>>> {
  return Object.fromEntries(WAYS.map((way) => [way, told]));
}

function send(way: Way, id: string, amountMinor: bigint): void {
  const taken = bank.receive({
    transferId: `${way}-${id}`,
    sentAt: systemClock.now(),
    accountNumber: ACCOUNTS[way],
    currency: USD,
    amountMinor,
    payerName: "Amazon.com Services LLC",
    reference: `TRACE${way}${id}`,
  });
  expect(taken.ok).toBe(true);
}

describe(`the sandbox bank and a channel${noSshd === null ? "" : ` (SFTP skipped: ${noSshd})`}`, () => {
  let place = 0;

  it(
    "bring money to its account over each transport",
    async () => {
      for (const way of WAYS) send(way, "1", 10_000n);
      place = await deliver(place);
      await expect.poll(money, SOON).toEqual(everyWay(["credit 10000"]));
    },
    START_MS,
  );

  it(
    "bring it once, however often the bank says it and in how many forms",
    async () => {
      for (const way of WAYS) {
        expect(bank.plan(ACCOUNTS[way], USD, { advice: "twice", parts: 2 }).ok).toBe(true);
        send(way, "2", 50_001n);
        bank.repeatMessages(ACCOUNTS[way], USD);
      }
      place = await deliver(place);
      // The second part comes a second after the first, with the bank's own clock.
      await expect
        .poll(async () => ((place = await deliver(place)), money()), SOON)
        .toEqual(everyWay(["credit 10000", "credit 25000", "credit 25001"]));
      bank.closeDayNow();
      place = await deliver(place);
      for (const way of WAYS) send(way, "3", 70_000n);
      place = await deliver(place);
      await expect
        .poll(money, SOON)
        .toEqual(everyWay(["credit 10000", "credit 25000", "credit 25001", "credit 70000"]));
    },
    START_MS,
  );

  it(
    "agree that a credit was reversed, also where the bank writes it in red",
    async () => {
      const ways: readonly Way[] = ["hmac", "queue", "cmb"];
      for (const way of ways) {
        const back = { kind: "reversed", afterMs: 0 } as const;
        expect(bank.plan(ACCOUNTS[way], USD, { back }).ok).toBe(true);
        send(way, "4", 90_000n);
      }
      place = await deliver(place);
      const told = ways.flatMap((way) => [
        { account_number: ACCOUNTS[way], direction: "credit", reversal: false, role: "incoming" },
        { account_number: ACCOUNTS[way], direction: "debit", reversal: true, role: "undo" },
      ]);
      await expect.poll(reversed, SOON).toEqual(told);
    },
    START_MS,
  );

  it(
    "keep what the channel cannot take until it can",
    async () => {
      const wrong = byCall({
        name: "hmac",
        takes: () => true,
        url: `${http.url}/v1/bank/hmac/notices`,
        signature: HEADERS,
        keyId: "1",
        signer: hmacSigner("another secret, not agreed with us"),
        clock: systemClock,
      });
      send("hmac", "5", 110_000n);
      bank.passTime();
      const [message] = bank.messagesFrom(place);
      await expect(wrong.put(message!)).rejects.toMatchObject({ name: "Outage", retryable: true });
      await expect(wrong.put(message!)).rejects.toThrow("401");
      place = await deliver(place);
      const amounts = [10_000, 25_000, 25_001, 70_000, 90_000].map((minor) => `credit ${minor}`);
      const told = [...amounts, "debit 90000", "credit 110000"];
      await expect.poll(async () => (await money()).hmac, SOON).toEqual(told);
    },
    START_MS,
  );
});
