import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '@safeguard/kernel';
import { createProfiles } from '../index.ts';
import { base, element, profile, slicing, valueSet } from './profile-fixtures.ts';

type Any = Record<string, unknown>;

function findings(elements: readonly Any[], resource: Any, more: JsonObject[] = []): string[] {
  const own = profile('p', String(resource['resourceType']), elements);
  const profiles = createProfiles([own, ...more]);
  assert.deepEqual(
    profiles.problems().filter(({ text }) => text.includes('discriminator')),
    [],
  );
  const issues = profiles.validate(resource, { profiles: [`${base}p`] });
  return issues.map(({ text, at }) => `${at}: ${text.replace(/ \(p\)$/, '')}`);
}

const identifiers = (...systems: string[]): Any => ({
  resourceType: 'Patient',
  identifier: systems.map((system) => ({ system, value: '1' })),
});
const bySystem = (more: Any = {}): Any[] => [
  element('Patient.identifier', { slicing: slicing([['value', 'system']], more) }),
  element('Patient.identifier:a', { min: 1, max: '1' }),
  element('Patient.identifier:a.system', { fixedUri: 'http://a' }),
  element('Patient.identifier:b', { max: '1' }),
  element('Patient.identifier:b.system', { fixedUri: 'http://b' }),
  element('Patient.identifier:b.period', { min: 1 }),
];

test('by value: how many of each slice, and what holds in one', () => {
  assert.deepEqual(findings(bySystem(), identifiers('http://a', 'http://c', 'http://c')), []);
  assert.deepEqual(findings(bySystem(), identifiers('http://c')), [
    'Patient.identifier: expected at least 1 of the slice a',
  ]);
  assert.deepEqual(findings(bySystem(), identifiers('http://a', 'http://a')), [
    'Patient.identifier: expected at most 1 of the slice a',
  ]);
  assert.deepEqual(findings(bySystem(), identifiers('http://a', 'http://b')), [
    'Patient.identifier[1].period: expected the element period, at least 1',
  ]);
  assert.deepEqual(findings(bySystem(), { resourceType: 'Patient' }), [
    'Patient.identifier: expected at least 1 of the slice a',
  ]);
});

test('rules: closed, open at the end, in order', () => {
  const closed = bySystem({ rules: 'closed' });
  assert.deepEqual(findings(closed, identifiers('http://a', 'http://c')), [
    'Patient.identifier[1]: expected only items of the slices defined',
  ]);
  const end = bySystem({ rules: 'openAtEnd' });
  assert.deepEqual(findings(end, identifiers('http://a', 'http://c')), []);
  assert.deepEqual(findings(end, identifiers('http://c', 'http://a')), [
    'Patient.identifier[1]: expected items of no slice at the end only',
  ]);
  const ordered = bySystem({ ordered: true }).slice(0, 5);
  assert.deepEqual(findings(ordered, identifiers('http://a', 'http://b')), []);
  assert.deepEqual(findings(ordered, identifiers('http://b', 'http://a')), [
    'Patient.identifier[1]: expected the slices in the order defined',
  ]);
});

const category = (...codes: string[]): Any => ({
  resourceType: 'Observation',
  category: codes.map((code) => ({ coding: [{ system: 'http://s', code }] })),
});

test('by pattern, of the item itself, of a part stated further up, of a required value set', () => {
  const pattern = { coding: [{ system: 'http://s', code: 'x' }] };
  const slice = (path: string, more: Any): Any[] => [
    element('Observation.category', { slicing: slicing([['pattern', path]]) }),
    element('Observation.category:x', { min: 1, ...more }),
  ];
  const missing = ['Observation.category: expected at least 1 of the slice x'];
  for (const path of ['$this', 'coding', 'coding.code']) {
    const rows = slice(path, { patternCodeableConcept: pattern });
    assert.deepEqual(findings(rows, category('y', 'x')), [], path);
    assert.deepEqual(findings(rows, category('y')), missing, path);
  }
  const set = valueSet('v', { include: [{ system: 'http://s', concept: [{ code: 'x' }] }] });
  const bound = slice('$this', { binding: { strength: 'required', valueSet: 'http://example.org/ValueSet/v' } });
  assert.deepEqual(findings(bound, category('x'), [set]), []);
  assert.deepEqual(findings(bound, category('y'), [set]), missing);
});

