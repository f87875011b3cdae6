import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decideApproval } from "../../approval/approval-acts.ts";
import { manualClock } from "../../time/clock.ts";
import type { Instant } from "../../time/instant.ts";
import { readTimeline } from "../../timeline/timeline.ts";
import { COMMAND_LINE } from "../audit.ts";
import { confirmTotp, offerTotp, sessionToSetUp } from "../sessions/set-up-factors.ts";
import { signInWithPassword } from "../sessions/sign-in.ts";
import { stepOf, totpCode } from "../sessions/totp.ts";
import {
  addReadyUser,
  CLIENT,
  callerOf,
  kindsOf,
  must,
  openTestAccess,
  PASSWORD,
  signInFully,
  steppedUp,
  type TestAccess,
} from "../test-access.ts";
import { changePassword } from "./change-password.ts";
import { acceptInvitation, inviteUser, type Newcomer, proposeUser } from "./invite-user.ts";
import {
  askUserChange,
  type ChangeRequest,
  carryOutUserChange,
  disableUser,
} from "./user-change.ts";
import { loadUser, type User } from "./users.ts";
import { addUserHere, resetUserHere } from "./users-here.ts";

let access: TestAccess;
let admin: User;
let approver: User;
let owner: User;

beforeAll(async () => {
  access = await openTestAccess();
  admin = (await addReadyUser(access, "admin", "admin")).user;
  approver = (await addReadyUser(access, "approver", "approver")).user;
  owner = (await addReadyUser(access, "owner", "seller-owner", "shancheng")).user;
});
afterAll(() => access.database.close());

const NEWCOMER: Newcomer = {
  email: "New@shancheng.example",
  name: "Newcomer",
  role: "operator",
  sellerId: null,
};

function as(user: User) {
  return steppedUp(user, access.clock.now());
}

function tokenOf(url: string): string {
  return url.split("?invitation=")[1]!;
}

function reload(user: User): Promise<User> {
  return loadUser(access.database, "t", user.userId).then((found) => found!);
}

function propose(by: User, newcomer: Partial<Newcomer>) {
  return proposeUser(access, as(by), { ...NEWCOMER, ...newcomer }, "We need a hand.", CLIENT);
}

async function ask(by: User, user: User, request: Partial<ChangeRequest>) {
  const fresh = await reload(user);
  const whole: ChangeRequest = {
    act: "change-role",
    after: { role: fresh.role, sellerId: fresh.sellerId },
    reason: "As agreed.",
    ...request,
  };
  return access.database.transaction((tx) =>
    askUserChange(tx, "t", as(by), fresh, whole, CLIENT, access.clock.now()),
  );
}

/** What the approvals' route does: decide, and carry out in the same transaction. */
async function decide(approvalId: string, checker: User) {
  return access.database.transaction(async (tx) => {
    const now = access.clock.now();
    const decision = { outcome: "approved", checker: checker.userId, reason: null } as const;
    const decided = await decideApproval(tx, "t", approvalId, decision, now);
    return decided.ok ? carryOutUserChange(tx, "t", decided.value, now) : decided;
  });
}

/** Comes in by an invitation: password, authenticator, signed in. */
async function comeIn(url: string) {
  const step = must(
    await acceptInvitation(access, { token: tokenOf(url), password: PASSWORD }, CLIENT),
  );
  expect(step.session.stage).toBe("enrol");
  const session = must(await sessionToSetUp(access, step.token));
  const { ticket, secret } = await offerTotp(access, session);
  const code = totpCode(secret, stepOf(access.clock.now()));
  const added = must(await confirmTotp(access, session, { ticket, code }, CLIENT));
  return { token: added.signedIn!.token, secret };
}

