import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { fault } from '@safeguard/kernel';
import { pino } from 'pino';
import { createLog, type Log, type Route } from '../index.ts';
import { ask, fhir, raw, serve } from './serve.ts';

const canary = 'JaneDoe4711';

class Canary extends Error {
  override name = canary;
}

/**
 * An error that says the canary wherever an error can: message (with lines that look like frames), name, code, cause.
 */
function hostileError(): Error {
  const message = `${canary}\n    at ${canary} (/x/${canary}.ts:1:1)\n    at /y/${canary}.ts:1:1`;
  return Object.assign(new Canary(message, { cause: new TypeError(message) }), {
    code: canary,
    detail: canary,
    at: canary,
  });
}

const routes: readonly Route[] = [
  {
    ...fhir,
    method: 'POST',
    path: '/fhir/R4/throw/:how',
    action: 'create',
    accepts: ['application/json'],
    handle({ params }) {
      if (params['how'] === 'fault') throw fault('unavailable', 'A part is down', { cause: hostileError() });
      if (params['how'] === 'text') throw canary;
      if (params['how'] === 'changed') throw Object.assign(hostileError(), { message: 'changed' });
      if (params['how'] === 'ok') return { status: 200, body: canary };
      throw hostileError();
    },
  },
];

async function provoke(port: number): Promise<string> {
  const headers = {
    'Content-Type': 'application/json',
    'X-Request-Id': canary,
    Cookie: canary,
    'User-Agent': canary,
    Referer: canary,
  };
  let replies = '';
  for (const how of ['plain', 'fault', 'text', 'changed'])
    replies += (await ask(port, `POST /fhir/R4/throw/${how}?name=${canary}`, headers, `{"a":"${canary}"}`)).raw;
  await ask(port, `POST /fhir/R4/throw/ok?name=${canary}`, headers, canary);
  replies += (await ask(port, `GET /${canary}/${canary}?q=${canary}`, { ...headers, Authorization: canary })).raw;
  replies += (await ask(port, `POST /fhir/R4/throw/plain`, { ...headers, Authorization: canary }, canary)).raw;
  replies += (await ask(port, `POST /fhir/R4/throw/plain`, { ...headers, 'Content-Type': canary }, canary)).raw;
  replies += await raw(port, `${canary} /${canary} HTTP/1.1\r\n\r\n`);
  replies += await raw(port, `GET /${canary}%ff HTTP/1.1\r\nHost: ${canary}\r\nConnection: close\r\n\r\n`);
  return replies;
}

test('nothing of a request or of an error reaches a log, an error answer or an event', async () => {
  const served = await serve(routes);
  const replies = await provoke(served.port);
  await served.http.close();
  assert.doesNotMatch(replies, new RegExp(canary));
  assert.doesNotMatch(JSON.stringify(served.events), new RegExp(canary));
  assert.doesNotMatch(served.lines(), new RegExp(canary));
});

test('and yet the log says enough to find the fault: class, place, cause, id, pattern', async () => {
  const served = await serve(routes);
  const { headers, status } = await ask(
    served.port,
    'POST /fhir/R4/throw/plain',
    { 'Content-Type': 'application/json' },
    '{}',
  );
  await served.http.close();
  assert.equal(status, 500);
  const lines = served
    .lines()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const failed = lines.find((line) => line.msg === 'a request failed');
  assert.equal(failed.id, headers['x-request-id']);
  assert.equal(failed.route, '/fhir/R4/throw/:how');
  const { name, kind, cause } = failed.error;
  assert.deepEqual([name, kind, cause.name, cause.cause.name], ['Fault', 'internal', 'Canary', 'TypeError']);
  assert.match(cause.frames[0], /^hostileError file:\/\/.*privacy\.test\.ts:\d+:\d+$/);
  const line = lines.find((one) => one.msg === 'request');
  assert.deepEqual(Object.keys(line).sort(), [
    'bytes',
    'duration_ms',
    'id',
    'level',
    'method',
    'msg',
    'route',
    'status',
    'time',
  ]);
});

test('negative control: a log with the usual serializers gives the canary away', async () => {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  const usual = pino(stream);
  const say = (event: string, fields: { error?: unknown } = {}): void => usual.error({ err: fields.error }, event);
  const log: Log = { debug: say, info: say, warn: say, error: say, request: () => undefined, flush: () => undefined };
  const served = await serve(routes, { log });
  await provoke(served.port);
  await served.http.close();
  assert.match(text, new RegExp(canary));
});

test('a field that is not on the list is dropped, whatever the types said', () => {
  let text = '';
  const write = (line: string): void => {
    text += line;
  };
  const log = createLog({ level: 'info', destination: { write } });
  log.info('event', { id: 'i', url: canary, count: canary, route: { toString: () => canary } } as never);
  assert.doesNotMatch(text, new RegExp(canary));
  assert.equal(JSON.parse(text).id, 'i');
});
