// A seller's reads, narrowed by the database itself: they run under a role that sees the rows of one seller only, so
// that a query which forgets to name the seller shows nothing of others. Optional, where the engine has row-level
// security and a role could be made (engine.md: distributed engines lack it); every query names the seller all the same.

import { createHash } from "node:crypto";
import { invariant } from "../errors/invariant.ts";
import type { Database, Tx } from "./database.ts";
import { codeOf } from "./database-outage.ts";
import { SELLER_TABLES, type SellerTable } from "./seller-rows.ts";

/** The role under which a seller's reads run; nobody signs in as it. */
export const SELLER_ROLE = "straitway_seller";
const POLICY = "straitway_seller_reads";
/** The row of table row_security that says which policies stand. */
const POLICIES_NAME = "seller-reads";

export type RowSecurity =
  | { readonly enforced: true }
  /** `reason`: one sentence for the operator; isolation then rests on the queries alone. */
  | { readonly enforced: false; readonly reason: string };

/** Raised where the role of the database may not do what is asked (42501), or the engine cannot (0A000, 42601). */
const NOT_POSSIBLE: ReadonlySet<string> = new Set(["42501", "0A000", "42601"]);
/** Another program made the role at the same moment. */
const MADE_MEANWHILE: ReadonlySet<string> = new Set(["42710", "23505"]);

/**
 * Makes the role and the policies, or finds that they stand. Any number of programs may call it at once; it needs no
 * superuser where the role is there already.
 */
export async function secureRows(database: Database): Promise<RowSecurity> {
  const missing = await missingTables(database);
  if (missing.length > 0) {
    const reason = `the database has not all tables of this program (${missing.join(", ")})`;
    return { enforced: false, reason };
  }
  try {
    await makeRole(database);
    await database.transaction(keepPolicies);
    await database.transaction((tx) => becomeSeller(tx, "probe", "probe"));
    return { enforced: true };
  } catch (error) {
    const code = codeOf(error);
    if (code === null || !NOT_POSSIBLE.has(code)) throw error;
    const reason =
      `the database does not narrow sellers' reads by itself (${(error as Error).message}); ` +
      `an administrator of it may run: CREATE ROLE ${SELLER_ROLE} NOLOGIN; GRANT ${SELLER_ROLE} TO the program's role`;
    return { enforced: false, reason };
  }
}

/** Of the tables that the policies are of: a database that is being restored is an older program's for a while. */
async function missingTables(database: Database): Promise<readonly string[]> {
  const rows = await database.query<{ name: string }>(
    "SELECT name FROM unnest($1::text[]) AS t(name) WHERE to_regclass(name) IS NULL ORDER BY name",
    [["row_security", ...SELLER_TABLES.keys()]],
  );
  return rows.map(({ name }) => name);
}

async function makeRole(database: Database): Promise<void> {
  const [found] = await database.query("SELECT 1 FROM pg_roles WHERE rolname = $1", [SELLER_ROLE]);
  if (found === undefined) {
    await database.query(`CREATE ROLE ${SELLER_ROLE} NOLOGIN`).catch((error: unknown) => {
      if (!MADE_MEANWHILE.has(codeOf(error) ?? "")) throw error;
    });
  }
  const [member] = await database.query<{ is_member: boolean }>(
    "SELECT pg_has_role(current_user, $1::name, 'MEMBER') AS is_member",
    [SELLER_ROLE],
  );
  if (member?.is_member !== true) await database.query(`GRANT ${SELLER_ROLE} TO CURRENT_USER`);
}

/** Writes the policies anew when they are not those of this program. */
async function keepPolicies(tx: Tx): Promise<void> {
  const statements = [...SELLER_TABLES].flatMap(([table, rows]) => policyOf(table, rows));
  const checksum = createHash("sha256").update(statements.join(";\n")).digest("hex");
  await tx.query(
    `INSERT INTO row_security (name, checksum) VALUES ($1, '') ON CONFLICT (name) DO NOTHING`,
    [POLICIES_NAME],
  );
  const [standing] = await tx.query<{ checksum: string; count: number }>(
    `SELECT checksum, (SELECT count(*)::int FROM pg_policies
                        WHERE schemaname = current_schema() AND policyname = '${POLICY}') AS count
       FROM row_security WHERE name = $1 FOR UPDATE`,
    [POLICIES_NAME],
  );
  if (standing?.checksum === checksum && standing.count === SELLER_TABLES.size) return;
  for (const statement of statements) await tx.query(statement);
  await tx.query("UPDATE row_security SET checksum = $2 WHERE name = $1", [
    POLICIES_NAME,
    checksum,
  ]);
}

/** The program itself owns the tables and is not narrowed; a table without a policy shows the role nothing. */
function policyOf(table: string, { rows, columns }: SellerTable): readonly string[] {
  const what = columns === null ? "" : ` (${columns.join(", ")})`;
  return [
    `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
    `DROP POLICY IF EXISTS ${POLICY} ON ${table}`,
    `CREATE POLICY ${POLICY} ON ${table} FOR SELECT TO ${SELLER_ROLE}
       USING (tenant_id = (SELECT current_setting('straitway.tenant_id', true)) AND (${rows}))`,
    `REVOKE ALL ON ${table} FROM ${SELLER_ROLE}`,
    `GRANT SELECT${what} ON ${table} TO ${SELLER_ROLE}`,
  ];
}

/** From here to its end the transaction reads what the seller may see; the role may write nothing. */
async function becomeSeller(tx: Tx, tenantId: string, sellerId: string): Promise<void> {
  await tx.query(
    `SELECT set_config('straitway.tenant_id', $1, true), set_config('straitway.seller_id', $2, true),
            set_config('role', '${SELLER_ROLE}', true)`,
    [tenantId, sellerId],
    { name: "become-seller" },
  );
}

/**
 * Runs reads in one moment of the database, as the seller: other sellers' rows are not there, and nothing can be
 * written. Needs `secureRows` to have said that it is enforced.
 */
export async function asSeller<Value>(
  database: Pick<Database, "transaction">,
  tenantId: string,
  sellerId: string,
  work: (tx: Tx) => Promise<Value>,
): Promise<Value> {
  invariant(sellerId !== "" && tenantId !== "", "reads as a seller need the seller and its tenant");
  return database.transaction(
    async (tx) => {
      await becomeSeller(tx, tenantId, sellerId);
      return work(tx);
    },
    { isolation: "repeatable read" },
  );
}
