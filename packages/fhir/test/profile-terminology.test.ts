import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '@safeguard/kernel';
import { createProfiles } from '../index.ts';
import { codeSystem, valueSet } from './profile-fixtures.ts';

const cs = 'http://example.org/cs';
const url = 'http://example.org/ValueSet/v';
const codes = (compose: object, ...more: JsonObject[]): string[] | undefined =>
  createProfiles([codeSystem, valueSet('v', compose as Record<string, unknown>), ...more])
    .expand(url)
    ?.map(({ code }) => code);
const filter = (property: string, op: string, value: string): string[] | undefined =>
  codes({ include: [{ system: cs, filter: [{ property, op, value }] }] });

test('enumerated, whole, nested, excluded', () => {
  assert.deepEqual(codes({ include: [{ system: cs, concept: [{ code: 'a' }, { code: 'zz' }] }] }), ['a', 'zz']);
  assert.deepEqual(codes({ include: [{ system: cs }] }), ['a', 'b', 'c', 'd', 'e']);
  const inner = valueSet('inner', { include: [{ system: cs, concept: [{ code: 'c' }, { code: 'e' }] }] });
  const nested = [inner['url'] as string];
  assert.deepEqual(codes({ include: [{ valueSet: nested }] }, inner), ['c', 'e']);
  assert.deepEqual(codes({ include: [{ system: cs, valueSet: nested }] }, inner), ['c', 'e'], 'both must hold');
  assert.deepEqual(codes({ include: [{ system: cs }], exclude: [{ valueSet: nested }] }, inner), ['a', 'b', 'd']);
  assert.deepEqual(codes({ include: [{ valueSet: [url] }] }), undefined, 'a value set that includes itself');
});

test('filters over the hierarchy and the properties', () => {
  assert.deepEqual(filter('concept', 'is-a', 'b'), ['b', 'c']);
  assert.deepEqual(filter('concept', 'descendent-of', 'a')?.sort(), ['b', 'c', 'd']);
  assert.deepEqual(filter('concept', 'is-not-a', 'b'), ['a', 'd', 'e']);
  assert.deepEqual(filter('concept', 'generalizes', 'c'), ['c', 'b', 'a']);
  assert.deepEqual(filter('kind', '=', 'leaf'), ['c', 'd']);
  assert.deepEqual(filter('kind', 'in', 'leaf,other'), ['c', 'd', 'e']);
  assert.deepEqual(filter('kind', 'not-in', 'leaf'), ['a', 'b', 'e']);
  assert.deepEqual(filter('kind', 'exists', 'true'), ['c', 'd', 'e']);
  assert.deepEqual(filter('concept', 'regex', '.*'), undefined, 'not known here');
});

test('what cannot be told is undefined, and what can be told is told all the same', () => {
  const profiles = createProfiles([
    codeSystem,
    valueSet('v', { include: [{ system: cs, concept: [{ code: 'a' }] }, { system: 'http://loinc.org' }] }),
  ]);
  assert.equal(profiles.expand(url), undefined);
  assert.equal(profiles.memberOf(url, cs, 'a'), true);
  assert.equal(profiles.memberOf(url, cs, 'b'), false);
  assert.equal(profiles.memberOf(url, 'http://loinc.org', '8-1'), undefined);
  assert.equal(profiles.memberOf(url, 'http://snomed.info/sct', '1'), false);
  assert.equal(profiles.memberOf('http://nowhere', cs, 'a'), undefined);
  const fragment = { ...codeSystem, content: 'fragment' };
  const part = createProfiles([fragment, valueSet('v', { include: [{ system: cs }] })]);
  assert.equal(part.expand(url), undefined, 'a system held in part cannot be counted');
});

test('an expansion that comes along is used where composing fails, unless it is a part', () => {
  const expansion = {
    contains: [
      { system: cs, code: 'q', contains: [{ system: cs, code: 'r' }] },
      { abstract: true, system: cs, code: 'g' },
    ],
  };
  const with_ = (more: object): ReturnType<typeof createProfiles> =>
    createProfiles([
      valueSet('v', { include: [{ system: 'http://loinc.org' }] }, { expansion: { ...expansion, ...more } }),
    ]);
  assert.deepEqual(
    with_({})
      .expand(url)
      ?.map(({ code }) => code),
    ['q', 'r'],
  );
  assert.equal(with_({ total: 9 }).expand(url), undefined);
  assert.equal(with_({ total: 9 }).memberOf(url, cs, 'q'), true);
  assert.equal(with_({ total: 9 }).memberOf(url, cs, 'zz'), undefined);
});

test('above and below, nested or by property; R4’s own systems are there', () => {
  const profiles = createProfiles([codeSystem]);
  assert.deepEqual(profiles.below(cs, 'a')?.toSorted(), ['a', 'b', 'c', 'd']);
  assert.deepEqual(profiles.above(cs, 'c'), ['c', 'b', 'a']);
  assert.equal(profiles.below(cs, 'zz'), undefined);
  assert.equal(profiles.below('http://snomed.info/sct', '1'), undefined);
  const flat: JsonObject = {
    resourceType: 'CodeSystem',
    url: 'http://flat',
    content: 'complete',
    concept: [
      { code: 'p' },
      { code: 'q', property: [{ code: 'subsumedBy', valueCode: 'p' }] },
      // A circle is no error that may cost anything.
      { code: 'r', property: [{ code: 'parent', valueCode: 's' }] },
      { code: 's', property: [{ code: 'parent', valueCode: 'r' }] },
    ],
  };
  const more = profiles.with([flat]);
  assert.deepEqual(more.below('http://flat', 'p'), ['p', 'q']);
  assert.deepEqual(more.above('http://flat', 'r')?.toSorted(), ['r', 's']);
  const clinical = 'http://terminology.hl7.org/CodeSystem/condition-clinical';
  assert.deepEqual(profiles.below(clinical, 'active')?.toSorted(), ['active', 'recurrence', 'relapse']);
  assert.equal(profiles.expand('http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1')?.length, 4);
});
