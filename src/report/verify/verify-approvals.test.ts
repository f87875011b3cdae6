import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decideApproval } from "../../approval/approval-acts.ts";
import type { Outcome } from "../../errors/refusal.ts";
import { requestAccountBinding } from "../../identity/account-bindings.ts";
import { DEFAULT_POLICY } from "../../policy/policy.ts";
import { requestHoldRelease } from "../../release/request-release.ts";
import { readFileContent } from "../../runtime/read-file.ts";
import type { Instant } from "../../time/instant.ts";
import { openTestChannel, TEST_SCOPE, type TestChannel } from "./test-channel.ts";
import { adviceFile, payoutFile, SALE, statementFile } from "./test-files.ts";
import type { Verification } from "./verification.ts";
import { verifyChannel } from "./verify-channel.ts";

const MAKER = { id: "key_maker", personId: "user_maker" };
const ACME = {
  id: "acme",
  legalName: "Acme",
  accounts: [{ number: "6222601008801", currency: "USD" }],
};
const BETA = { id: "beta", legalName: "Beta", accounts: [] };

let channel: TestChannel;

beforeAll(async () => {
  channel = await openTestChannel([ACME, BETA]);
  await channel.settle(
    [
      statementFile({ id: "311", endOn: "2026-11-01", lines: [SALE(100_000n)] }),
      payoutFile("payouts.json", [
        { id: "311", minor: 100_000n, on: "2026-11-02", trace: "4B71X6KQWZPL2M" },
      ]),
      adviceFile({
        id: "NTF1",
        credits: [
          {
            minor: 100_000n,
            on: "2026-11-05",
            uetr: "3b9b1c52-6f0e-4a6d-9d4c-000000000001",
            text: "PAYOUT 4B71X6KQWZPL2M",
            payer: "Somebody Else Ltd",
          },
        ],
      }),
    ],
    ACME.id,
  );
  await releaseHold(40_000n);
  await bind({ accountNumber: "6222601009902", sellerId: BETA.id, fromOn: null });
  await bind({ accountNumber: "6222601008801", sellerId: BETA.id, fromOn: "2026-12-01" });
});

afterAll(() => channel.close());

async function carryOut(outcome: Outcome<{ readonly approvalId: string }>): Promise<void> {
  if (!outcome.ok) throw new Error(outcome.refusal.message);
  const { tenantId, clock } = channel.channel;
  const decision = { outcome: "approved", checker: "user_checker", reason: null } as const;
  await channel.database.transaction((tx) =>
    decideApproval(tx, tenantId, outcome.value.approvalId, decision, clock.now()),
  );
  const [done] = await channel.channel.carryOutApproved();
  expect(done?.outcome.ok).toBe(true);
}

async function releaseHold(amountMinor: bigint): Promise<void> {
  const { tenantId, clock } = channel.channel;
  const [hold] = await channel.database.query<{ hold_id: string }>(
    "SELECT hold_id FROM hold WHERE closed_at IS NULL",
  );
  const wish = {
    holdId: hold!.hold_id,
    amountMinor,
    reason: "Known.",
    maker: MAKER,
    sellerId: null,
  };
  const at = { policy: DEFAULT_POLICY, now: clock.now() };
  await carryOut(
    await channel.database.transaction((tx) => requestHoldRelease(tx, tenantId, wish, at)),
  );
}

async function bind(wish: {
  accountNumber: string;
  sellerId: string;
  fromOn: string | null;
}): Promise<void> {
  const { tenantId, clock } = channel.channel;
  const whole = { ...wish, currency: "USD", reason: "Letter.", maker: MAKER, mayMove: true };
  await carryOut(
    await channel.database.transaction((tx) =>
      requestAccountBinding(tx, tenantId, whole, clock.now()),
    ),
  );
}

class Undo extends Error {}

