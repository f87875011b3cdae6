import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openTestDatabase, type TestDatabase } from "../storage/test-database.ts";
import { manualClock } from "../time/clock.ts";
import type { Instant } from "../time/instant.ts";
import { readTimeline } from "../timeline/timeline.ts";
import { APPROVAL_LIFE_MS, type ApprovalDraft, approvalState } from "./approval.ts";
import {
  decideApproval,
  expireApprovals,
  recordExecution,
  requestApproval,
} from "./approval-acts.ts";
import { listApprovals, loadApproval, loadApproved } from "./read-approvals.ts";

const TENANT = "t";
const MAKER = { id: "key_robot", personId: "user_maker" };

let database: TestDatabase;
let clock: ReturnType<typeof manualClock>;

beforeEach(async () => {
  database = await openTestDatabase({ poolMax: 4 });
  clock = manualClock("2026-11-20T01:00:00.000Z" as Instant);
});

afterEach(() => database.close());

function draft(over: Partial<ApprovalDraft> = {}): ApprovalDraft {
  return {
    kind: "role-change",
    claim: "user_subject",
    subject: "user_subject",
    sellerId: null,
    body: { before: "operator", after: "approver" },
    told: { before: "operator", after: "approver" },
    reason: "She joins the approvals desk.",
    maker: MAKER,
    ...over,
  };
}

function ask(over: Partial<ApprovalDraft> = {}) {
  return database.transaction((tx) => requestApproval(tx, TENANT, draft(over), clock.now()));
}

async function asked(over: Partial<ApprovalDraft> = {}) {
  const outcome = await ask(over);
  if (!outcome.ok) throw new Error(outcome.refusal.message);
  return outcome.value.approvalId;
}

function decide(
  approvalId: string,
  checker: string,
  outcome: "approved" | "denied" = "approved",
  reason: string | null = null,
) {
  return database.transaction((tx) =>
    decideApproval(tx, TENANT, approvalId, { outcome, checker, reason }, clock.now()),
  );
}

async function stateOf(approvalId: string) {
  const approval = await loadApproval(database, TENANT, approvalId);
  return approval && approvalState(approval, clock.now());
}

function refusedWith(code: string) {
  return { ok: false, refusal: { code } };
}

