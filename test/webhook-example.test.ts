// The receiver of the documents is run as it stands: it takes what the program signs and refuses everything else.

import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it } from "vitest";
import { newWebhookSecrets, signedHeaders } from "../src/webhook/standard-signature.ts";

const EXAMPLE = join(import.meta.dirname, "../docs/examples/receive-webhooks.mjs");
const SECRETS = newWebhookSecrets();

type Receiver = {
  readonly send: (
    id: string,
    body: string,
    changed?: Readonly<Record<string, string>>,
  ) => Promise<number>;
  readonly next: () => Promise<string>;
  readonly stop: () => void;
};

async function startExample(key: string): Promise<Receiver> {
  const child = spawn(process.execPath, [EXAMPLE, "0"], {
    env: { ...process.env, STRAITWAY_WEBHOOK_KEY: key },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => String((await lines.next()).value);
  const port = /listening on (\d+)/.exec(await next())?.[1];
  return {
    next,
    stop: () => child.kill("SIGKILL"),
    send: async (id, body, changed = {}) => {
      const timestamp = Math.floor(Date.now() / 1000);
      const headers = { ...signedHeaders([SECRETS], { id, timestamp, body }), ...changed };
      const url = `http://127.0.0.1:${port}/`;
      return (await fetch(url, { method: "POST", headers, body })).status;
    },
  };
}

function body(id: string, subject: string, sequence: number): string {
  return JSON.stringify({ id, type: "payout.released", subject, sequence, data: { name: "收汇" } });
}

describe.each([
  ["the shared secret", SECRETS.secret],
  ["the public key", SECRETS.publicKey],
])("the receiver in the documents, with %s", (_name, key) => {
  it("takes what is signed once and in order, and refuses what is not", async () => {
    const receiver = await startExample(key);
    try {
      expect(await receiver.send("evt_1", body("evt_1", "po_a", 1))).toBe(204);
      expect(await receiver.next()).toBe("taken evt_1 payout.released po_a#1");
      expect(await receiver.send("evt_1", body("evt_1", "po_a", 1))).toBe(204);
      expect(await receiver.next()).toContain("taken before");
      expect(await receiver.send("evt_4", body("evt_4", "po_a", 3))).toBe(204);
      expect(await receiver.next()).toContain("gap: ask GET /v1/events?subject=po_a");
      const old = String(Math.floor(Date.now() / 1000) - 301);
      for (const changed of [
        { "webhook-timestamp": old },
        { "webhook-id": "evt_5" },
        { "webhook-signature": "v1,AAAA v1a,AAAA" },
        { "webhook-signature": "" },
      ]) {
        expect(await receiver.send("evt_4", body("evt_4", "po_a", 3), changed)).toBe(401);
        expect(await receiver.next()).toBe("refused");
      }
    } finally {
      receiver.stop();
    }
  });
});
