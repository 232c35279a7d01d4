-- Single sign-on per tenant: providers (their configuration sealed), who is who there, sign-ins under way, and what was
-- seen once and must not come again. Worked on as tenant 0: a provider is looked up before a tenant is known.

create table identity.federation_provider (
  id uuid primary key,
  tenant int not null references identity.tenant (id),
  kind text not null check (kind in ('oidc', 'saml')),
  enabled boolean not null,
  -- Counts changes: bound into the seal, so that an older configuration put back does not open.
  version int not null check (version > 0),
  key_id bigint not null,
  -- Label, issuer, secret, certificates, mapping. Empty once removed.
  sealed bytea not null,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  removed_at timestamptz,
  unique (id, tenant)
);
create index federation_provider_tenant on identity.federation_provider (tenant, created_at);

-- Who a provider's subject is here. Subject and provider are the key, never an address.
create table identity.federation_identity (
  id uuid primary key,
  provider uuid not null,
  tenant int not null,
  subject_token bigint not null,
  account uuid not null,
  -- The subject as it was given, under the account's key: a blind token alone could meet another's by chance.
  key_id bigint not null,
  sealed bytea not null,
  created_at timestamptz not null,
  unique (provider, subject_token),
  unique (provider, account),
  foreign key (provider, tenant) references identity.federation_provider (id, tenant),
  foreign key (account, tenant) references identity.account (id, tenant)
);
create index federation_identity_account on identity.federation_identity (account);

-- One sign-in on its way to a provider and back, 10 minutes at most, used once, bound to one browser.
create table identity.federation_flow (
  id uuid primary key,
  -- SHA-256 of `state` (OIDC) or RelayState (SAML).
  state bytea not null unique check (octet_length(state) = 32),
  provider uuid not null,
  tenant int not null,
  -- SHA-256 of the flow cookie, or of the session's id where an account is being linked.
  browser bytea not null check (octet_length(browser) = 32),
  purpose text not null check (purpose in ('sign-in', 'link')),
  account uuid,
  key_id bigint not null,
  -- PKCE verifier and nonce, or the request's ID.
  sealed bytea not null,
  created_at timestamptz not null,
  expires_at timestamptz not null check (expires_at > created_at),
  used_at timestamptz,
  -- What a SAML response said, until the browser fetches it with its cookie: SHA-256 of the handle, and the result.
  handle bytea unique check (octet_length(handle) = 32),
  result bytea,
  fetched_at timestamptz,
  foreign key (provider, tenant) references identity.federation_provider (id, tenant)
);
create index federation_flow_browser on identity.federation_flow (browser);
create index federation_flow_expires on identity.federation_flow (expires_at);

-- Ids of assertions and logout tokens, hashed: each is taken once while it could still be valid.
create table identity.federation_seen (
  provider uuid not null,
  tenant int not null,
  hash bytea not null check (octet_length(hash) = 32),
  expires_at timestamptz not null,
  primary key (provider, hash),
  foreign key (provider, tenant) references identity.federation_provider (id, tenant)
);
create index federation_seen_expires on identity.federation_seen (expires_at);

alter table identity.federation_provider enable row level security, force row level security;
alter table identity.federation_identity enable row level security, force row level security;
alter table identity.federation_flow enable row level security, force row level security;
alter table identity.federation_seen enable row level security, force row level security;

create policy platform on identity.federation_provider
  using (current_setting('safeguard.tenant')::int = 0) with check (current_setting('safeguard.tenant')::int = 0);
create policy platform on identity.federation_identity
  using (current_setting('safeguard.tenant')::int = 0) with check (current_setting('safeguard.tenant')::int = 0);
create policy platform on identity.federation_flow
  using (current_setting('safeguard.tenant')::int = 0) with check (current_setting('safeguard.tenant')::int = 0);
create policy platform on identity.federation_seen
  using (current_setting('safeguard.tenant')::int = 0) with check (current_setting('safeguard.tenant')::int = 0);

create policy own on identity.federation_provider for select
  using (tenant = current_setting('safeguard.tenant')::int);
create policy own on identity.federation_identity for select
  using (tenant = current_setting('safeguard.tenant')::int);

-- Tenant, kind and id of a provider never change, nor whose a link is; providers are never deleted.
grant select, insert, update (enabled, version, key_id, sealed, changed_at, removed_at)
  on identity.federation_provider to safeguard_identity;
grant select, insert, delete on identity.federation_identity to safeguard_identity;
grant select, insert, update (used_at, handle, result, fetched_at), delete
  on identity.federation_flow to safeguard_identity;
grant select, insert, delete on identity.federation_seen to safeguard_identity;
