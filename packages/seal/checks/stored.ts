import type { Binding, SealSegment } from '../types.ts';
import type { SealCheckDeps } from './checks.ts';

/** A stored value with all that is needed to open it. */
export interface Stored {
  readonly segment: SealSegment;
  readonly tenant: number;
  readonly key: number;
  readonly binding: Binding;
  readonly body: Buffer;
}

interface Row extends Record<string, unknown> {
  readonly key: number;
  readonly resource: string;
  readonly version: number;
  readonly purpose: string;
  readonly body: Buffer;
}

/** Pages out of which a sample is taken at random; of a small table all of them. */
const sampled = (table: string, count: number): string =>
  `${table} tablesample system (least(100, greatest(0.001,
    100.0 * ${count} / greatest(1, pg_catalog.pg_stat_get_live_tuples('${table}'::regclass)))))`;

/** Tables whose own columns say what a value is bound to, as `records` and `identity` bind them. */
const tables: readonly {
  readonly segment: SealSegment;
  readonly table: string;
  readonly columns: string;
  readonly where: string;
}[] = [
  {
    segment: 'clinical',
    table: 'records.resource',
    columns: `key, id as resource, version, body, 'resource/' || type || '/' ||
        (extract(epoch from at) * 1000)::int8 || '/' || coalesce(identity::text, 'alone') as purpose`,
    where: 'body is not null',
  },
  {
    segment: 'identity',
    table: 'identity.account',
    columns: "key_id::int as key, id as resource, version, sealed as body, 'account'::text as purpose",
    where: 'true',
  },
];

/** Up to `count` stored values of one tenant from each such table that is there. */
export async function storedOf({ segments }: SealCheckDeps, tenant: number, count: number): Promise<Stored[]> {
  const found = await Promise.all(
    tables.map(async ({ segment, table, columns, where }) => {
      const known = await segments[segment].query<{ there: boolean }>(
        0,
        { name: '', text: 'select pg_catalog.to_regclass($1) is not null as there' },
        [table],
      );
      if (known[0]?.there !== true) return [];
      const text = `select ${columns} from ${sampled(table, count * 40)} where ${where} limit ${count}`;
      const rows = await segments[segment].query<Row>(tenant, { name: '', text });
      return rows.map(({ key, resource, version, purpose, body }) => ({
        ...{ segment, tenant, key, body },
        binding: { resource, version, purpose },
      }));
    }),
  );
  return found.flat();
}
