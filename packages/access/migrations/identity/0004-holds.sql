-- Holds: whoever opens a way into somebody else's account (a link, a login, an identity of single sign-on) could sign in
-- as that person. From then on what the account holds opens nothing, until somebody else confirms who it is.
-- Neither a hold nor its release is ever changed or deleted: a hold counts while it has no release.

create table access.hold (
  id uuid primary key,
  tenant int not null check (tenant > 0),
  number bigint generated always as identity,
  account uuid not null,
  cause text not null check (cause in ('recovery-link', 'recovery-used', 'invitation', 'invitation-used', 'login',
    'identity', 'directory', 'provider')),
  -- The link, the provider or the account that it was done with.
  about uuid not null,
  -- Whoever did it; `unknown`: nobody said who.
  caused_kind text not null check (caused_kind in ('user', 'client', 'operator', 'unknown')),
  caused_by uuid,
  made_at timestamptz not null,
  check ((caused_by is null) = (caused_kind in ('operator', 'unknown'))),
  unique (id, tenant)
);
create unique index hold_number on access.hold (tenant, number);
create index hold_account on access.hold (tenant, account);

create table access.hold_release (
  hold uuid primary key,
  tenant int not null check (tenant > 0),
  -- Null: the operator, at the machine.
  released_by uuid,
  released_at timestamptz not null,
  -- How the person was identified, in the words of who did it, under their key.
  key_id bigint not null,
  sealed bytea not null,
  foreign key (hold, tenant) references access.hold (id, tenant)
);

create function access.is_held(whose_tenant int, whose uuid) returns boolean language sql stable set search_path = '' as $$
  select exists (select from access.hold h where h.tenant = whose_tenant and h.account = whose
    and not exists (select from access.hold_release r where r.hold = h.id))
$$;

-- What the code holds, held a second time: nobody releases what is on themselves, or on an account that they opened a
-- way into; and who is on hold releases and decides nothing.
create function access.check_hold_release() returns trigger language plpgsql set search_path = '' as $$
declare
  h access.hold;
begin
  select * into strict h from access.hold where id = new.hold and tenant = new.tenant;
  if new.released_by = h.account or access.is_held(new.tenant, new.released_by) or exists (
      select from access.hold o where o.tenant = h.tenant and o.account = h.account and o.caused_by = new.released_by
      and not exists (select from access.hold_release r where r.hold = o.id)) then
    raise exception 'a hold is released by somebody else' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger hold_released_by_another before insert on access.hold_release
  for each row execute function access.check_hold_release();

create function access.check_decision_not_held() returns trigger language plpgsql set search_path = '' as $$
begin
  if access.is_held(new.tenant, new.decided_by) then
    raise exception 'who is on hold decides nothing' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger decision_not_on_hold before insert on access.decision
  for each row execute function access.check_decision_not_held();
create trigger policy_decision_not_on_hold before insert on access.policy_decision
  for each row execute function access.check_decision_not_held();

alter table access.hold enable row level security, force row level security;
alter table access.hold_release enable row level security, force row level security;
-- Tenant 0, the platform: accounts are changed as it, and what holds them stands in the same transaction.
create policy own on access.hold using (current_setting('safeguard.tenant')::int in (0, tenant))
  with check (current_setting('safeguard.tenant')::int in (0, tenant));
create policy own on access.hold_release using (current_setting('safeguard.tenant')::int in (0, tenant))
  with check (tenant = current_setting('safeguard.tenant')::int);
alter policy own on access.notice using (current_setting('safeguard.tenant')::int in (0, tenant))
  with check (current_setting('safeguard.tenant')::int in (0, tenant));

grant select, insert on access.hold to safeguard_identity;
grant select, insert on access.hold_release to safeguard_identity;
