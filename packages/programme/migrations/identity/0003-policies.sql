-- Policies of the programme: every version as it was written, when it came into force by which approval, who
-- acknowledged it. Rows are added and never changed: what a version's state is, is read off them. Kept for six years
-- and longer (45 CFR 164.316(b)(2)(i)).
create table programme.policy_version (
  id uuid primary key,
  tenant int not null check (tenant > 0),
  policy text not null check (policy ~ '^[a-z0-9][a-z0-9-]{0,63}$'),
  -- 1, 2, … of each policy of a tenant.
  number int not null check (number > 0),
  -- Front matter, sections and text, placeholders as written.
  content jsonb not null,
  -- SHA-256 of the text: what people acknowledge.
  digest text not null check (digest = encode(sha256(convert_to(content->>'text', 'UTF8')), 'hex')),
  -- SHA-256 of the file that it was read from, hex: whether the repository has a newer text.
  file_digest text not null check (file_digest ~ '^[0-9a-f]{64}$'),
  source text not null check (source in ('repository', 'draft')),
  path text check ((path is null) = (source = 'draft')),
  commit text check (commit is null or (commit ~ '^[0-9a-f]{40,64}$' and source = 'repository')),
  -- Of a customer: the published version of the house that its locked sections are of.
  based_on int check (based_on > 0),
  made_by text not null check (made_by ~ '^([0-9a-f-]{36}|operator|service)$'),
  made_at timestamptz not null,
  unique (tenant, policy, number),
  unique (id, tenant)
);

create table programme.publication (
  tenant int not null,
  policy text not null,
  number int not null,
  task uuid not null unique,
  published_at timestamptz not null,
  -- What was put into the text: name → {value, unit}.
  parameters jsonb not null check (jsonb_typeof(parameters) = 'object'),
  review_due_at timestamptz not null check (review_due_at > published_at),
  primary key (tenant, policy, number),
  foreign key (tenant, policy, number) references programme.policy_version (tenant, policy, number),
  foreign key (task, tenant) references programme.task (id, tenant)
);
create index publication_at on programme.publication (tenant, published_at);

-- Looked at, and nothing to change.
create table programme.policy_review (
  tenant int not null,
  policy text not null,
  number int not null,
  task uuid not null primary key,
  reviewed_at timestamptz not null,
  due_at timestamptz not null check (due_at > reviewed_at),
  foreign key (tenant, policy, number) references programme.publication (tenant, policy, number),
  foreign key (task, tenant) references programme.task (id, tenant)
);
create index policy_review_of on programme.policy_review (tenant, policy, number);

create table programme.acknowledgement (
  tenant int not null,
  account uuid not null,
  policy text not null,
  number int not null,
  digest text not null,
  at timestamptz not null,
  primary key (tenant, account, policy, number),
  foreign key (tenant, policy, number) references programme.publication (tenant, policy, number)
);

-- Who was told of what: each once, whichever process tells.
create table programme.policy_told (
  tenant int not null,
  version uuid not null,
  account uuid not null,
  what text not null check (what ~ '^[a-z0-9-]{1,40}$'),
  told_at timestamptz not null,
  primary key (tenant, version, account, what),
  foreign key (version, tenant) references programme.policy_version (id, tenant)
);

-- What the code holds, held a second time: numbers count up; nothing comes into force, or counts as reviewed, but by the
-- approval of just that version by others than who wrote it, and never an older one over a newer; and people acknowledge
-- what is in force, as it is.
create function programme.check_policy_version() returns trigger language plpgsql set search_path = '' as $$
begin
  if new.number <> 1 + coalesce((select max(v.number) from programme.policy_version v
      where v.tenant = new.tenant and v.policy = new.policy), 0) then
    raise exception 'another version came first' using errcode = 'serialization_failure';
  end if;
  return new;
end $$;
create trigger policy_version_next before insert on programme.policy_version
  for each row execute function programme.check_policy_version();

create function programme.was_approved(whose int, of uuid, as_kind text, as_about text, but text, moment timestamptz)
returns boolean language sql stable set search_path = '' as $$
  select exists (select from programme.task t where t.tenant = whose and t.id = of and t.kind = as_kind
    and t.about = as_about and t.state = 'done' and t.closed_at = moment and cardinality(t.approvals) > 0
    and not but = any (t.approvals))
$$;

create function programme.check_publication() returns trigger language plpgsql set search_path = '' as $$
declare
  author text;
begin
  select v.made_by into strict author from programme.policy_version v
    where v.tenant = new.tenant and v.policy = new.policy and v.number = new.number;
  if not programme.was_approved(new.tenant, new.task, 'policy-approval', new.policy || '#' || new.number, author,
      new.published_at)
      or exists (select from programme.publication p where p.tenant = new.tenant and p.policy = new.policy
        and p.number >= new.number) then
    raise exception 'this version was not approved' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger publication_was_approved before insert on programme.publication
  for each row execute function programme.check_publication();

create function programme.check_policy_review() returns trigger language plpgsql set search_path = '' as $$
begin
  if not programme.was_approved(new.tenant, new.task, 'policy-review', new.policy || '#' || new.number, '',
      new.reviewed_at) then
    raise exception 'this review was not approved' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger policy_review_was_approved before insert on programme.policy_review
  for each row execute function programme.check_policy_review();

create function programme.check_acknowledgement() returns trigger language plpgsql set search_path = '' as $$
begin
  if not exists (select from programme.policy_version v where v.tenant = new.tenant and v.policy = new.policy
      and v.number = new.number and v.digest = new.digest)
      or exists (select from programme.publication p where p.tenant = new.tenant and p.policy = new.policy
        and p.number > new.number) then
    raise exception 'not what is in force' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger acknowledgement_of_it before insert on programme.acknowledgement
  for each row execute function programme.check_acknowledgement();

create trigger policy_version_stays before update or delete on programme.policy_version
  for each row execute function programme.refuse_change();
create trigger publication_stays before update or delete on programme.publication
  for each row execute function programme.refuse_change();
create trigger policy_review_stays before update or delete on programme.policy_review
  for each row execute function programme.refuse_change();
create trigger acknowledgement_stays before update or delete on programme.acknowledgement
  for each row execute function programme.refuse_change();

alter table programme.policy_version enable row level security, force row level security;
alter table programme.publication enable row level security, force row level security;
alter table programme.policy_review enable row level security, force row level security;
alter table programme.acknowledgement enable row level security, force row level security;
alter table programme.policy_told enable row level security, force row level security;
create policy own on programme.policy_version using (tenant = current_setting('safeguard.tenant')::int)
  with check (tenant = current_setting('safeguard.tenant')::int);
create policy own on programme.publication using (tenant = current_setting('safeguard.tenant')::int)
  with check (tenant = current_setting('safeguard.tenant')::int);
create policy own on programme.policy_review using (tenant = current_setting('safeguard.tenant')::int)
  with check (tenant = current_setting('safeguard.tenant')::int);
create policy own on programme.acknowledgement using (tenant = current_setting('safeguard.tenant')::int)
  with check (tenant = current_setting('safeguard.tenant')::int);
create policy own on programme.policy_told using (tenant = current_setting('safeguard.tenant')::int)
  with check (tenant = current_setting('safeguard.tenant')::int);

grant select, insert on programme.policy_version, programme.publication, programme.policy_review,
  programme.acknowledgement, programme.policy_told to safeguard_identity;
