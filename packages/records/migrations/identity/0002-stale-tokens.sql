-- Tokens of a resource, to take away those that no longer hold.
create index token_by_row on records.token (tenant, row);

-- Resources whose last write left tokens of the version before. A superset of tokens costs a look and never an answer;
-- a missing one would lose an answer. So the new tokens come before the clinical commit, the old ones go after it, and
-- what a crash leaves between stands here for the sweep.
create table records.stale (
  tenant int4 not null,
  row    uuid not null,
  hour   int4 not null,
  primary key (tenant, row)
);
alter table records.stale enable row level security;
alter table records.stale force row level security;
create policy tenant on records.stale using (tenant = current_setting('safeguard.tenant')::int4);

-- Puts the identity half of writes. Of rows that are replaced (`replaced`) the lock comes first, so that no
-- `drop_stale` under way takes away a token that is put here; where other tokens stand, the row is noted as stale.
create function records.put_parts(
  tenant_ int4, rows_ uuid[], editions int8[], keys int4[], lengths int4[], bodies bytea, hour_ int4,
  replaced uuid[], tokens int8[], token_rows uuid[]
) returns void language plpgsql as $$
begin
  if cardinality(replaced) > 0 then
    perform pg_advisory_xact_lock(l.k) from (
      select distinct hashtextextended(r::text, tenant_) as k from unnest(replaced) r order by 1
    ) l;
    insert into records.stale (tenant, row, hour)
      select distinct tenant_, t.row, hour_ from records.token t
      where t.tenant = tenant_ and t.row = any (replaced)
        and not exists (select from unnest(tokens, token_rows) n (token, row) where n.token = t.token and n.row = t.row)
      on conflict (tenant, row) do update set hour = excluded.hour;
  end if;
  insert into records.token (tenant, token, row)
    select distinct tenant_, t.token, t.row from unnest(tokens, token_rows) t (token, row)
    order by 2, 3 -- one order for all writers, so that two cannot wait for each other
    on conflict do nothing;
  insert into records.part (tenant, row, edition, key, hour, body)
    select tenant_, u.row, u.edition, u.key, hour_, substring(bodies from (u.start + 1)::int4 for u.length)
    from (
      select *, coalesce(sum(p.length) over (order by p.n rows between unbounded preceding and 1 preceding), 0) as start
      from unnest(rows_, editions, keys, lengths) with ordinality p (row, edition, key, length, n)
    ) u;
end $$;

-- Takes away the tokens of `rows_` that are not among `tokens`; `limits`: of each row the lowest edition of a later
-- version. Where a later version was put meanwhile, its writer does this, or the sweep.
create function records.drop_stale(tenant_ int4, rows_ uuid[], limits int8[], tokens int8[], token_rows uuid[])
returns void language plpgsql as $$
declare
  settled uuid[];
begin
  perform pg_advisory_xact_lock(l.k) from (
    select distinct hashtextextended(r::text, tenant_) as k from unnest(rows_) r order by 1
  ) l;
  select coalesce(array_agg(w.row), '{}') into settled from unnest(rows_, limits) w (row, bound)
    where not exists (
      select from records.part p where p.tenant = tenant_ and p.row = w.row and p.edition >= w.bound
    );
  delete from records.token t
    where t.tenant = tenant_ and t.row = any (settled)
      and not exists (select from unnest(tokens, token_rows) n (token, row) where n.token = t.token and n.row = t.row);
  delete from records.stale s where s.tenant = tenant_ and s.row = any (settled);
end $$;

revoke all on function records.put_parts from public;
revoke all on function records.drop_stale from public;
grant execute on function records.put_parts to safeguard_identity;
grant execute on function records.drop_stale to safeguard_identity;
grant select, insert, update, delete on records.stale to safeguard_identity;
