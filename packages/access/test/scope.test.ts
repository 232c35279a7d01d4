import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@safeguard/kernel';
import fc from 'fast-check';
import { createAccess } from '../index.ts';
import { cut } from './oracle.ts';
import { access, anyScope, goodScope, types } from './world.ts';

test('the 31 letter combinations of v2 and the three words of v1, at each level, and nothing else', () => {
  const words = new Set<string>();
  for (let bits = 1; bits < 32; bits++) words.add([...'cruds'].filter((_, place) => bits & (1 << place)).join(''));
  for (const level of ['patient', 'user', 'system']) {
    for (const word of words) assert.equal(access.normalScope(`${level}/Patient.${word}`), `${level}/Patient.${word}`);
    assert.equal(access.normalScope(`${level}/*.read`), `${level}/*.rs`);
    assert.equal(access.normalScope(`${level}/Patient.write`), `${level}/Patient.cud`);
    assert.equal(access.normalScope(`${level}/Patient.*`), `${level}/Patient.cruds`);
  }
  const all = ['c', 'r', 'u', 'd', 's', ''];
  for (const a of all)
    for (const b of all)
      for (const c of all) {
        const word = `${a}${b}${c}`;
        assert.equal(access.isScope(`system/Patient.${word}`), words.has(word), word);
      }
});

const category = 'http://terminology.hl7.org/CodeSystem/observation-category';
const vitals = `patient/Observation.rs?category=${category}|vital-signs`;

test('restrictions have one form: sorted, without what another implies, encoded as SMART spells them', () => {
  const forms: Readonly<Record<string, string>> = {
    [vitals]: vitals,
    [`patient/Observation.rs?category=${encodeURIComponent(`${category}|vital-signs`)}`]: vitals,
    'user/Observation.rs?code=2&category=b,a,b': 'user/Observation.rs?category=a,b&code=2',
    'user/Observation.rs?category=a&category=a': 'user/Observation.rs?category=a',
    'user/Observation.rs?category=a,b&category=a': 'user/Observation.rs?category=a',
    'user/Observation.read?category=a': 'user/Observation.rs?category=a',
    'user/*.rs?_tag=x': 'user/*.rs?_tag=x',
    'user/Observation.rs?code=a+b': 'user/Observation.rs?code=a%20b',
    'user/Observation.rs?code=a%2Bb%26c%3Dd': 'user/Observation.rs?code=a%2Bb%26c%3Dd',
    'user/Observation.rs?code=b%5C,c,a': 'user/Observation.rs?code=a,b%5C,c',
  };
  for (const [text, normal] of Object.entries(forms)) {
    assert.equal(access.normalScope(text), normal);
    assert.equal(access.normalScope(normal), normal);
  }
});

