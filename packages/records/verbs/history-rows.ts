import type { Statement } from '@safeguard/store';
import type { Shelf } from '../call.ts';
import { createDraft, type Draft, shaped } from '../search/sql.ts';
import { columns, type StoredRow } from '../storage/rows.ts';

/** Which versions a history is about. `types`: numbers of types. */
export type HistoryScope =
  | { readonly types: readonly number[]; readonly id?: undefined }
  | { readonly types: readonly number[]; readonly id: string };

/** A place in a history: the last version that was shown. Newest first: by time, then by id and version. */
export interface Place {
  readonly at: string;
  readonly id: string;
  readonly version: number;
}

/** What of a history is asked for. Times in ISO form. */
export interface HistoryFilter {
  /** `_since`: written at or after. */
  readonly since: string;
  /** `_at`: current at some moment of [low, high). */
  readonly low: string;
  readonly high: string;
  readonly before: Place;
}

export const beginning = '1970-01-01T00:00:00.000Z';
export const end = '9999-12-31T23:59:59.999Z';
export const top: Place = { at: end, id: 'ffffffff-ffff-ffff-ffff-ffffffffffff', version: 0x7fffffff };

/** $3 since, $4 low, $5 high, $6–$8 the place before. A version is current until the next one is written. */
const wanted = (table: string, scope: string): string => `select ${columns} from records.${table} v
  where tenant = $1 and ${scope} and at >= $3 and at < $5 and at <= $6 and (at, id, version) < ($6, $7, $8)
    and ($4 <= '${beginning}'::timestamptz or not exists (
      select from records.resource n where n.tenant = $1 and n.id = v.id and n.version = v.version + 1 and n.at <= $4
      union all
      select from records.history n where n.tenant = $1 and n.id = v.id and n.version = v.version + 1 and n.at <= $4
    ))
  order by at desc, id desc, version desc limit $9`;

const both = (scope: string): string =>
  `(${wanted('resource', scope)}) union all (${wanted('history', scope)})
  order by at desc, id desc, version desc limit $9`;

/** One probe of the index by time for each type and table, however many versions there are. */
const ofTypes: Statement = {
  name: 'records-history-types',
  text: `select v.* from unnest($2::int2[]) t (type) cross join lateral (${both('type = t.type')}) v
    order by at desc, id desc, version desc limit $9`,
};

const ofOne: Statement = {
  name: 'records-history-one',
  text: `select v.* from (${both('type = any ($2::int2[]) and id = $10')}) v
    order by at desc, id desc, version desc limit $9`,
};

/** A further condition on a version `v`, for callers who do not see everything. */
export type Limits = (draft: Draft) => string;

/** The places $1 to $9 are taken. */
function limited(
  limits: Limits,
  values: readonly unknown[],
): { readonly text: string; readonly values: readonly unknown[] } {
  const draft = createDraft();
  for (const value of values) draft.value(value, '');
  const scope = `type = t.type and ${limits(draft)}`;
  const text = `select v.* from unnest($2::int2[]) t (type) cross join lateral (${both(scope)}) v
    order by at desc, id desc, version desc limit $9`;
  return { text, values: draft.values };
}

export function historyRows(
  { clinical }: Pick<Shelf, 'clinical'>,
  tenant: number,
  { types, id }: HistoryScope,
  { since, low, high, before }: HistoryFilter,
  limit: number,
  limits?: Limits,
): Promise<StoredRow[]> {
  const values = [tenant, types, since, low, high, before.at, before.id, before.version, limit];
  if (id !== undefined) return clinical.query<StoredRow>(tenant, ofOne, [...values, id]);
  if (limits === undefined) return clinical.query<StoredRow>(tenant, ofTypes, values);
  const statement = limited(limits, values);
  return clinical.query<StoredRow>(tenant, shaped(statement.text), statement.values);
}
