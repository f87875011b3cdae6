-- Marketplace stores bound to sellers, their authorisation, what was polled from them, payouts that were asked for, and
-- what a marketplace tells beside statements and payouts: balances, expected payouts, control totals, deferred money.

-- One account at a marketplace, in one region of it, bound to one seller. What ends and starts stands in store_binding.
CREATE TABLE store (
  tenant_id      text        NOT NULL,
  store_id       text        NOT NULL,
  seller_id      text        NOT NULL,
  marketplace    text        NOT NULL,
  region         text        NOT NULL,           -- of the marketplace's API: na, eu, fe
  name           text        NOT NULL,           -- as people call it
  partner_id     text,                           -- the marketplace's id of the account, once it consented
  name_check     text        NOT NULL CHECK (name_check IN ('unchecked', 'same', 'differs', 'unknown', 'confirmed')),
  legal_name     text,                           -- as the marketplace tells it
  participations jsonb       NOT NULL,           -- country stores: [{marketplaceId, country, currency, …}]
  checked_at     timestamptz,
  created_at     timestamptz NOT NULL,
  version        bigint      NOT NULL,
  PRIMARY KEY (tenant_id, store_id)
);
CREATE INDEX store_by_seller ON store (tenant_id, seller_id);

-- Append-only but for its end: each authorisation of a store, with its sealed refresh token.
CREATE TABLE store_binding (
  tenant_id    text        NOT NULL,
  binding_id   text        NOT NULL,
  store_id     text        NOT NULL,
  marketplace  text        NOT NULL,
  region       text        NOT NULL,
  partner_id   text        NOT NULL,
  sealed_token text        NOT NULL,             -- emptied when the binding ends
  bound_at     timestamptz NOT NULL,
  bound_by     text        NOT NULL,
  expires_at   timestamptz NOT NULL,
  ended_at     timestamptz,
  end_reason   text CHECK (end_reason IN ('renewed', 'unbound', 'withdrawn')),
  PRIMARY KEY (tenant_id, binding_id)
);
CREATE INDEX store_binding_by_store ON store_binding (tenant_id, store_id, bound_at);
-- An account at the marketplace pays one seller at a time.
CREATE UNIQUE INDEX store_binding_live ON store_binding (tenant_id, marketplace, region, partner_id)
  WHERE ended_at IS NULL;

-- A consent that was begun: the state by its hash, good once, for a while, in the browser that began it.
CREATE TABLE store_consent (
  tenant_id    text        NOT NULL,
  state_hash   text        NOT NULL,
  store_id     text        NOT NULL,
  begun_by     text        NOT NULL,
  browser_hash text,                             -- of the cookie; null: begun by a program
  begun_at     timestamptz NOT NULL,
  expires_at   timestamptz NOT NULL,
  used_at      timestamptz,
  PRIMARY KEY (tenant_id, state_hash)
);
CREATE INDEX store_consent_by_store ON store_consent (tenant_id, store_id);

-- How far each kind of work of a store is, and how it goes.
CREATE TABLE store_cursor (
  tenant_id     text        NOT NULL,
  store_id      text        NOT NULL,
  operation     text        NOT NULL,
  cursor        jsonb       NOT NULL,
  polled_at     timestamptz,                     -- when the last whole poll began
  failed_at     timestamptz,
  failure_count integer     NOT NULL,            -- since the last whole poll
  failure       text,
  PRIMARY KEY (tenant_id, store_id, operation)
);

-- Every report that was listed, and the raw object that its document became.
CREATE TABLE store_report (
  tenant_id   text        NOT NULL,
  store_id    text        NOT NULL,
  report_id   text        NOT NULL,
  document_id text,
  report_type text        NOT NULL,
  status      text        NOT NULL,              -- as told: DONE, IN_PROGRESS, CANCELLED, FATAL
  created_at  timestamptz NOT NULL,
  listed_at   timestamptz NOT NULL,
  charset     text,                              -- as the download names it
  sha256      text,
  fetched_at  timestamptz,
  PRIMARY KEY (tenant_id, store_id, report_id)
);
CREATE INDEX store_report_open ON store_report (tenant_id, store_id, created_at) WHERE fetched_at IS NULL;

