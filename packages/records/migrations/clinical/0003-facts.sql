-- What policies depend on: which CareTeams (15), Consents (29) and PractitionerRoles (109) were written or erased of
-- late, by the transaction that did it. A process that remembers the snapshot of its last look sees exactly what was
-- committed since, whatever the clocks of those who wrote; nobody waits for anybody. Rows of an hour ago may go.
create table records.fact_change (
  tenant int4 not null,
  type   int2 not null,
  xid    xid8 not null default pg_current_xact_id(),
  id     uuid not null,
  at     timestamptz not null default clock_timestamp(),
  primary key (tenant, type, xid, id)
);

alter table records.fact_change enable row level security;
alter table records.fact_change force row level security;
create policy tenant on records.fact_change using (tenant = current_setting('safeguard.tenant')::int4);

create function records.note_fact() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    insert into records.fact_change (tenant, type, id) values (old.tenant, old.type, old.id) on conflict do nothing;
  else
    insert into records.fact_change (tenant, type, id) values (new.tenant, new.type, new.id) on conflict do nothing;
  end if;
  return null;
end $$;

create trigger fact_written after insert or update on records.resource
  for each row when (new.type in (15, 29, 109)) execute function records.note_fact();
create trigger fact_erased after delete on records.resource
  for each row when (old.type in (15, 29, 109)) execute function records.note_fact();

revoke all on function records.note_fact from public;
grant execute on function records.note_fact to safeguard_clinical;
grant select, insert, delete on records.fact_change to safeguard_clinical;
