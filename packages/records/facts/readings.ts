import { type Condition, parametersOf, parseWritten, typeNumber } from '@safeguard/fhir';
import { fault, type JsonObject } from '@safeguard/kernel';
import type { Seal } from '@safeguard/seal';
import type { Row, Segment, Statement } from '@safeguard/store';
import { probe } from '../index-rows/index.ts';
import { rowColumns } from '../search/clinical-stream.ts';
import { createDraft, isAnyOf, shaped } from '../search/sql.ts';
import type { StoredRow } from '../storage/rows.ts';
import { storedTexts } from '../storage/stored.ts';
import type { FactType } from './changes.ts';

/** A live resource as the database has it now. `seq` tells a resource from one that had its id before. */
export interface HeadRow extends Row {
  readonly id: string;
  readonly version: number;
  readonly seq: number;
}

type NumberedRow = StoredRow & { readonly seq: number };

export interface ReadingsDeps {
  readonly clinical: Segment;
  readonly seal: Pick<Seal, 'vault'>;
}

const rowsById: Statement = {
  name: 'records-fact-rows',
  text: `select ${rowColumns('r')} from records.resource r
    where r.tenant = $1 and r.type = $2 and r.id = any ($3::uuid[]) and r.body is not null`,
};

/** Rows of one statement. */
const chunk_rows = 400;

export const stampOf = ({ seq, version }: Pick<HeadRow, 'seq' | 'version'>): string => `${seq}/${version}`;

/** Live resources of a type that refer to one of these by a search parameter of it: found by the index alone. */
export async function headsReferring(
  { clinical, seal }: ReadingsDeps,
  tenant: number,
  type: FactType,
  code: string,
  references: readonly string[],
): Promise<HeadRow[]> {
  const parameter = parametersOf(type).get(code);
  const tests = references.map((reference) => {
    const [of = '', id = ''] = reference.split('/');
    return { kind: 'reference' as const, types: [of], id };
  });
  if (parameter === undefined || tests.length === 0) return [];
  const condition: Condition = { kind: 'condition', parameter, tests };
  const asked = probe(condition, { clinical: await seal.vault('clinical', tenant) });
  if (asked.in !== 'clinical') throw fault('internal', 'A reference is not where it is looked for');
  const draft = createDraft();
  const columns = Map.groupBy(asked.any, ({ column }) => column);
  const any = [...columns].map(([column, tokens]) => {
    const values = tokens.map(({ token }) => token);
    return `(${isAnyOf(draft, `s.${column}`, values)})`;
  });
  const [of, owner] = [draft.value(typeNumber(type), 'int2'), draft.value(tenant, 'int4')];
  const text = `select r.id, r.version, r.seq from (
      select distinct s.seq + 0 as seq from records.search s
      where (${any.join(' or ')}) and s.type = ${of} and s.tenant = ${owner}
    ) x join records.resource r on r.seq = x.seq and r.tenant = ${owner} and r.body is not null`;
  return clinical.query<HeadRow>(tenant, shaped(text), draft.values);
}

/** What facts need of resources, read once for each version. Opens the clinical segment alone. */
export interface Readings<T> {
  /** By id. What is gone meanwhile, or whose keys are destroyed, is left out. */
  of(tenant: number, heads: readonly HeadRow[]): Promise<T[]>;
}

/** Above this the oldest is forgotten, and read again when it is asked for. */
const kept_most = 100_000;

export function createReadings<T>(deps: ReadingsDeps, type: FactType, read: (resource: JsonObject) => T): Readings<T> {
  const kept = new Map<string, { readonly stamp: string; readonly value: T }>();

  const remember = (key: string, stamp: string, value: T): void => {
    kept.delete(key);
    kept.set(key, { stamp, value });
    const [oldest] = kept.keys();
    if (kept.size > kept_most && oldest !== undefined) kept.delete(oldest);
  };

  const load = async (tenant: number, ids: readonly string[]): Promise<T[]> => {
    const found: T[] = [];
    for (let start = 0; start < ids.length; start += chunk_rows) {
      const some = ids.slice(start, start + chunk_rows);
      for (const [row, resource] of await openRows(deps, tenant, type, some)) {
        const value = read(resource);
        remember(`${tenant}/${row.id}`, stampOf(row), value);
        found.push(value);
      }
    }
    return found;
  };

  return {
    of: async (tenant, heads) => {
      const known = heads.map((head) => ({ head, one: kept.get(`${tenant}/${head.id}`) }));
      const missing = known.filter(({ head, one }) => one?.stamp !== stampOf(head)).map(({ head }) => head.id);
      const there = known.flatMap(({ head, one }) => (one?.stamp === stampOf(head) ? [one.value] : []));
      return [...there, ...(await load(tenant, missing))];
    },
  };
}

/** Live rows of a type with what the clinical segment says of them. */
export async function openRows(
  { clinical, seal }: ReadingsDeps,
  tenant: number,
  type: FactType,
  ids: readonly string[],
): Promise<[NumberedRow, JsonObject][]> {
  const rows = await clinical.query<NumberedRow>(tenant, rowsById, [tenant, typeNumber(type), ids]);
  const texts = await storedTexts(seal, tenant, rows);
  return rows.flatMap((row, index): [NumberedRow, JsonObject][] => {
    const text = texts[index];
    return text === undefined ? [] : [[row, parseWritten(text) as JsonObject]];
  });
}
