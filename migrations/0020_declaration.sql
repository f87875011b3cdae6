-- Declarations of receipts: what was numbered, each version of it, and what became of it. Nothing here is ever changed.

ALTER TABLE enterprise_record
  ADD COLUMN credit_code text;                    -- unified social credit code, 18 places

-- The last serial given out by a branch on a day; numbers are given out in the step that writes their declarations.
CREATE TABLE declaration_serial (
  tenant_id  text    NOT NULL,
  branch     text    NOT NULL,                    -- places 1 to 12 of a declaration number
  on_day     date    NOT NULL,
  last       integer NOT NULL CHECK (last > 0),
  PRIMARY KEY (tenant_id, branch, on_day)
);

CREATE TABLE declaration (
  tenant_id      text        NOT NULL,
  declaration_id text        NOT NULL,            -- decl_…
  rpt_no         text        NOT NULL,
  credit_id      text        NOT NULL,
  payout_id      text,
  seller_id      text        NOT NULL,
  row_no         integer     NOT NULL,            -- of the rows of one credit, the actual or plain one first
  kind           text        NOT NULL CHECK (kind IN ('plain', 'actual', 'restored-income', 'restored-expense')),
  credited_on    date        NOT NULL,            -- T
  due_on         date        NOT NULL,            -- the payee declares by then
  made_at        timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, declaration_id)
);
CREATE UNIQUE INDEX declaration_by_number ON declaration (tenant_id, rpt_no);
CREATE UNIQUE INDEX declaration_by_credit ON declaration (tenant_id, credit_id, row_no, rpt_no);
CREATE INDEX declaration_by_due ON declaration (tenant_id, due_on, declaration_id);

CREATE TABLE declaration_version (
  tenant_id      text        NOT NULL,
  declaration_id text        NOT NULL,
  version        integer     NOT NULL,
  action_type    text        NOT NULL CHECK (action_type IN ('A', 'C', 'D')),
  action_desc    text        NOT NULL,
  base           jsonb       NOT NULL,            -- file A
  information    jsonb       NOT NULL,            -- file G
  faults         jsonb       NOT NULL,            -- rules that it breaks; one that breaks any is not filed
  made_by        text,                            -- null: the channel itself
  made_at        timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, declaration_id, version)
);

-- What became of a version: confirmed by the payee, filed, answered.
CREATE TABLE declaration_mark (
  tenant_id      text        NOT NULL,
  declaration_id text        NOT NULL,
  version        integer     NOT NULL,
  kind           text        NOT NULL CHECK (kind IN ('confirmed', 'filed', 'accepted', 'rejected')),
  detail         jsonb       NOT NULL,            -- file and its hash; the answer's words
  marked_by      text,
  marked_at      timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, declaration_id, version, kind)
);
