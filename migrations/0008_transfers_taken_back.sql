-- The few statements that take failed transfers back, and the payouts that they took back: looked up with each file.

CREATE INDEX statement_taking_back ON statement (tenant_id, seller_id) WHERE taken_back_minor > 0;
CREATE INDEX payout_taken_back ON payout (tenant_id, failed_by) WHERE failed_by IS NOT NULL;
