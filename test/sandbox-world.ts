// The sandbox marketplace and the sandbox bank side by side on one clock, polled once a day as a connection would poll
// them: the files that reach the channel, in the order in which they could be had.

import { gunzipSync } from "node:zlib";
import { createSandboxBank, type SandboxBank } from "../src/simulator/bank/sandbox-bank.ts";
import { type BankLanguage, newBankState } from "../src/simulator/bank/state.ts";
import type { NewStore } from "../src/simulator/marketplace/controls/store-controls.ts";
import {
  createSandboxMarketplace,
  type SandboxMarketplace,
} from "../src/simulator/marketplace/sandbox-marketplace.ts";
import type { StoreState } from "../src/simulator/marketplace/state.ts";
import {
  type Caller,
  callerFor,
  DAY_MS,
  REPORTS_PATH,
  type ReportAnswer,
} from "../src/simulator/marketplace/test-marketplace.ts";
import { manualSandboxClock } from "../src/simulator/sandbox-clock.ts";
import type { Instant } from "../src/time/instant.ts";
import { file } from "./properties/made-files.ts";
import type { MadeFile } from "./properties/test-channel.ts";

const START = "2026-01-05T08:00:00.000Z" as Instant;
const ACCOUNT = "6217000000004821";
const SELLER = "acme";

export type SandboxWorld = {
  readonly marketplace: SandboxMarketplace;
  readonly controls: SandboxMarketplace["controls"];
  readonly bank: SandboxBank;
  readonly store: StoreState;
  /** Lets days pass, and polls at the end of each. */
  readonly days: (count: number) => Promise<void>;
  readonly files: readonly MadeFile[];
};

export async function sandboxWorld(
  store: NewStore,
  language: BankLanguage = "iso20022",
): Promise<SandboxWorld> {
  const clock = manualSandboxClock(START);
  const marketplace = createSandboxMarketplace({ clock, seed: 3 });
  const { controls } = marketplace;
  controls.setThrottling("off");
  controls.setPageSize("listPayouts", 500);
  const seller = controls.addSeller({
    legalName: "Chongqing Sample Trading Co Ltd",
    region: store.marketplace === "DE" ? "eu" : "na",
  });
  const opened = controls.addStore(seller.sellerId, {
    ...store,
    deposit: { accountNumber: ACCOUNT, ...store.deposit },
  });
  const bank = createSandboxBank({ clock, state: newBankState(3) });
  bank.openAccount({
    accountNumber: ACCOUNT,
    currency: opened.deposit?.currency ?? ("USD" as never),
    ownerName: seller.legalName,
    language,
    openingMinor: 100_000n,
    arrivesAfterMs: 20 * 3_600_000,
  });
  const caller = await callerFor(marketplace, seller.sellerId);
  const inbox = newInbox();
  let sent = 0;
  const days = async (count: number): Promise<void> => {
    for (let day = 0; day < count; day += 1) {
      clock.advanceMs(DAY_MS);
      for (const transfer of controls.transfers(sent)) {
        sent += 1;
        bank.receive({
          ...transfer,
          accountNumber: transfer.deposit.accountNumber,
          reference: transfer.transferId,
        });
      }
      bank.passTime();
      await poll(marketplace, caller, bank, inbox);
    }
  };
  return { marketplace, controls, bank, store: opened, days, files: inbox.files };
}

type Inbox = {
  readonly files: MadeFile[];
  readonly take: (name: string, content: string | Uint8Array) => void;
  readonly documents: Set<string>;
  messages: number;
};

function newInbox(): Inbox {
  const files: MadeFile[] = [];
  const last = new Map<string, string>();
  return {
    files,
    documents: new Set(),
    messages: 0,
    // An answer that says what the last one said is not kept again.
    take: (name, content) => {
      const text = Buffer.from(content).toString("latin1");
      if (last.get(name) === text) return;
      last.set(name, text);
      files.push(file(`${files.length}-${name}`, content, SELLER));
    },
  };
}

async function poll(
  marketplace: SandboxMarketplace,
  caller: Caller,
  bank: SandboxBank,
  inbox: Inbox,
): Promise<void> {
  const { reports } = await caller.get<{ reports: ReportAnswer[] }>(`${REPORTS_PATH}&pageSize=100`);
  for (const { reportDocumentId } of reports.reverse()) {
    if (inbox.documents.has(reportDocumentId)) continue;
    inbox.documents.add(reportDocumentId);
    const path = `/reports/2021-06-30/documents/${reportDocumentId}`;
    const { url, compressionAlgorithm } = await caller.get<Record<string, string>>(path);
    const answer = await marketplace.fetch(new Request(url ?? ""));
    const bytes = new Uint8Array(await answer.arrayBuffer());
    inbox.take(
      `${reportDocumentId}.txt`,
      compressionAlgorithm === "GZIP" ? gunzipSync(bytes) : bytes,
    );
  }
  const payouts = await caller.ask("/finances/transfers/2024-06-01/payouts");
  inbox.take("payouts.json", await payouts.text());
  const groups = await caller.ask(
    `/finances/v0/financialEventGroups?FinancialEventGroupStartedAfter=${START}&MaxResultsPerPage=100`,
  );
  inbox.take("groups.json", await groups.text());
  for (const message of bank.messagesFrom(inbox.messages)) {
    inbox.messages += 1;
    inbox.take(message.name, message.text);
  }
}
