export type SegmentName = 'identity' | 'clinical' | 'ledger';
export const segmentNames: readonly SegmentName[] = ['identity', 'clinical', 'ledger'];

/** A prepared statement: the name must be unique for its text. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

export type Row = Record<string, unknown>;

export interface Connection {
  /** Runs one prepared statement. int8 comes back as number, bytea as Buffer, uuid as text, timestamptz as Date. */
  query<R extends Row>(statement: Statement, values?: readonly unknown[]): Promise<R[]>;
}

/** One segment's database, as its own login role sees it. Row-level security shows only the given tenant's rows. */
export interface Segment {
  readonly name: SegmentName;
  /** One statement, its own transaction, on behalf of `tenant`. */
  query<R extends Row>(tenant: number, statement: Statement, values?: readonly unknown[]): Promise<R[]>;
  /** Several statements, all or nothing. Never call `query` or `transaction` of the same segment inside `work`. */
  transaction<T>(tenant: number, work: (connection: Connection) => Promise<T>): Promise<T>;
}

/** Migrations of one package for one segment: a folder of `NNNN-name.sql`, run in the order of their numbers. */
export interface MigrationSet {
  readonly package: string;
  readonly segment: SegmentName;
  /** Absolute path of the folder. */
  readonly folder: string;
}
