import { fileURLToPath } from 'node:url';
import type { MigrationSet } from '@safeguard/store';

/** This package's migrations. */
export const migrations: readonly MigrationSet[] = [
  { package: 'ledger', segment: 'ledger', folder: fileURLToPath(new URL('./migrations/ledger', import.meta.url)) },
];
