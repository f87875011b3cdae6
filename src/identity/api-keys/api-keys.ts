// API keys: for programs. A key has a role and a list of scopes within it, belongs to one seller where its role does,
// expires, and is rotated by a new key that takes over while the old one runs out. Only its hash is kept.

import { hashToken } from "../../secret/password.ts";
import { randomToken } from "../../secret/random.ts";
import type { Tx } from "../../storage/database.ts";
import { type Instant, instantOfMs, msOf } from "../../time/instant.ts";
import type { Caller } from "../caller.ts";
import { isPermission, type Permission, type Role, roleMay } from "../roles.ts";

export type ApiKeyId = `key_${string}`;

export type ApiKey = {
  readonly keyId: ApiKeyId;
  readonly name: string;
  /** The last characters of the secret. */
  readonly hint: string;
  readonly role: Role;
  readonly sellerId: string | null;
  readonly scopes: readonly Permission[];
  /** The person who answers for it. */
  readonly madeBy: string;
  readonly madeAt: Instant;
  readonly expiresAt: Instant;
  readonly revokedAt: Instant | null;
  readonly replaces: string | null;
  readonly usedAt: Instant | null;
  readonly version: bigint;
};

/** Says at sight, and to scanners of leaked secrets, what it is. */
const SECRET_PREFIX = "swk_";
const SECRET_FORM = /^swk_[A-Za-z0-9_-]{43}$/;
const HINT_LENGTH = 4;
/** When a key was last used is kept to the minute. */
const USED_EVERY_MS = 60_000;

type KeyRow = {
  key_id: ApiKeyId;
  name: string;
  hint: string;
  role: Role;
  seller_id: string | null;
  scopes: readonly string[];
  made_by: string;
  made_at: Instant;
  expires_at: Instant;
  revoked_at: Instant | null;
  replaces: string | null;
  used_at: Instant | null;
  version: bigint;
};

const COLUMNS = `k.key_id, k.name, k.hint, k.role, k.seller_id, k.scopes, k.made_by, k.made_at, k.expires_at,
  k.revoked_at, k.replaces, k.used_at, k.version`;

function keyOf(row: KeyRow): ApiKey {
  return {
    keyId: row.key_id,
    name: row.name,
    hint: row.hint,
    role: row.role,
    sellerId: row.seller_id,
    // A scope that this version no longer knows gives nothing.
    scopes: row.scopes.filter(isPermission),
    madeBy: row.made_by,
    madeAt: row.made_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    replaces: row.replaces,
    usedAt: row.used_at,
    version: row.version,
  };
}

export function newKeySecret(): string {
  return `${SECRET_PREFIX}${randomToken()}`;
}

export async function insertKey(
  tx: Tx,
  tenantId: string,
  key: Omit<ApiKey, "hint" | "revokedAt" | "usedAt" | "version">,
  secret: string,
): Promise<void> {
  await tx.query(
    `INSERT INTO access_key (tenant_id, key_id, secret_hash, hint, name, role, seller_id, scopes, made_by, made_at,
                             expires_at, replaces, version)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, $10, $11, $12, 1)`,
    [
      tenantId,
      key.keyId,
      hashToken(secret),
      secret.slice(-HINT_LENGTH),
      key.name,
      key.role,
      key.sellerId,
      JSON.stringify(key.scopes),
      key.madeBy,
      key.madeAt,
      key.expiresAt,
      key.replaces,
    ],
  );
}

export async function loadKey(
  tx: Tx,
  tenantId: string,
  keyId: string,
  options: { readonly lock?: true } = {},
): Promise<ApiKey | null> {
  const [row] = await tx.query<KeyRow>(
    `SELECT ${COLUMNS} FROM access_key k WHERE k.tenant_id = $1 AND k.key_id = $2
     ${options.lock === true ? "FOR UPDATE" : ""}`,
    [tenantId, keyId],
  );
  return row === undefined ? null : keyOf(row);
}

