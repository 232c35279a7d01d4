import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Fault, JsonObject } from '@safeguard/kernel';
import fc from 'fast-check';
import library from 'fast-json-patch';
import { parseJson, writeJson } from '../../index.ts';
import { jsonPatch } from '../../patch/json-patch.ts';
import { shared } from '../shared.ts';

const read = (text: string): JsonObject => parseJson(Buffer.from(text)) as JsonObject;
const patched = (text: string, ...operations: unknown[]): string => writeJson(jsonPatch(read(text), operations));

interface Vector {
  readonly comment: string;
  readonly doc: JsonObject;
  readonly patch: unknown[];
  readonly expected?: JsonObject;
  readonly error?: string;
}

const vectors = shared('vectors/fhir/json-patch-tests.json');
test('HL7’s vectors for JSON Patch', { skip: vectors === undefined }, async (t) => {
  const all = JSON.parse(readFileSync(vectors ?? '', 'utf8')) as Vector[];
  assert.ok(all.length >= 16);
  for (const { comment, doc, patch, expected, error } of all) {
    await t.test(comment, () => {
      if (error === undefined) assert.deepEqual(jsonPatch(doc, patch), expected);
      else assert.throws(() => jsonPatch(doc, patch), { kind: 'unprocessable' });
    });
  }
});

test('numbers keep their digits, and test compares them by value, exactly', () => {
  const doc = '{"a":1.00,"b":[1e2,-0.0],"c":100000000000000000000.1}';
  assert.equal(
    patched(doc, { op: 'copy', from: '/a', path: '/d' }, { op: 'move', from: '/b', path: '/e' }),
    '{"a":1.00,"c":100000000000000000000.1,"d":1.00,"e":[1e2,-0.0]}',
  );
  const holds = (path: string, value: string): boolean => {
    try {
      jsonPatch(read(doc), [{ op: 'test', path, value: parseJson(Buffer.from(value)) }]);
      return true;
    } catch (error) {
      assert.equal((error as Fault).kind, 'unprocessable');
      return false;
    }
  };
  for (const same of ['1', '1.0', '10e-1', '0.1E+1']) assert.ok(holds('/a', same), same);
  for (const other of ['1.01', '"1.00"', '-1', 'null', '{"rawJSON":"1.00"}']) assert.ok(!holds('/a', other), other);
  assert.ok(holds('/b', '[100.0,0]'));
  assert.ok(holds('/c', '1000000000000000000001E-1'));
  assert.ok(!holds('/c', '100000000000000000000'), 'the same double, another number');
  assert.ok(!holds('/a/rawJSON', '"1.00"'), 'nothing is below a number');
});

test('all or nothing: the resource given stays as it is', () => {
  const doc = read('{"resourceType":"Patient","name":[{"given":["a"]}]}');
  const before = writeJson(doc);
  const add = { op: 'add', path: '/name/0/given/-', value: 'b' };
  jsonPatch(doc, [add, { op: 'remove', path: '/name/0/given/0' }]);
  assert.throws(() => jsonPatch(doc, [add, { op: 'test', path: '/id', value: 'x' }]));
  assert.equal(writeJson(doc), before);
  const value = { given: ['c'] };
  const made = jsonPatch(doc, [
    { op: 'add', path: '/name/-', value },
    { op: 'add', path: '/name/1/given/-', value: 'd' },
  ]);
  assert.deepEqual(value, { given: ['c'] }, 'nor is the patch changed');
  assert.deepEqual(made['name'], [{ given: ['a'] }, { given: ['c', 'd'] }]);
});

const shapes: Record<string, unknown> = {
  'no list': { op: 'remove', path: '/a' },
  'no object': ['remove'],
  'no op': [{ path: '/a' }],
  'an unknown op': [{ op: 'constructor', path: '/a' }],
  'no path': [{ op: 'remove' }],
  'a path without slash': [{ op: 'remove', path: 'a' }],
  'a path with a bad escape': [{ op: 'remove', path: '/~2' }],
  'a path that is too long': [{ op: 'remove', path: `/${'a'.repeat(3000)}` }],
  'a path that is too deep': [{ op: 'remove', path: '/a'.repeat(300) }],
  'no value': [{ op: 'add', path: '/a' }],
  'no from': [{ op: 'copy', path: '/a' }],
};
for (const [name, patch] of Object.entries(shapes)) {
  test(`no JSON Patch: ${name}`, () => {
    assert.throws(() => jsonPatch({ a: 1 }, patch), { kind: 'invalid' });
  });
}

