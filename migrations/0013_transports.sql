-- How banks are connected: cursors of what was fetched, answers given to notices, orders that went out.

-- Where a connection stands: what a poll has fetched, or what stood in a folder at the last look.
CREATE TABLE bank_cursor (
  tenant_id     text        NOT NULL,
  connection_id text        NOT NULL,
  position      jsonb       NOT NULL,
  version       bigint      NOT NULL CHECK (version > 0),  -- a second program that fetched meanwhile is noticed
  saved_at      timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, connection_id)
);

-- What a polled bank answered, committed with the cursor that says so, until the inbox has it.
CREATE TABLE bank_fetched (
  tenant_id     text        NOT NULL,
  connection_id text        NOT NULL,
  item_key      text        NOT NULL,            -- the bank's own number of the notice
  fingerprint   text        NOT NULL,            -- sha256 of what it says of money
  name          text        NOT NULL,
  sha256        text        NOT NULL,
  body          bytea,                           -- null once the inbox has it
  -- fetched: waits for the inbox; accepted: the inbox has it; differs: the bank said other money under this number;
  -- not-taken: it broke the inbox each time
  state         text        NOT NULL CHECK (state IN ('fetched', 'accepted', 'differs', 'not-taken')),
  fetched_at    timestamptz NOT NULL,
  accepted_at   timestamptz,
  PRIMARY KEY (tenant_id, connection_id, item_key, fingerprint),
  CONSTRAINT bank_fetched_body CHECK ((body IS NULL) = (state = 'accepted'))
);
CREATE INDEX bank_fetched_open ON bank_fetched (tenant_id, connection_id, fetched_at) WHERE state = 'fetched';

-- The answer that a signed notice got; the same bytes get it again.
CREATE TABLE bank_answer (
  tenant_id     text        NOT NULL,
  connection_id text        NOT NULL,
  sha256        text        NOT NULL,
  answer        jsonb       NOT NULL,
  answered_at   timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, connection_id, sha256)
);

-- How often taking something failed for another reason than an outage: after some times it is put aside.
CREATE TABLE bank_attempt (
  tenant_id     text        NOT NULL,
  connection_id text        NOT NULL,
  item_key      text        NOT NULL,
  attempts      integer     NOT NULL CHECK (attempts > 0),
  last_error    text        NOT NULL,
  last_at       timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, connection_id, item_key)
);

-- Orders to pay out of a seller's account, each asked for by one person and approved by another (approval_id). What
-- state one is in follows from that decision, from its message, and from what the bank answered.
CREATE TABLE payment_order (
  tenant_id       text        NOT NULL,
  order_id        text        NOT NULL,           -- ord_…
  connection_id   text        NOT NULL,
  seller_id       text        NOT NULL,
  debtor_account  text        NOT NULL,
  currency        text        NOT NULL,
  amount_minor    bigint      NOT NULL CHECK (amount_minor > 0),
  creditor        jsonb       NOT NULL,           -- name, account, bank, address
  purpose         text,
  remittance      text,
  execute_on      date        NOT NULL,
  end_to_end_id   text        NOT NULL,           -- ours, made with the order: a resend carries the same
  uetr            text        NOT NULL,
  approval_id     text        NOT NULL,
  made_by         text        NOT NULL,
  made_at         timestamptz NOT NULL,
  approved_at     timestamptz,
  message_id      text,                           -- of the pain.001 that carries it
  payment_info_id text,                           -- of the PmtInf in it
  sent_at         timestamptz,                    -- when the bank's side had taken that message
  PRIMARY KEY (tenant_id, order_id),
  CONSTRAINT payment_order_sent CHECK (
    (message_id IS NULL) = (payment_info_id IS NULL) AND (message_id IS NULL OR approved_at IS NOT NULL)
    AND (sent_at IS NULL OR message_id IS NOT NULL))
);
CREATE UNIQUE INDEX payment_order_by_end_to_end ON payment_order (tenant_id, end_to_end_id);
CREATE INDEX payment_order_by_time ON payment_order (tenant_id, made_at, order_id);
CREATE INDEX payment_order_by_seller ON payment_order (tenant_id, seller_id, currency, made_at);
CREATE INDEX payment_order_by_message ON payment_order (tenant_id, message_id);
CREATE INDEX payment_order_to_send ON payment_order (tenant_id, connection_id)
  WHERE approved_at IS NOT NULL AND message_id IS NULL;

-- The pain.001 as it goes out, byte for byte: stored before it is sent, and sent again as it stands.
CREATE TABLE payment_message (
  tenant_id     text        NOT NULL,
  message_id    text        NOT NULL,            -- GrpHdr/MsgId
  connection_id text        NOT NULL,
  sha256        text        NOT NULL,
  body          bytea       NOT NULL,
  order_count   integer     NOT NULL CHECK (order_count > 0),
  stored_at     timestamptz NOT NULL,
  sent_at       timestamptz,                     -- when the bank's side had taken it; null: it goes again
  attempts      integer     NOT NULL DEFAULT 0,
  last_error    text,
  PRIMARY KEY (tenant_id, message_id)
);
CREATE INDEX payment_message_unsent ON payment_message (tenant_id, connection_id, stored_at) WHERE sent_at IS NULL;

-- Append-only: each thing a bank said of an order, opened to file and line.
CREATE TABLE payment_status (
  tenant_id     text        NOT NULL,
  order_id      text        NOT NULL,
  status_id     text        NOT NULL,
  code          text        NOT NULL,            -- ACTC, ACSP, ACSC, PDNG, RJCT, …
  reason_code   text,
  reason_text   text,
  told_at       timestamptz,                     -- as the bank says
  source_sha256 text        NOT NULL,
  source_line   integer     NOT NULL,
  recorded_at   timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, order_id, status_id)
);

ALTER TABLE approval DROP CONSTRAINT approval_kind_check;
ALTER TABLE approval ADD CONSTRAINT approval_kind_check
  CHECK (kind IN ('hold-release', 'account-binding', 'role-change', 'payment-order'));
