// A folder shared with a bank, wherever it is: a local one, or one over SFTP. Paths are relative to its root, with
// slashes. Both kinds pass one suite of tests (bank-files.test.ts).

export type FileSighting = {
  readonly name: string;
  readonly byteCount: number;
  /** In milliseconds since 1970, by the clock of the machine that has the folder. */
  readonly modifiedAtMs: number;
};

export type BankFiles = {
  /** The regular files of a folder by name; links and folders are not among them. Empty when there is no such folder. */
  readonly list: (folder: string) => Promise<readonly FileSighting[]>;
  /** The content; null when there is no such file. Refuses with null never: a file over `bytesMax` throws. */
  readonly read: (path: string, bytesMax: number) => Promise<Uint8Array | null>;
  readonly has: (path: string) => Promise<boolean>;
  /**
   * Takes a file for oneself: renames it, in one step, to a name that is not taken. False when it is gone: another
   * program was faster.
   */
  readonly claim: (from: string, to: string) => Promise<boolean>;
  /** Renames, replacing what is there; false when `from` is gone. */
  readonly move: (from: string, to: string) => Promise<boolean>;
  /** Puts a file there whole or not at all, replacing what is there: written as ".tmp", synced, renamed. */
  readonly write: (path: string, bytes: Uint8Array) => Promise<void>;
  readonly remove: (path: string) => Promise<void>;
  /** Makes the folder and those above it where they are missing. */
  readonly makeFolder: (folder: string) => Promise<void>;
  /** Lets go of the connection. A second call does nothing. */
  readonly close: () => Promise<void>;
};

/** Thrown by `read` before a file is read that is larger than it may be. */
export class FileTooLarge extends Error {
  constructor(path: string, bytesMax: number) {
    super(`${path} is larger than ${bytesMax} bytes`);
    this.name = "FileTooLarge";
  }
}
