-- What patients asked: copies of their record (45 CFR 164.524), amendments (164.526), objections; with their clocks.
-- Nothing is ever removed: kept six years (164.530(j)).
create schema rights;
grant usage on schema rights to safeguard_identity;

create table rights.request (
  number bigint generated always as identity,
  id uuid primary key,
  tenant int not null,
  kind text not null check (kind in ('export', 'amendment', 'objection')),
  patient uuid not null,
  asked_by uuid not null,
  -- Whoever of the house wrote it down for a patient is `asked_by` then.
  on_paper boolean not null,
  asked_at timestamptz not null,
  due_at timestamptz not null check (due_at > asked_at),
  state text not null check (state in ('open', 'fulfilled', 'denied', 'withdrawn')),
  extended_at timestamptz,
  extended_by uuid,
  closed_at timestamptz,
  closed_by uuid,
  fetched timestamptz[] not null default '{}',
  -- Of the sealed text, each change one more.
  version int not null check (version > 0),
  key_id bigint not null,
  -- JSON: what was asked, why it takes longer, the answer, the disagreement.
  sealed bytea not null,
  check ((extended_at is null) = (extended_by is null)),
  check ((state = 'open') = (closed_at is null)),
  check ((closed_at is null) = (closed_by is null))
);
create index request_tenant on rights.request (tenant, number);
create index request_patient on rights.request (tenant, patient, number);
-- One copy at a time: asking twice starts no second clock.
create unique index request_export on rights.request (tenant, patient, asked_by) where kind = 'export' and state = 'open';

alter table rights.request enable row level security, force row level security;
create policy own on rights.request using (tenant = current_setting('safeguard.tenant')::int)
  with check (tenant = current_setting('safeguard.tenant')::int);
grant select, insert, update (due_at, state, extended_at, extended_by, closed_at, closed_by, fetched, version, key_id,
  sealed) on rights.request to safeguard_identity;