describe("a newcomer", () => {
  it("is admitted to the institution by two persons, then comes in with factors of their own", async () => {
    const proposed = must(await propose(admin, {}));
    expect(proposed.user).toMatchObject({ state: "proposed", email: "new@shancheng.example" });
    expect(proposed.invitation).toBeNull();
    const { user } = proposed;
    expect(await inviteUser(access, as(admin), user.userId, CLIENT)).toMatchObject({ ok: false });
    const approvalId = proposed.approval!.approvalId;
    expect(await decide(approvalId, admin)).toMatchObject({ refusal: { code: "approval-own" } });
    must(await decide(approvalId, approver));
    const { url } = must(await inviteUser(access, as(admin), user.userId, CLIENT));
    const { token } = await comeIn(url);
    expect(await callerOf(access, token)).toMatchObject({ id: user.userId, role: "operator" });
    expect((await reload(user)).state).toBe("active");
    expect(await kindsOf(access, user.userId)).toEqual(
      expect.arrayContaining([
        "user-proposed",
        "approval-approved",
        "user-invited",
        "invitation-accepted",
        "signed-in",
      ]),
    );
  });

  it("of a seller's desk is admitted by its owner alone, and no further", async () => {
    const finance = {
      email: "f@s.example",
      role: "seller-finance",
      sellerId: "shancheng",
    } as const;
    const proposed = must(await propose(owner, finance));
    expect(proposed.user.state).toBe("invited");
    await comeIn(proposed.invitation!.url);
    const second = must(
      await propose(owner, { ...finance, email: "o@s.example", role: "seller-owner" }),
    );
    expect(second.approval).not.toBeNull();
    for (const [newcomer, code] of [
      [{ ...finance, sellerId: "jiangbei" }, "role-not-yours"],
      [{ role: "operator", sellerId: null }, "role-not-yours"],
      [{ ...finance, sellerId: null }, "role-invalid"],
    ] as const) {
      expect(await propose(owner, { ...newcomer, email: "x@s.example" })).toMatchObject({
        refusal: { code },
      });
    }
  });

  it("is refused without an address, a name or a seller that exist, and twice", async () => {
    for (const [newcomer, code] of [
      [{ email: "nobody" }, "email-invalid"],
      [{ email: "a@s.example", name: " " }, "name-invalid"],
      [{ email: "a@s.example", role: "seller-viewer", sellerId: "nowhere" }, "seller-unknown"],
      [{ email: admin.email }, "email-taken"],
    ] as const) {
      expect(await propose(admin, newcomer)).toMatchObject({ refusal: { code } });
    }
    const none = await access.database.query(
      `SELECT 1 FROM access_user WHERE email = 'a@s.example'`,
    );
    expect(none).toEqual([]);
    const noReason = await proposeUser(
      access,
      as(admin),
      { ...NEWCOMER, email: "r@s.example" },
      " ",
      CLIENT,
    );
    expect(noReason).toMatchObject({ refusal: { code: "reason-missing" } });
    expect(
      await access.database.query(`SELECT 1 FROM access_user WHERE email = 'r@s.example'`),
    ).toEqual([]);
  });

  it("uses an invitation once, in time, the last one only, with a good password", async () => {
    const viewer = { email: "v@s.example", role: "seller-viewer", sellerId: "shancheng" } as const;
    const { user, invitation } = must(await propose(owner, viewer));
    const accept = (url: string, password = PASSWORD) =>
      acceptInvitation(access, { token: tokenOf(url), password }, CLIENT);
    const invalid = { refusal: { code: "invitation-invalid" } };
    const second = must(await inviteUser(access, as(owner), user.userId, CLIENT));
    expect(await accept(invitation!.url)).toMatchObject(invalid);
    expect(await accept(second.url, "short")).toMatchObject({ refusal: { code: "password-weak" } });
    access.clock.advanceMs(72 * 3_600_000);
    expect(await accept(second.url)).toMatchObject(invalid);
    const third = must(await inviteUser(access, as(owner), user.userId, CLIENT));
    expect((await accept(third.url)).ok).toBe(true);
    expect(await accept(third.url)).toMatchObject(invalid);
    // Who stopped half-way goes on with the password.
    const typed = { email: user.email, password: PASSWORD };
    expect(must(await signInWithPassword(access, typed, CLIENT)).session.stage).toBe("enrol");
  });

  it("comes in by the time of their own devices, where the channel's own time is moved", async () => {
    const ahead = manualClock("2027-02-01T00:00:00.000Z" as Instant);
    const moved = { ...access, channelClock: ahead };
    const newcomer = { ...NEWCOMER, email: "ahead@s.example" };
    const asked = must(await proposeUser(moved, as(admin), newcomer, "For the sandbox.", CLIENT));
    expect(asked.approval?.requestedAt).toBe(ahead.now());
    const finance = {
      email: "desk@s.example",
      role: "seller-finance",
      sellerId: "shancheng",
    } as const;
    const made = must(await proposeUser(moved, as(owner), { ...NEWCOMER, ...finance }, "", CLIENT));
    const { token } = await comeIn(made.invitation!.url);
    expect(await callerOf(moved, token)).toMatchObject({ role: "seller-finance" });
  });

  it("may be added at the machine itself, on record as that", async () => {
    const newcomer = { ...NEWCOMER, email: "first@s.example", role: "admin" } as const;
    const { user, invitation } = must(await addUserHere(access, newcomer));
    await comeIn(invitation.url);
    const [event] = await readTimeline(access.database, "t", [user.userId]);
    expect(event).toMatchObject({ kind: "user-invited", actor: COMMAND_LINE });
    const back = must(await resetUserHere(access, " FIRST@s.example"));
    const typed = { email: user.email, password: PASSWORD };
    expect((await signInWithPassword(access, typed, CLIENT)).ok).toBe(false);
    await comeIn(back.invitation.url);
    expect(await resetUserHere(access, "nobody@s.example")).toMatchObject({
      refusal: { code: "user-unknown" },
    });
  });
});

