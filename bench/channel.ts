// The minute clock of the running service: 200 sellers' credits arrive at the sandbox bank at a steady rate, each is
// called in as a signed notice over HTTP, and the time from the stored notice to the money being available is read
// from the books afterwards. The bar: p99 under 1 s at 10 credits a second on two cores. Run: npm run bench -- channel

import { cpus } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { fullConfig } from "../src/api/full-config.ts";
import { type HttpServer, listenHttp } from "../src/api/http-server.ts";
import { apiDepsOf, serveApi } from "../src/api/serve-api.ts";
import { hmacSigner, signCall } from "../src/bank/transport/notice-signature.ts";
import { invariant } from "../src/errors/invariant.ts";
import { verifyLedger } from "../src/ledger/verify-ledger.ts";
import { DEFAULT_PARTITION } from "../src/runtime/channel.ts";
import { openLog } from "../src/runtime/log.ts";
import { type RunningService, startService } from "../src/runtime/serve.ts";
import { createSandboxBank, type SandboxBank } from "../src/simulator/bank/sandbox-bank.ts";
import { newBankState } from "../src/simulator/bank/state.ts";
import { systemClock } from "../src/time/clock.ts";
import { announcePayouts, registerSellers, withBenchFolder } from "./bench-channel.ts";
import { type Latencies, latenciesOf, tableOf } from "./latencies.ts";
import { madePayout, madeSeller, USD } from "./made-payouts.ts";

const SELLER_COUNT = 200;
/** Credits before the measurement: code and plans are warm then. */
const WARM_UP_COUNT = 100;
const BAR_P99_MS = 1000;
const BANK_ID = "bench-bank";
const KEY_ID = "bench-1";
const KEY_VARIABLE = "STRAITWAY_BENCH_BANK_KEY";
const KEY = "a key that only this measurement has";
const HEADERS = {
  timestampHeader: "Bank-Timestamp",
  keyIdHeader: "Bank-Key-Id",
  signatureHeader: "Bank-Signature",
  encoding: "base64",
} as const;

type Options = { readonly seconds: number; readonly rate: number; readonly json: boolean };

type Running = {
  readonly service: RunningService;
  readonly http: HttpServer;
  readonly bank: SandboxBank;
};

export async function benchChannel(args: readonly string[]): Promise<void> {
  const options = optionsOf(args);
  await withBenchFolder(async (folder) => {
    const running = await start(folder);
    try {
      const count = options.rate * options.seconds;
      await prepare(running, WARM_UP_COUNT + count);
      await send(running, 0, WARM_UP_COUNT, options.rate);
      const calls = await send(running, WARM_UP_COUNT, WARM_UP_COUNT + count, options.rate);
      const clocks = await minuteClocks(running, WARM_UP_COUNT, count);
      await verify(running);
      print(options, running, calls, latenciesOf(clocks, options.seconds * 1000));
    } finally {
      await running.http.close(0);
      await running.service.stop();
    }
  });
}

function optionsOf(args: readonly string[]): Options {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { seconds: text, rate: text, json: { type: "boolean" } },
  });
  const options = {
    seconds: Number(values.seconds ?? "60"),
    rate: Number(values.rate ?? "10"),
    json: values.json === true,
  };
  invariant(
    Number.isInteger(options.seconds) && Number.isInteger(options.rate) && options.rate > 0,
    "--seconds and --rate take whole numbers",
  );
  return options;
}

async function start(folder: string): Promise<Running> {
  const config = fullConfig.parse({
    data: folder,
    http: { port: 0 },
    banks: [
      {
        id: BANK_ID,
        transport: "webhook",
        signature: {
          algorithm: "hmac-sha256",
          keys: [{ id: KEY_ID, key: { env: KEY_VARIABLE } }],
          ...HEADERS,
        },
      },
    ],
  });
  const started = await startService(config, {
    clock: systemClock,
    log: openLog("silent", systemClock, () => undefined),
    env: { [KEY_VARIABLE]: KEY },
    version: "bench",
  });
  if (!started.ok) throw new Error(started.refusal.message);
  const service = started.value;
  const deps = apiDepsOf(service, {
    ownUrl: () => "http://localhost",
    bankNotices: service.banks.notices,
    settings: config.api,
    sandbox: null,
    stopping: new AbortController().signal,
  });
  const http = await listenHttp(serveApi(service, deps), config.http);
  const bank = createSandboxBank({ clock: systemClock, state: newBankState(1) });
  return { service, http, bank };
}

