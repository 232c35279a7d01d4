import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Issue, JsonObject } from '@safeguard/kernel';
import { createProfiles, type ProfileValidateOptions, parseJson } from '../index.ts';
import { base, element, profile, slicing, valueSet } from './profile-fixtures.ts';

type Any = Record<string, unknown>;

/** What one profile says of a resource: errors, as `severity code at`. */
function findings(
  elements: readonly Any[],
  resource: Any,
  options: ProfileValidateOptions = {},
  more: JsonObject[] = [],
) {
  const own = profile('p', String(resource['resourceType']), elements);
  const issues = createProfiles([own, ...more]).validate(resource, { profiles: [`${base}p`], ...options });
  return issues.map(({ severity, code, at }) => `${severity} ${code} ${at}`);
}

const quantity = { value: 1, system: 'http://unitsofmeasure.org', code: 'mg' };
const observation = (more: Any = {}): Any => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'x' },
  ...more,
});
const coding = (code: string, system = 'http://example.org/cs'): Any => ({ coding: [{ system, code }] });

test('cardinality of elements, below elements that are there and nowhere else', () => {
  const rows = [
    element('Patient.gender', { min: 1, max: '1' }),
    element('Patient.photo', { max: '0' }),
    element('Patient.name', { max: '1' }),
    element('Patient.contact'),
    element('Patient.contact.name', { min: 1, max: '1' }),
    element('Patient.deceased[x]', { min: 1, max: '1' }),
  ];
  assert.deepEqual(findings(rows, { resourceType: 'Patient', gender: 'male', deceasedBoolean: false }), []);
  assert.deepEqual(
    findings(rows, {
      resourceType: 'Patient',
      photo: [{ url: 'x' }],
      name: [{ text: 'a' }, { text: 'b' }],
      contact: [{ gender: 'male' }],
    }),
    [
      'error required Patient.gender',
      'error structure Patient.photo',
      'error structure Patient.name',
      'error required Patient.contact[0].name',
      'error required Patient.deceased',
    ],
  );
  // A value that is only an extension is a value of the element.
  const absent = {
    resourceType: 'Patient',
    _gender: { extension: [{ url: 'http://a', valueCode: 'x' }] },
    deceasedBoolean: true,
  };
  assert.deepEqual(findings(rows, absent), []);
});

test('fixed values are the whole value, patterns a part of it, numbers by their value', () => {
  const code = { coding: [{ system: 's', code: 'c' }] };
  const fixed = [element('Observation.code', { fixedCodeableConcept: code })];
  const pattern = [element('Observation.code', { patternCodeableConcept: code })];
  const more = {
    coding: [
      { system: 't', code: 'd' },
      { system: 's', code: 'c', display: 'x' },
    ],
    text: 'x',
  };
  assert.deepEqual(findings(fixed, observation({ code })), []);
  assert.deepEqual(findings(fixed, observation({ code: more })), ['error value Observation.code']);
  assert.deepEqual(findings(pattern, observation({ code: more })), []);
  assert.deepEqual(findings(pattern, observation({ code: { text: 'x' } })), ['error value Observation.code']);
  const number = [element('Observation.value[x]'), element('Observation.value[x].value', { fixedDecimal: 1.5 })];
  const raw = parseJson(Buffer.from('{"resourceType":"Observation","valueQuantity":{"value":1.50}}')) as Any;
  assert.deepEqual(findings(number, raw), []);
  assert.deepEqual(findings(number, observation({ valueQuantity: quantity })), [
    'error value Observation.valueQuantity.value',
  ]);
});

test('least and greatest values, lengths', () => {
  const rows = [
    element('Observation.value[x]', { minValueInteger: 1, maxValueInteger: 5 }),
    element('Observation.effective[x]', { minValueDateTime: '2020-01-01' }),
    element('Observation.note'),
    element('Observation.note.text', { maxLength: 3 }),
  ];
  const bad = observation({ valueInteger: 6, effectiveDateTime: '2019-05', note: [{ text: 'long' }, { text: 'abc' }] });
  assert.deepEqual(findings(rows, bad), [
    'error value Observation.valueInteger',
    'error value Observation.effectiveDateTime',
    'error too-long Observation.note[0].text',
  ]);
  assert.deepEqual(findings(rows, observation({ valueInteger: 0 })), ['error value Observation.valueInteger']);
  assert.deepEqual(findings(rows, observation({ valueInteger: 5, effectiveDateTime: '2020' })), []);
});

