import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fault } from '@safeguard/kernel';
import type { RunningServer } from '@safeguard/server';
import { createUp } from '../commands/up.ts';
import { run } from '../run.ts';
import { keeping } from './terminal.ts';

const bin = join(import.meta.dirname, '..', 'bin', 'safeguard.js');
const fixture = join(import.meta.dirname, 'up-fixture.ts');

const ended = (child: ChildProcess): Promise<{ code: number | null; out: string; err: string }> =>
  new Promise((resolve) => {
    let [out, err] = ['', ''];
    child.stdout?.on('data', (part) => {
      out += part;
    });
    child.stderr?.on('data', (part) => {
      err += part;
    });
    child.on('close', (code) => resolve({ code, out, err }));
  });

const said = (child: ChildProcess, words: string): Promise<void> =>
  new Promise((resolve) => {
    child.stdout?.on('data', (part) => String(part).includes(words) && resolve());
  });

test('the overrides are the settings’ own tree', async () => {
  let given: unknown;
  const stop = fault('unavailable', 'enough');
  const up = createUp((options) => {
    given = options.overrides;
    return Promise.reject(stop);
  });
  const terminal = keeping();
  const line = ['up', '--data', 'd', '--port', '1', '--tls', 'off', '--database', 'postgresql://x/y'];
  assert.equal(await run(line, terminal, [up]), 1);
  assert.deepEqual(given, { data: 'd', port: '1', tls: 'off', database: { url: 'postgresql://x/y' } });
  assert.equal(terminal.said.err, 'safeguard: enough\n');
});

test('a platform that stops by itself exits 1, and its ready file is gone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'safeguard-up-'));
  const file = join(folder, 'ready.json');
  const stopped = Promise.withResolvers<void>();
  const server: RunningServer = {
    url: 'https://localhost:1',
    pid: 7,
    ca: '/ca.pem',
    firstStart: true,
    stop: () => Promise.resolve(),
    stopped: stopped.promise,
  };
  const terminal = keeping();
  const ending = run(['up', '--ready-file', file], terminal, [createUp(async () => server)]);
  while (!terminal.said.out.includes('ready')) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), { url: 'https://localhost:1', pid: 7, ca: '/ca.pem' });
  assert.equal(terminal.said.out, 'ready https://localhost:1\n');
  assert.match(terminal.said.err, /First start/);
  stopped.resolve();
  assert.equal(await ending, 1);
  assert.equal(existsSync(file), false);
  await rm(folder, { recursive: true });
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} finishes what is in flight and exits 0, however many processes pass it on`, async () => {
    const child = spawn(process.execPath, [fixture, '300']);
    const end = ended(child);
    await said(child, 'ready');
    child.kill(signal);
    setTimeout(() => child.kill(signal), 50);
    const { code, out } = await end;
    assert.equal(code, 0);
    assert.match(out, /stopped cleanly/);
  });
}

test('a second signal, later, stops at once', async () => {
  const child = spawn(process.execPath, [fixture, '60000']);
  const end = ended(child);
  await said(child, 'ready');
  child.kill('SIGTERM');
  setTimeout(() => child.kill('SIGTERM'), 1_000);
  const { code, err } = await end;
  assert.equal(code, 1);
  assert.match(err, /at a second signal/);
});

test('the launcher keeps the exit status', async () => {
  assert.equal((await ended(spawn(process.execPath, [bin, 'version']))).code, 0);
  const { code, err } = await ended(spawn(process.execPath, [bin, 'laod']));
  assert.equal(code, 2);
  assert.match(err, /Did you mean "load"/);
});

const old = '/usr/bin/node';
const version = existsSync(old) ? await ended(spawn(old, ['--version'])) : undefined;
const isOld = version !== undefined && Number(/^v(\d+)/.exec(version.out)?.[1]) < 24;

test('an older Node hands over to the one that npm installed', {
  skip: isOld ? false : 'no older Node on this machine',
}, async () => {
  const right = await ended(spawn(old, [bin, 'version']));
  assert.equal(right.code, 0, right.err);
  assert.match(right.out, /\(node 24\./);
  assert.equal((await ended(spawn(old, [bin, 'no-such-command']))).code, 2);
});

test('an older Node passes signals on', { skip: isOld ? false : 'no older Node on this machine' }, async () => {
  // A server that never answers holds the command until it is told to go.
  const asked = Promise.withResolvers<void>();
  const silent = createServer((socket) => socket.on('error', () => undefined).on('data', () => asked.resolve()));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  const folder = await mkdtemp(join(tmpdir(), 'safeguard-old-'));
  const bundleFile = join(folder, 'patient.json');
  await writeFile(bundleFile, '{"resourceType":"Patient"}');
  const line = ['load', bundleFile, '--url', `http://127.0.0.1:${port}/fhir`, '--token', 't'];
  const child = spawn(old, [bin, ...line]);
  const end = ended(child);
  await asked.promise;
  child.kill('SIGTERM');
  assert.equal((await end).code, 128 + 15);
  silent.close();
  await rm(folder, { recursive: true });
});
