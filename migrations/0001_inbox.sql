-- What arrived, before anyone reads it. The bytes themselves stand in the raw store under their sha256.

CREATE TABLE raw_file (
  tenant_id   text        NOT NULL,
  sha256      text        NOT NULL,
  byte_count  bigint      NOT NULL CHECK (byte_count >= 0),
  name        text        NOT NULL,              -- as first received
  stored_at   timestamptz NOT NULL,              -- the minute clock of its credits starts here
  seller_id   text,                              -- whose file it is, where the sender said so
  kind        text        NOT NULL CHECK (kind IN ('marketplace', 'bank', 'unknown')),
  format      text,                              -- found by content; null while not read
  state       text        NOT NULL CHECK (state IN ('stored', 'read', 'refused')),
  reasons     jsonb       NOT NULL DEFAULT '[]',
  read_at     timestamptz,
  PRIMARY KEY (tenant_id, sha256)
);
CREATE INDEX raw_file_by_state ON raw_file (tenant_id, state, stored_at);

-- Every time a file came, under whatever name: a repeat is a fact too.
CREATE TABLE raw_arrival (
  tenant_id  text        NOT NULL,
  arrival_id text        NOT NULL,
  sha256     text        NOT NULL,
  name       text        NOT NULL,
  arrived_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, arrival_id)
);

-- The append-only story of every object: payouts, credits, statements, files, sellers.
CREATE TABLE timeline_event (
  tenant_id     text        NOT NULL,
  subject       text        NOT NULL,            -- po_…, cr_…, st_…, seller id, file sha256
  event_id      text        NOT NULL,
  kind          text        NOT NULL,
  at            timestamptz NOT NULL,
  data          jsonb       NOT NULL,
  source_sha256 text,
  source_line   integer,
  PRIMARY KEY (tenant_id, subject, event_id)
);
