// Which rows of which table are a seller's to read: the text of the policies (row-security.ts). A table that is not
// named here shows a seller nothing; a test holds that every table is named here or among the closed ones.

export type SellerTable = {
  /** SQL over the row, true where the seller may read it. The seller is `ME`; the tenant is asked beside it. */
  readonly rows: string;
  /** The columns that may be read; null: all. Where a table keeps secrets, they are not among them. */
  readonly columns: readonly string[] | null;
};

/** The seller who reads. A sub-select, so that it is asked once a query and not once a row. */
const ME = "(SELECT current_setting('straitway.seller_id', true))";

function own(columns: readonly string[] | null = null): SellerTable {
  return { rows: `seller_id = ${ME}`, columns };
}

function columns(...names: readonly string[]): readonly string[] {
  return names.flatMap((line) => line.split(" "));
}

/** Rows that hang on a row of another table, which the same reader must be able to see. */
function through(table: string, parent: string, key: string, ownKey = key): SellerTable {
  return { rows: seen(table, parent, key, ownKey), columns: null };
}

function seen(table: string, parent: string, key: string, ownKey = key): string {
  return `EXISTS (SELECT 1 FROM ${parent} AS o WHERE o.tenant_id = ${table}.tenant_id AND o.${key} = ${table}.${ownKey})`;
}

const isOwnAccount = (accountId: string) => `starts_with(${accountId}, 'seller/' || ${ME} || '/')`;

/** An account that came from another seller: a message older than that is the other's. */
const OWN_MESSAGE = `
  EXISTS (SELECT 1 FROM seller_account AS a
           WHERE a.tenant_id = bank_message.tenant_id AND a.account_number = bank_message.account_number
             AND a.currency = coalesce(bank_message.account_currency, a.currency))
  AND NOT EXISTS (SELECT 1 FROM seller_account_change AS c
                   WHERE c.tenant_id = bank_message.tenant_id AND c.account_number = bank_message.account_number
                     AND c.from_on > '0001-01-01'
                     AND coalesce((bank_message.created_at AT TIME ZONE 'UTC')::date <= c.from_on, true))`;

/** A file that came for nobody may tell of several sellers: what was said about it as a whole is then not shown. */
const OWN_FILE = `
  seller_id = ${ME}
  OR (seller_id IS NULL AND reasons = '[]'::jsonb
      AND EXISTS (SELECT 1 FROM bank_notice AS n
                   WHERE n.tenant_id = raw_file.tenant_id AND n.source_sha256 = raw_file.sha256))`;

/** How the ids of objects begin, and where their owner stands; anything else is a seller or a file's hash. */
const SUBJECTS: readonly (readonly [string, string, string])[] = [
  ["po_", "payout", "payout_id"],
  ["cr_", "bank_transaction", "transaction_id"],
  ["db_", "bank_transaction", "transaction_id"],
  ["st_", "statement", "statement_id"],
  ["hold_", "hold", "hold_id"],
  ["appr_", "approval", "approval_id"],
  ["user_", "access_user", "user_id"],
  ["key_", "access_key", "key_id"],
  ["sto_", "store", "store_id"],
  ["pr_", "payout_request", "request_id"],
  ["upl_", "upload", "upload_id"],
  ["ord_", "payment_order", "order_id"],
  ["we_", "webhook_endpoint", "endpoint_id"],
];

/** What is about the seller's objects, and what its own people and programs did. */
const OWN_EVENT = `
  CASE ${SUBJECTS.map(
    ([prefix, table, key]) =>
      `WHEN starts_with(subject, '${prefix}') THEN ${seen("timeline_event", table, key, "subject")}`,
  ).join(" ")}
       ELSE subject = ${ME} END
  OR actor IS NOT NULL AND (${seen("timeline_event", "access_user", "user_id", "actor")}
                            OR ${seen("timeline_event", "access_key", "key_id", "actor")})`;

