-- What checks left, when they are due, and what was decided of the programme's numbers. The evidence itself stands in
-- the ledger; a row here only finds it, and is held against it whenever it is read: a row written by hand counts for
-- nothing.
create schema programme;
grant usage on schema programme to safeguard_identity;

create table programme.evidence (
  -- Also of its entry in the platform's log.
  id uuid primary key,
  check_id text collate "C" not null check (check_id ~ '^[a-z]+\.[a-z][a-z0-9-]*$' and length(check_id) <= 100),
  -- When it was received, milliseconds since the Unix epoch.
  at bigint not null check (at > 0),
  -- Where the entry stands in the log of tenant 0.
  shard int not null check (shard >= 0),
  index bigint not null check (index >= 0),
  unique (shard, index)
);
-- The newest of each check at a moment: one look per check.
create index evidence_check on programme.evidence (check_id, at desc, id desc) include (shard, index);
create index evidence_at on programme.evidence (at, id);

-- Which check runs next, and which process has it: two replicas never run the same one on schedule.
create table programme.schedule (
  check_id text collate "C" primary key check (length(check_id) <= 100),
  due_at bigint not null,
  -- A process that died gives its check back by then.
  lease_until bigint not null,
  holder uuid not null,
  -- Digests of what took it last: what another code takes at its start, no second process of that code takes again.
  code text not null check (length(code) <= 200)
);

-- Numbers that were changed by an approved task; the newest counts, those before it are its history.
create table programme.parameter (
  tenant int not null check (tenant > 0),
  name text collate "C" not null check (name ~ '^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$' and length(name) <= 100),
  -- 1, 2, … of each name.
  number int not null check (number > 0),
  -- JSON: a number or a word; null: back to what the file says.
  value jsonb not null check (jsonb_typeof(value) in ('number', 'string', 'null')),
  -- The task that was approved: who asked, why, and each step stand there.
  task uuid not null unique,
  opened_by text not null,
  approved_by text[] not null check (cardinality(approved_by) > 0),
  at bigint not null check (at > 0),
  primary key (tenant, name, number)
);

-- Nobody is approved by themselves, numbers have no gaps, time goes forward: also for who writes past the code.
create function programme.check_parameter() returns trigger language plpgsql set search_path = '' as $$
declare
  last record;
begin
  select max(p.number) as number, max(p.at) as at into last from programme.parameter p
    where p.tenant = new.tenant and p.name = new.name;
  if new.number <> coalesce(last.number, 0) + 1 or new.at < coalesce(last.at, 0)
      or new.opened_by = any (new.approved_by) then
    raise exception 'a parameter is changed by another''s approval, one after the other'
      using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger parameter_steps before insert on programme.parameter
  for each row execute function programme.check_parameter();

alter table programme.evidence enable row level security, force row level security;
alter table programme.schedule enable row level security, force row level security;
alter table programme.parameter enable row level security, force row level security;

create policy platform on programme.evidence to safeguard_identity
  using ((select current_setting('safeguard.tenant')::int) = 0)
  with check ((select current_setting('safeguard.tenant')::int) = 0);
create policy platform on programme.schedule to safeguard_identity
  using ((select current_setting('safeguard.tenant')::int) = 0)
  with check ((select current_setting('safeguard.tenant')::int) = 0);
create policy own on programme.parameter to safeguard_identity
  using (tenant = (select current_setting('safeguard.tenant')::int))
  with check (tenant = (select current_setting('safeguard.tenant')::int));

-- Evidence and decided numbers are added and read, never changed.
grant select, insert on programme.evidence, programme.parameter to safeguard_identity;
grant select, insert, update (due_at, lease_until, holder, code) on programme.schedule to safeguard_identity;
