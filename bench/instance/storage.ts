import { type Login, run } from './postgres.ts';

/** Bytes on disk of an instance's three databases, and what its ledger holds. */
export interface Storage {
  readonly identity_bytes: number;
  readonly clinical_bytes: number;
  readonly ledger_bytes: number;
  readonly total_bytes: number;
  readonly entries: number;
  /** The table of entries with its index. */
  readonly entries_bytes: number;
  /** The same with the tree's tiles and the signed checkpoints. */
  readonly log_bytes: number;
}

const sizeOf = async (login: Login, database: string): Promise<number> => {
  const [row] = await run<{ bytes: string }>(login, database, 'select pg_database_size(current_database()) as bytes');
  return Number(row?.bytes);
};

const ledgerSizes = `
  select (select count(*) from ledger.entries) as entries,
         pg_total_relation_size('ledger.entries') as entries_bytes,
         pg_total_relation_size('ledger.entries') + pg_total_relation_size('ledger.tiles')
           + pg_total_relation_size('ledger.checkpoints') as log_bytes`;

/** Measures after a checkpoint, so that what is in memory has its place on disk. */
export async function storageOf(login: Login): Promise<Storage> {
  await run(login, 'postgres', 'checkpoint');
  const identity_bytes = await sizeOf(login, 'identity');
  const clinical_bytes = await sizeOf(login, 'clinical');
  const ledger_bytes = await sizeOf(login, 'ledger');
  const [row] = await run<Record<'entries' | 'entries_bytes' | 'log_bytes', string>>(login, 'ledger', ledgerSizes);
  const total_bytes = identity_bytes + clinical_bytes + ledger_bytes;
  const log = { entries: Number(row?.entries), entries_bytes: Number(row?.entries_bytes) };
  return { identity_bytes, clinical_bytes, ledger_bytes, total_bytes, ...log, log_bytes: Number(row?.log_bytes) };
}
