import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { JsonObject } from '@safeguard/kernel';
import { parseJson, validate, writeJson } from '../../index.ts';
import { subset } from '../../subset/subset.ts';
import { observation, patient, questionnaire, transaction } from '../fixtures.ts';
import { filesIn, shared } from '../shared.ts';

const tag = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
  code: 'SUBSETTED',
  display: 'subsetted',
};
const read = (make: () => unknown): JsonObject => make() as JsonObject;
const keys = (resource: JsonObject): string[] => Object.keys(resource).sort();

test('_summary=true is what R4 marks, inside too, and the resource stays as it is', () => {
  const whole = read(patient);
  const before = writeJson(whole);
  const made = subset(whole, { summary: 'true' });
  assert.equal(
    writeJson(made),
    writeJson({
      resourceType: 'Patient',
      id: 'p1',
      meta: { ...(whole['meta'] as JsonObject), tag: [tag] },
      identifier: whole['identifier'] as JsonObject[],
      active: true,
      name: [{ family: 'Müller', given: ['Zoë', null], _given: [null, { extension: [{ url: 'u', valueCode: 'c' }] }] }],
      telecom: whole['telecom'] as JsonObject[],
      gender: 'female',
      birthDate: '2000-02-29',
      deceasedBoolean: false,
      address: whole['address'] as JsonObject[],
      managingOrganization: { reference: '#org' },
      contained: whole['contained'] as JsonObject[],
    } as JsonObject),
  );
  assert.equal(writeJson(whole), before);
  const photo = { resourceType: 'Practitioner', photo: [{ data: 'AAAA', title: 't' }] };
  assert.equal('photo' in subset(photo, { summary: 'true' }), false);
});

test('_summary=true keeps what an extension stands for, what changes the meaning, and what is demanded', () => {
  const extension = [{ url: 'u', valueCode: 'c' }];
  const made = subset(
    {
      resourceType: 'Observation',
      implicitRules: 'http://r',
      modifierExtension: extension,
      extension,
      _status: { extension },
      code: { text: 'x', extension },
      note: [{ text: 'n' }],
      component: [{ code: { text: 'c' }, modifierExtension: extension, interpretation: [{ text: 'i' }] }],
    } as JsonObject,
    { summary: 'true' },
  );
  assert.deepEqual(made, {
    resourceType: 'Observation',
    meta: { tag: [tag] },
    implicitRules: 'http://r',
    modifierExtension: extension,
    _status: { extension },
    code: { text: 'x' },
    component: [{ code: { text: 'c' }, modifierExtension: extension }],
  });
});

test('_summary=text is narrative, identity and what is demanded; _summary=data is all but the narrative', () => {
  const whole = { ...read(observation), id: 'o', text: read(patient)['text'] } as JsonObject;
  assert.deepEqual(keys(subset(whole, { summary: 'text' })), ['code', 'id', 'meta', 'resourceType', 'status', 'text']);
  const { text: _, ...rest } = whole;
  assert.deepEqual(subset(whole, { summary: 'data' }), { ...rest, meta: { tag: [tag] } });
});

test('_elements: names at the top, choices by either name, what stands beside, and what is demanded', () => {
  const whole = { ...read(observation), id: 'o', _effectiveDateTime: { id: 'e' } } as JsonObject;
  const made = subset(whole, { elements: ['value', 'effectiveDateTime', 'secret', 'constructor'] });
  assert.deepEqual(keys(made), [
    '_effectiveDateTime',
    'code',
    'effectiveDateTime',
    'id',
    'meta',
    'resourceType',
    'status',
    'valueQuantity',
  ]);
  const dotted = subset(read(patient), { elements: ['Patient.birthDate', 'contact.gender'] });
  assert.deepEqual(keys(dotted), ['_birthDate', 'birthDate', 'contact', 'id', 'meta', 'resourceType']);
  const request = {
    resourceType: 'MedicationRequest',
    status: 'active',
    medicationReference: { reference: 'Medication/1' },
  };
  assert.ok('medicationReference' in subset(request, { elements: ['id'] }), 'a choice that is demanded');
});

test('the tag stands once, beside others; without an option nothing changes', () => {
  const other = { system: 's', code: 'SUBSETTED' };
  const once = subset({ resourceType: 'Patient', meta: { tag: [other] } }, { summary: 'data' });
  assert.deepEqual(once['meta'], { tag: [other, tag] });
  assert.deepEqual(subset(once, { summary: 'data' })['meta'], once['meta']);
  const whole = read(patient);
  assert.equal(subset(whole, {}), whole);
});

test('contained resources stay only where something refers to one', () => {
  const whole = read(patient);
  assert.ok('contained' in subset(whole, { elements: ['managingOrganization'] }));
  assert.ok(!('contained' in subset(whole, { elements: ['name'] })));
  assert.ok(!('contained' in subset(whole, { summary: 'text' })));
  const chain = {
    ...whole,
    contained: [
      { resourceType: 'Organization', id: 'org', partOf: { reference: '#top' } },
      { resourceType: 'Organization', id: 'top', endpoint: [{ reference: '#org' }] },
      { resourceType: 'Organization', id: 'other' },
    ],
  } as JsonObject;
  const { contained } = subset(chain, { summary: 'true' }) as { contained: JsonObject[] };
  assert.deepEqual(
    contained.map((one) => one['id']),
    ['org', 'top'],
  );
});

test('every subset of a valid resource is valid', () => {
  for (const make of [patient, observation, questionnaire, transaction]) {
    for (const options of [{ summary: 'true' }, { summary: 'text' }, { summary: 'data' }, { elements: [] }] as const) {
      assert.deepEqual(validate(subset(read(make), options), { conditionalReferences: true }), []);
    }
  }
});

const synthea = shared('synthea');
test('summaries of real resources are valid, keep digits, and are made fast', { skip: synthea === undefined }, () => {
  const file = filesIn(synthea ?? '')[2] ?? '';
  const { entry } = parseJson(gunzipSync(readFileSync(join(synthea ?? '', file)))) as {
    entry: { resource: JsonObject }[];
  };
  const before = process.cpuUsage();
  const made = entry.map(({ resource }) => subset(resource, { summary: 'true' }));
  const { user, system } = process.cpuUsage(before);
  process.stderr.write(
    `${made.length} summaries, ${Math.round((made.length * 1e6) / (user + system))} per CPU-second\n`,
  );
  for (const one of made) assert.deepEqual(validate(one, { conditionalReferences: true }), []);
});

test('definitions/summary.json is what the generator makes', () => {
  const folder = join(import.meta.dirname, '../..');
  const made = execFileSync(process.execPath, [join(folder, 'generate/summary.ts'), '--print'], { encoding: 'utf8' });
  assert.equal(readFileSync(join(folder, 'definitions/summary.json'), 'utf8'), made);
});
