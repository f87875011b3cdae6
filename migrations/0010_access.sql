-- Who may act: users, second factors, sessions, API keys. Passwords are scrypt hashes, tokens and keys SHA-256 hashes,
-- TOTP secrets sealed under a key that is not in the database. Acts themselves are events of the timeline.

CREATE TABLE access_user (
  tenant_id     text        NOT NULL,
  user_id       text        NOT NULL,            -- user_…
  email         text        NOT NULL,            -- normalised: trimmed, lower case
  name          text        NOT NULL,
  role          text        NOT NULL,
  seller_id     text,                            -- the one seller of a seller-… role
  state         text        NOT NULL CHECK (state IN ('proposed', 'invited', 'active', 'disabled')),
  password_hash text,                            -- scrypt$N$r$p$salt$hash; null: none set (invited, or SSO only)
  made_at       timestamptz NOT NULL,
  signed_in_at  timestamptz,
  version       bigint      NOT NULL,
  PRIMARY KEY (tenant_id, user_id),
  CHECK ((seller_id IS NOT NULL) = (role LIKE 'seller-%'))
);
CREATE UNIQUE INDEX access_user_by_email ON access_user (tenant_id, email);
CREATE INDEX access_user_by_seller ON access_user (tenant_id, seller_id) WHERE seller_id IS NOT NULL;

-- Who a company's own sign-in says a user is.
CREATE TABLE access_identity (
  tenant_id text        NOT NULL,
  issuer    text        NOT NULL,
  subject   text        NOT NULL,
  user_id   text        NOT NULL,
  linked_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, issuer, subject)
);
CREATE INDEX access_identity_by_user ON access_identity (tenant_id, user_id);

CREATE TABLE access_totp (
  tenant_id     text        NOT NULL,
  user_id       text        NOT NULL,
  secret_sealed text        NOT NULL,
  confirmed_at  timestamptz NOT NULL,
  last_step     bigint      NOT NULL,            -- the 30-second step of the last code that was taken: none twice
  PRIMARY KEY (tenant_id, user_id)
);

CREATE TABLE access_passkey (
  tenant_id     text        NOT NULL,
  credential_id text        NOT NULL,            -- base64url, as the authenticator names it
  user_id       text        NOT NULL,
  public_key    text        NOT NULL,            -- COSE key, base64url
  use_count     bigint      NOT NULL,            -- the authenticator's own counter; 0 for ever where it has none
  transports    jsonb       NOT NULL,
  name          text        NOT NULL,
  is_backed_up  boolean     NOT NULL,
  added_at      timestamptz NOT NULL,
  used_at       timestamptz,
  PRIMARY KEY (tenant_id, credential_id)
);
CREATE INDEX access_passkey_by_user ON access_passkey (tenant_id, user_id);

CREATE TABLE access_recovery_code (
  tenant_id text        NOT NULL,
  user_id   text        NOT NULL,
  code_hash text        NOT NULL,
  made_at   timestamptz NOT NULL,
  used_at   timestamptz,
  PRIMARY KEY (tenant_id, user_id, code_hash)
);

CREATE TABLE access_session (
  tenant_id     text        NOT NULL,
  session_id    text        NOT NULL,            -- ses_…
  token_hash    text        NOT NULL,
  user_id       text        NOT NULL,
  stage         text        NOT NULL CHECK (stage IN ('first-factor', 'enrol', 'full')),
  factor        text        NOT NULL,            -- password, totp, passkey, recovery-code, sso
  client        text        NOT NULL,            -- what the browser called itself, for its owner's list
  made_at       timestamptz NOT NULL,
  seen_at       timestamptz NOT NULL,            -- to the minute
  stepped_up_at timestamptz,
  ends_at       timestamptz NOT NULL,            -- whatever it does
  ended_at      timestamptz,                     -- signed out, or ended by somebody
  PRIMARY KEY (tenant_id, session_id)
);
CREATE UNIQUE INDEX access_session_by_token ON access_session (tenant_id, token_hash);
CREATE INDEX access_session_by_user ON access_session (tenant_id, user_id, made_at);

-- What is good once and for a short time: invitations, challenges of passkeys, the way back from a company's sign-in.
CREATE TABLE access_ticket (
  tenant_id   text        NOT NULL,
  ticket_hash text        NOT NULL,
  purpose     text        NOT NULL,
  bound_to    text        NOT NULL,              -- the user, session or browser that alone may use it
  data_sealed text        NOT NULL,
  made_at     timestamptz NOT NULL,
  expires_at  timestamptz NOT NULL,
  used_at     timestamptz,
  PRIMARY KEY (tenant_id, ticket_hash)
);
CREATE INDEX access_ticket_by_purpose ON access_ticket (tenant_id, purpose, bound_to);
CREATE INDEX access_ticket_by_expiry ON access_ticket (tenant_id, expires_at);

-- Failures in a row and the growing wait that follows, by a hash of what was tried: a name, an address, a factor.
CREATE TABLE access_attempt (
  tenant_id     text        NOT NULL,
  tried_hash    text        NOT NULL,
  failure_count integer     NOT NULL,
  refused_count integer     NOT NULL,            -- tries during a wait: refused unheard
  last_at       timestamptz NOT NULL,
  locked_until  timestamptz,
  PRIMARY KEY (tenant_id, tried_hash)
);
CREATE INDEX access_attempt_by_time ON access_attempt (tenant_id, last_at);

CREATE TABLE access_key (
  tenant_id   text        NOT NULL,
  key_id      text        NOT NULL,              -- key_…
  secret_hash text        NOT NULL,
  hint        text        NOT NULL,              -- the last characters, to tell keys apart
  name        text        NOT NULL,
  role        text        NOT NULL,
  seller_id   text,
  scopes      jsonb       NOT NULL,
  made_by     text        NOT NULL,
  made_at     timestamptz NOT NULL,
  expires_at  timestamptz NOT NULL,
  revoked_at  timestamptz,
  replaces    text,                              -- the key that this one was rotated from
  used_at     timestamptz,                       -- to the minute
  version     bigint      NOT NULL,
  PRIMARY KEY (tenant_id, key_id),
  CHECK ((seller_id IS NOT NULL) = (role LIKE 'seller-%'))
);
CREATE UNIQUE INDEX access_key_by_secret ON access_key (tenant_id, secret_hash);
CREATE INDEX access_key_by_seller ON access_key (tenant_id, seller_id) WHERE seller_id IS NOT NULL;

-- The audit trail: events of somebody, newest first.
CREATE INDEX timeline_event_by_actor ON timeline_event (tenant_id, seq) WHERE actor IS NOT NULL;
