-- Subscribers to events, and every delivery that was tried.

CREATE TABLE webhook_endpoint (
  tenant_id      text        NOT NULL,
  endpoint_id    text        NOT NULL,           -- we_…
  seller_id      text,                           -- whose events it gets; null: everybody's
  url            text        NOT NULL,
  description    text        NOT NULL,
  event_types    jsonb       NOT NULL,           -- ["payout.released", …]; []: all
  state          text        NOT NULL CHECK (state IN ('enabled', 'disabled', 'deleted')),
  disabled_code  text        CHECK (disabled_code IN ('by-hand', 'gone', 'failing')),
  secrets_sealed text        NOT NULL,           -- HMAC secret and Ed25519 pair
  public_key     text        NOT NULL,           -- whpk_…
  earlier_sealed text,                           -- those before the last rotation, which sign as well until then
  earlier_until  timestamptz,
  after_seq      bigint      NOT NULL,           -- the feed was looked through to here for it
  failure_count  integer     NOT NULL,           -- failed attempts in a row, whichever delivery's
  failing_since  timestamptz,
  paused_until   timestamptz,                    -- nothing is tried before: it fails
  succeeded_at   timestamptz,
  made_by        text        NOT NULL,
  made_at        timestamptz NOT NULL,
  version        bigint      NOT NULL,           -- of what people edit
  PRIMARY KEY (tenant_id, endpoint_id),
  CHECK ((state = 'disabled') = (disabled_code IS NOT NULL)),
  CHECK ((earlier_sealed IS NULL) = (earlier_until IS NULL))
);
CREATE INDEX webhook_endpoint_by_seller ON webhook_endpoint (tenant_id, seller_id) WHERE state <> 'deleted';

-- An event on its way to an endpoint. Of one object's events the next is not tried before this one has ended.
CREATE TABLE webhook_delivery (
  tenant_id        text        NOT NULL,
  delivery_id      text        NOT NULL,         -- dlv_…
  endpoint_id      text        NOT NULL,
  seq              bigint      NOT NULL,         -- the event, by its place in the feed
  subject          text        NOT NULL,
  event_type       text        NOT NULL,
  origin           text        NOT NULL CHECK (origin IN ('feed', 'replay', 'resend')),
  replay_id        text,
  state            text        NOT NULL CHECK (state IN ('pending', 'delivered', 'failed', 'cancelled')),
  attempt_count    integer     NOT NULL CHECK (attempt_count >= 0),
  first_attempt_at timestamptz,
  next_attempt_at  timestamptz NOT NULL,         -- while it is being tried: when that would be given up
  made_at          timestamptz NOT NULL,
  ended_at         timestamptz,
  PRIMARY KEY (tenant_id, delivery_id),
  CHECK ((state = 'pending') = (ended_at IS NULL))
);
CREATE UNIQUE INDEX webhook_delivery_pending ON webhook_delivery (tenant_id, endpoint_id, seq) WHERE state = 'pending';
CREATE INDEX webhook_delivery_lane ON webhook_delivery (tenant_id, endpoint_id, subject, seq) WHERE state = 'pending';
CREATE INDEX webhook_delivery_due ON webhook_delivery (tenant_id, endpoint_id, next_attempt_at, seq) WHERE state = 'pending';
CREATE INDEX webhook_delivery_by_time ON webhook_delivery (tenant_id, endpoint_id, made_at, delivery_id);
CREATE INDEX webhook_delivery_ended ON webhook_delivery (tenant_id, ended_at) WHERE state <> 'pending';

-- The log: what was answered to each attempt. Append-only; goes with its delivery.
CREATE TABLE webhook_attempt (
  tenant_id     text        NOT NULL,
  delivery_id   text        NOT NULL,
  attempt       integer     NOT NULL CHECK (attempt > 0),
  started_at    timestamptz NOT NULL,
  duration_ms   integer     NOT NULL CHECK (duration_ms >= 0),
  status        integer,                         -- HTTP status; null: no answer
  failure_code  text,                            -- why it does not count as delivered
  response_body text,                            -- its beginning
  is_cut        boolean     NOT NULL,            -- the answer was longer
  PRIMARY KEY (tenant_id, delivery_id, attempt)
);

-- A stretch of the feed to be delivered again.
CREATE TABLE webhook_replay (
  tenant_id   text        NOT NULL,
  replay_id   text        NOT NULL,              -- wr_…
  endpoint_id text        NOT NULL,
  from_seq    bigint      NOT NULL CHECK (from_seq >= 1),
  through_seq bigint      NOT NULL,
  subject     text,                              -- of this object only
  after_seq   bigint      NOT NULL,              -- looked through to here
  event_count bigint      NOT NULL,              -- deliveries made so far
  state       text        NOT NULL CHECK (state IN ('running', 'done', 'cancelled')),
  asked_by    text        NOT NULL,
  asked_at    timestamptz NOT NULL,
  ended_at    timestamptz,
  PRIMARY KEY (tenant_id, replay_id),
  CHECK (through_seq >= from_seq),
  CHECK ((state = 'running') = (ended_at IS NULL))
);
CREATE INDEX webhook_replay_running ON webhook_replay (tenant_id, endpoint_id) WHERE state = 'running';
CREATE INDEX webhook_replay_by_time ON webhook_replay (tenant_id, endpoint_id, asked_at, replay_id);