const failures: Record<string, unknown> = {
  'a missing member': { op: 'remove', path: '/b' },
  'a member of the prototype': { op: 'remove', path: '/toString' },
  'below a member of the prototype': { op: 'add', path: '/constructor/prototype/x', value: 1 },
  'an index beyond the end': { op: 'add', path: '/l/4', value: 1 },
  'the end, where something must be': { op: 'replace', path: '/l/-', value: 1 },
  'an index with a leading zero': { op: 'remove', path: '/l/01' },
  'an index that would wrap around': { op: 'remove', path: '/l/4294967296' },
  'a negative index': { op: 'add', path: '/l/-1', value: 1 },
  'a property of a list': { op: 'replace', path: '/l/length', value: 0 },
  'below a text': { op: 'add', path: '/s/0', value: 'x' },
  'the whole resource taken away': { op: 'remove', path: '' },
  'a list in place of the resource': { op: 'replace', path: '', value: [] },
  'a move into itself': { op: 'move', from: '/o', path: '/o/x' },
};
for (const [name, operation] of Object.entries(failures)) {
  test(`fails: ${name}`, () => {
    const doc = { s: 'secret', l: [1, 2, 3], o: { p: 1 } };
    assert.throws(
      () => jsonPatch(doc, [operation]),
      (error: Fault) => error.kind === 'unprocessable' && !error.message.includes('secret'),
    );
  });
}

test('__proto__ is a key like any other, and reaches no prototype', () => {
  const made = jsonPatch({ a: {} }, [{ op: 'add', path: '/a/__proto__', value: { polluted: true } }]);
  assert.equal(writeJson(made), '{"a":{"__proto__":{"polluted":true}}}');
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  assert.equal(writeJson(jsonPatch(made, [{ op: 'remove', path: '/a/__proto__' }])), '{"a":{}}');
});

test('patches that would grow without bound are refused, at once', () => {
  const before = performance.now();
  const doubling = Array.from({ length: 60 }, () => ({ op: 'copy', from: '/l', path: '/l/-' }));
  assert.throws(
    () => jsonPatch({ l: ['x'] }, doubling),
    (error: Fault) => ['tooLarge', 'unprocessable'].includes(error.kind),
  );
  const long = Array.from({ length: 1000 }, () => ({ op: 'copy', from: '/s', path: '/l/-' }));
  assert.throws(() => jsonPatch({ s: 'x'.repeat(1_000_000), l: [] }, long), { kind: 'tooLarge' });
  const odd = Array.from({ length: 20 }, (_, i) => ({ op: 'copy', from: '/l', path: `/l${i}` }));
  assert.throws(() => jsonPatch(read(`{"l":[${'1.0,'.repeat(20_000)}1.0]}`), odd), { kind: 'tooLarge' });
  const nested = Array.from({ length: 999 }, (_, i) => [
    { op: 'add', path: `/n${i}`, value: {} },
    { op: 'move', from: i === 0 ? '/a' : `/n${i - 1}`, path: `/n${i}/x` },
  ]).flat();
  assert.throws(() => jsonPatch({ a: 1 }, nested.slice(0, 1000)), { kind: 'unprocessable' });
  assert.throws(() => jsonPatch({ a: 1 }, nested), { kind: 'tooLarge' });
  assert.ok(performance.now() - before < 3000);
});

const key = fc.constantFrom('a', '0', '1', '~', '-');
const json = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, fc.integer(), fc.constantFrom('x', null, true), tie('list'), tie('object')),
  list: fc.array(tie('value'), { maxLength: 3 }),
  object: fc.dictionary(key, tie('value'), { maxKeys: 3 }),
}));
const pointer = fc
  .array(key, { minLength: 1, maxLength: 2 })
  .map((tokens) => tokens.map((token) => `/${token.replace('~', '~0').replace('/', '~1')}`).join(''));
const operation = fc.oneof(
  fc.record({ op: fc.constantFrom('add', 'replace', 'test'), path: pointer, value: json.value }),
  fc.record({ op: fc.constant('remove'), path: pointer }),
  fc.record({ op: fc.constantFrom('move', 'copy'), path: pointer, from: pointer }),
);

test('wherever both succeed, we and fast-json-patch make the same', () => {
  let both = 0;
  fc.assert(
    fc.property(json.object, fc.array(operation, { minLength: 1, maxLength: 2 }), (doc, operations) => {
      let ours: unknown;
      try {
        ours = jsonPatch(doc as JsonObject, operations);
      } catch (error) {
        assert.ok(['unprocessable', 'invalid'].includes((error as Fault).kind));
        return;
      }
      both += 1;
      const copy = JSON.parse(JSON.stringify({ doc, operations })) as { doc: object; operations: library.Operation[] };
      assert.deepEqual(ours, library.applyPatch(copy.doc, copy.operations, true).newDocument);
    }),
    { numRuns: 5000 },
  );
  assert.ok(both > 200, `${both} patches succeeded`);
});
