// Whose objects a request may see: the seller the caller is bound to, whatever it asks for; else the one it names.

import type { Caller } from "../identity/caller.ts";

/**
 * For `($n::text IS NULL OR seller_id = $n)`. A bound caller that names another seller gets `NO_SELLER`: an empty
 * answer, the same as for a seller that does not exist.
 */
export function sellerScope(caller: Caller, asked: string | undefined): string | null {
  if (caller.sellerId === null) return asked ?? null;
  return asked === undefined || asked === caller.sellerId ? caller.sellerId : NO_SELLER;
}

/** No seller's id: ids have no underscore. */
export const NO_SELLER = "_";
