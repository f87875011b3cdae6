import { createHmac, createSign, generateKeyPairSync, type KeyObject } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Outage } from "../../errors/outage.ts";
import {
  newSm2PrivateKey,
  signSm2,
  sm2PublicKeyBytes,
  sm2PublicKeyOf,
  sm2SignatureBytes,
} from "../../secret/sm2.ts";
import { openTestDatabase, type TestDatabase } from "../../storage/test-database.ts";
import { manualClock } from "../../time/clock.ts";
import type { Instant } from "../../time/instant.ts";
import { instantOfMs, msOf } from "../../time/instant.ts";
import { type CallVerifier, callVerifier, hmacSigner, signCall } from "./notice-signature.ts";
import { type NoticeConnection, receiveNotice } from "./receive-notice.ts";
import { bankConnection, bankConnections } from "./settings.ts";
import { openTestInbox, type TestInbox } from "./test-inbox.ts";
import type { TransportDeps } from "./transport.ts";

const START = "2026-11-23T04:05:06.789Z" as Instant;
const SECRET = "0123456789abcdef0123456789abcdef";
const body = Buffer.from("<Document>收汇</Document>");
let clock = manualClock(START);
let database: TestDatabase;
let inbox: TestInbox;
let deps: TransportDeps;
let number = 0;

beforeAll(async () => {
  database = await openTestDatabase();
});

afterAll(async () => {
  await database.close();
});

beforeEach(() => {
  clock = manualClock(START);
  inbox = openTestInbox(clock);
  deps = { database, tenantId: "t", clock, accept: inbox.accept };
  number += 1;
});

function settingsOf(signature: object) {
  const parsed = bankConnection.parse({ id: "bank", transport: "webhook", signature });
  if (parsed.transport !== "webhook") throw new Error("no webhook");
  return parsed.signature;
}

const hmac = settingsOf({ algorithm: "hmac-sha256", keys: [{ id: "2026", key: { env: "KEY" } }] });

function connectionOf(verify: CallVerifier): NoticeConnection {
  return { id: `bank-${number}`, sellerId: "jiangbei-lamps", verify };
}

function verifierOf(settings: typeof hmac, key: string): CallVerifier {
  const made = callVerifier(settings, () => key);
  if (!made.ok) throw new Error(made.refusal.message);
  return made.value;
}

const pem = (key: KeyObject): string => key.export({ type: "spki", format: "pem" }) as string;

function call(headers: Readonly<Record<string, string>>, bytes: Uint8Array = body) {
  const lower = new Map(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return { headers: (name: string) => lower.get(name) ?? null, body: bytes };
}

const signed = (bytes: Uint8Array = body, secret = SECRET, keyId = "2026") =>
  signCall(hmac, keyId, hmacSigner(secret), bytes, clock.now());

describe("a signed notice", () => {
  it("is answered once the inbox has it, and a replay gets the same answer word for word", async () => {
    const connection = connectionOf(verifierOf(hmac, SECRET));
    const headers = signed();
    const first = await receiveNotice(deps, connection, call(headers));
    expect(first).toMatchObject({ ok: true, value: { outcome: "new", storedAt: START } });
    clock.advanceMs(60_000);
    expect(await receiveNotice(deps, connection, call(headers))).toEqual(first);
    expect(await receiveNotice(deps, connection, call(signed()))).toEqual(first);
    expect(inbox.items).toMatchObject([
      { sellerId: "jiangbei-lamps", source: `bank:${connection.id}` },
    ]);
    expect(Buffer.from(inbox.items[0]!.bytes)).toEqual(body);
  });

  it("is not answered while it cannot be kept, and the next try is the first", async () => {
    const connection = connectionOf(verifierOf(hmac, SECRET));
    inbox.failures.push(new Outage("database", "down", { retryable: true }));
    await expect(receiveNotice(deps, connection, call(signed()))).rejects.toBeInstanceOf(Outage);
    expect(inbox.kept()).toBe(0);
    expect(await receiveNotice(deps, connection, call(signed()))).toMatchObject({
      ok: true,
      value: { outcome: "new" },
    });
  });

  it("gives both of two calls at once one answer", async () => {
    const connection = connectionOf(verifierOf(hmac, SECRET));
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => receiveNotice(deps, connection, call(signed()))),
    );
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(inbox.kept()).toBe(1);
  });

  it("is answered with its refusal when the bytes cannot be used: they are kept, and sending again helps nobody", async () => {
    const bytes = Buffer.from("refuse this");
    const connection = connectionOf(verifierOf(hmac, SECRET));
    expect(await receiveNotice(deps, connection, call(signed(bytes), bytes))).toMatchObject({
      ok: true,
      value: { outcome: "refused", reasons: [{ code: "format-unknown" }] },
    });
    expect(inbox.kept()).toBe(1);
  });
});

const refusalOf = async (headers: Readonly<Record<string, string>>, bytes: Uint8Array = body) => {
  const answer = await receiveNotice(
    deps,
    connectionOf(verifierOf(hmac, SECRET)),
    call(headers, bytes),
  );
  expect(inbox.items).toEqual([]);
  return answer.ok ? null : answer.refusal.code;
};

