import { type CheckResult, resultOf } from '@safeguard/kernel';

/** A finding over a population: unmet where there are exceptions, counted and the first of them named. */
export const found = (
  examined: number,
  wrong: readonly string[],
  say: { readonly met: string; readonly unmet: string; readonly todo: string },
): CheckResult => resultOf({ examined, wrong, ...say });

/** `3 policies`, `1 policy`. */
export const counted = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;
