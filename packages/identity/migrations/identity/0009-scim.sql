-- What a customer's directory says of people (SCIM 2.0, RFC 7643), beside their accounts: one row per account that a
-- directory wrote. Reads run as the tenant; what writes runs as tenant 0, the platform, because an account is made in
-- the same transaction.
create table identity.scim_user (
  account uuid primary key,
  tenant int not null,
  -- Blind token of externalId, which is case-exact (RFC 7643 3.1).
  external_token bigint,
  key_id bigint not null,
  -- The attributes as the directory wrote them, JSON, under the account's key, bound to account and version.
  sealed bytea not null,
  version int not null check (version > 0),
  -- True when the directory switched the account off: then, and only then, may it switch it on again.
  inactive boolean not null default false,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  foreign key (account, tenant) references identity.account (id, tenant)
);
create index scim_user_external on identity.scim_user (tenant, external_token);

create table identity.scim_group (
  id uuid primary key,
  tenant int not null references identity.tenant (id),
  -- The order of making, for pages of a list.
  number bigint generated always as identity,
  name_token bigint not null,
  external_token bigint,
  key_id bigint not null,
  -- displayName and externalId, JSON.
  sealed bytea not null,
  version int not null check (version > 0),
  -- What its members may do, set by an administrator over /api/v1; a directory never writes it. Default: nothing.
  scopes text[] not null default '{}',
  created_at timestamptz not null,
  changed_at timestamptz not null,
  unique (id, tenant)
);
create index scim_group_number on identity.scim_group (tenant, number);

create table identity.scim_member (
  scim_group uuid not null,
  account uuid not null,
  tenant int not null,
  primary key (scim_group, account),
  foreign key (scim_group, tenant) references identity.scim_group (id, tenant) on delete cascade,
  foreign key (account, tenant) references identity.account (id, tenant)
);
create index scim_member_account on identity.scim_member (account);

-- What groups gave an account. While `pending`, its scopes may not follow its groups yet: whoever finds it settles it.
create table identity.scim_grant (
  account uuid primary key,
  tenant int not null,
  -- Scopes that groups gave or, while pending, may have given: leaving a group takes all of them.
  granted text[] not null default '{}',
  pending boolean not null,
  -- One more with every change of the account's groups: what was computed before it does not count.
  round int not null,
  foreign key (account, tenant) references identity.account (id, tenant)
);
create index scim_grant_pending on identity.scim_grant (tenant) where pending;

alter table identity.scim_user enable row level security, force row level security;
alter table identity.scim_group enable row level security, force row level security;
alter table identity.scim_member enable row level security, force row level security;
alter table identity.scim_grant enable row level security, force row level security;

create policy platform on identity.scim_user
  using (current_setting('safeguard.tenant')::int = 0) with check (current_setting('safeguard.tenant')::int = 0);
create policy platform on identity.scim_group
  using (current_setting('safeguard.tenant')::int = 0) with check (current_setting('safeguard.tenant')::int = 0);
create policy platform on identity.scim_member
  using (current_setting('safeguard.tenant')::int = 0) with check (current_setting('safeguard.tenant')::int = 0);
create policy platform on identity.scim_grant
  using (current_setting('safeguard.tenant')::int = 0) with check (current_setting('safeguard.tenant')::int = 0);

create policy own on identity.scim_user for select using (tenant = current_setting('safeguard.tenant')::int);
create policy own on identity.scim_group for select using (tenant = current_setting('safeguard.tenant')::int);
create policy own on identity.scim_member for select using (tenant = current_setting('safeguard.tenant')::int);
create policy own on identity.scim_grant for select using (tenant = current_setting('safeguard.tenant')::int);

grant select, insert, delete, update (external_token, key_id, sealed, version, inactive, changed_at)
  on identity.scim_user to safeguard_identity;
grant select, insert, delete, update (name_token, external_token, key_id, sealed, version, scopes, changed_at)
  on identity.scim_group to safeguard_identity;
grant select, insert, delete on identity.scim_member to safeguard_identity;
grant select, insert, delete, update (granted, pending, round) on identity.scim_grant to safeguard_identity;
