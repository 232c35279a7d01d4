-- The index of the ledger: where the entries stand that are about somebody or something. It is made from the ledger by
-- whoever follows it, and can be made anew at any time. Nothing in it is readable but times and numbers; nothing that is
-- answered is taken from it: an entry is opened from the ledger itself, and judged there.
create schema audit;
grant usage on schema audit to safeguard_ledger;

-- How far each log has been followed: entries [0, next). `form`: of the rows, by the version of the code that made them.
-- `holder`, `until`: which process follows it in the background, and for how long it has said so.
create table audit.mark (
  tenant int4 not null,
  shard  int4 not null,
  form   int4 not null,
  next   int8 not null check (next >= 0),
  holder uuid,
  until  timestamptz,
  primary key (tenant, shard)
);

-- One row per event (of an event in several parts: of the first). `place` = index * 1024 + shard. `actor`, `client`:
-- blind tokens; `action`, `type`, `subtype`, `outcome`: 32 bits of one.
create table audit.entry (
  at      int8 not null,
  place   int8 not null,
  actor   int8 not null,
  client  int8,
  tenant  int4 not null,
  action  int4 not null,
  type    int4 not null,
  subtype int4 not null,
  outcome int4 not null,
  primary key (tenant, at, place)
);
create index entry_by_actor on audit.entry (actor, at);
create index entry_by_client on audit.entry (client, at) where client is not null;

-- One row per Patient in whose record an event is, in the order of time. `token` is blind.
create table audit.about (
  token  int8 not null,
  at     int8 not null,
  place  int8 not null,
  tenant int4 not null
);
create index about_by_token on audit.about (token, at, place);

-- The other resources that an event touched, eight to a row: blind tokens. There are many of them, and seldom is one
-- asked for: in rows and indexes like these one costs 45 bytes, not 105.
create table audit.target (
  at     int8 not null,
  place  int8 not null,
  tenant int4 not null,
  t0 int8 not null, t1 int8, t2 int8, t3 int8, t4 int8, t5 int8, t6 int8, t7 int8
);
create index target_by_t0 on audit.target (t0);
create index target_by_t1 on audit.target (t1) where t1 is not null;
create index target_by_t2 on audit.target (t2) where t2 is not null;
create index target_by_t3 on audit.target (t3) where t3 is not null;
create index target_by_t4 on audit.target (t4) where t4 is not null;
create index target_by_t5 on audit.target (t5) where t5 is not null;
create index target_by_t6 on audit.target (t6) where t6 is not null;
create index target_by_t7 on audit.target (t7) where t7 is not null;

grant select, insert, update on audit.mark to safeguard_ledger;
grant select, insert, delete on audit.entry, audit.about, audit.target to safeguard_ledger;

alter table audit.mark enable row level security;
alter table audit.mark force row level security;
create policy tenant on audit.mark to safeguard_ledger
  using (tenant = (select current_setting('safeguard.tenant')::int));
alter table audit.entry enable row level security;
alter table audit.entry force row level security;
create policy tenant on audit.entry to safeguard_ledger
  using (tenant = (select current_setting('safeguard.tenant')::int));
alter table audit.about enable row level security;
alter table audit.about force row level security;
create policy tenant on audit.about to safeguard_ledger
  using (tenant = (select current_setting('safeguard.tenant')::int));
alter table audit.target enable row level security;
alter table audit.target force row level security;
create policy tenant on audit.target to safeguard_ledger
  using (tenant = (select current_setting('safeguard.tenant')::int));
