-- The clinical segment: what stays of a resource once its direct identifiers are lifted out.
-- A body is sealed (see packages/seal); type, time, version and the number of its data key are in clear.
create schema records;

-- The current version of every resource. `body` is null once it is deleted.
-- `identity` is the edition of the row in the identity segment that belongs to this version; null: nothing was lifted.
create table records.resource (
  tenant   int4 not null,
  id       uuid not null,
  at       timestamptz not null,
  version  int4 not null,
  key      int4 not null,
  identity int8,
  type     int2 not null,
  body     bytea,
  primary key (tenant, id)
);
create index resource_by_time on records.resource (tenant, type, at, id);

-- Earlier versions, as they were.
create table records.history (
  tenant   int4 not null,
  id       uuid not null,
  at       timestamptz not null,
  version  int4 not null,
  key      int4 not null,
  identity int8,
  type     int2 not null,
  body     bytea,
  primary key (tenant, id, version)
);

-- A write's own event, sealed, in the write's own transaction; gone once it is chained in the ledger.
create table records.intent (
  tenant int4 not null,
  id     uuid not null,
  at     timestamptz not null,
  event  bytea not null,
  primary key (tenant, id)
);

-- Sealed bodies do not compress: store them as they are.
alter table records.resource alter column body set storage external;
alter table records.history alter column body set storage external;
alter table records.intent alter column event set storage external;
alter table records.intent set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

alter table records.resource enable row level security;
alter table records.resource force row level security;
create policy tenant on records.resource using (tenant = current_setting('safeguard.tenant')::int4);
alter table records.history enable row level security;
alter table records.history force row level security;
create policy tenant on records.history using (tenant = current_setting('safeguard.tenant')::int4);
alter table records.intent enable row level security;
alter table records.intent force row level security;
create policy tenant on records.intent using (tenant = current_setting('safeguard.tenant')::int4);

-- Writes new versions, several at once. `expected` is the version that must be there now, 0 for a new resource.
-- `lengths` cuts `bodies` into one body each (-1: no body, the resource is deleted); `events` likewise into intents.
-- `owners` says which intent each row belongs to (1-based). With `atomic` a single row that does not fit raises
-- serialization_failure and nothing is written; without it, the row and its intent are left out.
-- Answers which rows were written, in their order.
create function records.put(
  tenant_ int4, atomic boolean, ids uuid[], types int2[], expected int4[], times timestamptz[], keys int4[],
  identities int8[], lengths int4[], bodies bytea, owners int4[], intent_ids uuid[], intent_lengths int4[], events bytea
) returns boolean[] language plpgsql as $$
declare
  done boolean[] := array_fill(false, array[cardinality(ids)]);
  replaces boolean := exists (select from unnest(expected) e where e > 0);
begin
  if replaces then
    -- Locks in the order of the ids, so that two writers cannot wait for each other.
    perform from records.resource r
      where r.tenant = tenant_ and r.id = any (ids)
      order by r.id for update;
    insert into records.history (tenant, id, at, version, key, identity, type, body)
      select r.tenant, r.id, r.at, r.version, r.key, r.identity, r.type, r.body
      from unnest(ids, types, expected) w (id, type, expected)
      join records.resource r on r.tenant = tenant_ and r.id = w.id and r.version = w.expected and r.type = w.type
      where w.expected > 0;
  end if;
  with rows as (
    select n, w.id, w.type, w.expected, w.at, w.key, w.identity,
      case when w.length >= 0 then substring(bodies from (w.start + 1)::int4 for w.length) end as body
    from (
      select *, coalesce(sum(greatest(u.length, 0)) over (order by u.n rows between unbounded preceding and 1 preceding), 0)
        as start
      from unnest(ids, types, expected, times, keys, identities, lengths) with ordinality
        u (id, type, expected, at, key, identity, length, n)
    ) w
  ), changed as (
    update records.resource r
      set version = w.expected + 1, at = w.at, key = w.key, identity = w.identity, body = w.body
      from rows w
      where replaces and w.expected > 0
        and r.tenant = tenant_ and r.id = w.id and r.version = w.expected and r.type = w.type
      returning w.n
  ), made as (
    insert into records.resource (tenant, id, at, version, key, identity, type, body)
      select tenant_, w.id, w.at, 1, w.key, w.identity, w.type, w.body from rows w where w.expected = 0
      on conflict do nothing
      returning id
  )
  select array_agg(c.n is not null or m.id is not null order by w.n) into done
    from rows w
    left join changed c on c.n = w.n
    left join made m on m.id = w.id and w.expected = 0;
  if atomic and false = any (done) then
    raise serialization_failure using message = 'a version is not the expected one';
  end if;
  insert into records.intent (tenant, id, at, event)
    select tenant_, u.id, now(), substring(events from (u.start + 1)::int4 for u.length)
    from (
      select *, coalesce(sum(i.length) over (order by i.n rows between unbounded preceding and 1 preceding), 0) as start
      from unnest(intent_ids, intent_lengths) with ordinality i (id, length, n)
    ) u
    where exists (select from unnest(owners, done) o (intent, done) where o.intent = u.n and o.done);
  return done;
end $$;

revoke all on function records.put from public;
grant usage on schema records to safeguard_clinical;
grant select, insert, update on records.resource to safeguard_clinical;
grant select, insert on records.history to safeguard_clinical;
grant select, insert, delete on records.intent to safeguard_clinical;
grant execute on function records.put to safeguard_clinical;
