import type { Operation } from '@safeguard/http';
import { newId } from '@safeguard/kernel';
import { type House, policyText } from './house.ts';

export const why = 'The wards asked for it, and it was weighed with care.';
const digest = '0'.repeat(64);
const soon = (): string => new Date(Date.now() + 20 * 86_400_000).toISOString();

/** For each operation that takes one a sound body, about things that are there as far as that is possible. */
export function bodyOf({ method, path }: Operation, { worker }: Pick<House, 'worker'>): object | undefined {
  if (method === 'GET') return undefined;
  const bodies: Readonly<Record<string, object>> = {
    '/programme/checks/run': { checks: ['http.tls'] },
    '/programme/parameters': { name: 'sessions.idle_minutes', value: 10, why },
    '/programme/policies/:id/versions': { markdown: policyText('Access', ' Really.') },
    '/programme/policies/:id/versions/:number/submission': { note: 'Please read it.' },
    '/programme/policies/:id/review': { note: 'It was read again.' },
    '/programme/policies/:id/versions/:number/acknowledgement': { digest },
    '/programme/tasks/:id/notes': { note: 'A note.' },
    '/programme/tasks/:id/assignment': { to: worker.id },
    '/programme/tasks/:id/submission': {},
    '/programme/tasks/:id/withdrawal': { note: 'Not any more.' },
    '/programme/tasks/:id/decision': { verdict: 'approve' },
    '/programme/decisions': { control: '164.312-a-2-iv', kind: 'implemented', why, factors: why },
    '/programme/waivers': { control: '164.312-a-1', owner: worker.id, why, until: soon() },
    '/programme/waivers/:id/end': { why },
  };
  return bodies[path];
}

const words: Readonly<Record<string, string>> = { Control: '164.312-a-1', Check: 'http.tls', Document: 'access' };

/** An address of the operation; what has an id of ours by chance names nothing. */
export const addressOf = ({ path, params = {} }: Operation): string =>
  path.replace('/programme', '').replaceAll(/:(\w+)/g, (_, name: string) => {
    const given = params[name] ?? '';
    if (typeof given === 'string') return newId();
    return given.form === 'number' ? '1' : (words[given.type] ?? 'x');
  });
