// Whose an event is: the seller of the object that it is about, asked when it is read, because facts may get their
// seller after they came. Each kind of object names its table here; an object that is nobody's has no owner.

type Owner = {
  /** How ids of the kind begin. */
  readonly prefix: string;
  /** The owner as a scalar sub-select over the SQL of the tenant and the subject. */
  readonly sql: (tenant: string, subject: string) => string;
};

/** The seller in the row that the id names. */
function inRow(prefix: string, table: string, column: string): Owner {
  return {
    prefix,
    sql: (tenant, subject) =>
      `(SELECT o.seller_id FROM ${table} AS o WHERE o.tenant_id = ${tenant} AND o.${column} = ${subject})`,
  };
}

const OWNERS: readonly Owner[] = [
  inRow("po_", "payout", "payout_id"),
  inRow("cr_", "bank_transaction", "transaction_id"),
  inRow("db_", "bank_transaction", "transaction_id"),
  inRow("st_", "statement", "statement_id"),
  {
    prefix: "hold_",
    sql: (tenant, subject) =>
      `(SELECT o.seller_id FROM hold AS h JOIN payout AS o ON o.tenant_id = h.tenant_id AND o.payout_id = h.payout_id
         WHERE h.tenant_id = ${tenant} AND h.hold_id = ${subject})`,
  },
  inRow("sto_", "store", "store_id"),
  inRow("pr_", "payout_request", "request_id"),
  inRow("ord_", "payment_order", "order_id"),
  inRow("upl_", "upload", "upload_id"),
  inRow("appr_", "approval", "approval_id"),
  inRow("user_", "access_user", "user_id"),
  inRow("key_", "access_key", "key_id"),
  inRow("we_", "webhook_endpoint", "endpoint_id"),
];

/**
 * SQL for the seller whose the subject is; null where it is nobody's. Both arguments are SQL of the program's own,
 * never input. Only the branch of the subject's kind is run: one key look-up for each row.
 */
export function subjectOwnerSql(tenant: string, subject: string): string {
  const branches = OWNERS.map(
    ({ prefix, sql }) => `WHEN starts_with(${subject}, '${prefix}') THEN ${sql(tenant, subject)}`,
  );
  // A subject without a prefix is a seller, or a raw file by its sha256; what people did with a file's bytes is
  // nobody's, since the same bytes may have come for several sellers.
  const others = `(SELECT o.seller_id FROM seller AS o WHERE o.tenant_id = ${tenant} AND o.seller_id = ${subject})`;
  return `CASE ${branches.join("\n")}\nELSE ${others} END`;
}
