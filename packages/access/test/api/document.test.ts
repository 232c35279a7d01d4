import assert from 'node:assert/strict';
import { test } from 'node:test';
import { documentOf, named, type Operation, onlyDescribed } from '@safeguard/http';
import { accessOperations } from '../../api/api.ts';
import { productScopes, roleActions, selfActions } from '../../index.ts';

const operations: readonly Operation[] = onlyDescribed(accessOperations);
const document = JSON.parse(JSON.stringify(documentOf(operations, 'https://localhost:8443')));

test('every operation is guarded by an action of the table on its type, and says the scope of it', () => {
  for (const { action, type, scope, self, path } of operations) {
    if (self === true) assert.ok(selfActions.has(action), path);
    else assert.deepEqual([roleActions.get(action)?.types[0], roleActions.get(action)?.scope], [type, scope], path);
    assert.ok(scope === undefined || productScopes.has(scope));
  }
});

test('names are unique, summaries and paths are in order, refusals are problems', () => {
  const all: { operationId: string; summary: string; responses: Record<string, { content?: object }> }[] =
    Object.values(document.paths).flatMap((methods) => Object.values(methods as object));
  assert.equal(all.length, operations.length);
  assert.equal(new Set(all.map(({ operationId }) => operationId)).size, all.length);
  for (const { operationId, summary, responses } of all) {
    assert.match(operationId, /^[a-z]+(-[a-z]+)*$/);
    assert.ok(summary.length > 10 && !summary.endsWith('.'), operationId);
    for (const [status, { content = {} }] of Object.entries(responses))
      if (Number(status) >= 400) assert.deepEqual(Object.keys(content), ['application/problem+json'], operationId);
  }
  for (const { path } of operations) assert.match(path, /^\/access\/[a-z-]+(\/|$)/);
});

test('what is sent is described with an example that is as described', () => {
  const bodies = operations.flatMap(({ body }) => (body === undefined ? [] : [body]));
  const examples = bodies.flatMap((body) => {
    const { examples: given = [] } = (body.meta() ?? {}) as { examples?: unknown[] };
    return given.map((example) => [body, example] as const);
  });
  assert.ok(examples.length >= 8);
  for (const [body, example] of examples) assert.equal(body.safeParse(example).success, true, JSON.stringify(example));
  for (const body of bodies) {
    assert.ok(named.has(body));
    assert.equal(body.safeParse({ surely: 'not there' }).success, false);
  }
});
