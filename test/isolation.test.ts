// Two sellers with everything that moves money, in one database: whatever is read as one of them says no word of the
// other, table by table and route by route.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestApi, type TestAnswer, type TestApi, testCaller } from "../src/api/test-api.ts";
import { decideApproval } from "../src/approval/approval-acts.ts";
import { requestAccountBinding } from "../src/identity/account-bindings.ts";
import { requestHoldRelease } from "../src/release/request-release.ts";
import {
  adviceFile,
  dayFile,
  payoutFile,
  SALE,
  statementFile,
  type TestCredit,
} from "../src/report/verify/test-files.ts";
import { asSeller } from "../src/storage/row-security.ts";
import { SELLER_TABLES } from "../src/storage/seller-rows.ts";

/** A seller, and the words by which its data is recognised wherever it turns up. */
type World = {
  readonly id: string;
  readonly account: string;
  readonly settlement: string;
  readonly trace: string;
  readonly payer: string;
  readonly uetrStart: string;
};

const ACME: World = {
  id: "acme-lamps",
  account: "6222601007703",
  settlement: "31100000001",
  trace: "4B71X6KQWZPL2M",
  payer: "Stranger Of Acme Ltd",
  uetrStart: "3b9b1c52-6f0e-4a6d-9d4c-",
};
const BETA: World = {
  id: "beta-toys",
  account: "6222601009902",
  settlement: "32200000002",
  trace: "7C82Y7LRXAQM3N",
  payer: "Stranger Of Beta Ltd",
  uetrStart: "8c4d2e63-7a1f-4b7e-8e5d-",
};
const BOTH = [ACME, BETA] as const;

function credit(world: World, last: number, minor: bigint, over: Partial<TestCredit> = {}) {
  return {
    minor,
    on: "2026-11-05",
    uetr: `${world.uetrStart}${String(last).padStart(12, "0")}`,
    text: `PAYOUT ${world.trace}`,
    payer: world.payer,
    ...over,
  };
}

function filesOf(world: World) {
  const { account, settlement: id, trace, id: name } = world;
  const paid = credit(world, 1, 60_000n);
  const strange = credit(world, 2, 900n, { text: `NOTHING OF ${name}` });
  return {
    own: [
      statementFile({ id, endOn: "2026-11-01", lines: [SALE(100_000n)] }),
      payoutFile(`payouts-${name}.json`, [
        { id, minor: 100_000n, on: "2026-11-02", trace, tail: account.slice(-4) },
      ]),
      statementFile({ id: `${id}9`, endOn: "2026-11-15", lines: [SALE(5_000n)], offMinor: 1n }),
    ],
    bank: [
      adviceFile({ id: `NTF-${name}`, account, credits: [paid, strange] }),
      dayFile({ id: `STM-${name}`, account, openingMinor: 77_000n, credits: [paid, strange] }),
      adviceFile({
        id: `RET-${name}`,
        account,
        credits: [credit(world, 1, 60_000n, { on: "2026-11-06", reversal: true })],
      }),
      adviceFile({ id: `MORE-${name}`, account, credits: [credit(world, 3, 100_000n)] }),
    ],
  };
}

let api: TestApi;

const CHECKER = "user_checker";
const maker = (world: World) => ({ id: `user_${world.id}`, personId: `user_${world.id}` });

beforeAll(async () => {
  api = await openTestApi(
    BOTH.map(({ id, account }) => ({
      id,
      legalName: `Chongqing ${id} Co., Ltd.`,
      accounts: [{ number: account, currency: "USD" }],
    })),
    // The walk asks thousands of times: an answer about its pace would prove nothing.
    ({ settings }) => ({ settings: { ...settings, requestsPerWindow: 1_000_000 } }),
  );
  for (const world of BOTH) {
    const { own, bank } = filesOf(world);
    await api.channel.settle(own, world.id);
    // The bank delivers for nobody in particular.
    await api.channel.settle(bank);
    await api.channel.settle([{ name: `broken-${world.id}.xml`, content: "<Document" }], world.id);
    await askForActs(world);
  }
}, 60_000);

afterAll(() => api.close());

