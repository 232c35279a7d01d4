import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validate } from '../index.ts';
import { all, condition, observation, patient, plant, questionnaire, transaction } from './fixtures.ts';

type Any = Record<string, unknown>;
type Row = [name: string, make: () => Any, path: string, value: unknown, at: string, code: string];

const div = (inner: string): string => `<div xmlns="http://www.w3.org/1999/xhtml">${inner}</div>`;
const deep = (levels: number): unknown =>
  levels === 0 ? { linkId: 'x', type: 'group' } : { linkId: 'x', type: 'group', item: [deep(levels - 1)] };

/** One mistake each, planted in a resource that is valid without it; where it must be found, and as what. */
const planted: Row[] = [
  ['unknown element', patient, 'surname', 'x', 'Patient.surname', 'structure'],
  ['unknown nested element', patient, 'contact.0.name.surname', 'x', 'Patient.contact[0].name.surname', 'structure'],
  ['element of a later release', patient, 'meta.project', 'x', 'Patient.meta.project', 'structure'],
  ['__proto__ as an element', patient, '__proto__', { a: 1 }, 'Patient', 'structure'],
  ['constructor as an element', patient, 'constructor', 'x', 'Patient.constructor', 'structure'],
  ['toString as an element', patient, 'name.0.toString', 'x', 'Patient.name[0].toString', 'structure'],
  [
    'resourceType inside a datatype',
    patient,
    'name.0.resourceType',
    'HumanName',
    'Patient.name[0].resourceType',
    'structure',
  ],
  ['element name with spaces', patient, 'John Smith', 'x', 'Patient', 'structure'],
  ['missing status', observation, 'status', undefined, 'Observation.status', 'required'],
  ['missing code', observation, 'code', undefined, 'Observation.code', 'required'],
  ['missing backbone element', observation, 'component.0.code', undefined, 'Observation.component[0].code', 'required'],
  ['missing resourceType', patient, 'resourceType', undefined, 'Resource.resourceType', 'required'],
  ['unknown resourceType', patient, 'resourceType', 'Person1', 'Resource.resourceType', 'structure'],
  ['abstract resourceType', patient, 'resourceType', 'DomainResource', 'Resource.resourceType', 'structure'],
  ['resourceType as a number', patient, 'resourceType', 4, 'Resource.resourceType', 'structure'],
  ['list for a single value', patient, 'gender', ['female'], 'Patient.gender', 'structure'],
  ['single value for a list', patient, 'name', { family: 'x' }, 'Patient.name', 'structure'],
  ['text for a list of texts', patient, 'name.0.given', 'x', 'Patient.name[0].given', 'structure'],
  ['text for an object', patient, 'name.0', 'x', 'Patient.name[0]', 'structure'],
  ['list in a list', patient, 'name.0', [{}], 'Patient.name[0]', 'structure'],
  ['empty list', patient, 'name', [], 'Patient.name', 'structure'],
  ['empty object', patient, 'name.0', {}, 'Patient.name[0]', 'invariant'],
  ['object with an id alone', patient, 'name.0', { id: 'a' }, 'Patient.name[0]', 'invariant'],
  ['empty text', patient, 'name.0.family', '', 'Patient.name[0].family', 'value'],
  ['spaces alone', patient, 'name.0.family', ' \t\n', 'Patient.name[0].family', 'value'],
  ['control character', patient, 'name.0.family', 'a\u0000b', 'Patient.name[0].family', 'value'],
  ['half a surrogate pair', patient, 'name.0.family', 'a\ud800', 'Patient.name[0].family', 'value'],
  ['text over 1 MB', patient, 'name.0.family', 'x'.repeat(1_048_577), 'Patient.name[0].family', 'value'],
  ['null for a value', patient, 'gender', null, 'Patient.gender', 'structure'],
  ['null for an object', patient, 'name.0', null, 'Patient.name[0]', 'structure'],
  ['null without an extension', patient, 'address.0.line.0', null, 'Patient.address[0].line[0]', 'structure'],
  ['_given of another length', patient, 'name.0._given', [null], 'Patient.name[0]._given', 'structure'],
  ['_given that is no object', patient, 'name.0._given', ['x', 'y'], 'Patient.name[0]._given[0]', 'structure'],
  ['_birthDate with a value', patient, '_birthDate', { value: 'x' }, 'Patient._birthDate.value', 'structure'],
  [
    '_active without value or extension',
    () => plant(patient(), 'active', undefined),
    '_active',
    { id: 'a' },
    'Patient._active',
    'invariant',
  ],
  ['_name of a complex element', patient, '_name', [{ id: 'a' }], 'Patient._name', 'structure'],
  ['boolean as text', patient, 'active', 'true', 'Patient.active', 'structure'],
  ['boolean as number', patient, 'active', 1, 'Patient.active', 'structure'],
  ['30th of February', patient, 'birthDate', '2021-02-30', 'Patient.birthDate', 'value'],
  ['29th of February, no leap year', patient, 'birthDate', '2023-02-29', 'Patient.birthDate', 'value'],
  ['29th of February 1900', patient, 'birthDate', '1900-02-29', 'Patient.birthDate', 'value'],
  ['31st of April', patient, 'birthDate', '2021-04-31', 'Patient.birthDate', 'value'],
  ['month 13', patient, 'birthDate', '2021-13', 'Patient.birthDate', 'value'],
  ['year 0000', patient, 'birthDate', '0000', 'Patient.birthDate', 'value'],
  ['date with a time', patient, 'birthDate', '2021-01-01T00:00:00Z', 'Patient.birthDate', 'value'],
  ['date as a number', patient, 'birthDate', 2021, 'Patient.birthDate', 'structure'],
  ['local date form', patient, 'birthDate', '01/02/2021', 'Patient.birthDate', 'value'],
  [
    'dateTime without a zone',
    observation,
    'effectiveDateTime',
    '2024-01-01T00:00:00',
    'Observation.effectiveDateTime',
    'value',
  ],
  [
    'dateTime without seconds',
    observation,
    'effectiveDateTime',
    '2024-01-01T00:00Z',
    'Observation.effectiveDateTime',
    'value',
  ],
  ['hour 24', observation, 'effectiveDateTime', '2024-01-01T24:00:00Z', 'Observation.effectiveDateTime', 'value'],
  ['minute 60', observation, 'effectiveDateTime', '2024-01-01T00:60:00Z', 'Observation.effectiveDateTime', 'value'],
  [
    'zone +14:01',
    observation,
    'effectiveDateTime',
    '2024-01-01T00:00:00+14:01',
    'Observation.effectiveDateTime',
    'value',
  ],
  ['instant without a time', observation, 'issued', '2024-01-01', 'Observation.issued', 'value'],
  [
    'time with a zone',
    observation,
    'component.1.valueTime',
    '12:00:00Z',
    'Observation.component[1].valueTime',
    'value',
  ],
  [
    'time without seconds',
    observation,
    'component.1.valueTime',
    '12:00',
    'Observation.component[1].valueTime',
    'value',
  ],
  [
    'integer with a fraction',
    observation,
    'component.0.valueInteger',
    1.5,
    'Observation.component[0].valueInteger',
    'value',
  ],
  [
    'integer over 32 bits',
    observation,
    'component.0.valueInteger',
    2 ** 31,
    'Observation.component[0].valueInteger',
    'value',
  ],
  ['integer as text', observation, 'component.0.valueInteger', '5', 'Observation.component[0].valueInteger', 'value'],
  ['positiveInt of 0', patient, 'telecom.0.rank', 0, 'Patient.telecom[0].rank', 'value'],
  ['decimal as text', observation, 'valueQuantity.value', '72.5', 'Observation.valueQuantity.value', 'value'],
  ['id with an underscore', patient, 'id', 'a_b', 'Patient.id', 'value'],
  ['id of 65 characters', patient, 'id', 'a'.repeat(65), 'Patient.id', 'value'],
  ['code with two spaces', observation, 'code.coding.0.code', 'a  b', 'Observation.code.coding[0].code', 'value'],
  ['code with a space at its end', observation, 'code.coding.0.code', 'a ', 'Observation.code.coding[0].code', 'value'],
  ['uri with a space', patient, 'identifier.0.system', 'http://a b', 'Patient.identifier[0].system', 'value'],
  ['profile with a space', patient, 'meta.profile.0', 'a b', 'Patient.meta.profile[0]', 'value'],
  ['base64 without padding', patient, 'photo', [{ data: 'abc' }], 'Patient.photo[0].data', 'value'],
  ['base64 with foreign characters', patient, 'photo', [{ data: 'ab-_' }], 'Patient.photo[0].data', 'value'],
  ['code outside its binding', patient, 'gender', 'F', 'Patient.gender', 'code-invalid'],
  ['status outside its binding', observation, 'status', 'done', 'Observation.status', 'code-invalid'],
  [
    'concept outside its binding',
    condition,
    'clinicalStatus.coding.0.code',
    'alive',
    'Condition.clinicalStatus',
    'code-invalid',
  ],
  [
    'concept of another system',
    condition,
    'clinicalStatus.coding.0.system',
    'http://x',
    'Condition.clinicalStatus',
    'code-invalid',
  ],
  ['two types of one choice', observation, 'valueString', 'x', 'Observation.valueString', 'structure'],
  [
    'two types of one choice, one aside',
    observation,
    '_valueString',
    { extension: [{ url: 'u', valueCode: 'c' }] },
    'Observation.valueString',
    'structure',
  ],
  ['type that the choice lacks', observation, 'valueDecimal', 1, 'Observation.valueDecimal', 'structure'],
  ['choice without a type', observation, 'value', 1, 'Observation.value', 'structure'],
  ['extension without url', patient, 'extension.0', { valueString: 'x' }, 'Patient.extension[0].url', 'required'],
  ['extension with value and extensions', patient, 'extension.0.valueString', 'x', 'Patient.extension[0]', 'invariant'],
  ['extension with neither', patient, 'extension.0', { url: 'u' }, 'Patient.extension[0]', 'invariant'],
  ['contained without id', patient, 'contained.0.id', undefined, 'Patient.contained[0].id', 'required'],
  [
    'contained in contained',
    patient,
    'contained.0.contained',
    [{ resourceType: 'Patient', id: 'a' }],
    'Patient.contained[0].contained',
    'invariant',
  ],
  [
    'contained without a type',
    patient,
    'contained.0.resourceType',
    undefined,
    'Patient.contained[0].resourceType',
    'required',
  ],
  ['error in a contained resource', patient, 'contained.0.active', 'x', 'Patient.contained[0].active', 'structure'],
  [
    'contained with a version',
    patient,
    'contained.0.meta',
    { versionId: '1' },
    'Patient.contained[0].meta.versionId',
    'invariant',
  ],
  [
    'fragment that leads nowhere',
    patient,
    'managingOrganization.reference',
    '#other',
    'Patient.managingOrganization.reference',
    'invariant',
  ],
  [
    'reference of an unknown type',
    patient,
    'managingOrganization.reference',
    'Clinic/1',
    'Patient.managingOrganization.reference',
    'value',
  ],
  [
    'reference with a bad id',
    patient,
    'managingOrganization.reference',
    'Organization/a_b',
    'Patient.managingOrganization.reference',
    'value',
  ],
  [
    'reference of a bare word',
    patient,
    'managingOrganization.reference',
    'org',
    'Patient.managingOrganization.reference',
    'value',
  ],
  [
    'reference with a bad UUID',
    patient,
    'managingOrganization.reference',
    'urn:uuid:1',
    'Patient.managingOrganization.reference',
    'value',
  ],
  [
    'reference to javascript:',
    patient,
    'managingOrganization.reference',
    'javascript:alert(1)',
    'Patient.managingOrganization.reference',
    'value',
  ],
  [
    'conditional reference',
    patient,
    'managingOrganization.reference',
    'Organization?name=x',
    'Patient.managingOrganization.reference',
    'value',
  ],
  [
    'reference to a type not allowed',
    patient,
    'managingOrganization.reference',
    'Patient/1',
    'Patient.managingOrganization',
    'value',
  ],
  [
    'reference at odds with its type',
    patient,
    'generalPractitioner.0.type',
    'Organization',
    'Patient.generalPractitioner[0].type',
    'invariant',
  ],
  ['empty reference', patient, 'managingOrganization', {}, 'Patient.managingOrganization', 'invariant'],
  [
    'start after end',
    patient,
    'identifier.0.period',
    { start: '2021', end: '2020-12' },
    'Patient.identifier[0].period',
    'invariant',
  ],
  ['script in the narrative', patient, 'text.div', div('<script>alert(1)</script>'), 'Patient.text.div', 'value'],
  ['narrative that is not well formed', patient, 'text.div', div('<p>x'), 'Patient.text.div', 'value'],
  ['narrative without namespace', patient, 'text.div', '<div>x</div>', 'Patient.text.div', 'value'],
  ['empty narrative', patient, 'text.div', div(' '), 'Patient.text.div', 'value'],
  ['narrative without status', patient, 'text.status', undefined, 'Patient.text.status', 'required'],
  ['meta as a list', patient, 'meta', [{}], 'Patient.meta', 'structure'],
  ['items nested without end', questionnaire, 'item.0', deep(70), '', 'too-costly'],
  ['transaction entry without request', transaction, 'entry.0.request', undefined, 'Bundle.entry[0]', 'invariant'],
  [
    'fullUrl twice',
    transaction,
    'entry.1.fullUrl',
    'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0',
    'Bundle.entry[1].fullUrl',
    'invariant',
  ],
  ['total in a transaction', transaction, 'total', 3, 'Bundle.total', 'invariant'],
  ['error in an entry', transaction, 'entry.0.resource.gender', 'F', 'Bundle.entry[0].resource.gender', 'code-invalid'],
  ['unknown verb', transaction, 'entry.0.request.method', 'SEND', 'Bundle.entry[0].request.method', 'code-invalid'],
  ['entry without anything', transaction, 'entry.2', { fullUrl: 'http://x.org/1' }, 'Bundle.entry[2]', 'invariant'],
];

