import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Instant } from "./instant.ts";
import {
  addDays,
  addWeekdays,
  civilDate,
  civilDateIn,
  daysBetween,
  isWeekday,
  parseCivilDate,
  parseInstant,
} from "./instant.ts";

describe("instants and civil dates", () => {
  it("reads an instant only when its offset is written", () => {
    expect(parseInstant("2025-07-31T22:07:18+00:00")).toBe("2025-07-31T22:07:18.000Z");
    expect(parseInstant("2025-07-31T22:07:18.5+0900")).toBe("2025-07-31T13:07:18.500Z");
    expect(parseInstant("2025-07-31T22:07:18")).toBeNull();
  });

  it("knows which days exist", () => {
    expect(civilDate(2024, 2, 29)).toBe("2024-02-29");
    expect(civilDate(2023, 2, 30)).toBeNull();
    expect(parseCivilDate("2026-13-01")).toBeNull();
  });

  it("tells the date in a named zone", () => {
    expect(civilDateIn("Asia/Shanghai", "2026-01-31T16:30:00.000Z" as Instant)).toBe("2026-02-01");
    expect(civilDateIn("UTC", "2026-01-31T16:30:00.000Z" as Instant)).toBe("2026-01-31");
  });

  it("counts weekdays over a weekend", () => {
    const friday = parseCivilDate("2026-11-20")!;
    expect(addWeekdays(friday, 1)).toBe("2026-11-23");
    expect(addWeekdays(friday, 5)).toBe("2026-11-27");
    expect(daysBetween(friday, parseCivilDate("2026-11-27")!)).toBe(7);
  });

  it("counts weekdays one by one, from any day and however many", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 3000 }),
        fc.integer({ min: 0, max: 70 }),
        (day, count) => {
          const from = addDays(parseCivilDate("2024-01-01")!, day);
          let counted = from;
          for (let left = count; left > 0; ) {
            counted = addDays(counted, 1);
            if (isWeekday(counted)) left -= 1;
          }
          expect(addWeekdays(from, count)).toBe(counted);
        },
      ),
    );
  });
});
