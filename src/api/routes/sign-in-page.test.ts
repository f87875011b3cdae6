import { Script } from "node:vm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AccessDeps } from "../../identity/access-deps.ts";
import { newTotpSecret, stepOf, totpCode } from "../../identity/sessions/totp.ts";
import { PASSWORD } from "../../identity/test-access.ts";
import { addSandboxUser, addUserHere } from "../../identity/users/users-here.ts";
import { manualClock } from "../../time/clock.ts";
import type { Instant } from "../../time/instant.ts";
import { authenticator } from "../authenticate.ts";
import { PASSKEY_SCRIPT } from "../sign-in-page/page-assets.ts";
import { renderPage } from "../sign-in-page/render-page.ts";
import { openTestApi, TEST_ORIGIN, type TestAnswer, type TestApi } from "../test-api.ts";

let api: TestApi;
let access: AccessDeps;
const clock = manualClock("2026-11-23T04:05:00.000Z" as Instant);

beforeAll(async () => {
  api = await openTestApi([], (deps) => {
    access = { ...deps.access, clock, channelClock: clock };
    return { clock, access, authenticate: authenticator(access) };
  });
});
afterAll(() => api.close());

/** A browser without scripts: follows links and forms, keeps its cookie. */
function plainBrowser(headers: Record<string, string> = {}) {
  let cookie = "";
  const ask = async (path: string, fields?: Record<string, string>): Promise<TestAnswer> => {
    const answer = await api.ask(null, path, {
      headers: {
        ...headers,
        cookie,
        ...(fields === undefined
          ? {}
          : { origin: TEST_ORIGIN, "content-type": "application/x-www-form-urlencoded" }),
      },
      ...(fields === undefined
        ? {}
        : { method: "POST", body: new URLSearchParams(fields).toString() }),
    });
    for (const line of answer.headers.getSetCookie()) cookie = line.split(";")[0] ?? "";
    return answer.status === 303 ? ask(answer.headers.get("location") ?? "") : answer;
  };
  return ask;
}

const NEWCOMER = { name: "<b>Li</b>", role: "operator", sellerId: null } as const;

describe("the sign-in page", () => {
  it("takes a newcomer from the invitation to signed in, without a script", async () => {
    const added = await addUserHere(access, { ...NEWCOMER, email: "li@bank.example" });
    if (!added.ok) throw new Error(added.refusal.message);
    const url = new URL(added.value.invitation.url);
    const ask = plainBrowser();
    const page = await ask(`${url.pathname}${url.search}`);
    const token = /name="token" value="([\w-]+)"/.exec(page.text)?.[1] ?? "";
    const weak = await ask("/sign-in/invitation", { token, password: "short" });
    expect(weak.status).toBe(422);
    expect(weak.text).toContain("at least 12 characters; a sentence is good");
    const enrol = await ask("/sign-in/invitation", { token, password: PASSWORD });
    const secret = (/<code>([A-Z2-7 ]+)<\/code>/.exec(enrol.text)?.[1] ?? "").replace(/ /g, "");
    const ticket = /name="ticket" value="([\w-]+)"/.exec(enrol.text)?.[1] ?? "";
    const wrong = await ask("/sign-in/confirm", { ticket, code: "000000" });
    expect(wrong.status).toBe(401);
    expect(wrong.text.replace(/ /g, "")).toContain(secret);
    const done = await ask("/sign-in/confirm", {
      ticket,
      code: totpCode(secret, stepOf(clock.now())),
    });
    expect(done.text.match(/<li><code>/g)).toHaveLength(10);
    const home = await ask("/sign-in");
    expect(home.text).toContain("&lt;b&gt;Li&lt;/b&gt;");
    expect(home.text).not.toContain("<b>Li");
    expect((await ask("/v1/me")).body.role).toBe("operator");
    expect((await ask("/sign-in/sign-out", {})).text).toContain('action="/sign-in/password"');
    expect((await ask("/v1/me")).status).toBe(401);
  });

  it("takes a password and a code, and says what was wrong in the reader's language", async () => {
    const secret = newTotpSecret();
    const email = "wang@bank.example";
    await addSandboxUser(
      access,
      { ...NEWCOMER, email },
      { password: PASSWORD, totpSecret: secret },
    );
    const ask = plainBrowser({ "accept-language": "zh-CN,zh;q=0.9" });
    expect((await ask("/sign-in")).text).toContain('<html lang="zh-CN">');
    const wrong = await ask("/sign-in/password", { email, password: "wrong" });
    expect(wrong.status).toBe(401);
    expect(wrong.text).toContain("登录信息有误");
    const second = await ask("/sign-in/password", { email, password: PASSWORD });
    expect(second.text).toContain('action="/sign-in/totp"');
    expect(second.text).not.toContain("recovery-code");
    const home = await ask("/sign-in/totp", { code: totpCode(secret, stepOf(clock.now())) });
    expect(home.text).toContain("您已登录");
  });

  it("loads nothing from elsewhere, runs no script in it, and sits in nobody's frame", async () => {
    const ask = plainBrowser();
    const page = await ask("/sign-in");
    const policy = page.headers.get("content-security-policy") ?? "";
    for (const part of [
      "default-src 'none'",
      "script-src 'self'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ]) {
      expect(policy).toContain(part);
    }
    expect(page.text).not.toMatch(/https?:|<script>| on\w+=|style=/);
    const paths = [...page.text.matchAll(/(?:href|src)="(\/sign-in\/[^"]+)"/g)].map(
      (match) => match[1]!,
    );
    expect(paths).toEqual(["/sign-in/page.css", "/sign-in/passkey.js"]);
    for (const path of paths) expect((await ask(path)).status).toBe(200);
    // The script is at least one that a browser can read.
    expect(() => new Script(PASSKEY_SCRIPT)).not.toThrow();
  });

  it("moves on only from its own pages", async () => {
    const answer = await api.ask(null, "/sign-in/password", {
      method: "POST",
      headers: {
        origin: "https://evil.example",
        "content-type": "application/x-www-form-urlencoded",
      },
      body: "email=a%40b.example&password=x",
    });
    expect(answer.status).toBe(403);
    expect(answer.body.code).toBe("origin-refused");
  });

  it("labels every field, in both languages", () => {
    const offer = { secret: "A".repeat(32), uri: "otpauth://totp/x?a=1&b=2", ticket: '"><script>' };
    for (const language of ["en", "zh-CN"] as const) {
      for (const state of [
        { kind: "begin", sso: [{ id: "company", name: "Bank & Co" }] },
        { kind: "invitation", token: '"><script>' },
        { kind: "second-factor", methods: ["totp", "passkey", "recovery-code"] },
        { kind: "enrol", offer },
        { kind: "recovery-codes", codes: ["<b>"] },
        { kind: "signed-in", name: "<i>", role: "admin" },
      ] as const) {
        const html = renderPage(state, { error: "<u>", language, lookAround: ["operator"] });
        for (const [, name] of html.matchAll(/<input id="([\w-]+)"/g)) {
          expect(html).toContain(`<label for="${name}">`);
        }
        expect(html).not.toMatch(/<script>|<b>|<i>|<u>|Bank & Co/);
      }
    }
  });
});
