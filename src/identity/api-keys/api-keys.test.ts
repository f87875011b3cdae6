import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Outcome } from "../../errors/refusal.ts";
import { callerMay } from "../caller.ts";
import {
  addReadyUser,
  CLIENT,
  kindsOf,
  openTestAccess,
  steppedUp,
  type TestAccess,
} from "../test-access.ts";
import { type User, updateUser } from "../users/users.ts";
import { listKeys, presentKey } from "./api-keys.ts";
import {
  type KeyDraft,
  makeKey,
  makeKeyHere,
  type NewKey,
  revokeKey,
  rotateKey,
} from "./change-keys.ts";

let access: TestAccess;
let engineer: User;
let owner: User;
beforeAll(async () => {
  access = await openTestAccess();
  engineer = (await addReadyUser(access, "engineer", "engineer")).user;
  owner = (await addReadyUser(access, "owner", "seller-owner", "shancheng")).user;
});
afterAll(() => access.database.close());

const DRAFT: KeyDraft = {
  name: "books",
  role: "seller-viewer",
  sellerId: "shancheng",
  scopes: ["payouts.read", "events.read"],
  lifeDays: 90,
};
const DAY_MS = 86_400_000;

function as(user: User) {
  return steppedUp(user, access.clock.now());
}

async function make(by: User, draft: Partial<KeyDraft> = {}) {
  return makeKey(access, as(by), { ...DRAFT, ...draft }, CLIENT);
}

function made(outcome: Outcome<NewKey>): NewKey {
  if (!outcome.ok) throw new Error(outcome.refusal.message);
  return outcome.value;
}

function present(secret: string) {
  return presentKey(access.database, "t", secret, access.clock.now());
}

