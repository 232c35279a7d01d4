-- SMART App Launch: launches that an EHR made, what people agreed to, and the context of each grant. The tenant is
-- always known here (of the client): a tenant sees and changes its own rows; tenant 0, the platform, sweeps.

-- An EHR launch (SMART App Launch 2.2, "EHR launch"): the secret of its `launch` parameter as SHA-256 only.
create table identity.launch (
  id uuid not null unique,
  hash bytea primary key check (octet_length(hash) = 32),
  tenant int not null,
  -- The app it is for.
  client uuid not null,
  -- The one person that may take it up; null: whoever may.
  account uuid,
  -- Who made it: an account or a client.
  made_by uuid not null,
  -- JSON: patient, encounter, intent, banner, style.
  key_id bigint not null,
  sealed bytea not null,
  created_at timestamptz not null,
  expires_at timestamptz not null check (expires_at > created_at),
  -- A grant was made of it: it never makes another one.
  used_at timestamptz,
  foreign key (client, tenant) references identity.client (id, tenant),
  foreign key (account, tenant) references identity.account (id, tenant)
);
create index launch_expires on identity.launch (expires_at);

-- What a person agreed to, of an app and a patient: asked again only when more is asked.
create table identity.consent (
  id uuid primary key,
  tenant int not null,
  account uuid not null,
  client uuid not null,
  -- Null: no patient was in context.
  patient uuid,
  -- Scopes in normal form: what was asked when they decided, and what of it they gave.
  asked text[] not null,
  granted text[] not null,
  decided_at timestamptz not null,
  ended_at timestamptz,
  foreign key (client, tenant) references identity.client (id, tenant),
  foreign key (account, tenant) references identity.account (id, tenant)
);
create unique index consent_open on identity.consent
  (account, client, coalesce(patient, '00000000-0000-0000-0000-000000000000'::uuid)) where ended_at is null;

-- The context in which a grant was made: tokens of it, refreshed ones too, are answered with it.
create table identity.grant_context (
  id uuid not null unique,
  grant_id text primary key,
  tenant int not null,
  account uuid not null,
  client uuid not null,
  -- JSON: patient, encounter, intent, banner, style.
  key_id bigint not null,
  sealed bytea not null,
  created_at timestamptz not null,
  foreign key (client, tenant) references identity.client (id, tenant),
  foreign key (account, tenant) references identity.account (id, tenant)
);
create index grant_context_created on identity.grant_context (created_at);

alter table identity.launch enable row level security, force row level security;
alter table identity.consent enable row level security, force row level security;
alter table identity.grant_context enable row level security, force row level security;

create policy platform on identity.launch
  using (current_setting('safeguard.tenant')::int = 0) with check (current_setting('safeguard.tenant')::int = 0);
create policy platform on identity.consent
  using (current_setting('safeguard.tenant')::int = 0) with check (current_setting('safeguard.tenant')::int = 0);
create policy platform on identity.grant_context
  using (current_setting('safeguard.tenant')::int = 0) with check (current_setting('safeguard.tenant')::int = 0);

create policy own on identity.launch
  using (tenant = current_setting('safeguard.tenant')::int)
  with check (tenant = current_setting('safeguard.tenant')::int);
create policy own on identity.consent
  using (tenant = current_setting('safeguard.tenant')::int)
  with check (tenant = current_setting('safeguard.tenant')::int);
create policy own on identity.grant_context
  using (tenant = current_setting('safeguard.tenant')::int)
  with check (tenant = current_setting('safeguard.tenant')::int);

-- A launch is used up and never changed; a consent is replaced by a newer decision or ended; a context is for good.
grant select, insert, update (used_at), delete on identity.launch to safeguard_identity;
grant select, insert, update (asked, granted, decided_at, ended_at), delete on identity.consent to safeguard_identity;
grant select, insert, delete on identity.grant_context to safeguard_identity;
