-- What makes the end independent of the order in which messages came: each telling keeps all it said, so that a
-- transaction is computed from the set of its tellings, and a charge that is documented after its credit was matched
-- is a match of its own that moves no money.

ALTER TABLE bank_notice ADD COLUMN told jsonb;   -- references, dates and details as this notice tells them

ALTER TABLE match DROP CONSTRAINT match_amount_minor_check;
ALTER TABLE match ADD CONSTRAINT match_amount_minor_check
  CHECK (amount_minor >= 0 AND (amount_minor > 0 OR charge_minor > 0));
ALTER TABLE undo DROP CONSTRAINT undo_amount_minor_check;
ALTER TABLE undo ADD CONSTRAINT undo_amount_minor_check
  CHECK (amount_minor >= 0 AND (amount_minor > 0 OR paid_minor > 0));
