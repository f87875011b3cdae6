-- Who is paid: sellers and the bank accounts that are theirs.

CREATE TABLE seller (
  tenant_id     text        NOT NULL,
  seller_id     text        NOT NULL,
  legal_name    text        NOT NULL,
  registered_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, seller_id)
);

-- One account number in one currency belongs to one seller. Re-binding is a later, approved act.
CREATE TABLE seller_account (
  tenant_id      text        NOT NULL,
  account_number text        NOT NULL,
  currency       text        NOT NULL,
  seller_id      text        NOT NULL,
  bound_at       timestamptz NOT NULL,
  bound_by       text        NOT NULL CHECK (bound_by IN ('registry', 'settle')),
  PRIMARY KEY (tenant_id, account_number, currency)
);
CREATE INDEX seller_account_by_seller ON seller_account (tenant_id, seller_id);
