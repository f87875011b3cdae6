import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readTimeline } from "../../timeline/timeline.ts";
import { NOBODY } from "../audit.ts";
import {
  addReadyUser,
  CLIENT,
  callerOf,
  kindsOf,
  must,
  nextCode,
  openTestAccess,
  PASSWORD,
  signInFully,
  type TestAccess,
} from "../test-access.ts";
import { updateUser } from "../users/users.ts";
import { forgetAttempts } from "./attempts.ts";
import { takeTotp } from "./factors.ts";
import { findSession } from "./sessions.ts";
import {
  confirmTotp,
  offerTotp,
  removeFactor,
  renewRecoveryCodes,
  sessionToSetUp,
} from "./set-up-factors.ts";
import { signInWithPassword, signInWithRecoveryCode, signInWithTotp, signOut } from "./sign-in.ts";
import { stepUpWithTotp } from "./step-up.ts";
import { stepOf, totpCode } from "./totp.ts";

let access: TestAccess;
beforeAll(async () => {
  access = await openTestAccess();
});
afterAll(() => access.database.close());

const FAILED = { ok: false, refusal: { code: "sign-in-failed" } };
const LOCKED = { ok: false, refusal: { code: "sign-in-locked" } };

function type(email: string, password: string, client = CLIENT) {
  return signInWithPassword(access, { email, password }, client);
}

/** Connections of this database that wait for a lock. */
async function waitingCount(): Promise<number> {
  const [row] = await access.database.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return row!.count;
}

function from(address: string) {
  return { ...CLIENT, address };
}