describe("an API key", () => {
  it("makes its program a caller with its own scopes, and is kept as a hash", async () => {
    const { key, secret } = made(await make(owner));
    expect(secret).toMatch(/^swk_[\w-]{43}$/);
    const presented = await present(secret);
    expect(presented).toMatchObject({
      ok: true,
      caller: {
        kind: "key",
        id: key.keyId,
        personId: owner.userId,
        sellerId: "shancheng",
        steppedUpAt: null,
      },
    });
    if (!presented.ok) return;
    expect(callerMay(presented.caller, "payouts.read")).toBe(true);
    expect(callerMay(presented.caller, "accounts.read")).toBe(false);
    const [row] = await access.database.query(`SELECT * FROM access_key WHERE key_id = $1`, [
      key.keyId,
    ]);
    expect(
      JSON.stringify(row, (_, value: unknown) => (typeof value === "bigint" ? `${value}` : value)),
    ).not.toContain(secret.slice(4));
    expect(row!["hint"]).toBe(secret.slice(-4));
  });

  it("is refused when it is unknown, expired, revoked, or changed by a letter", async () => {
    const { key, secret } = made(await make(owner, { lifeDays: 1 }));
    const changed = secret.slice(0, -1) + (secret.endsWith("A") ? "B" : "A");
    for (const wrong of ["", "swk_", changed, `${secret}x`, secret.slice(4)]) {
      expect(await present(wrong)).toMatchObject({ ok: false, key: null, reason: "unknown" });
    }
    access.clock.advanceMs(DAY_MS);
    expect(await present(secret)).toMatchObject({
      ok: false,
      reason: "expired",
      key: { keyId: key.keyId },
    });
    const other = made(await make(owner));
    expect((await revokeKey(access, as(owner), other.key.keyId, CLIENT)).ok).toBe(true);
    expect(await present(other.secret)).toMatchObject({ ok: false, reason: "revoked" });
    expect(await revokeKey(access, as(owner), other.key.keyId, CLIENT)).toMatchObject({
      refusal: { code: "key-ended" },
    });
  });

  it("is rotated by a new one while the old one runs out", async () => {
    const { key, secret } = made(await make(owner));
    const next = made(await rotateKey(access, as(owner), key.keyId, 2, CLIENT));
    expect(next.key).toMatchObject({
      replaces: key.keyId,
      scopes: key.scopes,
      sellerId: "shancheng",
    });
    expect((await present(secret)).ok).toBe(true);
    expect((await present(next.secret)).ok).toBe(true);
    access.clock.advanceMs(2 * 3_600_000);
    expect(await present(secret)).toMatchObject({ ok: false, reason: "expired" });
    expect((await present(next.secret)).ok).toBe(true);
    expect(await rotateKey(access, as(owner), key.keyId, 2, CLIENT)).toMatchObject({
      refusal: { code: "key-ended" },
    });
    expect(await kindsOf(access, key.keyId)).toEqual(["api-key-made", "api-key-rotated"]);
    expect(await kindsOf(access, next.key.keyId)).toEqual(["api-key-rotated"]);
  });

  it("carries no more than its role may, than people only may, and than its maker may", async () => {
    for (const [by, draft, code] of [
      [owner, { scopes: ["payouts.initiate"] }, "scope-invalid"],
      [owner, { role: "seller-owner", scopes: ["users.write"] }, "scope-invalid"],
      [owner, { scopes: [] }, "scope-invalid"],
      [owner, { sellerId: "jiangbei" }, "role-not-yours"],
      [owner, { role: "operator", sellerId: null }, "role-not-yours"],
      [
        engineer,
        { role: "operator", sellerId: null, scopes: ["payouts.initiate"] },
        "role-not-yours",
      ],
      [engineer, { sellerId: null }, "role-invalid"],
      [engineer, { sellerId: "nowhere" }, "seller-unknown"],
    ] as const) {
      expect(await make(by, draft as Partial<KeyDraft>), JSON.stringify(draft)).toMatchObject({
        refusal: { code },
      });
    }
    const { scopes: _, ...unscoped } = DRAFT;
    const all = made(
      await makeKey(access, as(engineer), { ...unscoped, role: "seller-owner" }, CLIENT),
    );
    expect(all.key.scopes).toContain("uploads.write");
    expect(all.key.scopes).not.toContain("payouts.initiate");
  });

  it("loses what its maker loses", async () => {
    const maker = (await addReadyUser(access, "maker", "seller-owner", "shancheng")).user;
    const { secret } = made(
      await make(maker, { role: "seller-owner", scopes: ["payouts.read", "webhooks.write"] }),
    );
    const change = (changed: Parameters<typeof updateUser>[3]) =>
      updateUser(access.database, "t", maker.userId, changed);
    await change({ role: "seller-viewer" });
    expect(await present(secret)).toMatchObject({ ok: true, caller: { scopes: ["payouts.read"] } });
    await change({ sellerId: "jiangbei" });
    expect(await present(secret)).toMatchObject({ ok: false, reason: "maker-moved" });
    await change({ sellerId: "shancheng", state: "disabled" });
    expect(await present(secret)).toMatchObject({ ok: false, reason: "maker-disabled" });
  });

  it("is seen and ended by its own seller and by who sees all", async () => {
    const stranger = (await addReadyUser(access, "stranger", "seller-owner", "jiangbei")).user;
    const { key } = made(await make(owner));
    const notFound = { refusal: { code: "not-found" } };
    expect(await revokeKey(access, as(stranger), key.keyId, CLIENT)).toMatchObject(notFound);
    expect(await rotateKey(access, as(stranger), key.keyId, 1, CLIENT)).toMatchObject(notFound);
    const page = { after: null, limit: 100 };
    expect(await listKeys(access.database, "t", { ...page, sellerId: "jiangbei" })).toEqual([]);
    const all = await listKeys(access.database, "t", { ...page, sellerId: null });
    expect(all.map(({ keyId }) => keyId)).toEqual(
      all
        .map(({ keyId }) => keyId)
        .toSorted()
        .toReversed(),
    );
    expect((await revokeKey(access, as(engineer), key.keyId, CLIENT)).ok).toBe(true);
  });

  it("may be made at the machine itself", async () => {
    const { scopes: _, ...unscoped } = DRAFT;
    const { secret } = made(await makeKeyHere(access, unscoped));
    expect(await present(secret)).toMatchObject({ ok: true });
  });
});
