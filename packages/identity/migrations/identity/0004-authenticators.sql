-- What people sign in with. Password hashes, TOTP secrets, passkeys and labels are sealed under the account's own key.
create table identity.password (
  account uuid primary key,
  tenant int not null,
  key_id bigint not null,
  -- When it was set, milliseconds since the Unix epoch: `sealed` is bound to it.
  version bigint not null,
  -- argon2id with its parameters, as a PHC string.
  sealed bytea not null,
  changed_at timestamptz not null,
  foreign key (account, tenant) references identity.account (id, tenant)
);

-- Second factors. A TOTP that is not confirmed is pending, and none yet.
create table identity.factor (
  id uuid primary key,
  account uuid not null,
  tenant int not null,
  kind text not null check (kind in ('totp', 'passkey')),
  key_id bigint not null,
  sealed bytea not null,
  -- TOTP: the last step that was accepted; no step up to it is accepted again.
  last_step bigint,
  -- Passkey: SHA-256 of the credential id, and the signature counter that was seen last.
  credential bytea check (octet_length(credential) = 32),
  counter bigint,
  created_at timestamptz not null,
  confirmed_at timestamptz,
  last_used_at timestamptz,
  -- A passkey whose counter went back: it works no more, and the account still counts as having a second factor.
  ended_at timestamptz,
  check (case kind when 'totp' then last_step is not null and credential is null and counter is null
    else credential is not null and counter is not null and confirmed_at is not null and last_step is null end),
  unique (tenant, credential),
  foreign key (account, tenant) references identity.account (id, tenant)
);
create index factor_account on identity.factor (account);
create unique index factor_pending on identity.factor (account) where confirmed_at is null;

create table identity.recovery_code (
  account uuid not null,
  tenant int not null,
  -- The codes that were made together: what a list of factors calls them by.
  set_id uuid not null,
  -- Blind token (HMAC under the tenant's key) of account and code.
  code_token bigint not null,
  created_at timestamptz not null,
  used_at timestamptz,
  primary key (account, code_token),
  foreign key (account, tenant) references identity.account (id, tenant)
);

alter table identity.password enable row level security, force row level security;
alter table identity.factor enable row level security, force row level security;
alter table identity.recovery_code enable row level security, force row level security;

-- The platform: sign-in writes these in one transaction with the account, its links and its sessions.
create policy platform on identity.password
  using (current_setting('safeguard.tenant')::int = 0) with check (current_setting('safeguard.tenant')::int = 0);
create policy platform on identity.factor
  using (current_setting('safeguard.tenant')::int = 0) with check (current_setting('safeguard.tenant')::int = 0);
create policy platform on identity.recovery_code
  using (current_setting('safeguard.tenant')::int = 0) with check (current_setting('safeguard.tenant')::int = 0);

create policy own on identity.password
  using (tenant = current_setting('safeguard.tenant')::int)
  with check (tenant = current_setting('safeguard.tenant')::int);
create policy own on identity.factor
  using (tenant = current_setting('safeguard.tenant')::int)
  with check (tenant = current_setting('safeguard.tenant')::int);
create policy own on identity.recovery_code
  using (tenant = current_setting('safeguard.tenant')::int)
  with check (tenant = current_setting('safeguard.tenant')::int);

grant select, insert, update (key_id, version, sealed, changed_at), delete on identity.password to safeguard_identity;
grant select, insert, update (id, key_id, sealed, last_step, counter, created_at, confirmed_at, last_used_at, ended_at),
  delete on identity.factor to safeguard_identity;
grant select, insert, update (used_at), delete on identity.recovery_code to safeguard_identity;
