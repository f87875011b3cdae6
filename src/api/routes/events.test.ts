import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SELLER, tellStory } from "../../report/verify/test-story.ts";
import { appendEvents } from "../../timeline/timeline.ts";
import { EVENT_TYPES } from "../../webhook/event-types.ts";
import { openTestApi, type TestApi, testCaller } from "../test-api.ts";

const OPERATOR = testCaller("operator");
const SUPERVISOR = testCaller("supervisor");
const OWN = testCaller("seller-viewer", SELLER.id);
const OTHER = testCaller("seller-viewer", "nanan-toys");

type EventJson = {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly sequence: number;
  readonly sellerId: string | null;
  readonly data: Readonly<Record<string, unknown>>;
};

let api: TestApi;
const stopping = new AbortController();

beforeAll(async () => {
  api = await openTestApi(
    [SELLER, { id: "nanan-toys", legalName: "Chongqing Nan'an Toys Ltd.", accounts: [] }],
    () => ({ stopping: stopping.signal }),
  );
  await tellStory(api.channel);
  await tell("nanan-toys", "user_1", "sign-in");
});
afterAll(async () => {
  stopping.abort();
  await api.close();
});

let occasion = 0;

async function tell(...subjects: readonly string[]): Promise<void> {
  occasion += 1;
  await api.deps.store.database.transaction((tx) =>
    appendEvents(
      tx,
      api.deps.tenantId,
      subjects.map((subject) => ({
        subject,
        kind: "account-bound",
        at: api.deps.clock.now(),
        data: {},
        source: null,
        occasion: String(occasion),
      })),
    ),
  );
}

/** Follows the list from its beginning to its end. */
async function allOf(caller: typeof OPERATOR, filter = "", limit = 7): Promise<EventJson[]> {
  const events: EventJson[] = [];
  let cursor = "";
  for (;;) {
    const { status, body } = await api.ask(
      caller,
      `/v1/events?limit=${limit}${filter}${cursor === "" ? "" : `&cursor=${cursor}`}`,
    );
    expect(status).toBe(200);
    events.push(...body.data);
    cursor = body.nextCursor;
    if (body.hasMore === false) return events;
  }
}

describe("the list of events", () => {
  it("has no gap for who sees everything, oldest first", async () => {
    const events = await allOf(SUPERVISOR);
    expect(events.length).toBeGreaterThan(20);
    expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => `evt_${index + 1}`));
    for (const subject of new Set(events.map((event) => event.subject))) {
      const own = events.filter((event) => event.subject === subject);
      expect(own.map(({ sequence }) => sequence)).toEqual(own.map((_, index) => index + 1));
    }
  });

  it("tells the money path in types and data of the catalogue", async () => {
    const schemas = new Map(EVENT_TYPES.map(({ type, data }) => [type, data]));
    const money = /^(payout|credit|debit|statement)\./;
    const events = (await allOf(OPERATOR)).filter(({ type }) => money.test(type));
    expect(new Set(events.map(({ type }) => type)).size).toBeGreaterThan(8);
    for (const { type, data } of events) {
      const checked = schemas.get(type)?.safeParse(data);
      expect(checked?.success, `${type}: ${JSON.stringify(data)}`).toBe(true);
    }
  });

  it("goes on from its last cursor with what came since", async () => {
    const last = await api.ask(OPERATOR, "/v1/events?limit=100");
    expect(last.body.hasMore).toBe(false);
    const again = `/v1/events?cursor=${last.body.nextCursor}`;
    expect((await api.ask(OPERATOR, again)).body).toMatchObject({ data: [], hasMore: false });
    await tell("nanan-toys");
    const { body } = await api.ask(OPERATOR, again);
    expect(body.data).toMatchObject([{ type: "seller.account-bound", subject: "nanan-toys" }]);
  });

  it("shows a seller its own events alone, and sign-ins to who audits alone", async () => {
    const own = await allOf(OWN);
    expect(own.length).toBeGreaterThan(10);
    expect(new Set(own.map(({ sellerId }) => sellerId))).toEqual(new Set([SELLER.id]));
    const others = await allOf(OTHER);
    expect(new Set(others.map(({ subject }) => subject))).toEqual(new Set(["nanan-toys"]));
    const subjects = async (caller: typeof OPERATOR) =>
      (await allOf(caller)).map(({ subject }) => subject);
    expect(await subjects(OPERATOR)).not.toContain("user_1");
    expect(await subjects(OPERATOR)).not.toContain("sign-in");
    expect(await subjects(SUPERVISOR)).toEqual(expect.arrayContaining(["user_1", "sign-in"]));
  });

  it("reads one object's story, one type, or after an event", async () => {
    const [released] = await allOf(OWN, "&type=payout.released");
    expect(released?.type).toBe("payout.released");
    const story = await allOf(OWN, `&subject=${released?.subject}`);
    expect(story.map(({ sequence }) => sequence)).toEqual(story.map((_, index) => index + 1));
    expect(await allOf(OTHER, `&subject=${released?.subject}`)).toEqual([]);
    const types = new Set((await allOf(OPERATOR, "&type=statement.*")).map(({ type }) => type));
    expect([...types].every((type) => type.startsWith("statement."))).toBe(true);
    const later = await allOf(SUPERVISOR, "&after=evt_5");
    expect(later[0]?.id).toBe("evt_6");
    for (const wrong of ["5", "evt_", "evt_x", "evt_05"]) {
      const refused = await api.ask(OPERATOR, `/v1/events?after=${wrong}`);
      expect(refused.body.code).toBe("cursor-invalid");
    }
  });

  it("opens one event for who may see it, and hides it from all others", async () => {
    const [first] = await allOf(OWN);
    const path = `/v1/events/${first?.id}`;
    expect((await api.ask(OWN, path)).body).toEqual(first);
    const signIn = (await allOf(SUPERVISOR)).find(({ subject }) => subject === "user_1");
    const hidden = [
      await api.ask(OTHER, path),
      await api.ask(OPERATOR, `/v1/events/${signIn?.id}`),
      await api.ask(OWN, "/v1/events/evt_999999"),
      await api.ask(OWN, "/v1/events/nonsense"),
    ];
    for (const { status, body } of hidden) {
      expect(status).toBe(404);
      expect(body.code).toBe("not-found");
    }
  });
});

