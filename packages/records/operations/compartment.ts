import { typeNumber } from '@safeguard/fhir';
import type { Shelf } from '../call.ts';
import { refToken } from '../index-rows/index.ts';
import { rowColumns } from '../search/clinical-stream.ts';
import { limitSql } from '../search/driver.ts';
import type { SeenSql } from '../search/seen-sql.ts';
import { createDraft, type Draft, shaped } from '../search/sql.ts';
import type { StoredRow } from '../storage/rows.ts';

/** A row with its resource's number: the order of creation. */
export interface CompartmentRow extends StoredRow {
  readonly seq: number;
}

export interface CompartmentAsk {
  readonly patient: string;
  readonly types: readonly string[];
  /** Written at or after, ISO; undefined: whenever. */
  readonly since: string | undefined;
  readonly after: number;
  readonly limit: number;
  /** What the caller may see of the types. */
  readonly visible: SeenSql;
}

/**
 * The live resources of some types in a patient's compartment that may be seen, in the order of their creation: `limit`
 * of them or a few more. The token is asked for as a range, and the order is that of a sum: see search/driver.ts.
 */
export async function compartmentRows(shelf: Shelf, tenant: number, ask: CompartmentAsk): Promise<CompartmentRow[]> {
  const vault = await shelf.seal.vault('clinical', tenant);
  const draft = createDraft();
  const own = draft.value(String(refToken(vault, 'Patient', ask.patient)), 'int8');
  const where = [
    `s.own >= ${own} and s.own <= ${own} and s.own is not null`,
    `s.tenant = ${draft.value(tenant, 'int4')}`,
    `s.type = any (${draft.value(ask.types.map(typeNumber), 'int2[]')})`,
    `s.seq + 0 > ${draft.value(ask.after, 'int8')}`,
    ask.visible(draft, 's'),
    ...writtenSince(draft, ask.since),
  ].join(' and ');
  const text = `select ${rowColumns('r')} from (
      select distinct s.seq + 0 as seq from records.search s where ${where} order by 1${limitSql(draft, ask.limit)}
    ) x join records.resource r on r.seq = x.seq and r.body is not null order by r.seq`;
  return shelf.clinical.query<CompartmentRow>(tenant, shaped(text), draft.values);
}

const writtenSince = (draft: Draft, since: string | undefined): string[] =>
  since === undefined
    ? []
    : [
        `exists (select from records.resource w where w.seq = s.seq
          and w.at >= ${draft.value(since, 'timestamptz')} offset 0)`,
      ];
