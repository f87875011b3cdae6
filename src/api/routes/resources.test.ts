import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SELLER, STRAY_ACCOUNT, tellStory } from "../../report/verify/test-story.ts";
import { openTestApi, type TestApi, testCaller } from "../test-api.ts";

const OPERATOR = testCaller("operator");
const OWN = testCaller("seller-finance", SELLER.id);
const OTHER = testCaller("seller-finance", "nanan-toys");

let api: TestApi;
const cents = (text: string) => Math.round(Number(text) * 100);
const data = async (path: string, caller = OPERATOR) => (await api.ask(caller, path)).body.data;

beforeAll(async () => {
  api = await openTestApi([
    SELLER,
    { id: "nanan-toys", legalName: "Chongqing Nan'an Toys Ltd.", accounts: [] },
  ]);
  await tellStory(api.channel);
});
afterAll(() => api.close());

describe("sellers over the API", () => {
  it("shows everybody to an operator and only itself to a seller", async () => {
    expect((await data("/v1/sellers")).map((seller: { id: string }) => seller.id).sort()).toEqual(
      [SELLER.id, "nanan-toys"].sort(),
    );
    const own = await data("/v1/sellers", OWN);
    expect(own).toHaveLength(1);
    expect(own[0]).toMatchObject({ id: SELLER.id, legalName: SELLER.legalName });
    expect(own[0].accounts.map((account: { number: string }) => account.number)).toContain(
      STRAY_ACCOUNT,
    );
    expect((await api.ask(OTHER, `/v1/sellers/${SELLER.id}`)).status).toBe(404);
    expect((await api.ask(OPERATOR, `/v1/sellers/${SELLER.id}`)).status).toBe(200);
  });
});

describe("accounts over the API", () => {
  it("opens a balance to its entries, page by page, down to nothing", async () => {
    const [account] = await data("/v1/accounts?limit=100", OWN);
    const found = await api.ask(OWN, `/v1/accounts/${SELLER.id}/USD`);
    expect(found.body.id).toBe(`${SELLER.id}/USD`);
    expect(found.body.books.map((book: { book: string }) => book.book)).toContain("fx-account");
    expect(account.sellerId).toBe(SELLER.id);
    const entries: {
      seq: string;
      kind: string;
      amount: { amount: string };
      balance: { amount: string };
    }[] = [];
    let cursor: string | null = null;
    do {
      const page = await api.ask(
        OWN,
        `/v1/accounts/${SELLER.id}/USD/entries?limit=2${cursor === null ? "" : `&cursor=${cursor}`}`,
      );
      entries.push(...page.body.data);
      cursor = page.body.nextCursor;
    } while (cursor !== null);
    const numbers = entries.map((entry) => Number(entry.seq));
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(numbers).toEqual(numbers.toSorted((a, b) => b - a));
    const posted = entries.filter(({ kind }) => kind !== "pending" && kind !== "void");
    const sum = posted.reduce((total, entry) => total + cents(entry.amount.amount), 0);
    expect(sum).toBe(cents(found.body.available.amount));
    expect(entries[0]?.balance.amount).toBe(found.body.available.amount);
  });

  it("keeps accounts of others, and money of nobody, from a seller", async () => {
    expect((await api.ask(OTHER, `/v1/accounts/${SELLER.id}/USD`)).status).toBe(404);
    expect((await api.ask(OTHER, `/v1/accounts/${SELLER.id}/USD/entries`)).status).toBe(404);
    expect((await api.ask(OTHER, "/v1/accounts/unassigned/USD")).status).toBe(404);
    expect((await api.ask(OPERATOR, "/v1/accounts/unassigned/USD")).status).toBe(200);
    expect(await data("/v1/accounts", OTHER)).toEqual([]);
    expect((await api.ask(OPERATOR, `/v1/accounts/${SELLER.id}/usd`)).status).toBe(404);
  });

  it("takes a cursor for the book that it was made for only", async () => {
    const page = await api.ask(OWN, `/v1/accounts/${SELLER.id}/USD/entries?limit=1`);
    const other = await api.ask(
      OWN,
      `/v1/accounts/${SELLER.id}/USD/entries?book=sales&cursor=${page.body.nextCursor}`,
    );
    expect(other.body.code).toBe("cursor-invalid");
  });
});

describe("statements over the API", () => {
  it("opens a statement to its groups and to its own lines of the raw file", async () => {
    const [statement] = await data("/v1/statements?settlementId=31100000001", OWN);
    expect(statement).toMatchObject({
      verdict: "proven",
      state: "posted",
      declaredTotal: { amount: "850.00", currency: "USD" },
      source: { file: "settlement-31100000001.txt", line: 2 },
    });
    const whole = await api.ask(OWN, `/v1/statements/${statement.id}`);
    expect(whole.body.groups.map((group: { total: unknown }) => group.total)).toEqual([
      { amount: "1000.00", currency: "USD" },
      { amount: "-150.00", currency: "USD" },
    ]);
    const path = `/v1/statements/${statement.id}/lines`;
    const first = await api.ask(OWN, `${path}?limit=2`);
    expect(first.body.data.map((line: { line: number }) => line.line)).toEqual([2, 3]);
    expect(first.body.data[1].text).toContain("Principal");
    const rest = await api.ask(OWN, `${path}?cursor=${first.body.nextCursor}`);
    expect(rest.body.data.map((line: { line: number }) => line.line)).toEqual([4]);
    expect(rest.body.nextCursor).toBeNull();
    // The header stands before the statement: it is not the statement's own.
    expect((await data(`${path}?from=1&limit=1`, OWN))[0].line).toBe(2);
    expect(await data(`${path}?from=5`, OWN)).toEqual([]);
    expect((await api.ask(OTHER, `/v1/statements/${statement.id}`)).status).toBe(404);
    expect((await api.ask(OTHER, path)).status).toBe(404);
  });
});

