// The load generator's process: takes one plan, gives one report, ends.
import { drive } from './drive.ts';
import type { Plan, Report } from './plan.ts';

export type Said = { readonly report: Report } | { readonly failure: string };

const say = (said: Said): void => {
  process.send?.(said, () => process.disconnect());
};

// Nobody waits for the report any more.
process.once('disconnect', () => process.exit(0));

process.once('message', (plan) => {
  drive(plan as Plan).then(
    (report) => say({ report }),
    (error: unknown) => say({ failure: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