describe("a change of a user", () => {
  it("of role waits for a second person, ends sessions, and lapses when the user changed meanwhile", async () => {
    const ready = await addReadyUser(access, "climber", "operator");
    const token = await signInFully(access, ready);
    const after = { role: "approver", sellerId: null } as const;
    const asked = must(await ask(admin, ready.user, { after }));
    expect((await reload(ready.user)).role).toBe("operator");
    expect(await callerOf(access, token)).not.toBeNull();
    // Nobody decides about themselves.
    expect(await decide(asked.approval!.approvalId, ready.user)).toMatchObject({ ok: false });
    must(await decide(asked.approval!.approvalId, approver));
    expect((await reload(ready.user)).role).toBe("approver");
    expect(await callerOf(access, token)).toBeNull();

    const again = must(
      await ask(admin, ready.user, { after: { role: "engineer", sellerId: null } }),
    );
    const now = access.clock.now();
    await access.database.transaction(async (tx) =>
      must(await disableUser(tx, "t", as(admin), await reload(ready.user), CLIENT, now)),
    );
    expect(await decide(again.approval!.approvalId, approver)).toMatchObject({
      refusal: { code: "user-changed-meanwhile" },
    });
    expect((await reload(ready.user)).role).toBe("approver");
  });

  it("to begin the sign-in anew takes every factor, and waits for a second person where the role is the institution's", async () => {
    const ready = await addReadyUser(access, "resetting", "operator");
    const asked = must(await ask(admin, ready.user, { act: "reset-sign-in" }));
    must(await decide(asked.approval!.approvalId, approver));
    const typed = { email: ready.user.email, password: PASSWORD };
    expect((await signInWithPassword(access, typed, CLIENT)).ok).toBe(false);
    const { url } = must(await inviteUser(access, as(admin), ready.user.userId, CLIENT));
    const { secret } = await comeIn(url);
    expect(secret).not.toBe(ready.secret);
  });

  it("is nobody's own act, nor one on whom they may not make", async () => {
    expect(await ask(admin, admin, { act: "reset-sign-in" })).toMatchObject({
      refusal: { code: "not-yourself" },
    });
    expect(await ask(owner, approver, { act: "reset-sign-in" })).toMatchObject({
      refusal: { code: "role-not-yours" },
    });
    const elsewhere = (await addReadyUser(access, "elsewhere", "seller-viewer", "jiangbei")).user;
    expect(await ask(owner, elsewhere, { act: "reset-sign-in" })).toMatchObject({
      refusal: { code: "role-not-yours" },
    });
    const moved = { after: { role: "seller-viewer", sellerId: "shancheng" } } as const;
    expect(await ask(owner, elsewhere, moved)).toMatchObject({
      refusal: { code: "role-not-yours" },
    });
    expect(await ask(approver, elsewhere, moved)).toMatchObject({
      refusal: { code: "role-not-yours" },
    });
  });

  it("disables at once, keys and sessions with it, and never the last admin", async () => {
    const ready = await addReadyUser(access, "leaver", "seller-viewer", "shancheng");
    const token = await signInFully(access, ready);
    const disable = (by: User, user: User) =>
      access.database.transaction(async (tx) =>
        disableUser(tx, "t", as(by), await reload(user), CLIENT, access.clock.now()),
      );
    must(await disable(owner, ready.user));
    expect(await callerOf(access, token)).toBeNull();
    expect(await disable(owner, ready.user)).toMatchObject({ refusal: { code: "user-state" } });
    const enabled = must(await ask(owner, ready.user, { act: "enable" }));
    expect(enabled.approval).toBeNull();
    expect((await reload(ready.user)).state).toBe("active");
    await access.database.query(
      `UPDATE access_user SET state = 'disabled' WHERE role = 'admin' AND user_id <> $1`,
      [admin.userId],
    );
    const other = { ...admin, userId: "user_other" as const, role: "admin" as const };
    expect(await disable(other, admin)).toMatchObject({ refusal: { code: "last-admin" } });
  });
});

describe("a password", () => {
  it("is changed by its owner, who knows the old one, and ends the other sessions", async () => {
    const ready = await addReadyUser(access, "changes", "operator");
    const [kept, other] = [await signInFully(access, ready), await signInFully(access, ready)];
    const session = must(await sessionToSetUp(access, kept));
    const next = "a different sentence";
    const change = (old: string, password: string) =>
      changePassword(access, session, { old, password }, CLIENT);
    expect(await change("not the old one", next)).toMatchObject({
      refusal: { code: "sign-in-failed" },
    });
    expect(await change(PASSWORD, "short")).toMatchObject({ refusal: { code: "password-weak" } });
    expect(must(await change(PASSWORD, next)).endedSessions).toBeGreaterThanOrEqual(1);
    expect(await callerOf(access, other)).toBeNull();
    expect(await callerOf(access, kept)).not.toBeNull();
    const typed = { email: ready.user.email, password: next };
    expect((await signInWithPassword(access, typed, CLIENT)).ok).toBe(true);
  });
});
