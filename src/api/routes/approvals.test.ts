import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Caller } from "../../identity/caller.ts";
import type { Role } from "../../identity/roles.ts";
import { adviceFile, payoutFile, SALE, statementFile } from "../../report/verify/test-files.ts";
import { openTestApi, type TestApi, testCaller } from "../test-api.ts";

const SELLER = {
  id: "jiangbei-lamps",
  legalName: "Chongqing Jiangbei Lamps Co., Ltd.",
  accounts: [{ number: "6222601008801", currency: "USD" }],
};
const OTHER = { id: "nanan-toys", legalName: "Chongqing Nan'an Toys Ltd.", accounts: [] };

const OWNER_KEY = testCaller("seller-finance", SELLER.id);
const STRANGER = testCaller("seller-owner", OTHER.id);

let api: TestApi;

beforeEach(async () => {
  api = await openTestApi([SELLER, OTHER]);
  await api.channel.settle(
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
    SELLER.id,
  );
});

afterEach(() => api.close());

/** A person with a session whose second factor was checked just now. */
function person(role: Role, id: string, sellerId: string | null = null): Caller {
  const now = api.deps.access.clock.now();
  const user = { kind: "user", id, personId: id, sessionId: `ses_${id}` } as const;
  return { ...testCaller(role, sellerId), ...user, steppedUpAt: now };
}

let keyCount = 0;
function post(caller: Caller, path: string, json: unknown, headers: Record<string, string> = {}) {
  keyCount += 1;
  const key = { "Idempotency-Key": `test-key-${keyCount}` };
  return api.ask(caller, path, { method: "POST", json, headers: { ...key, ...headers } });
}

async function holdId(): Promise<string> {
  const { body } = await api.ask(OWNER_KEY, "/v1/holds");
  return body.data[0].id;
}

async function askedRelease(caller: Caller = OWNER_KEY, json: object = {}) {
  const asked = await post(caller, `/v1/holds/${await holdId()}/release-requests`, {
    reason: "The payer is Amazon's new bank.",
    ...json,
  });
  expect(asked.status, asked.text).toBe(201);
  return {
    path: asked.headers.get("location") ?? "",
    etag: asked.headers.get("etag") ?? "",
    asked,
  };
}

function decide(
  caller: Caller,
  path: string,
  act: "approve" | "deny",
  etag: string,
  json: object = {},
) {
  return post(caller, `${path}/${act}`, json, { "If-Match": etag });
}

async function credited(): Promise<string> {
  const { body } = await api.ask(OWNER_KEY, "/v1/payouts");
  return body.data[0].credited.amount;
}

