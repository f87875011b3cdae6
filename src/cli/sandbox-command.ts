// `straitway sandbox`, which `npm start` runs: the whole channel beside a made-up marketplace and a made-up bank, on this
// machine alone. A demo seller's stores are bound, and a first payout goes its way while one watches.

import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { Hono } from "hono";
import { type FullConfig, fullConfig } from "../api/full-config.ts";
import { type HttpServer, listenHttp } from "../api/http-server.ts";
import { accessOf } from "../api/serve-api.ts";
import { openLocalFiles } from "../bank/transport/local-files.ts";
import { hmacSigner } from "../bank/transport/notice-signature.ts";
import type { EnterpriseRecord } from "../identity/enterprises.ts";
import {
  addSandboxUsers,
  SANDBOX_PASSWORD,
  sandboxCode,
  sandboxLookAround,
} from "../identity/users/sandbox-users.ts";
import { storeJobs } from "../marketplace/stores/store-jobs.ts";
import { displayMoney } from "../money/money.ts";
import { HOST_DEFAULT, PORT_DEFAULT } from "../runtime/config.ts";
import { openLog } from "../runtime/log.ts";
import { type RunningService, startService } from "../runtime/serve.ts";
import { randomToken } from "../secret/random.ts";
import { byCall } from "../simulator/bank/deliver/by-call.ts";
import { byFolder } from "../simulator/bank/deliver/by-folder.ts";
import type { Delivery } from "../simulator/bank/deliver/delivery.ts";
import { bindCastStore } from "../simulator/bind-cast.ts";
import { DEMO_SELLER, DEMO_STORE_NAMES } from "../simulator/demo-cast.ts";
import { addControlRoutes } from "../simulator/marketplace/control-routes.ts";
import { SANDBOX_APPLICATION } from "../simulator/marketplace/sandbox-marketplace.ts";
import { openSandboxRun, type SandboxRun } from "../simulator/sandbox-run.ts";
import { systemClock } from "../time/clock.ts";
import type { CivilDate } from "../time/instant.ts";
import type { AddCommand } from "./add-command.ts";
import { packageRoot, packageVersion } from "./package-version.ts";
import { sandboxKey } from "./sandbox-key.ts";
import { tellStory } from "./sandbox-story.ts";
import { serveUntilStopped } from "./serve-until-stopped.ts";
import { hearStopSignals } from "./stop-signals.ts";
import { type ExitCode, printRefusal, type Terminal } from "./terminal.ts";

const DATA_DIR_DEFAULT = "straitway-sandbox";
const BANK_ID = "sandbox-bank";
const FOLDER_ID = "sandbox-statements";
const BANK_KEY_ID = "sandbox-1";
const BANK_KEY_VARIABLE = "STRAITWAY_SANDBOX_BANK_KEY";
const BANK_HEADERS = {
  timestampHeader: "Bank-Timestamp",
  keyIdHeader: "Bank-Key-Id",
  signatureHeader: "Bank-Signature",
  encoding: "base64",
} as const;
const LOOPBACK = HOST_DEFAULT;
/** Where commands look for a running channel unless told. */
const SERVER_DEFAULT = `http://localhost:${PORT_DEFAULT}`;
/** Orders of the first payout. */
const FIRST_ORDERS = 12;
/** Who is on record as having bound the demo stores. */
const ACTOR = "command-line";

type SandboxOptions = { readonly data: string; readonly port: string; readonly logs?: boolean };

const HELP = `
Nothing leaves this machine, and nothing in it is real. Ctrl-C stops all of it; started again, it goes on where it was.

Examples:
  straitway sandbox
  straitway sandbox code
  straitway trigger late-credit
  straitway listen --key swk_…`;

export const sandboxCommand: AddCommand = (program, terminal, finish) => {
  const command = program
    .command("sandbox")
    .description("run the channel beside a made-up marketplace and bank, and watch a payout arrive")
    .option("--data <dir>", "folder for all that is kept", DATA_DIR_DEFAULT)
    .option("--port <number>", "port of the API; 0: any free one", String(PORT_DEFAULT))
    .option("--logs", "print the service's log lines instead of the story")
    .addHelpText("after", HELP)
    .action(async (options: SandboxOptions) => finish(await runSandbox(options, terminal)));
  command
    .command("code")
    .description("the six digits that the demo users' authenticator would show now")
    .action(() => {
      terminal.out(`${sandboxCode({ clock: systemClock })}\n`);
      finish(0);
    });
};

