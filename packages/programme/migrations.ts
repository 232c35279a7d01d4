import { fileURLToPath } from 'node:url';
import type { MigrationSet } from '@safeguard/store';

/** The tables of this package, for the store to migrate. */
export const migrations: readonly MigrationSet[] = [
  {
    package: 'programme',
    segment: 'identity',
    folder: fileURLToPath(new URL('./migrations/identity', import.meta.url)),
  },
];
