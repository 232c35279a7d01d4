-- Why anybody may anything: requests, decisions, grants, emergencies. Kept for six years and longer: nothing here is ever
-- deleted (45 CFR 164.316(b)(2)(i)). Accounts are named by id; whether one exists `identity` tells.
-- A connection that names no tenant gets an error, not rows. Tenant 0, the platform, may end what a leaver had, in the
-- transaction that ends the account.
create schema access;
grant usage on schema access to safeguard_identity;

-- One more with every change that rights depend on, in its transaction. Who changes holds this row until the commit: so
-- numbers become visible in their order, and what has a number above the last one seen is all that is new.
create table access.change (
  tenant int primary key,
  n bigint not null check (n > 0)
);

-- Whoever changes what an account holds, or asks for it, waits here for whoever else does.
create table access.holder (
  tenant int not null,
  account uuid not null,
  -- Set when the account ended for good: nothing is asked for or granted any more.
  left_at timestamptz,
  primary key (tenant, account)
);

create table access.request (
  id uuid primary key,
  tenant int not null,
  -- The order of making, for pages of a list.
  number bigint generated always as identity,
  kind text not null check (kind in ('standing', 'elevation', 'break-glass')),
  account uuid not null,
  role text not null check (length(role) between 1 and 100),
  patients uuid[] check (cardinality(patients) between 1 and 100),
  opens text[] check (cardinality(opens) between 1 and 20),
  asked_by uuid not null,
  asked_at timestamptz not null,
  -- Null: at once.
  from_at timestamptz,
  until_at timestamptz not null,
  -- Undecided by then it counts as lapsed, without anybody writing so.
  lapses_at timestamptz not null,
  state text not null check (state in ('open', 'approved', 'rejected', 'withdrawn')),
  needed int not null check (needed between 0 and 2 and (needed > 0 or kind = 'break-glass')),
  -- Why, in the asker's words, under the asker's key.
  key_id bigint not null,
  sealed bytea not null,
  check (until_at > asked_at and until_at > from_at and lapses_at > asked_at),
  check (kind <> 'break-glass' or cardinality(patients) = 1),
  unique (id, tenant)
);
create unique index request_number on access.request (tenant, number);
create index request_account on access.request (tenant, account, number);
create index request_asked_by on access.request (tenant, asked_by, number);
create index request_open on access.request (tenant, number) where state = 'open';

create table access.decision (
  id uuid primary key,
  tenant int not null,
  request uuid not null,
  -- Null: the operator, at the machine.
  decided_by uuid,
  verdict text not null check (verdict in ('approve', 'reject')),
  decided_at timestamptz not null,
  key_id bigint,
  sealed bytea,
  check ((key_id is null) = (sealed is null)),
  -- The same person decides once.
  unique nulls not distinct (request, decided_by),
  foreign key (request, tenant) references access.request (id, tenant)
);

create table access.grant (
  id uuid primary key,
  tenant int not null,
  number bigint generated always as identity,
  request uuid not null unique,
  kind text not null check (kind in ('standing', 'elevation', 'break-glass')),
  account uuid not null,
  role text not null check (length(role) between 1 and 100),
  patients uuid[] check (cardinality(patients) between 1 and 100),
  opens text[] check (cardinality(opens) between 1 and 20),
  from_at timestamptz not null,
  until_at timestamptz not null,
  ended_at timestamptz,
  ended_why text check (ended_why in ('ended', 'replaced', 'account terminated', 'not reviewed', 'review', 'policy')),
  -- Id of an account, or a fixed word of ours.
  ended_by text check (length(ended_by) between 1 and 100),
  -- To the minute.
  used_at timestamptz,
  -- The number of its last change in access.change.
  changed bigint not null,
  -- Of the role administrator, which `identity` keeps: when it was given there, and taken.
  given_at timestamptz,
  taken_at timestamptz,
  check (until_at > from_at),
  check ((ended_at is null) = (ended_why is null) and (ended_at is null) = (ended_by is null)),
  check (kind <> 'elevation' or until_at <= from_at + interval '8 hours'),
  check (kind <> 'break-glass' or (until_at <= from_at + interval '1 hour' and cardinality(patients) = 1)),
  unique (id, tenant),
  foreign key (request, tenant) references access.request (id, tenant)
);
create unique index grant_number on access.grant (tenant, number);
create index grant_changed on access.grant (tenant, changed);
create index grant_account on access.grant (tenant, account) where ended_at is null;
create index grant_role on access.grant (tenant, role) where ended_at is null;
create index grant_administrator on access.grant (tenant) where role = 'administrator' and taken_at is null;

