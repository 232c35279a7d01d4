import { fileURLToPath } from 'node:url';
import type { MigrationSet } from '@safeguard/store';

/** This package's migrations; they stand on none of the ledger's. */
export const migrations: readonly MigrationSet[] = [
  { package: 'audit', segment: 'ledger', folder: fileURLToPath(new URL('./migrations/ledger', import.meta.url)) },
];