test('the types that are left of a choice, and of a reference', () => {
  const target = 'http://hl7.org/fhir/StructureDefinition/Patient';
  const rows = [
    element('Observation.value[x]', { type: [{ code: 'Quantity' }, { code: 'string' }] }),
    element('Observation.subject', { type: [{ code: 'Reference', targetProfile: [target, `${base}group`] }] }),
  ];
  const group = profile('group', 'Group', []);
  const at = (reference: Any): Any => observation({ subject: reference, valueString: 'x' });
  assert.deepEqual(findings(rows, observation({ valueInteger: 1 })), ['error structure Observation.valueInteger']);
  for (const reference of [{ reference: 'Patient/1' }, { reference: 'Group/1' }, { reference: 'urn:oid:1.2.3' }]) {
    assert.deepEqual(findings(rows, at(reference), {}, [group]), []);
  }
  const wrong = ['error value Observation.subject'];
  assert.deepEqual(findings(rows, at({ reference: 'http://a.org/fhir/Device/1' }), {}, [group]), wrong);
  assert.deepEqual(findings(rows, at({ type: 'Device', display: 'x' }), {}, [group]), wrong);
  // A target profile that is not held leaves the type open.
  assert.deepEqual(findings(rows, at({ reference: 'Device/1' })), []);
});

test('a target at hand is checked against the profile named for it', () => {
  const rows = [element('Observation.subject', { type: [{ code: 'Reference', targetProfile: [`${base}named`] }] })];
  const named = profile('named', 'Patient', [element('Patient.name', { min: 1 })]);
  const contained = (patient: Any): Any =>
    observation({ contained: [{ resourceType: 'Patient', id: 'p', ...patient }], subject: { reference: '#p' } });
  assert.deepEqual(findings(rows, contained({ name: [{ text: 'x' }] }), {}, [named]), []);
  assert.deepEqual(findings(rows, contained({}), {}, [named]), ['error value Observation.subject']);
  const far = observation({ subject: { reference: 'Patient/1' } });
  assert.deepEqual(findings(rows, far, {}, [named]), []);
  assert.deepEqual(findings(rows, far, { resolve: () => ({ resourceType: 'Patient' }) }, [named]), [
    'error value Observation.subject',
  ]);
});

test('bindings: required refuses, extensible warns, what is not held is said to be unchecked', () => {
  const bound = (strength: string, name = 'v'): Any[] => [
    element('Observation.code', { binding: { strength, valueSet: `http://example.org/ValueSet/${name}` } }),
  ];
  const set = valueSet('v', { include: [{ system: 'http://example.org/cs', concept: [{ code: 'a' }] }] });
  const held = [set, valueSet('open', { include: [{ system: 'http://loinc.org' }] })];
  const all = { report: 'all' } as const;
  const of = (strength: string, code: Any, name?: string): string[] =>
    findings(bound(strength, name), observation({ code }), all, held);
  assert.deepEqual(of('required', coding('a')), []);
  assert.deepEqual(of('required', coding('z')), ['error code-invalid Observation.code']);
  assert.deepEqual(of('required', { text: 'x' }), ['error code-invalid Observation.code']);
  assert.deepEqual(of('extensible', coding('z')), ['warning code-invalid Observation.code']);
  assert.deepEqual(of('extensible', { text: 'x' }), []);
  assert.deepEqual(of('preferred', coding('z')), ['information code-invalid Observation.code']);
  assert.deepEqual(of('required', coding('8-1', 'http://loinc.org'), 'open'), [
    'information informational Observation.code',
  ]);
  assert.deepEqual(of('required', coding('8-1', 'http://other.org'), 'open'), ['error code-invalid Observation.code']);
  assert.deepEqual(
    findings(bound('extensible'), observation({ code: coding('z') }), {}, held),
    [],
    'writes are not warned',
  );
});

