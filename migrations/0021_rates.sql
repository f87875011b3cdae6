-- Reference rates by day and source, as given. Append-only: a corrected rate of the same day and source is another row.

CREATE TABLE reference_rate (
  tenant_id     text        NOT NULL,
  base          text        NOT NULL,
  quote         text        NOT NULL,
  on_day        date        NOT NULL,
  source        text        NOT NULL,            -- who says so
  rate          text        NOT NULL,            -- exact decimal: so much of quote for `unit` of base
  unit          integer     NOT NULL CHECK (unit IN (1, 100)),
  source_sha256 text,                            -- the raw file; null: a feed
  source_line   integer,
  recorded_at   timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, base, quote, on_day, source, rate)
);
CREATE INDEX reference_rate_by_day ON reference_rate (tenant_id, on_day);