async function prepare({ service, bank }: Running, count: number): Promise<void> {
  const channel = service.channel();
  invariant(channel !== null, "the only process of its database leads");
  await registerSellers(channel, SELLER_COUNT);
  await announcePayouts(channel, 0, count, SELLER_COUNT);
  for (let seller = 0; seller < SELLER_COUNT; seller += 1) {
    const { legalName, accounts } = madeSeller(seller);
    bank.openAccount({ accountNumber: accounts[0]!.number, currency: USD, ownerName: legalName });
  }
}

/** Lets payouts `from` to `to - 1` arrive at the bank, so many a second; returns what each call took. */
async function send(
  running: Running,
  from: number,
  to: number,
  rate: number,
): Promise<readonly number[]> {
  const startedAt = performance.now();
  const calls: number[] = [];
  const sending: Promise<void>[] = [];
  for (let index = from; index < to; index += 1) {
    const dueAt = startedAt + ((index - from) * 1000) / rate;
    await delay(Math.max(0, dueAt - performance.now()));
    sending.push(sendOne(running, index, dueAt, calls));
  }
  await Promise.all(sending);
  return calls;
}

async function sendOne(
  { bank, http }: Running,
  index: number,
  dueAt: number,
  calls: number[],
): Promise<void> {
  const payout = madePayout(index, SELLER_COUNT);
  const place = bank.state.messages.length;
  const received = bank.receive({
    transferId: payout.traceId,
    sentAt: systemClock.now(),
    accountNumber: payout.accountNumber,
    currency: USD,
    amountMinor: payout.amountMinor,
    payerName: "Amazon.com Services LLC",
    reference: payout.traceId,
  });
  invariant(received.ok, "the bank holds every seller's account");
  bank.passTime();
  const advice = bank.messagesFrom(place).find(({ kind }) => kind === "advice");
  invariant(advice !== undefined, "the bank advises what arrives");
  const body = Buffer.from(advice.text, "utf8");
  const headers = signCall(HEADERS, KEY_ID, hmacSigner(KEY), body, systemClock.now());
  const answer = await fetch(`${http.url}/v1/bank/${BANK_ID}/notices`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/octet-stream" },
    body,
  });
  invariant(answer.status === 200, `a notice was answered with ${answer.status}`);
  await answer.arrayBuffer();
  calls.push(performance.now() - dueAt);
}

/** From the stored notice to the release, in milliseconds, of the payouts that were measured. */
async function minuteClocks(
  { service }: Running,
  from: number,
  count: number,
): Promise<readonly number[]> {
  const references = Array.from(
    { length: count },
    (_, at) => madePayout(from + at, SELLER_COUNT).settlementId,
  );
  const rows = await service.store.database.query<{ ms: string }>(
    `SELECT extract(epoch FROM (r.released_at - t.stored_at)) * 1000 AS ms
       FROM payout p
       JOIN match m ON m.tenant_id = p.tenant_id AND m.payout_id = p.payout_id
       JOIN release r ON r.tenant_id = m.tenant_id AND r.match_id = m.match_id
       JOIN bank_transaction t ON t.tenant_id = m.tenant_id AND t.transaction_id = m.credit_id
      WHERE p.tenant_id = $1 AND p.reference = ANY($2::text[])`,
    [service.tenantId, references],
  );
  invariant(rows.length === count, `${rows.length} of ${count} payouts were released`);
  return rows.map(({ ms }) => Number(ms));
}

async function verify({ service }: Running): Promise<void> {
  const { database } = service.store;
  const scope = { tenantId: service.tenantId, partition: DEFAULT_PARTITION };
  const { ok } = await database.transaction((tx) => verifyLedger(tx, scope), {
    isolation: "repeatable read",
  });
  invariant(ok, "the ledger replays");
}

function print(
  options: Options,
  { service }: Running,
  calls: readonly number[],
  clocks: Latencies,
): void {
  const seconds = options.seconds * 1000;
  const rows = [
    { load: "stored notice to money available", ...clocks },
    { load: "the bank's call, from when it was due", ...latenciesOf(calls, seconds) },
  ];
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ rate: options.rate, rows })}\n`);
    return;
  }
  const head = ["", "credits", "per second", "p50 ms", "p99 ms", "max ms"];
  const lines = rows.map(({ load, count, perSecond, p50Ms, p99Ms, maxMs }) =>
    [load, count, perSecond, p50Ms, p99Ms, maxMs].map(String),
  );
  process.stdout.write(
    `machine    ${cpus().length} x ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}\n` +
      `database   ${service.store.databaseLabel}\n` +
      `load       ${SELLER_COUNT} sellers, ${options.rate} credits a second for ${options.seconds} s, each a signed notice over HTTP\n\n` +
      `${tableOf([head, ...lines])}\n` +
      `${clocks.p99Ms < BAR_P99_MS ? "met      " : "NOT met  "}p99 under ${BAR_P99_MS} ms: ${clocks.p99Ms} ms\n`,
  );
}
