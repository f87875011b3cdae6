-- Periodic work with a lease each, and raw objects for installations that keep them in the database.

CREATE TABLE job (
  tenant_id     text        NOT NULL,
  job_key       text        NOT NULL,
  owner         text        NOT NULL,            -- the process that took it last
  epoch         bigint      NOT NULL,            -- raised with every taking: who has an older one is done
  lease_until   timestamptz NOT NULL,
  due_at        timestamptz NOT NULL,
  woken_at      timestamptz,                     -- asked for out of turn, also while it ran
  started_at    timestamptz,
  ended_at      timestamptz,
  succeeded_at  timestamptz,
  failure_count integer     NOT NULL,            -- failures in a row
  PRIMARY KEY (tenant_id, job_key)
);

-- Where the raw objects of this database are: decided when the first program opens it, the same for all that follow.
CREATE TABLE raw_place (
  tenant_id text        NOT NULL,
  place     text        NOT NULL CHECK (place IN ('folder', 'database')),
  chosen_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id)
);

CREATE TABLE raw_object (
  tenant_id  text        NOT NULL,
  sha256     text        NOT NULL,
  content_id text        NOT NULL,               -- whose parts are its bytes
  byte_count bigint      NOT NULL CHECK (byte_count >= 0),
  stored_at  timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, sha256)
);

-- The bytes in pieces, each compressed by itself. Parts that no object names were left by a program that died.
CREATE TABLE raw_part (
  tenant_id  text        NOT NULL,
  content_id text        NOT NULL,
  part       integer     NOT NULL CHECK (part >= 0),
  bytes      bytea       NOT NULL,
  made_at    timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, content_id, part)
);
CREATE INDEX raw_part_by_age ON raw_part (tenant_id, made_at);
CREATE INDEX raw_object_by_content ON raw_object (tenant_id, content_id);

-- Said to a process that does not hold the ledger: whose a file is that is on record for nobody.
CREATE TABLE raw_claim (
  tenant_id  text        NOT NULL,
  sha256     text        NOT NULL,
  seller_id  text        NOT NULL,
  claimed_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, sha256, seller_id)
);

-- What is held now, for the metrics: few among all holds that ever were.
CREATE INDEX hold_open ON hold (tenant_id, payout_id) WHERE closed_at IS NULL;
