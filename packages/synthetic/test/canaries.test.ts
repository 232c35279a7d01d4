import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validate } from '@safeguard/fhir';
import { type Canary, canaryBundle, canaryCategories, plantCanaries, syntheticPatients } from '../index.ts';

const occurrences = (text: string, value: string): number => text.split(value).length - 1;

/** What the test holds a list of canaries to; thrown where a value is missing, doubled, or part of another. */
function eachStandsOnce(text: string, canaries: readonly Canary[]): void {
  for (const { value, where } of canaries) assert.equal(occurrences(text, value), 1, `${where}: ${value}`);
}

test('each of the 18 categories has a canary, each value stands in the bundle exactly once', () => {
  const { bundle, canaries } = canaryBundle('k7f3q');
  assert.equal(canaryCategories.length, 18);
  assert.deepEqual(new Set(canaries.map(({ category }) => category)), new Set(canaryCategories));
  assert.equal(new Set(canaries.map(({ value }) => value)).size, canaries.length);
  assert.equal(new Set(canaries.map(({ where }) => where)).size, canaries.length);
  eachStandsOnce(JSON.stringify(bundle), canaries);
  const lost = JSON.stringify(bundle).replace(canaries[5]?.value ?? '', 'x');
  assert.throws(() => eachStandsOnce(lost, canaries), 'negative control: a canary that is gone is noticed');
});

test('bundles with canaries are valid R4', () => {
  const { bundle } = canaryBundle('valid1');
  assert.deepEqual(validate(bundle), []);
  for (const { resource } of bundle.entry) assert.deepEqual(validate(resource), [], resource.resourceType);
});

test('planted in a generated bundle, the original stays as it was', () => {
  const [generated] = syntheticPatients({ seed: 5, count: 1, facilities: false });
  assert.ok(generated);
  const before = JSON.stringify(generated);
  const { bundle, canaries } = plantCanaries(generated, 'abcd');
  assert.equal(JSON.stringify(generated), before);
  eachStandsOnce(JSON.stringify(bundle), canaries);
  assert.deepEqual(validate(bundle, { conditionalReferences: true }), []);
  assert.equal(bundle.entry.length, generated.entry.length + 8);
});

test('other tags give other values, the same tag the same', () => {
  const one = canaryBundle('aaaa').canaries.map(({ value }) => value);
  assert.deepEqual(
    one,
    canaryBundle('aaaa').canaries.map(({ value }) => value),
  );
  const other = new Set(
    canaryBundle('bbbb')
      .canaries.filter(({ category }) => category !== 'date')
      .map(({ value }) => value),
  );
  assert.ok(one.every((value) => !other.has(value)));
  assert.throws(() => canaryBundle('Not a tag'), /lower-case/);
});