export const SELLER_TABLES: ReadonlyMap<string, SellerTable> = new Map<string, SellerTable>([
  ["seller", own()],
  ["enterprise_record", own()],
  ["declaration", own()],
  ["declaration_version", through("declaration_version", "declaration", "declaration_id")],
  ["declaration_mark", through("declaration_mark", "declaration", "declaration_id")],
  ["seller_account", own()],
  ["seller_account_change", own()],
  ["raw_file", { rows: OWN_FILE, columns: null }],
  ["raw_arrival", own()],
  ["upload", own()],
  ["timeline_event", { rows: OWN_EVENT, columns: null }],
  // How far the feed is: a number, the same for everybody.
  ["event_feed", { rows: "true", columns: null }],
  // What currencies were worth: nobody's secret.
  ["reference_rate", { rows: "true", columns: null }],
  ["ledger_account", { rows: isOwnAccount("account_id"), columns: null }],
  [
    "ledger_transfer",
    {
      rows: `${isOwnAccount("debit_account")} AND ${isOwnAccount("credit_account")}`,
      columns: null,
    },
  ],
  ["ledger_draw", through("ledger_draw", "ledger_transfer", "seq")],
  ["statement", own()],
  ["payout", own()],
  ["payout_announcement", through("payout_announcement", "payout", "payout_id")],
  ["payout_trace", through("payout_trace", "payout", "payout_id")],
  ["payout_request", own()],
  ["balance_told", own()],
  ["expected_payout", own()],
  ["control_total", own()],
  ["deferred_told", own()],
  ["store", own()],
  [
    "store_binding",
    {
      rows: seen("store_binding", "store", "store_id"),
      // All but the token.
      columns: columns(
        "tenant_id binding_id store_id marketplace region partner_id bound_at bound_by expires_at",
        "ended_at end_reason",
      ),
    },
  ],
  ["store_cursor", through("store_cursor", "store", "store_id")],
  ["store_report", through("store_report", "store", "store_id")],
  ["bank_message", { rows: OWN_MESSAGE, columns: null }],
  ["bank_transaction", own()],
  ["bank_notice", through("bank_notice", "bank_transaction", "transaction_id")],
  [
    "match",
    {
      rows: `${seen("match", "payout", "payout_id")} AND ${seen("match", "bank_transaction", "transaction_id", "credit_id")}`,
      columns: null,
    },
  ],
  ["release", through("release", "match", "match_id")],
  ["undo", through("undo", "bank_transaction", "transaction_id", "credit_id")],
  ["hold", through("hold", "payout", "payout_id")],
  ["statement_orders", through("statement_orders", "statement", "statement_id")],
  ["order_record", own()],
  ["shipment_record", own()],
  ["paper_record", own()],
  ["paper_order", through("paper_order", "paper_record", "paper_id")],
  ["paper_goods", own()],
  // The chain of an order that two sellers claim: each sees its own links of it.
  ["quota_entry", own()],
  ["paper_request", own()],
  ["evidence_cover", through("evidence_cover", "payout", "payout_id")],
  ["hold_waiver", through("hold_waiver", "payout", "payout_id")],
  ["approval", own()],
  ["approval_decision", through("approval_decision", "approval", "approval_id")],
  ["approval_execution", through("approval_execution", "approval", "approval_id")],
  ["payment_order", own()],
  ["payment_status", through("payment_status", "payment_order", "order_id")],
  // Its secrets are sealed under keys that are not in the database.
  ["webhook_endpoint", own()],
  ["webhook_delivery", through("webhook_delivery", "webhook_endpoint", "endpoint_id")],
  ["webhook_attempt", through("webhook_attempt", "webhook_delivery", "delivery_id")],
  ["webhook_replay", through("webhook_replay", "webhook_endpoint", "endpoint_id")],
  // Who acts for the seller; never what proves who they are.
  [
    "access_user",
    own(
      columns(
        "tenant_id user_id email name role seller_id state has_password made_at signed_in_at version",
      ),
    ),
  ],
  [
    "access_key",
    own(
      columns(
        "tenant_id key_id hint name role seller_id scopes made_by made_at expires_at revoked_at",
        "replaces used_at version",
      ),
    ),
  ],
]);

/** Tables of the machinery and of secrets: no seller reads them, and what they need of them a use case tells. */
export const CLOSED_TABLES: ReadonlySet<string> = new Set([
  "schema_migration",
  "row_security",
  "ledger_partition",
  "bank_repeat",
  "access_identity",
  "access_totp",
  "access_passkey",
  "access_recovery_code",
  "access_session",
  "access_ticket",
  "access_attempt",
  "store_consent",
  "bank_cursor",
  "bank_fetched",
  "bank_answer",
  "bank_attempt",
  "payment_message",
  "job",
  "raw_place",
  "raw_object",
  "raw_part",
  "raw_claim",
  "idempotency_key",
  "declaration_serial",
  "programme_target",
  // Names the other seller.
  "evidence_finding",
]);
