// The undo step: open reversals and returns find the credit they name and take it back, in the books and on
// record. One that finds none stays open and is an exception.

import { type LedgerStep, postToBooks } from "../books/journal.ts";
import { objectId } from "../ids/object-id.ts";
import { formatMinor } from "../money/money.ts";
import type { Tx } from "../storage/database.ts";
import { insertRows } from "../storage/insert-rows.ts";
import { type CivilDate, civilDateIn, type Instant } from "../time/instant.ts";
import { appendEvents } from "../timeline/timeline.ts";
import { undoPosting } from "./undo-entries.ts";
import { loadOpenUndos, loadUndoableCredits } from "./undo-facts.ts";
import {
  namedCredit,
  type OpenUndo,
  planUndo,
  type UndoableCredit,
  type UndoPart,
} from "./undo-plan.ts";

/**
 * Applies every open undo that may concern the named transactions (the debits themselves, or credits that
 * arrived after them). Returns the payouts whose money was taken back.
 */
export async function undoCredits(
  tx: Tx,
  ledger: LedgerStep,
  tenantId: string,
  touchedIds: readonly string[],
  zone: string,
  now: Instant,
): Promise<readonly string[]> {
  const undos = await loadOpenUndos(tx, tenantId, touchedIds);
  const payouts = new Set<string>();
  for (const undo of undos) {
    const credits = await loadUndoableCredits(tx, tenantId, undo);
    const credit = namedCredit(undo, credits);
    if (typeof credit === "string") continue;
    const parts = planUndo(credit, undo.openMinor);
    if (typeof parts === "string") continue;
    const effectiveOn = civilDateIn(zone, now);
    const applied = await applyUndo(tx, ledger, tenantId, {
      undo,
      credit,
      parts,
      effectiveOn,
      now,
    });
    if (!applied) continue;
    for (const part of parts) if (part.match !== null) payouts.add(part.match.payoutId);
  }
  return [...payouts];
}

type Applying = {
  readonly undo: OpenUndo;
  readonly credit: UndoableCredit & { readonly sellerId: string | null };
  readonly parts: readonly UndoPart[];
  readonly effectiveOn: CivilDate;
  readonly now: Instant;
};

async function applyUndo(
  tx: Tx,
  ledger: LedgerStep,
  tenantId: string,
  applying: Applying,
): Promise<boolean> {
  const { undo, credit, parts } = applying;
  const [outcome] = await postToBooks(
    ledger,
    [],
    [
      undoPosting({
        debitId: undo.debitId,
        creditId: credit.creditId,
        sellerId: credit.sellerId,
        currency: undo.currency,
        amountMinor: undo.openMinor,
        parts,
        effectiveOn: applying.effectiveOn,
      }),
    ],
  );
  if (outcome === undefined || !outcome.ok) {
    await tell(tx, tenantId, applying, "undo-not-covered", {
      reason: outcome?.ok === false ? outcome.refusal.code : "",
    });
    return false;
  }
  await insertUndos(tx, tenantId, applying);
  await tx.query(
    `UPDATE bank_transaction SET open_minor = 0, is_open = false, version = version + 1
      WHERE tenant_id = $1 AND transaction_id = $2`,
    [tenantId, undo.debitId],
  );
  const suspense = parts
    .filter((part) => part.match === null)
    .reduce((sum, part) => sum + part.amountMinor, 0n);
  await tx.query(
    `UPDATE bank_transaction SET open_minor = open_minor - $3, is_open = open_minor > $3, version = version + 1
      WHERE tenant_id = $1 AND transaction_id = $2`,
    [tenantId, credit.creditId, suspense],
  );
  await tell(tx, tenantId, applying, "credit-undone", {});
  return true;
}

async function insertUndos(tx: Tx, tenantId: string, applying: Applying): Promise<void> {
  const { undo, credit, parts } = applying;
  await insertRows(
    tx,
    "undo",
    {
      tenant_id: "text",
      undo_id: "text",
      debit_id: "text",
      credit_id: "text",
      match_id: "text",
      amount_minor: "bigint",
      released_minor: "bigint",
      paid_minor: "bigint",
      undone_at: "timestamptz",
    },
    parts.map((part) => [
      tenantId,
      objectId("un", undo.debitId, credit.creditId, part.match?.matchId ?? null),
      undo.debitId,
      credit.creditId,
      part.match?.matchId ?? null,
      part.amountMinor,
      part.released.reduce((sum, release) => sum + release.minor, 0n),
      part.paidMinor,
      applying.now,
    ]),
  );
}

async function tell(
  tx: Tx,
  tenantId: string,
  applying: Applying,
  kind: string,
  more: Record<string, unknown>,
): Promise<void> {
  const { undo, credit, parts, now } = applying;
  const subjects = [
    undo.debitId,
    credit.creditId,
    ...parts.map((part) => part.match?.payoutId ?? null).filter((id) => id !== null),
  ];
  await appendEvents(
    tx,
    tenantId,
    [...new Set(subjects)].map((subject) => ({
      subject,
      kind,
      at: now,
      data: {
        debitId: undo.debitId,
        creditId: credit.creditId,
        amount: formatMinor(undo.openMinor, undo.currency),
        currency: undo.currency,
        ...more,
      },
      source: null,
    })),
  );
}
