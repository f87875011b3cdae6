-- Which credits pay which payouts, what was undone, what is held and what was released. Append-only but for
-- hold.closed_at, which is written once.

CREATE TABLE match (
  tenant_id    text        NOT NULL,
  match_id     text        NOT NULL,
  payout_id    text        NOT NULL,
  credit_id    text        NOT NULL,
  currency     text        NOT NULL,
  amount_minor bigint      NOT NULL CHECK (amount_minor > 0),   -- of the credit, in the credit's currency
  charge_currency text,
  charge_minor bigint      NOT NULL CHECK (charge_minor >= 0),  -- deducted on the way, in the payout's currency
  paid_minor   bigint      NOT NULL CHECK (paid_minor > 0),     -- of the payout, in the payout's currency
  layer        text        NOT NULL CHECK (layer IN ('reference', 'amount-date-payer', 'sum-date-payer')),
  matched_at   timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, match_id)
);
CREATE INDEX match_by_payout ON match (tenant_id, payout_id);
CREATE INDEX match_by_credit ON match (tenant_id, credit_id);

CREATE TABLE release (
  tenant_id    text        NOT NULL,
  release_id   text        NOT NULL,
  payout_id    text        NOT NULL,
  match_id     text        NOT NULL,
  amount_minor bigint      NOT NULL CHECK (amount_minor > 0),
  released_at  timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, release_id)
);
CREATE INDEX release_by_payout ON release (tenant_id, payout_id);
CREATE INDEX release_by_match ON release (tenant_id, match_id);

-- A reversal or return, applied to exactly the credit that it names. match_id is null for the part that was
-- still in suspense.
CREATE TABLE undo (
  tenant_id      text        NOT NULL,
  undo_id        text        NOT NULL,
  debit_id       text        NOT NULL,
  credit_id      text        NOT NULL,
  match_id       text,
  amount_minor   bigint      NOT NULL CHECK (amount_minor > 0),
  released_minor bigint      NOT NULL CHECK (released_minor >= 0),  -- of it, what was usable already
  paid_minor     bigint      NOT NULL CHECK (paid_minor >= 0),      -- what the payout owes again
  undone_at      timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, undo_id)
);
CREATE INDEX undo_by_debit ON undo (tenant_id, debit_id);
CREATE INDEX undo_by_credit ON undo (tenant_id, credit_id);
CREATE INDEX undo_by_match ON undo (tenant_id, match_id);

CREATE TABLE hold (
  tenant_id    text        NOT NULL,
  hold_id      text        NOT NULL,
  payout_id    text        NOT NULL,
  code         text        NOT NULL,
  currency     text        NOT NULL,
  amount_minor bigint      NOT NULL CHECK (amount_minor > 0),
  message      text        NOT NULL,
  papers       jsonb       NOT NULL,
  owner        text        NOT NULL,
  due_on       date        NOT NULL,
  opened_at    timestamptz NOT NULL,
  closed_at    timestamptz,
  PRIMARY KEY (tenant_id, hold_id)
);
CREATE INDEX hold_by_payout ON hold (tenant_id, payout_id);
