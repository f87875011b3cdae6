#!/usr/bin/env node
// Starts the command line from the compiled program in dist/ (made by `npm ci` or `npm run build`).
import { existsSync } from "node:fs";

const main = new URL("../dist/src/main.js", import.meta.url);
if (!existsSync(main)) {
  console.error(
    "straitway: not built yet. Run `npm ci` (or `npm run build`) in the checkout first.",
  );
  process.exit(2);
}
await import(main.href);
