import iconv from "iconv-lite";
import { afterEach, describe, expect, it } from "vitest";
import {
  creditFile,
  type MadeSettlement,
  orderId,
  ordersReport,
  payoutFile,
  settlementFile,
  shipmentsReport,
  totalOf,
} from "../evidence/made-evidence.ts";
import { DEFAULT_EVIDENCE_SETTINGS } from "../evidence/settings.ts";
import { readEnterprises } from "../identity/enterprises.ts";
import { DEFAULT_POLICY } from "../policy/policy.ts";
import { listExceptions } from "../report/exceptions.ts";
import { openTestChannel, type TestChannel } from "../report/verify/test-channel.ts";
import type { CivilDate, Instant } from "../time/instant.ts";
import { completeDeclaration } from "./complete-declaration.ts";
import { type Declaration, loadDeclarations } from "./declaration-rows.ts";
import { noteFiled, outgoingFiles, readFeedback, takeFeedback } from "./file-declarations.ts";
import { type DeclarationSettings, declarationSettings } from "./settings.ts";

const ACME = "6222000000001111";
const SELLERS = [
  { id: "acme", legalName: "重庆示例贸易有限公司", accounts: [{ number: ACME, currency: "USD" }] },
];
const TODAY = "2026-11-23" as CivilDate;
const BANK = declarationSettings.parse({
  areaCode: "500000",
  bankCode: "0014",
  branchOrder: "02",
  filler: { name: "张三", phone: "02312345678" },
});

function settlement(number: number): MadeSettlement {
  return {
    id: `70${String(number).padStart(2, "0")}`,
    account: ACME,
    orders: [{ id: orderId(number), sale: 10_050n + BigInt(number) * 100n }],
  };
}

let world: TestChannel;
afterEach(() => world.channel.close());

async function open(settings: Partial<DeclarationSettings> = {}, code = true): Promise<void> {
  world = await openTestChannel(SELLERS, {
    ...DEFAULT_POLICY,
    evidence: DEFAULT_EVIDENCE_SETTINGS,
    declaration: { ...BANK, ...settings },
  });
  if (!code) return;
  const read = readEnterprises(
    "seller,from,class,directory,quality,tier,credit-code\nacme,2026-01-01,A,listed,,,91500000MA5TEST01X\n",
    "enterprises.csv",
  );
  if (!read.ok) throw new Error(read.refusal.message);
  await world.channel.takeEnterprises(read.value, "at-the-machine");
}

async function arrive(number: number, returned = false): Promise<void> {
  const one = settlement(number);
  await world.settle(
    [ordersReport(one.orders as never), shipmentsReport([[orderId(number), `1Z 999 ${number}`]])],
    "acme",
  );
  await world.settle([settlementFile(one), payoutFile(one), creditFile(one)], "acme");
  if (returned) await world.settle([creditFile(one, true)], "acme");
}

const declarations = (today = TODAY): Promise<readonly Declaration[]> =>
  loadDeclarations(world.database, "default", { limit: 1000 }, today);

