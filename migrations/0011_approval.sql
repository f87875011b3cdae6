-- Four eyes: what one person asked for and another decided; holds that were waived so. Every row is written once.

CREATE TABLE approval (
  tenant_id    text        NOT NULL,
  approval_id  text        NOT NULL,             -- made of kind, claim and how often that was asked before
  kind         text        NOT NULL CHECK (kind IN ('hold-release', 'account-binding', 'role-change')),
  claim        text        NOT NULL,             -- what may be pending once only: a hold, an account, a user
  subject      text        NOT NULL,             -- the object it is about: po_…, a seller id, user_…
  seller_id    text,                             -- whose it is; null: the institution's own
  body         jsonb       NOT NULL,             -- what changes, before and after; its shape is the kind's
  reason       text        NOT NULL CHECK (reason <> ''),
  maker        text        NOT NULL,             -- who asked: user_… or key_…
  maker_person text        NOT NULL,             -- the person behind: of a key, who answers for it
  requested_at timestamptz NOT NULL,
  expires_at   timestamptz NOT NULL CHECK (expires_at > requested_at),
  PRIMARY KEY (tenant_id, approval_id)
);
CREATE INDEX approval_by_claim ON approval (tenant_id, kind, claim);
CREATE INDEX approval_by_time ON approval (tenant_id, requested_at, approval_id);
CREATE INDEX approval_by_seller ON approval (tenant_id, seller_id, requested_at);
CREATE INDEX approval_by_subject ON approval (tenant_id, subject);

-- One decision for ever: the key admits no second. The checks are the last line of defence; the rules stand before.
CREATE TABLE approval_decision (
  tenant_id    text        NOT NULL,
  approval_id  text        NOT NULL,
  outcome      text        NOT NULL CHECK (outcome IN ('approved', 'denied', 'expired')),
  maker_person text        NOT NULL,             -- as asked, so that the check below can see it
  checker      text,                             -- user_…; null: nobody decided in time
  reason       text,
  decided_at   timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, approval_id),
  CONSTRAINT approval_decision_by CHECK ((outcome = 'expired') = (checker IS NULL)),
  CONSTRAINT approval_four_eyes CHECK (checker IS NULL OR checker <> maker_person),
  CONSTRAINT approval_denial_reason CHECK (outcome <> 'denied' OR coalesce(reason, '') <> '')
);

-- What became of an approved act: done, or no longer possible, with the reason.
CREATE TABLE approval_execution (
  tenant_id   text        NOT NULL,
  approval_id text        NOT NULL,
  outcome     text        NOT NULL CHECK (outcome IN ('executed', 'lapsed')),
  code        text,
  message     text,
  executed_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, approval_id),
  CONSTRAINT approval_lapse_reason CHECK ((outcome = 'lapsed') = (code IS NOT NULL))
);

-- A hold waived by hand: of this credit, for this payout, up to `up_to_minor` in all may be used although the rule
-- with this code holds it, as long as the rule complains of nothing but what `causes` names.
CREATE TABLE hold_waiver (
  tenant_id    text        NOT NULL,
  waiver_id    text        NOT NULL,
  approval_id  text        NOT NULL,
  payout_id    text        NOT NULL,
  code         text        NOT NULL,
  credit_id    text        NOT NULL,
  currency     text        NOT NULL,
  amount_minor bigint      NOT NULL CHECK (amount_minor > 0),
  up_to_minor  bigint      NOT NULL CHECK (up_to_minor >= amount_minor),
  causes       jsonb       NOT NULL,
  waived_at    timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, waiver_id)
);
CREATE INDEX hold_waiver_by_payout ON hold_waiver (tenant_id, payout_id);
CREATE INDEX hold_waiver_by_approval ON hold_waiver (tenant_id, approval_id);

-- Whose an account is from a day on, where that was changed by an approved act. An account without rows is its
-- seller's in seller_account, whatever the day; one with rows has its first owner from '0001-01-01' on.
CREATE TABLE seller_account_change (
  tenant_id      text        NOT NULL,
  account_number text        NOT NULL,
  currency       text        NOT NULL,
  from_on        date        NOT NULL,
  seller_id      text        NOT NULL,
  approval_id    text,                           -- null: as it was before the first change
  changed_at     timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, account_number, currency, from_on)
);

ALTER TABLE seller_account DROP CONSTRAINT seller_account_bound_by_check;
ALTER TABLE seller_account ADD CONSTRAINT seller_account_bound_by_check
  CHECK (bound_by IN ('registry', 'settle', 'approval'));

-- For whom a file came: the same bytes may come for two sellers, who are told nothing of each other.
ALTER TABLE raw_arrival ADD COLUMN seller_id text;
UPDATE raw_arrival AS a SET seller_id = f.seller_id
  FROM raw_file AS f WHERE f.tenant_id = a.tenant_id AND f.sha256 = a.sha256;
CREATE INDEX raw_arrival_by_file ON raw_arrival (tenant_id, sha256, arrived_at);

-- Whether a password is set, for readers who may not see its hash.
ALTER TABLE access_user ADD COLUMN has_password boolean GENERATED ALWAYS AS (password_hash IS NOT NULL) STORED;

-- Which policies of row-level security stand, by their checksum; without them isolation rests on the queries alone.
CREATE TABLE row_security (
  name     text NOT NULL,
  checksum text NOT NULL,
  PRIMARY KEY (name)
);
