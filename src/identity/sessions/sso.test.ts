import { createHash, generateKeyPairSync, type KeyPairKeyObjectResult, sign } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Outage } from "../../errors/outage.ts";
import type { SsoProvider } from "../settings.ts";
import {
  addReadyUser,
  CLIENT,
  callerOf,
  kindsOf,
  must,
  nextCode,
  openTestAccess,
  type TestAccess,
} from "../test-access.ts";
import { updateUser } from "../users/users.ts";
import { addUserHere } from "../users/users-here.ts";
import { signInWithTotp } from "./sign-in.ts";
import { openSso, ownPath, type Sso } from "./sso.ts";

type Claims = Record<string, unknown>;
type Issued = { readonly nonce: string; readonly challenge: string; readonly claims: Claims };

/** A small OpenID provider: signs whatever claims the test says, for codes that it gave out. */
type Provider = {
  readonly issuer: string;
  /** What a browser does: follows the address, and comes back with what the provider says. */
  readonly authorise: (url: string, claims: Claims) => URLSearchParams;
  /** Changes of the next token: another key, another nonce. */
  spoil: (claims: Claims) => Claims;
  /** Signs the next tokens with a key that it does not publish. */
  signsFalsely: boolean;
  readonly close: () => Promise<void>;
};

function base64(value: string | Buffer): string {
  return Buffer.from(value).toString("base64url");
}

async function startProvider(): Promise<Provider> {
  const [pair, other] = [1, 2].map(() => generateKeyPairSync("rsa", { modulusLength: 2048 })) as [
    KeyPairKeyObjectResult,
    KeyPairKeyObjectResult,
  ];
  const issued = new Map<string, Issued>();
  const server: Server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider: Provider = {
    issuer,
    authorise: (url, claims) => {
      const asked = new URL(url).searchParams;
      const code = `code-${issued.size}`;
      issued.set(code, {
        nonce: asked.get("nonce") ?? "",
        challenge: asked.get("code_challenge") ?? "",
        claims,
      });
      return new URLSearchParams({ code, state: asked.get("state") ?? "", iss: issuer });
    },
    spoil: (claims) => claims,
    signsFalsely: false,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const [status, body] = respond(request.url ?? "", Buffer.concat(chunks).toString("utf8"));
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  }
  function respond(path: string, form: string): [number, object] {
    if (path === "/.well-known/openid-configuration") {
      return [
        200,
        {
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          jwks_uri: `${issuer}/keys`,
          response_types_supported: ["code"],
          subject_types_supported: ["public"],
          id_token_signing_alg_values_supported: ["RS256"],
          code_challenge_methods_supported: ["S256"],
          authorization_response_iss_parameter_supported: true,
        },
      ];
    }
    if (path === "/keys") {
      const jwk = pair.publicKey.export({ format: "jwk" });
      return [200, { keys: [{ ...jwk, kid: "k1", use: "sig", alg: "RS256" }] }];
    }
    const asked = new URLSearchParams(form);
    const found = issued.get(asked.get("code") ?? "");
    issued.delete(asked.get("code") ?? "");
    const challenge = createHash("sha256")
      .update(asked.get("code_verifier") ?? "")
      .digest();
    const isRight =
      found?.challenge === challenge.toString("base64url") && asked.get("client_secret") === "shh";
    if (found === undefined || !isRight) return [400, { error: "invalid_grant" }];
    return [200, { access_token: "at", token_type: "Bearer", id_token: idToken(found) }];
  }
  function idToken({ nonce, claims }: Issued): string {
    const nowSeconds = Math.floor(Date.now() / 1000);
    const times = { iat: nowSeconds, exp: nowSeconds + 60 };
    const body = provider.spoil({ iss: issuer, aud: "straitway", ...times, nonce, ...claims });
    const head = base64(JSON.stringify({ alg: "RS256", kid: "k1" }));
    const text = `${head}.${base64(JSON.stringify(body))}`;
    const key = provider.signsFalsely ? other.privateKey : pair.privateKey;
    return `${text}.${base64(sign("sha256", Buffer.from(text), key))}`;
  }
  return provider;
}

let provider: Provider;
let access: TestAccess;
let sso: Sso;

function settingsOf(id: string, trustsSecondFactor: boolean, issuer: string): SsoProvider {
  return {
    id,
    name: id,
    issuer,
    clientId: "straitway",
    clientSecret: "shh",
    emailDomains: ["shancheng.example"],
    trustsSecondFactor,
  };
}

beforeAll(async () => {
  provider = await startProvider();
  access = await openTestAccess([
    settingsOf("company", false, provider.issuer),
    settingsOf("trusted", true, provider.issuer),
    settingsOf("down", false, "http://127.0.0.1:9"),
  ]);
  sso = openSso(access);
});
afterAll(async () => {
  await access.database.close();
  await provider.close();
});

const FAILED = { ok: false, refusal: { code: "sign-in-failed" } };

async function come(id: string, claims: Claims, browser?: string) {
  const begun = must(await sso.begin(id, "/payouts"));
  const query = provider.authorise(begun.url, claims);
  return sso.finish(id, query, browser ?? begun.browserToken, CLIENT);
}

function claimsOf(email: string, sub = `sub-${email}`): Claims {
  return { sub, email, email_verified: true };
}

