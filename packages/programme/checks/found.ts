import type { CheckResult } from '@safeguard/kernel';

const most = 20;
const longest = 200;

/** A finding over a population: unmet where there are exceptions, with the first of them named. */
export function found(
  examined: number,
  exceptions: readonly string[],
  say: { met: string; unmet: string; todo: string },
): CheckResult {
  if (exceptions.length === 0) return { result: 'met', examined, saw: say.met };
  const named = exceptions.slice(0, most).map((one) => one.slice(0, longest));
  const more = exceptions.length - named.length;
  return {
    ...{ result: 'unmet', examined, saw: say.unmet, todo: say.todo, exceptions: named },
    ...(more > 0 ? { more } : {}),
  };
}

/** `3 policies`, `1 policy`. */
export const counted = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;
