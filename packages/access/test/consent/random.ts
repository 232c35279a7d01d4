import type { JsonObject } from '@safeguard/kernel';
import fc from 'fast-check';
import type { ConsentAsking } from '../../consent/types.ts';
import {
  action,
  actor,
  concept,
  consent,
  hivTest,
  holder,
  instance,
  lab,
  label,
  loinc,
  patient,
  prescription,
  purpose,
  rule,
  secrecy,
  shot,
  types,
  visit,
} from './world.ts';

/** Consents, callers and resources of a small world in which much meets: and much that is not understood. */

const some = <T>(...items: T[]): fc.Arbitrary<T[]> => fc.subarray(items, { minLength: 1, maxLength: 3 });
const times = ['2024-05-06', '2024-06', '2025', '2026-11-21', '2026-11-22', '2026-11-22T12:00:00Z', 'no date'];
const period = fc.record({ start: fc.constantFrom(...times), end: fc.constantFrom(...times) }, { requiredKeys: [] });

const references = ['Practitioner/dr', 'Practitioner/x', 'Organization/clinic', 'Organization/lab', 'CareTeam/team'];
const actors = some(
  ...references.map((reference) => actor(reference)),
  ...[actor('Device/app'), actor('PractitionerRole/r'), actor('Group/g'), actor('Practitioner/dr', 'AUT')],
  ...[holder('clinician'), holder('researcher'), holder('clinician', 'Organization/clinic')],
);
const labels = some<JsonObject>(
  ...[secrecy('N'), secrecy('R'), secrecy('V'), label('HIV'), label('PSY'), label('PSYTHPN')],
  ...[{ code: 'HIV' }, { display: 'secret' }],
);
const codes = some<JsonObject>(
  ...[loinc('718-7'), loinc('75622-1'), concept('http://hl7.org/fhir/sid/cvx', '140')],
  ...[{ coding: [{ code: '718-7' }] }, { text: 'my liver' }],
);
const data = some(
  ...[instance('Observation/lab'), instance('Encounter/visit', 'dependents'), instance('Patient/p', 'dependents')],
  ...[instance('Observation/lab', 'related'), instance('Practitioner/dr', 'authoredby')],
);

const conditions = {
  type: fc.constantFrom('permit', 'deny'),
  period,
  actor: actors,
  purpose: some(...purpose('TREAT', 'ETREAT', 'HRESCH', 'CLINTRCH'), { system: 'http://x', code: 'y' }),
  class: some(...types('Observation', 'Encounter', 'MedicationRequest', 'Nothing')),
  code: codes,
  securityLabel: labels,
  dataPeriod: period,
  data,
  action: some(...action('access', 'correct', 'collect', 'use'), { text: 'gossip' }),
  modifierExtension: fc.constant([{ url: 'http://x', valueBoolean: true }]),
};
const rare: ReadonlySet<string> = new Set(['modifierExtension', 'code', 'data', 'dataPeriod', 'period']);

const none = fc.constant(undefined);

/** A provision of a few conditions; `depth` levels below it at most. */
function provisions(depth: number): fc.Arbitrary<JsonObject> {
  const attributes = Object.entries(conditions).map(([name, value]) => {
    const weight = name === 'type' ? 95 : rare.has(name) ? 8 : 25;
    const maybe = fc.oneof(
      { weight, arbitrary: value as fc.Arbitrary<unknown> },
      { weight: 100 - weight, arbitrary: none },
    );
    return maybe.map((one) => [name, one] as const);
  });
  const nested = depth === 0 ? fc.constant([]) : fc.array(provisions(depth - 1), { maxLength: 2 });
  return fc.tuple(fc.tuple(...attributes), nested).map(([pairs, inner]) => {
    const stated = Object.fromEntries(pairs.filter(([, value]) => value !== undefined)) as JsonObject;
    return inner.length === 0 ? stated : { ...stated, provision: inner };
  });
}

const given = ['2025-01-01', '2026-11-20', '2026-11-20T08:00:00Z', '2026', '2099-01-01', 'soon'];
const stored = ['2025-06-01T00:00:00.000Z', '2026-11-20T09:00:00.000Z', '2026-11-21T00:00:00.000Z'];
const rules = [undefined, undefined, rule('OPTIN'), rule('OPTOUT'), rule('NOPP'), rule('x', 'http://x')];

const one = fc
  .record({
    provision: fc.option(provisions(2), { freq: 9, nil: undefined }),
    policyRule: fc.constantFrom(...rules),
    dateTime: fc.constantFrom(...given, undefined),
    lastUpdated: fc.constantFrom(...stored),
    status: fc.constantFrom('active', 'active', 'active', 'active', 'inactive'),
    of: fc.constantFrom('Patient/p', 'Patient/p', 'Patient/p', 'Patient/q'),
  })
  .map(({ provision, policyRule, lastUpdated, of, ...more }) =>
    consent(provision, { ...more, policyRule, meta: { lastUpdated }, patient: { reference: of } } as JsonObject),
  );

const plain = (value: unknown): JsonObject => JSON.parse(JSON.stringify(value));

export const consentLists: fc.Arbitrary<JsonObject[]> = fc
  .array(one, { minLength: 1, maxLength: 4 })
  .map((list) => list.map((each, index) => plain({ ...each, id: `c${index}` })));

export const askings: fc.Arbitrary<ConsentAsking> = fc.record({
  client: fc.constantFrom(undefined, 'app', 'other'),
  fhir_user: fc.constantFrom(undefined, 'Practitioner/dr', 'Practitioner/x', 'RelatedPerson/r'),
  roles: fc.subarray(['clinician', 'researcher', 'service']),
  organizations: fc.subarray(['clinic', 'lab']),
  careTeams: fc.constantFrom(undefined, [], ['team']),
  practitionerRoles: fc.constantFrom(undefined, [], ['r']),
  purpose: fc.constantFrom('TREAT', 'ETREAT', 'HRESCH', 'CLINTRCH', 'HOPERAT'),
  at: fc.constantFrom(
    ...['2026-11-21T23:59:59.999Z', '2026-11-22T12:00:00Z', '2026-11-23'].map((at) => Date.parse(at)),
  ),
});

const security = fc.subarray([
  secrecy('L'),
  secrecy('N'),
  secrecy('R'),
  label('HIV'),
  label('PSYTHPN'),
  { code: 'HIV' },
]);
export const resources: fc.Arbitrary<JsonObject> = fc
  .tuple(
    fc.constantFrom(lab, lab, hivTest, visit, patient, prescription, shot, { ...lab, effectiveDateTime: '2024-06' }),
    security,
    fc.boolean(),
  )
  .map(([resource, labelsOf, others]) => ({
    ...resource,
    ...(labelsOf.length === 0 ? {} : { meta: { security: labelsOf } }),
    ...(others && resource.subject ? { subject: { reference: 'Patient/q' } } : {}),
  }));

export const letters = fc.constantFrom('r' as const, 's' as const, 'u' as const, 'd' as const);
