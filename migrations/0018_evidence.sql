-- What stands behind the money: sums of each order in a statement, the papers that came, the quota that orders earn and
-- receipts consume, what is asked for, and how far each payout is covered. Append-only but for paper_request.cured_at,
-- which is written once.

-- Files of evidence come the same way as all others.
ALTER TABLE raw_file DROP CONSTRAINT raw_file_kind_check;
ALTER TABLE raw_file ADD CONSTRAINT raw_file_kind_check
  CHECK (kind IN ('marketplace', 'bank', 'evidence', 'screening', 'unknown'));

-- The orders of a statement with their sums, packed: a row holds up to a thousand orders, each array in the same order.
CREATE TABLE statement_orders (
  tenant_id    text     NOT NULL,
  statement_id text     NOT NULL,
  part         integer  NOT NULL,
  order_ids    text[]   NOT NULL,
  sale_minor   bigint[] NOT NULL,                -- what the buyer paid for goods and delivery, less promotions
  refund_minor bigint[] NOT NULL,                -- given back to the buyer, positive
  net_minor    bigint[] NOT NULL,                -- all lines of the order, fees and taxes too
  PRIMARY KEY (tenant_id, statement_id, part)
);

-- An order as a report tells it. What is told again and differs is a new version; the highest counts. The same order
-- may be told for two sellers: then it is a finding, and the money says whose it is.
CREATE TABLE order_record (
  tenant_id     text        NOT NULL,
  marketplace   text        NOT NULL,
  order_id      text        NOT NULL,
  seller_id     text        NOT NULL,
  version       integer     NOT NULL CHECK (version > 0),
  status        text        NOT NULL CHECK (status IN ('pending', 'unshipped', 'shipped', 'cancelled')),
  currency      text        NOT NULL,
  amount_minor  bigint      NOT NULL CHECK (amount_minor >= 0),
  quantity      bigint      NOT NULL CHECK (quantity >= 0),
  ordered_at    timestamptz NOT NULL,
  detail        jsonb       NOT NULL,            -- goods, sku, buyer country, fulfilment, told mode
  source_sha256 text        NOT NULL,
  source_line   integer     NOT NULL,
  recorded_at   timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, marketplace, order_id, seller_id, version)
);
CREATE INDEX order_record_by_time ON order_record (tenant_id, seller_id, ordered_at, order_id);
CREATE INDEX order_record_by_source ON order_record (tenant_id, source_sha256);

-- One parcel of an order, with its tracking number as it is compared (A-Z0-9).
CREATE TABLE shipment_record (
  tenant_id     text        NOT NULL,
  marketplace   text        NOT NULL,
  order_id      text        NOT NULL,
  tracking      text        NOT NULL,
  carrier       text        NOT NULL,
  seller_id     text        NOT NULL,
  shipped_on    date        NOT NULL,
  delivered_on  date,
  quantity      bigint,
  source_sha256 text        NOT NULL,
  source_line   integer     NOT NULL,
  recorded_at   timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, marketplace, order_id, tracking, seller_id)
);
CREATE INDEX shipment_record_by_tracking ON shipment_record (tenant_id, tracking);
CREATE INDEX shipment_record_by_source ON shipment_record (tenant_id, source_sha256);

-- Customs papers, stocking orders, contracts, invoices, packing lists.
CREATE TABLE paper_record (
  tenant_id     text        NOT NULL,
  paper_id      text        NOT NULL,
  kind          text        NOT NULL,            -- customs-declaration, customs-list, stocking-order, contract, invoice, …
  mode          text,                            -- customs mode of the paper: 9610, 9710, 9810, 1210, 0110, 1039
  number        text        NOT NULL,
  seller_id     text        NOT NULL,
  counterparty  text,
  currency      text,
  amount_minor  bigint,                          -- as declared (FOB) or invoiced; never overwritten by what was received
  issued_on     date,
  state         text        NOT NULL CHECK (state IN ('accepted', 'refused')),
  reasons       jsonb       NOT NULL,
  detail        jsonb       NOT NULL,
  source_sha256 text        NOT NULL,
  source_line   integer     NOT NULL,
  recorded_at   timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, paper_id)
);
CREATE INDEX paper_record_by_seller ON paper_record (tenant_id, seller_id, recorded_at, paper_id);
CREATE INDEX paper_record_by_number ON paper_record (tenant_id, kind, number);
CREATE INDEX paper_record_by_source ON paper_record (tenant_id, source_sha256);

-- Which orders a paper speaks of, with its own amount where it tells one.
CREATE TABLE paper_order (
  tenant_id    text   NOT NULL,
  marketplace  text   NOT NULL,
  order_id     text   NOT NULL,
  paper_id     text   NOT NULL,
  amount_minor bigint,
  PRIMARY KEY (tenant_id, marketplace, order_id, paper_id)
);
CREATE INDEX paper_order_by_paper ON paper_order (tenant_id, paper_id);