test('by type: of a choice, of an entry’s resource, of what a reference leads to', () => {
  const choice = [
    element('Observation.value[x]', { slicing: slicing([['type', '$this']], { rules: 'closed' }) }),
    element('Observation.value[x]:valueQuantity', { type: [{ code: 'Quantity' }] }),
    element('Observation.value[x]:valueQuantity.code', { min: 1 }),
  ];
  assert.deepEqual(findings(choice, { resourceType: 'Observation', valueQuantity: { value: 1 } }), [
    'Observation.valueQuantity.code: expected the element code, at least 1',
  ]);
  assert.deepEqual(findings(choice, { resourceType: 'Observation', valueString: 'x' }), [
    'Observation.valueString: expected only items of the slices defined',
  ]);
  const entries = [
    element('Bundle.entry', { slicing: slicing([['type', 'resource']]) }),
    element('Bundle.entry:patient', { min: 1, max: '1' }),
    element('Bundle.entry:patient.resource', { min: 1, type: [{ code: 'Patient' }] }),
  ];
  const entry = (resourceType: string): Any => ({ resource: { resourceType } });
  assert.deepEqual(findings(entries, { resourceType: 'Bundle', entry: [entry('Patient'), entry('Group')] }), []);
  assert.deepEqual(findings(entries, { resourceType: 'Bundle', entry: [entry('Group')] }), [
    'Bundle.entry: expected at least 1 of the slice patient',
  ]);
  const target = 'http://hl7.org/fhir/StructureDefinition/Practitioner';
  const performers = [
    element('Observation.performer', { slicing: slicing([['type', 'resolve()']]) }),
    element('Observation.performer:person', { min: 1, type: [{ code: 'Reference', targetProfile: [target] }] }),
  ];
  const by = (reference: string): Any => ({ resourceType: 'Observation', performer: [{ reference }] });
  assert.deepEqual(findings(performers, by('Practitioner/1')), []);
  assert.deepEqual(findings(performers, by('Organization/1')), [
    'Observation.performer: expected at least 1 of the slice person',
  ]);
});

test('by existence, by profile, by extension', () => {
  const existing = [
    element('Patient.name', { slicing: slicing([['exists', 'period']]) }),
    element('Patient.name:old', { max: '1' }),
    element('Patient.name:old.period', { min: 1 }),
    element('Patient.name:now', { max: '1' }),
    element('Patient.name:now.period', { max: '0' }),
  ];
  const names = (...periods: (Any | undefined)[]): Any => ({
    resourceType: 'Patient',
    name: periods.map((period) => ({ family: 'x', ...(period ? { period } : {}) })),
  });
  assert.deepEqual(findings(existing, names({ start: '2020' }, undefined)), []);
  assert.deepEqual(findings(existing, names(undefined, undefined)), [
    'Patient.name: expected at most 1 of the slice now',
  ]);
  const named = profile('named', 'Patient', [element('Patient.name', { min: 1 })]);
  const byProfile = [
    element('Bundle.entry', { slicing: slicing([['profile', 'resource']]) }),
    element('Bundle.entry:named', { min: 1 }),
    element('Bundle.entry:named.resource', { type: [{ code: 'Patient', profile: [`${base}named`] }] }),
  ];
  const bundle = (resource: Any): Any => ({ resourceType: 'Bundle', entry: [{ resource }] });
  assert.deepEqual(findings(byProfile, bundle({ resourceType: 'Patient', name: [{ text: 'x' }] }), [named]), []);
  assert.deepEqual(findings(byProfile, bundle({ resourceType: 'Patient' }), [named]), [
    'Bundle.entry: expected at least 1 of the slice named',
  ]);
  const byExtension = [
    element('Patient.name', { slicing: slicing([['value', "extension('http://e').value"]]) }),
    element('Patient.name:e', { min: 1 }),
    element('Patient.name:e.extension'),
    element('Patient.name:e.extension:e', { min: 1, type: [{ code: 'Extension', profile: ['http://e'] }] }),
    element('Patient.name:e.extension:e.value[x]', { fixedCode: 'c' }),
  ];
  const extended = (valueCode: string): Any => ({
    resourceType: 'Patient',
    name: [{ text: 'x', extension: [{ url: 'http://e', valueCode }] }],
  });
  assert.deepEqual(findings(byExtension, extended('c')), []);
  assert.deepEqual(findings(byExtension, extended('d')), ['Patient.name: expected at least 1 of the slice e']);
});

