// People who may act, as they are on record. E-mail addresses tell people apart; ids stand in the audit trail.

import type { Tx } from "../../storage/database.ts";
import type { Instant } from "../../time/instant.ts";
import type { Role } from "../roles.ts";

export type UserId = `user_${string}`;

export type UserState =
  /** Asked for, and not decided by a second person. */
  | "proposed"
  /** May accept an invitation: sets a password and a second factor, or signs in by SSO. */
  | "invited"
  | "active"
  | "disabled";

export type User = {
  readonly userId: UserId;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  /** The one seller of a seller's role; null for the institution's own. */
  readonly sellerId: string | null;
  readonly state: UserState;
  readonly hasPassword: boolean;
  readonly madeAt: Instant;
  readonly signedInAt: Instant | null;
  /** Counts changes, from 1: for ETag and If-Match. */
  readonly version: bigint;
};

type UserRow = {
  user_id: UserId;
  email: string;
  name: string;
  role: Role;
  seller_id: string | null;
  state: UserState;
  has_password: boolean;
  made_at: Instant;
  signed_in_at: Instant | null;
  version: bigint;
};

const COLUMNS = `user_id, email, name, role, seller_id, state, has_password,
  made_at, signed_in_at, version`;

/** The longest address of RFC 5321, 4.5.3.1.3. */
export const EMAIL_LENGTH_MAX = 254;
export const NAME_LENGTH_MAX = 100;

/** Addresses as they are compared; null when it is none. Only its form is known: nobody asks its mail server. */
export function normaliseEmail(text: string): string | null {
  const email = text.trim().normalize("NFKC").toLowerCase();
  const isEmail =
    /^[\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9]([a-z0-9.-]*[a-z0-9])?\.[a-z0-9-]*[a-z0-9]$/u.test(
      email,
    );
  return isEmail && email.length <= EMAIL_LENGTH_MAX ? email : null;
}

function userOf(row: UserRow): User {
  return {
    userId: row.user_id,
    email: row.email,
    name: row.name,
    role: row.role,
    sellerId: row.seller_id,
    state: row.state,
    hasPassword: row.has_password,
    madeAt: row.made_at,
    signedInAt: row.signed_in_at,
    version: row.version,
  };
}

export async function loadUser(tx: Tx, tenantId: string, userId: string): Promise<User | null> {
  const [row] = await tx.query<UserRow>(
    `SELECT ${COLUMNS} FROM access_user WHERE tenant_id = $1 AND user_id = $2`,
    [tenantId, userId],
  );
  return row === undefined ? null : userOf(row);
}

/** Locks the row until the transaction ends. */
export async function lockUser(tx: Tx, tenantId: string, userId: string): Promise<User | null> {
  const [row] = await tx.query<UserRow>(
    `SELECT ${COLUMNS} FROM access_user WHERE tenant_id = $1 AND user_id = $2 FOR UPDATE`,
    [tenantId, userId],
  );
  return row === undefined ? null : userOf(row);
}

export async function findUserByEmail(
  tx: Tx,
  tenantId: string,
  email: string,
): Promise<User | null> {
  const [row] = await tx.query<UserRow>(
    `SELECT ${COLUMNS} FROM access_user WHERE tenant_id = $1 AND email = $2`,
    [tenantId, email],
  );
  return row === undefined ? null : userOf(row);
}

export async function loadPasswordHash(
  tx: Tx,
  tenantId: string,
  userId: string,
): Promise<string | null> {
  const [row] = await tx.query<{ password_hash: string | null }>(
    `SELECT password_hash FROM access_user WHERE tenant_id = $1 AND user_id = $2`,
    [tenantId, userId],
  );
  return row?.password_hash ?? null;
}

/** A page of users, newest first. */
export async function listUsers(
  tx: Tx,
  tenantId: string,
  filter: {
    readonly sellerId: string | null;
    readonly after: string | null;
    readonly limit: number;
  },
): Promise<readonly User[]> {
  const rows = await tx.query<UserRow>(
    `SELECT ${COLUMNS} FROM access_user
      WHERE tenant_id = $1 AND ($2::text IS NULL OR seller_id = $2) AND ($3::text IS NULL OR user_id < $3)
      ORDER BY user_id DESC LIMIT $4`,
    [tenantId, filter.sellerId, filter.after, filter.limit],
  );
  return rows.map(userOf);
}

/** False when somebody has this address already. */
export async function insertUser(
  tx: Tx,
  tenantId: string,
  user: Pick<User, "userId" | "email" | "name" | "role" | "sellerId" | "state" | "madeAt">,
): Promise<boolean> {
  const rows = await tx.query(
    `INSERT INTO access_user (tenant_id, user_id, email, name, role, seller_id, state, made_at, version)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1) ON CONFLICT DO NOTHING RETURNING 1`,
    [
      tenantId,
      user.userId,
      user.email,
      user.name,
      user.role,
      user.sellerId,
      user.state,
      user.madeAt,
    ],
  );
  return rows.length === 1;
}

/** What may change of a user; absent: stays as it is. */
export type UserChange = {
  readonly role?: Role;
  readonly sellerId?: string | null;
  readonly state?: UserState;
  readonly passwordHash?: string | null;
  readonly signedInAt?: Instant;
};

export async function updateUser(
  tx: Tx,
  tenantId: string,
  userId: string,
  change: UserChange,
): Promise<void> {
  const columns = {
    role: change.role,
    seller_id: change.sellerId,
    state: change.state,
    password_hash: change.passwordHash,
    signed_in_at: change.signedInAt,
  };
  const set = Object.entries(columns).filter(([, value]) => value !== undefined);
  if (set.length === 0) return;
  const texts = set.map(([name], index) => `${name} = $${index + 3}`);
  await tx.query(
    `UPDATE access_user SET ${texts.join(", ")}, version = version + 1
      WHERE tenant_id = $1 AND user_id = $2`,
    [tenantId, userId, ...set.map(([, value]) => value)],
  );
}
