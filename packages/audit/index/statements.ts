import type { Statement } from '@safeguard/store';

const make = (name: string, text: string): Statement => ({ name: `audit.${name}`, text });

export const listMarks = make('mark.list', 'select shard, form, next from audit.mark where tenant = $1');

export const addMark = make(
  'mark.add',
  `insert into audit.mark (tenant, shard, form, next) values ($1, $2, $3, 0) on conflict (tenant, shard) do nothing`,
);

/** Says that this process ($3) follows a log in the background for 5 s; no row: another does, or is at it just now. */
export const holdMark = make(
  'mark.hold',
  `update audit.mark m set holder = $3, until = now() + interval '5 seconds'
   from (
     select tenant, shard from audit.mark
     where tenant = $1 and shard = $2 and (holder is null or holder = $3 or until < now())
     for update skip locked
   ) free
   where m.tenant = free.tenant and m.shard = free.shard returning m.next`,
);

/**
 * The rows of the entries [$4, $5) of a log, and the mark behind them: all or nothing, and nothing where somebody else
 * has moved the mark. A process that dies leaves the mark where it was.
 */
export const addRows = make(
  'rows.add',
  `with moved as (
    update audit.mark set next = $5 where tenant = $1 and shard = $2 and form = $3 and next = $4 returning 1
  ), entries as (
    insert into audit.entry (tenant, at, place, actor, client, action, type, subtype, outcome)
    select $1, e.* from moved, unnest($6::int8[], $7::int8[], $8::int8[], $9::int8[], $10::int4[], $11::int4[],
      $12::int4[], $13::int4[]) e
    on conflict do nothing
  ), abouts as (
    insert into audit.about (tenant, token, at, place)
    select $1, a.* from moved, unnest($14::int8[], $15::int8[], $16::int8[]) a
  ), targets as (
    insert into audit.target (tenant, at, place, t0, t1, t2, t3, t4, t5, t6, t7)
    select $1, t.* from moved, unnest($17::int8[], $18::int8[], $19::int8[], $20::int8[], $21::int8[], $22::int8[],
      $23::int8[], $24::int8[], $25::int8[], $26::int8[]) t
  ) select count(*)::int as moved from moved`,
);

export const dropEntries = make('entry.drop', 'delete from audit.entry where tenant = $1');
export const dropAbouts = make('about.drop', 'delete from audit.about where tenant = $1');
export const dropTargets = make('target.drop', 'delete from audit.target where tenant = $1');
export const lockMarks = make('mark.lock', 'select shard from audit.mark where tenant = $1 order by shard for update');
export const resetMarks = make('mark.reset', 'update audit.mark set next = 0, form = $2 where tenant = $1');
