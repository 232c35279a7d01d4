import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { validate } from '@safeguard/fhir';
import { isUuid } from '@safeguard/kernel';
import { createRng, linkedNine, syntheticObservation, syntheticPatient, syntheticPatients } from '../index.ts';

const textOf = (seed: number, count: number, rest: object = {}): string =>
  JSON.stringify([...syntheticPatients({ seed, count, ...rest })]);

test('the same seed gives the same bytes, another seed others', () => {
  assert.equal(textOf(7, 5), textOf(7, 5));
  assert.notEqual(textOf(7, 5), textOf(8, 5));
  // A change of the generator is a change of every benchmark's data: it should be seen, then this line renewed.
  const digest = createHash('sha256').update(textOf(1, 10)).digest('hex');
  assert.equal(digest, 'f68caac919109f2b0e6dfdd393313292042c37237ed8e2ca04c47d39bb5aaba3');
});

test('a patient does not depend on how many are asked for', () => {
  const [, first] = syntheticPatients({ seed: 3, count: 1 });
  const [, same] = syntheticPatients({ seed: 3, count: 4 });
  assert.deepEqual(first, same);
});

test('everything made is valid R4', () => {
  let seen = 0;
  for (const bundle of syntheticPatients({ seed: 'valid', count: 60 })) {
    assert.deepEqual(validate(bundle, { conditionalReferences: true }), []);
    for (const { resource } of bundle.entry) {
      assert.deepEqual(
        validate(resource, { type: resource.resourceType, conditionalReferences: true }),
        [],
        JSON.stringify(resource),
      );
      seen += 1;
    }
  }
  assert.ok(seen > 5_000, `${seen} resources`);
  const rng = createRng('single');
  for (let turn = 0; turn < 50; turn += 1) {
    assert.deepEqual(validate(syntheticPatient(rng)), []);
    assert.deepEqual(validate(syntheticObservation(rng, 'Patient/1')), []);
  }
});

test('the linked nine are valid as made and as changed, and point at one another', () => {
  const ids: Record<string, string> = {};
  const nine = linkedNine(4);
  assert.equal(nine.length, 9);
  for (const { type, make, change } of nine) {
    const made = make(ids);
    ids[type] = `id-of-${type.toLowerCase()}`;
    assert.equal(made.resourceType, type);
    assert.deepEqual(validate(made), [], type);
    assert.ok(!JSON.stringify(made).includes('unknown"'), `${type} refers to what is not there yet`);
    const changed = change(made, 3);
    assert.deepEqual(validate(changed), [], type);
    assert.notDeepEqual(changed, made);
  }
});

test('references inside a bundle are met, and the others are conditional on the first bundle', () => {
  const [facilities, ...patients] = syntheticPatients({ seed: 11, count: 30 });
  assert.ok(facilities);
  const known = new Set(facilities.entry.map(({ request }) => `${request.url}?${request.ifNoneExist}`));
  for (const { entry } of patients) {
    const own = new Set(entry.map(({ fullUrl }) => fullUrl));
    assert.equal(own.size, entry.length);
    for (const { fullUrl, resource } of entry) {
      assert.ok(isUuid(fullUrl.slice('urn:uuid:'.length)));
      for (const [, reference = ''] of JSON.stringify(resource).matchAll(/"reference":"([^"#][^"]*)"/g)) {
        assert.ok(own.has(reference) || known.has(reference), reference);
      }
    }
  }
});

test('a wrong date is refused in words', () => {
  assert.throws(() => [...syntheticPatients({ seed: 1, count: 1, today: 'tomorrow' })], /YYYY-MM-DD/);
});
