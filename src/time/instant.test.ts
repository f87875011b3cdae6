import { describe, expect, it } from "vitest";
import type { Instant } from "./instant.ts";
import {
  addWeekdays,
  civilDate,
  civilDateIn,
  daysBetween,
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
});
