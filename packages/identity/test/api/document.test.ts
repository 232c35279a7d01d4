import assert from 'node:assert/strict';
import { test } from 'node:test';
import { documentOf, onlyDescribed, routeOf } from '@safeguard/http';
import { identityOperations } from '../../api/api.ts';
import { launchDescription } from '../../api/launch-description.ts';
import { launchRoute } from '../../oauth/smart/launch-route.ts';

interface Described {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: { readonly name: string; readonly in: string }[];
  readonly requestBody?: {
    readonly content: Record<string, { schema: { $ref?: string; additionalProperties?: boolean } }>;
  };
  readonly responses: Record<string, { readonly content?: Record<string, { schema: { $ref?: string } }> }>;
}

const operations = [...onlyDescribed(identityOperations), launchDescription];
const text = JSON.stringify(documentOf(operations, 'https://localhost:8443'));
const document = JSON.parse(text);
const described: [string, string, Described][] = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods as Record<string, Described>).map(([method, one]): [string, string, Described] => [
    method,
    path,
    one,
  ]),
);

test('every route is described, under its own name, and nothing else is', () => {
  const routes = [
    ...onlyDescribed(identityOperations).map((one) => routeOf({} as never, one)),
    launchRoute({} as never),
  ];
  const routed = routes.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`).sort();
  assert.deepEqual(described.map(([method, path]) => `${method.toUpperCase()} ${path}`).sort(), routed);
  assert.equal(new Set(described.map(([, , { operationId }]) => operationId)).size, described.length);
});

test('parameters of paths are described, references lead to components, refusals are problems', () => {
  for (const [method, path, one] of described) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const given = (one.parameters ?? []).filter((each) => each.in === 'path').map(({ name }) => name);
    assert.deepEqual(given, named, `${method} ${path}`);
    for (const [status, { content = {} }] of Object.entries(one.responses)) {
      if (Number(status) >= 400)
        assert.equal(content['application/problem+json']?.schema.$ref, '#/components/schemas/Problem');
    }
  }
  const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name ?? '');
  for (const name of references) assert.ok(name in document.components.schemas, name);
});

test('no body takes a field that is not described', () => {
  for (const [name, schema] of Object.entries<{ type?: string; additionalProperties?: unknown }>(
    document.components.schemas,
  )) {
    if (schema.type === 'object' && name !== 'Problem') assert.equal(schema.additionalProperties, false, name);
  }
});
