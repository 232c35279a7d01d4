import { typeNumber } from '@safeguard/fhir';
import type { Connection, Segment } from '@safeguard/store';
import { createBatcher } from './batch.ts';
import { currentRows, exactParts, historyRows, newestParts, type PartRow, type StoredRow, versionRow } from './rows.ts';

/** Few statements at a time per tenant and segment: fuller ones cost less than more at once (bench: read). */
const batches = { concurrency: 2, size: 200 };

/** Reads rows of both segments. Single reads of one tenant that fall together go to PostgreSQL as one statement. */
export interface RowReader {
  /** The current row of a resource, deleted ones included; undefined: never was (for this tenant and type). */
  current(tenant: number, type: string, id: string): Promise<StoredRow | undefined>;
  currents(tenant: number, ids: readonly string[], connection?: Connection): Promise<StoredRow[]>;
  version(tenant: number, type: string, id: string, version: number): Promise<StoredRow | undefined>;
  history(tenant: number, type: string, id: string, before: number, limit: number): Promise<StoredRow[]>;
  /** The newest identity row of a resource: a guess that saves waiting for the clinical row. */
  newestPart(tenant: number, row: string): Promise<PartRow | undefined>;
  parts(tenant: number, wanted: readonly { row: string; edition: number }[]): Promise<PartRow[]>;
}

const perTenant = <T>(make: (tenant: number) => T): ((tenant: number) => T) => {
  const made = new Map<number, T>();
  return (tenant) => {
    let one = made.get(tenant);
    if (one === undefined) {
      one = make(tenant);
      made.set(tenant, one);
    }
    return one;
  };
};

const ordered = <R, K>(keys: readonly string[], rows: readonly R[], key: (row: R) => K): (R | undefined)[] => {
  const byKey = new Map(rows.map((row) => [key(row) as unknown as string, row]));
  return keys.map((one) => byKey.get(one));
};

export function createRowReader(identity: Segment, clinical: Segment): RowReader {
  const currentBatch = perTenant((tenant) =>
    createBatcher<string, StoredRow | undefined>(async (ids) => {
      const rows = await clinical.query<StoredRow>(tenant, currentRows, [tenant, [...new Set(ids)]]);
      return ordered(ids, rows, (row) => row.id);
    }, batches),
  );
  const partBatch = perTenant((tenant) =>
    createBatcher<string, PartRow | undefined>(async (rows) => {
      const found = await identity.query<PartRow>(tenant, newestParts, [tenant, [...new Set(rows)]]);
      return ordered(rows, found, (part) => part.row);
    }, batches),
  );
  const ofType = (type: string, row: StoredRow | undefined): StoredRow | undefined =>
    row?.type === typeNumber(type) ? row : undefined;

  return {
    current: async (tenant, type, id) => ofType(type, await currentBatch(tenant)(id)),
    currents: (tenant, ids, connection) => {
      const values = [tenant, ids];
      return connection ? connection.query(currentRows, values) : clinical.query(tenant, currentRows, values);
    },
    version: async (tenant, type, id, version) => {
      const rows = await clinical.query<StoredRow>(tenant, versionRow, [tenant, id, version]);
      return ofType(type, rows[0]);
    },
    history: async (tenant, type, id, before, limit) => {
      const rows = await clinical.query<StoredRow>(tenant, historyRows, [tenant, id, before, limit]);
      return rows.filter((row) => row.type === typeNumber(type));
    },
    newestPart: (tenant, row) => partBatch(tenant)(row),
    parts: (tenant, wanted) => {
      if (wanted.length === 0) return Promise.resolve([]);
      const values = [tenant, wanted.map((one) => one.row), wanted.map((one) => one.edition)];
      return identity.query(tenant, exactParts, values);
    },
  };
}
