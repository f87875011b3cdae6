// What a bank tells of money: each movement by one or several kinds of messages, whole or in parts, with charges,
// copies, pending entries, and what goes back later. Day and month statements are made of all that was booked.

import { addDays, type CivilDate, daysBetween } from "../../src/time/instant.ts";
import {
  AMAZON,
  camt053,
  camt054,
  file,
  type MadeCredit,
  mt103,
  mt910,
  mt940,
  pacs004,
  pacs008,
} from "./made-files.ts";
import { give, nextNumber, type World } from "./world-draws.ts";

/** Money as it was sent; what arrives of it, and how it is told, is drawn here. */
export type MoneyTold = {
  readonly number: number;
  readonly minor: bigint;
  readonly on: CivilDate;
  /** What the bank prints of it; null: nothing. */
  readonly reference: string | null;
  readonly isMarketplace: boolean;
  /** True: one credit without a shortfall, for what comes before the announcement is matched as the statement owes. */
  readonly isWhole: boolean;
};

type Account = { readonly id: string; readonly account: string };

/** Rows for the account's end-of-day statements. */
type Booked = { readonly rows: MadeCredit[]; readonly isMt: boolean };

export function tellMoney(world: World, account: Account, money: readonly MoneyTold[]): void {
  const booked: Booked = { rows: [], isMt: account.account.length > 0 && world.chance(0.35) };
  for (const item of money) tellOne(world, account, booked, item);
  if (world.chance(0.3)) repeatReference(world, booked, money[0]?.on ?? null);
  writeStatements(world, account, booked);
}

function tellOne(world: World, account: Account, booked: Booked, item: MoneyTold): void {
  const kind = item.isMarketplace && item.reference !== null ? world.between(1, 100) : 100;
  const [whole, later] = arrivalOf(world, booked, item, kind);
  for (const credit of whole) tellCredit(world, account, booked, credit);
  for (const back of later) tellBack(world, account, booked, back);
}

/** What arrives of it, and what goes back later. */
function arrivalOf(
  world: World,
  booked: Booked,
  item: MoneyTold,
  kind: number,
): readonly [readonly MadeCredit[], readonly MadeCredit[]] {
  const credit = creditOf(world, item);
  const charge = BigInt(world.between(1_000, 6_000));
  const laterOn = addDays(item.on, world.between(1, 4));
  if (kind <= 12 && !booked.isMt && !item.isWhole) {
    world.story.push(`credit ${item.number} is short by a documented ${charge}`);
    return [[{ ...credit, minor: item.minor - charge, chargeMinor: charge }], []];
  }
  if (kind <= 18 && !item.isWhole) {
    world.story.push(`credit ${item.number} is short by ${charge}`);
    return [[{ ...credit, minor: item.minor - charge }], []];
  }
  if (kind <= 30 && !item.isWhole) {
    const part = (item.minor * BigInt(world.between(20, 80))) / 100n;
    const second = creditOf(world, { ...item, number: nextNumber(world), on: laterOn });
    world.story.push(`credit ${item.number} comes as ${part} and the rest`);
    return [
      [
        { ...credit, minor: part },
        { ...second, minor: item.minor - part },
      ],
      [],
    ];
  }
  const back: MadeCredit = { ...credit, on: laterOn, direction: "debit" };
  if (kind <= 38) {
    world.story.push(`credit ${item.number} is reversed`);
    return [[credit], [{ ...back, reversal: true }]];
  }
  if (kind <= 46) {
    const part = (item.minor * BigInt(world.between(10, 60))) / 100n;
    world.story.push(`credit ${item.number} is returned by ${part}`);
    return [[credit], [{ ...back, minor: part, returnReason: "AM09" }]];
  }
  return [[credit], []];
}

function creditOf(world: World, item: MoneyTold): MadeCredit {
  const number = String(item.number).padStart(5, "0");
  const mark = `${number}${world.seed % 9973}`;
  const asEndToEnd = world.chance(0.5);
  return {
    minor: item.minor,
    on: item.on,
    servicerRef: `BK${mark}`,
    ...(world.chance(0.4) ? { uetr: uetrOf(world.seed, item.number) } : {}),
    endToEndId: item.reference !== null && asEndToEnd ? item.reference : `E2E${mark}`,
    ...(item.reference !== null && !asEndToEnd ? { remittance: [`AMZN ${item.reference}`] } : {}),
    payer: item.isMarketplace
      ? world.chance(0.9)
        ? AMAZON
        : "Somebody Else Ltd"
      : "Buyer of Something GmbH",
  };
}

function uetrOf(seed: number, number: number): string {
  return `${hex(seed % 0xffffffff, 8)}-${hex(number, 4)}-4abc-8def-${hex(number * 65_537, 12)}`;
}

function hex(value: number, length: number): string {
  return value.toString(16).padStart(length, "0");
}

