// Opens the shared folder of a connection, wherever it is.

import type { BankFiles } from "./bank-files.ts";
import { openLocalFiles } from "./local-files.ts";
import type { BankConnectionOf, ReadSecret } from "./settings.ts";
import { openSftpFiles, type SftpAccess } from "./sftp-files.ts";

export type FolderConnection = BankConnectionOf<"drop-folder"> | BankConnectionOf<"sftp">;

/** Reads the connection's secrets now; what it returns connects each time it is called. */
export function folderOpener(
  connection: FolderConnection,
  readSecret: ReadSecret,
): () => Promise<BankFiles> {
  if (connection.transport === "drop-folder") {
    return async () => openLocalFiles(connection.folder);
  }
  const access = sftpAccessOf(connection, readSecret);
  return () => openSftpFiles(access);
}

function sftpAccessOf(connection: BankConnectionOf<"sftp">, readSecret: ReadSecret): SftpAccess {
  const { host, port, username, hostKeys, folder, privateKey, passphrase, password } = connection;
  const secret = (reference: typeof password) =>
    reference === null ? null : readSecret(reference);
  return {
    host,
    port,
    username,
    hostKeys,
    root: folder,
    privateKey: secret(privateKey),
    passphrase: secret(passphrase),
    password: secret(password),
  };
}

/** Does work in the folder and lets go of it, whatever comes. */
export async function inFolder<Value>(
  open: () => Promise<BankFiles>,
  work: (files: BankFiles) => Promise<Value>,
): Promise<Value> {
  const files = await open();
  try {
    return await work(files);
  } finally {
    await files.close();
  }
}
