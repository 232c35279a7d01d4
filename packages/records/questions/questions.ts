import type { RowFacts } from '@safeguard/access';
import { isResourceType, resourceTypes, typeName } from '@safeguard/fhir';
import { isUuid } from '@safeguard/kernel';
import type { Shelf } from '../call.ts';
import type { Facts } from '../facts/facts.ts';
import { compartmentOf } from './compartment.ts';
import { factsOfRows, type Queries } from './row-facts.ts';
import { sampleOf } from './sample.ts';

/** What is asked of resources: the same as `access` says it (`RowQuestions`). */
export interface Asked {
  readonly queries: Queries;
  readonly each: boolean;
}

/** The truth about stored resources, whoever asks: for answers about rights, never for an answer with a resource. */
export interface Questions {
  /** Of one live resource; undefined: there is none, or its keys are destroyed. */
  rowFacts(tenant: number, type: string, id: string, asked: Asked): Promise<RowFacts | undefined>;
  /** Of all that is live in a patient's compartment, the Patient too; see compartment.ts. */
  compartment(tenant: number, patient: string, asked: Asked): Promise<RowFacts[]>;
  /** Of some resources of every type that there is, at most so many. `queries`: those that will be asked. */
  sample(tenant: number, most: number, queries?: Queries): Promise<{ readonly type: string; readonly row: RowFacts }[]>;
  /** Whether there is, or was, such a Patient. */
  patientExists(tenant: number, id: string): Promise<boolean>;
  workersOf: Facts['workersOf'];
}

const nothing: Queries = () => [];

export function createQuestions(shelf: Shelf, { workersOf }: Pick<Facts, 'workersOf'>): Questions {
  const types = resourceTypes.filter(isResourceType);
  return {
    workersOf,
    async rowFacts(tenant, type, id, { queries }) {
      if (!isUuid(id) || !isResourceType(type)) return undefined;
      const row = await shelf.reader.current(tenant, type, id);
      if (row === undefined || row.body === null) return undefined;
      const [facts] = await factsOfRows(shelf, tenant, [row], queries);
      return facts;
    },
    async compartment(tenant, patient, asked) {
      const rows = await compartmentOf(shelf, tenant, patient, { types, ...asked });
      const facts = await factsOfRows(shelf, tenant, rows, asked.queries);
      return facts.filter(({ patients }) => patients.includes(patient));
    },
    async sample(tenant, most, queries = nothing) {
      const rows = await sampleOf(shelf, tenant, most);
      return (await factsOfRows(shelf, tenant, rows, queries)).map((row) => ({ type: row.type, row }));
    },
    async patientExists(tenant, id) {
      const row = isUuid(id) ? await shelf.reader.current(tenant, 'Patient', id) : undefined;
      return row !== undefined && typeName(row.type) === 'Patient';
    },
  };
}
