import type { CheckResult } from './check.ts';

/** What a check looked at, and what of it is not as it must be. */
export interface Looked {
  /** How many things were examined. 0 without exceptions is `unknown`. */
  readonly examined: number;
  /** One text for each thing that is wrong: ids, counts, fixed words. As many as there are. */
  readonly wrong: readonly string[];
  /** What was seen when nothing is wrong. */
  readonly met: string;
  /** What was seen, of at least one exception; the count stands before it. */
  readonly unmet: string;
  readonly todo: string;
}

const [most_exceptions, most_letters, most_saw] = [20, 200, 500];

/** A look at a population, told in the bounds of `CheckResult`: unmet with its exceptions, else met, else unknown. */
export function resultOf({ examined, wrong, met, unmet, todo }: Looked): CheckResult {
  if (wrong.length === 0) {
    const result = examined > 0 ? 'met' : 'unknown';
    return { result, examined, saw: (examined > 0 ? met : 'Nothing was there to examine.').slice(0, most_saw) };
  }
  const exceptions = wrong.slice(0, most_exceptions).map((one) => one.slice(0, most_letters));
  const more = wrong.length - exceptions.length;
  return {
    ...{ result: 'unmet', examined: Math.max(examined, 1), exceptions },
    saw: `${wrong.length} of ${Math.max(examined, wrong.length)}: ${unmet}`.slice(0, most_saw),
    todo: todo.slice(0, most_saw),
    ...(more > 0 ? { more } : {}),
  };
}
