import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { readEventGroups } from "./event-groups.ts";
import { readPayoutList } from "./payout-list.ts";

function source(text: string) {
  return Readable.from([Buffer.from(text)]);
}

function payout(more: string): string {
  return (
    '{"payouts": [{"id": "p1", "currentStatus": "PAID", ' +
    `"amount": {"currencyCode": "USD", "currencyAmount": 10.10}${more === "" ? "" : `, ${more}`}}]}`
  );
}

const codes = async (text: string) =>
  (await readPayoutList(source(text))).refusals.map((reason) => reason.code);

const group = (more: string) =>
  `{"FinancialEventGroupList": [{"FinancialEventGroupId": "g1", "ProcessingStatus": "Closed", ${more}}]}`;

describe("payout lists", () => {
  it("read an amount digit by digit, where a binary fraction would not hold it", async () => {
    const text = payout("").replace("10.10", "90071992547409.93");
    const reading = await readPayoutList(source(text));
    expect(reading.payouts).toMatchObject([{ amount: { minor: 9_007_199_254_740_993n } }]);
  });

  it("fold the status without case and marks, and keep a new word as it is", async () => {
    for (const [word, status] of [
      ["In transit", "in-transit"],
      ["IN_TRANSIT", "in-transit"],
      ["Paid", "paid"],
      ["ON_ITS_WAY", "unknown"],
    ] as const) {
      const reading = await readPayoutList(source(payout("").replace("PAID", word)));
      expect(reading.payouts).toMatchObject([{ status, statusText: word }]);
    }
  });

  it("announce nothing where there is no payout, whatever total stands beside it", async () => {
    const reading = await readPayoutList(source(payout("").replace("PAID", "NO_PAYOUT")));
    expect(reading.refusals).toEqual([]);
    expect(reading.payouts).toEqual([]);
  });

  it("are refused when an amount is not exact, with the payout's place in the list", async () => {
    for (const amount of ["10.101", '"ten"', "null", "1e99"]) {
      const reading = await readPayoutList(source(payout("").replace("10.10", amount)));
      expect(reading.payouts).toEqual([]);
      expect(reading.refusals).toMatchObject([{ code: "payout-unreadable", line: 1 }]);
    }
    const undated = await readPayoutList(source(payout('"creationDate": "yesterday"')));
    expect(undated.refusals).toMatchObject([{ code: "payout-unreadable" }]);
  });

  it("announce nothing with a payout that was not made and has no amount", async () => {
    const none = payout("")
      .replace("PAID", "NO_PAYOUT")
      .replace(/"amount": \{[^}]*\}/, '"type": null');
    const reading = await readPayoutList(source(none));
    expect(reading.refusals).toEqual([]);
    expect(reading.payouts).toEqual([]);
    expect(await codes(none.replace("NO_PAYOUT", "PAID"))).toEqual(["payout-unreadable"]);
  });

  it("are refused when the JSON is broken, repeats a key, or is something else", async () => {
    expect(await codes(payout("").slice(0, -1))).toEqual(["json-broken"]);
    expect(await codes(payout('"id": "p2"'))).toEqual(["json-broken"]);
    expect(await codes('{"payouts": {}}')).toEqual(["not-this-format"]);
    expect(await codes("[]")).toEqual(["not-this-format"]);
    expect(await codes("")).toEqual(["file-empty"]);
    expect(await codes('{"payouts": []}')).toEqual([]);
    const latin = await readPayoutList(
      Readable.from([Buffer.from(payout('"x": "\u00e9"'), "latin1")]),
    );
    expect(latin.refusals.map((reason) => reason.code)).toEqual(["json-broken"]);
  });

  it("give an item once that overlapping pages repeat, and both when its status moved on", async () => {
    const page = payout("");
    const moved = page.replace("PAID", "FAILED");
    const reading = await readPayoutList(source(`[${page}, ${page}, ${moved}]`));
    expect(reading.payouts.map((one) => [one.status, one.line])).toEqual([
      ["paid", 1],
      ["failed", 3],
    ]);
  });
});

function total(minor: number): string {
  return `"OriginalTotal": {"CurrencyCode": "USD", "CurrencyAmount": ${minor}}`;
}

describe("event groups", () => {
  it("keep both currencies where the marketplace converted", async () => {
    const text = group(
      '"FundTransferStatus": "Succeeded", "TraceId": "1, 2",' +
        '"OriginalTotal": {"CurrencyCode": "CAD", "CurrencyAmount": 190.24},' +
        '"ConvertedTotal": {"CurrencyCode": "USD", "CurrencyAmount": 146.03}',
    );
    const reading = await readEventGroups(source(text));
    expect(reading.payouts).toMatchObject([
      {
        amount: { currency: "USD", minor: 14_603n },
        originalAmount: { currency: "CAD", minor: 19_024n },
        status: "paid",
        traceIds: ["1", "2"],
      },
    ]);
  });

  it("announce nothing with an open group, and keep a word that is new", async () => {
    const open = await readEventGroups(source(group(total(5)).replace("Closed", "Open")));
    expect(open.refusals).toEqual([]);
    expect(open.payouts).toEqual([]);
    const sent = '"FundTransferDate": "2026-08-26T06:20:00Z"';
    const odd = await readEventGroups(
      source(group(`${total(5)}, ${sent}, "FundTransferStatus": "Unknown"`)),
    );
    expect(odd.payouts).toMatchObject([{ status: "unknown", statusText: "Unknown" }]);
  });

  it("announce nothing with a closed group that sent nothing: no date, no trace, no word for it", async () => {
    for (const told of [
      `${total(5)}, "FundTransferStatus": "Unknown"`,
      total(5),
      `${total(-5)}, "FundTransferStatus": "Failed"`,
    ]) {
      const reading = await readEventGroups(source(group(told)));
      expect(reading.refusals).toEqual([]);
      expect(reading.payouts, told).toEqual([]);
    }
    const failed = await readEventGroups(
      source(group(`${total(5)}, "FundTransferStatus": "Failed"`)),
    );
    expect(failed.payouts).toMatchObject([{ status: "failed" }]);
  });

  it("are refused without an id or a total", async () => {
    const reading = await readEventGroups(source(group('"X": 1')));
    expect(reading.refusals).toMatchObject([{ code: "payout-unreadable", line: 1 }]);
  });
});
