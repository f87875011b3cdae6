// The settings that the reference shows are settings that the program takes.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { bankConnection, bankConnections } from "./settings.ts";

const PAGE = join(import.meta.dirname, "../../../docs/reference/bank-connections.md");
const blocks = [...readFileSync(PAGE, "utf8").matchAll(/```json\n([\s\S]*?)```/g)].map(
  ([, block = ""]) => block.trim(),
);

it("reads every example of the reference: one of each kind, and orders beside them", () => {
  const connections = blocks.filter((block) => block.startsWith("{"));
  const parts = blocks.filter((block) => block.startsWith('"'));
  const parsed = connections.map((block) => bankConnection.parse(JSON.parse(block)));
  expect(parsed.map(({ transport }) => transport)).toEqual([
    "drop-folder",
    "sftp",
    "webhook",
    "cib-api",
    "cmb-api",
    "amqp",
  ]);
  expect(bankConnections.parse(connections.map((block): unknown => JSON.parse(block)))).toEqual(
    parsed,
  );
  expect(parts).toHaveLength(2);
  const webhook: unknown = JSON.parse(connections[2] ?? "");
  const whole = { ...(webhook as object), ...(JSON.parse(`{${parts.join(",")}}`) as object) };
  expect(bankConnections.parse([whole])[0]?.orders?.debtors).toHaveLength(1);
});