test('the fixtures are valid: every error below is the one that was planted', () => {
  for (const make of all) assert.deepEqual(validate(make()), []);
});

for (const [name, make, path, value, at, code] of planted) {
  test(`finds: ${name}`, () => {
    const issues = validate(plant(make(), path, value));
    assert.ok(issues.length > 0, 'nothing found');
    const found = issues.find((issue) => issue.code === code && (at === '' || issue.at === at));
    assert.ok(found, `expected ${code} at ${at}, found ${issues.map((one) => `${one.code} at ${one.at}`).join('; ')}`);
    assert.ok(issues.every((issue) => issue.severity === 'error'));
  });
}

const secret = 'Zz9-secret value-Qq7';

/** Puts a marked value in every place of every fixture and wants it in no finding. */
function assertSilent(judge: (resource: Any) => unknown): void {
  const walk = (make: () => Any, at: unknown, path: string): void => {
    if (typeof at !== 'object' || at === null) {
      const text = JSON.stringify(judge(plant(make(), path, secret)));
      assert.ok(!text.includes('Zz9') && !text.includes('Qq7'), path);
      return;
    }
    for (const [key, one] of Object.entries(at)) walk(make, one, path === '' ? key : `${path}.${key}`);
  };
  for (const make of all) walk(make, make(), '');
  const named = JSON.stringify(judge(plant(patient(), secret, 1)));
  assert.ok(!named.includes('Zz9'), 'an unknown element may be named with anything');
}

