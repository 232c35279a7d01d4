import type { Evidence } from '../../checks/types.ts';

/** A stretch of time in which a check was unmet: from the first finding that said so to the first that said met. */
export interface Exception {
  readonly check: string;
  /** When it was found; before the period where it was unmet already when that began. */
  readonly began: number;
  /** Absent: not repaired by the end of the period. */
  repaired?: number;
  /** What was seen first, and what to do about it. */
  readonly cause: string;
  readonly todo?: string;
  readonly named: readonly string[];
  /** Findings that said unmet. */
  findings: number;
}

/** What a period holds of one check. */
export interface Tally {
  readonly check: string;
  readonly runs: number;
  readonly met: number;
  readonly unmet: number;
  /** Could not be told, or nothing was examined. */
  readonly unknown: number;
  /** Milliseconds in exceptions, and without any fresh evidence beside them. */
  readonly unmet_ms: number;
  readonly unknown_ms: number;
  readonly exceptions: readonly Exception[];
  /** When the last finding of the period was received. */
  readonly last?: number;
}

/** Evidence counts for two intervals of its check. */
const intervals = 2;
const named_most = 5;

const saysOf = ({ result, examined }: Evidence): 'met' | 'unmet' | 'unknown' =>
  result === 'met' && !(examined > 0) ? 'unknown' : result;

function exceptionOf({ check, at, saw, todo, exceptions = [] }: Evidence): Exception {
  const named = exceptions.slice(0, named_most);
  return { check, began: at, cause: saw, named, findings: 0, ...(todo === undefined ? {} : { todo }) };
}

export interface Tallying {
  /** The newest finding before the period: how it stood when the period began. */
  before(evidence: Evidence): void;
  /** Findings of the period, in the order of their receipt. */
  take(evidence: Evidence): void;
  finish(): Tally;
}

/** Counts one check through [from, until). `every_s`: its interval; of a check that is gone, any evidence is stale. */
export function tallyOf(check: string, every_s: number, { from, until }: { from: number; until: number }): Tallying {
  const counts = { met: 0, unmet: 0, unknown: 0 };
  const exceptions: Exception[] = [];
  let open: Exception | undefined;
  let [at, fresh_until, unmet_ms, unknown_ms] = [from, from, 0, 0];
  let last: number | undefined;
  /** Accounts for the time up to `to`, by what was known before it. */
  const pass = (to: number): void => {
    if (open !== undefined) unmet_ms += to - at;
    else unknown_ms += Math.max(0, to - Math.max(at, fresh_until));
    at = to;
  };
  const learn = (evidence: Evidence): void => {
    const says = saysOf(evidence);
    if (says === 'unmet') {
      if (open === undefined) {
        open = exceptionOf(evidence);
        exceptions.push(open);
      }
      open.findings += 1;
    } else if (says === 'met' && open !== undefined) {
      open.repaired = evidence.at;
      open = undefined;
    }
    fresh_until = says === 'unknown' ? evidence.at : evidence.at + intervals * every_s * 1000;
  };
  return {
    before: learn,
    take(evidence) {
      pass(evidence.at);
      counts[saysOf(evidence)] += 1;
      last = evidence.at;
      learn(evidence);
    },
    finish() {
      pass(until);
      const runs = counts.met + counts.unmet + counts.unknown;
      const time = { unmet_ms, unknown_ms, exceptions };
      return { check, runs, ...counts, ...time, ...(last === undefined ? {} : { last }) };
    },
  };
}

/** Milliseconds of [from, until) that lie in any of the exceptions. */
export function unmetTime(exceptions: readonly Exception[], { from, until }: { from: number; until: number }): number {
  const spans = exceptions
    .map(({ began, repaired = until }) => [Math.max(from, began), Math.min(until, repaired)] as const)
    .sort(([one], [other]) => one - other);
  let [sum, end] = [0, from];
  for (const [start, stop] of spans) {
    sum += Math.max(0, stop - Math.max(start, end));
    end = Math.max(end, stop);
  }
  return sum;
}
