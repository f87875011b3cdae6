import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import {
  isSignedBy,
  newWebhookSecrets,
  secretBytes,
  secretsFromSeed,
  signedHeaders,
  signV1,
  type WebhookMessage,
} from "./standard-signature.ts";

const SECRETS = newWebhookSecrets();
const OTHER = newWebhookSecrets();
const NOW = Math.floor(Date.now() / 1000);
const MESSAGE: WebhookMessage = {
  id: "evt_12",
  timestamp: NOW,
  body: '{"type":"payout.released"}',
};

function headersOf(signed: Readonly<Record<string, string>>) {
  return {
    id: signed["webhook-id"],
    timestamp: signed["webhook-timestamp"],
    signature: signed["webhook-signature"],
  };
}

describe("signatures of Standard Webhooks", () => {
  it("are those that the standard's own library makes and takes, for any body", () => {
    const theirs = new Webhook(SECRETS.secret);
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (text) => {
        const body = JSON.stringify({ text });
        const message = { ...MESSAGE, body };
        expect(signV1(SECRETS.secret, message)).toBe(
          theirs.sign(message.id, new Date(NOW * 1000), body),
        );
        expect(theirs.verify(body, signedHeaders([SECRETS], message))).toEqual({ text });
      }),
      { numRuns: 50 },
    );
  });

  it("are as in the standard's own example", () => {
    // github.com/standard-webhooks/standard-webhooks, libraries/*/test: the vector that all of them share.
    const signature = signV1("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", {
      id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
      timestamp: 1614265330,
      body: '{"test": 2432232314}',
    });
    expect(signature).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  });

  it("are taken by who has the secret, and by who has the public key alone", () => {
    const headers = headersOf(signedHeaders([SECRETS], MESSAGE));
    expect(isSignedBy(SECRETS.secret, headers, MESSAGE.body, NOW)).toBe(true);
    expect(isSignedBy(SECRETS.publicKey, headers, MESSAGE.body, NOW)).toBe(true);
    expect(isSignedBy(OTHER.secret, headers, MESSAGE.body, NOW)).toBe(false);
    expect(isSignedBy(OTHER.publicKey, headers, MESSAGE.body, NOW)).toBe(false);
  });

  it("are refused for another body, id or time, and outside of five minutes", () => {
    const headers = headersOf(signedHeaders([SECRETS], MESSAGE));
    for (const key of [SECRETS.secret, SECRETS.publicKey]) {
      expect(isSignedBy(key, headers, `${MESSAGE.body} `, NOW)).toBe(false);
      expect(isSignedBy(key, { ...headers, id: "evt_13" }, MESSAGE.body, NOW)).toBe(false);
      const moved = { ...headers, timestamp: String(NOW + 1) };
      expect(isSignedBy(key, moved, MESSAGE.body, NOW)).toBe(false);
      expect(isSignedBy(key, headers, MESSAGE.body, NOW + 300)).toBe(true);
      expect(isSignedBy(key, headers, MESSAGE.body, NOW + 301)).toBe(false);
      expect(isSignedBy(key, headers, MESSAGE.body, NOW - 301)).toBe(false);
    }
  });

  it("never throw at what a stranger sends", () => {
    for (const signature of [undefined, "", "v1", "v1,", "v1a,", "v1,é", "v1a,AAAA", "v2,x v3"])
      for (const key of [SECRETS.secret, SECRETS.publicKey, "whsec_", "nonsense"])
        expect(
          isSignedBy(key, { id: "evt_12", timestamp: String(NOW), signature }, "{}", NOW),
        ).toBe(false);
    const unreadable = { id: "evt_12", timestamp: "soon", signature: "v1,x" };
    expect(isSignedBy(SECRETS.secret, unreadable, "{}", NOW)).toBe(false);
  });

  it("are made with both sets while secrets change, the newest first", () => {
    const signed = signedHeaders([OTHER, SECRETS], MESSAGE);
    const versions = signed["webhook-signature"]?.split(" ").map((one) => one.split(",")[0]);
    expect(versions).toEqual(["v1", "v1a", "v1", "v1a"]);
    for (const { secret, publicKey } of [OTHER, SECRETS]) {
      expect(new Webhook(secret).verify(MESSAGE.body, signed)).toBeTruthy();
      expect(isSignedBy(publicKey, headersOf(signed), MESSAGE.body, NOW)).toBe(true);
    }
  });

  it("may be made with secrets that are the same for the same seed", () => {
    const seed = Buffer.alloc(32, 9);
    const one = secretsFromSeed(seed);
    expect(secretsFromSeed(seed)).toEqual(one);
    expect(secretsFromSeed(Buffer.alloc(32, 8)).secret).not.toBe(one.secret);
    const headers = headersOf(signedHeaders([one], MESSAGE));
    expect(isSignedBy(one.secret, headers, MESSAGE.body, NOW)).toBe(true);
    expect(isSignedBy(one.publicKey, headers, MESSAGE.body, NOW)).toBe(true);
  });

  it("need a secret of 24 to 64 bytes", () => {
    const secrets = [23, 24, 64, 65].map(
      (count) => `whsec_${Buffer.alloc(count, 1).toString("base64")}`,
    );
    expect(secrets.map((secret) => secretBytes(secret) !== null)).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(secretBytes("whsec_!!!!")).toBeNull();
    expect(secretBytes(Buffer.alloc(32).toString("base64"))).toBeNull();
  });
});
