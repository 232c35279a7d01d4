/** Holds docs/api/openapi.json to the operations that are served. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiDocument, described } from './document.ts';
import { read } from './tree.ts';

const text = apiDocument();
const document = JSON.parse(text);

test('the committed document is the one that the code describes', () => {
  assert.deepEqual(JSON.parse(read('docs/api/openapi.json')), document, 'write it anew: npm run docs');
});

test('over all packages: names are unique, references lead to components, scopes are described', () => {
  const all = Object.values(document.paths).flatMap((methods) => Object.values(methods as object));
  assert.equal(all.length, described().length, 'no two packages serve the same');
  assert.equal(new Set(all.map(({ operationId }) => operationId)).size, all.length);
  for (const [, name = ''] of text.matchAll(/"\$ref": "#\/components\/schemas\/(\w+)"/g)) {
    assert.ok(name in document.components.schemas, name);
  }
  const { scopes } = document.components.securitySchemes.oauth.flows.clientCredentials;
  for (const { operationId, security } of all) {
    for (const { oauth = [] } of security)
      assert.ok(
        oauth.every((scope: string) => scope in scopes),
        operationId,
      );
  }
});

test('no body takes a field that is not described', () => {
  for (const { method, path, body } of described()) {
    if (body !== undefined) assert.equal(body.safeParse({ 'not-a-field': 1 }).success, false, `${method} ${path}`);
  }
});