describe("the release of a hold over the API", () => {
  it("is asked for by one person, approved by another, and posts the money", async () => {
    const { path, etag, asked } = await askedRelease();
    expect(asked.body).toMatchObject({
      kind: "hold-release",
      state: "pending",
      sellerId: SELLER.id,
      maker: OWNER_KEY.id,
      holdRelease: {
        code: "payer-not-known",
        held: { amount: "1000.00", currency: "USD" },
        amount: { amount: "1000.00", currency: "USD" },
        credits: [{ amount: { amount: "1000.00", currency: "USD" } }],
      },
    });
    expect(await credited()).toBe("0.00");
    const approved = await decide(person("approver", "user_checker"), path, "approve", etag);
    expect(approved.status, approved.text).toBe(200);
    expect(approved.body).toMatchObject({
      state: "executed",
      decision: { outcome: "approved", checker: "user_checker" },
      execution: { outcome: "executed" },
    });
    expect(await credited()).toBe("1000.00");
    expect((await api.ask(OWNER_KEY, "/v1/holds")).body.data).toEqual([]);
    const shown = await api.ask(OWNER_KEY, path);
    expect(shown.headers.get("etag")).toBe(approved.headers.get("etag"));
    expect((await api.channel.verify()).findings).toEqual([]);
  });

  it("may be of a part, in exact decimals", async () => {
    const hold = await holdId();
    for (const [amount, code] of [
      ["1000.01", "amount-exceeds-hold"],
      ["0.001", "amount-invalid"],
      ["0.00", "amount-invalid"],
      ["-5.00", "amount-invalid"],
    ]) {
      const refused = await post(OWNER_KEY, `/v1/holds/${hold}/release-requests`, {
        amount,
        reason: "Part.",
      });
      expect(refused.body.code, amount).toBe(code);
    }
    const { path, etag } = await askedRelease(OWNER_KEY, { amount: "400.50" });
    await decide(person("approver", "user_checker"), path, "approve", etag);
    expect(await credited()).toBe("400.50");
    const { body } = await api.ask(OWNER_KEY, "/v1/holds");
    expect(body.data).toMatchObject([{ amount: { amount: "599.50", currency: "USD" } }]);
  });

  it("is decided by nobody who asked, by session or by the person behind a key", async () => {
    const maker = { ...OWNER_KEY, personId: "user_maker" };
    const { path, etag } = await askedRelease(maker);
    const self = person("approver", "user_maker");
    for (const act of ["approve", "deny"] as const) {
      const refused = await decide(self, path, act, etag, { reason: "Mine." });
      expect([refused.status, refused.body.code]).toEqual([403, "approval-own"]);
    }
    expect(await credited()).toBe("0.00");
  });

  it("needs a person with a second factor, of a role that decides it, who saw it as it is", async () => {
    const { path, etag } = await askedRelease();
    const checker = person("approver", "user_checker");
    const stale = { ...checker, id: "user_stale", steppedUpAt: null };
    expect((await decide(stale, path, "approve", etag)).body.code).toBe("step-up-needed");
    const key = { ...testCaller("approver"), id: "key_approver" };
    expect((await decide(key, path, "approve", etag)).body.code).toBe("step-up-needed");
    for (const role of ["admin", "operator", "supervisor", "seller-owner"] as const) {
      const other = person(role, `user_${role}`, role === "seller-owner" ? SELLER.id : null);
      expect((await decide(other, path, "approve", etag)).body.code, role).toBe("not-permitted");
    }
    const blind = await post(checker, `${path}/approve`, {});
    expect(blind.body.code).toBe("if-match-missing");
    expect((await decide(checker, path, "approve", '"v1"')).body.code).toBe("changed-meanwhile");
    expect(await credited()).toBe("0.00");
  });

  it("is denied with a reason only, and then stays denied", async () => {
    const { path, etag } = await askedRelease();
    const checker = person("approver", "user_checker");
    expect((await decide(checker, path, "deny", etag, {})).status).toBe(400);
    expect((await decide(checker, path, "deny", etag, { reason: " " })).body.code).toBe(
      "reason-missing",
    );
    const denied = await decide(checker, path, "deny", etag, { reason: "No proof of the payer." });
    expect(denied.body).toMatchObject({
      state: "denied",
      decision: { reason: "No proof of the payer." },
    });
    const late = await decide(checker, path, "approve", denied.headers.get("etag") ?? "");
    expect(late.body.code).toBe("approval-decided");
    expect(await credited()).toBe("0.00");
    expect((await askedRelease()).asked.status).toBe(201);
  });

  it("is asked for once at a time, and a repeat with the same key is the same request", async () => {
    const hold = await holdId();
    const headers = { "Idempotency-Key": "the-same-key" };
    const json = { reason: "Known." };
    const path = `/v1/holds/${hold}/release-requests`;
    const first = await api.ask(OWNER_KEY, path, { method: "POST", json, headers });
    const again = await api.ask(OWNER_KEY, path, { method: "POST", json, headers });
    expect(again.headers.get("idempotency-hit")).toBe("true");
    expect(again.body).toEqual(first.body);
    const second = await post(OWNER_KEY, path, json);
    expect([second.status, second.body.code]).toEqual([409, "approval-pending"]);
  });

  it("is refused when the hold has another reason by the time it is approved", async () => {
    const { path, etag } = await askedRelease();
    await api.channel.database.query(
      `UPDATE bank_transaction SET detail = jsonb_set(detail, '{payer,name}', '"Another Stranger Ltd"')`,
    );
    const refused = await decide(person("approver", "user_checker"), path, "approve", etag);
    expect([refused.status, refused.body.code]).toEqual([409, "hold-changed"]);
    expect((await api.ask(OWNER_KEY, path)).body.state).toBe("pending");
  });

  it("is seen by the seller whose money it is, and by no other", async () => {
    const { path } = await askedRelease();
    const hold = await holdId();
    expect((await api.ask(STRANGER, path)).status).toBe(404);
    expect((await api.ask(STRANGER, "/v1/approvals")).body.data).toEqual([]);
    expect((await api.ask(OWNER_KEY, "/v1/approvals?state=pending")).body.data).toHaveLength(1);
    const foreign = await post(STRANGER, `/v1/holds/${hold}/release-requests`, { reason: "Mine?" });
    expect([foreign.status, foreign.body.code]).toEqual([404, "not-found"]);
    const viewer = testCaller("seller-viewer", SELLER.id);
    const asked = await post(viewer, `/v1/holds/${hold}/release-requests`, { reason: "Please." });
    expect(asked.body.code).toBe("not-permitted");
  });
});

