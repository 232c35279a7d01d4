import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createContext } from '../context.ts';
import { constraintPaths, constraintsAt } from '../definitions.ts';
import { validate } from '../index.ts';
import { elsewhere } from '../invariants/fast.ts';
import { byPath } from '../invariants/index.ts';
import { checkResource } from '../resource.ts';

type Any = Record<string, unknown>;

const coded = (code: string): Any => ({ coding: [{ system: 'http://a.org', code }] });
const composition = (): Any => ({
  resourceType: 'Composition',
  status: 'final',
  type: coded('x'),
  date: '2020',
  author: [{ display: 'x' }],
  title: 'x',
});

/** Resources with one breach each of what the structural checks state by hand. */
const entry = (more: Any): Any => ({ resourceType: 'Bundle', type: 'collection', entry: [more] });
const basic: Any = { resourceType: 'Basic', id: 'b', code: coded('x') };
const byHand: [key: string, resource: Any, focus?: (resource: Any) => unknown][] = [
  [
    'dom-2',
    { ...basic, subject: { reference: '#c' }, contained: [{ ...basic, id: 'c', contained: [{ ...basic, id: 'd' }] }] },
  ],
  ['dom-4', { ...basic, subject: { reference: '#c' }, contained: [{ ...basic, id: 'c', meta: { versionId: '1' } }] }],
  [
    'dom-5',
    { ...basic, subject: { reference: '#c' }, contained: [{ ...basic, id: 'c', meta: { security: [{ code: 'x' }] } }] },
  ],
  ['bdl-1', { resourceType: 'Bundle', type: 'collection', total: 1 }],
  ['bdl-2', entry({ resource: basic, search: { mode: 'match' } })],
  ['bdl-3', entry({ resource: basic, request: { method: 'POST', url: 'Basic' } })],
  ['bdl-4', entry({ resource: basic, response: { status: '200' } })],
  [
    'bdl-7',
    {
      resourceType: 'Bundle',
      type: 'collection',
      entry: [1, 2].map(() => ({ fullUrl: 'http://a.org/1', resource: basic })),
    },
  ],
  [
    'bdl-9',
    {
      resourceType: 'Bundle',
      type: 'document',
      timestamp: '2020-01-01T00:00:00Z',
      entry: [{ resource: composition() }],
    },
  ],
  [
    'bdl-10',
    {
      resourceType: 'Bundle',
      type: 'document',
      identifier: { system: 'a', value: 'b' },
      entry: [{ resource: composition() }],
    },
  ],
  [
    'bdl-11',
    {
      ...entry({ resource: basic }),
      type: 'document',
      timestamp: '2020-01-01T00:00:00Z',
      identifier: { system: 'a', value: 'b' },
    },
  ],
  ['bdl-12', { ...entry({ resource: basic }), type: 'message' }],
  [
    'bdl-8',
    entry({ fullUrl: 'http://a.org/Basic/1/_history/1', resource: basic }),
    (one) => (one['entry'] as Any[])[0],
  ],
  ['bdl-5', entry({ fullUrl: 'http://a.org/Basic/1' }), (one) => (one['entry'] as Any[])[0]],
  [
    'ext-1',
    { ...basic, extension: [{ url: 'http://a.org', valueString: 'x', extension: [{ url: 'b', valueString: 'x' }] }] },
    (one) => (one['extension'] as Any[])[0],
  ],
  [
    'per-1',
    { ...basic, identifier: [{ period: { start: '2021-01-01', end: '2020-01-01' } }] },
    (one) => (one['identifier'] as Any[])[0]?.['period'],
  ],
  ['ref-1', { ...basic, subject: { reference: '#no' } }, (one) => one['subject']],
];

test('what the structural checks state by hand, FHIRPath finds too', () => {
  const all = constraintPaths().flatMap((path) => constraintsAt(path).filter((one) => one.path === path));
  for (const [key, resource, focus] of byHand) {
    const constraint = all.find((one) => one.key === key);
    assert.ok(constraint && elsewhere.has(key), key);
    const context = createContext('', {}, checkResource);
    context.resource = resource;
    context.root = resource;
    const at = focus?.(resource) ?? resource;
    assert.equal(
      byPath(constraint, focus ? constraint.path : String(resource['resourceType']))(at, context),
      false,
      key,
    );
    assert.ok(
      validate(resource).some(({ text }) => text.includes(`(${key})`)),
      `${key}: ${JSON.stringify(validate(resource))}`,
    );
  }
  const tried = new Set(byHand.map(([key]) => key));
  assert.deepEqual(
    [...elsewhere].filter((key) => !tried.has(key)),
    ['ele-1', 'txt-1', 'txt-2'],
    'those have tests of their own: planted.test.ts, narrative.test.ts',
  );
});