/** A hold released in part, another request that waits, and a binding that waits. */
async function askForActs(world: World): Promise<void> {
  const { database, channel } = api.channel;
  const { tenantId, policy, clock } = channel;
  const at = { policy, now: clock.now() };
  const openHold = async () => {
    const [hold] = await database.query<{ hold_id: string }>(
      `SELECT h.hold_id FROM hold h JOIN payout p ON p.tenant_id = h.tenant_id AND p.payout_id = h.payout_id
        WHERE p.seller_id = $1 AND h.closed_at IS NULL AND h.code = 'payer-not-known'`,
      [world.id],
    );
    return hold!.hold_id;
  };
  const ask = async (amountMinor: bigint) => {
    const asked = await database.transaction(async (tx) =>
      requestHoldRelease(
        tx,
        tenantId,
        {
          holdId: await openHold(),
          amountMinor,
          reason: `Known to ${world.id}.`,
          maker: maker(world),
          sellerId: world.id,
        },
        at,
      ),
    );
    if (!asked.ok) throw new Error(asked.refusal.message);
    return asked.value.approvalId;
  };
  const approvalId = await ask(30_000n);
  const decision = { outcome: "approved", checker: CHECKER, reason: null } as const;
  await database.transaction((tx) => decideApproval(tx, tenantId, approvalId, decision, at.now));
  await channel.carryOutApproved();
  await ask(1_000n);
  const bound = await database.transaction((tx) =>
    requestAccountBinding(
      tx,
      tenantId,
      {
        accountNumber: `${world.account}7`,
        currency: "EUR",
        sellerId: world.id,
        fromOn: null,
        reason: `A second account of ${world.id}.`,
        maker: maker(world),
        mayMove: false,
      },
      at.now,
    ),
  );
  if (!bound.ok) throw new Error(bound.refusal.message);
}

/** Ids of a seller's objects as the database has them, so that not one of them is forgotten. */
async function idsOf(world: World): Promise<Record<string, string[]>> {
  const { database } = api.channel;
  const queries: Record<string, string> = {
    payout: "SELECT payout_id AS id FROM payout WHERE seller_id = $1",
    credit: "SELECT transaction_id AS id FROM bank_transaction WHERE seller_id = $1",
    statement: "SELECT statement_id AS id FROM statement WHERE seller_id = $1",
    file: "SELECT sha256 AS id FROM raw_file WHERE seller_id = $1 AND state = 'read'",
    bankFile: `SELECT DISTINCT n.source_sha256 AS id FROM bank_notice n JOIN bank_transaction t
                  ON t.transaction_id = n.transaction_id WHERE t.seller_id = $1`,
    match: `SELECT match_id AS id FROM match m JOIN payout p ON p.payout_id = m.payout_id WHERE p.seller_id = $1`,
    hold: `SELECT hold_id AS id FROM hold h JOIN payout p ON p.payout_id = h.payout_id WHERE p.seller_id = $1`,
    approval: "SELECT approval_id AS id FROM approval WHERE seller_id = $1",
    release: `SELECT release_id AS id FROM release r JOIN payout p ON p.payout_id = r.payout_id WHERE p.seller_id = $1`,
  };
  const found: Record<string, string[]> = {};
  for (const [kind, sql] of Object.entries(queries)) {
    const rows = await database.query<{ id: string }>(sql, [world.id]);
    expect(rows.length, `${world.id} has ${kind}`).toBeGreaterThan(0);
    found[kind] = rows.map((row) => row.id);
  }
  return found;
}

/** Every word by which the other seller's data would be recognised. */
async function wordsOf(world: World): Promise<readonly string[]> {
  const ids = Object.values(await idsOf(world)).flat();
  const { id, account, settlement, trace, payer, uetrStart } = world;
  return [id, account, settlement, trace, payer, uetrStart, ...ids];
}

function wordsIn(text: string, words: readonly string[]): readonly string[] {
  return words.filter((word) => text.includes(word));
}

function otherOf(world: World): World {
  return world === ACME ? BETA : ACME;
}

