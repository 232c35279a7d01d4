-- Policies, what was decided of them, review campaigns, notices. Policies and decisions are kept for six years and
-- longer: nothing of them is ever deleted (45 CFR 164.316(b)(2)(i)).

-- The last number given to a version; whoever drafts holds the row, so that versions count up without gaps.
create table access.policy_count (
  tenant int primary key check (tenant > 0),
  last int not null check (last > 0)
);

create table access.policy (
  id uuid primary key,
  tenant int not null check (tenant > 0),
  -- 0 is the policy of the house and has no row.
  version int not null check (version > 0),
  -- `activated`: from activates_at on in force, until another one is. That is read off the clock, never written.
  state text not null check (state in ('draft', 'submitted', 'approved', 'rejected', 'withdrawn', 'activated')),
  -- One more with each change of a draft.
  edition int not null check (edition > 0),
  -- Everybody who wrote in it: none of them approves it.
  authors uuid[] not null check (cardinality(authors) > 0),
  -- The version that it was made from; of a roll-back, the one whose text it has.
  based_on int not null check (based_on >= 0 and based_on < version),
  rolls_back boolean not null,
  -- True: an undo of the last activation, whose approval still stands.
  undoes boolean not null check (rolls_back or not undoes),
  drafted_at timestamptz not null,
  changed_at timestamptz not null,
  -- Document, note and tests, under a key of the tenant, bound to id and edition: a text put elsewhere does not open.
  key_id bigint not null,
  sealed bytea not null,
  submitted_by uuid,
  submitted_at timestamptz,
  needed int check (needed in (1, 2)),
  activates_at timestamptz,
  activated_at timestamptz,
  activated_by uuid,
  -- The number of the activation in access.change: of two for the same moment the later one counts.
  activation bigint,
  unique (tenant, version),
  unique (id, tenant),
  check (num_nulls(submitted_by, submitted_at, needed) in (0, 3)),
  check (num_nulls(activates_at, activated_at, activated_by, activation) in (0, 4)),
  check (state <> 'activated' or activation is not null),
  check (state in ('draft', 'withdrawn') or undoes or submitted_at is not null)
);
create index policy_activated on access.policy (tenant, activates_at, activation) where state = 'activated';

create table access.policy_decision (
  id uuid primary key,
  tenant int not null,
  policy uuid not null,
  decided_by uuid not null,
  verdict text not null check (verdict in ('approve', 'reject')),
  decided_at timestamptz not null,
  key_id bigint,
  sealed bytea,
  check ((key_id is null) = (sealed is null)),
  unique (policy, decided_by),
  foreign key (policy, tenant) references access.policy (id, tenant)
);

-- What the code holds, held a second time: nobody decides what they wrote or submitted, a text that left its draft
-- never changes, and nothing comes into force without its approvals.
create function access.check_policy_decision() returns trigger language plpgsql set search_path = '' as $$
begin
  if not exists (select from access.policy p where p.id = new.policy and p.state = 'submitted'
      and new.decided_by <> p.submitted_by and not new.decided_by = any (p.authors)) then
    raise exception 'nobody decides a policy of their own' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger policy_decided_by_another before insert on access.policy_decision
  for each row execute function access.check_policy_decision();

create function access.check_policy() returns trigger language plpgsql set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    if new.state <> 'draft' then
      raise exception 'a policy starts as a draft' using errcode = 'check_violation';
    end if;
    return new;
  end if;
  if (old.state <> 'draft') and (new.sealed <> old.sealed or new.edition <> old.edition or new.authors <> old.authors
      or new.submitted_by is distinct from old.submitted_by or new.needed < old.needed) then
    raise exception 'what was submitted stays as it is' using errcode = 'check_violation';
  end if;
  if new.state <> old.state and not (old.state, new.state) in (('draft', 'submitted'), ('draft', 'withdrawn'),
      ('submitted', 'approved'), ('submitted', 'rejected'), ('submitted', 'withdrawn'), ('approved', 'withdrawn'),
      ('approved', 'activated'), ('activated', 'withdrawn')) and not (new.undoes and new.state = 'activated') then
    raise exception 'not a step of a policy' using errcode = 'check_violation';
  end if;
  if new.state in ('approved', 'activated') and not new.undoes
      and (select count(*) from access.policy_decision d where d.policy = new.id and d.verdict = 'approve') < new.needed
  then
    raise exception 'the policy is not approved' using errcode = 'check_violation';
  end if;
  if new.undoes and new.state = 'activated' and not exists (select from access.policy p
      where p.tenant = new.tenant and p.version = new.based_on and p.activation is not null)
      and new.based_on <> 0 then
    raise exception 'what is undone was never in force' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger policy_steps before insert or update on access.policy
  for each row execute function access.check_policy();

-- How often a tenant looks through its grants, and how long it takes.
create table access.review_setting (
  tenant int primary key check (tenant > 0),
  review_days int not null check (review_days between 1 and 365),
  answer_days int not null check (answer_days between 1 and 60 and answer_days < review_days)
);

