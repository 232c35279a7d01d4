import { fileURLToPath } from 'node:url';
import type { MigrationSet } from '@safeguard/store';

/** The tables of this package, for the store to migrate. They stand in the identity segment. */
export const migrations: readonly MigrationSet[] = [
  {
    package: 'access',
    segment: 'identity',
    folder: fileURLToPath(new URL('./migrations/identity', import.meta.url)),
  },
];
