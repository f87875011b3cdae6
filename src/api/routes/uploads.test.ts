import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adviceFile, payoutFile, SALE, statementFile } from "../../report/verify/test-files.ts";
import { SELLER } from "../../report/verify/test-story.ts";
import type { ApiDeps } from "../deps.ts";
import { openTestApi, type TestAnswer, type TestApi, testCaller } from "../test-api.ts";

const OPERATOR = testCaller("operator");
const OWN = testCaller("seller-finance", SELLER.id);
const OTHER = testCaller("seller-finance", "nanan-toys");

const STATEMENT = statementFile({ id: "51100000001", endOn: "2026-11-01", lines: [SALE(9_900n)] });
const PAYOUT = payoutFile("payouts.json", [
  { id: "51100000001", minor: 9_900n, on: "2026-11-03", trace: "7C81X6UPLOAD01" },
]);
const ADVICE = adviceFile({
  id: "UP1",
  credits: [
    {
      minor: 9_900n,
      on: "2026-11-05",
      uetr: "3b9b1c52-6f0e-4a6d-9d4c-000000000091",
      text: "PAYOUT 7C81X6UPLOAD01",
    },
  ],
});

let api: TestApi;
beforeAll(async () => {
  api = await openTestApi([
    SELLER,
    { id: "nanan-toys", legalName: "Chongqing Nan'an Toys Ltd.", accounts: [] },
  ]);
});
afterAll(() => api.close());

function asBody(content: string | Uint8Array): string {
  return typeof content === "string" ? content : Buffer.from(content).toString("utf8");
}

function asForm(file: { name: string; content: string | Uint8Array }, sellerId?: string): FormData {
  const form = new FormData();
  form.set("file", new File([asBody(file.content)], file.name));
  if (sellerId !== undefined) form.set("sellerId", sellerId);
  return form;
}

function post(init: object): Promise<TestAnswer> {
  return api.ask(OPERATOR, "/v1/uploads", { method: "POST", ...init });
}

describe("uploads", () => {
  it("take a payout from three files to the seller's account", async () => {
    const statement = await api.ask(OWN, "/v1/uploads", {
      method: "POST",
      body: asForm(STATEMENT),
    });
    expect(statement.status).toBe(201);
    expect(statement.body).toMatchObject({
      name: "settlement-51100000001.txt",
      sellerId: SELLER.id,
      state: "read",
      format: "amazon-settlement-v2",
      reasons: [],
      uploadedBy: OWN.id,
    });
    expect(statement.headers.get("location")).toBe(`/v1/uploads/${statement.body.id}`);
    const shown = await api.ask(OWN, statement.headers.get("location") ?? "");
    expect(shown.body).toEqual(statement.body);
    const payouts = await api.ask(OWN, "/v1/uploads?name=payouts.json", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: asBody(PAYOUT.content),
    });
    expect(payouts.status).toBe(201);
    const advice = await api.ask(OPERATOR, "/v1/uploads?name=..%2Fetc%2Fadvice.xml", {
      method: "POST",
      headers: { "content-type": "application/xml" },
      body: asBody(ADVICE.content),
    });
    expect(advice.body).toMatchObject({ name: "advice.xml", state: "read", sellerId: null });
    const [payout] = (await api.ask(OWN, "/v1/payouts?reference=51100000001")).body.data;
    expect(payout.state).toBe("released");
  });

  it("answer the same bytes again without doing anything twice", async () => {
    const again = await api.ask(OWN, "/v1/uploads", { method: "POST", body: asForm(STATEMENT) });
    expect(again.status).toBe(201);
    const statements = await api.ask(OWN, "/v1/statements?settlementId=51100000001&all=true");
    expect(statements.body.data).toHaveLength(1);
    const uploads = await api.ask(OWN, "/v1/uploads?limit=100");
    const same = uploads.body.data.filter(
      (item: { sha256: string }) => item.sha256 === again.body.sha256,
    );
    expect(same).toHaveLength(2);
  });

  it("refuse a bank file of a seller, so that nobody makes money by a file of their own", async () => {
    const forged = adviceFile({
      id: "FORGED1",
      credits: [
        { minor: 1_000_000n, on: "2026-11-06", uetr: "3b9b1c52-6f0e-4a6d-9d4c-000000000092" },
      ],
    });
    const refused = await api.ask(OWN, "/v1/uploads", { method: "POST", body: asForm(forged) });
    expect(refused.status).toBe(403);
    expect(refused.body.code).toBe("upload-not-for-sellers");
    const credits = await api.ask(OPERATOR, "/v1/credits?limit=100");
    expect(
      credits.body.data.filter(
        (credit: { amount: { amount: string } }) => credit.amount.amount === "10000.00",
      ),
    ).toEqual([]);
  });

  it("belong to the seller of the key, whatever it asks for", async () => {
    const asked = await api.ask(OTHER, "/v1/uploads", {
      method: "POST",
      body: asForm(STATEMENT, SELLER.id),
    });
    expect(asked.body.code).toBe("seller-unknown");
    const none = await api.ask(OPERATOR, "/v1/uploads", {
      method: "POST",
      body: asForm(STATEMENT, "nobody"),
    });
    expect({ ...none.body, instance: "" }).toEqual({ ...asked.body, instance: "" });
    const own = await api.ask(OWN, "/v1/uploads?limit=1");
    expect((await api.ask(OTHER, `/v1/uploads/${own.body.data[0].id}`)).status).toBe(404);
    expect((await api.ask(OTHER, "/v1/uploads")).body.data).toEqual([]);
  });

  it("say what is wrong with an empty, a missing, a strange and an unreadable file", async () => {
    const empty = new FormData();
    empty.set("file", new File([], "nothing.txt"));
    expect((await post({ body: empty })).body.code).toBe("upload-empty");
    const missing = await post({ body: new FormData() });
    expect(missing.status).toBe(400);
    expect(missing.body.errors[0].pointer).toBe("/body/file");
    const strange = await post({ headers: { "content-type": "video/mp4" }, body: "x" });
    expect(strange.body.code).toBe("media-type-not-supported");
    const unreadable = await post({ headers: { "content-type": "text/plain" }, body: "hello" });
    expect(unreadable.status).toBe(201);
    expect(unreadable.body).toMatchObject({ state: "refused", name: "upload" });
    expect(unreadable.body.reasons[0].code).toBe("format-unknown");
  });
});

