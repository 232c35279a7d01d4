import type { Check, CheckContext, CheckResult } from '@safeguard/kernel';
import { defaultLimit_ms, type Finding, findingOf, outOfTime, untold } from './finding.ts';

/** Where operational news go: fixed words and ids; errors only to `error`. */
export interface CheckLog {
  error(text: string, fields: { readonly check?: string; readonly error: unknown }): void;
}

/** One run of a check, never thrown, never longer than its limit. */
export interface Performed {
  /** When it ended: what it found was received then. */
  readonly at: number;
  readonly finding: Finding;
  readonly took_ms: number;
  /** Settles when the check's own work has ended, which may be after its time was up. */
  readonly ended: Promise<unknown>;
}

export interface Conditions {
  readonly now: () => number;
  /** The parameters in force, as a check asks for them. */
  readonly numbers: () => Promise<CheckContext['number']>;
  /** Aborted: nobody waits for the answer any more. */
  readonly closing: AbortSignal;
  readonly log: CheckLog;
}

/** Runs it. What it throws is not kept: an error may hold anything. The log gets it. */
export async function perform(check: Check, { now, numbers, closing, log }: Conditions): Promise<Performed> {
  const began = performance.now();
  const control = new AbortController();
  // Also where it throws before it is asynchronous.
  const start = async (): Promise<CheckResult> =>
    check.run({ at: now(), number: await numbers(), signal: control.signal });
  const running = start().catch((error: unknown): typeof failed => {
    log.error('a check failed', { check: check.id, error });
    return failed;
  });
  const { promise: up, resolve } = Promise.withResolvers<typeof late>();
  const timer = setTimeout(() => resolve(late), check.limit_ms ?? defaultLimit_ms);
  const stop = (): void => resolve(late);
  if (closing.aborted) stop();
  closing.addEventListener('abort', stop, { once: true });
  const answer = await Promise.race([running, up]);
  clearTimeout(timer);
  closing.removeEventListener('abort', stop);
  control.abort();
  const at = now();
  return { at, finding: told(check, answer, at), took_ms: Math.round(performance.now() - began), ended: running };
}

const late = Symbol('late');
const failed = Symbol('failed');

function told(check: Check, answer: CheckResult | typeof late | typeof failed, at: number): Finding {
  if (answer === late) return outOfTime(check, at);
  return answer === failed ? untold('The check failed before it could tell.', at) : findingOf(answer, at);
}
