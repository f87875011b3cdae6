// Sessions: a random token in a cookie, kept as its hash. A session says how far its owner has come: a first factor
// shown, a second factor to be set up, or signed in. It ends when idle, when old, and when somebody ends it.

import { hashToken } from "../../secret/password.ts";
import { freshId, randomToken } from "../../secret/random.ts";
import type { Tx } from "../../storage/database.ts";
import { type Instant, instantOfMs, msOf } from "../../time/instant.ts";
import { type AccessDeps, agentText, type Client } from "../access-deps.ts";
import type { Caller } from "../caller.ts";
import { permissionsOf, type Role } from "../roles.ts";

export type SessionStage = "first-factor" | "enrol" | "full";
/** "sandbox": none was shown; of a sandbox's made-up people alone (users/sandbox-users.ts). */
export type Factor = "password" | "totp" | "passkey" | "recovery-code" | "sso" | "sandbox";

export type Session = {
  readonly sessionId: string;
  readonly userId: string;
  readonly stage: SessionStage;
  readonly factor: Factor;
  readonly client: string;
  readonly madeAt: Instant;
  readonly seenAt: Instant;
  readonly steppedUpAt: Instant | null;
  readonly endsAt: Instant;
};

/** A session and the token for its owner's cookie, which is nowhere else from here on. */
export type OpenedSession = { readonly session: Session; readonly token: string };

/** How long a sign-in may stand half-way. */
const STAGE_LIFE_MS = { "first-factor": 10 * 60 * 1000, enrol: 30 * 60 * 1000 } as const;
/** When a session was last seen is kept to the minute, so that reading does not write each time. */
const SEEN_EVERY_MS = 60_000;
/** Ended sessions are kept this long for their owner's list. */
const KEPT_AFTER_MS = 30 * 24 * 60 * 60 * 1000;

type SessionRow = {
  session_id: string;
  user_id: string;
  stage: SessionStage;
  factor: Factor;
  client: string;
  made_at: Instant;
  seen_at: Instant;
  stepped_up_at: Instant | null;
  ends_at: Instant;
};

const COLUMNS = `s.session_id, s.user_id, s.stage, s.factor, s.client, s.made_at, s.seen_at, s.stepped_up_at, s.ends_at`;

function sessionOf(row: SessionRow): Session {
  return {
    sessionId: row.session_id,
    userId: row.user_id,
    stage: row.stage,
    factor: row.factor,
    client: row.client,
    madeAt: row.made_at,
    seenAt: row.seen_at,
    steppedUpAt: row.stepped_up_at,
    endsAt: row.ends_at,
  };
}

/** Opens a session with a new token: signing in and each further factor get one of their own (ASVS 5.0, 7.2.4). */
export async function openSession(
  tx: Tx,
  deps: AccessDeps,
  opening: {
    readonly userId: string;
    readonly stage: SessionStage;
    readonly factor: Factor;
    readonly client: Client;
    /** A second factor was shown, or a provider answers for one, a moment ago. */
    readonly steppedUp: boolean;
  },
  now: Instant,
): Promise<OpenedSession> {
  const token = randomToken();
  const { stage } = opening;
  const lifeMs = stage === "full" ? deps.settings.sessionMaxMs : STAGE_LIFE_MS[stage];
  const session: Session = {
    sessionId: freshId("ses", now),
    userId: opening.userId,
    stage,
    factor: opening.factor,
    client: agentText(opening.client),
    madeAt: now,
    seenAt: now,
    steppedUpAt: opening.steppedUp ? now : null,
    endsAt: instantOfMs(msOf(now) + lifeMs),
  };
  await tx.query(
    `INSERT INTO access_session (tenant_id, session_id, token_hash, user_id, stage, factor, client,
                                 made_at, seen_at, stepped_up_at, ends_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10)`,
    [
      deps.tenantId,
      session.sessionId,
      hashToken(token),
      session.userId,
      session.stage,
      session.factor,
      session.client,
      now,
      session.steppedUpAt,
      session.endsAt,
    ],
  );
  return { session, token };
}

