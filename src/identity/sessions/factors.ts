// A user's second factors on record: the TOTP secret, passkeys, recovery codes.

import { hashToken } from "../../secret/password.ts";
import { randomCharacters } from "../../secret/random.ts";
import type { Sealer } from "../../secret/seal.ts";
import type { Tx } from "../../storage/database.ts";
import type { Instant } from "../../time/instant.ts";
import type { UserId } from "../users/users.ts";
import { matchTotp } from "./totp.ts";

export type Factors = {
  readonly hasTotp: boolean;
  readonly passkeyCount: number;
  readonly recoveryCodeCount: number;
};

export type FactorMethod = "totp" | "passkey" | "recovery-code";

export async function loadFactors(tx: Tx, tenantId: string, userId: string): Promise<Factors> {
  const [row] = await tx.query<{ totp: number; passkeys: number; codes: number }>(
    `SELECT (SELECT count(*)::int FROM access_totp WHERE tenant_id = $1 AND user_id = $2) AS totp,
            (SELECT count(*)::int FROM access_passkey WHERE tenant_id = $1 AND user_id = $2) AS passkeys,
            (SELECT count(*)::int FROM access_recovery_code
              WHERE tenant_id = $1 AND user_id = $2 AND used_at IS NULL) AS codes`,
    [tenantId, userId],
  );
  return {
    hasTotp: row!.totp > 0,
    passkeyCount: row!.passkeys,
    recoveryCodeCount: row!.codes,
  };
}

/** What the user may show as a second factor; empty: one must be set up first. */
export function methodsOf(factors: Factors): readonly FactorMethod[] {
  const own: readonly FactorMethod[] = [
    ...(factors.hasTotp ? (["totp"] as const) : []),
    ...(factors.passkeyCount > 0 ? (["passkey"] as const) : []),
  ];
  return own.length > 0 && factors.recoveryCodeCount > 0 ? [...own, "recovery-code"] : own;
}

export async function saveTotp(
  tx: Tx,
  deps: { readonly tenantId: string; readonly sealer: Sealer },
  userId: string,
  totp: { readonly secret: string; readonly step: number },
  now: Instant,
): Promise<void> {
  await tx.query(
    `INSERT INTO access_totp (tenant_id, user_id, secret_sealed, confirmed_at, last_step)
     VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (tenant_id, user_id) DO UPDATE SET secret_sealed = excluded.secret_sealed,
       confirmed_at = excluded.confirmed_at, last_step = excluded.last_step`,
    [deps.tenantId, userId, deps.sealer.seal(totp.secret, `totp:${userId}`), now, totp.step],
  );
}

/** True when the code is right now, and was not taken before: of two at once one is. */
export async function takeTotp(
  tx: Tx,
  deps: { readonly tenantId: string; readonly sealer: Sealer },
  userId: string,
  code: string,
  now: Instant,
): Promise<boolean> {
  const [row] = await tx.query<{ secret_sealed: string; last_step: bigint }>(
    `SELECT secret_sealed, last_step FROM access_totp WHERE tenant_id = $1 AND user_id = $2`,
    [deps.tenantId, userId],
  );
  if (row === undefined) return false;
  const secret = deps.sealer.open(row.secret_sealed, `totp:${userId}`);
  const step = matchTotp(secret, code, now, Number(row.last_step));
  if (step === null) return false;
  const sealed = deps.sealer.isOld(row.secret_sealed)
    ? deps.sealer.seal(secret, `totp:${userId}`)
    : row.secret_sealed;
  const taken = await tx.query(
    `UPDATE access_totp SET last_step = $3, secret_sealed = $4
      WHERE tenant_id = $1 AND user_id = $2 AND last_step < $3 RETURNING 1`,
    [deps.tenantId, userId, step, sealed],
  );
  return taken.length === 1;
}

export async function removeTotp(tx: Tx, tenantId: string, userId: string): Promise<boolean> {
  const rows = await tx.query(
    `DELETE FROM access_totp WHERE tenant_id = $1 AND user_id = $2 RETURNING 1`,
    [tenantId, userId],
  );
  return rows.length === 1;
}

const RECOVERY_CODE_COUNT = 10;
/** 16 characters of 5 bits: a hash of SHA-256 keeps them, as nobody can try 2^80. */
const RECOVERY_CODE_LENGTH = 16;

/** New codes instead of all old ones; they are shown once. */
export async function makeRecoveryCodes(
  tx: Tx,
  tenantId: string,
  userId: string,
  now: Instant,
): Promise<readonly string[]> {
  const codes = Array.from({ length: RECOVERY_CODE_COUNT }, () =>
    randomCharacters(RECOVERY_CODE_LENGTH),
  );
  await tx.query(`DELETE FROM access_recovery_code WHERE tenant_id = $1 AND user_id = $2`, [
    tenantId,
    userId,
  ]);
  await tx.query(
    `INSERT INTO access_recovery_code (tenant_id, user_id, code_hash, made_at)
     SELECT $1, $2, hash, $4 FROM unnest($3::text[]) AS hash`,
    [tenantId, userId, codes.map(hashToken), now],
  );
  return codes.map((code) => code.replace(/(.{4})(?=.)/g, "$1-"));
}

