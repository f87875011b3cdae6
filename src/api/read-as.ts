// Reads as the caller may see: a caller that is bound to a seller reads under the database's own narrowing, where the
// database has it.

import type { Database } from "../storage/database.ts";
import { asSeller, type RowSecurity } from "../storage/row-security.ts";
import type { ReadAs } from "./deps.ts";

export function readAs(
  database: Pick<Database, "transaction">,
  tenantId: string,
  security: RowSecurity,
): ReadAs {
  return (caller, work) =>
    caller.sellerId === null || !security.enforced
      ? database.transaction(work, { isolation: "repeatable read" })
      : asSeller(database, tenantId, caller.sellerId, work);
}
