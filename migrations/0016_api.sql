-- Answers kept for repeated requests; uploads by whom and when; the order in which payouts are listed.

-- One row for each key that a caller sent with a request that moves money.
CREATE TABLE idempotency_key (
  tenant_id   text        NOT NULL,
  caller_id   text        NOT NULL,              -- user or key: another caller's key is another key
  key         text        NOT NULL,
  fingerprint text        NOT NULL,              -- sha256 of method, path, query and body
  attempt     integer     NOT NULL CHECK (attempt > 0),
  state       text        NOT NULL CHECK (state IN ('running', 'answered')),
  started_at  timestamptz NOT NULL,
  lease_until timestamptz NOT NULL,              -- a run that is older was interrupted; the next one takes over
  expires_at  timestamptz NOT NULL,
  status      integer,
  headers     jsonb,
  body        text,
  PRIMARY KEY (tenant_id, caller_id, key),
  CHECK ((state = 'answered') = (status IS NOT NULL AND headers IS NOT NULL AND body IS NOT NULL))
);
CREATE INDEX idempotency_key_by_expiry ON idempotency_key (tenant_id, expires_at);

-- Append-only: what was handed in by request, by whom. The file itself and how far it was read stand in raw_file.
CREATE TABLE upload (
  tenant_id   text        NOT NULL,
  upload_id   text        NOT NULL,
  caller_id   text        NOT NULL,
  seller_id   text,                              -- for whom, where the caller said so or is bound to one
  sha256      text        NOT NULL,
  name        text        NOT NULL,
  byte_count  bigint      NOT NULL,
  uploaded_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, upload_id)
);
CREATE INDEX upload_by_time ON upload (tenant_id, uploaded_at, upload_id);

-- The orders of the lists: a page is read from its cursor on.
CREATE INDEX payout_by_day ON payout
  (tenant_id, (coalesce(initiated_at, period_end_at, recorded_at)), payout_id) WHERE merged_into IS NULL;
CREATE INDEX bank_transaction_by_record ON bank_transaction (tenant_id, direction, recorded_at, transaction_id);
CREATE INDEX statement_by_record ON statement (tenant_id, recorded_at, statement_id);
CREATE INDEX match_by_time ON match (tenant_id, matched_at, match_id);
CREATE INDEX hold_by_time ON hold (tenant_id, opened_at, hold_id);
CREATE INDEX raw_file_by_time ON raw_file (tenant_id, stored_at, sha256);
