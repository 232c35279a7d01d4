import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { drive } from '../generator/drive.ts';
import type { Ask, Report } from '../generator/plan.ts';
import { responseReader } from '../generator/response.ts';

const answer = Buffer.from('HTTP/1.1 201 Created\r\nLocation: /Patient/a/_history/1\r\nContent-Length: 5\r\n\r\nhello');

test('an answer is read whole, however it is cut', () => {
  for (let cut = 1; cut < answer.length; cut += 1) {
    const read = responseReader();
    assert.equal(read(answer.subarray(0, cut)), undefined);
    const got = read(answer.subarray(cut));
    assert.equal(got?.status, 201);
    assert.equal(got?.body.toString(), 'hello');
  }
});

test('an answer that the generator cannot follow is an error, not a number', () => {
  assert.throws(() => responseReader()(Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')), /length/);
  assert.throws(() => responseReader()(Buffer.concat([answer, answer])), /more bytes/);
  assert.throws(() => responseReader()(Buffer.from('SSH-2.0-x\r\n\r\n')), /HTTP/);
});

async function driven(listener: RequestListener, asks: readonly Ask[], connections: number): Promise<Report> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const target = { host: '127.0.0.1', port: (server.address() as AddressInfo).port, ca: null };
    const script = { name: 'in turn', asks, rounds: 1 } as const;
    const watch = { server: process.pid, postmaster: process.pid };
    return await drive({ target, script, connections, warmup_ms: 0, watch });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const get = (path: string): Ask => ({ method: 'GET', path, expected: 200, units: 2 });

test('every request of a list is sent once and counted', async () => {
  const seen: string[] = [];
  const asks = Array.from({ length: 50 }, (_, at) => get(`/${at}`));
  const report = await driven(({ url = '' }, response) => response.end(String(seen.push(url))), asks, 4);
  assert.deepEqual(seen.toSorted(), asks.map(({ path }) => path).toSorted());
  assert.equal(report.requests, 50);
  assert.equal(report.units, 100);
  assert.equal(report.errors, 0);
});

test('an answer with another status is an error and no request done', async () => {
  const listener: RequestListener = ({ url }, response) => {
    response.statusCode = url === '/2' ? 503 : 200;
    response.end('x');
  };
  const report = await driven(listener, [get('/1'), get('/2'), get('/3')], 1);
  assert.equal(report.errors, 1);
  assert.equal(report.requests, 2);
  assert.match(report.told[0] ?? '', /GET \/2: 503 instead of 200/);
});

test('a connection that the server closes is an error', async () => {
  const report = await driven((request) => request.socket.destroy(), [get('/1')], 1);
  assert.equal(report.errors, 1);
});
