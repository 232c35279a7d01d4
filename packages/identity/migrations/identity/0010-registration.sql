-- Registration of applications: what somebody asked for, who decided, and what of it is in force. The client is what is
-- in force; an application is what a reviewer sees of it. Both have one id.

create table identity.application (
  id uuid primary key,
  tenant int not null,
  source text not null check (source in ('portal', 'dynamic', 'udap')),
  -- The account that asked, or that let the software ask (dynamic registration): it never decides. Null: UDAP.
  requester uuid,
  state text not null check (state in ('draft', 'pending', 'approved', 'refused', 'revoked')),
  -- The revision that `state` is about, and the one in force; null: none ever was.
  proposed int not null,
  current int,
  -- Of UDAP: SHA-256 of the community member's URI; one application a member and tenant.
  member bytea check (octet_length(member) = 32),
  -- Of dynamic registration: SHA-256 of the registration access token (RFC 7592).
  management bytea unique check (octet_length(management) = 32),
  created_at timestamptz not null,
  changed_at timestamptz not null,
  unique (id, tenant),
  foreign key (id, tenant) references identity.client (id, tenant),
  foreign key (requester, tenant) references identity.account (id, tenant)
);
create index application_tenant on identity.application (tenant, created_at, id);
create index application_requester on identity.application (requester);
create unique index application_member on identity.application (tenant, member) where state <> 'revoked';

-- What was asked for, as often as it was asked. Never changed.
create table identity.application_revision (
  application uuid not null,
  tenant int not null,
  number int not null check (number > 0),
  -- What becomes the client: name, scopes, addresses, keys, way of authentication.
  content jsonb not null,
  key_id bigint not null,
  -- JSON, for the reviewer: publisher, description, contact, addresses, purpose, picture.
  sealed bytea not null,
  -- Null: the software itself.
  made_by uuid,
  created_at timestamptz not null,
  primary key (application, number),
  foreign key (application, tenant) references identity.application (id, tenant)
);

-- What happened, in order. Never changed, never removed.
create table identity.application_event (
  application uuid not null,
  tenant int not null,
  number int not null check (number > 0),
  at timestamptz not null,
  kind text not null check (kind in ('create', 'change', 'narrow', 'submit', 'withdraw', 'approve', 'refuse',
    'revoke')),
  actor_kind text not null check (actor_kind in ('user', 'client', 'operator', 'software')),
  -- Of an account or a client.
  actor uuid,
  revision int not null,
  -- What was granted by it: of `approve` and `narrow`.
  scopes text[],
  key_id bigint,
  -- Why, in the decider's words.
  sealed bytea,
  primary key (application, number),
  foreign key (application, tenant) references identity.application (id, tenant),
  foreign key (application, revision) references identity.application_revision (application, number),
  check ((kind in ('approve', 'narrow')) = (scopes is not null)),
  check ((actor is not null) = (actor_kind in ('user', 'client'))),
  check (kind not in ('approve', 'refuse') or actor_kind in ('user', 'operator'))
);

-- An invitation to register by software (RFC 7591 3: initial access token): SHA-256 alone.
create table identity.registration_invitation (
  id uuid primary key,
  tenant int not null references identity.tenant (id),
  hash bytea not null unique check (octet_length(hash) = 32),
  made_by uuid not null,
  created_at timestamptz not null,
  expires_at timestamptz not null check (expires_at > created_at),
  uses int not null check (uses between 1 and 100),
  used int not null default 0 check (used between 0 and uses),
  ended_at timestamptz,
  foreign key (made_by, tenant) references identity.account (id, tenant)
);
create index registration_invitation_tenant on identity.registration_invitation (tenant);

-- When a secret (its id) or a key (its kid) last proved its client: what may be retired. Within a minute.
create table identity.client_use (
  client uuid not null,
  tenant int not null,
  proof text not null check (length(proof) between 1 and 200),
  last_used_at timestamptz not null,
  primary key (client, proof),
  foreign key (client, tenant) references identity.client (id, tenant)
);

alter table identity.application enable row level security, force row level security;
alter table identity.application_revision enable row level security, force row level security;
alter table identity.application_event enable row level security, force row level security;
alter table identity.registration_invitation enable row level security, force row level security;
alter table identity.client_use enable row level security, force row level security;

