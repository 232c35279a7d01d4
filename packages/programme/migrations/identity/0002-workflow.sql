-- Tasks: what people do and others approve. A task's state is what its steps make of it: the service writes steps and
-- nothing else, and the database folds them. Kept for six years and longer: nothing here is ever changed or deleted by
-- the service (45 CFR 164.316(b)(2)(i)). Accounts are named by id; `operator` is whoever stands at the machine, and
-- `service` is Safeguard itself.
create table programme.task (
  id uuid primary key,
  tenant int not null check (tenant > 0),
  -- The order of opening, for pages of a list.
  number bigint generated always as identity,
  kind text not null check (kind ~ '^[a-z][a-z0-9-]{1,60}$'),
  -- An id of ours that it is about: of one thing there is one open task of a kind.
  about text check (about ~ '^[A-Za-z0-9][A-Za-z0-9._#:-]{0,199}$'),
  -- Title and subject, under a key of the tenant, bound to the id.
  key_id bigint not null,
  sealed bytea not null,
  opened_by text not null check (opened_by ~ '^([0-9a-f-]{36}|operator|service)$'),
  opened_at timestamptz not null,
  due_at timestamptz not null check (due_at > opened_at),
  -- Who never approves it, whatever they did in it.
  apart text[] not null,
  -- What follows is written by the steps alone.
  state text not null default 'open'
    check (state in ('open', 'assigned', 'submitted', 'done', 'rejected', 'withdrawn')),
  version int not null default 0,
  assignee text,
  -- Who opened, worked on or submitted it, and who stands apart.
  barred text[] not null default '{}',
  -- Approvals since the last submission, and how many it needs.
  approvals text[] not null default '{}',
  quorum int not null default 1 check (quorum > 0),
  closed_at timestamptz,
  check ((closed_at is null) = (state in ('open', 'assigned', 'submitted'))),
  unique (id, tenant)
);
create unique index task_number on programme.task (tenant, number);
create unique index task_one_open on programme.task (tenant, kind, about) where closed_at is null and about is not null;
create index task_open on programme.task (tenant, due_at) where closed_at is null;
create index task_about on programme.task (tenant, kind, about);

create table programme.step (
  tenant int not null,
  task uuid not null,
  n int not null check (n > 0),
  at timestamptz not null,
  actor text not null check (actor ~ '^([0-9a-f-]{36}|operator|service)$'),
  act text not null check (act in ('opened', 'assigned', 'noted', 'submitted', 'approved', 'returned', 'rejected',
    'withdrawn', 'done', 'reminded', 'escalated')),
  -- Of an assignment: to whom.
  whom text check (whom ~ '^[0-9a-f-]{36}$'),
  -- Approvals that are needed, as known at this step.
  needed int check (needed > 0),
  -- Of reminders and escalations: which; each happens once.
  mark text check (mark ~ '^[a-z0-9-]{1,40}$'),
  -- What was said with it, under its author's key.
  key_id bigint,
  sealed bytea,
  check ((key_id is null) = (sealed is null)),
  check ((act = 'assigned') = (whom is not null)),
  check ((act in ('reminded', 'escalated')) = (mark is not null)),
  check ((act in ('reminded', 'escalated')) <= (actor = 'service')),
  primary key (task, n),
  unique (task, mark),
  foreign key (task, tenant) references programme.task (id, tenant)
);
create index step_actor on programme.step (tenant, actor, task);

-- The engine, held a second time: each step is the next one of its task and one that the state allows; nobody who is
-- barred decides; a person approves once; it is done with its quorum, and what is closed stays closed.
create function programme.take_step() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  t programme.task;
begin
  select * into t from programme.task where tenant = new.tenant and id = new.task for update;
  if not found then
    raise exception 'there is no such task' using errcode = 'foreign_key_violation';
  end if;
  if new.n <> t.version + 1 then
    raise exception 'another step came first' using errcode = 'serialization_failure';
  end if;
  if t.closed_at is not null or (new.act = 'opened') <> (new.n = 1) then
    raise exception 'not a step of this task' using errcode = 'check_violation';
  end if;
  if new.act in ('approved', 'returned', 'rejected', 'done') and (t.state <> 'submitted' or new.actor = 'service'
      or new.actor = any (t.barred)) then
    raise exception 'nobody decides what they worked on' using errcode = 'check_violation';
  end if;
  t.version := new.n;
  case new.act
    when 'opened' then
      if new.actor <> t.opened_by then raise exception 'opened by another' using errcode = 'check_violation'; end if;
      t.barred := t.apart || new.actor;
      t.quorum := coalesce(new.needed, 1);
    when 'assigned' then
      if t.state = 'submitted' then raise exception 'it is submitted' using errcode = 'check_violation'; end if;
      t.state := 'assigned';
      t.assignee := new.whom;
      t.barred := t.barred || new.whom;
    when 'noted' then
      if t.state <> 'submitted' then t.barred := t.barred || new.actor; end if;
    when 'submitted' then
      if t.state = 'submitted' or new.actor <> coalesce(t.assignee, new.actor) or new.needed is null then
        raise exception 'not theirs to submit' using errcode = 'check_violation';
      end if;
      t.state := 'submitted';
      t.barred := t.barred || new.actor;
      t.approvals := '{}';
      t.quorum := new.needed;
    when 'approved' then
      if new.actor = any (t.approvals) then
        raise exception 'a person approves once' using errcode = 'check_violation';
      end if;
      t.approvals := t.approvals || new.actor;
      t.quorum := greatest(t.quorum, new.needed);
    when 'done' then
      if not new.actor = any (t.approvals)
          or (cardinality(t.approvals) < t.quorum and not 'operator' = any (t.approvals)) then
        raise exception 'it is not approved' using errcode = 'check_violation';
      end if;
      t.state := 'done';
      t.closed_at := new.at;
    when 'returned' then
      t.state := case when t.assignee is null then 'open' else 'assigned' end;
      t.approvals := '{}';
    when 'rejected', 'withdrawn' then
      t.state := new.act;
      t.closed_at := new.at;
    else null;
  end case;
  update programme.task set state = t.state, version = t.version, assignee = t.assignee, approvals = t.approvals,
      quorum = t.quorum, closed_at = t.closed_at, barred = array(select distinct unnest(t.barred) order by 1)
    where tenant = t.tenant and id = t.id;
  return new;
end $$;
revoke all on function programme.take_step() from public;
create trigger step_taken before insert on programme.step for each row execute function programme.take_step();

-- Also whoever is granted too much one day does not rewrite what was done.
create function programme.refuse_change() returns trigger language plpgsql set search_path = '' as $$
begin
  raise exception 'what happened is not rewritten' using errcode = 'check_violation';
end $$;
create trigger step_stays before update or delete on programme.step
  for each row execute function programme.refuse_change();
create trigger task_stays before delete on programme.task
  for each row execute function programme.refuse_change();

alter table programme.task enable row level security, force row level security;
alter table programme.step enable row level security, force row level security;
create policy own on programme.task using (tenant = current_setting('safeguard.tenant')::int)
  with check (tenant = current_setting('safeguard.tenant')::int);
create policy own on programme.step using (tenant = current_setting('safeguard.tenant')::int)
  with check (tenant = current_setting('safeguard.tenant')::int);

grant select, insert (id, tenant, kind, about, key_id, sealed, opened_by, opened_at, due_at, apart)
  on programme.task to safeguard_identity;
grant select, insert on programme.step to safeguard_identity;
