// Real files of many banks, by others. They are tested against where their folder lies beside the
// project and are never copied into it; what is known of each file is written here.

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readMtBytes } from "./read-mt-bytes.ts";

const folder = fileURLToPath(new URL("../../../../shared/samples/bank/", import.meta.url));
const isAbsent = !existsSync(folder);
const title = isAbsent
  ? "real MT files (skipped: ../shared/samples is not beside the project)"
  : "real MT files";

/** File, messages, how many of them are proven or read, and the reasons of the others in order. */
const FILES: readonly (readonly [string, number, number, readonly string[]])[] = [
  ["wolph-mt940/ASNB_mt940.txt", 31, 31, []],
  ["wolph-mt940/betterplace_sepa_mt9401.sta", 26, 26, []],
  ["wolph-mt940/citi_mt940.txt", 1, 1, []],
  // The publishers shortened these statements without changing their balances.
  ["wolph-mt940/jejik_abnamro.sta", 2, 0, ["mt-balance-mismatch", "mt-balance-mismatch"]],
  ["wolph-mt940/jejik_ing.sta", 1, 0, ["mt-balance-mismatch"]],
  ["wolph-mt940/mBank_mt940.sta", 1, 1, []],
  ["wolph-mt940/self-provided_february_30.sta", 1, 1, []],
  // Ends without "-", and declares a debit of 2,30 that is not the one it lists.
  ["wolph-mt940/self-provided_mt942.sta", 1, 0, ["mt-cut-off", "mt-total-mismatch"]],
  ["jejik-mt940/commerzbank.txt", 1, 0, ["mt-balance-mismatch"]],
  ["jejik-mt940/deutschebank.txt", 1, 0, ["mt-balance-mismatch"]],
  ["jejik-mt940/lbbw.txt", 1, 1, []],
  ["jejik-mt940/sns.txt", 2, 2, []],
  ["jejik-mt940/sparkasse.txt", 2, 2, []],
  // Two transfers arrive short without a 71F that says so.
  ["prowide-core/MT103-bulk-with-ack.rje", 3, 3, []],
  // One transfer settles a million less than instructed, one ends with a damaged trailer ("-}{").
  ["prowide-core/MT103-out-ack.rje", 13, 12, ["mt-envelope-broken"]],
];

function fileOf(name: string): Buffer {
  return readFileSync(folder + name);
}

async function entriesOf(name: string) {
  const { messages } = await readMtBytes(fileOf(name));
  return messages.flatMap(({ entries }) => entries);
}

describe.skipIf(isAbsent)(title, () => {
  it.each(FILES)(
    "%s: %i messages, %i of them hold, the others have known reasons",
    async (name, messageCount, holdingCount, reasons) => {
      const reading = await readMtBytes(fileOf(name));
      expect(reading.refusals).toEqual([]);
      expect(reading.messages).toHaveLength(messageCount);
      expect(reading.messages.filter((message) => message.verdict !== "quarantined")).toHaveLength(
        holdingCount,
      );
      expect(
        reading.messages.flatMap((message) => message.reasons.map(({ code }) => code)),
      ).toEqual(reasons);
    },
  );

  it.each(FILES)("%s: every entry line is an entry", async (name) => {
    const text = fileOf(name).toString("latin1");
    const entryLines = text.match(/^:61:/gm)?.length ?? 0;
    const transfers = text.match(/^:23B:/gm)?.length ?? 0;
    expect(await entriesOf(name)).toHaveLength(entryLines + transfers);
  });

  it("refuse MT101, which is an order and not an account message", async () => {
    const { messages, refusals } = await readMtBytes(fileOf("prowide-core/MT101.fin"));
    expect(messages).toEqual([]);
    expect(refusals).toMatchObject([{ code: "mt-type-unsupported", line: 1 }]);
  });

  it("say what the 30 February of one of them was read as", async () => {
    const { messages } = await readMtBytes(fileOf("wolph-mt940/self-provided_february_30.sta"));
    expect(messages[0]?.notes).toMatchObject([{ code: "mt-note-february-30", line: 6 }]);
    expect(messages[0]?.entries[0]).toMatchObject({
      valueOn: "2016-02-29",
      bookedOn: "2016-03-01",
      amount: { currency: "EUR", minor: 600n },
    });
  });

  it("give Citi's amounts although its entry dates are blank", async () => {
    const entries = await entriesOf("wolph-mt940/citi_mt940.txt");
    expect(entries.map(({ amount }) => amount.minor)).toEqual([21239n, 36928n, 0n, 0n, 56108n]);
    expect(entries.every(({ bookedOn }) => bookedOn === "2024-03-12")).toBe(true);
  });

  it("give original amount and charge of a returned direct debit", async () => {
    const [entry] = await entriesOf("jejik-mt940/commerzbank.txt");
    expect(entry?.transactions[0]).toMatchObject({
      amount: { minor: 1235n },
      instructedAmount: { minor: 1185n },
      charges: [{ amount: { minor: 50n } }],
      returned: { originalEndToEndId: "A1.200080779.400143254.4961336" },
    });
  });

  it("give the UETR of a transfer", async () => {
    const [entry] = await entriesOf("prowide-core/MT103-out-ack.rje");
    expect(entry?.transactions[0]?.uetr).toBe("8579f4a4-a547-463e-ae63-e7c6620d59b4");
  });

  it.each(FILES)(
    "%s: no part of it proves a statement that it does not hold whole",
    async (name) => {
      const bytes = fileOf(name);
      const whole = (await readMtBytes(bytes)).messages.map(({ verdict }) => verdict);
      const step = Math.max(1, Math.floor(bytes.length / 40));
      for (let length = 0; length < bytes.length; length += step) {
        const { messages } = await readMtBytes(bytes.subarray(0, length));
        for (const [index, message] of messages.slice(0, -1).entries())
          expect(message.verdict).toBe(whole[index]);
        const last = messages.at(-1);
        const text = bytes.subarray(0, length).toString("latin1");
        const endsWhole = /-(\}.*|XXX)?[\s$]*$/.test(text) || /\n:62F:.*,\d*[^:]*$/.test(text);
        if (last !== undefined && !endsWhole) expect(last.verdict).toBe("quarantined");
      }
    },
  );
});