/** The session that a cookie's token names, while it is good and its owner may act; null otherwise. */
export async function findSession(
  tx: Tx,
  deps: AccessDeps,
  token: string,
  now: Instant,
): Promise<{
  readonly session: Session;
  readonly role: Role;
  readonly sellerId: string | null;
} | null> {
  const [row] = await tx.query<SessionRow & { role: Role; seller_id: string | null }>(
    `SELECT ${COLUMNS}, u.role, u.seller_id FROM access_session s
       JOIN access_user u ON u.tenant_id = s.tenant_id AND u.user_id = s.user_id
      WHERE s.tenant_id = $1 AND s.token_hash = $2 AND s.ended_at IS NULL AND s.ends_at > $3 AND s.seen_at > $4
        AND (u.state = 'active' OR (u.state = 'invited' AND s.stage = 'enrol'))`,
    [deps.tenantId, hashToken(token), now, instantOfMs(msOf(now) - deps.settings.sessionIdleMs)],
    { name: "session-of-token" },
  );
  if (row === undefined) return null;
  if (msOf(now) - msOf(row.seen_at) >= SEEN_EVERY_MS) {
    await tx.query(
      `UPDATE access_session SET seen_at = $3 WHERE tenant_id = $1 AND session_id = $2`,
      [deps.tenantId, row.session_id, now],
    );
  }
  return { session: sessionOf(row), role: row.role, sellerId: row.seller_id };
}

/** Who a session makes the sender of a request; null while the sign-in is half-way. */
export function callerOfSession(found: {
  readonly session: Session;
  readonly role: Role;
  readonly sellerId: string | null;
}): Caller | null {
  const { session, role, sellerId } = found;
  if (session.stage !== "full") return null;
  return {
    kind: "user",
    id: session.userId,
    personId: session.userId,
    sellerId,
    role,
    scopes: permissionsOf(role),
    steppedUpAt: session.steppedUpAt,
    sessionId: session.sessionId,
  };
}

/** Notes a second factor shown again, under a new token. */
export async function renewSession(
  tx: Tx,
  tenantId: string,
  sessionId: string,
  now: Instant,
): Promise<string> {
  const token = randomToken();
  await tx.query(
    `UPDATE access_session SET token_hash = $3, stepped_up_at = $4, seen_at = $4
      WHERE tenant_id = $1 AND session_id = $2`,
    [tenantId, sessionId, hashToken(token), now],
  );
  return token;
}

/** Ends one session of a user; false when it is none of theirs, or over. */
export async function endSession(
  tx: Tx,
  tenantId: string,
  userId: string,
  sessionId: string,
  now: Instant,
): Promise<boolean> {
  const rows = await tx.query(
    `UPDATE access_session SET ended_at = $4
      WHERE tenant_id = $1 AND user_id = $2 AND session_id = $3 AND ended_at IS NULL RETURNING 1`,
    [tenantId, userId, sessionId, now],
  );
  return rows.length === 1;
}

/** Ends all sessions of a user but one; returns how many. */
export async function endSessionsOf(
  tx: Tx,
  tenantId: string,
  userId: string,
  keptId: string | null,
  now: Instant,
): Promise<number> {
  const rows = await tx.query(
    `UPDATE access_session SET ended_at = $4
      WHERE tenant_id = $1 AND user_id = $2 AND ended_at IS NULL AND session_id IS DISTINCT FROM $3 RETURNING 1`,
    [tenantId, userId, keptId, now],
  );
  return rows.length;
}

/** The sessions in which a user is signed in now, the last one seen first. */
export async function listSessions(
  tx: Tx,
  deps: AccessDeps,
  userId: string,
  now: Instant,
): Promise<readonly Session[]> {
  const rows = await tx.query<SessionRow>(
    `SELECT ${COLUMNS} FROM access_session s
      WHERE s.tenant_id = $1 AND s.user_id = $2 AND s.stage = 'full' AND s.ended_at IS NULL
        AND s.ends_at > $3 AND s.seen_at > $4
      ORDER BY s.seen_at DESC, s.session_id`,
    [deps.tenantId, userId, now, instantOfMs(msOf(now) - deps.settings.sessionIdleMs)],
  );
  return rows.map(sessionOf);
}

export async function forgetSessions(tx: Tx, tenantId: string, now: Instant): Promise<void> {
  await tx.query(`DELETE FROM access_session WHERE tenant_id = $1 AND ends_at < $2`, [
    tenantId,
    instantOfMs(msOf(now) - KEPT_AFTER_MS),
  ]);
}