create policy platform on identity.application
  using (current_setting('safeguard.tenant')::int = 0) with check (current_setting('safeguard.tenant')::int = 0);
create policy platform on identity.application_revision
  using (current_setting('safeguard.tenant')::int = 0) with check (current_setting('safeguard.tenant')::int = 0);
create policy platform on identity.application_event
  using (current_setting('safeguard.tenant')::int = 0) with check (current_setting('safeguard.tenant')::int = 0);
create policy platform on identity.registration_invitation
  using (current_setting('safeguard.tenant')::int = 0) with check (current_setting('safeguard.tenant')::int = 0);
create policy platform on identity.client_use
  using (current_setting('safeguard.tenant')::int = 0) with check (current_setting('safeguard.tenant')::int = 0);
create policy own on identity.application for select using (tenant = current_setting('safeguard.tenant')::int);
create policy own on identity.application_revision for select using (tenant = current_setting('safeguard.tenant')::int);
create policy own on identity.application_event for select using (tenant = current_setting('safeguard.tenant')::int);
create policy own on identity.registration_invitation for select
  using (tenant = current_setting('safeguard.tenant')::int);
create policy own on identity.client_use for select using (tenant = current_setting('safeguard.tenant')::int);

grant select, insert, update (state, proposed, current, management, changed_at)
  on identity.application to safeguard_identity;
grant select, insert on identity.application_revision, identity.application_event to safeguard_identity;
grant select, insert, update (used, ended_at), delete on identity.registration_invitation to safeguard_identity;
grant select, insert, update (last_used_at) on identity.client_use to safeguard_identity;

-- The one way by which a client's scopes, addresses and name change: the newest event of its application must be an
-- approval (or a narrowing) of a revision, and what that revision says is copied. Nobody approves what they asked for
-- or wrote. The runtime role may not write these columns itself.
create function identity.settle_application(of uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  e identity.application_event;
  a identity.application;
  r identity.application_revision;
begin
  select * into strict a from identity.application where id = of for update;
  select * into strict e from identity.application_event where application = of order by number desc limit 1;
  select * into strict r from identity.application_revision where application = of and number = e.revision;
  if e.kind not in ('approve', 'narrow') or a.state = 'revoked' then
    raise exception 'nothing was decided' using errcode = 'check_violation';
  end if;
  if e.kind = 'approve' and (e.actor = a.requester or e.actor in (
      select made_by from identity.application_revision where application = of and number > coalesce(a.current, 0)
        and number <= e.revision)) then
    raise exception 'nobody approves what they asked for' using errcode = 'check_violation';
  end if;
  if e.kind = 'narrow' and not exists (
      select from identity.client c where c.id = of and c.state = 'approved'
        and c.redirect_uris @> array(select jsonb_array_elements_text(r.content->'redirect_uris'))) then
    raise exception 'that is no narrowing' using errcode = 'check_violation';
  end if;
  update identity.client c set
    name = r.content->>'name',
    scopes = e.scopes,
    view = r.content->>'view',
    type = case when r.content->>'auth_method' = 'none' then 'public' else 'confidential' end,
    auth_method = r.content->>'auth_method',
    grant_types = array(select jsonb_array_elements_text(r.content->'grant_types')),
    redirect_uris = array(select jsonb_array_elements_text(r.content->'redirect_uris')),
    post_logout_redirect_uris = array(select jsonb_array_elements_text(r.content->'post_logout_redirect_uris')),
    launch_uri = r.content->>'launch_uri',
    client_uri = r.content->>'client_uri',
    policy_uri = r.content->>'policy_uri',
    tos_uri = r.content->>'tos_uri',
    -- Keys by value are rotated beside the revisions: one that says nothing of them leaves them.
    jwks = case when r.content ? 'jwks' then r.content->'jwks' when r.content ? 'jwks_uri' then null else c.jwks end,
    jwks_uri = r.content->>'jwks_uri',
    state = 'approved'
    where c.id = of and c.revoked_at is null;
  if not found then raise exception 'the client is revoked' using errcode = 'check_violation'; end if;
  update identity.application set state = 'approved', proposed = e.revision, current = e.revision, changed_at = e.at
    where id = of;
end $$;
revoke all on function identity.settle_application(uuid) from public;
grant execute on function identity.settle_application(uuid) to safeguard_identity;
