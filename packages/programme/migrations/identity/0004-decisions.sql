-- What was decided of addressable specifications (45 CFR 164.306(d)(3)), and who answers for what is unmet, until when.
-- A row says of what, when and by which task; kind, reasons and factors are the task's sealed subject, said once. Rows
-- are added and never changed; a newer decision supersedes. Neither makes anything met.
create table programme.decision (
  id uuid primary key,
  tenant int not null check (tenant > 0),
  number bigint generated always as identity,
  control text not null check (control ~ '^[0-9A-Za-z.-]{3,60}$'),
  task uuid not null unique,
  at timestamptz not null,
  foreign key (task, tenant) references programme.task (id, tenant)
);
create index decision_control on programme.decision (tenant, control, at);

create table programme.waiver (
  id uuid primary key,
  tenant int not null check (tenant > 0),
  number bigint generated always as identity,
  control text not null check (control ~ '^[0-9A-Za-z.-]{3,60}$'),
  owner uuid not null,
  task uuid not null unique,
  from_at timestamptz not null,
  until_at timestamptz not null check (until_at > from_at and until_at <= from_at + interval '366 days'),
  unique (id, tenant),
  foreign key (task, tenant) references programme.task (id, tenant)
);
create index waiver_control on programme.waiver (tenant, control, until_at);

create table programme.waiver_end (
  waiver uuid primary key,
  tenant int not null check (tenant > 0),
  ended_by text not null check (ended_by ~ '^([0-9a-f-]{36}|operator)$'),
  ended_at timestamptz not null,
  -- Why, under the key of who ended it.
  key_id bigint not null,
  sealed bytea not null,
  foreign key (waiver, tenant) references programme.waiver (id, tenant)
);

-- What the code holds, held a second time: nothing is decided or waived but by an approved task about just this control,
-- at the moment of its last approval; and nobody approves what they answer for.
create function programme.check_decision() returns trigger language plpgsql set search_path = '' as $$
begin
  if not programme.was_approved(new.tenant, new.task, 'decision', new.control, '', new.at) then
    raise exception 'this was not decided' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger decision_was_approved before insert on programme.decision
  for each row execute function programme.check_decision();

create function programme.check_waiver() returns trigger language plpgsql set search_path = '' as $$
begin
  if not programme.was_approved(new.tenant, new.task, 'waiver', new.control, new.owner::text, new.from_at) then
    raise exception 'this was not waived' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger waiver_was_approved before insert on programme.waiver
  for each row execute function programme.check_waiver();

create trigger decision_stays before update or delete on programme.decision
  for each row execute function programme.refuse_change();
create trigger waiver_stays before update or delete on programme.waiver
  for each row execute function programme.refuse_change();
create trigger waiver_end_stays before update or delete on programme.waiver_end
  for each row execute function programme.refuse_change();

alter table programme.decision enable row level security, force row level security;
alter table programme.waiver enable row level security, force row level security;
alter table programme.waiver_end enable row level security, force row level security;
create policy own on programme.decision using (tenant = current_setting('safeguard.tenant')::int)
  with check (tenant = current_setting('safeguard.tenant')::int);
create policy own on programme.waiver using (tenant = current_setting('safeguard.tenant')::int)
  with check (tenant = current_setting('safeguard.tenant')::int);
create policy own on programme.waiver_end using (tenant = current_setting('safeguard.tenant')::int)
  with check (tenant = current_setting('safeguard.tenant')::int);

grant select, insert on programme.decision, programme.waiver, programme.waiver_end to safeguard_identity;
