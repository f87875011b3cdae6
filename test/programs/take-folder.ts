// A program that takes a folder's lock at a given moment, and lets go of it when its input ends. Tests start many of
// them at once. Arguments: folder, the moment in milliseconds since the epoch.

import { takeFolder } from "../../src/storage/data-folder-lock.ts";

const [, , folder, atMs] = process.argv;

// Spins, so that all of them try within the same microseconds.
while (Date.now() < Number(atMs));
const taken = await takeFolder(folder!);
process.stdout.write(
  `${JSON.stringify("lock" in taken ? { won: true } : { holder: taken.holder.pid })}\n`,
);
process.stdin.resume();
process.stdin.once("end", () => {
  if ("lock" in taken) taken.lock.release();
  process.exit(0);
});