describe("the database, read as a seller", () => {
  it.each(BOTH)("shows $id no word of the other in any table, and its own rows", async (world) => {
    const { database, channel } = api.channel;
    const foreign = await wordsOf(otherOf(world));
    const seen: string[] = [];
    for (const [table, { columns }] of SELLER_TABLES) {
      const what = columns === null ? "*" : columns.join(", ");
      const sql = `SELECT to_jsonb(r)::text AS told FROM (SELECT ${what} FROM ${table}) AS r`;
      const rows = await asSeller(database, channel.tenantId, world.id, (tx) =>
        tx.query<{ told: string }>(sql),
      );
      const text = rows.map((row) => row.told).join("\n");
      expect(wordsIn(text, foreign), table).toEqual([]);
      if (rows.length > 0) seen.push(table);
    }
    // Empty tables prove nothing: these hold something of each seller.
    expect(seen).toEqual(
      expect.arrayContaining([
        "seller",
        "seller_account",
        "raw_file",
        "raw_arrival",
        "timeline_event",
        "ledger_account",
        "ledger_transfer",
        "ledger_draw",
        "statement",
        "payout",
        "payout_announcement",
        "payout_trace",
        "bank_message",
        "bank_transaction",
        "bank_notice",
        "match",
        "release",
        "undo",
        "hold",
        "hold_waiver",
        "approval",
        "approval_decision",
        "approval_execution",
      ]),
    );
  });

  it.each(BOTH)("shows $id all that is its own of the money path", async (world) => {
    const { database, channel } = api.channel;
    const counts: Record<string, string> = {
      payout: "SELECT count(*) AS n FROM payout WHERE seller_id = $1",
      statement: "SELECT count(*) AS n FROM statement WHERE seller_id = $1",
      bank_transaction: "SELECT count(*) AS n FROM bank_transaction WHERE seller_id = $1",
      match: `SELECT count(*) AS n FROM match m JOIN payout p ON p.payout_id = m.payout_id WHERE p.seller_id = $1`,
      release: `SELECT count(*) AS n FROM release m JOIN payout p ON p.payout_id = m.payout_id WHERE p.seller_id = $1`,
      hold: `SELECT count(*) AS n FROM hold m JOIN payout p ON p.payout_id = m.payout_id WHERE p.seller_id = $1`,
      ledger_transfer:
        "SELECT count(*) AS n FROM ledger_transfer WHERE debit_account LIKE 'seller/' || $1 || '/%'",
    };
    for (const [table, sql] of Object.entries(counts)) {
      const [all] = await database.query<{ n: bigint }>(sql, [world.id]);
      const [own] = await asSeller(database, channel.tenantId, world.id, (tx) =>
        tx.query<{ n: bigint }>(`SELECT count(*) AS n FROM ${table}`),
      );
      expect(own!.n, table).toBe(all!.n);
    }
  });
});

type Route = {
  readonly method: string;
  readonly path: string;
  /** A body of the form that the route asks for; null where it takes none, or no JSON. */
  readonly body: unknown;
};

/** It does not end: it is read by a test of its own. */
const STREAM = "/v1/events/stream";

type Schema = {
  readonly $ref?: string;
  readonly example?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly type?: string | readonly string[];
  readonly properties?: Record<string, Schema>;
  readonly items?: Schema;
  readonly minimum?: number;
  readonly minLength?: number;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
};

type Described = {
  readonly paths: Record<string, Record<string, { requestBody?: { content?: Content } }>>;
  readonly components: { readonly schemas: Record<string, Schema> };
};
type Content = Record<string, { readonly schema?: Schema }>;

/** Every route that the program describes. */
function routes(): readonly Route[] {
  const described = api.api.openApiDocument() as unknown as Described;
  return Object.entries(described.paths)
    .filter(([path]) => path !== STREAM)
    .flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([method]) => ["get", "post", "put", "patch", "delete"].includes(method))
        .map(([method, { requestBody }]) => {
          const schema = requestBody?.content?.["application/json"]?.schema;
          const body = schema === undefined ? null : valueOf(schema, described.components.schemas);
          return { method: method.toUpperCase(), path, body };
        }),
    );
}

/** A value that fits the schema well enough to be let in. */
function valueOf(schema: Schema, named: Record<string, Schema>): unknown {
  if (schema.$ref !== undefined)
    return valueOf(named[schema.$ref.slice(schema.$ref.lastIndexOf("/") + 1)]!, named);
  if (schema.example !== undefined) return schema.example;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  const [choice] = schema.oneOf ?? schema.anyOf ?? [];
  if (choice !== undefined) return valueOf(choice, named);
  if (schema.allOf !== undefined)
    return Object.assign({}, ...schema.allOf.map((part) => valueOf(part, named)));
  const type = typeof schema.type === "string" ? schema.type : schema.type?.[0];
  if (type === "object" || schema.properties !== undefined)
    return Object.fromEntries(
      Object.entries(schema.properties ?? {}).map(([name, of]) => [name, valueOf(of, named)]),
    );
  if (type === "array") return schema.items === undefined ? [] : [valueOf(schema.items, named)];
  if (type === "integer" || type === "number") return schema.minimum ?? 1;
  if (type === "boolean") return true;
  return "a text of the walk".padEnd(schema.minLength ?? 0, "x");
}

