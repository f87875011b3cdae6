// A receiver of Straitway's webhooks in one file, with nothing but Node.js: checks the signature over the bytes as they
// came, takes each event once, and keeps the order of each object.
//
//   STRAITWAY_WEBHOOK_KEY=whsec_… node receive-webhooks.mjs 3000      (the shared secret)
//   STRAITWAY_WEBHOOK_KEY=whpk_…  node receive-webhooks.mjs 3000      (the public key: nothing to keep secret)

import { createHmac, createPublicKey, timingSafeEqual, verify } from "node:crypto";
import { createServer } from "node:http";

const KEY = process.env.STRAITWAY_WEBHOOK_KEY ?? "";
const TOLERANCE_SECONDS = 300;

/** True when the body was signed by the holder of the key, not longer than five minutes ago. */
export function isGenuine(key, headers, body) {
  const id = headers["webhook-id"];
  const timestamp = Number(headers["webhook-timestamp"]);
  if (!(Math.abs(Date.now() / 1000 - timestamp) <= TOLERANCE_SECONDS)) return false;
  const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
  // Several signatures while secrets change: one that is ours is enough.
  return String(headers["webhook-signature"]).split(" ").some((one) => {
    const [version, base64 = ""] = one.split(",");
    const signature = Buffer.from(base64, "base64");
    if (version === "v1" && key.startsWith("whsec_")) {
      const secret = Buffer.from(key.slice("whsec_".length), "base64");
      const expected = createHmac("sha256", secret).update(signed).digest();
      return signature.length === expected.length && timingSafeEqual(signature, expected);
    }
    if (version === "v1a" && key.startsWith("whpk_")) {
      const x = Buffer.from(key.slice("whpk_".length), "base64").toString("base64url");
      const publicKey = createPublicKey({ format: "jwk", key: { kty: "OKP", crv: "Ed25519", x } });
      return verify(null, signed, publicKey, signature);
    }
    return false;
  });
}

// In a real receiver both stand in your database, written in one transaction with what the event makes you do.
const taken = new Set();
const sequences = new Map();

function take(event) {
  if (taken.has(event.id)) return "taken before";
  taken.add(event.id);
  const before = sequences.get(event.subject) ?? event.sequence - 1;
  sequences.set(event.subject, Math.max(before, event.sequence));
  if (event.sequence > before + 1) return `gap: ask GET /v1/events?subject=${event.subject}`;
  return "taken";
}

createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const body = Buffer.concat(chunks);
    if (!isGenuine(KEY, request.headers, body)) {
      console.log("refused");
      response.writeHead(401).end("signature");
      return;
    }
    const event = JSON.parse(body.toString("utf8"));
    console.log(`${take(event)} ${event.id} ${event.type} ${event.subject}#${event.sequence}`);
    // Only after the event is safe with you: anything but 2xx brings it again.
    response.writeHead(204).end();
  });
}).listen(Number(process.argv[2] ?? 3000), "127.0.0.1", function () {
  console.log(`listening on ${this.address().port}`);
});
