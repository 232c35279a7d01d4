import type { SealDatabase, SealSegment } from './types.ts';

/** One tenant's part of one segment, with the database it stands in. */
export interface Place {
  readonly tenant: number;
  readonly segment: SealSegment;
  readonly database: SealDatabase;
}

/** True when a foreign key refused: the row it points to is gone, or rows still point to it (SQLSTATE 23503). */
export function isForeignKeyViolation(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth += 1)
    if ('code' in at && at.code === '23503') return true;
  return false;
}