describe("credits, matches and holds over the API", () => {
  it("opens a credit to its notices and to what it paid, and a match to both", async () => {
    const matches = await data("/v1/matches?limit=100", OWN);
    expect(matches.length).toBeGreaterThan(2);
    for (const match of matches) {
      const credit = await api.ask(OWN, `/v1/credits/${match.creditId}`);
      expect(credit.status).toBe(200);
      expect(credit.body.notices.length).toBeGreaterThan(0);
      expect(credit.body.matches.map((item: { matchId: string }) => item.matchId)).toContain(
        match.id,
      );
      expect((await api.ask(OWN, `/v1/payouts/${match.payoutId}`)).status).toBe(200);
      expect((await api.ask(OWN, `/v1/matches/${match.id}`)).body).toEqual(match);
      expect((await api.ask(OTHER, `/v1/matches/${match.id}`)).status).toBe(404);
      expect((await api.ask(OTHER, `/v1/credits/${match.creditId}`)).status).toBe(404);
    }
  });

  it("tells open credits from explained ones, and credits from debits", async () => {
    const open = await data("/v1/credits?open=true&limit=100", OWN);
    expect(open.map((credit: { payer: { name: string } }) => credit.payer.name)).toContain(
      "Somebody Else Ltd",
    );
    const all = await data("/v1/credits?limit=100", OWN);
    const explained = await data("/v1/credits?open=false&limit=100", OWN);
    expect(open.length + explained.length).toBe(all.length);
    const debits = await data("/v1/credits?direction=debit", OWN);
    expect(debits.length).toBeGreaterThan(0);
    for (const debit of debits) expect(debit.id).toMatch(/^db_/);
  });

  it("lists standing holds with the payout they hold", async () => {
    const every = await data("/v1/holds?state=all&limit=100", OWN);
    const open = await data("/v1/holds?limit=100", OWN);
    const closed = await data("/v1/holds?state=closed&limit=100", OWN);
    expect(open.length + closed.length).toBe(every.length);
    expect(every.length).toBeGreaterThan(0);
    for (const hold of open) {
      const payout = await api.ask(OWN, `/v1/payouts/${hold.payoutId}`);
      expect(payout.body.holds.map((item: { id: string }) => item.id)).toContain(hold.id);
    }
    expect((await api.ask(OTHER, `/v1/holds/${every[0].id}`)).status).toBe(404);
    expect((await api.ask(OWN, `/v1/holds/${every[0].id}`)).body).toEqual(every[0]);
  });
});

describe("exceptions over the API", () => {
  it("pages through all of them once, the heaviest first", async () => {
    const whole = await data("/v1/exceptions?limit=100");
    expect(whole.length).toBeGreaterThan(1);
    const paged: unknown[] = [];
    let cursor: string | null = null;
    do {
      const page = await api.ask(
        OPERATOR,
        `/v1/exceptions?limit=1${cursor === null ? "" : `&cursor=${cursor}`}`,
      );
      paged.push(...page.body.data);
      cursor = page.body.nextCursor;
    } while (cursor !== null);
    expect(paged).toEqual(whole);
    expect(await data("/v1/exceptions", OTHER)).toEqual([]);
    const [{ kind }] = whole;
    const ofKind = await data(`/v1/exceptions?kind=${kind}&limit=100`);
    expect(ofKind).toEqual(whole.filter((item: { kind: string }) => item.kind === kind));
  });
});

describe("raw files over the API", () => {
  it("gives the bytes as received to who may have them, and notes who took them", async () => {
    const files = await data("/v1/files?limit=100", OWN);
    const file = files.find((item: { name: string }) => item.name === "settlement-31100000001.txt");
    const shown = await api.ask(OWN, `/v1/files/${file.sha256}`);
    expect(shown.body.arrivals).toHaveLength(1);
    const bytes = await api.ask(OWN, `/v1/files/${file.sha256}/content`);
    expect(bytes.status).toBe(200);
    expect(bytes.text.length).toBe(file.byteCount);
    expect(bytes.headers.get("content-disposition")).toContain("settlement-31100000001.txt");
    const [event] = await api.channel.database.query<{ kind: string }>(
      "SELECT kind FROM timeline_event WHERE subject = $1 AND kind = 'file-downloaded'",
      [file.sha256],
    );
    expect(event?.kind).toBe("file-downloaded");
    const lines = await data(`/v1/files/${file.sha256}/lines?limit=1`, OWN);
    expect(lines[0].text.split("\t")[0]).toBe("settlement-id");
    expect((await api.ask(OTHER, `/v1/files/${file.sha256}`)).status).toBe(404);
    expect((await api.ask(OTHER, `/v1/files/${file.sha256}/content`)).status).toBe(404);
    const viewer = testCaller("seller-viewer", SELLER.id);
    expect((await api.ask(viewer, `/v1/files/${file.sha256}/content`)).status).toBe(403);
    expect((await api.ask(viewer, `/v1/files/${file.sha256}/lines`)).status).toBe(403);
  });
});
