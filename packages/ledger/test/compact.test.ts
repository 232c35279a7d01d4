import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { compact, expand } from '../compact.ts';
import { partition, partLimit_bytes } from '../partition.ts';
import { requestEvent } from './fixture.ts';

test('any object comes back as JSON would give it', () => {
  const awkward = fc.constantFrom(
    '\u0001',
    '\u0002',
    '{"id":',
    '"',
    '\\',
    '\ud800',
    ',"at":',
    '127.0.0.1',
    randomUUID(),
  );
  const text = fc.array(fc.oneof(fc.string({ unit: 'binary' }), awkward)).map((parts) => parts.join(''));
  const value = fc.letrec((tie) => ({
    any: fc.oneof(text, fc.double(), fc.boolean(), fc.constant(null), fc.uuid(), fc.array(tie('any')), tie('object')),
    object: fc.dictionary(text, tie('any'), { maxKeys: 6 }),
  }));
  fc.assert(
    fc.property(value.object, (event) => {
      const plain = JSON.parse(JSON.stringify(event)) as object;
      assert.deepEqual(JSON.parse(JSON.stringify(expand(compact(plain)))), plain);
    }),
    { numRuns: 500 },
  );
});

test('no part is larger than its limit, and no target is lost', () => {
  const target = fc.record({
    type: fc.constantFrom('Observation', 'Patient', 'MedicationAdministration'),
    id: fc.oneof(fc.uuid({ version: 4 }), fc.string({ minLength: 1, maxLength: 40 })),
    version: fc.integer({ min: 1, max: 4 }),
  });
  fc.assert(
    fc.property(fc.array(target, { minLength: 1, maxLength: 150 }), (targets) => {
      const parts = partition(requestEvent({ targets }));
      const key = (one: object) => JSON.stringify(Object.entries(one).sort());
      const got = parts.flatMap(({ bytes }) => (expand(bytes) as { targets: object[] }).targets.map(key)).sort();
      assert.deepEqual(got, targets.map(key).sort());
      assert.ok(parts.length === 1 || parts.every(({ bytes }) => bytes.length <= partLimit_bytes));
    }),
    { numRuns: 200 },
  );
});

test('patients are dealt out too: none is lost, and no part is larger than its limit', () => {
  const ids = fc.array(fc.uuid({ version: 4 }), { maxLength: 120 });
  fc.assert(
    fc.property(ids, ids, (targets, patients) => {
      const event = requestEvent({
        targets: [...targets, 'a'].map((id) => ({ type: 'Observation', id })),
        ...(patients.length === 0 ? {} : { patients }),
      });
      const parts = partition(event).map(({ bytes }) => ({ bytes, part: expand(bytes) as typeof event }));
      const got = parts.flatMap(({ part }) => (part as { patients?: string[] }).patients ?? []);
      assert.deepEqual(new Set(got), new Set(patients));
      assert.equal(parts.flatMap(({ part }) => part.targets).length, targets.length + 1);
      assert.ok(parts.length === 1 || parts.every(({ bytes }) => bytes.length <= partLimit_bytes));
    }),
    { numRuns: 200 },
  );
});

test('an event that is too large at all is refused', () => {
  assert.throws(() => partition({ text: 'x'.repeat(20_000) }), { kind: 'invalid' });
});