test('no finding repeats a value that was sent', () => assertSilent(validate));

test('control: a validator that quotes what it refuses fails the same assertion', () => {
  assert.throws(() =>
    assertSilent((resource) => validate(resource).map((issue) => `${issue.text}: ${JSON.stringify(resource)}`)),
  );
});

test('stops at the limit, and keeps to the type that was asked for', () => {
  const bad = { resourceType: 'Patient', name: Array.from({ length: 500 }, () => ({ family: 1 })) };
  assert.equal(validate(bad).length, 50);
  assert.equal(validate(bad, { limit: 3 }).length, 3);
  assert.deepEqual(validate(patient(), { type: 'Patient' }), []);
  assert.equal(validate(patient(), { type: 'Observation' })[0]?.at, 'Patient.resourceType');
});

test('conditional references pass by option only', () => {
  const resource = plant(patient(), 'generalPractitioner.0.reference', 'Practitioner?identifier=http://a|1');
  assert.deepEqual(validate(resource, { conditionalReferences: true }), []);
  assert.equal(validate(resource).length, 1);
});

test('a fragment to a contained resource of a wrong type is refused', () => {
  const issues = validate({
    resourceType: 'Condition',
    contained: [{ resourceType: 'Organization', id: 'o', name: 'x' }],
    subject: { reference: '#o' },
  });
  assert.deepEqual(
    issues.map(({ code, at }) => [code, at]),
    [['value', 'Condition.subject']],
  );
});

test('a reference to another entry of the Bundle is judged by the type of that entry', () => {
  const make = (type: string): unknown => ({
    resourceType: 'Bundle',
    type: 'collection',
    entry: [
      { fullUrl: 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0', resource: { resourceType: type, active: true } },
      {
        fullUrl: 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e1',
        resource: { ...observation(), subject: { reference: 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0' } },
      },
    ],
  });
  assert.deepEqual(validate(make('Patient')), []);
  assert.deepEqual(
    validate(make('Practitioner')).map(({ at }) => at),
    ['Bundle.entry[1].resource.subject'],
  );
});
