import { describe, expect, it } from "vitest";
import { InvariantBroken } from "../errors/invariant.ts";
import { Outage } from "../errors/outage.ts";
import { systemClock } from "../time/clock.ts";
import { type LogFields, openLog, scrubbed } from "./log.ts";

function linesOf(write: (log: ReturnType<typeof openLog>) => void, level = "debug" as const) {
  const lines: string[] = [];
  write(openLog(level, systemClock, (line) => lines.push(line)));
  return lines;
}

describe("the log", () => {
  it("is one JSON object a line, with time, level and event", () => {
    const [line] = linesOf((log) => log.info("leader", { role: "leader", durationMs: 12 }));
    expect(line).toMatch(/\n$/);
    expect(JSON.parse(line!)).toEqual({
      level: "info",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      event: "leader",
      role: "leader",
      durationMs: 12,
    });
  });

  it("leaves out fields that are not on its list, whoever hands them in", () => {
    const fields = {
      outcome: "new",
      accountNumber: "6217000000004821",
      name: "王小明",
    } as LogFields;
    const [line] = linesOf((log) => log.info("received", fields));
    expect(line).not.toMatch(/4821|王小明|accountNumber/);
    expect(JSON.parse(line!)).toMatchObject({ outcome: "new" });
  });

  it("tells our own faults in our words, and of others only what kind and where", () => {
    const foreign = Object.assign(new Error("invalid input: 'Wang Xiaoming 6217000000004821'"), {
      code: "22P02",
      detail: "Failing row contains (Wang Xiaoming)",
    });
    const outage = new Outage("database", "account 6217000000004821 is away", {
      retryable: true,
      cause: foreign,
    });
    const lines = linesOf((log) => {
      log.error("failed", { error: foreign });
      log.error("failed", { error: outage });
      log.error("failed", { error: new InvariantBroken("posting credit:cr_ab12 was refused") });
      log.error("failed", { error: "a text of somebody" });
    });
    expect(lines.join("")).not.toMatch(/Wang|4821|somebody/);
    expect(JSON.parse(lines[0]!).error).toMatchObject({
      name: "Error",
      code: "22P02",
      frames: expect.arrayContaining([expect.stringContaining("log.test.ts")]),
    });
    expect(JSON.parse(lines[1]!).error).toMatchObject({
      name: "Outage",
      port: "database",
      retryable: true,
      message: "account [number] is away",
      cause: { name: "Error", code: "22P02" },
    });
    expect(JSON.parse(lines[2]!).error.message).toBe("posting credit:cr_ab12 was refused");
  });

  it("says nothing below its level", () => {
    expect(linesOf((log) => log.debug("x"), "info" as "debug")).toEqual([]);
  });
});

describe("a scrubbed text", () => {
  it.each([
    ["account 6217 0000 0000 4821 of", "account [number] of"],
    ["GB82 WEST 1234 5698 7654 32", "[reference]"],
    ["DE89370400440532013000 is", "[reference] is"],
    ["write to li.na@example.cn now", "write to [address] now"],
    ["Bearer sk_live_4eC39HqLyjWDarjtT1zdp7dc", "Bearer [token]"],
    ["postgres://straitway:secret@db:5432/x?password=y", "postgres://db:5432/x?…"],
    ["partition 0 is held by host/12", "partition 0 is held by host/12"],
    ["connect ECONNREFUSED 127.0.0.1:5432", "connect ECONNREFUSED 127.0.0.1:5432"],
  ])("%s", (text, expected) => {
    expect(scrubbed(text)).toBe(expected);
  });
});