-- Goods that a paper speaks of by article: stock sent to a warehouse abroad before anybody ordered it.
CREATE TABLE paper_goods (
  tenant_id text   NOT NULL,
  seller_id text   NOT NULL,
  sku       text   NOT NULL,
  paper_id  text   NOT NULL,
  quantity  bigint NOT NULL CHECK (quantity >= 0),
  PRIMARY KEY (tenant_id, seller_id, sku, paper_id)
);

-- The quota ledger: a chain for each order, whatever seller. The next row of a chain can be written once only, and no
-- row leaves a balance below zero: no order supports more than it earned, whoever writes at the same moment.
CREATE TABLE quota_entry (
  tenant_id     text        NOT NULL,
  marketplace   text        NOT NULL,
  order_id      text        NOT NULL,
  seq           integer     NOT NULL CHECK (seq > 0),
  kind          text        NOT NULL CHECK (kind IN ('earned', 'consumed', 'given-back', 'returned', 'withdrawn')),
  seller_id     text        NOT NULL,
  currency      text        NOT NULL,
  amount_minor  bigint      NOT NULL CHECK (amount_minor > 0),
  balance_minor bigint      NOT NULL CHECK (balance_minor >= 0),
  payout_id     text,                            -- the receipt that consumed it, or gave it back
  source_sha256 text,                            -- the file by which it was earned or withdrawn
  entered_at    timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, marketplace, order_id, seq),
  CHECK ((kind IN ('earned', 'withdrawn')) OR payout_id IS NOT NULL)
);
CREATE INDEX quota_entry_by_payout ON quota_entry (tenant_id, payout_id) WHERE payout_id IS NOT NULL;

-- What is asked for: each paper of each order once, whatever payout needs it. A paper that came and does not count any
-- longer is asked for in another round.
CREATE TABLE paper_request (
  tenant_id    text        NOT NULL,
  marketplace  text        NOT NULL,             -- empty: a paper of a payout as a whole
  order_id     text        NOT NULL,             -- or the payout's id
  paper        text        NOT NULL,
  round        integer     NOT NULL CHECK (round > 0),
  payout_id    text        NOT NULL,             -- the payout that needed it first
  seller_id    text        NOT NULL,
  currency     text        NOT NULL,
  amount_minor bigint      NOT NULL CHECK (amount_minor >= 0),
  owner        text        NOT NULL,
  asked_at     timestamptz NOT NULL,
  due_on       date        NOT NULL,
  cured_at     timestamptz,
  PRIMARY KEY (tenant_id, marketplace, order_id, paper, round)
);
CREATE INDEX paper_request_by_payout ON paper_request (tenant_id, payout_id);
CREATE INDEX paper_request_open ON paper_request (tenant_id, seller_id, due_on) WHERE cured_at IS NULL;

-- How far a payout is covered, as computed; what is computed again and differs is a new row, and the highest counts.
CREATE TABLE evidence_cover (
  tenant_id       text        NOT NULL,
  payout_id       text        NOT NULL,
  version         integer     NOT NULL CHECK (version > 0),
  currency        text        NOT NULL,          -- of the statements: the store's
  required_minor  bigint      NOT NULL,
  covered_minor   bigint      NOT NULL,
  refunded_minor  bigint      NOT NULL,
  other_minor     bigint      NOT NULL,          -- money of the statements that is of no order
  order_count     integer     NOT NULL,
  covered_count   integer     NOT NULL,
  unshipped_count integer     NOT NULL,
  orders_known    boolean     NOT NULL,
  provisional     jsonb       NOT NULL,          -- of the covered, what owes a tracking number, by the day it is due
  modes           jsonb       NOT NULL,          -- sales by how the goods left
  papers          jsonb       NOT NULL,          -- what is missing, counted by paper
  missing         jsonb       NOT NULL,          -- and listed by order, the first of them
  findings        jsonb       NOT NULL,          -- the first of them
  finding_count   integer     NOT NULL,
  content_sha256  text        NOT NULL,          -- of all the above: equal content is not written again
  decided_at      timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, payout_id, version)
);

-- What does not fit, across all sellers: for operators. A seller sees its own side in evidence_cover.
CREATE TABLE evidence_finding (
  tenant_id   text        NOT NULL,
  finding_id  text        NOT NULL,
  code        text        NOT NULL,
  marketplace text        NOT NULL,
  order_id    text        NOT NULL,
  seller_id   text        NOT NULL,
  tracking    text,
  others      jsonb       NOT NULL,              -- [{sellerId, orderId}]: the other side
  found_at    timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, finding_id)
);
CREATE INDEX evidence_finding_by_order ON evidence_finding (tenant_id, marketplace, order_id);
