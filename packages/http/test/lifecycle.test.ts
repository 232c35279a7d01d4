import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fault, isUuid } from '@safeguard/kernel';
import type { Route } from '../index.ts';
import { ask, fhir, type Served, serve } from './serve.ts';

const routes: readonly Route[] = [
  {
    ...fhir,
    method: 'GET',
    path: '/fhir/R4/:type/:id',
    action: 'read',
    handle: ({ params, query }) => ({
      status: 200,
      headers: { ETag: 'W/"1"' },
      body: JSON.stringify({ params, query: [...query] }),
      targets: [{ type: 'Patient', id: params['id'] ?? '' }],
    }),
  },
  {
    ...fhir,
    method: 'POST',
    path: '/fhir/R4/:kind',
    action: 'create',
    accepts: ['application/fhir+json', 'application/json'],
    handle: ({ body }) => ({ status: 201, body }),
  },
  { ...fhir, method: 'DELETE', path: '/fhir/R4/:type/:id', action: 'delete', handle: () => ({ status: 204 }) },
  {
    ...fhir,
    method: 'GET',
    path: '/fhir/R4/forbidden',
    action: 'read',
    handle: ({ about }) => {
      about?.([{ type: 'Patient', id: 'p1' }]);
      throw fault('forbidden', 'Not yours');
    },
  },
  {
    method: 'POST',
    path: '/oauth2/token',
    action: 'token',
    auth: 'none',
    errors: 'oauth',
    accepts: ['application/x-www-form-urlencoded'],
    handle: () => {
      throw fault('invalid', 'Not this', {
        issues: [{ severity: 'error', code: 'invalid_scope', text: 'No such "scope"' }],
      });
    },
  },
  {
    ...fhir,
    errors: 'problem',
    method: 'GET',
    path: '/api/v1/busy',
    action: 'busy',
    handle: () => Promise.reject(fault('tooMany', 'Later')),
  },
];