test('a constraint that a long text makes too costly has its own severity: it is not passed by', () => {
  const longer = `replaceMatches('a', '${'a'.repeat(100)}')`;
  const expression = `family.${longer}.${longer}.empty()`;
  const judged = (severity: string, family: string) => {
    const constraint = [{ key: 'long', severity, human: 'x', expression }];
    const profiles = createProfiles([profile('p', 'Patient', [element('Patient.name', { constraint })])]);
    const resource = { resourceType: 'Patient', name: [{ family }] };
    const found = profiles.validate(resource, { profiles: [`${base}p`], report: 'all' });
    return found.map((one) => `${one.severity} ${one.code}`);
  };
  assert.deepEqual(judged('error', 'a'.repeat(1_000)), ['error too-costly']);
  assert.deepEqual(judged('warning', 'a'.repeat(1_000)), ['warning too-costly']);
  assert.deepEqual(judged('error', 'a'), ['error invariant'], 'negative control: a short one is judged');
});

test('constraints of a profile, with its severity; what is no FHIRPath is told when it is loaded', () => {
  const rule = (expression: string, severity = 'error'): Any => ({
    key: 'x-1',
    severity,
    human: 'Something',
    expression,
  });
  const rows = (expression: string, severity?: string): Any[] => [
    element('Patient.name', { constraint: [rule(expression, severity)] }),
  ];
  const patient = { resourceType: 'Patient', name: [{ family: 'A' }, { text: 'B' }] };
  assert.deepEqual(findings(rows('family.exists()'), patient), ['error invariant Patient.name[1]']);
  assert.deepEqual(findings(rows('family.exists()', 'warning'), patient), []);
  assert.deepEqual(findings(rows('family.exists()', 'warning'), patient, { report: 'all' }), [
    'warning invariant Patient.name[1]',
  ]);
  const broken = createProfiles([profile('p', 'Patient', rows('family.'))]);
  assert.deepEqual(
    broken.problems().map(({ severity }) => severity),
    ['warning'],
  );
});

test('must-support elements and slices that are absent', () => {
  const rows = [
    element('Patient.name', { mustSupport: true }),
    element('Patient.identifier', { slicing: slicing([['value', 'system']]) }),
    element('Patient.identifier:mrn', { mustSupport: true }),
    element('Patient.identifier:mrn.system', { fixedUri: 'http://mrn' }),
  ];
  const asked = { report: 'all', mustSupport: true } as const;
  assert.deepEqual(findings(rows, { resourceType: 'Patient', active: true }, asked), [
    'information informational Patient.name',
    'information informational Patient.identifier',
  ]);
  const full = { resourceType: 'Patient', name: [{ text: 'x' }], identifier: [{ system: 'http://mrn', value: '1' }] };
  assert.deepEqual(findings(rows, full, asked), []);
});

test('which profiles are checked: claimed, asked for, required; of resources inside too', () => {
  const named = profile('named', 'Patient', [element('Patient.name', { min: 1 })]);
  const profiles = createProfiles([named]);
  const patient = { resourceType: 'Patient', meta: { profile: [`${base}named`, `${base}unknown`] } };
  const codes = (issues: Issue[]): string[] => issues.map(({ severity, code, at }) => `${severity} ${code} ${at}`);
  const missing = 'error required Patient.name';
  assert.deepEqual(codes(profiles.validate(patient)), [missing]);
  assert.deepEqual(codes(profiles.validate(patient, { report: 'all' })), [
    missing,
    'warning not-found Patient.meta.profile[1]',
  ]);
  assert.deepEqual(codes(profiles.validate({ resourceType: 'Patient' })), []);
  assert.deepEqual(codes(profiles.validate({ resourceType: 'Patient' }, { required: [`${base}named`] })), [missing]);
  assert.deepEqual(codes(profiles.validate(patient, { profiles: [] })), []);
  assert.deepEqual(codes(profiles.validate(patient, { profiles: [`${base}no`] })), ['error not-found Patient']);
  assert.deepEqual(codes(profiles.validate({ resourceType: 'Group' }, { profiles: [`${base}named`] })), [
    'error structure Group',
  ]);
  const bundle = { resourceType: 'Bundle', type: 'collection', entry: [{}, { resource: patient }] };
  assert.deepEqual(codes(profiles.validate(bundle)), ['error required Bundle.entry[1].resource.name']);
  const outer = { resourceType: 'Basic', contained: [{ ...patient, id: 'a' }] };
  assert.deepEqual(codes(profiles.validate(outer)), ['error required Basic.contained[0].name']);
});

