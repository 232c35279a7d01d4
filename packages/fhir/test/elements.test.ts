import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  compartmentPatients,
  dateSpan,
  dateTimeSpan,
  eachReference,
  identifiers,
  instantSpan,
  parseJson,
  referenceForm,
  writeJson,
} from '../index.ts';
import { observation, patient, transaction } from './fixtures.ts';

test('every reference is visited, wherever it stands, with its path', () => {
  const resource = {
    resourceType: 'Observation',
    contained: [{ resourceType: 'Device', id: 'd', owner: { reference: 'Organization/1' } }],
    extension: [{ url: 'u', extension: [{ url: 'v', valueReference: { reference: 'Patient/2' } }] }],
    _status: { extension: [{ url: 'u', valueReference: { reference: 'Patient/3' } }] },
    subject: { reference: 'Patient/4', identifier: { assigner: { reference: 'Organization/5' } } },
    performer: [{ display: 'none' }, { reference: 'Practitioner/6' }],
    note: [
      {
        _text: { extension: [{ url: 'u', valueAnnotation: { authorReference: { reference: 'Patient/7' } } }] },
        text: 'Patient/8',
      },
    ],
    unknown: { reference: 'Patient/9' },
  };
  const found: string[] = [];
  eachReference(resource, (one, path) => void found.push(`${path}=${one.reference ?? ''}`));
  assert.deepEqual(found.sort(), [
    '_status.extension[0].valueReference=Patient/3',
    'contained[0].owner=Organization/1',
    'extension[0].extension[0].valueReference=Patient/2',
    'note[0]._text.extension[0].valueAnnotation.authorReference=Patient/7',
    'performer[0]=',
    'performer[1]=Practitioner/6',
    'subject.identifier.assigner=Organization/5',
    'subject=Patient/4',
  ]);
});

test('references are rewritten in place, through bundles and parameters, numbers kept', () => {
  const text = writeJson(transaction()).replace('72.5', '72.50');
  const bundle = parseJson(Buffer.from(text));
  eachReference(bundle, (one) => {
    if (one.reference?.startsWith('urn:uuid:')) one.reference = 'Patient/new';
  });
  const written = writeJson(bundle);
  assert.ok(written.includes('"subject":{"reference":"Patient/new"}') && written.includes('72.50'));
  const parameters = { resourceType: 'Parameters', parameter: [{ name: 'r', resource: observation() }] };
  let count = 0;
  eachReference(parameters, () => void count++);
  assert.equal(count, 2);
  // A uri element that happens to be called `reference` is none.
  eachReference({ resourceType: 'DetectedIssue', reference: 'http://x' }, () => assert.fail());
});

test('patients of the compartment', () => {
  assert.deepEqual(compartmentPatients({ ...patient(), link: [{ other: { reference: 'Patient/p2' } }] }), ['p1']);
  assert.deepEqual(compartmentPatients({ resourceType: 'Patient' }), []);
  const actors = [
    'Patient/a',
    'Practitioner/b',
    'Patient/c/_history/2',
    'Patient/a',
    'http://x.org/Patient/d',
    'urn:uuid:1',
  ];
  const participant = actors.map((reference) => ({ actor: { reference } }));
  assert.deepEqual(compartmentPatients({ resourceType: 'Appointment', participant }), ['a', 'c']);
  assert.deepEqual(compartmentPatients({ resourceType: 'Organization', subject: { reference: 'Patient/a' } }), []);
  assert.deepEqual(compartmentPatients({ resourceType: 'Group', member: [{ entity: { reference: 'Patient/z' } }] }), [
    'z',
  ]);
  assert.deepEqual(compartmentPatients({ resourceType: '__proto__' }), []);
});

test('identifiers, as the search parameter reads them', () => {
  assert.deepEqual(identifiers(patient()), [{ system: 'http://example.org/mrn', value: '123' }]);
  const document = {
    resourceType: 'DocumentReference',
    masterIdentifier: { value: 'm' },
    identifier: [{ system: 's', value: 'i' }, { type: {} }],
  };
  assert.deepEqual(identifiers(document), [{ value: 'm' }, { system: 's', value: 'i' }, {}]);
  assert.deepEqual(identifiers({ resourceType: 'Bundle', identifier: { value: 'b' } }), [{ value: 'b' }]);
  assert.deepEqual(identifiers({ resourceType: 'Binary', identifier: [{ value: 'b' }] }), []);
});

test('forms of a reference', () => {
  assert.deepEqual(referenceForm('Patient/a-1/_history/2'), {
    kind: 'relative',
    type: 'Patient',
    id: 'a-1',
    version: '2',
  });
  assert.deepEqual(referenceForm('Practitioner?identifier=http://a|1'), {
    kind: 'conditional',
    type: 'Practitioner',
    query: 'identifier=http://a|1',
  });
  assert.deepEqual(referenceForm('https://x.org/fhir/Patient/1'), { kind: 'absolute', type: 'Patient' });
  assert.deepEqual(referenceForm('http://x.org/q?a=b'), { kind: 'absolute' });
  assert.deepEqual(referenceForm('urn:oid:1.2.3'), { kind: 'urn' });
  assert.deepEqual(referenceForm('#a'), { kind: 'fragment', id: 'a' });
  for (const text of [
    '',
    'x',
    'Patient',
    'Patient/',
    'Patient/a/b',
    'patient/1',
    'Nobody/1',
    'urn:uuid:x',
    '#a b',
    'ftp:x',
    '../Patient/1',
    'http:// x',
  ]) {
    assert.equal(referenceForm(text), undefined, text);
  }
});

test('spans of dates agree with the engine’s own calendar', () => {
  for (let day = -800_000; day < 800_000; day += 97) {
    const start = day * 86_400_000;
    const iso = new Date(start).toISOString().slice(0, 10);
    if (!/^\d{4}-/.test(iso) || iso.startsWith('0000')) continue;
    assert.deepEqual(dateSpan(iso), { start, end: start + 86_400_000 }, iso);
  }
  assert.deepEqual(dateSpan('2024-02'), { start: Date.UTC(2024, 1), end: Date.UTC(2024, 2) });
  assert.deepEqual(dateSpan('0099'), { start: Date.parse('0099-01-01'), end: Date.parse('0100-01-01') });
  assert.equal(instantSpan('2024-01-01T00:00:00.5+14:00')?.start, Date.parse('2024-01-01T00:00:00.500+14:00'));
  assert.equal(dateTimeSpan('2016-12-31T23:59:60Z')?.start, Date.UTC(2017, 0));
  assert.equal(instantSpan('2024-01-01T00:00:00'), undefined);
});
