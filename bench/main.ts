// The benchmarks by name: npm run bench -- NAME [options]. Each makes its own data from a fixed seed, prints every
// figure it measured, and fails when something did not arrive (docs/reference/benchmarks.md).

import { benchCamt } from "./camt.ts";
import { benchChannel } from "./channel.ts";
import { benchCredit } from "./credit.ts";
import { benchEvidence } from "./evidence.ts";
import { benchHistory } from "./history.ts";
import { benchLedger } from "./ledger.ts";
import { benchScreening } from "./screening.ts";
import { benchStatement } from "./statement.ts";

type Bench = {
  readonly about: string;
  readonly run: (args: readonly string[]) => Promise<void>;
};

const BENCHES: Readonly<Record<string, Bench>> = {
  ledger: {
    about: "audited transfers a second on one hot account, beside other ways to post them",
    run: benchLedger,
  },
  statement: {
    about: "a million settlement lines: time, memory, exactness (--lines, --seed)",
    run: benchStatement,
  },
  camt: { about: "a 50 MB camt.053: time, memory, exactness", run: benchCamt },
  credit: {
    about:
      "bank notice to money available, idle and under load (--seconds, --rate, --callers, --json)",
    run: benchCredit,
  },
  channel: {
    about:
      "the running service: stored notice to money available, 200 sellers (--rate, --seconds, --json)",
    run: benchChannel,
  },
  evidence: {
    about: "1,000 payouts of 200 orders read, decided, released and declared (--payouts, --orders)",
    run: benchEvidence,
  },
  screening: {
    about:
      "names against lists: self-search, scripts, made-up companies, ms a party (--lists, --pairs)",
    run: benchScreening,
  },
  history: {
    about:
      "the cost of a credit after a million payouts beside the first thousand (--payouts, --json)",
    run: benchHistory,
  },
};

const [name, ...args] = process.argv.slice(2);
const bench = name === undefined ? undefined : BENCHES[name];
if (bench === undefined) {
  const lines = Object.entries(BENCHES).map(([key, { about }]) => `  ${key.padEnd(10)} ${about}\n`);
  process.stdout.write(`npm run bench -- NAME [options]\n\n${lines.join("")}`);
  if (name !== undefined) process.exitCode = 1;
} else await bench.run(args);