test('versions: the one that is named, or the latest; more resources make a new set', () => {
  const version = (number: string, min: number): JsonObject =>
    profile('v', 'Patient', [element('Patient.name', { min })], { version: number });
  const profiles = createProfiles([version('9.0.0', 0), version('10.0.0', 1)]);
  const count = (url: string, from = profiles): number =>
    from.validate({ resourceType: 'Patient' }, { profiles: [url] }).length;
  assert.deepEqual([count(`${base}v`), count(`${base}v|9.0.0`), count(`${base}v|10.0.0`)], [1, 0, 1]);
  assert.equal(profiles.has(`${base}v|11`), false);
  const more = profiles.with([version('11.0.0', 0)]);
  assert.deepEqual([count(`${base}v`, more), count(`${base}v`)], [0, 1]);
  assert.ok(more.has(`${base}v|11.0.0`) && !profiles.has(`${base}v|11.0.0`));
});

test('a profile with a differential alone is refused, and R4’s own are there unasked', () => {
  const { snapshot: _, ...bare } = profile('bare', 'Patient', []);
  const profiles = createProfiles([bare]);
  assert.deepEqual(
    profiles.problems().map(({ severity, code }) => [severity, code]),
    [['error', 'not-supported']],
  );
  assert.equal(profiles.has(`${base}bare`), false);
  assert.ok(profiles.has('http://hl7.org/fhir/StructureDefinition/bp'));
  assert.ok(profiles.has('http://hl7.org/fhir/StructureDefinition/Patient'));
});

test('anything at all may be asked about: findings, and never a throw', () => {
  const profiles = createProfiles([
    profile('p', 'Patient', [element('Patient.name', { min: 1 }), element('Patient.name.family', { min: 1 })]),
  ]);
  const odd = [
    null,
    1,
    'x',
    [],
    {},
    { resourceType: 'X' },
    { resourceType: 'Patient', name: 'x' },
    { resourceType: 'Patient', name: [null, 'x', [1]], meta: 7 },
  ];
  for (const one of odd) assert.ok(Array.isArray(profiles.validate(one, { profiles: [`${base}p`], report: 'all' })));
  let deep: Any = { linkId: 'x' };
  let nested: Any = { url: 'http://a' };
  for (let level = 0; level < 20_000; level++) {
    deep = { linkId: 'x', item: [deep] };
    nested = { url: 'http://a', extension: [nested] };
  }
  const items = [
    element('Questionnaire.item'),
    element('Questionnaire.item.item', { contentReference: '#Questionnaire.item' }),
  ];
  const questions = createProfiles([profile('q', 'Questionnaire', items)]);
  const deepest = { resourceType: 'Questionnaire', item: [deep], extension: [nested] };
  assert.deepEqual(questions.validate(deepest, { profiles: [`${base}q`] }), []);
  const garbage = [
    {
      resourceType: 'StructureDefinition',
      url: 'http://a',
      derivation: 'constraint',
      snapshot: { element: [{}, 7, { id: 'x.y' }] },
    },
  ];
  assert.ok(
    Array.isArray(
      createProfiles(garbage as unknown as JsonObject[]).validate(
        { resourceType: 'Patient' },
        { profiles: ['http://a'] },
      ),
    ),
  );
});
