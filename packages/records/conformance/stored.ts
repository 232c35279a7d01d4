import { parseWritten, typeName, typeNumber } from '@safeguard/fhir';
import type { JsonObject } from '@safeguard/kernel';
import type { Row, Segment, Statement } from '@safeguard/store';
import type { Opener } from '../storage/open.ts';
import { columns, type StoredRow } from '../storage/rows.ts';

/** The types whose resources change how a tenant's others are validated and searched. */
export const definingTypes: ReadonlySet<string> = new Set([
  'StructureDefinition',
  'ValueSet',
  'CodeSystem',
  'SearchParameter',
]);

/** What one tenant may have take effect: what is beyond is stored, and has none. */
export const limits = { definitions: 5_000, chars: 96 * 1024 * 1024 } as const;

/** A stored definition, opened. */
export interface Definition {
  readonly id: string;
  readonly type: string;
  readonly version: number;
  /** When this version was written, milliseconds since the Unix epoch. */
  readonly at: number;
  /** Length of its JSON text: what it costs. */
  readonly chars: number;
  readonly resource: JsonObject;
}

/** By resource id, in the order of writing. */
export type Definitions = ReadonlyMap<string, Definition>;

const listed: Statement = {
  name: 'records-definitions',
  text: `select id, version from records.resource
    where tenant = $1 and type = any ($2::int2[]) and body is not null order by at, id limit ${limits.definitions + 1}`,
};
const opened: Statement = {
  name: 'records-definitions-open',
  text: `select ${columns} from records.resource where tenant = $1 and id = any ($2::uuid[]) and body is not null`,
};

interface Listed extends Row {
  readonly id: string;
  readonly version: number;
}

const rows_at_once = 50;

export interface Loaded {
  readonly definitions: Definitions;
  /** Some were left out: `limits` were reached. */
  readonly overfull: boolean;
}

/** Reads a tenant's stored definitions; those that `known` has in their current version are not opened again. */
export function createLoader(
  clinical: Segment,
  opener: Opener,
): (tenant: number, known: Definitions) => Promise<Loaded> {
  const types = [...definingTypes].map(typeNumber);

  const open = async (tenant: number, ids: readonly string[]): Promise<Definition[]> => {
    const rows = await clinical.query<StoredRow>(tenant, opened, [tenant, ids]);
    const texts = await opener.texts(tenant, rows, 'full');
    return rows.flatMap((row, index) => {
      const text = texts[index];
      if (text === undefined) return [];
      const { id, version, at } = row;
      const resource = parseWritten(text) as JsonObject;
      return [{ id, version, at: at.getTime(), type: typeName(row.type), chars: text.length, resource }];
    });
  };

  return async (tenant, known) => {
    const rows = await clinical.query<Listed>(tenant, listed, [tenant, types]);
    const within = rows.slice(0, limits.definitions);
    const stale = within.filter(({ id, version }) => known.get(id)?.version !== version).map(({ id }) => id);
    const fresh = new Map<string, Definition>();
    let chars = within.reduce((sum, { id }) => sum + (known.get(id)?.chars ?? 0), 0);
    for (let start = 0; start < stale.length && chars <= limits.chars; start += rows_at_once) {
      for (const one of await open(tenant, stale.slice(start, start + rows_at_once))) {
        fresh.set(one.id, one);
        chars += one.chars;
      }
    }
    const definitions = within.flatMap(({ id, version }) => {
      const held = known.get(id);
      return fresh.get(id) ?? (held?.version === version ? held : undefined) ?? [];
    });
    const overfull = rows.length > within.length || chars > limits.chars;
    return { definitions: new Map(definitions.map((one) => [one.id, one])), overfull };
  };
}
