// Verifies a whole channel: reads every stored file again, recomputes what must follow from it, and compares that with
// every row on record and with the ledger. Reads one moment of the database and changes nothing in it.

import { InvariantBroken } from "../../errors/invariant.ts";
import type { PartitionScope } from "../../ledger/transfer.ts";
import type { Policy } from "../../policy/policy.ts";
import type { Database } from "../../storage/database.ts";
import type { RawStore } from "../../storage/raw-store.ts";
import type { Instant } from "../../time/instant.ts";
import { createScratchTables, indexScratchTables } from "./scratch-tables.ts";
import { type CheckName, findingLog, type Verification } from "./verification.ts";
import { verifyApprovals } from "./verify-approvals.ts";
import { verifyBank } from "./verify-bank.ts";
import { verifyBooks } from "./verify-books.ts";
import type { ReadFacts, VerifyContext } from "./verify-context.ts";
import { verifyDeclarations } from "./verify-declarations.ts";
import { verifyEvents } from "./verify-events.ts";
import { verifyFiles } from "./verify-files.ts";
import { verifyMoney } from "./verify-money.ts";
import { verifyPayouts } from "./verify-payouts.ts";
import { verifyPostings } from "./verify-postings.ts";
import { verifyStandings } from "./verify-statements.ts";
import { verifyStates } from "./verify-states.ts";
import { verifyUnexplained } from "./verify-unexplained.ts";

export type VerifyDeps = {
  readonly database: Pick<Database, "transaction">;
  readonly rawStore: RawStore;
  /** The readers that settle files: what verifies must read as they do. */
  readonly readFacts: ReadFacts;
  /** The policy that the channel settles with: releases and holds are decided anew by it. */
  readonly policy: Policy;
  readonly scope: PartitionScope;
  readonly now: Instant;
  /** Told before each part, for somebody who waits. */
  readonly onPart?: (part: string) => void;
};

/** A part, the check that it belongs to, and its work. */
type Part = readonly [string, CheckName, (context: VerifyContext) => Promise<void>];

/** In this order: files first, since the others compare with what they say. */
const PARTS: readonly Part[] = [
  ["files", "raw-files", verifyFiles],
  ["rows without a file", "raw-files", verifyUnexplained],
  ["ledger", "ledger", verifyBooks],
  ["statements", "statements", verifyStandings],
  ["payouts", "payouts", verifyPayouts],
  ["bank transactions", "bank", verifyBank],
  ["approvals", "approvals", verifyApprovals],
  ["postings", "postings", verifyPostings],
  ["money", "money", verifyMoney],
  ["states", "states", verifyStates],
  ["declarations", "declarations", verifyDeclarations],
  ["events", "events", verifyEvents],
];

/** Memory: one file's facts, a page of rows, and the ledger's accounts; the rest is PostgreSQL's. */
export function verifyChannel(deps: VerifyDeps): Promise<Verification> {
  return deps.database.transaction(
    async (tx) => {
      const findings = findingLog();
      const context: VerifyContext = {
        tx,
        scope: deps.scope,
        rawStore: deps.rawStore,
        readFacts: deps.readFacts,
        policy: deps.policy,
        now: deps.now,
        findings,
        unreadable: new Set(),
      };
      await createScratchTables(tx);
      for (const part of PARTS) {
        deps.onPart?.(part[0]);
        await verifyPart(context, part);
        if (part[2] === verifyFiles) await indexScratchTables(tx);
      }
      return findings.verification();
    },
    { isolation: "repeatable read" },
  );
}

/** Rows that a hand has changed may be such as no rule can be applied to: that is a difference, and the rest goes on. */
async function verifyPart(context: VerifyContext, [name, check, verify]: Part): Promise<void> {
  try {
    await verify(context);
  } catch (error) {
    if (!isOfTheFacts(error)) throw error;
    const message = `what is on record cannot be compared any further: ${error.message}`;
    context.findings.report(check, name, message);
  }
}

/** What our own rules throw when a fact cannot be; outages and the database's errors pass through. */
function isOfTheFacts(error: unknown): error is Error {
  return (
    error instanceof RangeError ||
    error instanceof TypeError ||
    error instanceof SyntaxError ||
    error instanceof InvariantBroken
  );
}
