/**
 * What consents cost: `node packages/access/consent/bench.ts [consents]`. Prints milliseconds: reading them all,
 * reading a list with one more, an answer that is not remembered; and microseconds of one that is.
 */
import { randomUUID } from 'node:crypto';
import { compileConsents } from './compile.ts';
import { effectsFor } from './effects.ts';
import type { ConsentAsking } from './types.ts';
import { systems } from './vocabulary.ts';

const count = Number(process.argv[2] ?? 5_000);
const participation = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';
const actor = (reference: string): object => ({
  role: { coding: [{ system: participation, code: 'PRCP' }] },
  reference: { reference },
});
const purpose = (code: string): object => ({ system: systems.purpose, code });

const provisionOf = (n: number): object => {
  const until = { end: `20${30 + (n % 60)}-0${1 + (n % 9)}-1${n % 10}` };
  const kinds = [
    { type: 'deny' },
    { type: 'deny', period: until, provision: [{ type: 'permit', purpose: [purpose('ETREAT')] }] },
    { type: 'deny', actor: [actor(`Practitioner/${n % 97}`)] },
    { type: 'permit', provision: [{ type: 'deny', class: [{ system: systems.types, code: 'Observation' }] }] },
    { type: 'deny', securityLabel: [{ system: systems.act, code: 'HIV' }], actor: [actor(`Organization/${n % 13}`)] },
    { type: 'deny', purpose: [purpose('HRESCH')] },
    { type: 'deny', dataPeriod: { start: '2020', end: '2021' } },
  ];
  return kinds[n % kinds.length] as object;
};
const consentOf = (n: number): object => ({
  resourceType: 'Consent',
  id: randomUUID(),
  meta: { lastUpdated: '2026-01-01T00:00:00.000Z' },
  status: 'active',
  scope: { coding: [{ system: systems.scope, code: 'patient-privacy' }] },
  patient: { reference: `Patient/${randomUUID()}` },
  dateTime: '2026-01-01',
  provision: provisionOf(n),
});

const asking: ConsentAsking = {
  fhir_user: 'Practitioner/1',
  roles: ['clinician'],
  organizations: ['1'],
  careTeams: [],
  practitionerRoles: [],
  purpose: 'TREAT',
  at: Date.parse('2026-11-22T12:00:00Z'),
};

function timed<T>(work: () => T): [T, number] {
  const began = performance.now();
  return [work(), performance.now() - began];
}

const consents = Array.from({ length: count }, (_, n) => consentOf(n));
const [compiled, read_ms] = timed(() => compileConsents({ version: 1, consents }));
const [, again_ms] = timed(() => compileConsents({ version: 2, consents: [...consents, consentOf(0)] }));
const misses = Array.from({ length: 50 }, (_, n) => {
  const other = { ...asking, fhir_user: `Practitioner/${n}`, organizations: [String(n % 13)] };
  return timed(() => effectsFor(compiled, other))[1];
}).sort((one, other) => one - other);
const hits = 100_000;
const [, hits_ms] = timed(() => {
  for (let n = 0; n < hits; n += 1) effectsFor(compiled, asking);
});
const figures = {
  count,
  read_ms,
  again_ms,
  miss_p50_ms: misses[25],
  miss_max_ms: misses[49],
  hit_us: (hits_ms * 1e3) / hits,
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
