-- What customers buy, what was reported, and who asked for a report. Nothing here is changed or deleted by the service:
-- what is true is the newest row (45 CFR 164.316(b)(2)(i)).

-- Product lines and opted services of a customer: the newest counts, those before it are its history.
create table programme.customer (
  tenant int not null check (tenant > 0),
  -- 1, 2, … of each tenant.
  number int not null check (number > 0),
  lines text[] not null check (cardinality(lines) > 0 and lines <@ array['api', 'hosting', 'interfaces', 'messages']),
  services text[] not null check (services <@ array['backup', 'logging', 'ids', 'dr']),
  set_by text not null check (set_by ~ '^([0-9a-f-]{36}|operator)$'),
  at timestamptz not null,
  primary key (tenant, number)
);
create function programme.check_customer() returns trigger language plpgsql set search_path = '' as $$
begin
  if new.number <> 1 + coalesce((select max(c.number) from programme.customer c where c.tenant = new.tenant), 0) then
    raise exception 'another change came first' using errcode = 'serialization_failure';
  end if;
  return new;
end $$;
create trigger customer_next before insert on programme.customer
  for each row execute function programme.check_customer();

-- A report that was made, with where the log says so. Its bytes stand in parts, sealed.
create table programme.report (
  id uuid primary key,
  tenant int not null check (tenant > 0),
  kind text not null check (kind in ('audit', 'bundle')),
  media text not null check (media in ('application/pdf', 'text/html', 'application/zip')),
  from_at timestamptz not null,
  until_at timestamptz not null check (until_at > from_at),
  -- Families of controls; empty: all of them.
  families text[] not null,
  made_by text not null check (made_by ~ '^([0-9a-f-]{36}|operator|service)$'),
  at timestamptz not null,
  -- Of all its bytes.
  digest bytea not null check (length(digest) = 32),
  bytes bigint not null check (bytes > 0),
  parts int not null check (parts > 0),
  -- Its entry in the log of tenant 0.
  shard int not null check (shard >= 0),
  index bigint not null check (index >= 0),
  -- Of a bundle: digest of its manifest, and the checkpoints of the logs that it speaks of.
  marks jsonb check ((marks is not null) = (kind = 'bundle')),
  unique (id, tenant)
);
create index report_newest on programme.report (tenant, kind, at desc);

create table programme.report_part (
  tenant int not null,
  report uuid not null,
  n int not null check (n >= 0),
  key_id bigint not null,
  sealed bytea not null,
  primary key (report, n),
  foreign key (report, tenant) references programme.report (id, tenant)
);

-- Somebody outside asked for a report. Who and what for is the sealed subject of the task; here stands what limits are
-- counted by: a blind token of the address.
create table programme.report_request (
  id uuid primary key,
  tenant int not null check (tenant > 0),
  asker bigint not null,
  at timestamptz not null,
  unique (id, tenant)
);
create index report_request_at on programme.report_request (tenant, at);

-- Approved: this report may go to who asked.
create table programme.report_grant (
  request uuid primary key,
  tenant int not null,
  task uuid not null unique,
  report uuid not null,
  at timestamptz not null,
  foreign key (request, tenant) references programme.report_request (id, tenant),
  foreign key (report, tenant) references programme.report (id, tenant),
  foreign key (task, tenant) references programme.task (id, tenant)
);
create function programme.check_report_grant() returns trigger language plpgsql set search_path = '' as $$
begin
  if not programme.was_approved(new.tenant, new.task, 'report-request', new.request::text, '', new.at) then
    raise exception 'this request was not approved' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger report_grant_was_approved before insert on programme.report_grant
  for each row execute function programme.check_report_grant();

-- A link to it: the newest of a request counts, once, until it expires. The secret is nowhere; this is its SHA-256.
create table programme.report_link (
  hash bytea primary key check (length(hash) = 32),
  tenant int not null,
  request uuid not null references programme.report_grant (request),
  number bigint generated always as identity,
  made_by text not null check (made_by ~ '^([0-9a-f-]{36}|operator|service)$'),
  made_at timestamptz not null,
  expires_at timestamptz not null check (expires_at > made_at and expires_at <= made_at + interval '7 days'),
  unique (hash, tenant)
);
create index report_link_of on programme.report_link (request, number desc);

-- A mail server took it.
create table programme.report_sent (
  hash bytea primary key,
  tenant int not null,
  at timestamptz not null,
  foreign key (hash, tenant) references programme.report_link (hash, tenant)
);

-- It was used: once.
create table programme.report_download (
  hash bytea primary key,
  tenant int not null,
  at timestamptz not null,
  foreign key (hash, tenant) references programme.report_link (hash, tenant)
);

do $$
declare
  name text;
begin
  foreach name in array array['customer', 'report', 'report_part', 'report_request', 'report_grant', 'report_link',
      'report_sent', 'report_download'] loop
    execute format('create trigger stays before update or delete on programme.%I
      for each row execute function programme.refuse_change()', name);
    execute format('alter table programme.%I enable row level security, force row level security', name);
    execute format('create policy own on programme.%I using (tenant = current_setting(''safeguard.tenant'')::int)
      with check (tenant = current_setting(''safeguard.tenant'')::int)', name);
    execute format('grant select, insert on programme.%I to safeguard_identity', name);
  end loop;
end $$;
