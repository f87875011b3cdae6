-- What the bank and the authority say of an enterprise, each from a day on; and what a hold tells besides its amount.

CREATE TABLE enterprise_record (
  tenant_id     text        NOT NULL,
  seller_id     text        NOT NULL,
  from_on       date        NOT NULL,
  recorded_at   timestamptz NOT NULL,             -- of two of one day, the later stands
  class         text CHECK (class IN ('A', 'B', 'C')),
  directory     text CHECK (directory IN ('listed', 'not-listed')),
  quality       boolean     NOT NULL,
  tier          text CHECK (tier IN ('I', 'II', 'III')),
  source        text        NOT NULL,             -- who says so: a file's name, a notice
  source_line   integer,
  recorded_by   text        NOT NULL,
  PRIMARY KEY (tenant_id, seller_id, from_on, recorded_at)
);

ALTER TABLE hold
  ADD COLUMN message_zh     text,
  ADD COLUMN consequence    text,
  ADD COLUMN consequence_zh text,
  ADD COLUMN rule           text;                 -- "pack/rule" behind it; null: a rule of the channel itself
