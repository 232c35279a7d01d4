import { setTimeout as sleep } from 'node:timers/promises';
import type { Session } from './authorize.ts';
import type { Reply } from './endpoint.ts';

export interface Waiting {
  /** Attempts at most. */
  readonly attempts: number;
  /** Longest single wait, whatever Retry-After says. */
  readonly longest_ms: number;
  sleep(duration_ms: number): Promise<unknown>;
}

export const patience: Waiting = { attempts: 6, longest_ms: 30_000, sleep };

/** Retry-After (RFC 9110 10.2.3) in milliseconds: seconds or a date; undefined when there is none. */
export function retryAfter(header: string | undefined, now: number = Date.now()): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

/**
 * True when sending it again cannot store anything twice: 429 is said before anything is done; a 503 with
 * Retry-After says that all of it was refused. Without Retry-After nobody knows, and it counts as refused.
 */
function again({ status, headers }: Reply, repeatable: boolean): boolean {
  if (status === 429) return true;
  return status === 503 && repeatable && headers['retry-after'] !== undefined;
}

export interface Sending {
  readonly method: 'POST' | 'PUT';
  /** Absolute. */
  readonly url: string;
  /** FHIR JSON. */
  readonly body: Buffer | string;
  /** Whether it may be sent again when a 503 says that nothing of it was done. */
  readonly repeatable: boolean;
}

/**
 * Sends FHIR JSON; waits and tries again, within bounds, where nothing can be stored twice by it. A token that has run
 * out is renewed once. Rejects when no answer came: then nobody knows what was stored.
 */
export async function send(
  session: Session,
  { method, url, body, repeatable }: Sending,
  waiting: Waiting = patience,
): Promise<Reply> {
  const headers = {
    'content-type': 'application/fhir+json',
    accept: 'application/fhir+json',
    prefer: 'return=minimal',
  };
  let renewed = false;
  for (let attempt = 1; ; ) {
    const authorization = await session.authorization();
    const reply = await session.endpoint.exchange(method, url, { ...headers, authorization }, body);
    if (reply.status === 401 && !renewed) {
      renewed = true;
      await session.authorization(true);
      continue;
    }
    if (attempt >= waiting.attempts || !again(reply, repeatable)) return reply;
    const asked_ms = retryAfter(reply.headers['retry-after']) ?? 500 * 2 ** attempt;
    await waiting.sleep(Math.min(asked_ms, waiting.longest_ms));
    attempt += 1;
  }
}