describe("declarations of receipts", () => {
  it("are numbered without a gap, whole, due in five working days, and not made twice", async () => {
    await open();
    for (const number of [1, 2, 3]) await arrive(number);
    await arrive(2);
    const all = await declarations();
    expect(all.map(({ rptNo }) => rptNo)).toEqual(
      [1, 2, 3].map((serial) => `500000001402261123N00${serial}`),
    );
    for (const one of all) {
      expect(one).toMatchObject({
        kind: "plain",
        state: "ready",
        dueOn: "2026-11-26",
        isLate: false,
      });
      expect(one.version.faults).toEqual([]);
      expect(one.version.information.first.code).toBe("122030");
    }
    // The declared sum is the ledger's, each receipt rounded once to whole units.
    const arrived = [1, 2, 3].map((number) => totalOf(settlement(number)));
    expect(all.map(({ version }) => version.base.txAmt)).toEqual(
      arrived.map((minor) => (minor + 50n) / 100n),
    );
    expect((await declarations("2026-12-01" as CivilDate)).every(({ isLate }) => isLate)).toBe(
      true,
    );
    expect((await world.verify()).ok).toBe(true);
    await world.database.query("UPDATE declaration_serial SET last = last + 1", []);
    const verification = await world.verify();
    expect(verification.findings.map(({ check }) => check)).toEqual(["declarations"]);
    const late = await listExceptions(world.database, "default", {
      policy: world.channel.policy,
      now: "2026-12-01T02:00:00.000Z" as Instant,
      limit: 100,
      sellerId: null,
    });
    expect(late.exceptions.filter(({ kind }) => kind === "declaration-late")).toHaveLength(3);
  });

  it("say what is missing and are not filed until it is there", async () => {
    await open({}, false);
    await arrive(1);
    const [one] = await declarations();
    expect(one?.state).toBe("incomplete");
    expect(one?.version.faults.map(({ field }) => field)).toContain("CUSTCOD");
    expect(await outgoingFiles(world.database, "default", TODAY)).toEqual([]);
  });

  it("restore what was netted, the same day, and the restored rows add up", async () => {
    await open({ nettingMode: "restored-rows" });
    await arrive(1);
    const rows = await declarations();
    expect(rows.map(({ kind }) => kind)).toEqual(["actual", "restored-income", "restored-expense"]);
    const [actual, income, expense] = rows.map(({ version }) => version.base);
    expect((income?.txAmt ?? 0n) - (expense?.txAmt ?? 0n)).toBe(actual?.txAmt);
    expect(income?.busCode).toBe(actual?.rptNo);
    expect(new Set(rows.map(({ version }) => version.information.rptDate))).toEqual(
      new Set([TODAY]),
    );
  });

  it("are taken back with a reason when the money goes back before anything was filed", async () => {
    await open();
    await arrive(1, true);
    const [one] = await declarations();
    expect(one).toMatchObject({ state: "deleted", versionNo: 2 });
    expect(one?.version.actionDesc).toBe("款项已退回");
    expect(await outgoingFiles(world.database, "default", TODAY)).toEqual([]);
  });

  it("go out in GB18030, once, and take the authority's answer", async () => {
    await open();
    for (const number of [1, 2]) await arrive(number);
    const now = "2026-11-24T01:00:00.000Z" as Instant;
    const files = await outgoingFiles(world.database, "default", TODAY);
    expect(files.map(({ name }) => name)).toEqual(["BOPA2611230001.xml", "BOPG2611230001.xml"]);
    const text = iconv.decode(Buffer.from(files[0]?.bytes ?? []), "gb18030");
    expect(text).toContain("<CUSTNM>重庆示例贸易有限公司</CUSTNM>");
    expect(text).toContain("<TOTALRECORDS>2</TOTALRECORDS>");
    await world.database.transaction((tx) =>
      noteFiled(
        tx,
        "default",
        files.map((file) => ({ ...file, sha256: "0".repeat(64) })),
        now,
      ),
    );
    expect((await declarations()).map(({ state }) => state)).toEqual(["filed", "filed"]);
    expect(await outgoingFiles(world.database, "default", TODAY)).toEqual([]);
    const [first, second] = await declarations();
    const answer = iconv.encode(
      `<MSG><REC><RPTNO>${first?.rptNo}</RPTNO><FEEDBACK>01</FEEDBACK></REC>` +
        `<REC><RPTNO>${second?.rptNo}</RPTNO><FEEDBACK>02</FEEDBACK><MESSAGE>国别有误</MESSAGE></REC>` +
        "<REC><RPTNO>500000001402261123N999</RPTNO><FEEDBACK>01</FEEDBACK></REC></MSG>",
      "gb18030",
    );
    const read = readFeedback(answer, "answer.xml");
    if (!read.ok) throw new Error(read.refusal.message);
    const take = () =>
      world.database.transaction((tx) =>
        takeFeedback(tx, "default", read.value, { today: TODAY, now, file: "answer" }),
      );
    const taken = { accepted: 1, rejected: 1, waiting: 0, unknown: ["500000001402261123N999"] };
    expect(await take()).toEqual(taken);
    expect(await take()).toEqual(taken);
    expect((await declarations()).map(({ state, answer: said }) => [state, said])).toEqual([
      ["accepted", ""],
      ["rejected", "国别有误"],
    ]);
    expect(readFeedback(iconv.encode("<MSG/>", "gb18030"), "x.xml").ok).toBe(false);
  });

  it("wait when a day's numbers are used up, while their money does not, and are declared the next day", async () => {
    await open();
    await world.database.query(
      "INSERT INTO declaration_serial (tenant_id, branch, on_day, last) VALUES ('default', '500000001402', $1, 5993)",
      [TODAY],
    );
    await arrive(1);
    await arrive(2);
    expect((await declarations()).map(({ rptNo }) => rptNo)).toEqual(["500000001402261123T999"]);
    const [row] = await world.database.query<{ released: bigint }>(
      "SELECT count(*) AS released FROM release",
    );
    expect(row?.released).toBe(2n);
    const missing = await listExceptions(world.database, "default", {
      policy: world.channel.policy,
      now: "2026-11-24T02:00:00.000Z" as Instant,
      limit: 100,
      sellerId: null,
    });
    expect(missing.exceptions.map(({ kind }) => kind)).toContain("declaration-missing");
    await world.database.query("UPDATE declaration_serial SET on_day = '2026-11-22'", []);
    expect(await world.channel.declareLeft()).toBe(1);
    expect(await world.channel.declareLeft()).toBe(0);
    expect((await declarations()).map(({ rptNo }) => rptNo)).toEqual([
      "500000001402261123N001",
      "500000001402261123T999",
    ]);
  });

  it("are completed by the payee, who confirms them, until they are filed", async () => {
    await open();
    await arrive(1);
    const [one] = await declarations();
    const at = { settings: BANK, today: TODAY, now: "2026-11-23T03:00:00.000Z" as Instant };
    const complete = (
      country: string,
      id = one?.declarationId ?? "",
      sellerId: string | null = "acme",
    ) =>
      world.database.transaction((tx) =>
        completeDeclaration(
          tx,
          "default",
          {
            declarationId: id,
            sellerId,
            completion: { country, payType: "A", remark: null },
            by: "user_1",
          },
          at,
        ),
      );
    const done = await complete("GB");
    expect(done).toMatchObject({
      ok: true,
      value: { versionNo: 2, state: "ready", isConfirmed: true },
    });
    expect(done.ok && done.value.version.information).toMatchObject({
      country: "GBR",
      payType: "A",
    });
    for (const [refused, code] of [
      [await complete("XYZ"), "country-unknown"],
      [await complete("US", "decl_none"), "declaration-unknown"],
      [await complete("US", one?.declarationId, "another"), "declaration-unknown"],
    ] as const)
      expect(refused).toMatchObject({ ok: false, refusal: { code } });
    const files = await outgoingFiles(world.database, "default", TODAY);
    await world.database.transaction((tx) =>
      noteFiled(
        tx,
        "default",
        files.map((file) => ({ ...file, sha256: "0".repeat(64) })),
        at.now,
      ),
    );
    expect(await complete("US")).toMatchObject({
      ok: false,
      refusal: { code: "declaration-filed" },
    });
  });
});