async function runSandbox(options: SandboxOptions, terminal: Terminal): Promise<ExitCode> {
  const dataDir = resolve(options.data);
  mkdirSync(dataDir, { recursive: true });
  const opened = openSandboxRun({
    dataDir,
    scenariosDir: join(packageRoot(), "scenarios"),
    real: systemClock,
  });
  if (!opened.ok) {
    printRefusal(terminal, opened.refusal, false);
    return 1;
  }
  const run = opened.value;
  const world = await listenHttp(worldFetch(run), { host: LOOPBACK, port: 0 });
  let running: RunningService | null = null;
  const signals = hearStopSignals(() => running?.store.killNow());
  try {
    const bankKey = randomToken();
    const config = configOf(options, dataDir, world);
    const started = await startService(config, {
      clock: run.clock,
      wallClock: systemClock,
      log: openLog(options.logs === true ? "info" : "silent", systemClock, terminal.out),
      version: packageVersion(),
      env: { ...terminal.env, [BANK_KEY_VARIABLE]: bankKey },
    });
    if (!started.ok) {
      printRefusal(terminal, started.refusal, false);
      return 1;
    }
    running = started.value;
    return await serveSandbox(
      { service: started.value, run, config, bankKey, world, dataDir, options },
      signals.asked,
      terminal,
    );
  } finally {
    signals.close();
    await run.stop();
    await world.close(0);
  }
}

/** The marketplace's HTTP, with the controls of the sandbox beside it. */
function worldFetch(run: SandboxRun) {
  const app = new Hono();
  addControlRoutes(app, run.sandbox.marketplace.controls, run.clock);
  app.all("*", (c) => run.sandbox.marketplace.fetch(c.req.raw));
  return (request: Request) => app.fetch(request);
}

function configOf(options: SandboxOptions, dataDir: string, world: HttpServer): FullConfig {
  const { applicationId, clientId, clientSecret } = SANDBOX_APPLICATION;
  return fullConfig.parse({
    data: dataDir,
    policy: join(packageRoot(), "fixtures", "sandbox", "policy.json"),
    http: { host: LOOPBACK, port: Number(options.port) },
    webhooks: { allowLoopback: true },
    amazon: {
      applicationId,
      clientId,
      clientSecret,
      redirectUri: `http://localhost:${options.port}/v1/stores/callback`,
      tokenUrl: `${world.url}/auth/o2/token`,
      apiUrl: world.url,
      consentUrl: world.url,
    },
    banks: [
      {
        id: BANK_ID,
        transport: "webhook",
        signature: {
          algorithm: "hmac-sha256",
          keys: [{ id: BANK_KEY_ID, key: { env: BANK_KEY_VARIABLE } }],
          ...BANK_HEADERS,
        },
      },
      {
        id: FOLDER_ID,
        transport: "drop-folder",
        folder: join(dataDir, "bank-statements"),
        readiness: "done-file",
        everySeconds: 1,
      },
    ],
  });
}

type Stage = {
  readonly service: RunningService;
  readonly run: SandboxRun;
  readonly config: FullConfig;
  readonly bankKey: string;
  readonly world: HttpServer;
  readonly dataDir: string;
  readonly options: SandboxOptions;
};

function serveSandbox(
  stage: Stage,
  asked: Promise<NodeJS.Signals>,
  terminal: Terminal,
): Promise<ExitCode> {
  const { service, run, config, options } = stage;
  let story: { readonly stop: () => void } | null = null;
  return serveUntilStopped(service, config, {
    asked,
    terminal,
    sandbox: run.control,
    lookAround: (ownUrl) => sandboxLookAround(accessOf(service, ownUrl)),
    onListening: async (url) => {
      await placeSeller(stage);
      const access = accessOf(service, () => url);
      await addSandboxUsers(access, DEMO_SELLER.id);
      terminal.out(welcome(url, stage, await sandboxKey(access, stage.dataDir)));
      if (options.logs !== true)
        story = await tellStory(
          service.store.database,
          service.tenantId,
          (line) => terminal.out(`${clockText()}  ${line}\n`),
          (error) => service.log.error("story-failed", { error }),
        );
      run.start({
        deliveries: deliveriesOf(stage, url),
        wake: () => wakeConnections(service),
        settle: async () => {
          await wakeConnections(service);
          await service.jobs.runDue();
        },
        onFailure: (error) => service.log.error("sandbox-failed", { error }),
      });
      if (run.isNew) terminal.out(`${clockText()}  ${sellFirst(run)}\n`);
    },
    beforeStop: async () => {
      story?.stop();
      await run.stop();
    },
  });
}

