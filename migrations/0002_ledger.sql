-- The double-entry ledger: partitions, accounts, transfers and what was drawn from a transfer.
-- Rules and meaning: docs/concepts/ledger.md. Every key leads with the tenant and the partition, ids are made by the
-- client, and nothing here needs a trigger, a sequence or a foreign key, so the same tables shard on distributed engines.

create table ledger_partition (
  tenant_id text not null,
  partition integer not null,
  epoch bigint not null,                    -- raised by each writer that takes the partition; fences the one before
  owner text not null,                      -- who writes, as people know it
  holder text not null,                     -- the one opening of the partition that writes
  lease_until timestamptz not null,         -- until when nobody else may take it
  next_seq bigint not null,                 -- seq of the next transfer, from 1, without gaps
  head_hash bytea not null,                 -- row_hash of the last transfer; 32 zero bytes before the first
  last_booked_at timestamptz,               -- booked_at of the last transfer; never goes back
  primary key (tenant_id, partition),
  constraint ledger_partition_range check (epoch >= 0 and next_seq >= 1)
);

create table ledger_account (
  tenant_id text not null,
  partition integer not null,
  account_id text not null,
  currency text not null,
  limit_rule text not null,
  debits_posted bigint not null,
  credits_posted bigint not null,
  debits_pending bigint not null,
  credits_pending bigint not null,
  version bigint not null,                  -- how many transfers have touched it
  previous_version bigint not null,         -- version before the last batch: the writer checks that nobody else wrote
  opened_at timestamptz not null,
  primary key (tenant_id, partition, account_id),
  constraint ledger_account_range check (
    debits_posted >= 0 and credits_posted >= 0 and debits_pending >= 0 and credits_pending >= 0
    and version >= previous_version and previous_version >= 0
  ),
  -- The last line of defence: the writer has decided this before, counting pending amounts as spent.
  constraint ledger_account_limit check (
    limit_rule = 'none'
    or (limit_rule = 'debits-within-credits' and debits_posted + debits_pending <= credits_posted)
    or (limit_rule = 'credits-within-debits' and credits_posted + credits_pending <= debits_posted)
  )
);

-- Append-only: one row for each leg of a posting, with both accounts as they stood right after it.
create table ledger_transfer (
  tenant_id text not null,
  partition integer not null,
  seq bigint not null,
  posting_id text not null,
  leg integer not null,                     -- place in the posting, from 0
  kind text not null,
  of_seq bigint,                            -- the transfer that a commit, void or reverse draws from
  debit_account text not null,
  credit_account text not null,
  currency text not null,
  amount bigint not null,                   -- minor units
  effective_on date not null,
  booked_at timestamptz not null,
  reason text not null,
  subject text not null,
  fingerprint bytea not null,               -- sha256 of the posting's canonical body
  debit_version bigint not null,
  debit_debits_posted bigint not null,
  debit_credits_posted bigint not null,
  debit_debits_pending bigint not null,
  debit_credits_pending bigint not null,
  credit_version bigint not null,
  credit_debits_posted bigint not null,
  credit_credits_posted bigint not null,
  credit_debits_pending bigint not null,
  credit_credits_pending bigint not null,
  previous_hash bytea not null,             -- row_hash of seq - 1
  row_hash bytea not null,                  -- sha256 of this row's canonical text, previous_hash included
  primary key (tenant_id, partition, seq),
  constraint ledger_transfer_kind check (kind in ('post', 'pending', 'commit', 'void', 'reverse')),
  constraint ledger_transfer_of check ((of_seq is null) = (kind in ('post', 'pending'))),
  constraint ledger_transfer_order check (seq >= 1 and (of_seq is null or of_seq < seq)),
  constraint ledger_transfer_amount check (amount > 0),
  constraint ledger_transfer_sides check (debit_account <> credit_account)
);

create unique index ledger_transfer_posting on ledger_transfer (tenant_id, partition, posting_id, leg);
-- An account's history in order; unique, so that two writers cannot both make the same version.
create unique index ledger_transfer_debit on ledger_transfer (tenant_id, partition, debit_account, debit_version);
create unique index ledger_transfer_credit on ledger_transfer (tenant_id, partition, credit_account, credit_version);

-- What was drawn from a transfer so far. Derivable from ledger_transfer; `verify` recomputes it.
create table ledger_draw (
  tenant_id text not null,
  partition integer not null,
  seq bigint not null,                      -- the transfer drawn from
  amount bigint not null,                   -- its whole amount
  committed bigint not null,
  voided bigint not null,
  reversed bigint not null,
  primary key (tenant_id, partition, seq),
  constraint ledger_draw_range check (committed >= 0 and voided >= 0 and reversed >= 0),
  constraint ledger_draw_remainder check (committed + voided <= amount and reversed <= amount)
);
