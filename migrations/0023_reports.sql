-- What a programme set out to reach, so that reports can say how far it is. Append-only: a changed target is a new row
-- that names the one it takes the place of.

CREATE TABLE programme_target (
  tenant_id       text        NOT NULL,
  target_id       text        NOT NULL,          -- tgt_…
  title_en        text        NOT NULL,
  title_zh        text        NOT NULL,
  figure          text        NOT NULL CHECK (figure IN ('receipts-usd', 'conversions-usd', 'refunds-usd',
                                                         'netted-fees-usd', 'receipt-count', 'sellers-paid')),
  dimension       text,                          -- only flows of which this dimension …
  dimension_value text,                          -- … has this value
  basis           text        NOT NULL CHECK (basis IN ('year', 'cumulative')),
  since_on        date,                          -- of a cumulative target: its first day
  goal            bigint      NOT NULL CHECK (goal > 0),       -- US dollar cents, or a number of things
  due_on          date        NOT NULL,          -- of a target of a year: a day of that year
  baseline        bigint      NOT NULL CHECK (baseline >= 0),  -- what was, in the same unit
  baseline_from   date        NOT NULL,
  baseline_to     date        NOT NULL,
  source          text        NOT NULL,          -- where the programme says so
  set_by          text        NOT NULL,
  set_at          timestamptz NOT NULL,
  replaces        text,
  is_withdrawn    boolean     NOT NULL,          -- this row only says that the target it replaces is given up
  PRIMARY KEY (tenant_id, target_id),
  CHECK ((dimension IS NULL) = (dimension_value IS NULL)),
  CHECK ((basis = 'cumulative') = (since_on IS NOT NULL)),
  CHECK (baseline_from <= baseline_to),
  CHECK (NOT is_withdrawn OR replaces IS NOT NULL)
);
-- One row takes another's place once.
CREATE UNIQUE INDEX programme_target_replaced ON programme_target (tenant_id, replaces) WHERE replaces IS NOT NULL;
