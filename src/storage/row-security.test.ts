import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asSeller, SELLER_ROLE, secureRows } from "./row-security.ts";
import { CLOSED_TABLES, SELLER_TABLES } from "./seller-rows.ts";
import { openTestDatabase, type TestDatabase } from "./test-database.ts";

let database: TestDatabase;
let reason: string | null;

beforeAll(async () => {
  database = await openTestDatabase({ poolMax: 3 });
  const secured = await secureRows(database);
  reason = secured.enforced ? null : secured.reason;
  await database.query(
    `INSERT INTO seller (tenant_id, seller_id, legal_name, registered_at)
     VALUES ('t', 'acme', 'Acme', now()), ('t', 'beta', 'Beta', now()), ('u', 'acme', 'Else', now())`,
  );
});

afterAll(() => database.close());

function names(sellerId: string, tenantId = "t"): Promise<string[]> {
  return asSeller(database, tenantId, sellerId, async (tx) => {
    const rows = await tx.query<{ legal_name: string }>("SELECT legal_name FROM seller");
    return rows.map((row) => row.legal_name);
  });
}

function read(sql: string): Promise<unknown> {
  return asSeller(database, "t", "acme", (tx) => tx.query(sql));
}

describe("the database's own narrowing of a seller's reads", () => {
  it("stands on the database of the tests", () => {
    expect(reason).toBeNull();
  });

  it("shows a seller's own rows only, of its own tenant, to a query that names nobody", async () => {
    expect(await names("acme")).toEqual(["Acme"]);
    expect(await names("beta")).toEqual(["Beta"]);
    expect(await names("acme", "u")).toEqual(["Else"]);
    expect(await names("nobody")).toEqual([]);
  });

  it("ends with the transaction: the next one on the connection sees all", async () => {
    const alone = await openTestDatabase({ poolMax: 1 });
    try {
      await secureRows(alone);
      await alone.query(
        "INSERT INTO seller (tenant_id, seller_id, legal_name, registered_at) VALUES ('t', 'acme', 'Acme', now())",
      );
      const role = () => alone.query<{ role: string }>("SELECT current_user AS role");
      const during = await asSeller(alone, "t", "beta", (tx) =>
        tx.query("SELECT current_user AS role FROM seller UNION ALL SELECT current_user"),
      );
      expect(during).toEqual([{ role: SELLER_ROLE }]);
      expect((await role())[0]?.role).not.toBe(SELLER_ROLE);
      await expect(
        asSeller(alone, "t", "beta", () => Promise.reject(new Error("it failed"))),
      ).rejects.toThrow("it failed");
      expect((await role())[0]?.role).not.toBe(SELLER_ROLE);
      expect(await alone.query("SELECT 1 FROM seller")).toHaveLength(1);
    } finally {
      await alone.close();
    }
  });

  it("writes nothing, and asks for a seller", async () => {
    const write = asSeller(database, "t", "acme", (tx) =>
      tx.query("UPDATE seller SET legal_name = 'Mine'"),
    );
    await expect(write).rejects.toMatchObject({ code: "42501" });
    await expect(names("")).rejects.toThrow(/need the seller/);
  });

  it("knows every table of the schema: a seller's, or closed", async () => {
    const rows = await database.query<{ name: string }>(
      "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1",
    );
    const known = new Set([...SELLER_TABLES.keys(), ...CLOSED_TABLES]);
    const inSchema = rows.map((row) => row.name);
    expect(inSchema.filter((name) => !known.has(name))).toEqual([]);
    expect([...known].filter((name) => !inSchema.includes(name))).toEqual([]);
    expect([...CLOSED_TABLES].filter((name) => SELLER_TABLES.has(name))).toEqual([]);
  });

  it("lets no seller into a closed table, nor at a column that keeps a secret", async () => {
    for (const table of CLOSED_TABLES)
      await expect(read(`SELECT * FROM ${table}`), table).rejects.toMatchObject({ code: "42501" });
    for (const column of ["password_hash FROM access_user", "secret_hash FROM access_key"])
      await expect(read(`SELECT ${column}`), column).rejects.toMatchObject({ code: "42501" });
  });

  it("stands after being asked for again, by many at once, and mends what was changed", async () => {
    const again = await Promise.all([secureRows(database), secureRows(database)]);
    expect(again).toEqual([{ enforced: true }, { enforced: true }]);
    for (const change of [
      "DROP POLICY straitway_seller_reads ON seller",
      "UPDATE row_security SET checksum = 'of an older program'",
    ]) {
      await database.query(change);
      expect(await secureRows(database)).toEqual({ enforced: true });
      expect(await names("acme")).toEqual(["Acme"]);
    }
    await database.query("ALTER POLICY straitway_seller_reads ON seller USING (true)");
    await database.query("UPDATE row_security SET checksum = 'of an older program'");
    await secureRows(database);
    expect(await names("acme")).toEqual(["Acme"]);
  });

  it("is said to be missing where the database has not the program's tables", async () => {
    const empty = await openTestDatabase({ migrated: false });
    try {
      expect(await secureRows(empty)).toMatchObject({ enforced: false });
    } finally {
      await empty.close();
    }
  });
});
