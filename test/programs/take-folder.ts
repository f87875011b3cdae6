// A program that takes a folder's lock at a given moment, and keeps it until its input ends. Tests start many of
// them at once. Arguments: folder, the moment in milliseconds since the epoch.

import { takeFolder } from "../../src/storage/data-folder-lock.ts";

const [, , folder, atMs] = process.argv;

// Spins, so that all of them try within the same microseconds.
while (Date.now() < Number(atMs));
const taken = takeFolder(folder!);
process.stdout.write(
  `${JSON.stringify("lock" in taken ? { won: true } : { holder: taken.holder.pid })}\n`,
);
process.stdin.resume();
process.stdin.once("end", () => process.exit(0));