describe('the life of a request', () => {
  let served: Served;
  before(async () => {
    served = await serve(routes);
  });
  after(() => served.http.close());
  const last = () => served.events.at(-1);

  test('a permitted request is answered and recorded once', async () => {
    const count = served.events.length;
    const reply = await ask(served.port, 'GET /fhir/R4/Patient/p1?a=1&a=2');
    assert.equal(reply.status, 200);
    assert.deepEqual(JSON.parse(reply.body), {
      params: { type: 'Patient', id: 'p1' },
      query: [
        ['a', '1'],
        ['a', '2'],
      ],
    });
    assert.equal(reply.headers['content-type'], 'application/fhir+json; charset=utf-8');
    assert.equal(reply.headers['etag'], 'W/"1"');
    assert.equal(served.events.length, count + 1);
    const { at, id, ...event } = last() ?? {};
    assert.ok(isUuid(String(id)) && Math.abs(Date.now() - Number(at)) < 5000);
    assert.equal(id, reply.headers['x-request-id']);
    assert.deepEqual(event, {
      kind: 'request',
      tenant: 7,
      actor: 'client-7',
      view: 'full',
      action: 'read',
      outcome: 'permit',
      status: 200,
      from: '127.0.0.1',
      targets: [{ type: 'Patient', id: 'p1' }],
    });
  });

  test('security headers stand on every answer, and no Server header', async () => {
    for (const line of ['GET /fhir/R4/Patient/1', 'GET /nowhere', 'DELETE /fhir/R4/Patient/1', 'GET /healthz']) {
      const { headers } = await ask(served.port, line);
      assert.equal(headers['cache-control'], 'no-store');
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['referrer-policy'], 'no-referrer');
      assert.match(headers['content-security-policy'] ?? '', /^default-src 'none'/);
      assert.equal(headers['x-frame-options'], 'DENY');
      assert.ok(headers['permissions-policy']);
      assert.ok(isUuid(headers['x-request-id'] ?? ''));
      for (const absent of ['server', 'x-powered-by', 'access-control-allow-origin', 'strict-transport-security'])
        assert.equal(headers[absent], undefined);
    }
  });

  test('the id is ours, never the caller’s; a correlation id comes back where it is a UUID', async () => {
    const own = '0b9e0c7e-6f0e-4f6e-9f3d-5a9c33a0b001';
    const sent = { 'X-Request-Id': own, 'X-Correlation-Id': own };
    const { headers } = await ask(served.port, 'GET /fhir/R4/Patient/1', sent);
    assert.ok(isUuid(headers['x-request-id'] ?? '') && headers['x-request-id'] !== own);
    assert.equal(headers['x-correlation-id'], own);
    assert.notEqual(last()?.id, own);
    const refused = await ask(served.port, 'GET /fhir/R4/Patient/1', { 'X-Correlation-Id': 'Jane Doe' });
    assert.doesNotMatch(refused.raw, /Jane/);
  });

  test('without a token: 401 with a challenge, tenant 0, denied', async () => {
    const reply = await ask(served.port, 'GET /fhir/R4/Patient/1', { Authorization: 'Bearer bad' });
    assert.equal(reply.status, 401);
    assert.match(reply.headers['www-authenticate'] ?? '', /^Bearer .*invalid_token/);
    assert.equal(JSON.parse(reply.body).issue[0].code, 'login');
    assert.deepEqual([last()?.tenant, last()?.outcome, last()?.action], [0, 'deny', 'read']);
  });

  test('a refusal names what it was about', async () => {
    const reply = await ask(served.port, 'GET /fhir/R4/forbidden');
    assert.equal(reply.status, 403);
    assert.deepEqual([last()?.tenant, last()?.outcome, last()?.reason], [7, 'deny', 'forbidden']);
    assert.deepEqual(last()?.targets, [{ type: 'Patient', id: 'p1' }]);
  });

  test('HEAD is GET without the body', async () => {
    const get = await ask(served.port, 'GET /fhir/R4/Patient/1');
    const head = await ask(served.port, 'HEAD /fhir/R4/Patient/1');
    assert.equal(head.status, 200);
    assert.equal(head.body, '');
    assert.equal(head.headers['content-length'], get.headers['content-length']);
    assert.equal(last()?.action, 'read');
  });

  test('204 has neither body nor length', async () => {
    const reply = await ask(served.port, 'DELETE /fhir/R4/Patient/1');
    assert.deepEqual([reply.status, reply.body, reply.headers['content-length']], [204, '', undefined]);
  });

  for (const [line, allow] of [
    ['PUT /fhir/R4/Patient/1', 'GET, HEAD, DELETE'],
    ['OPTIONS /fhir/R4/Patient/1', 'GET, HEAD, DELETE'],
    ['GET /oauth2/token', 'POST'],
    ['PROPFIND /fhir/R4/Patient/1', 'DELETE, GET, HEAD, POST'],
  ] as const)
    test(`${line}: 405 with Allow`, async () => {
      const count = served.events.length;
      const reply = await ask(served.port, line);
      assert.equal(reply.status, 405);
      assert.equal(reply.headers['allow'], allow);
      assert.deepEqual([served.events.length, last()?.tenant, last()?.outcome], [count + 1, 0, 'fail']);
    });

  test('an unknown address: 404 in the words of its neighbours, recorded under tenant 0', async () => {
    const under = await ask(served.port, 'GET /fhir/R4/a/b/c/d');
    assert.deepEqual([under.status, JSON.parse(under.body).resourceType], [404, 'OperationOutcome']);
    const beside = await ask(served.port, 'POST /else', { 'Content-Type': 'application/json' }, '{}');
    assert.deepEqual([beside.status, beside.headers['content-type']], [404, 'application/problem+json']);
    assert.deepEqual([last()?.tenant, last()?.action, last()?.actor], [0, 'none', 'anonymous']);
  });

  test('a path that is no UTF-8: 400, recorded', async () => {
    const count = served.events.length;
    const reply = await ask(served.port, 'GET /fhir/R4/Patient/%ff%');
    assert.deepEqual([reply.status, served.events.length], [400, count + 1]);
    assert.equal(JSON.parse(reply.body).resourceType, 'OperationOutcome');
  });

  test('nothing of the router’s own ever answers: long parameters, versions, whole URLs, odd slashes', async () => {
    for (const [line, headers, status] of [
      [`GET /fhir/R4/Patient/${'x'.repeat(300)}`, {}, 404],
      ['GET /fhir/R4/Patient/1', { 'Accept-Version': '9.9.9' }, 200],
      ['GET http://other.example/fhir/R4/Patient/1', {}, 200],
      ['GET //fhir//R4/Patient/1', {}, 404],
      ['GET /fhir/R4/Patient/1/', {}, 200],
      ['GET *', {}, 404],
      ['OPTIONS *', {}, 404],
      ['GET /fhir/R4/Patient/..%2f..%2fhealthz', {}, 200],
    ] as const) {
      const count = served.events.length;
      const reply = await ask(served.port, line, headers as never);
      assert.deepEqual([line, reply.status, served.events.length], [line, status, count + 1]);
      assert.ok(isUuid(reply.headers['x-request-id'] ?? ''), line);
    }
  });

  test('a target that is too long: 414, recorded', async () => {
    const count = served.events.length;
    const reply = await ask(served.port, `GET /fhir/R4/Patient/1?a=${'x'.repeat(2000)}`);
    assert.deepEqual([reply.status, served.events.length], [414, count + 1]);
  });

  test('a body of a wrong type, charset or coding: 415', async () => {
    const wrong = [
      { 'Content-Type': 'text/plain' },
      { 'Content-Type': 'application/json; charset=latin1' },
      { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' },
      { 'Content-Type': ';;;' },
      { 'X-Nothing': '1' },
    ];
    for (const headers of wrong)
      assert.equal((await ask(served.port, 'POST /fhir/R4/Patient', headers as never, '{}')).status, 415);
    const right = { 'Content-Type': 'Application/FHIR+JSON;charset="UTF-8"' };
    assert.equal((await ask(served.port, 'POST /fhir/R4/Patient', right, '{}')).body, '{}');
  });

  test('who is not known is told 401 before the type or the size of the body counts', async () => {
    const headers = { Authorization: 'none', 'Content-Type': 'text/plain', 'Content-Length': '999999' };
    assert.equal((await ask(served.port, 'POST /fhir/R4/Patient', headers)).status, 401);
  });

  test('an OAuth error carries the code that the handler chose', async () => {
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const reply = await ask(served.port, 'POST /oauth2/token', form, 'a=b');
    assert.equal(reply.status, 400);
    assert.deepEqual(JSON.parse(reply.body), { error: 'invalid_scope', error_description: 'No such ?scope?' });
  });

  test('429 says when to come back', async () => {
    const reply = await ask(served.port, 'GET /api/v1/busy');
    assert.deepEqual([reply.status, reply.headers['retry-after']], [429, '2']);
    assert.equal(JSON.parse(reply.body).title, 'Too Many Requests');
  });

  test('probes: live, ready, and nothing in the ledger', async () => {
    const count = served.events.length;
    assert.equal((await ask(served.port, 'GET /healthz')).status, 200);
    assert.equal((await ask(served.port, 'GET /readyz')).status, 200);
    const metrics = await ask(served.port, 'GET /metrics');
    assert.match(
      metrics.body,
      /http_request_duration_seconds_count\{route="\/fhir\/R4\/:type\/:id",method="GET",status="200"\}/,
    );
    assert.doesNotMatch(metrics.body, /p1/);
    await sleep(20);
    assert.equal(served.events.length, count);
  });
});

test('readiness: 503 when a part fails, and its words stay inside', async () => {
  const failing = await serve([], { health: { ready: () => Promise.reject(new Error('Jane Doe')) } });
  const reply = await ask(failing.port, 'GET /readyz');
  assert.deepEqual([reply.status, reply.headers['retry-after']], [503, '2']);
  assert.doesNotMatch(reply.raw, /Jane/);
  await failing.http.close();
});

test('metrics: a token where one is set; never a proxied caller without; a refusal is recorded', async () => {
  const open = await serve([]);
  assert.equal((await ask(open.port, 'GET /metrics', { 'X-Forwarded-For': '127.0.0.1' })).status, 403);
  assert.equal(open.events.at(-1)?.outcome, 'deny');
  await open.http.close();
  const closed = await serve([], { metrics: { token: 't'.repeat(32) } });
  assert.equal((await ask(closed.port, 'GET /metrics')).status, 403);
  assert.equal((await ask(closed.port, 'GET /metrics', { Authorization: `Bearer ${'t'.repeat(32)}` })).status, 200);
  await closed.http.close();
});