/** Opens the stream and reads messages until there are so many. */
async function listen(
  caller: typeof OPERATOR,
  path: string,
  count: number,
  headers: Readonly<Record<string, string>> = {},
  opened: () => Promise<void> = async () => undefined,
): Promise<{ id: string; type: string; event: EventJson }[]> {
  // Tells the test's API who this caller is.
  await api.ask(caller, "/v1/events?limit=1");
  const answer = await api.api.app.request(path, {
    headers: { ...headers, "x-test-caller": caller.id },
  });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toContain("text/event-stream");
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  await opened();
  const messages: { id: string; type: string; event: EventJson }[] = [];
  let text = "";
  while (messages.length < count) {
    const { value, done } = await reader.read();
    if (done) break;
    text += value;
    const parts = text.split("\n\n");
    text = parts.pop() ?? "";
    for (const part of parts) {
      const lines = new Map(
        part.split("\n").map((line) => [line.split(": ")[0], line.slice(line.indexOf(": ") + 2)]),
      );
      const data = lines.get("data");
      if (data === undefined) continue;
      const event = JSON.parse(data) as EventJson;
      messages.push({ id: lines.get("id") ?? "", type: lines.get("event") ?? "", event });
    }
  }
  await reader.cancel();
  return messages;
}

describe("the stream of events", () => {
  it("gives what comes from now on", async () => {
    const messages = await listen(OTHER, "/v1/events/stream", 2, {}, async () => {
      await tell("nanan-toys", SELLER.id);
      await tell("nanan-toys");
    });
    expect(messages.map(({ type, event }) => [type, event.subject])).toEqual([
      ["seller.account-bound", "nanan-toys"],
      ["seller.account-bound", "nanan-toys"],
    ]);
    expect(messages[0]?.id).toBe(messages[0]?.event.id);
  });

  it("goes on after the last event that a client saw, and misses none", async () => {
    const all = (await allOf(SUPERVISOR)).map(({ id }) => id);
    const seen = await listen(SUPERVISOR, "/v1/events/stream?after=evt_0", 10);
    expect(seen.map(({ id }) => id)).toEqual(all.slice(0, 10));
    const rest = await listen(SUPERVISOR, "/v1/events/stream", all.length - 10, {
      "last-event-id": seen.at(-1)?.id ?? "",
    });
    expect(rest.map(({ id }) => id)).toEqual(all.slice(10));
  });

  it("ends when the program stops", async () => {
    const messages = await listen(OPERATOR, "/v1/events/stream", 1, {}, async () => {
      stopping.abort();
    });
    expect(messages).toEqual([]);
  });
});
