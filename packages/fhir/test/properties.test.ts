import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  compartmentPatients,
  eachReference,
  identifiers,
  parseJson,
  resourceTypes,
  validate,
  writeJson,
} from '../index.ts';
import { all, patient, plant } from './fixtures.ts';
import { shared } from './shared.ts';

type Any = Record<string, unknown>;

/** Everything that takes a resource takes anything. */
function survive(value: unknown): void {
  assert.ok(Array.isArray(validate(value)));
  validate(value, { type: 'Patient', limit: 1, conditionalReferences: true });
  compartmentPatients(value);
  identifiers(value);
  eachReference(value, (reference, path) => void [reference, path]);
}

const names = [
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'toString',
  'resourceType',
  'extension',
  'valueString',
  'id',
  'url',
];
const json = fc.jsonValue({ maxDepth: 5 });
const value = fc.oneof(
  json,
  fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), json),
  fc.constantFrom(null, true, 0, -1, 1.5, '', ' ', 'x', '#', '#a', 'Patient/1', [], {}, [[]], [null], [{}], { id: 1 }),
);

test('any JSON value under any resource type is judged, never thrown at', () => {
  fc.assert(
    fc.property(fc.constantFrom(...resourceTypes), fc.dictionary(fc.string(), value), (type, fields) => {
      survive({ ...fields, resourceType: type });
    }),
  );
  fc.assert(fc.property(value, survive));
});

/** Every path of a resource. */
function pathsOf(at: unknown, path = ''): string[] {
  if (typeof at !== 'object' || at === null) return [path];
  const below = Object.entries(at).flatMap(([key, one]) => pathsOf(one, path === '' ? key : `${path}.${key}`));
  return path === '' ? below : [path, ...below];
}

test('any value in any place of a valid resource is judged, never thrown at', () => {
  const places = all.flatMap((make) => pathsOf(make()).map((path) => ({ make, path })));
  fc.assert(
    fc.property(fc.constantFrom(...places), value, ({ make, path }, wrong) => survive(plant(make(), path, wrong))),
    { numRuns: 3000 },
  );
});

test('any element of any type, with any value', () => {
  const known = fc.constantFrom(...names, 'contained', 'text', 'meta', 'identifier', 'subject', 'entry', 'item');
  fc.assert(
    fc.property(fc.constantFrom(...resourceTypes), fc.oneof(known, fc.string()), value, (type, key, wrong) => {
      const property = { value: wrong, enumerable: true, configurable: true };
      survive(Object.defineProperty({ resourceType: type }, key, property));
    }),
  );
});

test('nesting without end, made in memory, is an issue and no overflow', () => {
  let extension: Any = { url: 'u', valueString: 'x' };
  for (let level = 0; level < 5000; level++) extension = { url: 'u', extension: [extension] };
  const issues = validate({ resourceType: 'Patient', extension: [extension] });
  assert.ok(issues.some((issue) => issue.code === 'too-costly'));
});

test('a valid resource comes back from its text as it was', () => {
  for (const make of all) {
    const text = writeJson(make());
    assert.equal(writeJson(parseJson(Buffer.from(text))), text);
  }
});

const naughty = shared('vectors/json/naughty-strings.json');
const own = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  '\u202etest',
  'ﷺ',
  '👨‍👩‍👧',
  "' OR 1=1 --",
  '<script>',
  '${7*7}',
  '../../etc/passwd',
  'NaN',
  'null',
  '￾',
];
test('naughty strings in every place are judged, and told from what was sent', () => {
  const strings = naughty ? [...own, ...(JSON.parse(readFileSync(naughty, 'utf8')) as string[])] : own;
  for (const path of pathsOf(patient())) {
    for (const text of strings) survive(plant(patient(), path, text));
  }
});