create table access.review (
  id uuid primary key,
  tenant int not null check (tenant > 0),
  number bigint generated always as identity,
  -- Null: it came of itself, when its time had come.
  started_by uuid,
  started_at timestamptz not null,
  due_at timestamptz not null check (due_at > started_at),
  closed_at timestamptz,
  closed_by uuid,
  check ((closed_at is null) = (closed_by is null)),
  unique (id, tenant)
);
create index review_started on access.review (tenant, started_at desc);

create table access.review_item (
  id uuid primary key,
  tenant int not null,
  review uuid not null,
  grant_id uuid not null,
  account uuid not null,
  role text not null,
  recommendation text not null check (recommendation in ('keep', 'revoke', 'let lapse')),
  -- Why it is recommended, in a fixed word.
  because text not null check (because in ('used', 'new', 'never used', 'unused', 'ends soon')),
  used_at timestamptz,
  verdict text check (verdict in ('keep', 'revoke')),
  decided_by uuid check (decided_by <> account),
  decided_at timestamptz,
  key_id bigint,
  sealed bytea,
  check (num_nulls(verdict, decided_by, decided_at) in (0, 3)),
  check ((key_id is null) = (sealed is null)),
  unique (review, grant_id),
  foreign key (review, tenant) references access.review (id, tenant),
  foreign key (grant_id, tenant) references access.grant (id, tenant)
);
create index review_item_grant on access.review_item (tenant, grant_id);

-- While a grant is under review it ends when the review does: what nobody reviews is over without anybody writing so.
-- Its approved end waits here, and comes back when somebody keeps it.
alter table access.grant add column approved_until timestamptz;

-- The end of a grant moves to and fro between these two and never beyond what was approved.
create function access.check_grant_end() returns trigger language plpgsql set search_path = '' as $$
begin
  if new.until_at = old.until_at and new.approved_until is not distinct from old.approved_until then
    return new;
  end if;
  if new.approved_until is null then
    if old.approved_until is null or new.until_at <> old.approved_until then
      raise exception 'a grant ends when it was approved to' using errcode = 'check_violation';
    end if;
  elsif new.approved_until <> coalesce(old.approved_until, old.until_at) or new.until_at > new.approved_until then
    raise exception 'a grant ends when it was approved to' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger grant_end before update of until_at, approved_until on access.grant
  for each row execute function access.check_grant_end();

create table access.notice (
  id uuid primary key,
  tenant int not null check (tenant > 0),
  number bigint generated always as identity,
  kind text not null check (kind ~ '^[a-z][a-z-]{1,50}$'),
  account uuid not null,
  -- An id or a number of ours: part of the link.
  about text not null check (about ~ '^[A-Za-z0-9-]{1,100}$'),
  again text not null check (length(again) <= 100),
  made_at timestamptz not null,
  -- When it is tried next; null: nobody will any more (it was sent, given up, or there is no mail server).
  try_at timestamptz,
  attempts int not null check (attempts >= 0),
  sent_at timestamptz,
  read_at timestamptz,
  unique (tenant, account, kind, about, again)
);
create index notice_account on access.notice (tenant, account, number);
create index notice_try on access.notice (tenant, try_at) where try_at is not null;

alter table access.policy_count enable row level security, force row level security;
alter table access.policy enable row level security, force row level security;
alter table access.policy_decision enable row level security, force row level security;
alter table access.review_setting enable row level security, force row level security;
alter table access.review enable row level security, force row level security;
alter table access.review_item enable row level security, force row level security;
alter table access.notice enable row level security, force row level security;

create policy own on access.policy_count using (tenant = current_setting('safeguard.tenant')::int)
  with check (tenant = current_setting('safeguard.tenant')::int);
create policy own on access.policy using (tenant = current_setting('safeguard.tenant')::int)
  with check (tenant = current_setting('safeguard.tenant')::int);
create policy own on access.policy_decision using (tenant = current_setting('safeguard.tenant')::int)
  with check (tenant = current_setting('safeguard.tenant')::int);
create policy own on access.review_setting using (tenant = current_setting('safeguard.tenant')::int)
  with check (tenant = current_setting('safeguard.tenant')::int);
create policy own on access.review using (tenant = current_setting('safeguard.tenant')::int)
  with check (tenant = current_setting('safeguard.tenant')::int);
create policy own on access.review_item using (tenant = current_setting('safeguard.tenant')::int)
  with check (tenant = current_setting('safeguard.tenant')::int);
create policy own on access.notice using (tenant = current_setting('safeguard.tenant')::int)
  with check (tenant = current_setting('safeguard.tenant')::int);

grant select, insert, update (last) on access.policy_count to safeguard_identity;
grant select, insert, update (state, edition, authors, changed_at, key_id, sealed, submitted_by, submitted_at, needed,
    activates_at, activated_at, activated_by, activation)
  on access.policy to safeguard_identity;
grant select, insert on access.policy_decision to safeguard_identity;
grant select, insert, update (review_days, answer_days) on access.review_setting to safeguard_identity;
grant select, insert, update (closed_at, closed_by) on access.review to safeguard_identity;
grant select, insert, update (verdict, decided_by, decided_at, key_id, sealed) on access.review_item
  to safeguard_identity;
grant update (until_at, approved_until) on access.grant to safeguard_identity;
grant select, insert, update (try_at, attempts, sent_at, read_at) on access.notice to safeguard_identity;
