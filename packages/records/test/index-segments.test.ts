import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { type Parameter, parametersOf, resourceTypes } from '@safeguard/fhir';
import { segmentOf } from '../index-rows/index.ts';
import { plannedOf } from '../index-rows/plan.ts';

const all = resourceTypes.flatMap((type) => [...parametersOf(type).values()]);
const named = (name: string): Parameter => {
  const [type = '', code = ''] = name.split('.');
  const found = parametersOf(type).get(code);
  assert.ok(found, name);
  return found;
};
const each = (names: string, expected: string): void => {
  for (const name of names.split(' ')) assert.equal(segmentOf(named(name)), expected, name);
};

test('what the segment map lifts is searched in identity', () => {
  each(
    'Patient.name Patient.family Patient.phonetic Patient.address Patient.address-city Patient.address-use',
    'identity',
  );
  each('Patient.birthdate Patient.death-date Patient.telecom Patient.email Patient.identifier', 'identity');
  each(
    'Organization.name Location.near Coverage.class-value Device.udi-carrier DocumentReference.location',
    'identity',
  );
  for (const parameter of all) if (parameter.code === 'identifier') assert.equal(segmentOf(parameter), 'identity');
});

test('words that the de-identified view masks are told apart, and so is what it does not say', () => {
  each('Observation.value-string Condition.onset-info Observation._source Patient.deceased', 'masked');
  each('Observation.code Observation.date Observation.subject Procedure.date Immunization.date', 'clinical');
  each('Questionnaire.title Patient.gender Patient.active Observation._profile', 'clinical');
});

test('a composite is as strict as its strictest part, and a modifier can look at more', () => {
  each('Observation.code-value-string', 'masked');
  each('Observation.code-value-quantity', 'clinical');
  assert.equal(segmentOf(named('Observation.code'), 'text'), 'masked');
  assert.equal(segmentOf(named('Observation.subject'), 'identifier'), 'identity');
  assert.equal(segmentOf(named('Observation.subject'), 'text'), 'identity');
  assert.equal(segmentOf(named('Observation.code'), 'not'), 'clinical');
});

const custom = (of: string, expression: string, type: Parameter['type'] = 'token'): Parameter => {
  return { code: 'own', type, of, number: 1000, target: [], expression };
};

test("a tenant's own parameter: a person's extensions are identity but for those that the map names", () => {
  const race = 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-race';
  const inside = ".extension.where(url='ombCategory').value.as(Coding)";
  const at = (of: string, expression: string): string => segmentOf(custom(of, expression));
  assert.equal(at('Patient', `Patient.extension.where(url='${race}')${inside}`), 'clinical');
  assert.equal(at('Patient', "Patient.extension.where(url='urn:employer').value.as(Coding)"), 'identity');
  assert.equal(at('Patient', 'Patient.extension.value.as(Coding)'), 'identity');
  assert.equal(at('Observation', "Observation.extension('urn:x').value.as(Coding)"), 'clinical');
  assert.equal(at('Observation', "Observation.extension('urn:x').value.as(HumanName)"), 'identity');
  assert.equal(at('Observation', "Observation.extension('urn:x').value"), 'identity', 'any datatype');
  assert.equal(at('Observation', 'Observation.descendants()'), 'identity', 'what cannot be followed');
});

/** The engine reads more than the walk follows: whatever is not surely understood must not be taken for clinical. */
test("a tenant's own parameter: no condition, root, type or sign carries identity into the clinical index", () => {
  const sly = [
    'Patient.birthDate.where($this.exists())',
    'Patient.identifier.value.where($this.exists())',
    "Patient.where(name.family = 'X').gender",
    "Patient.where(name.where(family = 'X').exists()).gender",
    "Patient.where(extension.value = 'X').gender",
    "Patient.where(nothing = 'X').gender",
    'Patient.gender.where(%resource.birthDate.exists())',
    'FHIR.Patient.birthDate',
    '%context.birthDate',
    '%rootResource.birthDate',
    'Observation.id & Patient.birthDate',
    '(Observation.id) and (Patient.birthDate.exists())',
    'Patient.gender & %resource.birthDate',
    'Patient.name.as(Element).family',
    'Patient.deceasedDateTime',
    "Patient.gender.where('\\'' = '').where(%resource.birthDate = '')",
    'Patient.gender // |\nPatient.birthDate',
    'Patient.`name`.family',
    'Patient.contained.birthDate',
  ];
  for (const type of ['token', 'string', 'date', 'quantity'] as const) {
    for (const expression of sly) {
      const parameter = custom('Patient', expression, type);
      assert.equal(segmentOf(parameter), 'identity', `${type} ${expression}`);
      assert.equal(plannedOf(parameter).place.in, type === 'quantity' ? 'nowhere' : 'identity', expression);
    }
  }
  assert.equal(segmentOf(custom('Observation', 'Observation.subject', 'string')), 'identity', 'its display is read');
});

test("a tenant's own parameter: what is known to be clinical stays so (negative control)", () => {
  const at = (of: string, expression: string, type?: Parameter['type']): string =>
    segmentOf(custom(of, expression, type));
  assert.equal(at('Patient', "Patient.where(gender = 'male').maritalStatus"), 'clinical');
  assert.equal(at('Patient', 'Patient.generalPractitioner.where(resolve() is Practitioner)', 'reference'), 'clinical');
  assert.equal(at('Patient', 'Observation.status | Patient.gender'), 'clinical');
  assert.equal(at('Patient', 'Patient.gender.exists()'), 'clinical');
  assert.equal(at('Patient', 'Patient.deceased.exists() and Patient.deceased != false'), 'masked');
  assert.equal(at('Observation', '(Observation.value as Quantity)', 'quantity'), 'clinical');
  assert.equal(at('Observation', "Observation.component.where(code.text = 'x').value.as(Quantity)"), 'masked');
});

test('no parameter of the identity segment has a place in the clinical one', () => {
  const places = all.filter((one) => segmentOf(one) === 'identity').map((one) => plannedOf(one).place.in);
  assert.ok(places.length > 100);
  assert.deepEqual(new Set(places), new Set(['identity', 'nowhere']));
});

test('names are carried by name, addresses by address, numbers by telecom: once for all their parameters', () => {
  const carrier = (name: string): unknown => (plannedOf(named(name)).place as { carrier?: string }).carrier;
  for (const code of ['name', 'family', 'given']) assert.equal(carrier(`Patient.${code}`), 'name');
  for (const code of ['address', 'address-city', 'address-postalcode'])
    assert.equal(carrier(`Patient.${code}`), 'address');
  for (const code of ['telecom', 'email', 'phone']) assert.equal(carrier(`Patient.${code}`), 'telecom');
  assert.equal(carrier('Patient.address-use'), 'address-use');
});

/** Moving a parameter leaves what is stored behind: a change here needs a migration that reindexes. */
test('places never move', () => {
  const place = (name: string): unknown => plannedOf(named(name)).place;
  assert.deepEqual(place('Observation.code'), { in: 'coding', alone: 0, pair: 1 });
  assert.deepEqual(place('Provenance.target'), { in: 'references' });
  const placed = all.map((one) => JSON.stringify([one.of, one.code, plannedOf(one).place, plannedOf(one).bit]));
  const digest = createHash('sha256').update(placed.sort().join()).digest('hex');
  assert.equal(digest.slice(0, 16), 'efe46be51d6724f8');
});
