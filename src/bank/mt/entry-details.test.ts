import { describe, expect, it } from "vitest";
import { readEntryDetails } from "./entry-details.ts";
import { joinWrapped } from "./fields.ts";
import { readParty } from "./parties.ts";

describe("the information :86:", () => {
  it("keeps free text line by line and joins a line that the width broke", () => {
    const full = "AMAZON PAYMENTS SETTLEMENT NOVEMBER 2025 STORE SC TRACE 7K2Q4XD19";
    expect(readEntryDetails([full, "00155 FOR SHANCHENG", "SECOND LINE"]).remittance).toEqual([
      `${full}00155 FOR SHANCHENG`,
      "SECOND LINE",
    ]);
  });

  it("reads German sub-fields whose key words are broken over lines and sub-fields", () => {
    const details = readEntryDetails([
      "109?00RUECKGABE?109075?20EREF+A1.200080779.400143?21.4961336 KREF+",
      "SEPA-DA2020?2201221740-P1 MR",
      "EF+2?230852HW SVWZ+?24SONSTIGE GRUENDE?30CSDBDE71XXX?31DE50 7123?32TES",
      "TER?33EL",
    ]);
    expect(details).toMatchObject({
      endToEndId: "A1.200080779.400143.4961336",
      instructionId: "SEPA-DA202001221740-P1",
      remittance: ["SONSTIGE GRUENDE"],
      counterparty: { name: "TESTEREL", account: "DE507123", bic: "CSDBDE71XXX" },
    });
  });

  it("reads German sub-fields without key words as lines of 27 characters", () => {
    const details = readEntryDetails([
      "805?00ENTGELT?20PAUSCHALEN IM MONAT NOVEMBE?21R 2025?22KONTO 1?63ENDE",
    ]);
    expect(details.remittance).toEqual(["PAUSCHALEN IM MONAT NOVEMBER 2025", "KONTO 1", "ENDE"]);
  });

  it("leaves a question mark and an amount in plain text alone", () => {
    expect(readEntryDetails(["100.00 EUR?20 PERCENT"]).remittance).toEqual([
      "100.00 EUR?20 PERCENT",
    ]);
    expect(readEntryDetails(["166?00X?20WHO?99ME"]).remittance).toEqual(["WHO?99ME"]);
  });

  it("reads slash code words of counterparty, reference, remittance and return", () => {
    expect(
      readEntryDetails([
        "/EREF/7K2Q4XD1//CNTP/NL32BANK0000012345/BANKNL2A/SHAN CHENG///REMI/USTD//TR",
        "ACE 1//RTRN/AC04/",
      ]),
    ).toMatchObject({
      endToEndId: "7K2Q4XD1",
      counterparty: { account: "NL32BANK0000012345", bic: "BANKNL2A", name: "SHAN CHENG" },
      remittance: ["TRACE 1"],
      returnCode: "AC04",
    });
  });

  it("reads original amount, charge, rate and UETR", () => {
    expect(
      readEntryDetails([
        "/OCMT/EUR1000,00//CHGS/USD15,/EXCH/1,0835/UETR/EB6305C9-1F7F-49DE-AED0-16487C27B42D/",
      ]),
    ).toMatchObject({
      instructedAmount: { currency: "EUR", minor: 100000n },
      charges: [{ amount: { currency: "USD", minor: 1500n }, direction: "debit" }],
      exchange: { rate: "1.0835", sourceCurrency: "EUR" },
      uetr: "eb6305c9-1f7f-49de-aed0-16487c27b42d",
    });
  });

  it("reads code words that no table has as text", () => {
    expect(readEntryDetails(["/PT/FT/PY/PAYOUT 7K2Q"]).remittance).toEqual([
      "/PT/FT/PY/PAYOUT 7K2Q",
    ]);
  });

  it("takes references that say there is none as absent", () => {
    expect(readEntryDetails(["/EREF/NOTPROVIDED/REMI/X/"]).endToEndId).toBeNull();
    expect(readEntryDetails(["166?00X?20EREF+NONREF?21SVWZ+X"]).endToEndId).toBeNull();
  });
});

describe("wrapped text", () => {
  it("drops blank lines and blanks at the ends only", () => {
    expect(joinWrapped(["a  ", "", "  b"], 65)).toEqual(["a", "b"]);
  });
});

function party(tag: string, ...lines: string[]) {
  return readParty({ tag, line: 1, lines });
}

describe("party fields", () => {
  it("give account and name of options K and none", () => {
    expect(party("50K", "/12 34", "AMAZON", "SEATTLE")).toEqual({
      name: "AMAZON",
      account: "1234",
      bic: null,
      country: null,
    });
    expect(party("59", "AMAZON")).toMatchObject({ name: "AMAZON", account: null });
  });

  it("give BIC and country of option A, and no account for a clearing code", () => {
    expect(party("52A", "//CN001", "sgbksgsg")).toEqual({
      name: null,
      account: null,
      bic: "SGBKSGSG",
      country: "SG",
    });
    expect(party("52A", "/D/77", "SGBKSGSGXXX")).toMatchObject({ account: "77" });
  });

  it("keep a broken BIC as the name", () => {
    expect(party("52A", "NOT A BIC")).toMatchObject({ bic: null, name: "NOT A BIC" });
  });

  it("join the numbered name lines of option F and read its country", () => {
    expect(party("50F", "/99", "1/AMAZON", "1/PAYMENTS", "2/STREET 1", "3/LU/LUXEMBOURG")).toEqual({
      name: "AMAZON PAYMENTS",
      account: "99",
      bic: null,
      country: "LU",
    });
    expect(party("50F", "CCPT/US/123", "1/JOHN")).toMatchObject({ account: null, name: "JOHN" });
  });
});