describe("a call that is not the bank's", () => {
  it("is refused without a signature, with another's, and after any change", async () => {
    expect(await refusalOf({})).toBe("signature-missing");
    expect(await refusalOf(signed(body, "another secret of 32 characters!"))).toBe(
      "signature-wrong",
    );
    expect(await refusalOf(signed(), Buffer.concat([body, Buffer.from(" ")]))).toBe(
      "signature-wrong",
    );
    const later = { ...signed(), "Bank-Timestamp": String(Math.floor(msOf(START) / 1000) + 1) };
    expect(await refusalOf(later)).toBe("signature-wrong");
    expect(await refusalOf({ ...signed(), "Bank-Signature": "not base64!" })).toBe(
      "signature-wrong",
    );
    expect(await refusalOf({ ...signed(), "Bank-Key-Id": "2019" })).toBe("signature-key-unknown");
  });

  it("is refused outside of the window of five minutes, on both sides of it", async () => {
    const headers = signed();
    clock.advanceMs(300_000);
    expect(await refusalOf(headers)).toBe("signature-too-old");
    clock = manualClock(instantOfMs(msOf(START) - 301_000));
    deps = { ...deps, clock };
    expect(await refusalOf(headers)).toBe("signature-too-early");
  });

  it("is refused when its time cannot be read, however well it is signed", async () => {
    const timestamp = "yesterday";
    const signature = createHmac("sha256", SECRET)
      .update(`${timestamp}.`)
      .update(body)
      .digest("base64");
    expect(await refusalOf({ "Bank-Timestamp": timestamp, "Bank-Signature": signature })).toBe(
      "signature-time-unreadable",
    );
  });

  it("is refused a replay once the window is over, though its answer is on record", async () => {
    const connection = connectionOf(verifierOf(hmac, SECRET));
    const headers = signed();
    await receiveNotice(deps, connection, call(headers));
    clock.advanceMs(301_000);
    expect(await receiveNotice(deps, connection, call(headers))).toMatchObject({
      ok: false,
      refusal: { code: "signature-too-old" },
    });
  });
});

describe("other algorithms", () => {
  it("takes RSA-SHA256 in hex under the bank's own header names, with two keys at once", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const other = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const settings = settingsOf({
      algorithm: "rsa-sha256",
      encoding: "hex",
      timestampHeader: "X-Time",
      keyIdHeader: "X-Key",
      signatureHeader: "X-Sign",
      keys: [
        { id: "old", key: { file: "old" } },
        { id: "new", key: { file: "new" } },
      ],
    });
    const made = callVerifier(settings, (reference) =>
      pem("file" in reference && reference.file === "new" ? publicKey : other.publicKey),
    );
    if (!made.ok) throw new Error(made.refusal.message);
    const headers = signCall(
      settings,
      "new",
      (message) => createSign("sha256").update(message).sign(privateKey),
      body,
      clock.now(),
    );
    expect(Object.keys(headers)).toEqual(["X-Time", "X-Key", "X-Sign"]);
    expect(await receiveNotice(deps, connectionOf(made.value), call(headers))).toMatchObject({
      ok: true,
    });
    const unnamed = call({ ...headers, "X-Key": "" });
    expect(await receiveNotice(deps, connectionOf(made.value), unnamed)).toMatchObject({
      ok: false,
    });
  });

  it("takes SM2 with SM3 under the name that the bank signs with", async () => {
    const privateKey = newSm2PrivateKey();
    const publicKey = sm2PublicKeyBytes(sm2PublicKeyOf(privateKey)).toString("hex");
    const keys = [{ id: "1", key: { env: "K" } }];
    const settings = settingsOf({ algorithm: "sm2-sm3", sm2Name: "EXAMPLE BANK", keys });
    const signer = (message: Uint8Array) =>
      sm2SignatureBytes(signSm2(privateKey, message, { name: "EXAMPLE BANK" }));
    const headers = signCall(settings, "1", signer, body, clock.now());
    const verify = verifierOf(settings, publicKey);
    expect(await receiveNotice(deps, connectionOf(verify), call(headers))).toMatchObject({
      ok: true,
    });
    const unnamed = verifierOf(settingsOf({ algorithm: "sm2-sm3", keys }), publicKey);
    expect(await receiveNotice(deps, connectionOf(unnamed), call(headers))).toMatchObject({
      refusal: { code: "signature-wrong" },
    });
  });

  it("says at the start that a key cannot be used", () => {
    expect(callVerifier(hmac, () => "short")).toMatchObject({
      ok: false,
      refusal: { code: "signature-key-invalid" },
    });
    const rsa = settingsOf({ algorithm: "rsa-sha256", keys: [{ id: "1", key: { env: "K" } }] });
    expect(callVerifier(rsa, () => "no key")).toMatchObject({ ok: false });
  });
});

describe("the settings of bank connections", () => {
  const webhook = {
    id: "b",
    transport: "webhook",
    signature: { algorithm: "hmac-sha256", keys: [{ id: "1", key: { env: "K" } }] },
  };
  const debtor = {
    account: "100200300",
    currency: "USD",
    name: "Jiangbei Lamps",
    bankBic: "ABOCCNBJ500",
    country: "CN",
    town: "Chongqing",
  };

  it("refuse what is written twice, unknown keys, secrets in the open and orders without a way", () => {
    expect(bankConnections.safeParse([webhook, webhook]).success).toBe(false);
    expect(bankConnections.safeParse([{ ...webhook, colour: "red" }]).success).toBe(false);
    const open = {
      ...webhook,
      signature: { ...webhook.signature, keys: [{ id: "1", key: "secret" }] },
    };
    expect(bankConnections.safeParse([open]).success).toBe(false);
    const orders = { initiatingParty: "Jiangbei Lamps", debtors: [debtor] };
    expect(bankConnections.safeParse([{ ...webhook, orders }]).success).toBe(false);
    expect(
      bankConnections.safeParse([
        { id: "d", transport: "drop-folder", folder: "/srv/bank", orders },
      ]).success,
    ).toBe(true);
    expect(bankConnections.parse(undefined)).toEqual([]);
  });
});
