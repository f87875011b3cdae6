import { createServer, type Server } from "node:http";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Outage } from "../../errors/outage.ts";
import { openTestDatabase, type TestDatabase } from "../../storage/test-database.ts";
import { manualClock } from "../../time/clock.ts";
import type { Instant } from "../../time/instant.ts";
import { readTimeline } from "../../timeline/timeline.ts";
import { type CibNotice, readCibQuestion, writeCibAnswer } from "../vendor/cib.ts";
import { type CmbNotice, readCmbQuestion, writeCmbAnswer } from "../vendor/cmb.ts";
import { readXmlTree } from "../vendor/xml-tree.ts";
import { cibApi } from "./cib-api.ts";
import { cmbApi } from "./cmb-api.ts";
import { type BankApi, type PolledConnection, pollBank } from "./poll-bank.ts";
import { openTestInbox, type TestInbox } from "./test-inbox.ts";
import { ATTEMPTS_MAX, type TransportDeps } from "./transport.ts";

/** Still the 23rd in UTC, the 24th in Beijing. */
const START = "2026-11-23T16:05:06.789Z" as Instant;
let clock = manualClock(START);
let database: TestDatabase;
let inbox: TestInbox;
let deps: TransportDeps;
let connection: PolledConnection;
let number = 0;

/** The bank's side: answers each question by `answer`, and counts them. */
let answer: (body: Uint8Array) => Uint8Array | number = () => 500;
let questions = 0;
let server: Server;
let url = "";