describe("a sign-in", () => {
  it("needs both factors: a password alone opens nothing", async () => {
    const ready = await addReadyUser(access, "li", "operator");
    const first = must(await type(" LI@shancheng.example ", PASSWORD));
    expect(first.session.stage).toBe("first-factor");
    expect(first.methods).toEqual(["totp"]);
    expect(await callerOf(access, first.token)).toBeNull();
    const code = nextCode(access, ready.secret);
    const second = must(await signInWithTotp(access, first.token, code, CLIENT));
    expect(second.token).not.toBe(first.token);
    expect(await callerOf(access, second.token)).toMatchObject({
      kind: "user",
      id: ready.user.userId,
      role: "operator",
      sellerId: null,
      steppedUpAt: access.clock.now(),
    });
    expect(await callerOf(access, first.token)).toBeNull();
    expect(await kindsOf(access, ready.user.userId)).toEqual(["user-invited", "signed-in"]);
  });

  it("takes no code twice, however often a half-way session is opened", async () => {
    const ready = await addReadyUser(access, "twice", "operator");
    const code = nextCode(access, ready.secret);
    const halves = [];
    for (const _ of [1, 2, 3]) halves.push(must(await type(ready.user.email, PASSWORD)));
    const tries = await Promise.all(
      halves.map((half) => signInWithTotp(access, half.token, code, CLIENT)),
    );
    expect(tries.filter((outcome) => outcome.ok)).toHaveLength(1);
  });

  it("takes a code in one of two transactions that saw the same state", async () => {
    const { user, secret } = await addReadyUser(access, "race", "operator");
    const code = nextCode(access, secret);
    const now = access.clock.now();
    const first = await access.database.connect();
    try {
      await first.query("BEGIN");
      expect(await takeTotp(first, access, user.userId, code, now)).toBe(true);
      // Sees the step before, as the first one is not committed, and waits for it at the row.
      const second = access.database.transaction((tx) =>
        takeTotp(tx, access, user.userId, code, now),
      );
      await expect.poll(waitingCount, { timeout: 20_000 }).toBeGreaterThan(0);
      await first.query("COMMIT");
      expect(await second).toBe(false);
    } finally {
      first.release();
    }
  });

  it("goes on only from half-way: who is in does not come in again", async () => {
    const ready = await addReadyUser(access, "again", "operator");
    const token = await signInFully(access, ready);
    expect(
      await signInWithTotp(access, token, nextCode(access, ready.secret), CLIENT),
    ).toMatchObject(FAILED);
    expect(await callerOf(access, token)).not.toBeNull();
  });

  it("answers a wrong password, an unknown name and a disabled user alike, and records each", async () => {
    const { user } = await addReadyUser(access, "off", "operator");
    await updateUser(access.database, access.tenantId, user.userId, { state: "disabled" });
    const { user: other } = await addReadyUser(access, "wrong", "operator");
    const before = (await readTimeline(access.database, "t", [NOBODY])).length;
    const answers = [
      await type("nobody@shancheng.example", PASSWORD),
      await type(other.email, "not the password"),
      await type(user.email, PASSWORD),
      await type("no address at all", PASSWORD),
    ];
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]).toMatchObject(FAILED);
    expect(await readTimeline(access.database, "t", [NOBODY])).toHaveLength(before + 2);
    const [, refused] = await readTimeline(access.database, "t", [user.userId]);
    expect(refused).toMatchObject({
      kind: "sign-in-refused",
      data: { reason: "user-disabled", address: CLIENT.address },
    });
  });

  it("writes no password, code or typed name anywhere", async () => {
    const ready = await addReadyUser(access, "quiet", "operator");
    await type("hunter2-typed-in-the-wrong-field@x.example", "SECRET-TYPED-PASSWORD");
    const first = must(await type(ready.user.email, PASSWORD));
    await signInWithTotp(access, first.token, "000000", CLIENT);
    const tables = await access.database.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`,
    );
    expect(tables.length).toBeGreaterThan(20);
    for (const { name } of tables) {
      const [row] = await access.database.query<{ all: string | null }>(
        `SELECT string_agg(t::text, ' ') AS all FROM ${name} t`,
      );
      const all = row!.all ?? "";
      for (const secret of [PASSWORD, "SECRET-TYPED", "hunter2", ready.secret, first.token]) {
        expect(all.includes(secret), `${name} holds ${secret}`).toBe(false);
      }
    }
  });

  it("ends when its owner signs out, when it is idle, and when it is old", async () => {
    const ready = await addReadyUser(access, "ends", "operator");
    const out = await signInFully(access, ready);
    await signOut(access, out, CLIENT);
    expect(await callerOf(access, out)).toBeNull();
    const idle = await signInFully(access, ready);
    access.clock.advanceMs(30 * 60_000 - 1);
    expect(await callerOf(access, idle)).not.toBeNull();
    access.clock.advanceMs(30 * 60_000);
    expect(await callerOf(access, idle)).toBeNull();
    const old = await signInFully(access, ready);
    for (let quarter = 1; quarter < 48; quarter += 1) {
      access.clock.advanceMs(15 * 60_000);
      expect(await callerOf(access, old), `after ${quarter} quarters`).not.toBeNull();
    }
    access.clock.advanceMs(15 * 60_000);
    expect(await callerOf(access, old)).toBeNull();
    expect(await kindsOf(access, ready.user.userId)).toContain("signed-out");
  });

  it("keeps tokens as hashes only", async () => {
    const ready = await addReadyUser(access, "hash", "operator");
    const token = await signInFully(access, ready);
    const rows = await access.database.query<{ token_hash: string }>(
      `SELECT token_hash FROM access_session WHERE user_id = $1`,
      [ready.user.userId],
    );
    for (const row of rows) expect(row.token_hash).toMatch(/^[0-9a-f]{64}$/);
    expect(
      await findSession(access.database, access, rows[0]!.token_hash, access.clock.now()),
    ).toBeNull();
    expect(token).toMatch(/^[\w-]{43}$/);
  });
});

describe("guessing", () => {
  it("waits longer after each failure, also for the right password, and is forgotten after a success", async () => {
    const ready = await addReadyUser(access, "guess", "operator");
    const { email } = ready.user;
    for (let count = 0; count < 4; count += 1) {
      expect(await type(email, "wrong", from(`198.51.100.${count}`))).toMatchObject(FAILED);
    }
    const waits: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      expect(await type(email, "wrong", from("198.51.100.9"))).toMatchObject(FAILED);
      const locked = await type(email, PASSWORD, from("198.51.100.9"));
      expect(locked).toMatchObject(LOCKED);
      const retryAt = locked.ok ? "" : (locked.retryAt ?? "");
      waits.push(Date.parse(retryAt) - Date.parse(access.clock.now()));
      access.clock.advanceMs(waits[round]!);
    }
    expect(waits).toEqual([5_000, 10_000, 20_000]);
    expect((await type(email, PASSWORD)).ok).toBe(true);
    expect(await type(email, "wrong")).toMatchObject(FAILED);
    expect((await type(email, PASSWORD)).ok).toBe(true);
  });

  it("waits for names that nobody has as for those that somebody has", async () => {
    const email = "ghost@shancheng.example";
    for (let count = 0; count < 5; count += 1) {
      expect(await type(email, "wrong", from(`203.0.113.${count}`))).toMatchObject(FAILED);
    }
    expect(await type(email, "wrong", from("203.0.113.99"))).toMatchObject(LOCKED);
  });

  it("is counted before it is heard: of fifty at once few are heard", async () => {
    const ready = await addReadyUser(access, "burst", "operator");
    const tries = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        type(ready.user.email, "wrong", from(`192.0.2.${100 + index}`)),
      ),
    );
    const heard = tries.filter(
      (outcome) => !outcome.ok && outcome.refusal.code === "sign-in-failed",
    );
    expect(heard.length).toBeLessThanOrEqual(5);
  });

  it("is slowed down by address as well, whatever names are tried", async () => {
    const client = from("203.0.113.200");
    const codes = new Set<string>();
    for (let count = 0; count < 43; count += 1) {
      const outcome = await type(`name${count}@x.example`, "wrong", client);
      codes.add(outcome.ok ? "" : outcome.refusal.code);
    }
    expect(codes).toEqual(new Set(["sign-in-failed", "sign-in-locked"]));
  });

  it("from an address is not forgotten because somebody there signs in", async () => {
    const ready = await addReadyUser(access, "neighbour", "operator");
    const client = from("203.0.113.201");
    for (let count = 0; count < 40; count += 1) {
      await type(`other${count}@x.example`, "wrong", client);
      if (count % 10 === 0) expect((await type(ready.user.email, PASSWORD, client)).ok).toBe(true);
    }
    await type("last@x.example", "wrong", client);
    expect(await type("one-more@x.example", "wrong", client)).toMatchObject(LOCKED);
  });

  it("of codes is slowed down over all sign-ins of a user", async () => {
    const ready = await addReadyUser(access, "codes", "operator");
    const codes: string[] = [];
    for (let count = 0; count < 6; count += 1) {
      const half = must(await type(ready.user.email, PASSWORD, from(`198.51.100.${50 + count}`)));
      const outcome = await signInWithTotp(
        access,
        half.token,
        "000000",
        from(`198.51.100.${50 + count}`),
      );
      codes.push(outcome.ok ? "ok" : outcome.refusal.code);
    }
    expect(codes.slice(0, 5)).toEqual(Array(5).fill("sign-in-failed"));
    expect(codes[5]).toBe("sign-in-locked");
  });

  it("is forgotten after a day", async () => {
    access.clock.advanceMs(25 * 3_600_000);
    await forgetAttempts(access.database, "t", access.clock.now());
    expect(await access.database.query(`SELECT 1 FROM access_attempt`)).toEqual([]);
  });
});

describe("second factors", () => {
  it("are replaced by a confirmed new one, with recovery codes that open only the way to a new one", async () => {
    const ready = await addReadyUser(access, "lost", "operator");
    const token = await signInFully(access, ready);
    const session = must(await sessionToSetUp(access, token));
    const codes = must(await renewRecoveryCodes(access, session, CLIENT));
    expect(new Set(codes).size).toBe(10);
    const half = must(await type(ready.user.email, PASSWORD));
    expect(half.methods).toEqual(["totp", "recovery-code"]);
    const typed = ` ${codes[0]!.toUpperCase()} `;
    const back = must(await signInWithRecoveryCode(access, half.token, typed, CLIENT));
    expect(back.session.stage).toBe("enrol");
    expect(await callerOf(access, back.token)).toBeNull();

    const enrolling = must(await sessionToSetUp(access, back.token));
    const offer = await offerTotp(access, enrolling);
    const wrong = await confirmTotp(
      access,
      enrolling,
      { ticket: offer.ticket, code: "000000" },
      CLIENT,
    );
    expect(wrong).toMatchObject(FAILED);
    const code = totpCode(offer.secret, stepOf(access.clock.now()));
    const added = must(
      await confirmTotp(access, enrolling, { ticket: offer.ticket, code }, CLIENT),
    );
    expect(added.recoveryCodes).toHaveLength(10);
    expect(added.signedIn?.session.stage).toBe("full");
    // The old app, the used code and all other old codes are worth nothing now.
    const again = must(await type(ready.user.email, PASSWORD));
    expect(
      await signInWithTotp(access, again.token, nextCode(access, ready.secret), CLIENT),
    ).toMatchObject(FAILED);
    expect(await signInWithRecoveryCode(access, again.token, codes[1]!, CLIENT)).toMatchObject(
      FAILED,
    );
    const last = await signInWithTotp(access, again.token, nextCode(access, offer.secret), CLIENT);
    expect(last.ok).toBe(true);
    expect(await kindsOf(access, ready.user.userId)).toEqual(
      expect.arrayContaining(["recovery-codes-made", "recovery-code-used", "second-factor-added"]),
    );
  });

  it("are changed only soon after one was shown, and the last one stays", async () => {
    const ready = await addReadyUser(access, "late", "operator");
    const token = await signInFully(access, ready);
    const session = must(await sessionToSetUp(access, token));
    expect(await removeFactor(access, session, { kind: "totp" }, CLIENT)).toMatchObject({
      ok: false,
      refusal: { code: "last-factor" },
    });
    access.clock.advanceMs(11 * 60_000);
    expect(await sessionToSetUp(access, token)).toMatchObject({
      ok: false,
      refusal: { code: "step-up-needed" },
    });
    const up = must(await stepUpWithTotp(access, token, nextCode(access, ready.secret), CLIENT));
    expect((await sessionToSetUp(access, up.token)).ok).toBe(true);
    expect(await callerOf(access, token)).toBeNull();
    expect(await callerOf(access, up.token)).toMatchObject({ steppedUpAt: access.clock.now() });
  });

  it("cannot be set up by who has shown a password only while the user has one", async () => {
    const ready = await addReadyUser(access, "half", "operator");
    const half = must(await type(ready.user.email, PASSWORD));
    expect(await sessionToSetUp(access, half.token)).toMatchObject({
      ok: false,
      refusal: { code: "not-signed-in" },
    });
  });

  it("refuse and record a wrong step-up, and keep the session", async () => {
    const ready = await addReadyUser(access, "steps", "approver");
    const token = await signInFully(access, ready);
    expect(await stepUpWithTotp(access, token, "000000", CLIENT)).toMatchObject(FAILED);
    expect(await callerOf(access, token)).not.toBeNull();
    const events = await readTimeline(access.database, "t", [ready.user.userId]);
    expect(events.at(-1)).toMatchObject({ kind: "step-up-refused", actor: ready.user.userId });
  });
});