/** The path with each parameter taken from the candidates: every combination of at most one candidate each. */
function filled(path: string, ids: Record<string, string[]>, world: World): readonly string[] {
  const everything = [...Object.values(ids).flat(), world.id, `${world.id}/USD`, world.account];
  const names = [...path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1] as string);
  if (names.length === 0) return [path];
  return everything.map((id) =>
    names.reduce(
      (text, name, index) =>
        text.replace(`{${name}}`, encodeURIComponent(index === 0 ? id : secondOf(name, world))),
      path,
    ),
  );
}

function secondOf(name: string, world: World): string {
  return /currency/i.test(name) ? "USD" : world.id;
}

/** Nothing that an answer tells, in head or body, is of the other seller; the id that was asked for is one's own words. */
function told(answer: TestAnswer, asked: string): string {
  const head = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
  return `${head}\n${answer.text}`.replaceAll(asked, "").replaceAll(encodeURIComponent(asked), "");
}

describe("every route, walked as another seller", () => {
  it("finds the routes to walk", () => {
    const paths = routes().map(({ path }) => path);
    expect(paths.length).toBeGreaterThan(15);
    expect(paths).toContain("/v1/payouts/{payoutId}");
  });

  it.each(["seller-owner", "seller-finance", "seller-viewer"] as const)(
    "tells a %s nothing of another seller's objects: they do not exist",
    async (role) => {
      const theirs = await idsOf(ACME);
      const foreign = await wordsOf(ACME);
      const caller = testCaller(role, BETA.id);
      const wrong: string[] = [];
      let walked = 0;
      for (const { method, path, body } of routes()) {
        for (const url of filled(path, theirs, ACME)) {
          walked += 1;
          const answer = await api.ask(caller, url, {
            method,
            ...(body === null ? {} : { json: body }),
            headers: { "Idempotency-Key": `walk-${role}-${walked}`, "If-Match": '"1"' },
          });
          if (answer.status === 429 || answer.status >= 500)
            wrong.push(`${method} ${url}: answers ${answer.status} ${answer.text}`);
          const leaked = wordsIn(told(answer, url), foreign);
          if (leaked.length > 0) wrong.push(`${method} ${url}: says ${leaked.join(", ")}`);
          if (path.includes("{") && answer.status < 300)
            wrong.push(`${method} ${url}: answers ${answer.status}`);
        }
      }
      expect(wrong).toEqual([]);
    },
    120_000,
  );

  it("is not cured by naming the other seller in a filter", async () => {
    const foreign = await wordsOf(ACME);
    const caller = testCaller("seller-owner", BETA.id);
    const wrong: string[] = [];
    for (const { method, path } of routes()) {
      if (method !== "GET" || path.includes("{")) continue;
      const url = `${path}?sellerId=${ACME.id}&seller=${ACME.id}`;
      const answer = await api.ask(caller, url);
      const leaked = wordsIn(
        told(answer, url),
        foreign.filter((word) => word !== ACME.id),
      );
      if (leaked.length > 0) wrong.push(`${url}: says ${leaked.join(", ")}`);
    }
    expect(wrong).toEqual([]);
  });

  it("holds for the stream of events too", async () => {
    const foreign = await wordsOf(ACME);
    const caller = testCaller("seller-owner", BETA.id);
    const listed: { id: string }[] = [];
    for (let next = "/v1/events?limit=100"; next !== ""; ) {
      const { body } = await api.ask(caller, next);
      listed.push(...body.data);
      next =
        body.nextCursor === null || !body.hasMore
          ? ""
          : `/v1/events?limit=100&cursor=${body.nextCursor}`;
    }
    expect(listed.length).toBeGreaterThan(10);
    expect(wordsIn(JSON.stringify(listed), foreign)).toEqual([]);
    // The test's API knows the caller by this header since it asked before.
    const answer = await api.api.app.request(`${STREAM}?after=evt_0`, {
      headers: { "x-test-caller": caller.id },
    });
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes(`id: ${listed.at(-1)!.id}\n`)) {
      const { value, done } = await reader.read();
      if (done) break;
      text += value;
    }
    await reader.cancel();
    expect(wordsIn(text, foreign)).toEqual([]);
    for (const { id } of listed) expect(text).toContain(id);
  });

  it("answers the seller itself: what is hidden from others is there", async () => {
    const own = await idsOf(ACME);
    const caller = testCaller("seller-owner", ACME.id);
    let found = 0;
    for (const { method, path } of routes()) {
      if (method !== "GET") continue;
      for (const url of filled(path, own, ACME)) {
        const answer = await api.ask(caller, url);
        if (path.includes("{") && answer.status === 200) found += 1;
      }
    }
    expect(found).toBeGreaterThan(20);
  });
});
