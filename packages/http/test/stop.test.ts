import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Route } from '../index.ts';
import { ask, everything, fhir, raw, serve } from './serve.ts';

const slow: Route = {
  ...fhir,
  method: 'GET',
  path: '/fhir/R4/slow',
  action: 'read',
  deadline_ms: 10_000,
  async handle({ signal, query }) {
    const end = performance.now() + Number(query.get('for'));
    while (performance.now() < end) {
      signal.throwIfAborted();
      await sleep(10);
    }
    return { status: 200, body: 'finished' };
  },
};
const line = (duration_ms: number): string =>
  `GET /fhir/R4/slow?for=${duration_ms} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\n\r\n`;

test('a stop finishes what is in flight, ends keep-alive connections and takes no new ones', async () => {
  const served = await serve([slow]);
  const idle = connect(served.port, '127.0.0.1');
  idle.write('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n');
  const mute = connect(served.port, '127.0.0.1');
  const [idleEnds, muteEnds] = [everything(idle), everything(mute)];
  const flying = raw(served.port, line(300));
  await sleep(100);
  const started = performance.now();
  const closing = served.http.close();
  await sleep(20);
  await assert.rejects(ask(served.port, 'GET /healthz').then(({ status }) => assert.equal(status, 200)));
  const said = await flying;
  assert.match(said, /200 OK/);
  assert.match(said, /connection: close/i);
  assert.match(said, /finished$/);
  await Promise.all([closing, idleEnds, muteEnds]);
  assert.ok(performance.now() - started < 900);
  assert.equal(served.events.length, 1);
});

test('what does not finish in time is told so, recorded, and the stop goes on', async () => {
  const served = await serve([slow], { deadlines: { stop_ms: 200 } });
  const flying = raw(served.port, line(60_000));
  await sleep(50);
  const started = performance.now();
  await served.http.close();
  assert.ok(performance.now() - started < 1000);
  assert.match(await flying, /^HTTP\/1\.1 503 /);
  assert.deepEqual(
    served.events.map(({ status }) => status),
    [503],
  );
});
