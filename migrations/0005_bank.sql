-- Bank messages, the transactions they tell of, and every notice of each transaction.

CREATE TABLE bank_message (
  tenant_id      text        NOT NULL,
  message_key    text        NOT NULL,
  source_sha256  text        NOT NULL,
  source_line    integer     NOT NULL,
  family         text        NOT NULL,
  format         text        NOT NULL,
  message_id     text,
  copy           text,
  statement_ref  text,
  sequence       text,
  page_number    text,
  account_number text        NOT NULL,
  account_currency text,
  owner_name     text,
  created_at     timestamptz,
  balances       jsonb       NOT NULL,
  verdict        text        NOT NULL CHECK (verdict IN ('proven', 'read', 'quarantined')),
  reasons        jsonb       NOT NULL,
  entry_count    integer     NOT NULL,
  credit_sums    jsonb       NOT NULL,           -- booked credits per currency, what is at stake if quarantined
  recorded_at    timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, message_key, source_sha256, source_line)
);
CREATE INDEX bank_message_by_verdict ON bank_message (tenant_id, verdict);
CREATE INDEX bank_message_by_account ON bank_message (tenant_id, account_number, family);

-- One movement of money on one account, however many messages tell of it.
CREATE TABLE bank_transaction (
  tenant_id      text        NOT NULL,
  transaction_id text        NOT NULL,           -- cr_… (credit) or db_… (debit)
  account_number text        NOT NULL,
  currency       text        NOT NULL,
  direction      text        NOT NULL CHECK (direction IN ('credit', 'debit')),
  reversal       boolean     NOT NULL,
  amount_minor   bigint      NOT NULL CHECK (amount_minor >= 0),
  value_on       date,
  booked_on      date,
  uetr           text,
  servicer_ref   text,
  end_to_end_id  text,
  type_code      text,
  detail         jsonb       NOT NULL,           -- payer, charges, instructed amount, exchange, remittance, return
  seller_id      text,
  -- announced: seen, not yet money; booked: money, in the ledger; copy: only copies were seen
  state          text        NOT NULL CHECK (state IN ('announced', 'copy', 'booked')),
  confirmed      boolean     NOT NULL,           -- an end-of-day statement has it
  stored_at      timestamptz,                    -- when the notice that made it money was stored
  -- credits: what is not yet matched; debits that undo: what is not yet undone
  open_minor     bigint      NOT NULL CHECK (open_minor >= 0),
  is_open        boolean     NOT NULL,
  -- payout-money, return-of-our-payment, undo (a debit that reverses or returns), outside (any other debit)
  unmatched_code text,                           -- why no payout was found, while open
  role           text        NOT NULL CHECK (role IN ('incoming', 'returned-to-us', 'undo', 'outside')),
  recorded_at    timestamptz NOT NULL,
  version        bigint      NOT NULL,
  PRIMARY KEY (tenant_id, transaction_id)
);
CREATE INDEX bank_transaction_same_money
  ON bank_transaction (tenant_id, account_number, currency, direction, amount_minor, value_on);
CREATE INDEX bank_transaction_by_uetr ON bank_transaction (tenant_id, uetr);
CREATE INDEX bank_transaction_by_end_to_end ON bank_transaction (tenant_id, end_to_end_id);
CREATE INDEX bank_transaction_by_servicer_ref ON bank_transaction (tenant_id, servicer_ref);
CREATE INDEX bank_transaction_open ON bank_transaction (tenant_id, seller_id, currency) WHERE is_open;
CREATE INDEX bank_transaction_open_undo ON bank_transaction (tenant_id, currency) WHERE is_open AND role = 'undo';
CREATE INDEX bank_transaction_unconfirmed ON bank_transaction (tenant_id, value_on) WHERE NOT confirmed;

-- Append-only: each telling of a transaction, opened to file and line.
CREATE TABLE bank_notice (
  tenant_id      text        NOT NULL,
  notice_id      text        NOT NULL,
  transaction_id text        NOT NULL,
  identity       text        NOT NULL,           -- everything that tells it apart but the occurrence
  occurrence     integer     NOT NULL CHECK (occurrence > 0),
  scope          text        NOT NULL,           -- the bank statement within which occurrences are counted
  page           text        NOT NULL,
  family         text        NOT NULL,
  status         text        NOT NULL,
  amount_minor   bigint      NOT NULL,
  copy           boolean     NOT NULL,
  booked_on      date,
  value_on       date,
  message_key    text        NOT NULL,
  source_sha256  text        NOT NULL,
  source_line    integer     NOT NULL,
  recorded_at    timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, notice_id)
);
CREATE INDEX bank_notice_by_identity ON bank_notice (tenant_id, identity);
CREATE INDEX bank_notice_by_transaction ON bank_notice (tenant_id, transaction_id);
CREATE INDEX bank_notice_by_source ON bank_notice (tenant_id, source_sha256);

-- Append-only: a row of a statement that another statement told first, word for word. It tells of no new money, but
-- identical rows of one statement are counted over its pages, and it is one of them.
CREATE TABLE bank_repeat (
  tenant_id     text        NOT NULL,
  identity      text        NOT NULL,
  scope         text        NOT NULL,
  page          text        NOT NULL,
  occurrence    integer     NOT NULL CHECK (occurrence > 0),
  source_sha256 text        NOT NULL,
  source_line   integer     NOT NULL,
  recorded_at   timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, identity, scope, page, occurrence)
);
