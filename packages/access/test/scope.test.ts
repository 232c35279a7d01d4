import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@safeguard/kernel';
import fc from 'fast-check';
import { createAccess } from '../index.ts';
import { scopeGrants } from './oracle.ts';
import { anyScope, goodScope, types } from './world.ts';

const access = createAccess({ types });

test('the 31 letter combinations of v2 and the three words of v1, and nothing else', () => {
  const words = new Set<string>();
  for (let bits = 1; bits < 32; bits++) words.add([...'cruds'].filter((_, place) => bits & (1 << place)).join(''));
  for (const word of words) assert.equal(access.normalScope(`system/Patient.${word}`), `system/Patient.${word}`);
  assert.equal(access.normalScope('system/*.read'), 'system/*.rs');
  assert.equal(access.normalScope('system/Patient.write'), 'system/Patient.cud');
  assert.equal(access.normalScope('system/Patient.*'), 'system/Patient.cruds');
  const all = ['c', 'r', 'u', 'd', 's', ''];
  for (const a of all)
    for (const b of all)
      for (const c of all) {
        const word = `${a}${b}${c}`;
        assert.equal(access.isScope(`system/Patient.${word}`), words.has(word), word);
      }
});

test('what is recognised and not served is refused in clear words; what was sent is not repeated', () => {
  const cases: [string, RegExp][] = [
    ['user/Patient.rs', /user\/ and patient\/ scopes are not served/],
    ['patient/*.read', /user\/ and patient\/ scopes are not served/],
    ['system/Observation.rs?category=laboratory', /search parameters are not served/],
    ['system/Unknown.rs', /type that FHIR R4 does not have/],
    ['system/Patient.sr', /has the form/],
    ['system/Patient.', /has the form/],
    ['system/Patient.rs ', /has the form/],
    ['system/Patient.rs\n', /has the form/],
    ['openid', /has the form/],
    ['system/__proto__.r', /has the form/],
    [`system/${'A'.repeat(100_000)}.r`, /has the form/],
  ];
  for (const [text, words] of cases) {
    assert.equal(access.isScope(text), false);
    assert.throws(
      () => access.parseScope(text),
      (error) =>
        isFault(error) && error.kind === 'invalid' && words.test(error.message) && !error.message.includes(text),
      text.slice(0, 60),
    );
  }
});

test('isScope and the oracle agree on every text; the normal form is stable', () => {
  fc.assert(
    fc.property(anyScope, (text) => {
      const oracle = [...types, '*'].some((type) => [...'cruds'].some((letter) => scopeGrants(text, letter, type)));
      assert.equal(access.isScope(text), oracle);
      if (oracle) assert.equal(access.normalScope(access.normalScope(text)), access.normalScope(text));
    }),
    { numRuns: 3000, seed: 5 },
  );
});

test('narrows: a union covers, a wildcard is covered by a wildcard only', () => {
  assert.ok(access.narrows('system/Patient.rs', ['system/*.cruds']));
  assert.ok(access.narrows('system/Patient.rs', ['system/Patient.r', 'system/*.s']));
  assert.ok(access.narrows('system/Patient.read', ['system/Patient.rs']));
  assert.ok(
    !access.narrows(
      'system/*.r',
      [...types].map((type) => `system/${type}.r`),
    ),
  );
  assert.ok(!access.narrows('system/Patient.cr', ['system/Patient.r']));
  assert.ok(!access.narrows('system/Patient.r', []));
  assert.ok(!access.narrows('nonsense', ['system/*.cruds']));
});

function holdsNarrows(judge: typeof access.narrows): void {
  const letters = [...'cruds'];
  fc.assert(
    fc.property(goodScope, fc.array(goodScope, { maxLength: 3 }), (asked, granted) => {
      const type = asked.slice('system/'.length, asked.indexOf('.'));
      const wants = letters.filter((letter) => scopeGrants(asked, letter, type));
      const covered = wants.every((letter) => granted.some((scope) => scopeGrants(scope, letter, type)));
      assert.equal(judge(asked, granted), covered);
    }),
    { numRuns: 3000, seed: 9 },
  );
}

test('narrows agrees with the oracle; negative control: one that forgets the type, or the letters, does not', () => {
  holdsNarrows(access.narrows);
  const lettersOf = (scope: string): string => scope.slice(scope.indexOf('.') + 1);
  assert.throws(() =>
    holdsNarrows((asked, granted) =>
      [...lettersOf(asked)].every((each) => granted.some((it) => lettersOf(it).includes(each))),
    ),
  );
  assert.throws(() => holdsNarrows((asked, granted) => granted.some((it) => it.split('.')[0] === asked.split('.')[0])));
});

test('describe says it in plain words', () => {
  assert.equal(access.describe('system/Patient.rs'), 'read, search: Patient');
  assert.equal(access.describe('system/*.write'), 'create, update, delete: every type');
});
