import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Route } from '../index.ts';
import { ask, everything, fhir, parseReply, raw, type Served, serve } from './serve.ts';

let handled = 0;
const routes: readonly Route[] = [
  {
    ...fhir,
    method: 'POST',
    path: '/fhir/R4/Patient',
    action: 'create',
    accepts: ['application/json'],
    handle: ({ body }) => {
      handled += 1;
      return { status: 200, type: 'text/plain', body: String(body.length) };
    },
  },
  {
    ...fhir,
    method: 'GET',
    path: '/fhir/R4/inject',
    action: 'read',
    handle: ({ query }) => ({ status: 200, headers: { Location: query.get('to') ?? '' }, body: 'canary-body' }),
  },
  { ...fhir, method: 'GET', path: '/fhir/R4/plain', action: 'read', handle: () => ({ status: 200, body: 'plain' }) },
];
const post =
  'POST /fhir/R4/Patient HTTP/1.1\r\nHost: localhost\r\n' +
  'Authorization: Bearer good\r\nContent-Type: application/json\r\n';

const second = 'GET /fhir/R4/plain HTTP/1.1\r\n\r\n';

describe('hostile bytes', () => {
  let served: Served;
  before(async () => {
    served = await serve(routes);
  });
  after(() => served.http.close());

  test('headers that do not come: the connection ends within the deadline', async () => {
    const socket = connect(served.port, '127.0.0.1');
    const started = performance.now();
    const drip = setInterval(() => socket.write('X'), 50);
    socket.write('GET /fhir/R4/plain HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
    const said = await everything(socket);
    clearInterval(drip);
    assert.match(said, /^HTTP\/1\.1 408 /);
    assert.ok(performance.now() - started < 2500);
    assert.match(await served.http.metricsText(), /http_unparsed_total\{status="408"\} [1-9]/);
  });

  test('a body that falls silent: 408, recorded, handler not called', async () => {
    const [count, before_count] = [served.events.length, handled];
    const reply = parseReply(await raw(served.port, `${post}Content-Length: 10\r\n\r\nabc`));
    assert.equal(reply.status, 408);
    assert.deepEqual([served.events.length, served.events.at(-1)?.status, handled], [count + 1, 408, before_count]);
  });

  test('a body that drips: 408 at the deadline', async () => {
    const socket = connect(served.port, '127.0.0.1');
    const drip = setInterval(() => socket.write('x'), 100);
    socket.write(`${post}Content-Length: 1000\r\n\r\n`);
    const started = performance.now();
    const reply = parseReply(await everything(socket));
    clearInterval(drip);
    assert.equal(reply.status, 408);
    assert.ok(performance.now() - started < 3500);
  });

  test('a body that announces too much: 413 before it is sent, and the connection ends', async () => {
    const reply = parseReply(await raw(served.port, `${post}Content-Length: 5000000\r\n\r\n`));
    assert.deepEqual([reply.status, reply.headers['connection']], [413, 'close']);
  });

  test('a chunked body without end: 413 as soon as the limit is passed', async () => {
    const socket = connect(served.port, '127.0.0.1');
    let sent_bytes = 0;
    const chunk = `400\r\n${'x'.repeat(1024)}\r\n`;
    const flood = setInterval(() => {
      socket.write(chunk);
      sent_bytes += 1024;
    }, 1);
    socket.write(`${post}Transfer-Encoding: chunked\r\n\r\n`);
    const reply = parseReply(await everything(socket));
    clearInterval(flood);
    assert.equal(reply.status, 413);
    assert.ok(sent_bytes < 2_000_000, 'reads on for a moment only');
  });

  test('Expect: 100-continue waits for the word, and is not given it when refused', async () => {
    const expect = `${post}Expect: 100-continue\r\nConnection: close\r\n`;
    assert.match(await raw(served.port, `${expect}Content-Length: 5000000\r\n\r\n`), /^HTTP\/1\.1 413/);
    const socket = connect(served.port, '127.0.0.1');
    socket.write(`${expect}Content-Length: 2\r\n\r\n`);
    socket.once('data', () => socket.write('{}'));
    assert.match(await everything(socket), /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
  });

  test('a body cut short: recorded once as malformed, handler not called', async () => {
    const [count, before_count] = [served.events.length, handled];
    const socket = connect(served.port, '127.0.0.1');
    socket.write(`${post}Content-Length: 100\r\n\r\n{"a":`);
    await sleep(50);
    socket.destroy();
    await sleep(50);
    assert.deepEqual(
      [served.events.length, served.events.at(-1)?.reason, handled],
      [count + 1, 'malformed', before_count],
    );
  });

  const smuggled: Readonly<Record<string, string>> = {
    'two lengths': `${post}Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}`,
    'length and chunks': `${post}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${second}`,
    'chunks and length': `${post}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n`,
    'chunked not last': `${post}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
    'space before the colon': `${post}Content-Length : 2\r\n\r\n{}`,
    'signed length': `${post}Content-Length: +2\r\n\r\n{}`,
    'folded header': `${post}Content-Length:\r\n 2\r\n\r\n{}`,
    'bare line feeds': post.replaceAll('\r\n', '\n').concat('Content-Length: 2\n\n{}'),
    'no host': 'GET /fhir/R4/plain HTTP/1.1\r\n\r\n',
    'no such method': 'FOO /fhir/R4/plain HTTP/1.1\r\nHost: localhost\r\n\r\n',
    'no HTTP': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    'NUL in a header': 'GET /fhir/R4/plain HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n',
  };
  for (const [name, bytes] of Object.entries(smuggled))
    test(`${name}: 400, handler not called, connection ended`, async () => {
      const count = handled;
      const said = await raw(served.port, bytes, 1500);
      assert.match(said, /^HTTP\/1\.1 400 /);
      assert.equal(said.split('HTTP/1.1').length, 2, 'one answer only');
      assert.equal(handled, count);
    });

  test('an unknown transfer coding ends the connection: no answer, handler not called, recorded once', async () => {
    const [count, before_count] = [served.events.length, handled];
    assert.equal(await raw(served.port, `${post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`, 1500), '');
    assert.deepEqual([served.events.length, served.events.at(-1)?.outcome, handled], [count + 1, 'fail', before_count]);
  });

  test('negative control: the same request with sound framing is answered', async () => {
    assert.match(await raw(served.port, `${post}Connection: close\r\nContent-Length: 2\r\n\r\n{}`), /^HTTP\/1\.1 200 /);
  });

  test('headers that are too long: 431', async () => {
    const said = await raw(served.port, `GET /fhir/R4/plain HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(8000)}\r\n\r\n`);
    assert.match(said, /^HTTP\/1\.1 431 /);
  });

  test('a value with line breaks cannot make a header: 500, and nothing of the answer leaves', async () => {
    const reply = await ask(served.port, 'GET /fhir/R4/inject?to=%2Fx%0d%0aSet-Cookie:%20a=b');
    assert.equal(reply.status, 500);
    assert.doesNotMatch(reply.raw, /Set-Cookie|canary-body/);
    assert.equal(served.events.at(-1)?.outcome, 'fail');
    const control = await ask(served.port, 'GET /fhir/R4/inject?to=%2Fx');
    assert.deepEqual([control.headers['location'], control.body], ['/x', 'canary-body']);
  });

  test('a body on a route that takes none is not read, and ends the connection', async () => {
    const get = 'GET /fhir/R4/plain HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\n';
    const said = await raw(served.port, `${get}Content-Length: 30\r\n\r\nGET /fhir/R4/plain HTTP`);
    assert.equal(said.split('HTTP/1.1 200').length, 2);
    assert.match(said, /connection: close/i);
  });

  test('pipelined requests are answered in order, each recorded', async () => {
    const count = served.events.length;
    const one = 'GET /fhir/R4/plain HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\n';
    const said = await raw(served.port, `${one}\r\n${one}Connection: close\r\n\r\n`);
    assert.equal(said.split('HTTP/1.1 200 OK').length, 3);
    assert.equal(served.events.length, count + 2);
  });
});

test('bodies in flight share a budget: 503 for what is over it, and it is given back', async () => {
  const served = await serve(routes, { limits: { inflight_bytes: 5000 } });
  const half = connect(served.port, '127.0.0.1');
  half.write(`${post}Content-Length: 4000\r\n\r\n${'x'.repeat(3900)}`);
  await sleep(50);
  const headers = { 'Content-Type': 'application/json' };
  assert.equal((await ask(served.port, 'POST /fhir/R4/Patient', headers, 'x'.repeat(2000))).status, 503);
  half.destroy();
  await sleep(50);
  for (let round = 0; round < 5; round += 1)
    assert.equal((await ask(served.port, 'POST /fhir/R4/Patient', headers, 'x'.repeat(4000))).status, 200);
  await served.http.close();
});

test('connections over the limit are dropped', async () => {
  const served = await serve(routes, { limits: { connections: 16 } });
  const held = Array.from({ length: 16 }, () => connect(served.port, '127.0.0.1').on('error', () => undefined));
  await sleep(50);
  assert.equal(await raw(served.port, 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n', 500), '');
  for (const socket of held) socket.destroy();
  await sleep(50);
  assert.equal((await ask(served.port, 'GET /healthz')).status, 200);
  await served.http.close();
});