-- Each use of the emergency access, and who looked at it afterwards.
create table access.break_glass (
  grant_id uuid primary key,
  tenant int not null,
  account uuid not null,
  review_by timestamptz not null,
  reviewed_by uuid check (reviewed_by <> account),
  reviewed_at timestamptz,
  verdict text check (verdict in ('justified', 'unjustified')),
  -- What the reviewer wrote, under the reviewer's key.
  key_id bigint,
  sealed bytea,
  check (num_nulls(reviewed_by, reviewed_at, verdict, key_id, sealed) in (0, 5)),
  foreign key (grant_id, tenant) references access.grant (id, tenant)
);
create index break_glass_account on access.break_glass (tenant, account) where reviewed_at is null;

-- What the code holds, held a second time: nobody decides what they asked for or what is for them, and nothing is
-- granted without the approvals that the request needs.
create function access.check_decision() returns trigger language plpgsql set search_path = '' as $$
begin
  if exists (select from access.request r where r.id = new.request
      and (r.state <> 'open' or new.decided_by in (r.asked_by, r.account))) then
    raise exception 'nobody decides what they asked for' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger decision_by_another before insert on access.decision
  for each row execute function access.check_decision();

create function access.check_grant() returns trigger language plpgsql set search_path = '' as $$
declare
  r access.request;
begin
  select * into strict r from access.request where id = new.request;
  if r.state <> 'approved' or r.account <> new.account or r.role <> new.role or r.kind <> new.kind
      or r.patients is distinct from new.patients or r.opens is distinct from new.opens
      or (r.kind <> 'break-glass' and (new.until_at > r.until_at or new.from_at < r.from_at))
      or (select count(*) from access.decision d where d.request = r.id and d.verdict = 'approve') < r.needed
      or exists (select from access.decision d where d.request = r.id and d.verdict = 'reject') then
    raise exception 'nothing was approved' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger grant_was_approved before insert on access.grant
  for each row execute function access.check_grant();

alter table access.change enable row level security, force row level security;
alter table access.holder enable row level security, force row level security;
alter table access.request enable row level security, force row level security;
alter table access.decision enable row level security, force row level security;
alter table access.grant enable row level security, force row level security;
alter table access.break_glass enable row level security, force row level security;

create policy own on access.change
  using (current_setting('safeguard.tenant')::int in (0, tenant))
  with check (current_setting('safeguard.tenant')::int in (0, tenant));
create policy own on access.holder
  using (current_setting('safeguard.tenant')::int in (0, tenant))
  with check (current_setting('safeguard.tenant')::int in (0, tenant));
create policy own on access.request
  using (current_setting('safeguard.tenant')::int in (0, tenant))
  with check (current_setting('safeguard.tenant')::int in (0, tenant));
create policy own on access.decision
  using (tenant = current_setting('safeguard.tenant')::int)
  with check (tenant = current_setting('safeguard.tenant')::int);
create policy own on access.grant
  using (current_setting('safeguard.tenant')::int in (0, tenant))
  with check (current_setting('safeguard.tenant')::int in (0, tenant));
create policy own on access.break_glass
  using (tenant = current_setting('safeguard.tenant')::int)
  with check (tenant = current_setting('safeguard.tenant')::int);

grant select, insert, update (n) on access.change to safeguard_identity;
grant select, insert, update (left_at) on access.holder to safeguard_identity;
grant select, insert, update (state, needed) on access.request to safeguard_identity;
grant select, insert on access.decision to safeguard_identity;
grant select, insert, update (ended_at, ended_why, ended_by, used_at, changed, given_at, taken_at)
  on access.grant to safeguard_identity;
grant select, insert, update (reviewed_by, reviewed_at, verdict, key_id, sealed)
  on access.break_glass to safeguard_identity;
