import { afterAll, beforeAll, expect, it } from "vitest";
import { writeCamt054 } from "../../bank/iso20022/write-camt.ts";
import { callVerifier, hmacSigner, signCall } from "../../bank/transport/notice-signature.ts";
import { noticeConnectionOf } from "../../bank/transport/receive-notice.ts";
import { bankConnection } from "../../bank/transport/settings.ts";
import type { Currency } from "../../money/currency.ts";
import type { CivilDate } from "../../time/instant.ts";
import { openTestApi, type TestApi } from "../test-api.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const settings = bankConnection.parse({
  id: "icbc-usd",
  transport: "webhook",
  signature: { algorithm: "hmac-sha256", keys: [{ id: "2026", key: { env: "BANK_KEY" } }] },
});
if (settings.transport !== "webhook") throw new Error("no webhook");
const { signature } = settings;
const verify = callVerifier(signature, () => SECRET);
if (!verify.ok) throw new Error(verify.refusal.message);
const connection = noticeConnectionOf(settings, verify.value);

let test: TestApi;

beforeAll(async () => {
  test = await openTestApi(
    [
      {
        id: "jiangbei-lamps",
        legalName: "Jiangbei Lamps",
        accounts: [{ number: "100200300", currency: "USD" }],
      },
    ],
    () => ({ bankNotices: (id) => (id === connection.id ? connection : null) }),
  );
});

afterAll(async () => {
  await test.close();
});

function advice(reference: string): string {
  const now = test.deps.clock.now();
  return writeCamt054({
    messageId: reference,
    createdAt: now,
    statements: [
      {
        id: reference,
        createdAt: now,
        account: { number: "100200300", currency: "USD" },
        entries: [
          {
            amount: { currency: "USD" as Currency, minor: 12_345n },
            direction: "credit",
            bookedOn: now.slice(0, 10) as CivilDate,
            valueOn: now.slice(0, 10) as CivilDate,
            servicerReference: reference,
            typeCode: "PMNT/RCDT/XBCT",
          },
        ],
      },
    ],
  });
}

const send = (body: string, path = "/v1/bank/icbc-usd/notices", secret = SECRET) =>
  test.ask(null, path, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/xml",
      ...signCall(signature, "2026", hmacSigner(secret), Buffer.from(body), test.deps.clock.now()),
    },
  });

it("takes a bank's notice without a sign-in, answers when its money is on record, and repeats the answer", async () => {
  const body = advice("N-1");
  const first = await send(body);
  expect(first.status).toBe(200);
  expect(first.body).toMatchObject({ outcome: "new", format: "camt.054.001.08", reasons: [] });
  const credits = await test.deps.store.database.query(
    "SELECT state, seller_id, amount_minor FROM bank_transaction",
  );
  expect(credits).toEqual([
    { state: "booked", seller_id: "jiangbei-lamps", amount_minor: 12_345n },
  ]);
  const again = await send(body);
  expect(again.text).toBe(first.text);
  expect(again.headers.get("ratelimit-policy")).toContain('"bank"');
});

it("admits nothing without the bank's own signature, and says no more than that", async () => {
  const body = advice("N-2");
  const refused = await send(body, "/v1/bank/icbc-usd/notices", "another secret of 32 characters!");
  expect(refused.status).toBe(401);
  expect(refused.body).toMatchObject({ code: "signature-refused" });
  expect((await send(body, "/v1/bank/abc/notices")).status).toBe(404);
  const files = await test.deps.store.database.query("SELECT 1 FROM raw_file");
  expect(files).toHaveLength(1);
});