/** Verifies with the rows changed, in a transaction that is undone. */
async function changed(...statements: readonly string[]): Promise<Verification> {
  let verification: Verification | null = null;
  try {
    await channel.database.transaction(
      async (tx) => {
        for (const statement of statements) {
          const rows = await tx.query(`${statement} RETURNING 1`);
          expect(rows.length, statement).toBeGreaterThan(0);
        }
        verification = await verifyChannel({
          database: { transaction: (work) => work(tx) },
          rawStore: channel.channel.store.rawStore,
          readFacts: readFileContent,
          policy: DEFAULT_POLICY,
          scope: TEST_SCOPE,
          now: "2026-11-24T00:00:00.000Z" as Instant,
        });
        throw new Undo("nothing of it stays");
      },
      { isolation: "repeatable read" },
    );
  } catch (error) {
    if (!(error instanceof Undo)) throw error;
  }
  return verification as unknown as Verification;
}

function messages(verification: Verification): readonly string[] {
  return verification.findings
    .filter((finding) => finding.check === "approvals")
    .map((finding) => finding.message);
}

describe("the verification of what two people decided", () => {
  it("finds nothing where all was asked for and approved", async () => {
    const verification = await channel.verify();
    expect(verification.findings).toEqual([]);
    const check = verification.checks.find(({ name }) => name === "approvals");
    expect(check?.detail).toBe("3 approvals, 1 waivers");
  });

  it.each<[string, string, readonly string[]]>([
    [
      "a waiver without an approved request",
      "no approved request allows it",
      [
        `INSERT INTO hold_waiver SELECT tenant_id, 'hw_made_up', 'appr_none', payout_id, code, credit_id, currency,
                amount_minor, up_to_minor, causes, waived_at FROM hold_waiver`,
      ],
    ],
    [
      "a waiver whose request was not approved",
      "no approved request allows it",
      [
        `UPDATE approval_decision SET outcome = 'denied', reason = 'No.'
          WHERE approval_id IN (SELECT approval_id FROM hold_waiver)`,
      ],
    ],
    [
      "a waiver of more than was approved",
      "the waivers on record are not what was approved",
      ["UPDATE hold_waiver SET up_to_minor = up_to_minor + 1"],
    ],
    [
      "a waiver of another code",
      "the waivers on record are not what was approved",
      ["UPDATE hold_waiver SET code = 'amount-short'"],
    ],
    [
      "a waiver that is gone",
      "the waivers on record are not what was approved",
      ["DELETE FROM hold_waiver"],
    ],
    [
      "a request that its own maker decided",
      "it was decided by the person who asked for it, or whom it is about",
      ["UPDATE approval SET maker_person = 'user_checker' WHERE kind = 'hold-release'"],
    ],
    [
      "a decision after the expiry",
      "it was decided when it had expired, or expired before its time",
      ["UPDATE approval_decision SET decided_at = decided_at + interval '30 days'"],
    ],
    [
      "an act that nobody approved",
      "it was carried out, but it is not approved",
      ["DELETE FROM approval_decision"],
    ],
    [
      "an account bound by no approval",
      "no approved request binds it",
      ["UPDATE seller_account SET seller_id = 'acme' WHERE account_number = '6222601009902'"],
    ],
    [
      "an account moved otherwise than approved",
      "the account was not moved as it was approved",
      ["UPDATE seller_account_change SET from_on = '2026-12-02' WHERE approval_id IS NOT NULL"],
    ],
    [
      "an account moved by nobody",
      "it was moved without an approval",
      ["UPDATE seller_account_change SET approval_id = NULL"],
    ],
  ])("finds %s", async (_what, message, statements) => {
    expect(messages(await changed(...statements))).toContain(message);
  });

  it("decides anew by the waivers: one that grew by hand asks for a release that is not there", async () => {
    const verification = await changed(
      "UPDATE hold_waiver SET up_to_minor = 50000, amount_minor = 50000",
    );
    const states = verification.findings.filter((finding) => finding.check === "states");
    expect(states.map((finding) => finding.expected)).toContain("USD 100.00 released");
  });
});
