-- Key tree of the identity segment: root key (outside) -> tenant_key -> search_key and data_key.
-- Only wrapped keys stand here.
-- In this segment data_key.owner is the keyed pseudonym of the Patient id, never the id itself: with it, a dump of
-- identity and a dump of clinical could be joined.
create schema seal;
grant usage on schema seal to safeguard_identity;

-- Which root keys these data stand under: one, or two while the root key is being rotated. Belongs to the platform.
create table seal.root_key (
  root text primary key check (length(root) between 1 and 100),
  tenant int not null default 0 check (tenant = 0),
  proof bytea not null
);

create table seal.tenant_key (
  tenant int not null,
  version int not null check (version > 0),
  -- A root key's row cannot go while a tenant key of any tenant stands under it.
  root text not null references seal.root_key,
  wrapped bytea not null,
  created_at timestamptz not null default now(),
  primary key (tenant, version)
);

-- The keys of blind tokens and pseudonyms. They are re-wrapped, never replaced: the indexes hang on them.
create table seal.search_key (
  tenant int not null,
  purpose text not null check (purpose in ('index', 'pseudonym')),
  key_version int not null,
  wrapped bytea not null check (length(wrapped) = 92),
  primary key (tenant, purpose),
  foreign key (tenant, key_version) references seal.tenant_key
);

create sequence seal.data_key_id as int;

create table seal.data_key (
  tenant int not null,
  id int not null default nextval('seal.data_key_id'),
  owner uuid not null,
  -- A tenant key cannot go while a data key stands under it: a writer that still holds a retired version is refused.
  key_version int,
  wrapped bytea check (length(wrapped) = 92),
  -- Set once. The row stays for ever, so that no key is made for this owner again.
  destroyed_at timestamptz,
  primary key (tenant, id),
  unique (tenant, owner),
  foreign key (tenant, key_version) references seal.tenant_key,
  check ((destroyed_at is null) = (wrapped is not null) and (wrapped is null) = (key_version is null))
);
create index data_key_version on seal.data_key (tenant, key_version) where key_version is not null;

create function seal.keep_tombstone() returns trigger language plpgsql as $$
begin
  raise exception 'a destroyed key stays destroyed' using errcode = 'restrict_violation';
end $$;
create trigger keep_tombstone before update on seal.data_key
  for each row when (old.destroyed_at is not null) execute function seal.keep_tombstone();

alter table seal.root_key enable row level security;
alter table seal.root_key force row level security;
create policy tenant on seal.root_key using (tenant = current_setting('safeguard.tenant')::int);
alter table seal.tenant_key enable row level security;
alter table seal.tenant_key force row level security;
create policy tenant on seal.tenant_key using (tenant = current_setting('safeguard.tenant')::int);
alter table seal.search_key enable row level security;
alter table seal.search_key force row level security;
create policy tenant on seal.search_key using (tenant = current_setting('safeguard.tenant')::int);
alter table seal.data_key enable row level security;
alter table seal.data_key force row level security;
create policy tenant on seal.data_key using (tenant = current_setting('safeguard.tenant')::int);

grant select, insert, delete on seal.root_key to safeguard_identity;
grant select, insert, delete, update (root, wrapped) on seal.tenant_key to safeguard_identity;
grant select, insert, update (key_version, wrapped) on seal.search_key to safeguard_identity;
grant select, insert, update (key_version, wrapped, destroyed_at) on seal.data_key to safeguard_identity;
grant usage on sequence seal.data_key_id to safeguard_identity;
