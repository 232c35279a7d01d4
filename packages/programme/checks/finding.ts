import type { Check, CheckResult } from '@safeguard/kernel';
import { z } from 'zod';
import { bounds } from './shape.ts';
import type { Evidence } from './types.ts';

/** What a run came to, in the form that is kept. */
export type Finding = Pick<Evidence, 'result' | 'examined' | 'saw' | 'todo' | 'exceptions' | 'more' | 'from' | 'until'>;

const time = z.number().positive();
const form = z.object({
  result: z.enum(['met', 'unmet', 'unknown']),
  examined: z.int().min(0),
  saw: z.string().min(1),
  todo: z.string().optional(),
  exceptions: z.array(z.string()).optional(),
  more: z.int().min(0).optional(),
  from: time.optional(),
  until: time.optional(),
});

const readLog = 'Look for this check in the log of the server.';

/** Bytes that exceptions may take together, so that the whole entry stays below its limit. */
const exceptions_bytes = 8_000;

const cut = (text: string, length: number): string => (text.length <= length ? text : `${text.slice(0, length - 1)}…`);

function exceptionsOf({ exceptions = [], more = 0 }: Pick<CheckResult, 'exceptions' | 'more'>) {
  const kept: string[] = [];
  let room = exceptions_bytes;
  for (const one of exceptions.slice(0, bounds.exceptions)) {
    const text = cut(one, bounds.exception);
    room -= Buffer.byteLength(JSON.stringify(text));
    if (room < 0) break;
    kept.push(text);
  }
  const rest = more + exceptions.length - kept.length;
  return { ...(kept.length === 0 ? {} : { exceptions: kept }), ...(rest === 0 ? {} : { more: rest }) };
}

/** Not told: the check threw, ran out of time, or answered nothing that can be used. Fixed words alone. */
export const untold = (saw: string, at: number): Finding => ({
  ...{ result: 'unknown', examined: 0, saw, todo: readLog, from: at, until: at },
});

/**
 * What is kept of an answer. Met with nothing examined is unknown; texts are cut; the time that it speaks for ends by
 * now. What is no answer of a check is unknown.
 */
export function findingOf(answer: CheckResult, at: number): Finding {
  const { success, data } = form.safeParse(answer);
  if (!success) return untold('The check answered nothing that can be used.', at);
  const until = Math.min(Math.floor(data.until ?? at), at);
  const from = Math.min(Math.floor(data.from ?? until), until);
  const nothing = data.result === 'met' && data.examined === 0;
  return {
    result: nothing ? 'unknown' : data.result,
    examined: data.examined,
    saw: cut(nothing ? `Nothing was examined. ${data.saw}` : data.saw, bounds.text),
    ...(data.todo === undefined || data.todo === '' ? {} : { todo: cut(data.todo, bounds.text) }),
    ...exceptionsOf(data as Pick<CheckResult, 'exceptions' | 'more'>),
    from,
    until,
  };
}

/** Seconds of a limit in words. */
export const outOfTime = ({ limit_ms = defaultLimit_ms }: Pick<Check, 'limit_ms'>, at: number): Finding =>
  untold(`The check did not end within ${limit_ms / 1000} seconds.`, at);

export const defaultLimit_ms = 30_000;
