import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startEmbedded } from '@safeguard/store';
import type { LedgerSource } from './source.ts';

/** A ledger whose instance does not run: its PostgreSQL is started for as long as it is looked at, and nothing else. */
export interface OfflineLedger {
  readonly source: LedgerSource;
  close(): Promise<void>;
}

const json = async (path: string): Promise<Record<string, string>> => JSON.parse(await readFile(path, 'utf8'));

/**
 * Opens the ledger in a data directory that no instance holds: after a stop, or when the instance refuses to start
 * because the log differs from its anchors. Reads the key and the reader's password from their files.
 */
export async function openOffline(data: string): Promise<OfflineLedger> {
  const { public_key = '' } = await json(join(data, 'instance.json'));
  const embedded = await startEmbedded({ data, log: () => undefined });
  const { socketDir: host, port, secrets } = embedded;
  const user = 'safeguard_ledger_reader';
  const reader = {
    host,
    port,
    user,
    password: (await json(secrets))[user] ?? '',
    database: 'ledger',
    ssl: false,
  } as const;
  return { source: { reader, public_key, anchors: join(data, 'anchors') }, close: embedded.stop };
}
