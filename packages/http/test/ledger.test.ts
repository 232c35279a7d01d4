import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpPorts, Route } from '../index.ts';
import { ask, fhir, raw, serve } from './serve.ts';

const canary = 'canary-4711-Jane-Doe';
const secret: Route = {
  ...fhir,
  method: 'GET',
  path: '/fhir/R4/secret',
  action: 'read',
  handle: () => ({ status: 200, headers: { ETag: canary }, body: canary }),
};
const request = 'GET /fhir/R4/secret HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\nConnection: close\r\n\r\n';

describe('no answer without its entry', () => {
  const ledgers: Readonly<Record<string, HttpPorts['record']>> = {
    'a ledger that fails': () => Promise.reject(new Error(canary)),
    'a ledger that throws': () => {
      throw new Error(canary);
    },
    'a ledger that never answers': () => new Promise(() => undefined),
    'a ledger that is late': () => sleep(800),
  };
  for (const [name, record] of Object.entries(ledgers))
    test(`${name}: 503 within its deadline, and not a byte of the answer`, async () => {
      const served = await serve([secret], { record });
      const started = performance.now();
      const said = await raw(served.port, request);
      assert.match(said, /^HTTP\/1\.1 503 /);
      assert.match(said, /Retry-After: 2/i);
      assert.ok(performance.now() - started < 700);
      assert.doesNotMatch(said, /canary/);
      assert.match(await served.http.metricsText(), /http_unrecorded_total 1/);
      await sleep(600);
      assert.doesNotMatch(served.lines(), /canary/);
      await served.http.close();
    });

  test('negative control: a server that does not wait for its ledger sends the canary', async () => {
    const ledgerless = await serve([{ ...secret, ledger: false }], { record: () => Promise.reject(new Error('down')) });
    assert.match(await raw(ledgerless.port, request), /canary/);
    await ledgerless.http.close();
  });

  test('not a byte leaves while the ledger is at work', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const served = await serve([secret], { record: () => held });
    let said = '';
    const socket = connect(served.port, '127.0.0.1');
    socket.on('data', (chunk) => {
      said += chunk;
    });
    socket.write(request);
    await sleep(150);
    assert.equal(said, '');
    release();
    await sleep(50);
    assert.match(said, /200 OK[\s\S]*canary/);
    await served.http.close();
  });

  test('the refusals of a dead ledger are 503 as well', async () => {
    const served = await serve([secret], { record: () => Promise.reject(new Error('down')) });
    assert.equal((await ask(served.port, 'GET /fhir/R4/secret', { Authorization: 'no' })).status, 503);
    assert.equal((await ask(served.port, 'GET /nowhere')).status, 503);
    assert.equal((await ask(served.port, 'GET /healthz')).status, 200);
    await served.http.close();
  });
});

describe('writes', () => {
  const told: string[] = [];
  const write: Route = {
    ...fhir,
    method: 'PUT',
    path: '/fhir/R4/Patient/:id',
    action: 'update',
    deadline_ms: 150,
    async handle({ event, query }) {
      await sleep(Number(query.get('for') ?? 0));
      const targets = [{ type: 'Patient', id: 'p1', version: 2 }];
      return { status: 200, body: '{}', event: event(200, targets), chained: () => void told.push('chained') };
    },
  };

  test('the event that stands with the data is the one that is chained, and then it is forgotten', async () => {
    told.length = 0;
    const served = await serve([write]);
    const reply = await ask(served.port, 'PUT /fhir/R4/Patient/p1');
    assert.equal(reply.status, 200);
    assert.deepEqual(
      served.events.map(({ action, targets }) => [action, targets[0]?.version]),
      [['update', 2]],
    );
    assert.deepEqual(told, ['chained']);
    await served.http.close();
  });

  test('an event that is not chained is not forgotten', async () => {
    told.length = 0;
    const served = await serve([write], { record: () => Promise.reject(new Error('down')) });
    assert.equal((await ask(served.port, 'PUT /fhir/R4/Patient/p1')).status, 503);
    assert.deepEqual(told, []);
    await served.http.close();
  });

  test('a write that commits after its deadline: the caller is told 503, the ledger hears of both', async () => {
    told.length = 0;
    const served = await serve([write]);
    const reply = await ask(served.port, 'PUT /fhir/R4/Patient/p1?for=300');
    assert.equal(reply.status, 503);
    await sleep(300);
    assert.deepEqual(
      served.events.map(({ status }) => status),
      [503, 200],
    );
    assert.equal(new Set(served.events.map(({ id }) => id)).size, 1);
    assert.deepEqual(told, ['chained']);
    await served.http.close();
  });
});

test('the signal fires at the deadline and when the caller goes; one event each', async () => {
  const seen: unknown[] = [];
  const wait: Route = {
    ...fhir,
    method: 'GET',
    path: '/fhir/R4/wait',
    action: 'read',
    handle: ({ signal }) =>
      new Promise((_, reject) =>
        signal.addEventListener('abort', () => {
          seen.push((signal.reason as { kind: string }).kind);
          reject(signal.reason);
        }),
      ),
  };
  const served = await serve([wait], { deadlines: { request_ms: 200 } });
  assert.equal((await ask(served.port, 'GET /fhir/R4/wait')).status, 503);
  const socket = connect(served.port, '127.0.0.1');
  socket.write('GET /fhir/R4/wait HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\n\r\n');
  await sleep(50);
  socket.destroy();
  await sleep(50);
  assert.deepEqual(seen, ['unavailable', 'timeout']);
  assert.deepEqual(
    served.events.map(({ status, reason }) => [status, reason]),
    [
      [503, 'unavailable'],
      [408, 'timeout'],
    ],
  );
  await served.http.close();
});