beforeAll(async () => {
  database = await openTestDatabase();
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.once("end", () => {
      questions += 1;
      const answered = answer(Buffer.concat(chunks));
      if (typeof answered === "number") response.writeHead(answered).end("no");
      else response.end(answered);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as { port: number }).port}/`;
});

afterAll(async () => {
  server.close();
  await database.close();
});

beforeEach(() => {
  clock = manualClock(START);
  inbox = openTestInbox(clock);
  deps = { database, tenantId: "t", clock, accept: inbox.accept };
  number += 1;
  connection = { connectionId: `bank-${number}`, sellerId: null, questionsMax: 100 };
  questions = 0;
});

afterEach(() => {
  answer = () => 500;
});

const tree = (bytes: Uint8Array) => {
  const read = readXmlTree(bytes);
  if (!read.ok) throw new Error(read.reason.message);
  return read.root;
};
const settings = () => ({ id: connection.connectionId, url, overlapDays: 1, since: null });
const numbers = () => inbox.items.map(({ name }) => name.replace(/^bank-\d+-|\.xml$/g, "")).sort();

const api = () =>
  cibApi({ ...settings(), customerId: "1000000001", userId: "channel" }, "secret word");

const notice = (id: number, day = "2026-11-24", amount = `${id}00.00`): CibNotice => ({
  STL_BIZ_NO: `JZS${String(id).padStart(4, "0")}`,
  BIZ_DATE: day,
  CURRENCY: "USD",
  REMIT_AMOUNT: amount,
  PAYEE_ACCT_NO: "346100",
  REMITTER_ACCT_NAME: "Amazon.com Services LLC",
});

const cmb = (): BankApi<never> =>
  cmbApi({ ...settings(), loginName: "channel" }) as unknown as BankApi<never>;

const cmbNotice = (id: number, type = "NCCRTTRS"): CmbNotice => ({
  MSGTYP: type,
  MSGNBR: String(id).padStart(18, "0"),
  ACCNBR: "123900",
  CCYNBR: "32",
  TRSAMT: `${id}.00`,
  AMTCDR: type === "NCCRTTRS" ? "C" : "D",
  TRSDAT: "20261124",
  VALDAT: "20261124",
  SEQNBR: `K${id}`,
});

describe("CIB's interface, polled", () => {
  const PAGE = 3;
  let notices: CibNotice[] = [];
  const asked: string[] = [];

  beforeEach(() => {
    notices = [];
    asked.length = 0;
    answer = (body) => {
      const question = readCibQuestion(tree(body))!;
      asked.push(`${question.beginOn}..${question.endOn}/${question.page}`);
      const isKnown = question.password === "secret word" && question.userId === "channel";
      const all = notices.filter(
        ({ BIZ_DATE = "" }) => BIZ_DATE >= question.beginOn && BIZ_DATE <= question.endOn,
      );
      const from = (question.page - 1) * PAGE;
      return writeCibAnswer({
        transactionId: question.transactionId,
        code: isKnown ? "0" : "2001",
        message: isKnown ? "" : "密码错误",
        serverTime: question.clientTime,
        notices: isKnown ? all.slice(from, from + PAGE) : [],
        more: all.length > from + PAGE,
      });
    };
  });

  it("is asked page by page for the days in Beijing, and again for the day before", async () => {
    notices = [1, 2, 3, 4, 5, 6, 7].map((id) => notice(id));
    expect(await pollBank(deps, api(), connection)).toEqual({
      accepted: 7,
      refused: 0,
      waiting: 0,
    });
    expect(asked).toEqual([1, 2, 3].map((page) => `2026-11-24..2026-11-24/${page}`));
    expect(numbers()).toEqual(notices.map(({ STL_BIZ_NO }) => STL_BIZ_NO));
    clock.advanceMs(24 * 3_600_000);
    // What the bank adds to a day that is over, and what it says again.
    notices.push(notice(8), notice(9, "2026-11-25"));
    asked.length = 0;
    expect(await pollBank(deps, api(), connection)).toMatchObject({ accepted: 2 });
    expect(asked[0]).toBe("2026-11-23..2026-11-25/1");
    expect(inbox.kept()).toBe(9);
  });

  it("goes on where it was when its questions for now are used up", async () => {
    notices = [1, 2, 3, 4, 5, 6, 7].map((id) => notice(id));
    connection = { ...connection, questionsMax: 2 };
    expect(await pollBank(deps, api(), connection)).toEqual({
      accepted: 6,
      refused: 0,
      waiting: 1,
    });
    expect(await pollBank(deps, api(), connection)).toEqual({
      accepted: 1,
      refused: 0,
      waiting: 0,
    });
    expect(asked).toHaveLength(3);
  });

  it("loses nothing when the inbox fails after the fetch was committed, and asks for nothing twice", async () => {
    notices = [notice(1), notice(2)];
    inbox.failures.push(new Outage("inbox", "full", { retryable: true }));
    await expect(pollBank(deps, api(), connection)).rejects.toBeInstanceOf(Outage);
    notices = [];
    expect(await pollBank(deps, api(), connection)).toMatchObject({ accepted: 1 });
    expect(inbox.kept()).toBe(2);
    const left = await database.query(
      "SELECT state, body FROM bank_fetched WHERE connection_id = $1",
      [connection.connectionId],
    );
    expect(left).toEqual([
      { state: "accepted", body: null },
      { state: "accepted", body: null },
    ]);
  });

  it("commits the notices and the cursor together: neither without the other", async () => {
    notices = [notice(1)];
    const failing = {
      ...deps,
      fence: () => Promise.reject(new Outage("job", "taken over", { retryable: true })),
    };
    await expect(pollBank(failing, api(), connection)).rejects.toThrow("taken over");
    const at = [connection.connectionId];
    expect(await database.query("SELECT 1 FROM bank_fetched WHERE connection_id = $1", at)).toEqual(
      [],
    );
    expect(await database.query("SELECT 1 FROM bank_cursor WHERE connection_id = $1", at)).toEqual(
      [],
    );
    expect(await pollBank(deps, api(), connection)).toMatchObject({ accepted: 1 });
  });

  it("never books a number twice whose money the bank changed: it is kept apart and told", async () => {
    notices = [notice(1)];
    await pollBank(deps, api(), connection);
    notices = [notice(1, "2026-11-24", "100.000")];
    expect(await pollBank(deps, api(), connection)).toMatchObject({ accepted: 0 });
    notices = [notice(1, "2026-11-24", "999.00")];
    await pollBank(deps, api(), connection);
    await pollBank(deps, api(), connection);
    expect(inbox.kept()).toBe(1);
    const told = await readTimeline(database, "t", [`bank:${connection.connectionId}`]);
    expect(told).toMatchObject([{ kind: "bank-notice-differs", data: { number: "JZS0001" } }]);
  });

  it("is an outage that says what the bank said, without the password", async () => {
    const wrong = cibApi({ ...settings(), customerId: "1000000001", userId: "channel" }, "wrong");
    const polling = pollBank(deps, wrong, connection);
    await expect(polling).rejects.toThrow(/2001 密码错误/);
    await expect(polling).rejects.toMatchObject({ name: "Outage", retryable: true });
    answer = () => 502;
    await expect(pollBank(deps, api(), connection)).rejects.toThrow(/HTTP 502/);
    const nobody = cibApi(
      { ...settings(), url: "http://127.0.0.1:1/", customerId: "1000000001", userId: "u" },
      "x",
    );
    await expect(pollBank(deps, nobody, connection)).rejects.toBeInstanceOf(Outage);
  });

  it("puts a notice aside that breaks the inbox each time, with its bytes, and goes on with the rest", async () => {
    notices = [notice(1)];
    inbox.failures.push(...Array.from({ length: ATTEMPTS_MAX }, () => new Error("a bug")));
    for (let attempt = 1; attempt < ATTEMPTS_MAX; attempt += 1) {
      await expect(pollBank(deps, api(), connection)).rejects.toThrow("a bug");
    }
    notices.push(notice(2));
    expect(await pollBank(deps, api(), connection)).toMatchObject({ accepted: 1, refused: 1 });
    const rows = await database.query<{ state: string; body: Uint8Array | null }>(
      "SELECT state, body FROM bank_fetched WHERE connection_id = $1 ORDER BY item_key",
      [connection.connectionId],
    );
    expect(rows.map(({ state, body }) => [state, body !== null])).toEqual([
      ["not-taken", true],
      ["accepted", false],
    ]);
  });
});

describe("CMB's interface, polled", () => {
  let fresh: CmbNotice[] = [];
  let history: CmbNotice[] = [];
  const asked: string[] = [];

  beforeEach(() => {
    fresh = [];
    history = [];
    asked.length = 0;
    answer = (body) => {
      const question = readCmbQuestion(tree(body))!;
      asked.push(question.kind === "new" ? "new" : `${question.type}/${question.after ?? ""}`);
      if (question.kind === "new") {
        const notices = fresh;
        fresh = [];
        return writeCmbAnswer({ question: "new", code: "0", message: null, notices });
      }
      const notices = history
        .filter(
          ({ MSGTYP, MSGNBR = "" }) => MSGTYP === question.type && MSGNBR > (question.after ?? ""),
        )
        .slice(0, question.count);
      return writeCmbAnswer({ question: "history", code: "0", message: null, notices });
    };
  });

  it("hands new notices over once, and its history repeats none of them", async () => {
    fresh = [cmbNotice(1), cmbNotice(2, "NCDBTTRS")];
    history = [...fresh];
    expect(await pollBank(deps, cmb(), connection)).toEqual({
      accepted: 2,
      refused: 0,
      waiting: 0,
    });
    expect(asked).toEqual(["new", "NCCRTTRS/", "NCDBTTRS/"]);
    clock.advanceMs(60_000);
    fresh = [cmbNotice(3)];
    await pollBank(deps, cmb(), connection);
    expect(asked.slice(3)).toEqual(["new", "new"]);
    expect(inbox.kept()).toBe(3);
  });

  it("finds in the history what was lost between the bank's answer and our commit", async () => {
    await pollBank(deps, cmb(), connection);
    clock.advanceMs(60_000);
    fresh = [cmbNotice(7)];
    history = [...fresh];
    const failing = { ...deps, fence: () => Promise.reject(new Error("the power went out")) };
    await expect(pollBank(failing, cmb(), connection)).rejects.toThrow("power");
    expect(await pollBank(deps, cmb(), connection)).toMatchObject({ accepted: 0 });
    clock.advanceMs(5 * 60_000);
    expect(await pollBank(deps, cmb(), connection)).toMatchObject({ accepted: 1 });
  });

  it("reads a long history page by page", async () => {
    history = Array.from({ length: 2300 }, (_, id) => cmbNotice(id + 1));
    expect(await pollBank(deps, cmb(), connection)).toMatchObject({ accepted: 2300 });
    expect(asked.filter((question) => question.startsWith("NCCRTTRS"))).toHaveLength(3);
    expect(questions).toBe(asked.length);
  });

  it("waits when the bank says that it is asked too often", async () => {
    answer = () =>
      writeCmbAnswer({ question: "new", code: "-5", message: "请求太频繁", notices: [] });
    await expect(pollBank(deps, cmb(), connection)).rejects.toThrow(/-5 请求太频繁/);
  });
});
