-- People who are signed in, and people who are signing in. Worked on as tenant 0, as the registry is: a cookie is
-- looked up before its tenant is known. Any other tenant sees its own rows and changes none.

-- A session stands under the SHA-256 of its cookie. Every rise in privilege gives it a new one.
create table identity.session (
  id uuid primary key,
  hash bytea not null unique check (octet_length(hash) = 32),
  tenant int not null,
  account uuid not null,
  level smallint not null check (level in (1, 2)),
  methods text[] not null check (cardinality(methods) > 0),
  -- SHA-256 of the family and the platform of its browser: in another one the cookie opens nothing.
  browser bytea not null check (octet_length(browser) = 32),
  -- Network and device in words, for the person's own list; under the account's key.
  key_id bigint not null,
  sealed bytea not null,
  authenticated_at timestamptz not null,
  created_at timestamptz not null,
  -- At most a minute behind.
  last_used_at timestamptz not null,
  ended_at timestamptz,
  reason text check (reason in
    ('sign-out', 'replaced', 'another browser', 'ended by the person', 'ended by the service', 'idle', 'too old')),
  check (reason is null or ended_at is not null),
  unique (id, tenant),
  foreign key (account, tenant) references identity.account (id, tenant)
);
create index session_account on identity.session (account) where ended_at is null;
create index session_last_used on identity.session (last_used_at) where ended_at is null;
create index session_created on identity.session (created_at) where ended_at is null;
create index session_ended on identity.session (ended_at) where ended_at is not null;

-- A sign-in under way: one row, changed by one transaction a step, removed by its last. All that it knows is sealed:
-- what it will make valid (password hash, factor, codes) stands nowhere else before.
create table identity.sign_in_flow (
  id uuid primary key,
  hash bytea not null unique check (octet_length(hash) = 32),
  tenant int not null references identity.tenant (id),
  -- Counts its changes: a step is taken from the state that was read, or not at all; an older state does not open.
  version int not null check (version >= 0),
  -- Counted before a factor is looked at, so that guesses made at the same time count too.
  failures smallint not null default 0 check (failures >= 0),
  key_id bigint not null,
  sealed bytea not null,
  created_at timestamptz not null,
  expires_at timestamptz not null check (expires_at > created_at)
);
create index sign_in_flow_expires on identity.sign_in_flow (expires_at);

-- A browser in which an account signed in with all its factors: it has an allowance of failures of its own.
create table identity.device (
  hash bytea not null check (octet_length(hash) = 32),
  tenant int not null,
  account uuid not null,
  created_at timestamptz not null,
  last_used_at timestamptz not null,
  primary key (hash, account),
  foreign key (account, tenant) references identity.account (id, tenant)
);
create index device_account on identity.device (account, last_used_at);
create index device_last_used on identity.device (last_used_at);

-- Failures in a row. `subject` is a blind token: of a login (whether or not anybody has it), or of an account, each
-- alone (all unknown devices together) or with one known device.
create table identity.sign_in_failure (
  tenant int not null references identity.tenant (id),
  subject bigint not null,
  failures int not null check (failures > 0),
  last_at timestamptz not null,
  primary key (tenant, subject)
);
create index sign_in_failure_last on identity.sign_in_failure (last_at);

alter table identity.session enable row level security, force row level security;
alter table identity.sign_in_flow enable row level security, force row level security;
alter table identity.device enable row level security, force row level security;
alter table identity.sign_in_failure enable row level security, force row level security;

create policy platform on identity.session
  using (current_setting('safeguard.tenant')::int = 0) with check (current_setting('safeguard.tenant')::int = 0);
create policy platform on identity.sign_in_flow
  using (current_setting('safeguard.tenant')::int = 0) with check (current_setting('safeguard.tenant')::int = 0);
create policy platform on identity.device
  using (current_setting('safeguard.tenant')::int = 0) with check (current_setting('safeguard.tenant')::int = 0);
create policy platform on identity.sign_in_failure
  using (current_setting('safeguard.tenant')::int = 0) with check (current_setting('safeguard.tenant')::int = 0);

create policy own on identity.session for select using (tenant = current_setting('safeguard.tenant')::int);
create policy own on identity.sign_in_flow for select using (tenant = current_setting('safeguard.tenant')::int);
create policy own on identity.device for select using (tenant = current_setting('safeguard.tenant')::int);
create policy own on identity.sign_in_failure for select using (tenant = current_setting('safeguard.tenant')::int);

-- What the service does and no more: no session, flow or device ever changes hands.
grant select, insert, update (hash, level, methods, authenticated_at, last_used_at, ended_at, reason), delete
  on identity.session to safeguard_identity;
grant select, insert, update (version, failures, key_id, sealed), delete
  on identity.sign_in_flow to safeguard_identity;
grant select, insert, update (last_used_at), delete on identity.device to safeguard_identity;
grant select, insert, update (failures, last_at), delete on identity.sign_in_failure to safeguard_identity;
