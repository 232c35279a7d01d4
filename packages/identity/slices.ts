import type { Row, Segment, Statement } from '@safeguard/store';
import { platform } from './tenants.ts';

/** How many rows a sweep takes at a time, so that none holds locks for long: its statement says `limit ${slice}`. */
export const slice = 5_000;

/** Runs a sweep's statement, as the platform, until it finds less than a slice; answers all that it returned. */
export async function inSlices<R extends Row>(
  segment: Segment,
  statement: Statement,
  values: readonly unknown[],
): Promise<R[]> {
  const found: R[] = [];
  for (;;) {
    const rows = await segment.query<R>(platform, statement, values);
    found.push(...rows);
    if (rows.length < slice) return found;
  }
}
