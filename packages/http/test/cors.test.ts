import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fault } from '@safeguard/kernel';
import type { HttpPorts, Route } from '../index.ts';
import { ask, fhir, type Served, serve } from './serve.ts';

const app = 'https://app.example';
const ok: Route['handle'] = () => ({ status: 200, headers: { ETag: 'W/"1"', Vary: 'Accept' }, body: '{}' });
const json = { accepts: ['application/fhir+json'] } as const;
const routes: Route[] = [
  { method: 'GET', path: '/fhir/R4/Patient/:id', action: 'read', ...fhir, handle: ok },
  { method: 'PUT', path: '/fhir/R4/Patient/:id', action: 'update', ...fhir, ...json, handle: ok },
  {
    method: 'GET',
    path: '/fhir/R4/metadata',
    action: 'capabilities',
    ...fhir,
    auth: 'none',
    handle: () => ({ status: 200, headers: { 'access-control-allow-origin': '*' }, body: '{}' }),
  },
  { method: 'POST', path: '/oauth2/token', action: 'token', auth: 'none', errors: 'oauth', ...json, handle: ok },
  { method: 'GET', path: '/api/v1/me', action: 'self-read', auth: 'either', errors: 'problem', handle: ok },
  { method: 'GET', path: '/account', action: 'self-read', auth: 'session', errors: 'page', handle: ok },
  { method: 'GET', path: '/both', action: 'read', ...fhir, auth: 'either', handle: ok },
];
const ports: Partial<HttpPorts> = {
  origins: async (origin) => origin === app,
  signedIn: () => undefined,
};
const asks = (origin: string, method = 'GET') => ({
  Origin: origin,
  'Access-Control-Request-Method': method,
  'Access-Control-Request-Headers': 'authorization',
});

let served: Served;
before(async () => {
  served = await serve(routes, { ports });
});
after(() => served.http.close());

test('the page of an approved app reads what its token opens, and what it was refused', async () => {
  const read = await ask(served.port, 'GET /fhir/R4/Patient/1', { Origin: app });
  assert.equal(read.status, 200);
  assert.equal(read.headers['access-control-allow-origin'], app);
  assert.match(read.headers['access-control-expose-headers'] ?? '', /ETag/);
  assert.equal(read.headers['vary'], 'Accept, Origin');
  assert.equal(read.headers['access-control-allow-credentials'], undefined);
  const refused = await ask(served.port, 'GET /fhir/R4/Patient/1', { Origin: app, Authorization: 'Bearer bad' });
  assert.deepEqual([refused.status, refused.headers['access-control-allow-origin']], [401, app]);
  const open = await ask(served.port, 'GET /fhir/R4/metadata', { Origin: app });
  assert.equal(open.headers['access-control-allow-origin'], '*', 'what the handler says stands');
});

test('a browser that asks first is told the methods of the address, and leaves no event', async () => {
  const events = served.events.length;
  const { status, headers, body } = await ask(served.port, 'OPTIONS /fhir/R4/Patient/1', asks(app, 'PUT'));
  assert.deepEqual([status, body], [204, '']);
  assert.equal(headers['access-control-allow-origin'], app);
  assert.equal(headers['access-control-allow-methods'], 'GET, HEAD, PUT');
  assert.match(headers['access-control-allow-headers'] ?? '', /Authorization/);
  assert.equal(headers['access-control-allow-credentials'], undefined);
  assert.equal((await ask(served.port, 'OPTIONS /oauth2/token', asks(app, 'POST'))).status, 204);
  assert.equal(served.events.length, events);
});

test('no other origin is let in, and its question is recorded as refused', async () => {
  for (const origin of [
    'https://evil.example',
    'null',
    `${app}.evil.example`,
    `${app}/`,
    'file://',
    '*',
    `${app}:444`,
  ]) {
    const read = await ask(served.port, 'GET /fhir/R4/Patient/1', { Origin: origin });
    assert.deepEqual([read.status, read.headers['access-control-allow-origin']], [200, undefined], origin);
    const first = await ask(served.port, 'OPTIONS /fhir/R4/Patient/1', asks(origin));
    assert.deepEqual([first.status, first.headers['access-control-allow-origin']], [403, undefined], origin);
    assert.equal(served.events.at(-1)?.outcome, 'deny');
  }
});

test('where a cookie may speak no origin is let in, approved or not', async () => {
  for (const path of ['/account', '/api/v1/me', '/both']) {
    const first = await ask(served.port, `OPTIONS ${path}`, asks(app));
    assert.equal(first.headers['access-control-allow-credentials'], undefined, path);
    if (path !== '/both') assert.equal(first.headers['access-control-allow-origin'], undefined, path);
    const read = await ask(served.port, `GET ${path}`, { Origin: app });
    assert.equal(read.headers['access-control-allow-origin'], undefined, path);
  }
  const token = await ask(served.port, 'POST /oauth2/token', { Origin: app });
  assert.equal(token.headers['access-control-allow-origin'], undefined, 'there the authorization server decides');
});

test('OPTIONS that is no such question stays refused, with the methods there are', async () => {
  const bare = await ask(served.port, 'OPTIONS /fhir/R4/Patient/1');
  assert.deepEqual([bare.status, bare.headers['allow']], [405, 'GET, HEAD, PUT']);
  assert.equal((await ask(served.port, 'OPTIONS /fhir/R4/Patient/1', { Origin: app })).status, 405);
  assert.equal((await ask(served.port, 'OPTIONS /nowhere', asks(app))).status, 404);
});

test('without the port nobody is let in; when it does not answer nothing is served', async () => {
  const closed = await serve(routes);
  const failing = await serve(routes, {
    ports: {
      origins: () => {
        throw fault('unavailable', 'The database did not answer');
      },
    },
  });
  try {
    const first = await ask(closed.port, 'OPTIONS /fhir/R4/Patient/1', asks(app));
    assert.deepEqual([first.status, first.headers['access-control-allow-origin']], [405, undefined]);
    const read = await ask(failing.port, 'GET /fhir/R4/Patient/1', { Origin: app });
    assert.deepEqual([read.status, read.headers['access-control-allow-origin']], [503, undefined]);
    assert.equal((await ask(failing.port, 'GET /fhir/R4/Patient/1')).status, 200, 'who has no origin does not wait');
  } finally {
    await Promise.all([closed.http.close(), failing.http.close()]);
  }
});

test('control: a server that lets every origin in would be caught by these tests', async () => {
  const broken = await serve(routes, { ports: { ...ports, origins: () => true } });
  try {
    const read = await ask(broken.port, 'GET /fhir/R4/Patient/1', { Origin: 'https://evil.example' });
    assert.equal(read.headers['access-control-allow-origin'], 'https://evil.example');
    const cookie = await ask(broken.port, 'GET /account', { Origin: 'https://evil.example' });
    assert.equal(cookie.headers['access-control-allow-origin'], undefined, 'not even then where a cookie speaks');
  } finally {
    await broken.http.close();
  }
});
