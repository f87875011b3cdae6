// A file named on the command line, as a source that can fail: what the disk answers is told as a
// reason like what the file says, so that one path that cannot be read does not hide what the
// others hold.

import { createReadStream } from "node:fs";
import { accepted, type Outcome, type Reason, refused } from "../errors/refusal.ts";

/** What a path may be instead of a readable file, in the words of a person (codes of errno(3)). */
const DISK_ANSWERS: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "There is no file of this name. Check the path."],
  ["ENOTDIR", "There is no file of this name. Check the path."],
  ["EISDIR", "This is a folder. Name the files in it."],
  ["EACCES", "This user may not read the file. Change its permissions, or read a copy."],
  ["EPERM", "This user may not read the file. Change its permissions, or read a copy."],
]);

/**
 * Runs `read` on the bytes of the file. Refused with `file-unreadable` when the disk does not give
 * them, also when it stops in the middle; any other error of `read` passes through.
 */
export async function readInput<Value>(
  path: string,
  read: (source: AsyncIterable<Uint8Array>) => Promise<Value>,
): Promise<Outcome<Value>> {
  let failure: unknown = null;
  async function* source(): AsyncGenerator<Uint8Array> {
    try {
      yield* createReadStream(path) as AsyncIterable<Uint8Array>;
    } catch (error) {
      failure = error;
      throw error;
    }
  }
  try {
    return accepted(await read(source()));
  } catch (error) {
    if (error !== failure || !(error instanceof Error)) throw error;
    return refused("file-unreadable", unreadableMessage(error));
  }
}

function unreadableMessage(error: NodeJS.ErrnoException): string {
  const code = error.code ?? error.message;
  return DISK_ANSWERS.get(code) ?? `The file cannot be read: the disk answers ${code}. Try again.`;
}

/** The one reason of an empty file. */
export const FILE_EMPTY: Reason = {
  code: "file-empty",
  line: null,
  message: "The file is empty. Fetch it again.",
};
