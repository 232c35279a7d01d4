import type { RightsDeps } from './rights.ts';
import { selectDue } from './rows.ts';

const week_ms = 7 * 86_400_000;

/**
 * Tells those who work on requests of each that is open and has a week left or less, once for each last day that it
 * has.
 * Answers how many are told of; safe in several processes at once. For a timer of the composition root.
 */
export async function remind({ segment, clock, tell, officers }: RightsDeps, tenant: number): Promise<number> {
  const at = clock.now();
  const due = await segment.query<{ id: string; due_at: Date }>(tenant, selectDue, [tenant, new Date(at + week_ms)]);
  if (due.length === 0) return 0;
  const to = await officers(tenant);
  await segment.transaction(tenant, async (connection) => {
    for (const { id, due_at } of due) {
      const again = due_at.toISOString().slice(0, 10);
      await tell(connection, { tenant, kind: 'right-due', about: id, to, at, again });
    }
  });
  return due.length;
}
