import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestDatabase } from "../storage/test-database.ts";
import { openTestDatabase } from "../storage/test-database.ts";
import { manualClock } from "../time/clock.ts";
import type { Instant } from "../time/instant.ts";
import { openPartition } from "./partition-writer.ts";
import { drawn, moved, opening, outcomeOf, posting, ref, reserved } from "./test-postings.ts";
import type { ChainedTransfer, PartitionScope } from "./transfer.ts";
import { rowHash } from "./transfer.ts";
import type { TransferRow } from "./transfer-rows.ts";
import { TRANSFER_COLUMNS, transferOfRow } from "./transfer-rows.ts";
import { verifyLedger } from "./verify-ledger.ts";

const clock = manualClock("2026-11-23T00:00:00.000Z" as Instant);
let database: TestDatabase;
let partitionCount = 0;

beforeAll(async () => {
  database = await openTestDatabase();
});

afterAll(async () => database.close());

/** A partition of six transfers: two credits, a hold committed in part and voided in part, a refund. */
async function writtenPartition(): Promise<PartitionScope> {
  const scope = { tenantId: "acme", partition: partitionCount };
  partitionCount += 1;
  const writer = await openPartition(database, { ...scope, owner: "test", clock });
  await writer.open([
    opening("clearing"),
    opening("seller", "debits-within-credits"),
    opening("x"),
  ]);
  const outcomes = await writer.step((_tx, ledger) =>
    ledger.post([
      posting("p1", moved("clearing", "seller", 100n), moved("clearing", "seller", 50n)),
      posting("p2", reserved("seller", "clearing", 70n)),
      posting("p3", drawn("commit", ref("p2"), 40n)),
      posting("p4", drawn("void", ref("p2"), 30n)),
      posting("p5", drawn("reverse", ref("p1", 1), 20n)),
    ]),
  );
  expect(outcomes.map(outcomeOf)).toEqual(Array.from({ length: 5 }, () => "posted"));
  await writer.close();
  return scope;
}

async function tampered(scope: PartitionScope, sql: string, ...values: unknown[]): Promise<void> {
  const rows = await database.query(
    `${sql.replace("{partition}", `tenant_id = '${scope.tenantId}' and partition = ${scope.partition}`)} returning 1`,
    values,
  );
  expect(rows.length, "the test must change something").toBeGreaterThan(0);
}

async function findingsIn(scope: PartitionScope): Promise<unknown[]> {
  const { ok, findings, findingCount } = await verifyLedger(database, scope);
  expect(ok).toBe(findingCount === 0);
  return findings.map((finding) => [finding.code, finding.seq, finding.accountId]);
}

async function transferAt(scope: PartitionScope, seq: bigint): Promise<ChainedTransfer> {
  const rows = await database.query<TransferRow>(
    `select ${TRANSFER_COLUMNS} from ledger_transfer t
     where t.tenant_id = $1 and t.partition = $2 and t.seq = $3`,
    [scope.tenantId, scope.partition, seq],
  );
  return transferOfRow(rows[0]!);
}

