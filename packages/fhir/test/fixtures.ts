/** Valid resources of our own, rich enough that every kind of error can be planted in one of them. */
type Any = Record<string, unknown>;

export const patient = (): Any => ({
  resourceType: 'Patient',
  id: 'p1',
  meta: { profile: ['http://example.org/StructureDefinition/patient'], lastUpdated: '2024-02-29T10:00:00.123+01:00' },
  text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml"><p>Zoë &amp; <b>Ana</b></p></div>' },
  contained: [{ resourceType: 'Organization', id: 'org', name: 'Clinic' }],
  extension: [{ url: 'http://example.org/race', extension: [{ url: 'text', valueString: 'x' }] }],
  identifier: [{ system: 'http://example.org/mrn', value: '123', period: { start: '2020', end: '2020-05' } }],
  active: true,
  name: [{ family: 'Müller', given: ['Zoë', null], _given: [null, { extension: [{ url: 'u', valueCode: 'c' }] }] }],
  telecom: [{ system: 'phone', value: '555', rank: 1 }],
  gender: 'female',
  birthDate: '2000-02-29',
  _birthDate: { extension: [{ url: 'http://example.org/t', valueDateTime: '2000-02-29T23:59:60Z' }] },
  deceasedBoolean: false,
  address: [{ line: ['1 Road'], city: 'X', period: { start: '2019-01-01' } }],
  contact: [{ name: { family: 'Y' }, gender: 'male' }],
  generalPractitioner: [{ reference: 'Practitioner/1', type: 'Practitioner' }],
  managingOrganization: { reference: '#org' },
});

export const observation = (): Any => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }], text: 'Heart rate' },
  subject: { reference: 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0' },
  encounter: { reference: 'https://example.org/fhir/Encounter/7/_history/2' },
  effectiveDateTime: '2024-01-01T00:00:00Z',
  issued: '2024-01-01T00:00:00.000-14:00',
  valueQuantity: { value: 72.5, unit: '/min', system: 'http://unitsofmeasure.org', code: '/min' },
  component: [
    { code: { text: 'c' }, valueInteger: -5 },
    { code: { text: 't' }, valueTime: '23:59:59' },
  ],
});

export const condition = (): Any => ({
  resourceType: 'Condition',
  clinicalStatus: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
  },
  subject: { reference: 'Patient/p1' },
  onsetAge: { value: 3, unit: 'a', system: 'http://unitsofmeasure.org', code: 'a' },
});

export const questionnaire = (): Any => ({
  resourceType: 'Questionnaire',
  status: 'draft',
  item: [{ linkId: '1', type: 'group', item: [{ linkId: '1.1', type: 'boolean' }] }],
});

export const transaction = (): Any => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: [
    {
      fullUrl: 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0',
      resource: patient(),
      request: { method: 'POST', url: 'Patient', ifNoneExist: 'identifier=x|1' },
    },
    {
      fullUrl: 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e1',
      resource: observation(),
      request: { method: 'POST', url: 'Observation' },
    },
    { request: { method: 'DELETE', url: 'Patient/9' } },
  ],
});

export const all: readonly (() => Any)[] = [patient, observation, condition, questionnaire, transaction];

/** Sets the value at a path such as `name.0.family`; `undefined` takes the property away. */
export function plant(resource: Any, path: string, value: unknown): Any {
  const words = path.split('.');
  const last = words.pop() ?? '';
  let at: unknown = resource;
  for (const word of words) at = (at as Any)[word];
  if (value === undefined) delete (at as Any)[last];
  else Object.defineProperty(at, last, { value, enumerable: true, writable: true, configurable: true });
  return resource;
}
