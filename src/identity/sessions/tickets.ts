// What is good once: a random text that was handed out, kept as its hash with whom it is for, until when, and what is
// to be remembered meanwhile (sealed). Invitations, challenges of passkeys, a second factor being set up.

import { hashToken } from "../../secret/password.ts";
import type { Sealer } from "../../secret/seal.ts";
import type { Tx } from "../../storage/database.ts";
import { type Instant, instantOfMs, msOf } from "../../time/instant.ts";

export type TicketPurpose =
  | "invitation"
  | "passkey-add"
  | "passkey-sign-in"
  | "passkey-step-up"
  | "totp-add"
  | "sso";

/** How long each is good, unless told. */
const LIFE_MS: Readonly<Record<TicketPurpose, number>> = {
  invitation: 72 * 60 * 60 * 1000,
  "passkey-add": 5 * 60 * 1000,
  "passkey-sign-in": 5 * 60 * 1000,
  "passkey-step-up": 5 * 60 * 1000,
  "totp-add": 15 * 60 * 1000,
  sso: 10 * 60 * 1000,
};

/** Tickets are kept this long after they ended, so that a late use is told from an invented one. */
const KEPT_AFTER_MS = 7 * 24 * 60 * 60 * 1000;

export type Ticket = {
  /** The text that was handed out: a token, a challenge. */
  readonly text: string;
  readonly purpose: TicketPurpose;
  /** Who alone may use it: a user, a session, a browser. */
  readonly boundTo: string;
  readonly data: Readonly<Record<string, unknown>>;
};

export async function issueTicket(
  tx: Tx,
  deps: { readonly tenantId: string; readonly sealer: Sealer },
  ticket: Ticket,
  now: Instant,
  lifeMs: number = LIFE_MS[ticket.purpose],
): Promise<Instant> {
  const hash = hashToken(ticket.text);
  const expiresAt = instantOfMs(msOf(now) + lifeMs);
  await tx.query(
    `INSERT INTO access_ticket (tenant_id, ticket_hash, purpose, bound_to, data_sealed, made_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [
      deps.tenantId,
      hash,
      ticket.purpose,
      ticket.boundTo,
      deps.sealer.seal(JSON.stringify(ticket.data), `ticket:${hash}`),
      now,
      expiresAt,
    ],
  );
  return expiresAt;
}

export type FoundTicket = {
  readonly boundTo: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly expiresAt: Instant;
};

type TicketRow = { bound_to: string; data_sealed: string; expires_at: Instant };
const GOOD = `tenant_id = $1 AND ticket_hash = $2 AND purpose = $3 AND used_at IS NULL AND expires_at > $4`;

/** Looks at a ticket without using it; null when it is not good. */
export async function findTicket(
  tx: Tx,
  deps: { readonly tenantId: string; readonly sealer: Sealer },
  purpose: TicketPurpose,
  text: string,
  now: Instant,
): Promise<FoundTicket | null> {
  const hash = hashToken(text);
  const rows = await tx.query<TicketRow>(
    `SELECT bound_to, data_sealed, expires_at FROM access_ticket WHERE ${GOOD}`,
    [deps.tenantId, hash, purpose, now],
  );
  return foundOf(deps.sealer, hash, rows[0]);
}

/** Uses a ticket up; null when it is not good, or another was faster. */
export async function useTicket(
  tx: Tx,
  deps: { readonly tenantId: string; readonly sealer: Sealer },
  purpose: TicketPurpose,
  text: string,
  now: Instant,
): Promise<FoundTicket | null> {
  const hash = hashToken(text);
  const rows = await tx.query<TicketRow>(
    `UPDATE access_ticket SET used_at = $4 WHERE ${GOOD} RETURNING bound_to, data_sealed, expires_at`,
    [deps.tenantId, hash, purpose, now],
  );
  return foundOf(deps.sealer, hash, rows[0]);
}

function foundOf(sealer: Sealer, hash: string, row: TicketRow | undefined): FoundTicket | null {
  if (row === undefined) return null;
  const data = JSON.parse(sealer.open(row.data_sealed, `ticket:${hash}`)) as Record<
    string,
    unknown
  >;
  return { boundTo: row.bound_to, data, expiresAt: row.expires_at };
}

/** Ends what was handed out before for the same purpose, so that only the last invitation is good. */
export async function endTickets(
  tx: Tx,
  tenantId: string,
  purpose: TicketPurpose,
  boundTo: string,
  now: Instant,
): Promise<void> {
  await tx.query(
    `UPDATE access_ticket SET used_at = $4
      WHERE tenant_id = $1 AND purpose = $2 AND bound_to = $3 AND used_at IS NULL`,
    [tenantId, purpose, boundTo, now],
  );
}

export async function forgetTickets(tx: Tx, tenantId: string, now: Instant): Promise<void> {
  await tx.query(`DELETE FROM access_ticket WHERE tenant_id = $1 AND expires_at < $2`, [
    tenantId,
    instantOfMs(msOf(now) - KEPT_AFTER_MS),
  ]);
}