function tellCredit(world: World, account: Account, booked: Booked, credit: MadeCredit): void {
  const number = nextNumber(world);
  const name = (kind: string, extension: string) => `${kind}-${account.id}-${number}.${extension}`;
  const seller = world.chance(0.5) ? account.id : null;
  const message = { id: `M${number}`, account: account.account };
  const anonymous: MadeCredit = world.chance(0.15) ? { ...credit, payer: null } : credit;
  const how = world.pick([
    "statement",
    "advice",
    "both",
    "both",
    "chain",
    "early",
    "copied",
  ] as const);
  world.story.push(`${credit.minor} on ${credit.on} told by ${how}`);
  const advise = (told: MadeCredit) =>
    booked.isMt && account.id === "acme"
      ? file(name("advice", "fin"), mt910(credit.servicerRef ?? "NONREF", told), seller)
      : file(name("advice", "xml"), camt054(message, told), seller);
  if (how !== "statement" && how !== "early")
    give(world, account.id, advise(how === "advice" ? credit : anonymous));
  if (how === "early") {
    give(
      world,
      account.id,
      file(name("early", "xml"), camt054(message, { ...credit, status: "pending" }), seller),
    );
  }
  if (how === "copied") {
    give(
      world,
      account.id,
      file(name("copy", "xml"), camt054({ ...message, copy: "DUPL" }, credit), seller),
    );
  }
  if (how === "chain" && account.id === "acme") {
    give(world, account.id, file(name("payment", "xml"), pacs008(`P8${number}`, credit), seller));
    if (credit.uetr !== undefined) {
      give(world, account.id, file(name("payment", "fin"), mt103(`T${number}`, credit), seller));
    }
  }
  if (how !== "advice") {
    const { chargeMinor: _charge, ...plain } = credit;
    const isTold = how === "statement" || world.chance(0.5);
    booked.rows.push(isTold ? credit : plain);
  }
}

function tellBack(world: World, account: Account, booked: Booked, back: MadeCredit): void {
  const number = nextNumber(world);
  booked.rows.push({
    ...back,
    servicerRef: back.reversal === true ? (back.servicerRef ?? "") : `BK${number}R`,
  });
  if (back.returnReason === undefined || !world.chance(0.5) || account.id !== "acme") return;
  const { uetr, endToEndId, minor, on, returnReason } = back;
  const told = {
    minor,
    on,
    returnReason,
    ...(uetr === undefined ? {} : { uetr }),
    ...(endToEndId === undefined ? {} : { endToEndId }),
    ...(world.chance(0.5) ? { account: account.account } : {}),
  };
  give(
    world,
    account.id,
    file(
      `return-${number}.xml`,
      pacs004(`RT${number}`, told),
      world.chance(0.5) ? account.id : null,
    ),
  );
}

/** Several lines under one reference, as banks do. */
function repeatReference(world: World, booked: Booked, on: CivilDate | null): void {
  if (on === null) return;
  const count = world.between(2, 6);
  for (let index = 0; index < count; index += 1) {
    const minor = BigInt(world.between(10_000, 99_000) * 10 + index);
    booked.rows.push({ minor, on, servicerRef: "MANYLINES1", payer: "Buyer of Something GmbH" });
  }
  world.story.push(`${count} lines under one reference`);
}

/** One statement a day, and perhaps the same rows once more by the month. */
function writeStatements(world: World, account: Account, { rows, isMt }: Booked): void {
  const days = [...new Set(rows.map((row) => row.on))].sort();
  const seller = () => (world.chance(0.5) ? account.id : null);
  for (const day of days) {
    const ofDay = rows.filter((row) => row.on === day);
    const number = nextNumber(world);
    give(world, account.id, statementFile({ account, isMt, number, kind: "day" }, ofDay, seller()));
  }
  if (rows.length > 0 && !isMt && world.chance(0.4)) {
    const sorted = [...rows].sort((a, b) => daysBetween(b.on, a.on));
    give(
      world,
      account.id,
      statementFile({ account, isMt, number: nextNumber(world), kind: "month" }, sorted, seller()),
    );
    world.story.push(`${account.id} gets the rows by the month too`);
  }
}

function statementFile(
  of: { account: Account; isMt: boolean; number: number; kind: string },
  rows: readonly MadeCredit[],
  seller: string | null,
) {
  const name = `${of.kind}-${of.account.id}-${of.number}`;
  const message = {
    id: `S${of.number}`,
    account: of.account.account,
    openingMinor: 9_000_000_000n,
  };
  if (!of.isMt) return file(`${name}.xml`, camt053(message, ...rows), seller);
  const number = `${String(of.number).padStart(5, "0")}/1`;
  return file(`${name}.sta`, mt940({ ...message, number }, ...rows), seller);
}