test('several discriminators must agree; slices of slices; content that repeats itself', () => {
  const two = [
    element('Patient.telecom', {
      slicing: slicing([
        ['value', 'system'],
        ['value', 'use'],
      ]),
    }),
    element('Patient.telecom:work', { max: '1' }),
    element('Patient.telecom:work.system', { fixedCode: 'phone' }),
    element('Patient.telecom:work.use', { fixedCode: 'work' }),
  ];
  const telecom = (...uses: string[]): Any => ({
    resourceType: 'Patient',
    telecom: uses.map((use) => ({ system: 'phone', use, value: '1' })),
  });
  assert.deepEqual(findings(two, telecom('work', 'home', 'home')), []);
  assert.deepEqual(findings(two, telecom('work', 'work')), ['Patient.telecom: expected at most 1 of the slice work']);
  const items = [
    element('Questionnaire.item'),
    element('Questionnaire.item.text', { min: 1 }),
    element('Questionnaire.item.item', { contentReference: '#Questionnaire.item' }),
  ];
  const nested = {
    resourceType: 'Questionnaire',
    item: [{ linkId: '1', text: 'x', item: [{ linkId: '2', item: [{ linkId: '3', text: 'x' }] }] }],
  };
  assert.deepEqual(findings(items, nested), [
    'Questionnaire.item[0].item[0].text: expected the element text, at least 1',
  ]);
});

test('a discriminator that tells nothing is said when the profile is loaded', () => {
  const own = profile('p', 'Patient', [
    element('Patient.name', { slicing: slicing([['value', 'use']]) }),
    element('Patient.name:x', { max: '1' }),
  ]);
  assert.deepEqual(
    createProfiles([own])
      .problems()
      .map(({ text }) => text.replace(/^\S+ /, '')),
    ['Patient.name:x: the discriminator value use tells nothing of this slice'],
  );
});

const extension = (name: string, elements: readonly Any[], context: readonly Any[]): JsonObject =>
  profile(name, 'Extension', [element('Extension.url', { fixedUri: base + name }), ...elements], { context });

test('extensions against their own definitions: value, parts, place', () => {
  const note = extension(
    'note',
    [element('Extension.value[x]', { min: 1, type: [{ code: 'string' }] })],
    [
      { type: 'element', expression: 'Patient.contact.name' },
      { type: 'element', expression: 'Quantity' },
      { type: 'element', expression: 'Observation.value[x]' },
      { type: 'extension', expression: `${base}outer` },
    ],
  );
  const profiles = createProfiles([note, extension('outer', [element('Extension.extension', { min: 1 })], [])]);
  const at = (resource: Any): string[] => profiles.validate(resource).map(({ code, at }) => `${code} ${at}`);
  const ok = { url: `${base}note`, valueString: 'x' };
  assert.deepEqual(at({ resourceType: 'Patient', contact: [{ name: { text: 'x', extension: [ok] } }] }), []);
  assert.deepEqual(at({ resourceType: 'Patient', extension: [ok] }), ['extension Patient.extension[0]']);
  assert.deepEqual(at({ resourceType: 'Observation', valueString: 'x', _valueString: { extension: [ok] } }), []);
  assert.deepEqual(
    at({ resourceType: 'Condition', onsetAge: { value: 1, extension: [ok] } }),
    [],
    'an Age is a Quantity',
  );
  assert.deepEqual(at({ resourceType: 'Patient', extension: [{ url: `${base}outer`, extension: [ok] }] }), []);
  assert.deepEqual(at({ resourceType: 'Patient', extension: [{ url: `${base}outer`, valueString: 'x' }] }), [
    'required Patient.extension[0].extension',
  ]);
  const wrong = {
    resourceType: 'Observation',
    valueQuantity: { value: 1, extension: [{ url: `${base}note`, valueInteger: 1 }] },
  };
  assert.deepEqual(at({ resourceType: 'Bundle', entry: [{ resource: wrong }] }), [
    'structure Bundle.entry[0].resource.valueQuantity.extension[0].valueInteger',
  ]);
  assert.deepEqual(at({ resourceType: 'Patient', extension: [{ url: 'http://unknown', valueString: 'x' }] }), []);
});

test('R4’s own extensions are known without being loaded', () => {
  const url = 'http://hl7.org/fhir/StructureDefinition/patient-birthTime';
  const at = (resource: Any): string[] =>
    createProfiles([])
      .validate(resource)
      .map(({ code, at }) => `${code} ${at}`);
  const birth = (extension: Any): Any => ({
    resourceType: 'Patient',
    birthDate: '2020',
    _birthDate: { extension: [extension] },
  });
  assert.deepEqual(at(birth({ url, valueDateTime: '2020-01-01T00:00:00Z' })), []);
  assert.deepEqual(at(birth({ url, valueString: 'x' })), ['structure Patient._birthDate.extension[0].valueString']);
  assert.deepEqual(at({ resourceType: 'Patient', extension: [{ url, valueDateTime: '2020' }] }), [
    'extension Patient.extension[0]',
  ]);
});
