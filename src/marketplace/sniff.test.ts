import { describe, expect, it } from "vitest";
import { sniffMarketplaceFile } from "./sniff.ts";

function sniffed(text: string, encoding: BufferEncoding = "utf8") {
  return sniffMarketplaceFile(Buffer.from(text, encoding));
}

const V2 =
  "settlement-id\tsettlement-start-date\tsettlement-end-date\tdeposit-date\ttotal-amount\tcurrency\t" +
  "transaction-type\tamount-type\tamount-description\tamount\n";

describe("telling a file by its content", () => {
  it("knows a settlement file with or without a byte-order mark, and when Excel quoted its header", () => {
    expect(sniffed(V2)).toBe("amazon-settlement-v2");
    expect(sniffed(`\ufeff${V2}`)).toBe("amazon-settlement-v2");
    expect(sniffed(V2.replaceAll(/[^\t\n]+/g, '"$&"').toUpperCase())).toBe("amazon-settlement-v2");
    expect(
      sniffed("settlement-id\ttotal-amount\tprice-type\tprice-amount\titem-related-fee-amount\r\n"),
    ).toBe("amazon-settlement-v1");
  });

  it("knows a date-range file in any charset and delimiter", () => {
    const german =
      '"Alle Beträge in Euro sofern nicht anders gekennzeichnet"\n' +
      '"Datum/Uhrzeit","Abrechnungsnummer","Typ","Beschreibung","Umsätze","Gesamt"\n';
    expect(sniffed(german)).toBe("amazon-date-range");
    expect(sniffed(german, "latin1")).toBe("amazon-date-range");
    expect(sniffed(german.replaceAll('","', '";"'))).toBe("amazon-date-range");
    const japanese = "日付/時間,決済番号,トランザクションの種類,説明,商品売上,合計\n";
    expect(sniffed(`\ufeff${japanese}`)).toBe("amazon-date-range");
    const shiftJis = Uint8Array.from(
      [
        0x93, 0xfa, 0x95, 0x74, 0x2f, 0x8e, 0x9e, 0x8a, 0xd4, 0x2c, 0x8c, 0x88, 0x8d, 0xcf, 0x94,
        0xd4,
      ]
        .concat([0x8d, 0x86, 0x2c, 0x74, 0x79, 0x70, 0x65, 0x2c, 0x90, 0xe0, 0x96, 0xbe, 0x2c])
        .concat([0x8d, 0x87, 0x8c, 0x76, 0x0a]),
    );
    expect(sniffMarketplaceFile(shiftJis)).toBe("amazon-date-range");
  });

  it("knows the two payout lists, as one answer and as pages", () => {
    expect(sniffed('{"payouts": []}')).toBe("amazon-payout-list");
    expect(sniffed('[{"nextToken": "{[x", "payouts": []}, {"payouts": []}]')).toBe(
      "amazon-payout-list",
    );
    expect(sniffed('{"payload": {"FinancialEventGroupList": []}}')).toBe("amazon-event-groups");
    expect(sniffed('{"FinancialEventGroupList": []}')).toBe("amazon-event-groups");
  });

  it("knows what tells of money before it is paid out", () => {
    expect(sniffed('{"balances": []}')).toBe("amazon-balances");
    expect(sniffed('{"expectedPayouts": [{"payouts": []}]}')).toBe("amazon-expected-payouts");
    expect(sniffed('{"nextToken": "t", "summaries": []}')).toBe("amazon-summaries");
    expect(sniffed('{"payload": {"transactions": []}}')).toBe("amazon-transactions");
  });

  it("knows nothing of other files", () => {
    for (const text of [
      "",
      "\n\n",
      "{}",
      "[]",
      "hello",
      "sku\tprice\n",
      '{"errors": []}',
      "<xml/>",
    ]) {
      expect(sniffed(text)).toBeNull();
    }
    expect(sniffed('[{"operationId": "listPayouts", "response": {"payouts": []}}]')).toBeNull();
    expect(sniffed('{"a": {"b": {"payouts": []}}}')).toBeNull();
    expect(sniffed(V2, "utf16le")).toBeNull();
  });
});
