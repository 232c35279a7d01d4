import { type Context, isFull, report, warn } from '../context.ts';
import type { Invariant } from './index.ts';

function outcome(invariant: Invariant, value: unknown, context: Context): 'held' | 'broken' | 'unanswered' {
  try {
    return invariant.holds(value, context) ? 'held' : 'broken';
  } catch {
    // An expression may fail on what has the wrong shape; that was reported, and says more.
    return context.issues.length > 0 ? 'held' : 'unanswered';
  }
}

/** One that cannot be answered (too many steps, several values where one is read) refuses as a broken one does. */
function tell(invariant: Invariant, broken: boolean, context: Context, at: readonly (string | number)[]): void {
  const [code, text] = broken
    ? ['invariant', invariant.text]
    : ['processing', `expected a content on which this can be evaluated: ${invariant.text}`];
  if (invariant.error) report(context, code, text, ...at);
  else warn(context, code, text, ...at);
}

/** Runs the invariants of the element at hand; `at` names the element below the path. */
export function runInvariants(
  invariants: readonly Invariant[],
  value: unknown,
  context: Context,
  ...at: readonly (string | number)[]
): void {
  if (context.deep || isFull(context)) return;
  for (const invariant of invariants) {
    if (!invariant.error && !context.warnings) continue;
    const found = outcome(invariant, value, context);
    if (found !== 'held') tell(invariant, found === 'broken', context, at);
  }
}
