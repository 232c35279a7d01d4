import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Fault, JsonObject } from '@safeguard/kernel';
import { parseJson, writeJson } from '../../index.ts';
import { fhirpathPatch } from '../../patch/fhirpath-patch.ts';
import { parseXml } from '../../xml/read.ts';
import { shared } from '../shared.ts';

type Part = Record<string, unknown>;

/** A Parameters resource of operations; each is the parts of one, `value` a part without its name. */
const patch = (...operations: Part[]): JsonObject => ({
  resourceType: 'Parameters',
  parameter: operations.map(({ type, path, name, value, index, source, destination }) => ({
    name: 'operation',
    part: [
      { name: 'type', valueCode: type },
      { name: 'path', valueString: path },
      ...(name === undefined ? [] : [{ name: 'name', valueString: name }]),
      ...(value === undefined ? [] : [{ name: 'value', ...(value as Part) }]),
      ...Object.entries({ index, source, destination }).flatMap(([key, one]) =>
        one === undefined ? [] : [{ name: key, valueInteger: one }],
      ),
    ],
  })) as JsonObject[],
});

const patched = (resource: unknown, ...operations: Part[]): JsonObject =>
  fhirpathPatch(resource as JsonObject, patch(...operations));

/** One case writes the narrative anew: the same XML with other white space and character entities. */
function readable(resource: JsonObject): JsonObject {
  const text = resource['text'] as { div: string } | undefined;
  const div = text?.div.replace(/\s+/g, ' ').replaceAll('&quot;', '"');
  return text ? { ...resource, text: { ...text, div: div ?? '' } } : resource;
}

const vectors = shared('vectors/fhir/fhir-patch-tests.xml');
test('HL7’s vectors for FHIRPath Patch', { skip: vectors === undefined }, async (t) => {
  const text = readFileSync(vectors ?? '', 'utf8');
  let cases = 0;
  for (const [, name = '', body = ''] of text.matchAll(/<case name="([^"]*)"[^>]*>(.*?)<\/case>/gs)) {
    const inside = (tag: string): string | undefined =>
      new RegExp(`<${tag}>(.*)</${tag}>`, 's').exec(body)?.[1]?.trim();
    const [input, diff, output] = ['input', 'diff', 'output'].map(inside);
    cases += 1;
    await t.test(name, () => {
      const resource = parseXml(input ?? '');
      const before = writeJson(resource);
      const parameters = parseXml(diff ?? '');
      if (output === undefined) {
        assert.match(body, /<error /);
        assert.throws(() => fhirpathPatch(resource, parameters), { kind: 'unprocessable' });
      } else assert.deepEqual(readable(fhirpathPatch(resource, parameters)), readable(parseXml(output)));
      assert.equal(writeJson(resource), before, 'the resource itself stays');
    });
  }
  assert.equal(cases, text.match(/<case /g)?.length);
});

test('primitives in lists, with what stands beside them', () => {
  const extension = [{ url: 'u', valueCode: 'c' }];
  const name = { given: ['a', null, 'b'], _given: [null, { extension }, { id: 'x' }] };
  const resource = { resourceType: 'Patient', name: [name] };
  const given = (...operations: Part[]): unknown => (patched(resource, ...operations)['name'] as unknown[])[0];
  assert.deepEqual(given({ type: 'delete', path: 'Patient.name.given[0]' }), {
    given: [null, 'b'],
    _given: [{ extension }, { id: 'x' }],
  });
  assert.deepEqual(given({ type: 'delete', path: 'Patient.name[0].given[1]' }), {
    given: ['a', 'b'],
    _given: [null, { id: 'x' }],
  });
  assert.deepEqual(given({ type: 'move', path: 'Patient.name[0].given', source: 2, destination: 0 }), {
    given: ['b', 'a', null],
    _given: [{ id: 'x' }, null, { extension }],
  });
  assert.deepEqual(
    given({ type: 'insert', path: 'name.given', index: 3, value: { valueString: 'c', _valueString: { id: 'y' } } }),
    { given: ['a', null, 'b', 'c'], _given: [null, { extension }, { id: 'x' }, { id: 'y' }] },
  );
  assert.deepEqual(given({ type: 'replace', path: 'Patient.name.given[2]', value: { valueString: 'c' } }), {
    given: ['a', null, 'c'],
    _given: [null, { extension }, null],
  });
  assert.deepEqual(given({ type: 'add', path: 'Patient.name[0]', name: 'given', value: { valueString: 'c' } }), {
    given: ['a', null, 'b', 'c'],
    _given: [null, { extension }, { id: 'x' }, null],
  });
});

