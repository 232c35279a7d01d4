import { fileURLToPath } from 'node:url';
import { type SealSegment, sealSegments } from './types.ts';

/** This package's migrations, one folder a segment; each satisfies store's `MigrationSet`. */
export const migrations: readonly { package: string; segment: SealSegment; folder: string }[] = sealSegments.map(
  (segment) => ({
    package: 'seal',
    segment,
    folder: fileURLToPath(new URL(`./migrations/${segment}`, import.meta.url)),
  }),
);