-- A payout that was asked for. The intent is on record before the marketplace is asked; an answer that did not come is
-- looked up before it is asked again.
CREATE TABLE payout_request (
  tenant_id      text        NOT NULL,
  request_id     text        NOT NULL,
  store_id       text        NOT NULL,
  seller_id      text        NOT NULL,
  marketplace_id text        NOT NULL,
  account_type   text        NOT NULL,
  state          text        NOT NULL CHECK (state IN ('intended', 'asked', 'initiated', 'refused', 'given-up')),
  requested_at   timestamptz NOT NULL,
  requested_by   text        NOT NULL,
  asked_at       timestamptz,                    -- when it was last sent
  ask_count      integer     NOT NULL,
  answered_at    timestamptz,
  reference      text,                           -- the marketplace's own, of the payout that it made
  reasons        jsonb       NOT NULL,
  PRIMARY KEY (tenant_id, request_id)
);
CREATE INDEX payout_request_by_store ON payout_request (tenant_id, store_id, requested_at);
CREATE INDEX payout_request_open ON payout_request (tenant_id, store_id) WHERE state IN ('intended', 'asked');

-- Told beside statements and payouts. Append-only; a row opens to its raw object and its place there. The latest
-- telling is the one that arrived last.
CREATE TABLE balance_told (
  tenant_id      text        NOT NULL,
  source_sha256  text        NOT NULL,
  source_line    integer     NOT NULL,
  seller_id      text,
  marketplace    text        NOT NULL,
  partner_id     text,
  marketplace_id text,
  account_type   text,
  kind           text        NOT NULL,           -- total, available, reserved, deferred, account-level-reserve
  currency       text        NOT NULL,
  amount_minor   bigint      NOT NULL,
  updated_at     timestamptz,
  as_of_on       date,
  recorded_at    timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, source_sha256, source_line, kind)
);
CREATE INDEX balance_told_by_seller ON balance_told (tenant_id, seller_id, currency);

CREATE TABLE expected_payout (
  tenant_id      text        NOT NULL,
  source_sha256  text        NOT NULL,
  source_line    integer     NOT NULL,
  seller_id      text,
  marketplace    text        NOT NULL,
  partner_id     text,
  marketplace_id text,
  account_type   text,
  status         text        NOT NULL CHECK (status IN ('scheduled', 'disabled', 'at-risk', 'none', 'unknown')),
  currency       text,
  amount_minor   bigint,
  scheduled_at   timestamptz,
  settlement_ids jsonb       NOT NULL,
  recorded_at    timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, source_sha256, source_line)
);
CREATE INDEX expected_payout_by_seller ON expected_payout (tenant_id, seller_id, scheduled_at);

CREATE TABLE control_total (
  tenant_id      text        NOT NULL,
  source_sha256  text        NOT NULL,
  source_line    integer     NOT NULL,
  seller_id      text,
  marketplace    text        NOT NULL,
  settlement_id  text        NOT NULL,
  currency       text        NOT NULL,
  amount_minor   bigint      NOT NULL,
  recorded_at    timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, source_sha256, source_line)
);
CREATE INDEX control_total_by_settlement ON control_total (tenant_id, marketplace, settlement_id);

CREATE TABLE deferred_told (
  tenant_id         text        NOT NULL,
  source_sha256     text        NOT NULL,
  source_line       integer     NOT NULL,        -- of the first transaction in the sum
  seller_id         text,
  marketplace       text        NOT NULL,
  partner_id        text,
  marketplace_id    text,
  currency          text        NOT NULL,
  amount_minor      bigint      NOT NULL,
  transaction_count integer     NOT NULL,
  release_on        date,                        -- null where the marketplace does not say
  reason            text,                        -- DD7, B2B, …, as told
  recorded_at       timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, source_sha256, source_line)
);
CREATE INDEX deferred_told_by_seller ON deferred_told (tenant_id, seller_id, currency, release_on);