test('what is not served is refused in clear words; what was sent is not repeated', () => {
  const cases: [string, RegExp][] = [
    ['system/Unknown.rs', /type that FHIR R4 does not have/],
    ['user/Observation.rs?colour=red', /parameter that FHIR R4 does not have for the type/],
    ['user/Patient.rs?category=a', /parameter that FHIR R4 does not have for the type/],
    ['user/*.rs?category=a', /parameter that FHIR R4 does not have for the type/],
    ['user/Observation.rs?category=bad', /a value, or is of a kind/],
    ['user/Observation.rs?category=', /a value, or is of a kind/],
    ['user/Observation.rs?category=a,,b', /a value, or is of a kind/],
    ['user/Observation.rs?category=b,a%5C', /a value, or is of a kind/],
    ['user/Observation.rs?category=a%00', /a value, or is of a kind/],
    ['user/Observation.rs?category=%E2%80%AEa', /a value, or is of a kind/],
    ['user/Observation.rs?category=%FF', /a value, or is of a kind/],
    ['user/Observation.rs?category=%0A', /a value, or is of a kind/],
    ['user/Observation.rs?category:not=a', /plain search parameters/],
    ['user/Observation.rs?subject.name=a', /plain search parameters/],
    ['user/Observation.rs?_has:Group:member:_id=a', /plain search parameters/],
    ['user/Observation.rs?_filter=code eq a', /plain search parameters/],
    ['user/Observation.rs?_sort=date', /plain search parameters/],
    ['user/Observation.rs?_lastUpdated=gt2020', /plain search parameters/],
    ['user/Observation.rs?_count=1', /plain search parameters/],
    ['user/Observation.rs?&', /plain search parameters/],
    ['user/Observation.rs?', /has the form/],
    [`user/Observation.rs?${'category=a&'.repeat(6)}`, /at most 5 search parameters/],
    [`user/Observation.rs?category=${[...Array(21).keys()].join()}`, /at most 5 search parameters, with at most 20/],
    [`user/Observation.rs?category=${'a'.repeat(500)}`, /at most 500 characters/],
    ['user/Observation.?category=a', /has the form/],
    ['system/Patient.sr', /has the form/],
    ['system/Patient.', /has the form/],
    ['system/Patient.rs ', /has the form/],
    ['system/Patient.rs\n', /has the form/],
    ['openid', /has the form/],
    ['safeguard/root', /has the form/],
    ['system/__proto__.r', /has the form/],
    [`system/${'A'.repeat(100_000)}.r`, /at most 500 characters/],
  ];
  for (const [text, words] of cases) {
    assert.equal(access.isScope(text), false, text.slice(0, 60));
    assert.throws(
      () => access.parseScope(text),
      (error) =>
        isFault(error) && error.kind === 'invalid' && words.test(error.message) && !error.message.includes(text),
      text.slice(0, 60),
    );
  }
  const plain = createAccess({ types, policies: 'off' });
  assert.throws(() => plain.parseScope('user/Observation.rs?category=a'), /are not served here/);
});

test('the product’s own scopes are scopes, and narrow nothing but themselves', () => {
  for (const scope of [
    'safeguard/accounts',
    'safeguard/clients',
    'safeguard/scim',
    'safeguard/launch',
    'safeguard/access',
  ]) {
    assert.equal(access.normalScope(scope), scope);
    assert.ok(access.narrows(scope, [scope]));
    assert.ok(!access.narrows(scope, ['system/*.cruds', 'user/*.cruds']));
    assert.ok(!access.narrows('system/Patient.r', [scope]));
  }
});

test('isScope and the oracle agree on every text; the normal form is stable and means the same', () => {
  fc.assert(
    fc.property(anyScope, (text) => {
      const scope = cut(text);
      assert.equal(access.isScope(text), scope !== undefined || text.startsWith('safeguard/'), text);
      if (scope === undefined) return;
      const normal = access.normalScope(text);
      assert.equal(access.normalScope(normal), normal);
      const again = cut(normal);
      assert.equal(`${again?.level} ${again?.type} ${again?.letters}`, `${scope.level} ${scope.type} ${scope.letters}`);
      assert.ok(access.narrows(text, [normal]) && access.narrows(normal, [text]));
    }),
    { numRuns: 5000, seed: 5 },
  );
});

test('narrows: a union covers, a wildcard is covered by a wildcard only, user/ covers patient/', () => {
  const { narrows } = access;
  assert.ok(narrows('system/Patient.rs', ['system/*.cruds']));
  assert.ok(narrows('system/Patient.rs', ['system/Patient.r', 'system/*.s']));
  assert.ok(narrows('system/Patient.read', ['system/Patient.rs']));
  assert.ok(
    !narrows(
      'system/*.r',
      [...types].map((type) => `system/${type}.r`),
    ),
  );
  assert.ok(!narrows('system/Patient.cr', ['system/Patient.r']));
  assert.ok(!narrows('system/Patient.r', []));
  assert.ok(!narrows('nonsense', ['system/*.cruds']));
  assert.ok(narrows('patient/Observation.r', ['user/*.r']));
  assert.ok(!narrows('user/Observation.r', ['patient/*.r', 'system/*.r']));
  assert.ok(!narrows('system/Observation.r', ['user/*.r']));
  assert.ok(!narrows('patient/Observation.r', ['system/*.r']));
  assert.ok(narrows('patient/Observation.r?category=a', ['patient/Observation.r?category=a,b']));
  assert.ok(narrows('patient/Observation.r?category=a&code=1', ['user/Observation.r?category=a']));
  assert.ok(!narrows('patient/Observation.r', ['patient/Observation.r?category=a']));
  assert.ok(!narrows('patient/Observation.r?category=a,c', ['patient/Observation.r?category=a,b']));
  assert.ok(!narrows('patient/Observation.r?category=a', ['patient/Observation.r?category=a&code=1']));
});

