import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@safeguard/kernel';
import fc from 'fast-check';
import * as oscal from '../../oscal/oscal.ts';
import { asJson, input } from './world.ts';

type Loose = Record<string, unknown>;

const readers: Readonly<Record<string, (document: unknown) => unknown>> = {
  catalog: oscal.readCatalog,
  'component-definition': oscal.readComponentDefinition,
  'system-security-plan': oscal.readSystemSecurityPlan,
  'assessment-results': oscal.readAssessmentResults,
  'plan-of-action-and-milestones': oscal.readPlanOfAction,
};
const document = (name: string): unknown => asJson(oscal.oscalDocument(name, input));

/** Where the reader says that it is wrong; undefined: it takes the document. */
function pointerOf(name: string, given: unknown): string | undefined {
  try {
    readers[name]?.(given);
    return undefined;
  } catch (error) {
    assert.ok(isFault(error), String(error));
    assert.equal(error.kind, 'invalid');
    assert.ok(error.issues.length > 0);
    assert.doesNotMatch(JSON.stringify([error.message, error.issues.map(({ text }) => text)]), /canary/);
    return error.issues[0]?.at;
  }
}

/** The document with another value at a pointer; undefined: without it. */
function changed(given: unknown, pointer: string, value: unknown): unknown {
  const copy = structuredClone(given);
  const keys = pointer.split('/').slice(1);
  const last = keys.pop() ?? '';
  const parent = keys.reduce((here, key) => (here as Loose)[key] as Loose, copy as Loose);
  if (value === undefined && Array.isArray(parent)) parent.splice(Number(last), 1);
  else if (value === undefined) delete parent[last];
  else parent[last] = value;
  return copy;
}

const cases: readonly (readonly [name: string, pointer: string, value: unknown, told?: string])[] = [
  ['catalog', '/catalog', undefined],
  ['catalog', '/catalog', []],
  ['catalog', '/catalog/metadata', 'canary'],
  ['catalog', '/catalog/metadata/last-modified', 'canary'],
  ['catalog', '/catalog/metadata/last-modified', '2026-02-30T12:00:00.000Z'],
  ['catalog', '/catalog/metadata/oscal-version', '9.9.9'],
  ['catalog', '/catalog/groups', 'canary'],
  ['catalog', '/catalog/groups/1/id', 'canary'],
  ['catalog', '/catalog/groups/1/controls/0/id', 'canary'],
  ['catalog', '/catalog/groups/1/controls/0/title', 7],
  ['catalog', '/catalog/groups/1/controls/0/parts', undefined],
  ['catalog', '/catalog/params/0/values/0', 'canary', '/catalog/params/0/values/0'],
  ['component-definition', '/component-definition/components/1/uuid', 'canary'],
  ['component-definition', '/component-definition/components/0/control-implementations', {}],
  ['system-security-plan', '/system-security-plan/control-implementation/implemented-requirements/0/statements', 3],
  ['system-security-plan', '/system-security-plan/system-implementation/users/0/role-ids', undefined],
  ['assessment-results', '/assessment-results/results', undefined],
  ['assessment-results', '/assessment-results/results/0/observations/3/collected', 'yesterday'],
  ['assessment-results', '/assessment-results/results/0/observations/3/subjects', undefined],
  ['assessment-results', '/assessment-results/results/0/findings/0/target/target-id', 'canary'],
  ['plan-of-action-and-milestones', '/plan-of-action-and-milestones/findings/0/title', null],
];

test('what is malformed is told with the place, in words that quote nothing', () => {
  for (const [name, pointer, value] of cases) {
    const found = pointerOf(name, changed(document(name), pointer, value));
    assert.ok(found?.startsWith(pointer.split('/').slice(0, -1).join('/')), `${pointer}: ${found}`);
  }
});

test('what is no document at all is told as such', () => {
  for (const name of Object.keys(readers)) {
    for (const given of [undefined, null, 7, 'canary', [], {}, { [name]: null }, { other: {} }]) {
      assert.notEqual(pointerOf(name, given), undefined, `${name}: ${JSON.stringify(given)}`);
    }
    assert.notEqual(pointerOf(name, JSON.parse(`{"__proto__": {"${name}": {}}}`)), undefined);
  }
});

test('nothing is dropped in silence: what somebody added or changed anywhere is found, at its place', () => {
  const changes: readonly (readonly [string, string, unknown])[] = [
    ['catalog', '/catalog/compliant', true],
    ['catalog', '/catalog/uuid', '00000000-0000-5000-8000-000000000000'],
    ['catalog', '/catalog/groups/0/remarks', 'canary'],
    ['catalog', '/catalog/metadata/title', 'Certified'],
    ['assessment-results', '/assessment-results/results/0/findings/0/target/status/state', 'satisfied'],
    ['assessment-results', '/assessment-results/results/0/observations/0/methods/0', 'INTERVIEW'],
    ['plan-of-action-and-milestones', '/plan-of-action-and-milestones/risks/0/status', 'closed'],
  ];
  for (const [name, pointer, value] of changes) {
    const original = document(name);
    assert.equal(pointerOf(name, original), undefined);
    assert.equal(pointerOf(name, changed(original, pointer, value)), pointer);
  }
});

test('a state that was changed in a document is found even where all else agrees with it', () => {
  const plan = document('system-security-plan') as Loose;
  const text = JSON.stringify(plan).replaceAll('"value":"unmet"', '"value":"met"');
  assert.notEqual(pointerOf('system-security-plan', JSON.parse(text)), undefined);
});

test('groups in groups in groups are no reason to fail otherwise than with a Fault', () => {
  let deep: unknown = [];
  for (let n = 0; n < 5_000; n += 1) deep = [{ id: 'cfr-164.312-b', controls: deep }];
  const found = pointerOf('catalog', changed(document('catalog'), '/catalog/groups/0/controls', deep));
  assert.notEqual(found, undefined);
});

const places = (value: unknown, pointer = ''): string[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([key, inner]) => [`${pointer}/${key}`, ...places(inner, `${pointer}/${key}`)]);

test('whatever is put wherever, the reader takes the document as it is or tells a place', () => {
  for (const name of Object.keys(readers)) {
    const small = document(name);
    const all = places(small);
    const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constant(undefined), fc.constant('canary'));
    fc.assert(
      fc.property(fc.nat({ max: all.length - 1 }), value, (n, put) => {
        const spoiled = changed(small, all[n] ?? '', put);
        const isSame = JSON.stringify(spoiled) === JSON.stringify(small);
        assert.equal(pointerOf(name, spoiled) === undefined, isSame, all[n]);
      }),
      { numRuns: 30 },
    );
  }
});
