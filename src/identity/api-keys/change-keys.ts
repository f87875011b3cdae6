// Making, rotating and revoking API keys. A person gives a program no more than they may themselves; the secret is
// shown once.

import { accepted, type Outcome, refused } from "../../errors/refusal.ts";
import { freshId } from "../../secret/random.ts";
import { instantOfMs, msOf } from "../../time/instant.ts";
import type { AccessDeps, Client } from "../access-deps.ts";
import { COMMAND_LINE, recordActs } from "../audit.ts";
import type { Caller } from "../caller.ts";
import { isSellerRole, keyScopesOf, type Permission, type Role, roleMay } from "../roles.ts";
import { type ApiKey, endKey, insertKey, loadKey, newKeySecret } from "./api-keys.ts";

export const KEY_NAME_LENGTH_MAX = 100;
/** A key lives a year at most (PCI DSS and most policies ask for yearly rotation), 90 days unless told. */
export const KEY_LIFE_DAYS_MAX = 366;
export const KEY_LIFE_DAYS_DEFAULT = 90;
/** How long an old key goes on after its rotation. */
export const ROTATION_HOURS_MAX = 168;
export const ROTATION_HOURS_DEFAULT = 24;
const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

export type KeyDraft = {
  readonly name: string;
  readonly role: Role;
  readonly sellerId: string | null;
  /** Absent: all that a key of the role may carry, and its maker has. */
  readonly scopes?: readonly Permission[];
  readonly lifeDays: number;
};

/** A key and its secret, which is shown now and never again. */
export type NewKey = { readonly key: ApiKey; readonly secret: string };

/** Why this person may not make this key, or null. */
function draftRefusal(caller: Caller, draft: KeyDraft): Outcome<never> | null {
  if (isSellerRole(draft.role) !== (draft.sellerId !== null)) {
    return refused("role-invalid", "A seller's role names its seller, and no other role does.");
  }
  if (caller.sellerId !== null && caller.sellerId !== draft.sellerId) {
    return refused("role-not-yours", "Your keys are those of your own seller.");
  }
  const excess = (draft.scopes ?? []).find((scope) => !keyScopesOf(draft.role).includes(scope));
  if (excess !== undefined) {
    return refused("scope-invalid", `A key of the role ${draft.role} cannot carry ${excess}.`);
  }
  const notOwn = (draft.scopes ?? []).find((scope) => !roleMay(caller.role, scope));
  if (notOwn !== undefined) {
    return refused(
      "role-not-yours",
      `You cannot give a key what you may not do yourself: ${notOwn}.`,
    );
  }
  return null;
}

/** Refused: `role-invalid`, `role-not-yours`, `scope-invalid`, `seller-unknown`. */
export async function makeKey(
  deps: AccessDeps,
  caller: Caller,
  draft: KeyDraft,
  client: Client,
): Promise<Outcome<NewKey>> {
  const refusal = draftRefusal(caller, draft);
  if (refusal !== null) return refusal;
  const scopes =
    draft.scopes ?? keyScopesOf(draft.role).filter((scope) => roleMay(caller.role, scope));
  if (scopes.length === 0) return refused("scope-invalid", "A key without a scope opens nothing.");
  const by = { actor: caller.id, personId: caller.personId, client };
  return recordKey(deps, { ...draft, scopes }, by);
}

/** A key made at the machine itself: for the sandbox and for the first program. */
export async function makeKeyHere(deps: AccessDeps, draft: KeyDraft): Promise<Outcome<NewKey>> {
  if (isSellerRole(draft.role) !== (draft.sellerId !== null)) {
    return refused("role-invalid", "A seller's role names its seller, and no other role does.");
  }
  const scopes = draft.scopes ?? keyScopesOf(draft.role);
  const excess = scopes.find((scope) => !keyScopesOf(draft.role).includes(scope));
  if (excess !== undefined) {
    return refused("scope-invalid", `A key of the role ${draft.role} cannot carry ${excess}.`);
  }
  const by = { actor: COMMAND_LINE, personId: COMMAND_LINE, client: null };
  return recordKey(deps, { ...draft, scopes }, by);
}