describe("uploads on a process that does not hold the ledger", () => {
  it("are kept and answered 202 with a place to ask", async () => {
    const sha256 = "a".repeat(64);
    const storing = (deps: ApiDeps): Partial<ApiDeps> => ({
      intake: async (item) => {
        const now = deps.clock.now();
        await deps.store.database.query(
          `INSERT INTO raw_file (tenant_id, sha256, byte_count, name, stored_at, kind, state)
           VALUES ($1, $2, $3, $4, $5, 'unknown', 'stored')`,
          [deps.tenantId, sha256, item.bytes.byteLength, item.name, now],
        );
        const facts = { sha256, format: null, reasons: [], storedAt: now, settledAt: null };
        return { ...facts, outcome: "stored" };
      },
    });
    const standby = await openTestApi([SELLER], storing);
    try {
      const made = await standby.ask(OPERATOR, "/v1/uploads?name=later.txt", {
        method: "POST",
        headers: { "content-type": "text/plain" },
        body: "later",
      });
      expect(made.status).toBe(202);
      expect(made.body.state).toBe("stored");
      const asked = await standby.ask(OPERATOR, made.headers.get("location") ?? "");
      expect(asked.body.state).toBe("stored");
    } finally {
      await standby.close();
    }
  });

  it("refuse what is larger than the limit before it is kept", async () => {
    const small = await openTestApi([SELLER], (deps) => ({
      settings: { ...deps.settings, uploadBytesMax: 1024 },
    }));
    try {
      const large = await small.ask(OPERATOR, "/v1/uploads", {
        method: "POST",
        headers: { "content-type": "text/plain" },
        body: "x".repeat(2_000),
      });
      expect(large.status).toBe(413);
      const huge = await small.ask(OPERATOR, "/v1/uploads", {
        method: "POST",
        headers: { "content-type": "text/plain", "content-length": "9000000" },
        body: "x".repeat(200_000),
      });
      expect(huge.status).toBe(413);
      expect((await small.ask(OPERATOR, "/v1/files")).body.data).toEqual([]);
    } finally {
      await small.close();
    }
  });
});
