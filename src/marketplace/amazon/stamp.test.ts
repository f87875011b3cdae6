import { describe, expect, it } from "vitest";
import { readStamp, readStampInOrder, readZone } from "./stamp.ts";

function at(text: string): string {
  const read = readStamp(text);
  return read.kind === "instant" ? read.at : read.kind;
}

describe("time stamps as marketplaces write them", () => {
  it("are instants in every style that was seen", () => {
    expect(at("2026-06-17 08:14:22 UTC")).toBe("2026-06-17T08:14:22.000Z");
    expect(at("17.06.2026 08:14:22 UTC")).toBe("2026-06-17T08:14:22.000Z");
    expect(at("2026/06/17 8:14:22 UTC")).toBe("2026-06-17T08:14:22.000Z");
    expect(at("2025-07-31T22:07:18+00:00")).toBe("2025-07-31T22:07:18.000Z");
    expect(at("Jun 8, 2025 10:23:05 PM PDT")).toBe("2025-06-09T05:23:05.000Z");
    expect(at("Jan 1, 2026 12:00:09 AM PST")).toBe("2026-01-01T08:00:09.000Z");
    expect(at("2025/01/01 0:21:14 JST")).toBe("2024-12-31T15:21:14.000Z");
    expect(at("8 Jun 2025 22:23:05 GMT+9")).toBe("2025-06-08T13:23:05.000Z");
    expect(at("8 Jun 2025 22:23:05 BST")).toBe("2025-06-08T21:23:05.000Z");
    expect(at("2025-06-08 10:23:05 p.m. PDT")).toBe("2025-06-09T05:23:05.000Z");
  });

  it("are read in the languages of the stores", () => {
    expect(at("1 janv. 2025 03:27:03 UTC")).toBe("2025-01-01T03:27:03.000Z");
    expect(at("3 févr. 2025 03:27:03 UTC")).toBe("2025-02-03T03:27:03.000Z");
    expect(at("14 juin 2025 03:27:03 UTC")).toBe("2025-06-14T03:27:03.000Z");
    expect(at("14 juil. 2025 03:27:03 UTC")).toBe("2025-07-14T03:27:03.000Z");
    expect(at("2 août 2025 03:27:03 UTC")).toBe("2025-08-02T03:27:03.000Z");
    expect(at("31 déc. 2025 03:27:03 CET")).toBe("2025-12-31T02:27:03.000Z");
    expect(at("7 März 2025 03:27:03 UTC")).toBe("2025-03-07T03:27:03.000Z");
    expect(at("1 gen 2025 01.31.09 GMT+01:00")).toBe("2025-01-01T00:31:09.000Z");
    expect(at("1 ene 2025 0:08:50 UTC")).toBe("2025-01-01T00:08:50.000Z");
    expect(at("1 mrt. 2025 05:05:23 CEST")).toBe("2025-03-01T03:05:23.000Z");
  });

  it("keep the two sides of a clock change apart", () => {
    expect(at("Nov 2, 2025 1:30:00 AM PDT")).toBe("2025-11-02T08:30:00.000Z");
    expect(at("Nov 2, 2025 1:30:00 AM PST")).toBe("2025-11-02T09:30:00.000Z");
  });

  it("are refused without a zone, with one that has two meanings, or on a day that does not exist", () => {
    expect(at("2026-06-17 08:14:22")).toBe("unreadable");
    expect(at("Jun 8, 2025 10:23:05 PM CST")).toBe("zone-unknown");
    expect(at("Jun 8, 2025 10:23:05 PM XQT")).toBe("zone-unknown");
    expect(at("30.02.2026 08:14:22 UTC")).toBe("unreadable");
    expect(at("2026-06-17 25:14:22 UTC")).toBe("unreadable");
    expect(at("Jun 8, 2025 13:23:05 PM PDT")).toBe("unreadable");
    expect(at("8 Foo 2025 10:23:05 UTC")).toBe("unreadable");
    expect(at("")).toBe("unreadable");
  });

  it("with slashes say day or month only when one is above twelve", () => {
    expect(at("03/04/2026 08:14:22 UTC")).toBe("ambiguous");
    expect(at("17/06/2026 08:14:22 UTC")).toBe("2026-06-17T08:14:22.000Z");
    expect(at("06/17/2026 08:14:22 UTC")).toBe("2026-06-17T08:14:22.000Z");
    expect(readStampInOrder("03/04/2026 08:14:22 UTC", "d/m/y")).toMatchObject({
      at: "2026-04-03T08:14:22.000Z",
    });
    expect(readStampInOrder("03/04/2026 08:14:22 UTC", "m/d/y")).toMatchObject({
      at: "2026-03-04T08:14:22.000Z",
    });
  });

  it("have zones as names or as offsets", () => {
    expect(readZone("GMT+9")).toBe(540);
    expect(readZone("UTC-03:30")).toBe(-210);
    expect(readZone("+0900")).toBe(540);
    expect(readZone("IST")).toBeNull();
    expect(readZone("GMT+25")).toBeNull();
  });
});