/** True when it is a code of the user's that was not used; it is used now. */
export async function takeRecoveryCode(
  tx: Tx,
  tenantId: string,
  userId: string,
  typed: string,
  now: Instant,
): Promise<boolean> {
  const code = typed.toLowerCase().replace(/[\s-]/g, "").replace(/o/g, "0").replace(/[il]/g, "1");
  const rows = await tx.query(
    `UPDATE access_recovery_code SET used_at = $4
      WHERE tenant_id = $1 AND user_id = $2 AND code_hash = $3 AND used_at IS NULL RETURNING 1`,
    [tenantId, userId, hashToken(code), now],
  );
  return rows.length === 1;
}

export type Passkey = {
  readonly credentialId: string;
  readonly userId: UserId;
  readonly publicKey: string;
  readonly useCount: number;
  readonly transports: readonly string[];
  readonly name: string;
  readonly isBackedUp: boolean;
  readonly addedAt: Instant;
  readonly usedAt: Instant | null;
};

type PasskeyRow = {
  credential_id: string;
  user_id: UserId;
  public_key: string;
  use_count: bigint;
  transports: readonly string[];
  name: string;
  is_backed_up: boolean;
  added_at: Instant;
  used_at: Instant | null;
};

function passkeyOf(row: PasskeyRow): Passkey {
  return {
    credentialId: row.credential_id,
    userId: row.user_id,
    publicKey: row.public_key,
    useCount: Number(row.use_count),
    transports: row.transports,
    name: row.name,
    isBackedUp: row.is_backed_up,
    addedAt: row.added_at,
    usedAt: row.used_at,
  };
}

export async function listPasskeys(
  tx: Tx,
  tenantId: string,
  userId: string,
): Promise<readonly Passkey[]> {
  const rows = await tx.query<PasskeyRow>(
    `SELECT * FROM access_passkey WHERE tenant_id = $1 AND user_id = $2 ORDER BY added_at, credential_id`,
    [tenantId, userId],
  );
  return rows.map(passkeyOf);
}

export async function findPasskey(
  tx: Tx,
  tenantId: string,
  credentialId: string,
): Promise<Passkey | null> {
  const [row] = await tx.query<PasskeyRow>(
    `SELECT * FROM access_passkey WHERE tenant_id = $1 AND credential_id = $2`,
    [tenantId, credentialId],
  );
  return row === undefined ? null : passkeyOf(row);
}

/** False when the authenticator is registered already, for whomever. */
export async function insertPasskey(tx: Tx, tenantId: string, passkey: Passkey): Promise<boolean> {
  const rows = await tx.query(
    `INSERT INTO access_passkey (tenant_id, credential_id, user_id, public_key, use_count, transports, name,
                                 is_backed_up, added_at)
     VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING 1`,
    [
      tenantId,
      passkey.credentialId,
      passkey.userId,
      passkey.publicKey,
      passkey.useCount,
      JSON.stringify(passkey.transports),
      passkey.name,
      passkey.isBackedUp,
      passkey.addedAt,
    ],
  );
  return rows.length === 1;
}

/** Notes a use; false when the counter did not grow although the authenticator counts: a copy was used. */
export async function notePasskeyUse(
  tx: Tx,
  tenantId: string,
  credentialId: string,
  useCount: number,
  now: Instant,
): Promise<boolean> {
  const rows = await tx.query(
    `UPDATE access_passkey SET use_count = $3, used_at = $4
      WHERE tenant_id = $1 AND credential_id = $2 AND (use_count < $3 OR (use_count = 0 AND $3 = 0)) RETURNING 1`,
    [tenantId, credentialId, useCount, now],
  );
  return rows.length === 1;
}

export async function removePasskey(
  tx: Tx,
  tenantId: string,
  userId: string,
  credentialId: string,
): Promise<boolean> {
  const rows = await tx.query(
    `DELETE FROM access_passkey WHERE tenant_id = $1 AND user_id = $2 AND credential_id = $3 RETURNING 1`,
    [tenantId, userId, credentialId],
  );
  return rows.length === 1;
}

/** Everything by which the user could sign in is gone. */
export async function removeAllFactors(tx: Tx, tenantId: string, userId: string): Promise<void> {
  for (const table of [
    "access_totp",
    "access_passkey",
    "access_recovery_code",
    "access_identity",
  ]) {
    await tx.query(`DELETE FROM ${table} WHERE tenant_id = $1 AND user_id = $2`, [
      tenantId,
      userId,
    ]);
  }
}
