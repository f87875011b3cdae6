// The bank connections of the settings, put to work: polls and scans as jobs, signed notices as connections that the
// API asks for. Every secret is read when the program starts: one that is missing stops it there, not at night.

import { type SendMessage, sendOrders } from "../bank/orders/send-orders.ts";
import { amqpAccessOf } from "../bank/transport/amqp-access.ts";
import {
  type AmqpInbound,
  type AmqpSource,
  openAmqpSource,
} from "../bank/transport/amqp-source.ts";
import { cibApi } from "../bank/transport/cib-api.ts";
import { cmbApi } from "../bank/transport/cmb-api.ts";
import { type DropFolder, scanDropFolder } from "../bank/transport/drop-folder.ts";
import { callVerifier } from "../bank/transport/notice-signature.ts";
import { type FolderConnection, folderOpener, inFolder } from "../bank/transport/open-folder.ts";
import { orderSender } from "../bank/transport/order-sender.ts";
import { type BankApi, type PolledConnection, pollBank } from "../bank/transport/poll-bank.ts";
import { type NoticeConnection, noticeConnectionOf } from "../bank/transport/receive-notice.ts";
import type { BankConnection, BankConnectionOf, ReadSecret } from "../bank/transport/settings.ts";
import { sourceOf, type TransportDeps } from "../bank/transport/transport.ts";
import { accepted, type Outcome } from "../errors/refusal.ts";
import type { Job, JobOutcome } from "./jobs.ts";

/** From the end of one look for approved orders to the next. */
const ORDERS_EVERY_MS = 2_000;

export type BankConnections = {
  readonly jobs: readonly Job[];
  /** The connection by which a bank sends signed notices; null: none of this id does. */
  readonly notices: (connectionId: string) => NoticeConnection | null;
  /** Connects to queues, on every process: the broker gives each message to one of them. */
  readonly start: (onFault: (fault: unknown) => void) => void;
  /** Lets go of the queues; what was not accepted comes again. */
  readonly close: () => Promise<void>;
};

/** Refused: a key in the settings that is none. Throws a final outage for a secret that is not there. */
export function openBankConnections(
  deps: TransportDeps,
  settings: readonly BankConnection[],
  readSecret: ReadSecret,
): Outcome<BankConnections> {
  const jobs: Job[] = [];
  const notices = new Map<string, NoticeConnection>();
  const sources: ((onFault: (fault: unknown) => void) => AmqpSource)[] = [];
  for (const connection of settings) {
    switch (connection.transport) {
      case "drop-folder":
      case "sftp":
        jobs.push(folderJob(deps, connection, readSecret));
        break;
      case "cib-api": {
        const api = cibApi(connection, readSecret(connection.password));
        jobs.push(pollJob(deps, connection, api));
        break;
      }
      case "cmb-api":
        jobs.push(pollJob(deps, connection, cmbApi(connection)));
        break;
      case "amqp": {
        const access = amqpAccessOf(connection, readSecret);
        sources.push((onFault) => openAmqpSource(deps, access, inboundOf(connection), onFault));
        break;
      }
      case "webhook": {
        const verify = callVerifier(connection.signature, readSecret);
        if (!verify.ok) return verify;
        notices.set(connection.id, noticeConnectionOf(connection, verify.value));
        break;
      }
    }
    const send = orderSender(connection, readSecret, deps.clock);
    if (send !== null) jobs.push(ordersJob(deps, connection, send));
  }
  const open: AmqpSource[] = [];
  return accepted({
    jobs,
    notices: (id) => notices.get(id) ?? null,
    start: (onFault) => {
      for (const openSource of sources) open.push(openSource(onFault));
    },
    close: async () => {
      await Promise.all(open.map((source) => source.close()));
    },
  });
}

function inboundOf(connection: BankConnectionOf<"amqp">): AmqpInbound {
  const { id, sellerId, inbound, poison, credit } = connection;
  return { connectionId: id, sellerId, address: inbound, poison, credit };
}

function folderJob(deps: TransportDeps, connection: FolderConnection, readSecret: ReadSecret): Job {
  const { id, sellerId, readiness, receipts, everySeconds } = connection;
  const folder: DropFolder = { connectionId: id, sellerId, readiness, receipts };
  const open = folderOpener(connection, readSecret);
  return {
    key: `bank-folder:${id}`,
    everyMs: everySeconds * 1000,
    run: async (): Promise<JobOutcome> => {
      const { accepted: taken, refused } = await inFolder(open, (files) =>
        scanDropFolder(deps, files, folder),
      );
      return { count: taken + refused };
    },
  };
}

/** Approved orders go out; what the bank answers in the same call goes through the inbox like any of its files. */
function ordersJob(deps: TransportDeps, { id, orders }: BankConnection, send: SendMessage): Job {
  const { accept, ...sending } = deps;
  return {
    key: `bank-orders:${id}`,
    everyMs: ORDERS_EVERY_MS,
    run: async ({ fence }): Promise<JobOutcome> => {
      const count = await sendOrders(
        { ...sending, fence },
        { connectionId: id, settings: orders! },
        send,
        async ({ messageId }, bytes) => {
          const name = `${messageId}.pain002.xml`;
          await accept({ name, bytes, sellerId: null, source: sourceOf(id) });
        },
      );
      return { count };
    },
  };
}

type PolledSettings = BankConnectionOf<"cib-api"> | BankConnectionOf<"cmb-api">;

function pollJob<Position extends Readonly<Record<string, unknown>>>(
  deps: TransportDeps,
  { id, sellerId, everySeconds, questionsPerMinute }: PolledSettings,
  api: BankApi<Position>,
): Job {
  const questionsMax = Math.max(1, Math.floor((questionsPerMinute * everySeconds) / 60));
  const polled: PolledConnection = { connectionId: id, sellerId, questionsMax };
  return {
    key: `bank-poll:${id}`,
    everyMs: everySeconds * 1000,
    run: async ({ fence }): Promise<JobOutcome> => {
      const { accepted: taken, refused } = await pollBank({ ...deps, fence }, api, polled);
      return { count: taken + refused };
    },
  };
}
