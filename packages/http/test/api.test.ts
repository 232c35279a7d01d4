import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fault } from '@safeguard/kernel';
import { z } from 'zod';
import {
  component,
  documentOf,
  documentRoute,
  type Guard,
  type Operation,
  onlyDescribed,
  operation,
  routeOf,
} from '../index.ts';
import { ask, type Served, serve } from './serve.ts';

const thing = component('TestThing', z.strictObject({ count: z.int().min(1).describe('How many.') }));
const clock = { now: () => Date.parse('2026-11-22T12:00:00Z') };
const id = '0f2d3c4b-5a69-4788-9796-a5b4c3d2e1f0';

const operations: Operation[] = [
  operation({
    method: 'PUT',
    path: '/things/:number',
    params: { number: { type: 'Thing', form: 'number' } },
    action: 'thing-change',
    type: 'Thing',
    scope: 'safeguard/things',
    summary: 'Changes a thing',
    body: thing,
    status: 200,
    answer: thing,
    handle({ body }) {
      if (body.count === 99)
        throw fault('conflict', 'No.', { issues: [{ severity: 'error', code: 'x', text: 'y', at: 'count' }] });
      return { status: 200, body };
    },
  }),
  operation({
    method: 'GET',
    path: '/things/:id/print',
    params: { id: 'Thing' },
    action: 'thing-print',
    type: 'Thing',
    summary: 'Prints a thing',
    query: z.strictObject({ format: z.enum(['json', 'pdf']).default('json') }),
    status: 200,
    answer: thing,
    files: ['application/pdf'],
    handle: ({ query }) =>
      query.format === 'pdf'
        ? { status: 200, file: { type: 'application/pdf', body: Buffer.from('%PDF') }, patients: [id] }
        : { status: 200, body: { count: 1 } },
  }),
];
const asked: (readonly [string, string | undefined])[] = [];
const guard: Guard = (_principal, action, target) => {
  asked.push([action, target.id]);
  if (action === 'thing-print' && target.id === undefined) throw fault('forbidden', 'Access denied.');
};

let served: Served;
before(async () => {
  const routes = operations.map((one) => routeOf({ guard, clock }, one));
  served = await serve([documentRoute(operations), ...routes]);
});
after(() => served.http.close());

const put = (path: string, body: object) =>
  ask(served.port, `PUT /api/v1${path}`, { 'Content-Type': 'application/json' }, JSON.stringify(body));

test('a number in a path names what it names; what is none names nothing, and the guard was asked first', async () => {
  assert.equal((await put('/things/12', { count: 2 })).status, 200);
  assert.deepEqual(served.events.at(-1)?.targets, [{ type: 'Thing', id: '12' }]);
  for (const bad of ['012', '-1', '1.0', '1e3', '9999999999', 'x', id]) {
    const before = asked.length;
    assert.equal((await put(`/things/${bad}`, { count: 2 })).status, 404, bad);
    assert.deepEqual(asked.slice(before), [['thing-change', undefined]], bad);
  }
});

test('what is not as described is a problem that points at it; a field of a fault becomes a pointer', async () => {
  const reply = await put('/things/1', { count: 0, other: 1 });
  assert.equal(reply.status, 400);
  const told = JSON.parse(reply.body);
  assert.deepEqual(told.errors.map(({ at }: { at: string }) => at).sort(), ['/count', '/other']);
  const conflict = await put('/things/1', { count: 99 });
  assert.equal(conflict.status, 409);
  assert.equal(JSON.parse(conflict.body).errors[0].at, '/count');
});

test('an answer may be of another type; in whose record it was stands in the ledger', async () => {
  const pdf = await ask(served.port, `GET /api/v1/things/${id}/print?format=pdf`);
  assert.equal(pdf.headers['content-type'], 'application/pdf');
  assert.equal(pdf.body, '%PDF');
  assert.deepEqual(served.events.at(-1)?.patients, [id]);
  assert.equal(JSON.parse((await ask(served.port, `GET /api/v1/things/${id}/print`)).body).count, 1);
});

test('the document says it all, at the server that was asked', async () => {
  const document = JSON.parse(await (await fetch(`${served.url}/api/v1/openapi.json`)).text());
  const { put: one } = document.paths['/api/v1/things/{number}'];
  assert.deepEqual(one.parameters[0].schema, { type: 'integer', minimum: 0, maximum: 999_999_999 });
  assert.deepEqual(one.security, [{ session: [] }, { oauth: ['safeguard/things'] }]);
  const { get } = document.paths['/api/v1/things/{id}/print'];
  assert.deepEqual(get.security, [{ session: [] }]);
  assert.deepEqual(Object.keys(get.responses['200'].content), ['application/json', 'application/pdf']);
  assert.equal(document.components.schemas.TestThing.properties.count.description, 'How many.');
  assert.equal(document.servers[0].url, served.url);
  const again = onlyDescribed((deps: { things: { all: Operation[] } }) => (deps.things.all ? operations : []));
  assert.deepEqual(JSON.parse(JSON.stringify(documentOf(again, served.url))), document);
});
