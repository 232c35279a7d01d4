import { typeNumber } from '@safeguard/fhir';
import type { Segment } from '@safeguard/store';
import { type Level, rowColumns, wantedOf } from './clinical-stream.ts';
import { limitSql } from './driver.ts';
import type { NumberedRow } from './found.ts';
import type { Along } from './sort.ts';
import type { Sorted, SortWindow } from './sort-sql.ts';
import { createDraft, type Draft, opaque, shaped } from './sql.ts';

/** The widest span of a value that stands under a parameter's narrow key (index-rows/ordered.ts). */
const narrow_ms = 86_400_000;

const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

/** By `_lastUpdated`, along the index of a type's resources by time. */
function byTime(draft: Draft, { tenant, type }: Level, where: string, down: boolean, window: SortWindow): string {
  const own = opaque(draft, typeNumber(type), 'int2');
  const [at] = window.beyond?.values ?? [];
  const from = isTime(at) ? draft.value(new Date(at).toISOString(), 'timestamptz') : `'${down ? '' : '-'}infinity'`;
  const [near, far] = down ? ['<=', '>='] : ['>=', '<='];
  const parts = [
    `d.tenant = ${draft.value(tenant, 'int4')}`,
    `(d.type, d.at) ${near} (${own}, ${from}::timestamptz)`,
    `(d.type, d.at) ${far} (${own}, '${down ? '-' : ''}infinity'::timestamptz)`,
    ...(window.beyond
      ? [
          `(d.at ${down ? '<' : '>'} ${from}::timestamptz
            or d.seq ${window.backwards ? '<' : '>'} ${draft.value(window.beyond.seq, 'int8')})`,
        ]
      : []),
  ];
  const way = down ? ' desc' : '';
  return `select d.seq, (extract(epoch from d.at) * 1000)::float8 as v0 from records.resource d
    where ${parts.join(' and ')} and d.body is not null and ${where}
    order by d.type${way}, d.at${way}, d.seq${window.backwards ? ' desc' : ''}`;
}

/**
 * By a date or number, along `records.ordered`. Rising: by `low`, which the index has. Falling: by `high`, which it has
 * not; but a narrow value's is at most a day above its `low`: the first rows by `low` tell how far down to read.
 */
function byValue(draft: Draft, along: Extract<Along, { by: 'value' }>, where: string, window: SortWindow): string {
  const keys = { narrow: opaque(draft, String(along.narrow), 'int8'), wide: opaque(draft, String(along.wide), 'int8') };
  const [value] = window.beyond?.values ?? [];
  const place = window.beyond && {
    value: draft.value(String(value), 'float8'),
    seq: draft.value(window.beyond.seq, 'int8'),
  };
  const same = `q.seq = d.seq and q.key in (${keys.narrow}, ${keys.wide})`;
  const limit = limitSql(draft, window.limit);
  if (!along.descending) {
    const first = `not exists (select from records.ordered q where ${same} and q.low < d.low offset 0)`;
    const beyond = place ? ` and (d.low > ${place.value} or d.seq > ${place.seq})` : '';
    const start = place?.value ?? "'-infinity'::float8";
    const each = (key: string): string => `(select d.seq, d.low as v0 from records.ordered d
      where (d.key, d.low) >= (${key}, ${start}) and (d.key, d.low) <= (${key}, 'infinity'::float8)${beyond}
        and ${first} and ${where} order by d.key, d.low, d.seq${limit})`;
    return `select distinct seq, v0 from (${each(keys.narrow)} union all ${each(keys.wide)}) u order by v0, seq`;
  }
  const top = `not exists (select from records.ordered q where ${same} and q.high > d.high offset 0)`;
  const beyond = place ? ` and (d.high < ${place.value} or (d.high = ${place.value} and d.seq > ${place.seq}))` : '';
  const end = place?.value ?? "'infinity'::float8";
  const along_low = (from: string): string =>
    `(d.key, d.low) <= (${keys.narrow}, ${end}) and (d.key, d.low) >= (${keys.narrow}, ${from})`;
  // With all that are wanted among the first, none below the least of their ends can come before.
  const first = `select d.high from records.ordered d where ${along_low("'-infinity'::float8")}${beyond}
    and ${top} and ${where} order by d.key desc, d.low desc${limit}`;
  const least = `(select case when count(*) < ${draft.value(window.limit, 'int8')} then '-infinity'::float8
    else min(f.high) end from (${first}) f)`;
  const narrow = `select d.seq, d.high as v0 from records.ordered d
    where ${along_low(`${least} - ${narrow_ms}`)}${beyond} and ${top} and ${where}`;
  const wide = `select d.seq, d.high as v0 from records.ordered d
    where d.key = ${keys.wide}${beyond} and ${top} and ${where}`;
  return `select distinct seq, v0 from (${narrow} union all ${wide}) u order by v0 desc, seq`;
}

/**
 * Sorts by one key along an index, where reading it until the page is full is cheaper than sorting all. Undefined: it
 * cannot be done so, because what is wanted has no value, or lies before a place; or there are too few: what has no
 * value comes then.
 */
export async function sortedAlong(
  clinical: Segment,
  level: Level,
  along: Along,
  window: SortWindow,
): Promise<Sorted[] | undefined> {
  const known = window.beyond === undefined || isTime(window.beyond.values[0]);
  if (!known || (along.by === 'value' && window.backwards)) return undefined;
  const draft = createDraft();
  const { wanted } = wantedOf(level);
  const where = [`d.seq + 0 <= ${draft.value(window.bound, 'int8')}`, ...wanted.where(draft)].join(' and ');
  const down = along.descending !== window.backwards;
  const inner = along.by === 'time' ? byTime(draft, level, where, down, window) : byValue(draft, along, where, window);
  const text = `select ${rowColumns('r')}, x.v0 from (${inner}${limitSql(draft, window.limit)}) x
    join records.resource r on r.seq = x.seq
    order by x.v0${down ? ' desc' : ''}, r.seq${window.backwards ? ' desc' : ''}`;
  const rows = await clinical.query<NumberedRow & { v0: number }>(level.tenant, shaped(text), draft.values);
  const found = rows.slice(0, window.limit);
  if (along.by === 'value' && found.length < window.limit) return undefined;
  return found.map((row) => ({
    row,
    facts: new Map(),
    place: row.seq,
    sorted: { values: [row.v0], seq: row.seq },
  }));
}
