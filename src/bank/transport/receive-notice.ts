// A notice that a bank sends by a signed call: checked, handed to the inbox, and only then answered. The answer is kept
// under the hash of the body, so that the same notice gets the same answer however often the bank sends it.

import { createHash } from "node:crypto";
import { accepted, type Outcome } from "../../errors/refusal.ts";
import type { InboundReceipt } from "../../inbox/inbound.ts";
import type { CallVerifier, HeaderOf } from "./notice-signature.ts";
import type { BankConnectionOf } from "./settings.ts";
import { sourceOf, type TransportDeps } from "./transport.ts";

/** A webhook connection as the program holds it. */
export type NoticeConnection = {
  readonly id: string;
  readonly sellerId: string | null;
  readonly verify: CallVerifier;
};

export function noticeConnectionOf(
  { id, sellerId }: Pick<BankConnectionOf<"webhook">, "id" | "sellerId">,
  verify: CallVerifier,
): NoticeConnection {
  return { id, sellerId, verify };
}

export type NoticeCall = {
  readonly headers: HeaderOf;
  /** The body as received, byte for byte. */
  readonly body: Uint8Array;
};

/** What a bank is told. `refused` is no fault of the call: the bytes are kept, and a person looks at them. */
export type NoticeAnswer = Pick<
  InboundReceipt,
  "sha256" | "format" | "outcome" | "reasons" | "storedAt"
>;

/**
 * Takes a notice. Refused with a `SignatureRefusalCode` before anything is kept; throws an outage when it cannot be
 * kept now, and the bank sends it again.
 */
export async function receiveNotice(
  deps: TransportDeps,
  connection: NoticeConnection,
  { headers, body }: NoticeCall,
): Promise<Outcome<NoticeAnswer>> {
  const verdict = connection.verify(headers, body, deps.clock.now());
  if (!verdict.ok) return verdict;
  const sha256 = createHash("sha256").update(body).digest("hex");
  const known = await loadAnswer(deps, connection.id, sha256);
  if (known !== null) return accepted(known);
  const receipt = await deps.accept({
    name: `${connection.id}-${sha256.slice(0, 12)}`,
    bytes: body,
    sellerId: connection.sellerId,
    source: sourceOf(connection.id),
  });
  return accepted(await keepAnswer(deps, connection.id, receipt));
}

type AnswerRow = { answer: NoticeAnswer };

async function loadAnswer(
  { database, tenantId }: TransportDeps,
  connectionId: string,
  sha256: string,
): Promise<NoticeAnswer | null> {
  const rows = await database.query<AnswerRow>(
    "SELECT answer FROM bank_answer WHERE tenant_id = $1 AND connection_id = $2 AND sha256 = $3",
    [tenantId, connectionId, sha256],
    { name: "bank-answer" },
  );
  return rows[0]?.answer ?? null;
}

/** Keeps the answer; of two calls at once with the same body, the first one's is given to both. */
async function keepAnswer(
  deps: TransportDeps,
  connectionId: string,
  { sha256, format, outcome, reasons, storedAt }: InboundReceipt,
): Promise<NoticeAnswer> {
  const answer: NoticeAnswer = { sha256, format, outcome, reasons, storedAt };
  const rows = await deps.database.query<AnswerRow>(
    `INSERT INTO bank_answer (tenant_id, connection_id, sha256, answer, answered_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT DO NOTHING RETURNING answer`,
    [deps.tenantId, connectionId, sha256, answer, deps.clock.now()],
    { name: "keep-bank-answer" },
  );
  return rows[0]?.answer ?? (await loadAnswer(deps, connectionId, sha256)) ?? answer;
}
