-- Accounts: people who sign in. Login and name are sealed under the account's own key; the login is found by its blind
-- token. Reads run as the account's tenant; what changes an account runs as tenant 0, the platform, because its
-- sessions and tokens end in the same transaction.
create table identity.account (
  id uuid primary key,
  tenant int not null references identity.tenant (id),
  -- The order of making, for pages of a list.
  number bigint generated always as identity,
  kind text not null check (kind in ('workforce', 'patient', 'proxy')),
  state text not null check (state in ('invited', 'active', 'suspended', 'terminated')),
  login_token bigint not null,
  -- The data key, and the version to which `sealed` (JSON: login, name) is bound beside the id.
  key_id bigint not null,
  version int not null default 1 check (version > 0),
  sealed bytea not null,
  scopes text[] not null default '{}',
  roles text[] not null default '{}' check (roles <@ array['administrator']),
  fhir_user text check (length(fhir_user) <= 100),
  -- 'safeguard', 'scim', or the id of a federation provider.
  source text not null default 'safeguard' check (length(source) between 1 and 100),
  external boolean not null default false,
  created_at timestamptz not null,
  verified_at timestamptz,
  ended_at timestamptz,
  check ((state = 'terminated') = (ended_at is not null)),
  check (state <> 'active' or verified_at is not null),
  check (kind = 'workforce' or roles = '{}'),
  unique (id, tenant),
  unique (tenant, login_token)
);
create unique index account_number on identity.account (tenant, number);
create index account_administrator on identity.account (tenant) where state = 'active' and roles <> '{}';

-- Every login that an account ever had: it is never given to another one, also when the account ended or changed it.
create table identity.account_login (
  tenant int not null,
  token bigint not null,
  account uuid not null,
  primary key (tenant, token),
  foreign key (account, tenant) references identity.account (id, tenant)
);

-- The Patients that a patient or proxy account stands for.
create table identity.account_patient (
  account uuid not null,
  tenant int not null,
  patient uuid not null,
  primary key (account, patient),
  foreign key (account, tenant) references identity.account (id, tenant)
);
create index account_patient_patient on identity.account_patient (tenant, patient);

-- One-time links; the secret as SHA-256 only.
create table identity.link (
  id uuid primary key,
  hash bytea not null unique check (octet_length(hash) = 32),
  purpose text not null check (purpose in ('administrator', 'invitation', 'recovery')),
  tenant int not null references identity.tenant (id),
  account uuid,
  created_at timestamptz not null,
  expires_at timestamptz not null check (expires_at > created_at),
  used_at timestamptz,
  -- Ended without use: a newer link took its place, or the account ended.
  ended_at timestamptz,
  check ((purpose = 'administrator') = (account is null)),
  foreign key (account, tenant) references identity.account (id, tenant)
);
-- One open link per account and purpose, whatever two processes do at once.
create unique index link_open on identity.link
  (tenant, purpose, coalesce(account, '00000000-0000-0000-0000-000000000000'::uuid))
  where used_at is null and ended_at is null;
create index link_account on identity.link (account);
create index link_expires on identity.link (expires_at);

alter table identity.account enable row level security, force row level security;
alter table identity.account_login enable row level security, force row level security;
alter table identity.account_patient enable row level security, force row level security;
alter table identity.link enable row level security, force row level security;

create policy platform on identity.account
  using (current_setting('safeguard.tenant')::int = 0) with check (current_setting('safeguard.tenant')::int = 0);
create policy platform on identity.account_login
  using (current_setting('safeguard.tenant')::int = 0) with check (current_setting('safeguard.tenant')::int = 0);
create policy platform on identity.account_patient
  using (current_setting('safeguard.tenant')::int = 0) with check (current_setting('safeguard.tenant')::int = 0);
create policy platform on identity.link
  using (current_setting('safeguard.tenant')::int = 0) with check (current_setting('safeguard.tenant')::int = 0);

create policy own on identity.account for select using (tenant = current_setting('safeguard.tenant')::int);
create policy own on identity.account_login for select using (tenant = current_setting('safeguard.tenant')::int);
create policy own on identity.account_patient for select using (tenant = current_setting('safeguard.tenant')::int);
create policy own on identity.link for select using (tenant = current_setting('safeguard.tenant')::int);

-- An account never changes its id, tenant, kind or source, and is never deleted; a login once taken stays taken.
grant select, insert, update (state, login_token, key_id, version, sealed, scopes, roles, fhir_user, external,
  verified_at, ended_at) on identity.account to safeguard_identity;
grant select, insert on identity.account_login to safeguard_identity;
grant select, insert, delete on identity.account_patient to safeguard_identity;
grant select, insert, update (used_at, ended_at), delete on identity.link to safeguard_identity;