describe("a company's sign-in", () => {
  it("is a first factor: the user's own second one follows, and the subject is linked for ever", async () => {
    const ready = await addReadyUser(access, "sso-li", "operator");
    const done = must(await come("company", claimsOf(ready.user.email, "s1")));
    expect(done.returnTo).toBe("/payouts");
    expect(done.step).toMatchObject({
      methods: ["totp"],
      session: { stage: "first-factor", factor: "sso" },
    });
    const code = nextCode(access, ready.secret);
    const full = must(await signInWithTotp(access, done.step.token, code, CLIENT));
    expect(await callerOf(access, full.token)).toMatchObject({ id: ready.user.userId });
    // The subject counts from now on, whatever address it has.
    const moved = must(await come("company", claimsOf("moved@elsewhere.example", "s1")));
    expect(moved.step.session.userId).toBe(ready.user.userId);
    expect(await kindsOf(access, ready.user.userId)).toContain("identity-linked");
    // And nobody else at the company becomes the user by getting the address.
    expect(await come("company", claimsOf(ready.user.email, "s2"))).toMatchObject(FAILED);
  });

  it("is both factors where the provider is trusted with the second, and admits who was invited", async () => {
    const newcomer = {
      email: "sso-new@shancheng.example",
      name: "New",
      role: "engineer",
      sellerId: null,
    } as const;
    const { user } = must(await addUserHere(access, newcomer));
    const done = must(await come("trusted", claimsOf(user.email)));
    expect(await callerOf(access, done.step.token)).toMatchObject({
      id: user.userId,
      role: "engineer",
    });
  });

  it("lets who was invited set up a second factor where the provider has none", async () => {
    const newcomer = {
      email: "sso-enrol@shancheng.example",
      name: "New",
      role: "engineer",
      sellerId: null,
    } as const;
    must(await addUserHere(access, newcomer));
    const done = must(await come("company", claimsOf(newcomer.email)));
    expect(done.step.session.stage).toBe("enrol");
    expect(await callerOf(access, done.step.token)).toBeNull();
  });

  it("admits nobody whom the channel does not know, or whose address the provider does not speak for", async () => {
    const { user } = await addReadyUser(access, "sso-off", "operator");
    await updateUser(access.database, "t", user.userId, { state: "disabled" });
    const unverified = await addReadyUser(access, "sso-unverified", "operator");
    await addReadyUser(access, "sso-elsewhere", "operator");
    await access.database.query(
      `UPDATE access_user SET email = 'x@other.example' WHERE email = 'sso-elsewhere@shancheng.example'`,
    );
    for (const claims of [
      claimsOf("stranger@shancheng.example"),
      claimsOf("x@other.example"),
      { ...claimsOf(unverified.user.email, "s9"), email_verified: false },
      { sub: "s9", email: unverified.user.email },
      { sub: "s10" },
      claimsOf(user.email),
    ]) {
      expect(await come("company", claims), JSON.stringify(claims)).toMatchObject(FAILED);
    }
    expect(await kindsOf(access, user.userId)).toContain("sign-in-refused");
  });

  it("comes back only to the browser that began it, once, to its own provider", async () => {
    const { user } = await addReadyUser(access, "sso-browser", "operator");
    expect(await come("company", claimsOf(user.email), "another browser's token")).toMatchObject(
      FAILED,
    );
    const begun = must(await sso.begin("company", "/"));
    const query = provider.authorise(begun.url, claimsOf(user.email));
    expect((await sso.finish("company", query, begun.browserToken, CLIENT)).ok).toBe(true);
    expect(await sso.finish("company", query, begun.browserToken, CLIENT)).toMatchObject(FAILED);
    const other = must(await sso.begin("company", "/"));
    const theirs = provider.authorise(other.url, claimsOf(user.email));
    expect(await sso.finish("trusted", theirs, other.browserToken, CLIENT)).toMatchObject(FAILED);
  });

  it("believes no token with a wrong audience, issuer, nonce, time or signature, and no refusal", async () => {
    const { user } = await addReadyUser(access, "sso-forged", "operator");
    const spoils: readonly ((claims: Claims) => Claims)[] = [
      (claims) => ({ ...claims, aud: "another" }),
      (claims) => ({ ...claims, iss: "https://evil.example" }),
      (claims) => ({ ...claims, nonce: "x" }),
      (claims) => ({ ...claims, exp: 1_700_000_000 }),
    ];
    for (const spoil of spoils) {
      provider.spoil = spoil;
      expect(await come("company", claimsOf(user.email)), spoil.toString()).toMatchObject(FAILED);
    }
    provider.spoil = (claims) => claims;
    provider.signsFalsely = true;
    expect(await come("company", claimsOf(user.email))).toMatchObject(FAILED);
    provider.signsFalsely = false;
    const begun = must(await sso.begin("company", "/"));
    const state = new URL(begun.url).searchParams.get("state")!;
    const denied = new URLSearchParams({ error: "access_denied", state, iss: provider.issuer });
    expect(await sso.finish("company", denied, begun.browserToken, CLIENT)).toMatchObject(FAILED);
    expect((await come("company", claimsOf(user.email))).ok).toBe(true);
  });

  it("is an outage when the provider does not answer, and unknown when it is not set up", async () => {
    await expect(sso.begin("down", "/")).rejects.toThrow(Outage);
    expect(await sso.begin("nobody", "/")).toMatchObject({ refusal: { code: "sso-unknown" } });
  });

  it.each([
    ["/payouts?state=held", "/payouts?state=held"],
    ["//evil.example", "/"],
    ["/\\evil.example", "/"],
    ["https://evil.example", "/"],
    ["", "/"],
  ])("sends the browser on to %s as %s", (asked, path) => {
    expect(ownPath(asked)).toBe(path);
  });
});
