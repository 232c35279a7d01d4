import { resourceTypes, typeNumber } from '@safeguard/fhir';
import type { Shelf } from '../call.ts';
import { columns, type StoredRow } from '../storage/rows.ts';

const present = {
  name: 'records-question-types',
  text: `select t.type from unnest($2::int2[]) t (type) cross join lateral (
      select from records.resource r where r.tenant = $1 and r.type = t.type and r.body is not null limit 1) r`,
};
const newestAndOldest = {
  name: 'records-question-sample',
  text: `select ${columns} from unnest($2::int2[]) t (wanted) cross join lateral (
      (select ${columns} from records.resource r where r.tenant = $1 and r.type = t.wanted and r.body is not null
        order by r.at desc limit $3)
      union
      (select ${columns} from records.resource r where r.tenant = $1 and r.type = t.wanted and r.body is not null
        order by r.at limit $4)) r`,
};

/** Of every type that there is as many, half of them the newest, half the oldest; `most` in all. */
export async function sampleOf(shelf: Shelf, tenant: number, most: number): Promise<StoredRow[]> {
  const numbers = resourceTypes.map(typeNumber);
  const types = await shelf.clinical.query<{ type: number }>(tenant, present, [tenant, numbers]);
  if (types.length === 0 || most < 1) return [];
  const some = types.slice(0, most).map(({ type }) => type);
  const share = Math.floor(most / some.length);
  const halves = [Math.ceil(share / 2), Math.floor(share / 2)];
  return shelf.clinical.query<StoredRow>(tenant, newestAndOldest, [tenant, some, ...halves]);
}
