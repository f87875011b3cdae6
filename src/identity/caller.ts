// Who asks: a person with a session, or a program with an API key. Filled once per request at the edge, and passed to
// every use case that asks whether it may, or writes who it was.

import type { Instant } from "../time/instant.ts";
import { msOf } from "../time/instant.ts";
import { type Permission, type Role, roleMay } from "./roles.ts";

export type Caller = {
  readonly kind: "user" | "key";
  /** `user_…` or `key_…`: the actor of what this caller does. */
  readonly id: string;
  /** The person who answers for it, `user_…`: themselves, or who made the key. Four eyes are those of two persons. */
  readonly personId: string;
  /** The one seller whose objects it sees; null: those of all sellers. */
  readonly sellerId: string | null;
  readonly role: Role;
  /** What it may do: all that its role may for a person, the key's own list for a program. */
  readonly scopes: readonly Permission[];
  /** When the person last showed a second factor; null for a program. */
  readonly steppedUpAt: Instant | null;
  /** The session of a person, `ses_…`; null for a program. */
  readonly sessionId: string | null;
};

/** How long a second factor counts for a sensitive act. */
export const STEP_UP_MAX_AGE_MS = 10 * 60 * 1000;

/** Both the role and the scopes must allow it, so a key keeps no power that its role lost. */
export function callerMay(caller: Caller, permission: Permission): boolean {
  return roleMay(caller.role, permission) && caller.scopes.includes(permission);
}

/** True when the caller is a person who showed a second factor lately enough for a sensitive act. */
export function hasSteppedUp(caller: Caller, now: Instant): boolean {
  return (
    caller.kind === "user" &&
    caller.steppedUpAt !== null &&
    msOf(now) - msOf(caller.steppedUpAt) <= STEP_UP_MAX_AGE_MS
  );
}

/** True when an object of this seller may be shown to the caller; an object of nobody is for those who see all. */
export function maySeeSeller(caller: Caller, sellerId: string | null): boolean {
  return caller.sellerId === null || caller.sellerId === sellerId;
}
