import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AccessDeps } from "../../identity/access-deps.ts";
import type { Role } from "../../identity/roles.ts";
import { newTotpSecret, stepOf, totpCode } from "../../identity/sessions/totp.ts";
import { PASSWORD, testDevice } from "../../identity/test-access.ts";
import { addSandboxUser } from "../../identity/users/users-here.ts";
import { manualClock } from "../../time/clock.ts";
import type { Instant } from "../../time/instant.ts";
import { authenticator } from "../authenticate.ts";
import {
  openTestApi,
  TEST_ORIGIN,
  type TestAnswer,
  type TestApi,
  type TestRequest,
} from "../test-api.ts";

const SELLERS = ["shancheng", "jiangbei"].map((id) => ({ id, legalName: id, accounts: [] }));

let api: TestApi;
let access: AccessDeps;
const clock = manualClock("2026-11-23T04:05:00.000Z" as Instant);

beforeAll(async () => {
  api = await openTestApi(SELLERS, (deps) => {
    access = { ...deps.access, clock, channelClock: clock };
    return { clock, access, authenticate: authenticator(access) };
  });
});
afterAll(() => api.close());

/** A browser: keeps cookies, and says where its requests come from. */
type Browser = {
  readonly ask: (path: string, init?: TestRequest) => Promise<TestAnswer>;
  readonly post: (
    path: string,
    json?: unknown,
    headers?: Record<string, string>,
  ) => Promise<TestAnswer>;
  readonly cookies: Map<string, string>;
};

function browser(): Browser {
  const cookies = new Map<string, string>();
  const ask: Browser["ask"] = async (path, init = {}) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { origin: TEST_ORIGIN, ...(cookie === "" ? {} : { cookie }), ...init.headers };
    const answer = await api.ask(null, path, { ...init, headers });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/max-age=0/i.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
    return answer;
  };
  return {
    ask,
    cookies,
    post: (path, json = {}, headers = {}) => ask(path, { method: "POST", json, headers }),
  };
}

type Person = {
  readonly browser: Browser;
  readonly secret: string;
  readonly email: string;
  readonly id: string;
};

async function person(name: string, role: Role, sellerId: string | null = null): Promise<Person> {
  const secret = newTotpSecret();
  const email = `${name}@shancheng.example`;
  const newcomer = { email, name, role, sellerId };
  const user = await addSandboxUser(access, newcomer, { password: PASSWORD, totpSecret: secret });
  const own = { browser: browser(), secret, email, id: user!.userId };
  await signIn(own);
  return own;
}

function code(secret: string): string {
  clock.advanceMs(30_000);
  return totpCode(secret, stepOf(clock.now()));
}

async function signIn({ browser, email, secret }: Omit<Person, "id">): Promise<void> {
  const first = await browser.post("/v1/sign-in/password", { email, password: PASSWORD });
  expect(first.body).toMatchObject({ stage: "first-factor" });
  const second = await browser.post("/v1/sign-in/totp", { code: code(secret) });
  expect(second.body).toMatchObject({ stage: "full", methods: [] });
}