describe("four eyes", () => {
  it("lets a second person approve, once", async () => {
    const id = await asked();
    expect(await stateOf(id)).toBe("pending");
    expect(await decide(id, "user_checker")).toMatchObject({ ok: true });
    expect(await stateOf(id)).toBe("approved");
    expect(await decide(id, "user_other", "denied", "No.")).toMatchObject(
      refusedWith("approval-decided"),
    );
    expect(await stateOf(id)).toBe("approved");
  });

  it("refuses whoever asked, also where a key of theirs asked, whatever they decide", async () => {
    const id = await asked();
    for (const outcome of ["approved", "denied"] as const)
      expect(await decide(id, "user_maker", outcome, "Mine.")).toMatchObject(
        refusedWith("approval-own"),
      );
    expect(await stateOf(id)).toBe("pending");
  });

  it("refuses the person whom it is about", async () => {
    const id = await asked();
    expect(await decide(id, "user_subject")).toMatchObject(refusedWith("approval-about-decider"));
  });

  it("is kept by the database too: no row says that one person did both, or denied without a reason", async () => {
    const id = await asked();
    const insert = (checker: string, outcome: string) =>
      database.query(
        `INSERT INTO approval_decision (tenant_id, approval_id, outcome, maker_person, checker, decided_at)
         VALUES ($1, $2, $3, 'user_maker', $4, now())`,
        [TENANT, id, outcome, checker],
      );
    await expect(insert("user_maker", "approved")).rejects.toThrow(/approval_four_eyes/);
    await expect(insert("user_checker", "denied")).rejects.toThrow(/approval_denial_reason/);
  });

  it("needs a reason to ask, and to deny", async () => {
    expect(await ask({ reason: "  " })).toMatchObject(refusedWith("reason-missing"));
    expect(await ask({ reason: "x".repeat(1_001) })).toMatchObject(refusedWith("reason-too-long"));
    const id = await asked();
    expect(await decide(id, "user_checker", "denied", " ")).toMatchObject(
      refusedWith("reason-missing"),
    );
    expect(await decide(id, "user_checker", "denied", "Not yet trained.")).toMatchObject({
      ok: true,
    });
    expect(await stateOf(id)).toBe("denied");
  });

  it("expires: nobody decides too late, and the expiry is on record from then on", async () => {
    const id = await asked();
    clock.advanceMs(APPROVAL_LIFE_MS["role-change"] - 1);
    expect(await stateOf(id)).toBe("pending");
    clock.advanceMs(1);
    expect(await stateOf(id)).toBe("expired");
    expect(await decide(id, "user_checker")).toMatchObject(refusedWith("approval-expired"));
    expect((await loadApproval(database, TENANT, id))?.decision?.outcome).toBe("expired");
    expect(await expireApprovals(database, TENANT, clock.now())).toBe(0);
  });

  it("expires by the job what nobody looks at", async () => {
    const id = await asked();
    expect(await expireApprovals(database, TENANT, clock.now())).toBe(0);
    clock.advanceMs(APPROVAL_LIFE_MS["role-change"]);
    expect(await expireApprovals(database, TENANT, clock.now())).toBe(1);
    const events = await readTimeline(database, TENANT, [id]);
    expect(events.map((event) => event.kind)).toEqual(["approval-requested", "approval-expired"]);
  });

  it("keeps one request of a claim open, and admits the next when it is done", async () => {
    const first = await asked();
    expect(await ask()).toMatchObject(refusedWith("approval-pending"));
    await decide(first, "user_checker");
    expect(await ask()).toMatchObject(refusedWith("approval-pending"));
    const approval = (await loadApproval(database, TENANT, first))!;
    const done = { ok: true, value: null } as const;
    expect(await recordExecution(database, TENANT, approval, done, clock.now())).toBe(true);
    expect(await recordExecution(database, TENANT, approval, done, clock.now())).toBe(false);
    expect(await stateOf(first)).toBe("executed");
    expect(await asked()).not.toBe(first);
  });

  it("lets one of many win who ask for the same, or decide the same, at once", async () => {
    const requests = await Promise.all([ask(), ask(), ask()]);
    const made = requests.filter((outcome) => outcome.ok);
    expect(made).toHaveLength(1);
    const id = made[0]!.ok ? made[0]!.value.approvalId : "";
    const decisions = await Promise.all([
      decide(id, "user_a"),
      decide(id, "user_b", "denied", "No."),
      decide(id, "user_c"),
    ]);
    expect(decisions.filter((outcome) => outcome.ok)).toHaveLength(1);
  });

  it("tells every act with who did it, on the request and on what it is about", async () => {
    const id = await asked();
    await decide(id, "user_checker", "approved", "Seen her certificate.");
    const lapse = refusedOutcome("role-changed-meanwhile", "Her role changed meanwhile.");
    const approval = (await loadApproval(database, TENANT, id))!;
    await recordExecution(database, TENANT, approval, lapse, clock.now());
    expect(await stateOf(id)).toBe("lapsed");
    for (const subject of [id, "user_subject"]) {
      const events = await readTimeline(database, TENANT, [subject]);
      expect(new Set(events.map((event) => event.kind))).toEqual(
        new Set(["approval-requested", "approval-approved", "approval-lapsed"]),
      );
    }
  });

  it("lists the newest first, page by page, and only a seller's own where one asks", async () => {
    const ids: string[] = [];
    for (const [claim, sellerId] of [
      ["a", "acme"],
      ["b", "other"],
      ["c", "acme"],
    ] as const) {
      ids.push(await asked({ claim, sellerId, subject: claim }));
      clock.advanceMs(1_000);
    }
    const filter = {
      sellerId: null,
      kind: null,
      subject: null,
      pendingOnly: true,
      now: clock.now(),
    };
    const list = (over: object, after: { at: Instant; id: string } | null, limit: number) =>
      listApprovals(database, TENANT, { ...filter, ...over }, { after, limit });
    const page = await list({}, null, 2);
    expect(page.map((item) => item.approvalId)).toEqual([ids[2], ids[1]]);
    const after = { at: page[1]!.requestedAt, id: page[1]!.approvalId };
    expect((await list({}, after, 2)).map((item) => item.approvalId)).toEqual([ids[0]]);
    expect((await list({ sellerId: "acme" }, null, 9)).map((item) => item.claim)).toEqual([
      "c",
      "a",
    ]);
    await decide(ids[0]!, "user_checker");
    expect((await list({ sellerId: "acme" }, null, 9)).map((item) => item.claim)).toEqual(["c"]);
    const approved = await loadApproved(database, TENANT, ["role-change"]);
    expect(approved.map((item) => item.approvalId)).toEqual([ids[0]]);
  });
});

function refusedOutcome(code: string, message: string) {
  return { ok: false, refusal: { code, message, line: null } } as const;
}
