// The second marketplace on the same path: an answer of Shopify Payments and the bank's notice go in as files, and the
// payout comes out released, opened to its transactions. Nothing behind the reader knows which marketplace it is.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../src/cli/test-terminal.ts";
import { CAPABILITIES } from "../src/marketplace/capabilities.ts";
import { DEFAULT_POLICY } from "../src/policy/policy.ts";
import { openTestDatabase, type TestDatabase } from "../src/storage/test-database.ts";

const FIXTURES = join(import.meta.dirname, "../fixtures/shopify");
const SELLERS = join(import.meta.dirname, "../scenarios/first-month/sellers.json");
const ACCOUNT = "6222601008801";
const OWNER = "Chongqing Shancheng Outdoor Co., Ltd.";

type Credit = { readonly id: string; readonly amount: string; readonly day: string };

/** A booked credit as the bank tells it. */
function notice({ id, amount, day }: Credit, payer: string, text: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn>
<GrpHdr><MsgId>${id}</MsgId><CreDtTm>${day}T02:11:09.000Z</CreDtTm></GrpHdr>
<Ntfctn><Id>${id}</Id><Acct><Id><Othr><Id>${ACCOUNT}</Id></Othr></Id><Ccy>USD</Ccy><Ownr><Nm>${OWNER}</Nm></Ownr></Acct>
<Ntry><Amt Ccy="USD">${amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>${day}</Dt></BookgDt>
<ValDt><Dt>${day}</Dt></ValDt><AcctSvcrRef>FT${id}</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>
<Amt Ccy="USD">${amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><RltdPties><Dbtr><Pty><Nm>${payer}</Nm></Pty></Dbtr></RltdPties>
<RmtInf><Ustrd>${text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry></Ntfctn>
</BkToCstmrDbtCdtNtfctn></Document>
`;
}

type Settled = {
  readonly payouts: readonly {
    readonly reference: string;
    readonly marketplace?: string;
    readonly amount: string;
    readonly state: string;
    readonly holds: readonly { readonly code: string }[];
    readonly statements: readonly { readonly settlementId: string }[];
  }[];
  readonly exceptions: readonly { readonly kind: string; readonly code: string }[];
};

describe("payouts of Shopify Payments", () => {
  let folder: string;
  let database: TestDatabase;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "straitway-shopify-"));
    database = await openTestDatabase();
  });
  afterAll(async () => {
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function command(...words: string[]): Promise<string> {
    const store = ["--data", join(folder, "data"), "--database-url", database.url];
    const { out } = await run([...words, ...store]);
    return out;
  }

  async function settle(...files: string[]): Promise<Settled> {
    return JSON.parse(await command("settle", "--json", "--seller", SELLERS, ...files)) as Settled;
  }

  function made(name: string, text: string): string {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  }

  const answer = join(FIXTURES, "us-two-payouts.json");

  it("are proven, found at the bank by their trace id, and released; others wait", async () => {
    const credit = { id: "NTF1", amount: "176.86", day: "2026-10-16" };
    const text = notice(credit, "Shopify International Limited", "SHOPIFY TRANSFER SHPFY7Q2M4X1");
    const { payouts } = await settle(answer, made("credit.xml", text));
    const facts = payouts.map(({ reference, amount, state, holds, statements }) => [
      reference,
      amount,
      state,
      holds.map(({ code }) => code).join(),
      statements.map(({ settlementId }) => settlementId).join(),
    ]);
    expect(facts.sort((a, b) => (String(a) < String(b) ? -1 : 1))).toEqual([
      ["730001001", "176.86", "released", "", "730001001"],
      ["730001002", "217.45", "announced", "", "730001002"],
    ]);
    const { accounts } = JSON.parse(await command("account", "list", "--json")) as {
      accounts: readonly Record<string, unknown>[];
    };
    expect(accounts.map(({ id, available, held }) => [id, available, held])).toContainEqual([
      "shancheng-outdoor/USD",
      "176.86",
      "0.00",
    ]);
  });

  it("are held when another pays under their reference", async () => {
    const again = join(FIXTURES, "us-failed-and-again.json");
    const credit = { id: "NTF2", amount: "152.16", day: "2026-11-12" };
    const text = notice(credit, "Somebody Else Ltd", "SHPFY9K1B7C3");
    const { payouts } = await settle(again, made("strange.xml", text));
    const held = payouts.find(({ reference }) => reference === "730005001");
    expect([held?.state, held?.holds.map(({ code }) => code)]).toEqual([
      "held",
      ["payer-not-known"],
    ]);
    const failed = payouts.find(({ reference }) => reference === "730004001");
    expect(failed?.state).toBe("failed");
  });

  it("that took money from the seller are charged, and a statement with a page missing is quarantined", async () => {
    const charged = join(FIXTURES, "us-withdrawal.json");
    const { payouts, exceptions } = await settle(charged, join(FIXTURES, "us-page-missing.json"));
    expect(payouts.find(({ reference }) => reference === "730003001")?.state).toBe("charged");
    expect(exceptions.map(({ kind, code }) => `${kind} ${code}`)).toContain(
      "statement-quarantined total-mismatch",
    );
  });

  it("leave books that agree with the ledger", async () => {
    const store = ["--data", join(folder, "data"), "--database-url", database.url];
    expect((await run(["verify", ...store])).exitCode).toBe(0);
  });
});

it("another marketplace is a row of capabilities and the names under which it pays", () => {
  expect(Object.keys(CAPABILITIES).sort()).toEqual(Object.keys(DEFAULT_POLICY.payers).sort());
});
