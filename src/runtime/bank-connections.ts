// The bank connections of the settings, put to work: polls and scans as jobs, signed notices as connections that the
// API asks for. Every secret is read when the program starts: one that is missing stops it there, not at night.

import { amqpAccessOf } from "../bank/transport/amqp-access.ts";
import {
  type AmqpInbound,
  type AmqpSource,
  openAmqpSource,
} from "../bank/transport/amqp-source.ts";
import type { BankFiles } from "../bank/transport/bank-files.ts";
import { cibApi } from "../bank/transport/cib-api.ts";
import { cmbApi } from "../bank/transport/cmb-api.ts";
import { type DropFolder, scanDropFolder } from "../bank/transport/drop-folder.ts";
import { openLocalFiles } from "../bank/transport/local-files.ts";
import { callVerifier } from "../bank/transport/notice-signature.ts";
import { type BankApi, type PolledConnection, pollBank } from "../bank/transport/poll-bank.ts";
import { type NoticeConnection, noticeConnectionOf } from "../bank/transport/receive-notice.ts";
import type {
  BankConnection,
  BankConnectionOf,
  ReadSecret,
  SecretReference,
} from "../bank/transport/settings.ts";
import { openSftpFiles, type SftpAccess } from "../bank/transport/sftp-files.ts";
import type { TransportDeps } from "../bank/transport/transport.ts";
import { accepted, type Outcome } from "../errors/refusal.ts";
import type { Job, JobOutcome } from "./jobs.ts";

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
        jobs.push(folderJob(deps, connection, async () => openLocalFiles(connection.folder)));
        break;
      case "sftp": {
        const access = sftpAccess(connection, readSecret);
        jobs.push(folderJob(deps, connection, () => openSftpFiles(access)));
        break;
      }
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

type FolderConnection = BankConnectionOf<"drop-folder"> | BankConnectionOf<"sftp">;

function folderJob(
  deps: TransportDeps,
  connection: FolderConnection,
  openFiles: () => Promise<BankFiles>,
): Job {
  const { id, sellerId, readiness, receipts, everySeconds } = connection;
  const folder: DropFolder = { connectionId: id, sellerId, readiness, receipts };
  return {
    key: `bank-folder:${id}`,
    everyMs: everySeconds * 1000,
    run: async (): Promise<JobOutcome> => {
      const files = await openFiles();
      try {
        const { accepted: taken, refused } = await scanDropFolder(deps, files, folder);
        return { count: taken + refused };
      } finally {
        await files.close();
      }
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

function sftpAccess(
  { host, port, username, hostKeys, folder, ...secrets }: BankConnectionOf<"sftp">,
  readSecret: ReadSecret,
): SftpAccess {
  const read = (reference: SecretReference | null) =>
    reference === null ? null : readSecret(reference);
  return {
    host,
    port,
    username,
    hostKeys,
    root: folder,
    privateKey: read(secrets.privateKey),
    passphrase: read(secrets.passphrase),
    password: read(secrets.password),
  };
}
