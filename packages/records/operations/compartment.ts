import { typeNumber } from '@safeguard/fhir';
import type { Statement } from '@safeguard/store';
import type { Shelf } from '../call.ts';
import { refToken } from '../index-rows/index.ts';
import { columns, type StoredRow } from '../storage/rows.ts';

/** A row with its resource's number: the order of creation. */
export interface CompartmentRow extends StoredRow {
  readonly seq: number;
}

export interface CompartmentAsk {
  readonly patient: string;
  readonly types: readonly string[];
  /** Written at or after, ISO. */
  readonly since: string;
  readonly after: number;
  readonly limit: number;
}

const ofCompartment: Statement = {
  name: 'records-compartment',
  text: `select ${columns}, seq from records.resource r
    where r.tenant = $1 and r.body is not null and r.at >= $4 and r.seq in (
      select s.seq from records.search s where s.own = $2 and s.tenant = $1 and s.type = any ($3::int2[]) and s.seq > $5
    )
    order by r.seq limit $6`,
};

/** The live resources of some types in a patient's compartment, in the order of their creation. */
export async function compartmentRows(shelf: Shelf, tenant: number, ask: CompartmentAsk): Promise<CompartmentRow[]> {
  const vault = await shelf.seal.vault('clinical', tenant);
  const { types, since, after, limit } = ask;
  const own = String(refToken(vault, 'Patient', ask.patient));
  return shelf.clinical.query<CompartmentRow>(tenant, ofCompartment, [
    tenant,
    own,
    types.map(typeNumber),
    since,
    after,
    limit,
  ]);
}