describe("a verification", () => {
  it("finds nothing in a ledger that only its writer has written", async () => {
    const scope = await writtenPartition();
    expect(await verifyLedger(database, scope)).toEqual({
      ok: true,
      transferCount: 6n,
      accountCount: 3,
      headHash: (await transferAt(scope, 6n)).rowHash,
      findingCount: 0,
      findings: [],
    });
  });

  it("finds nothing in a partition that was never opened", async () => {
    const { ok, transferCount } = await verifyLedger(database, {
      tenantId: "nobody",
      partition: 0,
    });
    expect([ok, transferCount]).toEqual([true, 0n]);
  });

  it("names the row of which any column was changed", async () => {
    const changes = [
      "reason = 'else'",
      "subject = 'else'",
      "effective_on = '2020-01-01'",
      "posting_id = 'else'",
      "fingerprint = decode('00', 'hex')",
      "credit_credits_posted = credit_credits_posted",
    ];
    for (const change of changes) {
      const scope = await writtenPartition();
      const isNoChange = change.includes("= credit_credits_posted");
      await tampered(scope, `update ledger_transfer set ${change} where {partition} and seq = 3`);
      expect(await findingsIn(scope), change).toEqual(
        isNoChange ? [] : [["transfer-changed", 3n, null]],
      );
    }
  });

  it("names the row whose amount was changed, and the balances that no longer follow", async () => {
    const scope = await writtenPartition();
    await tampered(scope, "update ledger_transfer set amount = 101 where {partition} and seq = 1");
    expect(await findingsIn(scope)).toEqual([
      ["transfer-changed", 1n, null],
      ["running-balance-differs", 1n, "clearing"],
      ["running-balance-differs", 1n, "seller"],
    ]);
  });

  it("names a row that was replaced together with its hash", async () => {
    const scope = await writtenPartition();
    const forged = { ...(await transferAt(scope, 4n)), reason: "else" };
    await tampered(
      scope,
      "update ledger_transfer set reason = 'else', row_hash = decode($1, 'hex') where {partition} and seq = 4",
      rowHash(scope, forged, forged.previousHash),
    );
    expect(await findingsIn(scope)).toEqual([["transfer-replaced", 4n, null]]);
  });

  it("names the last row when it was replaced together with its hash", async () => {
    const scope = await writtenPartition();
    const forged = { ...(await transferAt(scope, 6n)), reason: "else" };
    await tampered(
      scope,
      "update ledger_transfer set reason = 'else', row_hash = decode($1, 'hex') where {partition} and seq = 6",
      rowHash(scope, forged, forged.previousHash),
    );
    expect(await findingsIn(scope)).toEqual([["head-differs", 6n, null]]);
  });

  it("names the last row when chain and totals were made to fit it", async () => {
    const scope = await writtenPartition();
    const last = await transferAt(scope, 6n);
    const credit = { ...last.credit, version: last.credit.version + 5n };
    const hash = rowHash(scope, { ...last, credit }, last.previousHash);
    await tampered(
      scope,
      `update ledger_transfer set credit_version = credit_version + 5, row_hash = decode($1, 'hex')
       where {partition} and seq = 6`,
      hash,
    );
    await tampered(
      scope,
      "update ledger_partition set head_hash = decode($1, 'hex') where {partition}",
      hash,
    );
    await tampered(
      scope,
      "update ledger_account set version = version + 5 where {partition} and account_id = $1",
      credit.accountId,
    );
    expect(await findingsIn(scope)).toEqual([["running-balance-differs", 6n, credit.accountId]]);
  });

  it("names a draw from a row that is missing", async () => {
    const scope = await writtenPartition();
    await tampered(scope, "delete from ledger_transfer where {partition} and seq = 3");
    const findings = await findingsIn(scope);
    for (const finding of [
      ["transfer-missing", 3n, null],
      ["rule-broken", 4n, null],
      ["rule-broken", 5n, null],
      ["draw-differs", 3n, null],
    ])
      expect(findings).toContainEqual(finding);
  });

  it("names a row that is missing, at the start, in the middle and at the end", async () => {
    for (const seq of [1n, 2n, 3n, 4n, 6n]) {
      const scope = await writtenPartition();
      await tampered(scope, "delete from ledger_transfer where {partition} and seq = $1", seq);
      const findings = await findingsIn(scope);
      expect(findings).toContainEqual(["transfer-missing", seq, null]);
      expect(findings.filter((finding) => String(finding).startsWith("transfer-"))).toHaveLength(1);
    }
  });

  it("names a row that was added outside of the writer", async () => {
    const scope = await writtenPartition();
    await tampered(
      scope,
      `insert into ledger_transfer
       select (jsonb_populate_record(t, jsonb_build_object('seq', 7, 'posting_id', 'forged',
         'debit_version', 100, 'credit_version', 100))).*
       from ledger_transfer t where {partition} and seq = 1`,
    );
    expect(await findingsIn(scope)).toEqual([["transfer-beyond-head", 7n, null]]);
  });

  it("names the account whose total was changed, with the last row that touched it", async () => {
    const scope = await writtenPartition();
    await tampered(
      scope,
      "update ledger_account set credits_posted = credits_posted + 1 where {partition} and account_id = 'seller'",
    );
    expect(await findingsIn(scope)).toEqual([
      ["account-total-differs", 6n, "seller"],
      ["currency-unbalanced", null, null],
    ]);
  });

  it("names money on an account that no transfer touches, and an account that is gone", async () => {
    const scope = await writtenPartition();
    await tampered(
      scope,
      "update ledger_account set debits_posted = 1 where {partition} and account_id = 'x'",
    );
    expect(await findingsIn(scope)).toContainEqual(["account-total-differs", null, "x"]);
    const other = await writtenPartition();
    await tampered(
      other,
      "delete from ledger_account where {partition} and account_id = 'clearing'",
    );
    expect(await findingsIn(other)).toContainEqual(["account-missing", 1n, "clearing"]);
  });

  it("names the row that breaks a limit which was tightened behind it", async () => {
    const scope = { tenantId: "tightened", partition: 0 };
    const writer = await openPartition(database, { ...scope, owner: "test", clock });
    await writer.open([opening("clearing"), opening("seller")]);
    await writer.post(posting("out", moved("seller", "clearing", 5n)));
    await writer.post(posting("in", moved("clearing", "seller", 5n)));
    await writer.close();
    await tampered(
      scope,
      "update ledger_account set limit_rule = 'debits-within-credits' where {partition} and account_id = 'seller'",
    );
    expect(await findingsIn(scope)).toEqual([["rule-broken", 1n, "seller"]]);
  });

  it("is not the only guard: the database refuses totals beyond the limit", async () => {
    const scope = await writtenPartition();
    await expect(
      tampered(
        scope,
        "update ledger_account set debits_pending = 1000 where {partition} and account_id = 'seller'",
      ),
    ).rejects.toThrow("ledger_account_limit");
  });

  it("names the transfer of which a draw was forgotten, changed or invented", async () => {
    const changes: [string, bigint][] = [
      ["delete from ledger_draw where {partition} and seq = 3", 3n],
      ["update ledger_draw set reversed = 0 where {partition} and seq = 2", 2n],
      ["update ledger_draw set committed = 0 where {partition} and seq = 3", 3n],
      ["update ledger_draw set seq = 1 where {partition} and seq = 2", 1n],
    ];
    for (const [change, seq] of changes) {
      const scope = await writtenPartition();
      await tampered(scope, change);
      expect(await findingsIn(scope), change).toContainEqual(["draw-differs", seq, null]);
    }
  });

  it("names a draw that was pointed at another transfer", async () => {
    const scope = await writtenPartition();
    await tampered(scope, "update ledger_transfer set of_seq = 1 where {partition} and seq = 4");
    expect(await findingsIn(scope)).toEqual([
      ["transfer-changed", 4n, null],
      ["rule-broken", 4n, null],
      ["draw-differs", 1n, null],
      ["draw-differs", 3n, null],
    ]);
  });

  it("counts every finding but keeps only so many", async () => {
    const scope = { tenantId: "many", partition: 0 };
    const writer = await openPartition(database, { ...scope, owner: "test", clock });
    await writer.open([opening("clearing"), opening("seller")]);
    const legs = Array.from({ length: 200 }, () => moved("clearing", "seller", 1n));
    await Promise.all(
      Array.from({ length: 13 }, (_, index) => writer.post(posting(`p${index}`, ...legs))),
    );
    await writer.close();
    expect((await verifyLedger(database, scope)).transferCount).toBe(2600n);
    await tampered(scope, "update ledger_transfer set subject = 'else' where {partition}");
    const { findingCount, findings } = await verifyLedger(database, scope);
    expect([findingCount, findings.length]).toEqual([2600, 1000]);
  });

  it("of a partition that is being written sees one moment of it", async () => {
    const scope = { tenantId: "live", partition: 0 };
    const writer = await openPartition(database, { ...scope, owner: "test", clock });
    await writer.open([opening("clearing"), opening("seller")]);
    const progress = { isDone: false, roundCount: 0 };
    const writing = (async () => {
      for (let count = 0; count < 40; count += 1) {
        const hold = `h${count}`;
        await writer.post(posting(hold, reserved("clearing", "seller", 10n)));
        await writer.post(posting(`c${count}`, drawn("commit", ref(hold), 4n)));
      }
      progress.isDone = true;
    })();
    for (; !progress.isDone; progress.roundCount += 1)
      expect((await verifyLedger(database, scope)).findings).toEqual([]);
    await writing;
    expect(progress.roundCount).toBeGreaterThan(1);
    await writer.close();
  });
});
