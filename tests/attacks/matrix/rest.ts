import { randomUUID } from 'node:crypto';
import { attacks } from '../../harness/attacked-routes.ts';
import type { Asker } from './askers.ts';
import type { Attempt } from './attempts.ts';
import { may } from './expected.ts';
import type { Planted, World } from './world.ts';

/**
 * What the table of attacks on another tenant tries by every route of FHIR, here between people of one: on what
 * somebody may not see or not change. How it is refused, or what an answer says of other things, is the route's; that
 * nothing of it is shown and nothing changed is what holds.
 */

const reads = new Set(['GET', 'HEAD']);
const isReading = (route: string): boolean =>
  reads.has(route.split(' ')[0] ?? '') || / \S*(_search|\$meta|\$validate|\$everything|\$lastn)$/.test(route);

/** Everything that they see by any way. */
const seenBy = ({ asking }: Asker, { planted }: World): ReadonlySet<string> =>
  new Set(planted.filter((one) => may(asking, one, 'r') || may(asking, one, 's')).map(({ canary }) => canary));

/** Who holds nothing at this moment reaches nothing by any route. A batch is answered, entry by entry. */
const isNothing = ({ asking: { kind, level, held } }: Asker): boolean =>
  kind === 'nobody' || level < 2 || held.every(({ over }) => over === true);

const far: ReadonlySet<string> = new Set(['other', 'refused', 'foreign']);
const victimsOf = ({ planted }: World): Planted[] =>
  planted.filter(({ type, kind }) => type === 'Observation' && far.has(kind));

const triesOfEach = 2;

const writable = (asker: Asker, victim: Planted): boolean =>
  (['u', 'd'] as const).some((letter) => may(asker.asking, victim, letter));

/** Every route, as far as nothing comes of it that they may do. */
export function* byEveryRoute(asker: Asker, world: World): Generator<Attempt> {
  const canaries = seenBy(asker, world);
  for (const [route, { tries }] of Object.entries(attacks)) {
    const expected = isNothing(asker) && route !== 'POST /fhir/R4' ? 'refused' : 'anything';
    for (const victim of victimsOf(world)) {
      if (!isReading(route) && writable(asker, victim)) continue;
      const body = (id: string) => ({ ...victim.body, resourceType: victim.type, id });
      for (const attack of tries(victim.type, body).slice(0, triesOfEach)) {
        yield { asker, route, asked: attack(victim.id), expected, shows: { canaries, exactly: false } };
      }
    }
  }
}

/** Officers who look after the looking, the auditor, and programs with the scope. Patients and proxies: their own. */
const readers: ReadonlySet<string> = new Set([
  ...['auditor', 'security officer', 'privacy officer', 'program', 'program that reads', 'program with HIV'],
  ...['program of one patient', 'program of the product', 'program of the other tenant'],
]);

const form = { 'content-type': 'application/x-www-form-urlencoded' };
const event = { resourceType: 'AuditEvent' };

/** The ledger as AuditEvents. */
export function* onLog(asker: Asker, { patients }: World): Generator<Attempt> {
  const base = '/fhir/R4/AuditEvent';
  const asks: readonly (readonly [string, Attempt['asked']])[] = [
    ['GET /fhir/R4/AuditEvent', { path: `${base}?_count=1` }],
    ['POST /fhir/R4/AuditEvent/_search', { method: 'POST', path: `${base}/_search`, headers: form, body: '_count=1' }],
  ];
  const { kind, bounds } = asker.asking;
  const reads = readers.has(asker.name) || kind === 'patient' || kind === 'proxy';
  for (const [route, asked] of asks) yield { asker, route, asked, expected: reads ? 'served' : 'refused' };
  for (const patient of [patients.a, patients.b, patients.c]) {
    const expected = reads && (bounds?.includes(patient) ?? true) ? 'served' : 'refused';
    yield { asker, route: asks[0]?.[0] ?? '', asked: { path: `${base}?_count=1&patient=${patient}` }, expected };
  }
  const id = randomUUID();
  const never: readonly (readonly [string, Attempt['asked']])[] = [
    ['GET /fhir/R4/AuditEvent/:id', { path: `${base}/${id}` }],
    ['POST /fhir/R4/:type', { method: 'POST', path: base, body: event }],
    ['PUT /fhir/R4/:type/:id', { method: 'PUT', path: `${base}/${id}`, body: { ...event, id } }],
    ['DELETE /fhir/R4/:type/:id', { method: 'DELETE', path: `${base}/${id}` }],
    ['GET /fhir/R4/:type/_history', { path: `${base}/_history` }],
  ];
  for (const [route, asked] of never) yield { asker, route, asked, expected: 'refused' };
}
