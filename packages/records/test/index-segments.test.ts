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
