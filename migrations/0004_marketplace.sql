-- Statements and payouts as the marketplace tells them. Lines stay in the raw file; sums per group stand here.

-- One row for each reading of a settlement; `is_current` marks the one that counts. A proven reading is
-- never replaced; a quarantined one gives way to a proven re-issue.
CREATE TABLE statement (
  tenant_id       text        NOT NULL,
  statement_id    text        NOT NULL,
  marketplace     text        NOT NULL,
  settlement_id   text        NOT NULL,
  seller_id       text,
  format          text        NOT NULL,
  marketplace_names jsonb     NOT NULL,
  currency        text,
  period_start_at timestamptz,
  period_end_at   timestamptz,
  line_count      bigint      NOT NULL,
  declared_minor  bigint,
  summed_minor    bigint      NOT NULL,
  verdict         text        NOT NULL CHECK (verdict IN ('proven', 'quarantined')),
  reasons         jsonb       NOT NULL,
  groups          jsonb       NOT NULL,          -- [{transactionType, amountType, amountDescription, class, …}]
  source_sha256   text        NOT NULL,
  first_line      integer     NOT NULL,
  last_line       integer     NOT NULL,
  recorded_at     timestamptz NOT NULL,
  is_current      boolean     NOT NULL,
  state           text        NOT NULL
    CHECK (state IN ('quarantined', 'awaiting-seller', 'posted', 'replaced', 'confirming', 'differing')),
  payout_id       text,                          -- the payout that pays it, once known
  has_unknown     boolean     NOT NULL,          -- some of its lines are of a kind that is not known
  taken_back_minor bigint     NOT NULL,          -- failed transfers that it takes back into the balance
  PRIMARY KEY (tenant_id, statement_id)
);
CREATE INDEX statement_by_settlement ON statement (tenant_id, marketplace, settlement_id);
CREATE INDEX statement_by_seller ON statement (tenant_id, seller_id, currency, period_end_at);
CREATE INDEX statement_by_state ON statement (tenant_id, state);
CREATE INDEX statement_by_payout ON statement (tenant_id, payout_id);
CREATE INDEX statement_by_source ON statement (tenant_id, source_sha256);

-- Every announcement as read; a payout is what they add up to.
CREATE TABLE payout_announcement (
  tenant_id       text        NOT NULL,
  announcement_id text        NOT NULL,
  payout_id       text        NOT NULL,
  source          text        NOT NULL,
  reference       text        NOT NULL,
  announced       jsonb       NOT NULL,
  source_sha256   text        NOT NULL,
  source_line     integer     NOT NULL,
  recorded_at     timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, announcement_id)
);
CREATE INDEX payout_announcement_by_payout ON payout_announcement (tenant_id, payout_id);
CREATE INDEX payout_announcement_by_source ON payout_announcement (tenant_id, source_sha256);

CREATE TABLE payout (
  tenant_id         text        NOT NULL,
  payout_id         text        NOT NULL,
  seller_id         text,
  marketplace       text        NOT NULL,
  source            text        NOT NULL,        -- statement (expected), list-payouts, event-group, date-range-transfer
  reference         text        NOT NULL,
  currency          text        NOT NULL,
  amount_minor      bigint      NOT NULL,
  original_currency text,
  original_minor    bigint,
  announced_status  text        NOT NULL,
  initiated_at      timestamptz,
  period_start_at   timestamptz,
  period_end_at     timestamptz,
  account_tail      text,
  trace_ids         jsonb       NOT NULL,
  settlement_ids    jsonb       NOT NULL,        -- as announced; what is linked stands in statement.payout_id
  is_converted      boolean     NOT NULL DEFAULT false,  -- the marketplace's own exchange is in the books
  failed_by         text,                        -- the later statement that took the failed transfer back
  merged_into       text,                        -- another announcement of the same money took its place
  state             text        NOT NULL CHECK (state IN
    ('expected', 'announced', 'held', 'released', 'part-released', 'returned', 'failed', 'merged', 'charged')),
  is_open           boolean     NOT NULL,        -- may still take a credit or a release
  recorded_at       timestamptz NOT NULL,
  version           bigint      NOT NULL,
  PRIMARY KEY (tenant_id, payout_id)
);
CREATE INDEX payout_open_by_amount ON payout (tenant_id, seller_id, currency, amount_minor) WHERE is_open;
CREATE INDEX payout_by_reference ON payout (tenant_id, reference);
CREATE INDEX payout_by_seller ON payout (tenant_id, seller_id, currency, initiated_at);
CREATE INDEX payout_by_merge ON payout (tenant_id, merged_into) WHERE merged_into IS NOT NULL;

-- References that a bank may print, normalised (A-Z0-9), so that a credit finds its payout by index.
CREATE TABLE payout_trace (
  tenant_id text NOT NULL,
  token     text NOT NULL,
  payout_id text NOT NULL,
  PRIMARY KEY (tenant_id, token, payout_id)
);
CREATE INDEX payout_trace_by_payout ON payout_trace (tenant_id, payout_id);