type Narrows = typeof access.narrows;

function holdsNarrows(judge: Narrows): void {
  fc.assert(
    fc.property(goodScope, fc.array(goodScope, { maxLength: 4 }), (asked, granted) => {
      const wants = cut(asked);
      const has = granted.flatMap((text) => cut(text) ?? []);
      assert.ok(wants);
      const covered = [...wants.letters].every((letter) =>
        has.some(
          (one) =>
            one.letters.includes(letter) &&
            (one.level === wants.level || (one.level === 'user' && wants.level === 'patient')) &&
            (one.type === '*' || one.type === wants.type) &&
            one.pairs.every(([name, any]) =>
              wants.pairs.some(([same, fewer]) => same === name && fewer.every((value) => any.includes(value))),
            ),
        ),
      );
      assert.equal(judge(asked, granted), covered);
    }),
    { numRuns: 5000, seed: 9 },
  );
}

test('narrows agrees with the oracle; negative control: one that forgets type, letters, level or restriction', () => {
  const { narrows } = access;
  holdsNarrows(narrows);
  const lettersOf = (scope: string): string => `${cut(scope)?.letters}`;
  const careless: Narrows[] = [
    (asked, granted) => [...lettersOf(asked)].every((each) => granted.some((it) => lettersOf(it).includes(each))),
    (asked, granted) => granted.some((it) => it.split('.')[0] === asked.split('.')[0]),
    (asked, granted) =>
      narrows(
        asked.replace(/\?.*/, ''),
        granted.map((it) => it.replace(/\?.*/, '')),
      ),
    (asked, granted) =>
      narrows(
        asked.replace(/^\w+/, 'user'),
        granted.map((it) => it.replace(/^\w+/, 'user')),
      ),
  ];
  for (const judge of careless) assert.throws(() => holdsNarrows(judge));
});

test('describe says it in plain words, whoever is to grant it; what is the asker’s own text is quoted', () => {
  const told: Readonly<Record<string, string>> = {
    [`patient/Observation.rs?category=${category}|vital-signs`]:
      'Read and search: lab results and other observations (category vital-signs)',
    'patient/Patient.r': 'Read: name, contact and other personal details',
    'patient/Condition.cruds': 'Read, search, add, change and delete: conditions and diagnoses',
    'user/*.read': 'Read and search: everything in the health record, of everyone whose record you may see',
    'system/Group.write': 'Add, change and delete: group records, of everyone',
    'patient/Observation.s?category=a,b&_tag=http://t|':
      'Search: lab results and other observations (tag http://t and category a or b)',
    'patient/Observation.s?code=nothing%20at%20all%29%20“x”':
      'Search: lab results and other observations (code “nothing at all) x”)',
    'safeguard/accounts': 'Manage the accounts, sessions and sign-in of your organization',
  };
  for (const [scope, words] of Object.entries(told)) assert.equal(access.describe(scope), words);
});

test('every type of R4 is called something that people can read', async () => {
  const { resourceTypes } = await import('@safeguard/fhir');
  const all = createAccess({ types: new Set(resourceTypes), policies: 'off' });
  const words = resourceTypes.map((type) => all.describe(`patient/${type}.r`));
  assert.equal(new Set(words).size, words.length);
  for (const word of words) assert.match(word, /^Read: [a-z][a-z ,-]+$/);
});
