import { dayOf, defaultToday, timeText } from './calendar.ts';
import { syntheticPatient } from './patients.ts';
import { npiSystem, placeSystem } from './resources/identifiers.ts';
import { createRng } from './rng.ts';
import type { Resource } from './types.ts';
import { concept, loinc, quantity, rxnorm, snomed, status, terminology } from './words/concepts.ts';

/** One resource of the set. */
export interface LinkedResource {
  readonly type: string;
  /** The resource to create; `ids` holds the ids that the server gave to those before it, by type. */
  make(ids: Readonly<Record<string, string>>): Resource;
  /** The same resource with one element changed, to update it with. `turn` makes each change differ from the last. */
  change(resource: Resource, turn: number): Resource;
}

type Ids = Readonly<Record<string, string>>;
const to = (ids: Ids, type: string): { reference: string } => ({ reference: `${type}/${ids[type] ?? 'unknown'}` });
const at = timeText(dayOf(defaultToday) - 40, 600);
const until = timeText(dayOf(defaultToday) - 40, 630);
const priority = { coding: [{ system: `${terminology}/processpriority`, code: 'normal' }] };
const claimType = (code: string): object => status('claim-type', code);
const visitType = concept(snomed('162673000', 'General examination of patient (procedure)'));

const gender = (resource: Resource): Resource => ({
  ...resource,
  gender: resource.gender === 'unknown' ? 'other' : 'unknown',
});
const named = (resource: Resource, turn: number): Resource => ({ ...resource, name: `Renamed ${turn}` });
const created = (resource: Resource, turn: number): Resource => ({
  ...resource,
  created: timeText(20_000 + (turn % 400), 1),
});

const encounter = (ids: Ids): Resource => ({
  resourceType: 'Encounter',
  status: 'finished',
  class: { system: `${terminology}/v3-ActCode`, code: 'AMB' },
  type: [visitType],
  subject: { ...to(ids, 'Patient'), display: 'Zoë Núñez' },
  participant: [
    { period: { start: at, end: until }, individual: { ...to(ids, 'Practitioner'), display: 'Dr. Łukasz Hale' } },
  ],
  period: { start: at, end: until },
  location: [{ location: { ...to(ids, 'Location'), display: 'Windrow Family Practice' } }],
  serviceProvider: { ...to(ids, 'Organization'), display: 'Windrow Family Practice' },
});

const observation = (ids: Ids): Resource => ({
  resourceType: 'Observation',
  status: 'final',
  category: [status('observation-category', 'vital-signs', 'vital-signs')],
  code: concept(loinc('29463-7', 'Body weight')),
  subject: to(ids, 'Patient'),
  encounter: to(ids, 'Encounter'),
  effectiveDateTime: at,
  issued: at,
  valueQuantity: quantity(71.4, 'kg'),
});

const medicationRequest = (ids: Ids): Resource => ({
  resourceType: 'MedicationRequest',
  status: 'active',
  intent: 'order',
  medicationCodeableConcept: concept(rxnorm('314076', 'lisinopril 10 MG Oral Tablet')),
  subject: to(ids, 'Patient'),
  encounter: to(ids, 'Encounter'),
  authoredOn: at,
  requester: { ...to(ids, 'Practitioner'), display: 'Dr. Łukasz Hale' },
});

const claim = (ids: Ids): Resource => ({
  resourceType: 'Claim',
  status: 'active',
  type: claimType('pharmacy'),
  use: 'claim',
  patient: { ...to(ids, 'Patient'), display: 'Zoë Núñez' },
  billablePeriod: { start: at, end: until },
  created: until,
  provider: { ...to(ids, 'Organization'), display: 'Windrow Family Practice' },
  priority,
  prescription: to(ids, 'MedicationRequest'),
  insurance: [{ sequence: 1, focal: true, coverage: { display: 'Example Mutual Health Plan' } }],
  item: [{ sequence: 1, productOrService: visitType, encounter: [to(ids, 'Encounter')] }],
  total: { value: 263.49, currency: 'USD' },
});