async function recordKey(
  deps: AccessDeps,
  draft: KeyDraft & { readonly scopes: readonly Permission[] },
  by: { readonly actor: string; readonly personId: string; readonly client: Client | null },
): Promise<Outcome<NewKey>> {
  const now = deps.clock.now();
  const secret = newKeySecret();
  return deps.database.transaction(async (tx) => {
    if (draft.sellerId !== null) {
      const known = `SELECT 1 FROM seller WHERE tenant_id = $1 AND seller_id = $2`;
      const rows = await tx.query(known, [deps.tenantId, draft.sellerId]);
      if (rows.length === 0) return refused("seller-unknown", "There is no such seller.");
    }
    const made = {
      keyId: freshId("key", now),
      name: draft.name.trim().slice(0, KEY_NAME_LENGTH_MAX),
      role: draft.role,
      sellerId: draft.sellerId,
      scopes: [...new Set(draft.scopes)],
      madeBy: by.personId,
      madeAt: now,
      expiresAt: instantOfMs(msOf(now) + draft.lifeDays * DAY_MS),
      replaces: null,
    };
    await insertKey(tx, deps.tenantId, made, secret);
    const { keyId, role, sellerId, scopes, expiresAt } = made;
    await recordActs(tx, deps.tenantId, [
      {
        subject: keyId,
        kind: "api-key-made",
        at: now,
        actor: by.actor,
        client: by.client,
        data: { role, sellerId, scopes, expiresAt },
      },
    ]);
    return accepted({ key: (await loadKey(tx, deps.tenantId, keyId))!, secret });
  });
}

/**
 * A new key with the same rights and as long a life; the old one goes on for some hours. Refused: `key-ended`,
 * `role-not-yours`, `not-found`.
 */
export async function rotateKey(
  deps: AccessDeps,
  caller: Caller,
  keyId: string,
  graceHours: number,
  client: Client,
): Promise<Outcome<NewKey>> {
  const now = deps.clock.now();
  const secret = newKeySecret();
  return deps.database.transaction(async (tx) => {
    const old = await loadKey(tx, deps.tenantId, keyId, { lock: true });
    if (old === null || !isOfCaller(caller, old))
      return refused("not-found", "There is no such key.");
    if (old.revokedAt !== null || msOf(old.expiresAt) <= msOf(now)) {
      return refused("key-ended", "This key has ended: make a new one.");
    }
    const { name, role, sellerId, scopes } = old;
    const refusal = draftRefusal(caller, { name, role, sellerId, scopes, lifeDays: 1 });
    if (refusal !== null) return refusal;
    const made = {
      keyId: freshId("key", now),
      name,
      role,
      sellerId,
      scopes,
      madeBy: caller.personId,
      madeAt: now,
      expiresAt: instantOfMs(msOf(now) + msOf(old.expiresAt) - msOf(old.madeAt)),
      replaces: old.keyId,
    };
    await insertKey(tx, deps.tenantId, made, secret);
    const endsAt = instantOfMs(msOf(now) + graceHours * HOUR_MS);
    await endKey(tx, deps.tenantId, old.keyId, { expiresAt: endsAt });
    const act = { kind: "api-key-rotated", at: now, actor: caller.id, client } as const;
    await recordActs(tx, deps.tenantId, [
      { ...act, subject: old.keyId, data: { replacedBy: made.keyId, endsAt } },
      { ...act, subject: made.keyId, data: { replaces: old.keyId, expiresAt: made.expiresAt } },
    ]);
    return accepted({ key: (await loadKey(tx, deps.tenantId, made.keyId))!, secret });
  });
}

/** Ends a key at once. Refused: `not-found`, `key-ended`. */
export async function revokeKey(
  deps: AccessDeps,
  caller: Caller,
  keyId: string,
  client: Client,
): Promise<Outcome<null>> {
  const now = deps.clock.now();
  return deps.database.transaction(async (tx) => {
    const key = await loadKey(tx, deps.tenantId, keyId, { lock: true });
    if (key === null || !isOfCaller(caller, key))
      return refused("not-found", "There is no such key.");
    if (key.revokedAt !== null) return refused("key-ended", "This key is revoked already.");
    await endKey(tx, deps.tenantId, keyId, { revokedAt: now });
    await recordActs(tx, deps.tenantId, [
      { subject: keyId, kind: "api-key-revoked", at: now, actor: caller.id, client },
    ]);
    return accepted(null);
  });
}

/** Keys of one seller are that seller's business, besides those of who sees all. */
export function isOfCaller(caller: Caller, key: Pick<ApiKey, "sellerId">): boolean {
  return caller.sellerId === null || caller.sellerId === key.sellerId;
}