test('functions pick: objects as such, primitives where no equal stands beside them', () => {
  const resource = {
    resourceType: 'Patient',
    name: [
      { use: 'usual', given: ['x'] },
      { use: 'official', given: ['a', 'b', 'b'], family: 'f' },
    ],
    extension: [{ url: 'http://u', valueString: 'old' }],
  };
  const made = patched(
    resource,
    { type: 'replace', path: "Patient.name.where(use = 'official').family", value: { valueString: 'g.h (i)' } },
    { type: 'replace', path: "Patient.extension('http://u').value", value: { valueInteger: 7 } },
    { type: 'delete', path: "Patient.name.where(use = 'official').given.where($this = 'a')" },
    { type: 'delete', path: 'Patient.name.first()' },
  );
  assert.deepEqual(made, {
    resourceType: 'Patient',
    name: [{ use: 'official', given: ['b', 'b'], family: 'g.h (i)' }],
    extension: [{ url: 'http://u', valueInteger: 7 }],
  });
  const path = "Patient.name[1].given.where($this = 'b').first()";
  assert.throws(() => patched(resource, { type: 'delete', path }), { kind: 'unprocessable' });
});

test('choices: added by either name, replaced by another type, never two', () => {
  const observation = { resourceType: 'Observation', status: 'final', code: { text: 'c' } };
  const quantity = parseJson(Buffer.from('{"valueQuantity":{"value":1.50}}')) as Part;
  const added = patched(observation, { type: 'add', path: 'Observation', name: 'value', value: quantity });
  assert.equal(writeJson(added['valueQuantity']), '{"value":1.50}', 'with its digits');
  const named = patched(observation, { type: 'add', path: 'Observation', name: 'valueQuantity', value: quantity });
  assert.deepEqual(named, added);
  const replaced = patched(added, { type: 'replace', path: 'Observation.value', value: { valueString: 's' } });
  assert.deepEqual(replaced, { ...observation, valueString: 's' });
  assert.throws(
    () => patched(added, { type: 'add', path: 'Observation', name: 'value', value: { valueString: 's' } }),
    {
      kind: 'unprocessable',
    },
  );
  assert.deepEqual(patched(added, { type: 'delete', path: 'Observation.value' }), observation);
});

test('extensions of a primitive: added, and taken away without its value', () => {
  const resource = { resourceType: 'Patient', birthDate: '2000-01-01' };
  const value = {
    part: [
      { name: 'url', valueUri: 'u' },
      { name: 'value', valueCode: 'c' },
    ],
  };
  const made = patched(resource, { type: 'add', path: 'Patient.birthDate', name: 'extension', value });
  assert.deepEqual(made, { ...resource, _birthDate: { extension: [{ url: 'u', valueCode: 'c' }] } });
  assert.deepEqual(patched(made, { type: 'delete', path: 'Patient.birthDate.extension[0]' }), resource);
  assert.deepEqual(patched(made, { type: 'delete', path: 'Patient.birthDate' }), { resourceType: 'Patient' });
});

test('a backbone element out of parts, lists and nested parts', () => {
  const value = {
    part: [
      { name: 'relationship', valueCodeableConcept: { text: 'a' } },
      { name: 'relationship', valueCodeableConcept: { text: 'b' } },
      {
        name: 'name',
        part: [
          { name: 'given', valueString: 'g' },
          { name: 'family', valueString: 'f' },
        ],
      },
    ],
  };
  const made = patched({ resourceType: 'Patient' }, { type: 'add', path: 'Patient', name: 'contact', value });
  assert.deepEqual(made['contact'], [
    { relationship: [{ text: 'a' }, { text: 'b' }], name: { given: ['g'], family: 'f' } },
  ]);
  const contained = { resource: { resourceType: 'Organization', id: 'o' } };
  const both = patched(made, { type: 'add', path: 'Patient', name: 'contained', value: contained });
  assert.deepEqual(both['contained'], [contained.resource]);
});

test('delete of what is not there changes nothing', () => {
  const resource = { resourceType: 'Patient', active: true };
  assert.deepEqual(patched(resource, { type: 'delete', path: 'Patient.birthDate' }), resource);
});

