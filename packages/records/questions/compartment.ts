import { parametersOf, typeName, typeNumber } from '@safeguard/fhir';
import { isUuid } from '@safeguard/kernel';
import type { Row } from '@safeguard/store';
import type { Shelf } from '../call.ts';
import { probe, refToken } from '../index-rows/index.ts';
import { columns, type StoredRow } from '../storage/rows.ts';
import type { Queries } from './row-facts.ts';

/** A resource of a compartment, as the index tells of it without a look into it. */
interface Head extends Row {
  readonly seq: number;
  readonly type: number;
  /** In another's compartment too; with a security label; as far as the index can tell. */
  readonly apart: boolean;
}

const heads = {
  name: 'records-question-heads',
  text: `select x.seq, x.type, (l.mask is null
      or exists (select from records.search o where o.seq = x.seq and o.own is not null and o.own <> $2::int8)
      or exists (select from records.search o where o.seq = x.seq and o.row = 0 and (o.present & l.mask) <> 0)) as apart
    from (select distinct s.seq + 0 as seq, s.type from records.search s
      where s.own >= $2::int8 and s.own <= $2::int8 and s.own is not null and s.tenant = $1) x
    left join unnest($3::int2[], $4::int8[]) l (type, mask) on l.type = x.type
    order by x.seq`,
};
const bySeq = {
  name: 'records-question-rows',
  text: `select ${columns} from records.resource r where r.tenant = $1 and r.seq = any ($2::int8[])
    and r.body is not null order by r.seq`,
};

type Tokens = Parameters<typeof probe>[1]['clinical'];

/** By type the bit that tells in the index whether a resource has a security label. */
function labelMasks(vault: Tokens, types: readonly string[]): [number[], string[]] {
  const found = types.flatMap((type): [number, string][] => {
    const parameter = parametersOf(type).get('_security');
    if (parameter === undefined) return [];
    const tests = [{ kind: 'missing' as const, missing: false }];
    const asked = probe({ kind: 'condition', parameter, modifier: 'missing', tests }, { clinical: vault });
    return asked.in === 'present' ? [[typeNumber(type), String(1n << BigInt(asked.bit))]] : [];
  });
  return [found.map(([type]) => type), found.map(([, mask]) => mask)];
}

/** The newest of each type, and whatever must be looked at by itself. */
function chosen(all: readonly Head[], queries: Queries, each: boolean): number[] {
  const alike = new Map<number, number>();
  const seqs: number[] = [];
  for (const { seq, type, apart } of all) {
    if (each || apart || queries(typeName(type)).length > 0) seqs.push(seq);
    else alike.set(type, seq);
  }
  return [...seqs, ...alike.values()];
}

/** Rows of one statement. */
const chunk_rows = 1_000;

/**
 * What is live in a patient's compartment, the Patient too. Of resources that nothing tells apart, by what is asked of
 * them, the newest stands for all.
 */
export async function compartmentOf(
  shelf: Shelf,
  tenant: number,
  patient: string,
  { types, queries, each }: { readonly types: readonly string[]; readonly queries: Queries; readonly each: boolean },
): Promise<StoredRow[]> {
  if (!isUuid(patient)) return [];
  const vault = await shelf.seal.vault('clinical', tenant);
  const own = String(refToken(vault, 'Patient', patient));
  const all = await shelf.clinical.query<Head>(tenant, heads, [tenant, own, ...labelMasks(vault, types)]);
  const seqs = chosen(all, queries, each);
  const rows = await shelf.reader.currents(tenant, [patient]);
  const found = rows.filter(({ type, body }) => body !== null && typeName(type) === 'Patient');
  for (let start = 0; start < seqs.length; start += chunk_rows) {
    const some = seqs.slice(start, start + chunk_rows);
    for (const row of await shelf.clinical.query<StoredRow>(tenant, bySeq, [tenant, some])) {
      if (row.id !== patient) found.push(row);
    }
  }
  return found;
}
