import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { createServer as createSecure } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { TlsOptions } from 'node:tls';
import { type CheckResult, fault, type Probe, systemClock } from '@safeguard/kernel';
import { type HttpCheckDeps, httpChecks, localAuthority, type Route } from '../index.ts';
import { type Served, serve, settings } from './serve.ts';

const folder = await mkdtemp(join(tmpdir(), 'safeguard-http-checks-'));
const authority = await localAuthority({ directory: join(folder, 'tls'), hosts: [], clock: systemClock });
const ca = await readFile(authority.caFile, 'utf8');
after(() => rm(folder, { recursive: true }));

const fhir = { auth: 'token', errors: 'fhir', action: 'read' } as const;
const routes: readonly Route[] = [
  {
    ...{ ...fhir, method: 'GET', path: '/fhir/R4/Patient' },
    handle: ({ query }) => {
      if (query.has('_lastUpdated')) throw fault('invalid', 'A date was expected');
      return { status: 200, body: '{}' };
    },
  },
  {
    ...{ ...fhir, method: 'GET', path: '/fhir/R4/Observation' },
    handle: () => {
      throw fault('invalid', 'A date was expected');
    },
  },
  {
    ...{ ...fhir, method: 'POST', path: '/fhir/R4/Patient', accepts: ['application/fhir+json'] },
    handle: ({ body }) => {
      try {
        JSON.parse(body.toString());
      } catch (cause) {
        throw fault('malformed', 'The body is no JSON', { cause });
      }
      throw fault('unprocessable', 'An element is wrong');
    },
  },
];

/** Asks over the wire as the platform's probe does. */
function probeOf(url: string): Probe {
  const ask: Probe['ask'] = async ({ method = 'GET', path, headers = {}, body, as = 'nobody' }) => {
    const { request } = url.startsWith('https:') ? await import('node:https') : await import('node:http');
    return new Promise((resolve, reject) => {
      const auth: Record<string, string> = as === 'nobody' ? {} : { authorization: 'Bearer good' };
      const asked = request(
        `${url}${path}`,
        { method, ca, agent: false, headers: { ...auth, ...headers } },
        (answer) => {
          const pieces: Buffer[] = [];
          answer.on('data', (piece: Buffer) => pieces.push(piece));
          answer.on('end', () => {
            const told = Object.fromEntries(Object.entries(answer.headers).map(([name, one]) => [name, String(one)]));
            const text = Buffer.concat(pieces).toString();
            resolve({ status: answer.statusCode ?? 0, headers: told, text, id: told['x-request-id'] ?? '' });
          });
        },
      );
      asked.on('error', reject).end(body);
    });
  };
  const canary = (): string => `Zaphod-${randomUUID()}`;
  return { url, ca, ask, canary, tenants: async () => [1, 2], entryOf: async () => undefined };
}

const numbers: Readonly<Record<string, number>> = { 'tls.least_version': 1.2, 'tls.certificate_warning_days': 14 };

function run(id: string, url: string, at = Date.now(), more: Partial<HttpCheckDeps> = {}): Promise<CheckResult> {
  const deps: HttpCheckDeps = {
    probe: probeOf(url),
    settings: { host: 'localhost', limits: settings.limits },
    ...more,
  };
  const check = httpChecks(deps).find((one) => one.id === `http.${id}`);
  assert.ok(check !== undefined, id);
  const number = (name: string): number => numbers[name] ?? assert.fail(name);
  return check.run({ at, number, signal: new AbortController().signal });
}

function met(found: CheckResult, least = 1): void {
  assert.equal(found.result, 'met', JSON.stringify(found));
  assert.ok(found.examined >= least, JSON.stringify(found));
}

function unmet(found: CheckResult, says: RegExp): void {
  assert.equal(found.result, 'unmet', JSON.stringify(found));
  assert.match(JSON.stringify(found.exceptions), says);
  assert.ok((found.todo ?? '') !== '');
}

const opened: { close(): unknown }[] = [];
after(() => Promise.all(opened.map((one) => one.close())));
async function started(tls: 'on' | 'off'): Promise<Served> {
  const served = await serve(routes, { tls: tls === 'on' ? authority : 'off', host: 'localhost' });
  opened.push({ close: () => served.http.close() });
  return served;
}
const sound = await started('on');
const clear = await started('off');

/** Listens, and is gone at the end of the file. */
async function listening(server: Server, at: { port: number; host?: string } | { path: string }): Promise<number> {
  await new Promise<void>((done) => server.listen(at, done));
  opened.push({ close: () => server.close() });
  const address = server.address();
  return typeof address === 'object' ? ((address as AddressInfo | null)?.port ?? 0) : 0;
}

/** Another server than ours: everything that ours does not do. */
async function careless(answer: RequestListener, how: TlsOptions = {}): Promise<string> {
  const server = createSecure({ ...authority.current(), ...how, maxHeaderSize: 1_000_000 }, answer);
  return `https://localhost:${await listening(server, { port: 0, host: 'localhost' })}`;
}

