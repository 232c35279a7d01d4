import { hash } from 'node:crypto';
import { fault, fold, newId } from '@safeguard/kernel';
import { z } from 'zod';
import { serviceId } from '../../workflow/deps.ts';
import { house } from '../period/period.ts';
import { type ReportsDeps, reportKinds } from '../types.ts';
import { ndaDigest } from './nda.ts';
import type { Asking } from './types.ts';

export const requestKind = 'report-request';

/** One line of printable characters. */
const line = (most: number) =>
  z
    .string()
    .trim()
    .min(2)
    .max(most)
    .regex(/^[^\p{C}]+$/u);

const email = z
  .string()
  .trim()
  .max(254)
  .regex(/^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/);

/** The sealed subject of the task. */
export const requestSubject = z.strictObject({
  request: z.uuid(),
  kind: z.enum(reportKinds),
  name: line(120),
  organization: line(200),
  email,
  /** Which text they agreed to. */
  nda: z.string().regex(/^[0-9a-f]{64}$/),
});
export type RequestSubject = z.infer<typeof requestSubject>;

const hour_ms = 3_600_000;
const day_ms = 24 * hour_ms;
/** Of one network in an hour, in this process; of one address, and of everybody, in a day. */
export const limits = { network: 5, address: 3, all: 100 } as const;

const insert = {
  name: 'programme.report-request.insert',
  text: `insert into programme.report_request (id, tenant, asker, at) select $1, $2, $3, $4
    where (select count(*) from programme.report_request r where r.tenant = $2 and r.at > $5) < $6
    and (select count(*) from programme.report_request r where r.tenant = $2 and r.at > $5 and r.asker = $3) < $7
    returning id`,
};

const tooMany = (seconds: number) =>
  fault('tooMany', 'There were too many requests: try again later.', { retry_after_s: seconds });

/** Counts networks in memory: names of them are hashed, and forgotten after an hour. */
export function createGate(now: () => number): (remote: string) => void {
  const seen = new Map<string, number[]>();
  const networks_most = 10_000;
  return (remote) => {
    const key = hash('sha256', remote, 'base64');
    const since = now() - hour_ms;
    if (seen.size >= networks_most) for (const [one, times] of seen) if ((times.at(-1) ?? 0) < since) seen.delete(one);
    const times = (seen.get(key) ?? []).filter((at) => at > since);
    if (times.length >= limits.network || (times.length === 0 && seen.size >= networks_most)) throw tooMany(3_600);
    seen.set(key, [...times, now()]);
  };
}

const expected: Readonly<Record<string, string>> = {
  name: 'a name of 2 to 120 printable characters',
  organization: 'a name of 2 to 200 printable characters',
  email: 'one mailbox, such as name@example.org',
  kind: `one of ${reportKinds.join(', ')}`,
  nda: 'agreement to keep the report confidential',
};

function subjectOf(asking: Asking, request: string): RequestSubject {
  const { name, organization, email: address, nda_accepted, kind } = asking;
  const nda = nda_accepted === true ? ndaDigest : '';
  const read = requestSubject.safeParse({ request, kind, name, organization, email: address, nda });
  if (read.success) return read.data;
  const issues = [...new Set(read.error.issues.map(({ path }) => String(path[0])))].map((at) => ({
    severity: 'error' as const,
    code: 'invalid' as const,
    text: `expected ${expected[at] ?? 'another value'}`,
    at: at === 'nda' ? 'nda_accepted' : at,
  }));
  throw fault('invalid', 'The request is not complete.', { issues });
}

/**
 * Takes a request: counted first, then opened as a task. Whoever asks learns nothing of who asked before, of what there
 * is, nor how it goes on.
 */
export async function ask(deps: ReportsDeps, gate: (remote: string) => void, asking: Asking): Promise<void> {
  gate(asking.remote);
  const [id, now] = [newId(), deps.clock.now()];
  const subject = subjectOf(asking, id);
  const asker = (await deps.vault(house)).token('report request', fold(subject.email));
  const values = [id, house, String(asker), new Date(now), new Date(now - day_ms), limits.all, limits.address];
  const taken = await deps.segment.query(house, insert, values);
  if (taken.length === 0) throw tooMany(86_400);
  const actor = { tenant: house, id: serviceId, roles: [serviceId] };
  await deps.workflow.open(actor, { kind: requestKind, title: 'Somebody outside asks for a report', subject });
}
