-- The authorization server: what clients are allowed, tokens of people, codes, grants, refresh tokens, signing keys.
-- Ids of codes, tokens, requests are kept as SHA-256 alone; what stands behind them is sealed under the tenant's vault.

alter table identity.client
  add column type text not null default 'confidential' check (type in ('confidential', 'public')),
  -- Only an approved client gets codes and tokens.
  add column state text not null default 'approved' check (state in ('draft', 'pending', 'approved', 'revoked')),
  add column auth_method text not null default 'client_secret_basic' check (auth_method in ('client_secret_basic',
    'client_secret_post', 'private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth', 'none')),
  -- Of private_key_jwt: the one algorithm; null: any that is served.
  add column auth_alg text,
  -- Of tls_client_auth: {"property": "san_dns", "value": "…"} (RFC 8705 2.1.2).
  add column certificate jsonb,
  add column grant_types text[] not null default '{client_credentials}',
  add column redirect_uris text[] not null default '{}',
  add column post_logout_redirect_uris text[] not null default '{}',
  add column backchannel_logout_uri text,
  -- Public keys (RFC 7517), by value or by address.
  add column jwks jsonb,
  add column jwks_uri text,
  -- SMART App Launch: where an EHR launch begins.
  add column launch_uri text,
  add column logo_uri text,
  add column client_uri text,
  add column policy_uri text,
  add column tos_uri text,
  add column id_token_alg text not null default 'RS256' check (id_token_alg in ('RS256', 'ES384')),
  add column require_par boolean not null default false,
  add column dpop_bound boolean not null default false,
  add column certificate_bound boolean not null default false,
  -- Seconds; null: the instance's.
  add column token_lifetime_s int check (token_lifetime_s between 30 and 86400),
  add column refresh_lifetime_s int check (refresh_lifetime_s between 60 and 31536000),
  add check ((type = 'public') = (auth_method = 'none')),
  add check (jwks is null or jwks_uri is null);
-- The policies hold for the owner too: this is the platform's work.
set local safeguard.tenant = '0';
update identity.client set state = 'revoked' where revoked_at is not null;
alter table identity.client add check ((state = 'revoked') = (revoked_at is not null));
grant update (state, jwks, jwks_uri) on identity.client to safeguard_identity;

alter table identity.token
  -- The model's name is part of what is looked up: a token of one kind is none of another.
  add column kind text not null default 'ClientCredentials' check (kind in ('ClientCredentials', 'AccessToken')),
  add column account uuid,
  -- The sign-in session that it ends with; null where it outlives it (offline) or never had one.
  add column session uuid,
  add column grant_id text,
  -- SMART launch context.
  add column patient uuid,
  add column encounter uuid,
  add column offline boolean not null default false,
  -- What the holder must show: {"jkt": "…"} (RFC 9449) or {"x5t#S256": "…"} (RFC 8705).
  add column confirmation jsonb,
  add column audience text,
  -- Of token exchange (RFC 8693 4.1): the client that was given it by another, and who that was: {"client_id": "…"}.
  add column act jsonb,
  -- How surely the person was recognised when they agreed.
  add column level smallint check (level in (1, 2)),
  add column methods text[],
  add column authenticated_at timestamptz,
  -- The rest of what oidc-provider keeps of a token.
  add column key_id bigint,
  add column sealed bytea,
  add foreign key (account, tenant) references identity.account (id, tenant),
  add check ((kind = 'AccessToken') = (account is not null)),
  add check ((account is null) = (grant_id is null));
-- A person's token may be good for nothing but the userinfo endpoint.
alter table identity.token drop constraint token_scopes_check;
alter table identity.token add check (cardinality(scopes) > 0 or account is not null);
create index token_account on identity.token (account) where account is not null and revoked_at is null;
create index token_session on identity.token (session) where session is not null and revoked_at is null;
create index token_grant on identity.token (grant_id) where grant_id is not null;

-- What oidc-provider stores: AuthorizationCode, RefreshToken, Grant, Interaction, PushedAuthorizationRequest, Session.
create table identity.oidc (
  kind text not null check (kind in ('AuthorizationCode', 'RefreshToken', 'Grant', 'Interaction',
    'PushedAuthorizationRequest', 'Session')),
  -- SHA-256 of the id.
  hash bytea not null check (octet_length(hash) = 32),
  -- Of the client; 0: of a browser that nobody has signed in from yet.
  tenant int not null,
  client uuid,
  account uuid,
  grant_id text,
  -- The sign-in session that it ends with; null where it outlives it.
  session uuid,
  key_id bigint not null,
  sealed bytea not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  -- Used up (a code, a refresh token, a pushed request) or ended (a grant).
  consumed_at timestamptz,
  primary key (kind, hash),
  foreign key (account, tenant) references identity.account (id, tenant),
  foreign key (client, tenant) references identity.client (id, tenant)
);
create index oidc_expires on identity.oidc (expires_at);
create index oidc_grant on identity.oidc (grant_id, kind) where grant_id is not null;
create index oidc_account on identity.oidc (account, kind) where account is not null;
create index oidc_client on identity.oidc (client) where client is not null;
create index oidc_session on identity.oidc (session) where session is not null;

-- What may be shown once: the jti of a client assertion (RFC 7523 3), of a DPoP proof (RFC 9449 11.1).
create table identity.replay (
  hash bytea primary key check (octet_length(hash) = 32),
  tenant int not null,
  expires_at timestamptz not null
);
create index replay_expires on identity.replay (expires_at);

-- Keys that ID tokens are signed with: the platform's, one issuer for all tenants. A key is published before it signs
-- and stays published after it stopped, so that whoever keeps the set for a while can check every token.
create table identity.signing_key (
  kid text primary key,
  tenant int not null default 0 check (tenant = 0),
  alg text not null check (alg in ('RS256', 'ES384')),
  key_id bigint not null,
  sealed bytea not null,
  created_at timestamptz not null,
  signs_from timestamptz not null,
  -- No longer published from then on.
  ends_at timestamptz
);

alter table identity.oidc enable row level security, force row level security;
alter table identity.replay enable row level security, force row level security;
alter table identity.signing_key enable row level security, force row level security;
create policy platform on identity.oidc
  using (current_setting('safeguard.tenant')::int = 0) with check (current_setting('safeguard.tenant')::int = 0);
create policy platform on identity.replay
  using (current_setting('safeguard.tenant')::int = 0) with check (current_setting('safeguard.tenant')::int = 0);
create policy platform on identity.signing_key
  using (current_setting('safeguard.tenant')::int = 0) with check (current_setting('safeguard.tenant')::int = 0);
create policy own on identity.oidc for select using (tenant = current_setting('safeguard.tenant')::int);
create policy own on identity.replay for select using (tenant = current_setting('safeguard.tenant')::int);

grant select, insert, update (key_id, sealed, expires_at, consumed_at, account, grant_id, session), delete
  on identity.oidc to safeguard_identity;
grant select, insert, delete on identity.replay to safeguard_identity;
grant select, insert, update (ends_at), delete on identity.signing_key to safeguard_identity;