test('TLS: off, old versions, weak ciphers, a certificate that ends or that nobody knows', async () => {
  met(await run('tls', sound.url), 6);
  unmet(await run('tls', clear.url), /TLS is off/);
  const ok: RequestListener = (_request, response) => void response.end('ok');
  const old = await careless(ok, { minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' });
  const found = await run('tls', old);
  unmet(found, /TLSv1 was accepted.*TLSv1\.1 was accepted/);
  assert.match(JSON.stringify(found.exceptions), /without authenticated encryption was accepted/);
  const only = await careless(ok, { minVersion: 'TLSv1.3' });
  unmet(await run('tls', only), /TLSv1\.2 was refused/);
  unmet(await run('tls', sound.url, Date.now() + 390 * 86_400_000), /the certificate ends in [0-9] days/);
  const other = await localAuthority({ directory: join(folder, 'other'), hosts: [], clock: systemClock });
  unmet(await run('tls', await careless(ok, other.current())), /chain of the certificate is not whole/);
  met(await run('tls', sound.url), 6);
});

test('plaintext: a server that speaks HTTP where TLS is due', async () => {
  met(await run('plaintext-refused', sound.url), 3);
  unmet(await run('plaintext-refused', clear.url), /TLS is off/);
  unmet(await run('plaintext-refused', clear.url.replace('http:', 'https:')), /GET \/healthz HTTP\/1\.1: was answered/);
});

test('listeners: one that nobody expects, also on loopback; a Unix socket that others can open', async () => {
  const server = await import('node:child_process');
  // A process of its own: this one holds the servers of the whole file.
  const script = `
    import { createServer } from 'node:net';
    import { chmodSync } from 'node:fs';
    import { httpChecks } from ${JSON.stringify(new URL('../index.ts', import.meta.url).href)};
    const up = (server, at) => new Promise((done) => server.listen(at, () => done(server.address().port)));
    const port = await up(createServer(), { port: 0, host: '127.0.0.1' });
    const deps = { probe: { url: 'https://localhost:' + port }, settings: { host: 'localhost' } };
    const check = httpChecks(deps).find(({ id }) => id === 'http.listeners');
    const said = [await check.run({})];
    for (const at of [{ port: 0, host: '127.0.0.1' }, { port: 0, host: '0.0.0.0' }, { port: 0, host: '::' }]) {
      const extra = createServer();
      await up(extra, at);
      said.push(await check.run({}));
      await new Promise((done) => extra.close(done));
    }
    const door = createServer();
    await up(door, { path: ${JSON.stringify(join(folder, 'door.sock'))} });
    chmodSync(${JSON.stringify(folder)}, 0o755);
    chmodSync(${JSON.stringify(join(folder, 'door.sock'))}, 0o666);
    said.push(await check.run({}));
    chmodSync(${JSON.stringify(join(folder, 'door.sock'))}, 0o600);
    said.push(await check.run({}));
    console.log(JSON.stringify(said));
    process.exit();`;
  const { stdout, stderr } = server.spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  assert.ok(stdout.startsWith('['), stderr);
  const [before, near, all, six, open, shut] = JSON.parse(stdout) as CheckResult[];
  assert.ok(before && near && all && six && open && shut);
  met(before);
  unmet(near, /listens on 127\.0\.0\.1 port \d+, and nothing is to/);
  unmet(all, /listens on 0\.0\.0\.0/);
  unmet(six, /listens on ::/);
  unmet(open, /other accounts of this machine can open/);
  met(shut, 2);
  await chmod(folder, 0o700);
});

test('listeners: an embedded database with a port of its own', async () => {
  const { spawn } = await import('node:child_process');
  const script = "require('node:net').createServer().listen(0, '127.0.0.1', () => console.log('up'))";
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  await new Promise((done) => child.stdout.once('data', done));
  const found = await run('listeners', sound.url, Date.now(), { postgres: () => child.pid });
  child.kill();
  assert.match(JSON.stringify(found.exceptions), /the embedded PostgreSQL listens on port/);
});

test('headers: each that an answer lacks', async () => {
  met(await run('headers', sound.url), 7);
  unmet(await run('headers', clear.url), /Strict-Transport-Security/);
  const bare = await careless((_request, response) => {
    response.setHeader('X-Powered-By', 'Express');
    response.setHeader('Content-Security-Policy', "default-src 'self' 'unsafe-inline'; frame-ancestors 'none'");
    response.end('{}');
  });
  const found = await run('headers', bare);
  for (const what of [/Strict-Transport/, /X-Content-Type/, /Security-Policy/, /Cache-Control/, /X-Powered-By/]) {
    unmet(found, what);
  }
});

test('errors: an echo, a stack, a statement, a 500', async () => {
  met(await run('errors-silent', sound.url), 12);
  const telling: readonly (readonly [RequestListener, RegExp])[] = [
    [
      (request, response) => void response.writeHead(404).end(`There is no ${request.url}`),
      /a wrong id: the answer repeats what was sent/,
    ],
    [(_request, response) => void response.writeHead(400).end(new Error('x').stack), /a place in the code/],
    [
      (_request, response) => void response.writeHead(400).end('relation "records.resource" does not exist'),
      /tells of the database/,
    ],
    [(_request, response) => void response.writeHead(500).end('{}'), /answered with 500/],
    [(_request, response) => void response.writeHead(200).end('{}'), /answered with 200, a refusal was due/],
  ];
  for (const [answer, says] of telling) unmet(await run('errors-silent', await careless(answer)), says);
});

test('limits: a server that takes everything', async () => {
  met(await run('limits', sound.url), 3);
  const all = await careless((request, response) => {
    request.resume().on('end', () => response.end('{}'));
  });
  const found = await run('limits', all);
  for (const what of [/a body longer/, /headers longer/, /an address longer/]) unmet(found, what);
});
