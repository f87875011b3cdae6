import { expect, it } from "vitest";
import type { Instant } from "../time/instant.ts";
import { freshId, randomCharacters, randomToken } from "./random.ts";

it("makes ids that sort by the time at which they were made", () => {
  const moments = [
    "1999-12-31T23:59:59.999Z",
    "2026-11-23T04:05:06.789Z",
    "2026-11-23T04:05:06.790Z",
  ];
  const ids = moments.map((at) => freshId("user", at as Instant));
  expect([...ids].sort()).toEqual(ids);
  for (const id of ids) expect(id).toMatch(/^user_[0-9a-hjkmnp-tv-z]{26}$/);
});

it("never makes the same id, token or code twice", () => {
  const now = "2026-11-23T04:05:06.789Z" as Instant;
  for (const make of [() => freshId("key", now), () => randomToken(), () => randomCharacters(16)]) {
    expect(new Set(Array.from({ length: 2000 }, make)).size).toBe(2000);
  }
  expect(randomToken()).toMatch(/^[A-Za-z0-9_-]{43}$/);
});