const person = { resourceType: 'Patient', id: 'secret', active: true, name: [{ family: 'a' }, { family: 'b' }] };
const bad: Record<string, [kind: string, operation: Part]> = {
  'an unknown type': ['invalid', { type: 'constructor', path: 'Patient' }],
  'no path': ['invalid', { type: 'delete' }],
  'a path that is too long': ['invalid', { type: 'delete', path: `Patient.${'a'.repeat(3000)}` }],
  'a path that is no FHIRPath': ['invalid', { type: 'delete', path: 'Patient.name[' }],
  'a path of two branches': ['invalid', { type: 'delete', path: 'Patient.name | Patient.contact.name' }],
  'no value': ['invalid', { type: 'replace', path: 'Patient.active' }],
  'an empty value': ['invalid', { type: 'replace', path: 'Patient.active', value: {} }],
  'a value without anything': ['invalid', { type: 'replace', path: 'Patient.active', value: { valueBoolean: null } }],
  'no name': ['invalid', { type: 'add', path: 'Patient', value: { valueString: 'x' } }],
  'an unknown name': ['invalid', { type: 'add', path: 'Patient', name: 'secret', value: { valueString: 'x' } }],
  'a name of JavaScript': ['invalid', { type: 'add', path: 'Patient', name: '__proto__', value: { valueString: 'x' } }],
  'a value of another type': ['invalid', { type: 'replace', path: 'Patient.name[0]', value: { valueString: 'x' } }],
  'an index that is none': [
    'invalid',
    { type: 'insert', path: 'Patient.name', index: -1, value: { valueHumanName: {} } },
  ],
  'insert where no list is': [
    'invalid',
    { type: 'insert', path: 'Patient.active', index: 0, value: { valueBoolean: true } },
  ],
  'insert beyond the end': [
    'unprocessable',
    { type: 'insert', path: 'Patient.name', index: 3, value: { valueHumanName: {} } },
  ],
  'move beyond the end': ['unprocessable', { type: 'move', path: 'Patient.name', source: 0, destination: 2 }],
  'add of what is there': [
    'unprocessable',
    { type: 'add', path: 'Patient', name: 'active', value: { valueBoolean: true } },
  ],
  'replace of nothing': ['unprocessable', { type: 'replace', path: 'Patient.birthDate', value: { valueDate: '2000' } }],
  'delete of several': ['unprocessable', { type: 'delete', path: 'Patient.name' }],
  'delete of the resource': ['unprocessable', { type: 'delete', path: 'Patient' }],
};
for (const [name, [kind, operation]] of Object.entries(bad)) {
  test(`${kind}: ${name}`, () => {
    assert.throws(
      () => patched(person, operation),
      (error: Fault) => error.kind === kind && !error.message.includes('secret'),
    );
  });
}

test('no patch reaches another resource', () => {
  const resource = {
    resourceType: 'Patient',
    contained: [{ resourceType: 'Organization', id: 'o', name: 'x' }],
    managingOrganization: { reference: '#o' },
    generalPractitioner: [{ reference: 'Practitioner/1' }],
  };
  const rename = (path: string): JsonObject =>
    patched(resource, { type: 'add', path, name: 'id', value: { valueString: 'y' } });
  assert.throws(() => rename('Patient.generalPractitioner.resolve()'), { kind: 'unprocessable' });
  const inside = patched(resource, {
    type: 'replace',
    path: 'Patient.managingOrganization.resolve().name',
    value: { valueString: 'y' },
  });
  assert.deepEqual(inside['contained'], [{ resourceType: 'Organization', id: 'o', name: 'y' }]);
});

test('no Parameters, or too many operations', () => {
  assert.throws(() => fhirpathPatch(person, { resourceType: 'Patient' }), { kind: 'invalid' });
  assert.throws(() => fhirpathPatch(person, []), { kind: 'invalid' });
  const many = Array.from({ length: 1001 }, () => ({ type: 'delete', path: 'Patient.active' }));
  assert.throws(() => patched(person, ...many), { kind: 'tooLarge' });
});

test('a patch whose paths are made to be slow is stopped', () => {
  const name = Array.from({ length: 1200 }, (_, index) => ({ family: `f${index}` }));
  const path = 'Patient.name.where(%resource.name.family.count() > 1000000)';
  const before = performance.now();
  assert.throws(
    () => patched({ resourceType: 'Patient', name }, ...Array.from({ length: 500 }, () => ({ type: 'delete', path }))),
    (error: Fault) => ['tooLarge', 'unprocessable'].includes(error.kind),
  );
  assert.ok(performance.now() - before < 10_000);
});