describe("the binding of an account over the API", () => {
  const path = `/v1/sellers/${SELLER.id}/account-bindings`;
  const wish = { accountNumber: "6222 6010 0990 2", currency: "USD", reason: "Bank letter." };

  it("is asked for by the seller, approved by another, and in force from then on", async () => {
    const owner = person("seller-owner", "user_owner", SELLER.id);
    const asked = await post(owner, path, wish);
    expect(asked.body).toMatchObject({
      kind: "account-binding",
      accountBinding: { accountNumber: "6222601009902", before: null, after: SELLER.id },
    });
    const location = asked.headers.get("location") ?? "";
    const approved = await decide(
      person("approver", "user_checker"),
      location,
      "approve",
      asked.headers.get("etag") ?? "",
    );
    expect(approved.body.state).toBe("executed");
    const { body } = await api.ask(owner, `/v1/sellers/${SELLER.id}`);
    expect(body.accounts.map(({ number }: { number: string }) => number)).toContain(
      "6222601009902",
    );
    expect((await post(owner, path, wish)).body.code).toBe("account-bound");
    expect((await api.channel.verify()).findings).toEqual([]);
  });

  it("is not asked for another seller, nor for another seller's account by a seller", async () => {
    const owner = person("seller-owner", "user_owner", OTHER.id);
    expect((await post(owner, path, wish)).status).toBe(404);
    const taken = await post(owner, `/v1/sellers/${OTHER.id}/account-bindings`, {
      ...wish,
      accountNumber: "6222601008801",
    });
    expect(taken.body.code).toBe("account-of-another-seller");
    expect(taken.text).not.toContain(SELLER.id);
  });

  it("moves an account from a day on where the institution asks, and neither seller reads the request", async () => {
    const operator = person("operator", "user_operator");
    const to = `/v1/sellers/${OTHER.id}/account-bindings`;
    const move = { ...wish, accountNumber: "6222601008801" };
    expect((await post(operator, to, move)).body.code).toBe("from-day-missing");
    const early = await post(operator, to, { ...move, fromOn: "2026-11-05" });
    expect(early.body.code).toBe("account-has-money");
    const asked = await post(operator, to, { ...move, fromOn: "2026-12-01" });
    const location = asked.headers.get("location") ?? "";
    expect((await api.ask(STRANGER, location)).status).toBe(404);
    expect((await api.ask(OWNER_KEY, location)).status).toBe(404);
    const etag = asked.headers.get("etag") ?? "";
    const approved = await decide(person("approver", "user_checker"), location, "approve", etag);
    expect(approved.body.state).toBe("executed");
    expect((await api.channel.verify()).findings).toEqual([]);
  });
});

describe("a change of who may act, over the API", () => {
  it("waits for a second admin or an approver, and is made with the approval", async () => {
    const admin = person("admin", "user_admin");
    const asked = await post(admin, "/v1/users", {
      email: "li.wei@example.com",
      name: "Li Wei",
      role: "approver",
      reason: "Joins the approvals desk.",
    });
    expect([asked.status, asked.body.user.state]).toEqual([202, "proposed"]);
    const path = `/v1/approvals/${asked.body.approvalId}`;
    const etag = (await api.ask(admin, path)).headers.get("etag") ?? "";
    expect((await decide(admin, path, "approve", etag)).body.code).toBe("approval-own");
    const newcomer = person("approver", asked.body.user.id);
    expect((await decide(newcomer, path, "approve", etag)).body.code).toBe(
      "approval-about-decider",
    );
    const approved = await decide(person("admin", "user_second"), path, "approve", etag);
    expect(approved.body).toMatchObject({ kind: "role-change", state: "executed" });
    const user = await api.ask(admin, `/v1/users/${asked.body.user.id}`);
    expect(user.body.state).toBe("invited");
  });
});
