import { describe, expect, it } from "vitest";
import { addBusinessDays, businessDaysBetween, isBusinessDay } from "./calendar.ts";
import { CENTRES, isCentreHoliday } from "./holidays-by-rule.ts";
import { CHINA_YEARS } from "./holidays-cn.ts";
import { addDays, type CivilDate, isWeekday } from "./instant.ts";

const day = (text: string) => text as CivilDate;

describe("China's working days", () => {
  it("leave out the Spring Festival and count its make-up days", () => {
    expect(addBusinessDays(day("2026-02-13"), 1, ["CN"], "refuse")).toEqual({
      ok: true,
      value: "2026-02-14",
    });
    expect(addBusinessDays(day("2026-02-14"), 1, ["CN"], "refuse")).toEqual({
      ok: true,
      value: "2026-02-24",
    });
    // Five working days after 30 September 2025: the holiday ends on the 8th, the 11th is worked.
    expect(addBusinessDays(day("2025-09-30"), 5, ["CN"], "refuse")).toEqual({
      ok: true,
      value: "2025-10-14",
    });
    expect(businessDaysBetween(day("2025-09-30"), day("2025-10-14"), ["CN"], "refuse")).toEqual({
      ok: true,
      value: 5,
    });
  });

  it("are refused for a year that no notice announced, or are weekdays where a setting says so", () => {
    const refused = addBusinessDays(day("2026-12-31"), 1, ["CN"], "refuse");
    expect(refused).toMatchObject({ ok: false, refusal: { code: "calendar-year-unknown" } });
    expect(addBusinessDays(day("2026-12-31"), 1, ["CN"], "weekdays")).toEqual({
      ok: true,
      value: "2027-01-01",
    });
  });

  it("make up for weekdays off by weekends worked: every make-up day is one", () => {
    for (const [year, { makeUp, off }] of Object.entries(CHINA_YEARS)) {
      for (const date of makeUp) {
        expect(isWeekday(day(date)), date).toBe(false);
        expect(date.startsWith(year)).toBe(true);
      }
      expect(off.every(([from, to]) => from <= to && from.startsWith(year))).toBe(true);
    }
  });
});

describe("the holidays of currencies' centres", () => {
  it("are those that their calendars publish", () => {
    const published: Readonly<Record<(typeof CENTRES)[number], readonly string[]>> = {
      TARGET: ["2026-01-01", "2026-04-03", "2026-04-06", "2026-05-01", "2026-12-25"],
      US: ["2026-01-19", "2026-02-16", "2026-05-25", "2026-06-19", "2026-11-26", "2027-07-05"],
      UK: ["2026-04-03", "2026-05-04", "2026-05-25", "2026-08-31", "2026-12-28", "2027-12-27"],
      // The 22nd lies between Respect for the Aged Day and the equinox.
      JP: ["2026-05-06", "2026-09-21", "2026-09-22", "2026-09-23", "2026-12-31", "2025-02-24"],
      CA: ["2026-05-18", "2026-07-01", "2026-09-30", "2026-10-12"],
      AU: ["2026-01-26", "2026-06-08", "2026-12-28"],
    };
    for (const centre of CENTRES) {
      for (const date of published[centre]) {
        expect(isCentreHoliday(centre, day(date)), `${centre} ${date}`).toBe(true);
        expect(isBusinessDay(centre, day(date))).toBe(false);
      }
    }
    // 4 July 2026 is a Saturday: the Federal Reserve Banks are open on the Friday.
    expect(isBusinessDay("US", day("2026-07-03"))).toBe(true);
  });

  it("are few: 240 to 259 business days in every year", () => {
    for (const centre of CENTRES) {
      for (const year of [2024, 2025, 2026, 2027]) {
        let count = 0;
        for (let date = day(`${year}-01-01`); date <= `${year}-12-31`; date = addDays(date, 1)) {
          if (isBusinessDay(centre, date) === true) count += 1;
        }
        expect(count, `${centre} ${year}`).toBeGreaterThanOrEqual(240);
        expect(count).toBeLessThanOrEqual(259);
      }
    }
  });
});