/** The demo seller with its accounts and stores; what is there already stays. */
async function placeSeller({ service, run }: Stage): Promise<void> {
  const channel = service.channel();
  const { amazon } = service;
  if (channel === null || amazon === null) throw new Error("the sandbox's channel is not open");
  const accounts = DEMO_STORE_NAMES.map((name) => ({
    number: run.cast[name].accountNumber,
    currency: run.cast[name].currency,
  }));
  const registered = await channel.register([{ ...DEMO_SELLER, accounts }]);
  if (!registered.ok) throw new Error(registered.refusal.message);
  await channel.takeEnterprises([demoEnterprise()], ACTOR);
  for (const name of DEMO_STORE_NAMES)
    await bindCastStore(amazon, run.sandbox.marketplace, run.cast[name], ACTOR);
}

/** The demo seller as a bank knows it: of class A, in the directory. The credit code is nobody's. */
function demoEnterprise(): EnterpriseRecord {
  return {
    sellerId: DEMO_SELLER.id,
    fromOn: "2020-01-01" as CivilDate,
    class: "A",
    directory: "listed",
    quality: false,
    tier: "I",
    creditCode: "91500000MA5SANDB0X",
    source: "the sandbox",
    line: null,
  };
}

/** Polls of the stores and looks at the bank's folder are due now: in life they come in their turn. */
async function wakeConnections({ amazon, banks, jobs }: RunningService): Promise<void> {
  const polls = amazon === null ? [] : await storeJobs(amazon);
  for (const { key } of [...polls, ...banks.jobs]) await jobs.wake(key);
}

/** Advices are called in, signed; statements are put into the folder, as banks do at the end of a day. */
function deliveriesOf({ run, bankKey, dataDir }: Stage, url: string): readonly Delivery[] {
  return [
    byCall({
      name: "webhook",
      takes: ({ kind }) => kind === "advice",
      url: `${url}/v1/bank/${BANK_ID}/notices`,
      signature: BANK_HEADERS,
      keyId: BANK_KEY_ID,
      signer: hmacSigner(bankKey),
      clock: run.clock,
    }),
    byFolder({
      name: "drop-folder",
      takes: ({ kind }) => kind === "statement",
      open: async () => openLocalFiles(join(dataDir, "bank-statements")),
    }),
  ];
}

/** What the first payout is made of; returns how it begins. */
function sellFirst({ sandbox, cast }: SandboxRun): string {
  const { controls } = sandbox.marketplace;
  const { storeId, currency } = cast.us;
  controls.sell(storeId, { orders: FIRST_ORDERS });
  const { openMinor } = controls.standing(storeId);
  const { settlementId } = controls.closeSettlement(storeId);
  const balance = displayMoney({ currency, minor: openMinor });
  return `marketplace ${FIRST_ORDERS} orders are shipped, ${balance} are due; settlement ${settlementId} closes`;
}

/** The time of day in UTC, as it really is. */
function clockText(): string {
  return systemClock.now().slice(11, 19);
}

function welcome(url: string, { world, options, run }: Stage, key: string): string {
  const own = url.replace(LOOPBACK, "localhost");
  const at = own === SERVER_DEFAULT ? "" : ` --server ${own}`;
  return `
  console      ${own}  (open it, and look around as the seller)
  API          ${own}/v1
  reference    ${own}/reference
  marketplace  ${world.url}  (the sandbox's Amazon)
  kept in      ${options.data}

  sign in as   seller-owner@sandbox.example, operator@sandbox.example, approver@sandbox.example, admin@sandbox.example …
  password     ${SANDBOX_PASSWORD}
  six digits   npx straitway sandbox code
  API key      ${key}

  play a story     npx straitway trigger late-credit${at} --key ${key}
  watch events     npx straitway listen${at} --key ${key}

${
  run.isNew
    ? "A made-up seller in Chongqing has sold twelve times on Amazon.com. Watch the money:"
    : "The sandbox goes on where it was."
}

`;
}