describe("a browser", () => {
  it("signs in with both factors, and is somebody only then", async () => {
    const li = await person("li", "operator");
    const me = await li.browser.ask("/v1/me");
    expect(me.body).toMatchObject({ kind: "user", id: li.id, role: "operator", sellerId: null });
    expect((await li.browser.ask("/v1/payouts")).status).toBe(200);
    const half = browser();
    await half.post("/v1/sign-in/password", { email: li.email, password: PASSWORD });
    expect((await half.ask("/v1/me")).status).toBe(401);
    expect((await half.ask("/v1/payouts")).status).toBe(401);
    expect((await li.browser.post("/v1/sign-out")).status).toBe(204);
    expect((await li.browser.ask("/v1/me")).status).toBe(401);
    expect(li.browser.cookies.size).toBe(0);
  });

  it("gets a cookie that no script reads and no foreign page sends along", async () => {
    const own = await person("cookie", "operator");
    const answer = await own.browser.post("/v1/sign-in/password", {
      email: own.email,
      password: PASSWORD,
    });
    const [cookie] = answer.headers.getSetCookie();
    expect(cookie).toMatch(/^straitway=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(answer.text).not.toContain(own.browser.cookies.get("straitway"));
    const https = { ...access.settings, publicUrl: "https://channel.example.com" };
    Object.assign(access, { settings: https });
    const secure = await browser().post(
      "/v1/sign-in/password",
      { email: own.email, password: PASSWORD },
      { origin: "https://channel.example.com" },
    );
    Object.assign(access, { settings: { ...https, publicUrl: TEST_ORIGIN } });
    expect(secure.headers.getSetCookie()[0]).toMatch(
      /^__Host-straitway=[\w-]{43}; .*HttpOnly; Secure; SameSite=Lax$/,
    );
  });

  it("changes nothing from another site's page, nor without saying where it is", async () => {
    const own = await person("origin", "engineer");
    const revoke = "/v1/api-keys/key_none/revoke";
    const evil = { origin: "https://evil.example" };
    expect((await own.browser.post(revoke, {}, evil)).body.code).toBe("origin-refused");
    const cookie = `straitway=${own.browser.cookies.get("straitway")}`;
    const silent = await api.ask(null, revoke, { method: "POST", json: {}, headers: { cookie } });
    expect(silent.body.code).toBe("origin-refused");
    const crossed = { cookie, "sec-fetch-site": "cross-site", origin: TEST_ORIGIN };
    const other = await api.ask(null, revoke, { method: "POST", json: {}, headers: crossed });
    expect(other.body.code).toBe("origin-refused");
    const said = { cookie, "sec-fetch-site": "same-origin", origin: "null" };
    const own1 = await api.ask(null, revoke, { method: "POST", json: {}, headers: said });
    expect(own1.body.code).toBe("not-found");
    expect((await own.browser.post(revoke)).body.code).toBe("not-found");
    const sameMachine = { origin: "http://127.0.0.1" };
    expect((await own.browser.post(revoke, {}, sameMachine)).body.code).toBe("not-found");
    for (const origin of [
      "http://127.0.0.1:8080",
      "https://localhost",
      "null",
      "http://localhost.evil.example",
    ]) {
      expect((await own.browser.post(revoke, {}, { origin })).body.code, origin).toBe(
        "origin-refused",
      );
    }
    const login = await browser().post(
      "/v1/sign-in/password",
      { email: "a@b.example", password: "x" },
      evil,
    );
    expect(login.body.code).toBe("origin-refused");
  });

  it("is told when its next try is heard", async () => {
    const own = browser();
    const tries = [];
    for (let count = 0; count < 6; count += 1) {
      tries.push(
        await own.post("/v1/sign-in/password", { email: "ghost@x.example", password: "wrong" }),
      );
    }
    expect(tries.map(({ body }) => body.code)).toEqual([
      ...Array(5).fill("sign-in-failed"),
      "sign-in-locked",
    ]);
    expect(tries[5]?.status).toBe(429);
    expect(tries[5]?.headers.get("retry-after")).toBe("5");
  });

  it("steps up for sensitive acts, and the factor counts for ten minutes", async () => {
    const own = await person("stepper", "engineer");
    const draft = { name: "robot", role: "engineer", scopes: ["events.read"] };
    expect((await own.browser.post("/v1/api-keys", draft)).status).toBe(201);
    clock.advanceMs(10 * 60_000 + 1);
    expect((await own.browser.post("/v1/api-keys", draft)).body.code).toBe("step-up-needed");
    const up = await own.browser.post("/v1/me/step-up/totp", { code: code(own.secret) });
    expect(up.body.steppedUpAt).toBe(clock.now());
    expect((await own.browser.post("/v1/api-keys", draft)).status).toBe(201);
  });

  it("adds a passkey, signs in by it alone, steps up by it, and removes the app", async () => {
    const own = await person("keys", "approver");
    const device = testDevice();
    const options = await own.browser.post("/v1/me/passkeys/options");
    const created = device.create(options.body, TEST_ORIGIN);
    const added = await own.browser.post("/v1/me/passkeys", { name: "phone", answer: created });
    expect(added.status).toBe(201);
    expect(added.body.recoveryCodes).toHaveLength(10);
    expect((await own.browser.ask("/v1/me/passkeys")).body.data).toMatchObject([
      { name: "phone", usedAt: null },
    ]);
    const other = browser();
    const asked = await other.post("/v1/sign-in/passkey/options");
    const answer = device.get(asked.body, { origin: TEST_ORIGIN });
    expect((await other.post("/v1/sign-in/passkey", answer)).body.stage).toBe("full");
    clock.advanceMs(11 * 60_000);
    expect((await other.ask("/v1/me/totp", { method: "DELETE" })).body.code).toBe("step-up-needed");
    const again = await other.post("/v1/me/step-up/passkey/options");
    const stepped = await other.post(
      "/v1/me/step-up/passkey",
      device.get(again.body, { origin: TEST_ORIGIN }),
    );
    expect(stepped.status).toBe(200);
    expect((await other.ask("/v1/me/totp", { method: "DELETE" })).status).toBe(204);
    expect((await other.ask("/v1/me")).body.factors).toMatchObject({
      hasTotp: false,
      passkeyCount: 1,
    });
    const last = `/v1/me/passkeys/${created.id}`;
    expect((await other.ask(last, { method: "DELETE" })).body.code).toBe("last-factor");
  });

  it("sees its sessions and ends the others", async () => {
    const own = await person("sessions", "operator");
    const other = { ...own, browser: browser() };
    await signIn(other);
    const { data } = (await own.browser.ask("/v1/me/sessions")).body;
    expect(data).toHaveLength(2);
    const theirs = data.find((session: { isThisOne: boolean }) => !session.isThisOne);
    expect(
      (await own.browser.ask(`/v1/me/sessions/${theirs.id}`, { method: "DELETE" })).status,
    ).toBe(204);
    expect((await other.browser.ask("/v1/me")).status).toBe(401);
    const stranger = await person("stranger", "operator");
    const mine = data.find((session: { isThisOne: boolean }) => session.isThisOne);
    expect(
      (await stranger.browser.ask(`/v1/me/sessions/${mine.id}`, { method: "DELETE" })).status,
    ).toBe(404);
  });
});

describe("users", () => {
  it("come in by two persons, an invitation, a password and a second factor", async () => {
    const [admin, approver] = [await person("admin", "admin"), await person("checker", "approver")];
    const newcomer = {
      email: "n@shancheng.example",
      name: "N",
      role: "operator",
      reason: "More hands.",
    };
    const made = await admin.browser.post("/v1/users", newcomer);
    expect(made.status).toBe(202);
    expect(made.headers.get("location")).toBe(`/v1/users/${made.body.user.id}`);
    const { id } = made.body.user;
    const path = `/v1/approvals/${made.body.approvalId}`;
    const etag = (await approver.browser.ask(path)).headers.get("etag")!;
    const approve = (by: Person) =>
      by.browser.post(
        `${path}/approve`,
        { reason: null },
        { "if-match": etag, "idempotency-key": `approve-by-${by.id}` },
      );
    expect((await approve(admin)).body.code).toBe("approval-own");
    expect((await admin.browser.post(`/v1/users/${id}/invitations`)).body.code).toBe("user-state");
    expect((await approve(approver)).body).toMatchObject({ state: "executed" });
    const invited = await admin.browser.post(`/v1/users/${id}/invitations`);
    expect(invited.status).toBe(201);
    const token = new URL(invited.body.url).searchParams.get("invitation");
    const theirs = browser();
    const weak = await theirs.post("/v1/sign-in/invitation", { token, password: "short" });
    expect(weak.body.code).toBe("password-weak");
    const step = await theirs.post("/v1/sign-in/invitation", { token, password: PASSWORD });
    expect(step.body.stage).toBe("enrol");
    expect((await theirs.ask("/v1/me")).status).toBe(401);
    const offer = await theirs.post("/v1/me/totp/offer");
    const confirm = {
      ticket: offer.body.ticket,
      code: totpCode(offer.body.secret, stepOf(clock.now())),
    };
    const done = await theirs.ask("/v1/me/totp", { method: "PUT", json: confirm });
    expect(done.body).toMatchObject({ signedIn: { stage: "full" } });
    expect((await theirs.ask("/v1/me")).body).toMatchObject({ id, role: "operator" });
  });

  it("are changed by who saw them as they are", async () => {
    const admin = await person("editor", "admin");
    const target = await person("edited", "seller-viewer", "shancheng");
    const path = `/v1/users/${target.id}`;
    const seen = await admin.browser.ask(path);
    const etag = seen.headers.get("etag")!;
    const change = {
      act: "change-role",
      role: "seller-finance",
      sellerId: "shancheng",
      reason: "",
    };
    const ask = (headers: Record<string, string>) =>
      admin.browser.post(`${path}/changes`, change, headers);
    expect((await ask({})).body.code).toBe("if-match-missing");
    expect((await ask({ "if-match": '"v999"' })).body.code).toBe("changed-meanwhile");
    const done = await ask({ "if-match": etag });
    expect(done.status).toBe(200);
    expect(done.body).toMatchObject({ approvalId: null, user: { role: "seller-finance" } });
    expect((await ask({ "if-match": etag })).body.code).toBe("changed-meanwhile");
    expect((await target.browser.ask("/v1/me")).status).toBe(401);
    expect((await admin.browser.post(`${path}/disable`)).body.state).toBe("disabled");
  });

  it("of another seller are as none, whatever is asked of them", async () => {
    const owner = await person("owner", "seller-owner", "shancheng");
    const theirs = await person("theirs", "seller-viewer", "jiangbei");
    const admin = await person("admin2", "admin");
    const none = "user_00000000000000000000000000";
    for (const id of [theirs.id, admin.id, none]) {
      const answers = [
        await owner.browser.ask(`/v1/users/${id}`),
        await owner.browser.post(`/v1/users/${id}/invitations`),
        await owner.browser.post(
          `/v1/users/${id}/changes`,
          { act: "enable", reason: "x" },
          { "if-match": "*" },
        ),
        await owner.browser.post(`/v1/users/${id}/disable`),
      ];
      for (const answer of answers) expect(answer.body.code).toBe("not-found");
    }
    const { data } = (await owner.browser.ask("/v1/users?limit=100")).body;
    expect(data.length).toBeGreaterThan(0);
    for (const user of data) expect(user.sellerId).toBe("shancheng");
    expect((await owner.browser.ask("/v1/users?sellerId=jiangbei")).body.data).toEqual([]);
  });
});

describe("programs", () => {
  it("come by key, do what its scopes say, and no more", async () => {
    const owner = await person("keymaker", "seller-owner", "shancheng");
    const draft = {
      name: "books",
      role: "seller-viewer",
      sellerId: "shancheng",
      scopes: ["payouts.read"],
    };
    const { body } = await owner.browser.post("/v1/api-keys", draft);
    const headers = { authorization: `Bearer ${body.secret}` };
    const me = await api.ask(null, "/v1/me", { headers });
    expect(me.body).toMatchObject({
      kind: "key",
      id: body.key.id,
      name: "books",
      scopes: ["payouts.read"],
    });
    expect((await api.ask(null, "/v1/payouts", { headers })).status).toBe(200);
    expect((await api.ask(null, "/v1/accounts", { headers })).body.code).toBe("not-permitted");
    const upload = await api.ask(null, "/v1/uploads?name=x", {
      method: "POST",
      body: "x",
      headers,
    });
    expect(upload.status).toBe(403);
    const { data } = (await owner.browser.ask(`/v1/audit?actor=${body.key.id}`)).body;
    expect(data).toMatchObject([{ kind: "act-refused", data: { permission: "uploads.write" } }]);
    // A key needs no origin, and a session beside it is not looked at.
    const cookie = `straitway=${owner.browser.cookies.get("straitway")}`;
    const both = await api.ask(null, "/v1/me", { headers: { ...headers, cookie } });
    expect(both.body.kind).toBe("key");
  });

  it("are refused with an ended, unknown or malformed key, even beside a good session", async () => {
    const owner = await person("ender", "seller-owner", "shancheng");
    const draft = { name: "old", role: "seller-viewer", sellerId: "shancheng" };
    const { body } = await owner.browser.post("/v1/api-keys", draft);
    const next = await owner.browser.post(`/v1/api-keys/${body.key.id}/rotate`, { graceHours: 0 });
    expect(next.status).toBe(201);
    for (const authorization of [`Bearer ${body.secret}`, "Bearer swk_x", "Basic YTpi", "Bearer"]) {
      const answer = await owner.browser.ask("/v1/me", { headers: { authorization } });
      expect(answer.body.code, authorization).toBe("not-signed-in");
    }
    const { data } = (await owner.browser.ask(`/v1/audit?subject=${body.key.id}`)).body;
    expect(data.map((act: { kind: string }) => act.kind)).toEqual([
      "api-key-refused",
      "api-key-rotated",
      "api-key-made",
    ]);
    expect(data[0]).toMatchObject({ actor: "nobody", data: { reason: "expired" } });
    expect(
      (await owner.browser.post(`/v1/api-keys/${next.body.key.id}/revoke`)).body.revokedAt,
    ).toBe(clock.now());
  });

  it("of another seller are as none", async () => {
    const [one, other] = [
      await person("one", "seller-owner", "shancheng"),
      await person("two", "seller-owner", "jiangbei"),
    ];
    const draft = { name: "mine", role: "seller-viewer", sellerId: "shancheng" };
    const { id } = (await one.browser.post("/v1/api-keys", draft)).body.key;
    for (const answer of [
      await other.browser.ask(`/v1/api-keys/${id}`),
      await other.browser.post(`/v1/api-keys/${id}/rotate`),
      await other.browser.post(`/v1/api-keys/${id}/revoke`),
    ]) {
      expect(answer.body.code).toBe("not-found");
    }
    expect((await other.browser.ask("/v1/api-keys")).body.data).toEqual([]);
    expect((await other.browser.post("/v1/api-keys", draft)).body.code).toBe("role-not-yours");
    expect((await one.browser.ask(`/v1/api-keys/${id}`)).body.name).toBe("mine");
  });
});

describe("the audit trail", () => {
  it("shows every act, newest first, page by page, to who may read it", async () => {
    const supervisor = await person("supervisor", "supervisor");
    const all: { id: string; kind: string }[] = [];
    let cursor = "";
    do {
      const page = (await supervisor.browser.ask(`/v1/audit?limit=7${cursor}`)).body;
      all.push(...page.data);
      cursor = page.nextCursor === null ? "" : `&cursor=${page.nextCursor}`;
    } while (cursor !== "");
    const seqs = all.map(({ id }) => Number(id.slice(4)));
    expect(seqs).toEqual(seqs.toSorted((a, b) => b - a));
    expect(new Set(seqs).size).toBe(seqs.length);
    const kinds = new Set(all.map(({ kind }) => kind));
    for (const kind of [
      "signed-in",
      "sign-in-refused",
      "signed-out",
      "stepped-up",
      "approval-approved",
      "api-key-made",
    ]) {
      expect(kinds, kind).toContain(kind);
    }
    const refused = (await supervisor.browser.ask("/v1/audit?kind=sign-in-refused&actor=nobody"))
      .body;
    expect(refused.data.length).toBeGreaterThan(0);
    const operator = await person("curious", "operator");
    expect((await operator.browser.ask("/v1/audit")).status).toBe(403);
  });

  it("shows a seller the acts of its own people only", async () => {
    const owner = await person("auditor", "seller-owner", "jiangbei");
    const users = (await owner.browser.ask("/v1/users?limit=100")).body.data;
    const keys = (await owner.browser.ask("/v1/api-keys?limit=100")).body.data;
    const own = new Set([...users, ...keys].map(({ id }: { id: string }) => id));
    const { data } = (await owner.browser.ask("/v1/audit?limit=100")).body;
    expect(data.length).toBeGreaterThan(0);
    for (const act of data)
      expect(own.has(act.actor) || own.has(act.subject), JSON.stringify(act)).toBe(true);
  });
});