const explanationOfBenefit = (ids: Ids): Resource => ({
  resourceType: 'ExplanationOfBenefit',
  contained: [
    {
      resourceType: 'ServiceRequest',
      id: 'referral',
      status: 'completed',
      intent: 'order',
      subject: to(ids, 'Patient'),
      requester: to(ids, 'Practitioner'),
      performer: [to(ids, 'Practitioner')],
    },
    {
      resourceType: 'Coverage',
      id: 'coverage',
      status: 'active',
      type: { text: 'Example Mutual Health Plan' },
      beneficiary: to(ids, 'Patient'),
      payor: [{ display: 'Example Mutual Health Plan' }],
    },
  ],
  status: 'active',
  type: claimType('professional'),
  use: 'claim',
  patient: to(ids, 'Patient'),
  billablePeriod: { start: at, end: until },
  created: until,
  insurer: { display: 'Example Mutual Health Plan' },
  provider: to(ids, 'Practitioner'),
  referral: { reference: '#referral' },
  claim: to(ids, 'Claim'),
  outcome: 'complete',
  careTeam: [{ sequence: 1, provider: to(ids, 'Practitioner') }],
  insurance: [{ focal: true, coverage: { reference: '#coverage' } }],
  item: [{ sequence: 1, productOrService: visitType, encounter: [to(ids, 'Encounter')] }],
  total: [
    { category: status('adjudication', 'submitted', 'Submitted Amount'), amount: { value: 263.49, currency: 'USD' } },
  ],
  payment: { amount: { value: 210.79, currency: 'USD' } },
});

function standalone(seed: string | number): Record<'Location' | 'Organization' | 'Practitioner', Resource> {
  const rng = createRng(`${seed}/linked`);
  const number = rng.digits(9);
  const address = { line: ['12 Mill Weir Road'], city: 'Windrow', state: 'NE', postalCode: '68201', country: 'US' };
  const identifier = [{ system: placeSystem, value: number }];
  return {
    Location: { resourceType: 'Location', identifier, status: 'active', name: 'Windrow Family Practice', address },
    Organization: {
      resourceType: 'Organization',
      identifier,
      active: true,
      type: [status('organization-type', 'prov', 'Healthcare Provider')],
      name: 'Windrow Family Practice',
      address: [address],
    },
    Practitioner: {
      resourceType: 'Practitioner',
      identifier: [{ system: npiSystem, value: `9999${number.slice(0, 6)}` }],
      active: true,
      name: [{ family: 'Hale', given: ['Łukasz'], prefix: ['Dr.'] }],
      gender: 'male',
      address: [address],
    },
  };
}

/**
 * The nine linked resources of the `crud` scenario that HealthSamurai's FHIR server benchmark drives (k6/crud.js),
 * in its order and with its links and changes; the content is our own. Create all nine (each `make` with the ids
 * before it), read all, update all (`change`), delete all in reverse.
 */
export function linkedNine(seed: string | number = 1): readonly LinkedResource[] {
  const alone = standalone(seed);
  const patient = syntheticPatient(createRng(`${seed}/linked/patient`));
  const fixed = (resource: Resource) => (): Resource => structuredClone(resource);
  return [
    { type: 'Patient', make: fixed(patient), change: gender },
    { type: 'Location', make: fixed(alone.Location), change: named },
    { type: 'Organization', make: fixed(alone.Organization), change: named },
    { type: 'Practitioner', make: fixed(alone.Practitioner), change: gender },
    {
      type: 'Encounter',
      make: encounter,
      change: (resource) => ({ ...resource, status: resource.status === 'planned' ? 'in-progress' : 'planned' }),
    },
    {
      type: 'Observation',
      make: observation,
      change: (resource, turn) => ({ ...resource, issued: timeText(20_000 + (turn % 400), 1) }),
    },
    {
      type: 'MedicationRequest',
      make: medicationRequest,
      change: (resource) => ({ ...resource, status: resource.status === 'on-hold' ? 'draft' : 'on-hold' }),
    },
    { type: 'Claim', make: claim, change: created },
    { type: 'ExplanationOfBenefit', make: explanationOfBenefit, change: created },
  ];
}