/** A page of keys, newest first. */
export async function listKeys(
  tx: Tx,
  tenantId: string,
  filter: {
    readonly sellerId: string | null;
    readonly after: string | null;
    readonly limit: number;
  },
): Promise<readonly ApiKey[]> {
  const rows = await tx.query<KeyRow>(
    `SELECT ${COLUMNS} FROM access_key k
      WHERE k.tenant_id = $1 AND ($2::text IS NULL OR k.seller_id = $2) AND ($3::text IS NULL OR k.key_id < $3)
      ORDER BY k.key_id DESC LIMIT $4`,
    [tenantId, filter.sellerId, filter.after, filter.limit],
  );
  return rows.map(keyOf);
}

/** Ends a key at `at`, never later than it would end by itself. */
export async function endKey(
  tx: Tx,
  tenantId: string,
  keyId: string,
  end: { readonly revokedAt?: Instant; readonly expiresAt?: Instant },
): Promise<void> {
  await tx.query(
    `UPDATE access_key SET revoked_at = coalesce(revoked_at, $3), expires_at = least(expires_at, coalesce($4, expires_at)),
                           version = version + 1
      WHERE tenant_id = $1 AND key_id = $2`,
    [tenantId, keyId, end.revokedAt ?? null, end.expiresAt ?? null],
  );
}

export type PresentedKey =
  | { readonly ok: true; readonly caller: Caller }
  /** `key` is named when it was a key of ours once. */
  | { readonly ok: false; readonly key: ApiKey | null; readonly reason: string };

/** Who a presented secret is. A key is as good as the person who answers for it: it loses what they lose. */
export async function presentKey(
  tx: Tx,
  tenantId: string,
  secret: string,
  now: Instant,
): Promise<PresentedKey> {
  if (!SECRET_FORM.test(secret)) return { ok: false, key: null, reason: "unknown" };
  const [row] = await tx.query<KeyRow & Maker>(
    `SELECT ${COLUMNS}, u.state AS maker_state, u.role AS maker_role, u.seller_id AS maker_seller FROM access_key k
       LEFT JOIN access_user u ON u.tenant_id = k.tenant_id AND u.user_id = k.made_by
      WHERE k.tenant_id = $1 AND k.secret_hash = $2`,
    [tenantId, hashToken(secret)],
    { name: "key-of-secret" },
  );
  if (row === undefined) return { ok: false, key: null, reason: "unknown" };
  const key = keyOf(row);
  const reason = whyNot(key, row, now);
  if (reason !== null) return { ok: false, key, reason };
  await noteUse(tx, tenantId, key, now);
  const { maker_role: role } = row;
  const scopes = key.scopes.filter((scope) => role === null || roleMay(role, scope));
  return { ok: true, caller: callerOfKey({ ...key, scopes }) };
}

/** Who answers for a key; all null where it was made at the machine itself. */
type Maker = {
  readonly maker_state: string | null;
  readonly maker_role: Role | null;
  readonly maker_seller: string | null;
};

function whyNot(key: ApiKey, maker: Maker, now: Instant): string | null {
  if (key.revokedAt !== null) return "revoked";
  if (msOf(key.expiresAt) <= msOf(now)) return "expired";
  if (maker.maker_state !== null && maker.maker_state !== "active")
    return `maker-${maker.maker_state}`;
  const isMoved = maker.maker_seller !== null && maker.maker_seller !== key.sellerId;
  return isMoved ? "maker-moved" : null;
}

function callerOfKey(key: ApiKey): Caller {
  return {
    kind: "key",
    id: key.keyId,
    personId: key.madeBy,
    sellerId: key.sellerId,
    role: key.role,
    scopes: key.scopes,
    steppedUpAt: null,
    sessionId: null,
  };
}

async function noteUse(tx: Tx, tenantId: string, key: ApiKey, now: Instant): Promise<void> {
  if (key.usedAt !== null && msOf(now) - msOf(key.usedAt) < USED_EVERY_MS) return;
  await tx.query(
    `UPDATE access_key SET used_at = $3 WHERE tenant_id = $1 AND key_id = $2 AND (used_at IS NULL OR used_at <= $4)`,
    [tenantId, key.keyId, now, instantOfMs(msOf(now) - USED_EVERY_MS)],
  );
}
