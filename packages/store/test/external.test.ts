import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { isFault } from '@safeguard/kernel';
import pg from 'pg';
import { readUrl } from '../external.ts';
import { type Embedded, openStore, startTemporary } from '../index.ts';
import { allThings, insertThing, setOf, temporary, thingTable } from './fixtures/sets.ts';

const things = setOf('clinical', { '0001-thing.sql': thingTable('safeguard_clinical') });
const log = (): void => undefined;

test('a URL is read; across a network only a verified certificate is accepted', () => {
  const near = readUrl('postgresql://o%40x:p%2Fw@127.0.0.1:6000/start');
  assert.deepEqual(near, {
    host: '127.0.0.1',
    port: 6000,
    user: 'o@x',
    password: 'p/w',
    database: 'start',
    ssl: false,
  });
  assert.equal(readUrl('postgres://o@/x?host=/run/postgresql').host, '/run/postgresql');
  const far = readUrl('postgresql://o:p@db.example.org');
  assert.deepEqual(far.ssl, { rejectUnauthorized: true, minVersion: 'TLSv1.2' });
  assert.deepEqual({ port: far.port, database: far.database }, { port: 5432, database: 'postgres' });
  for (const url of [
    'postgresql://o:secret@db.example.org/x?sslmode=disable',
    'postgresql://o:secret@db.example.org/x?sslmode=require',
    'postgresql://o:secret@10.0.0.1/x?sslmode=prefer',
    'postgresql://o:secret@localhost.example.org/x?sslmode=disable',
    'postgresql://o:secret@db.example.org/x?sslmodus=verify-full',
    'postgresql://db.example.org/x',
    'mysql://o:secret@127.0.0.1/x',
    'secret',
  ]) {
    assert.throws(
      () => readUrl(url),
      (error) => isFault(error) && error.kind === 'invalid' && !/secret/.test(error.message),
      url,
    );
  }
});

/** A server that stands in for somebody else's, with a login that is no superuser. */
async function server(settings: Record<string, string> = {}): Promise<{ embedded: Embedded; url: string }> {
  const embedded = await startTemporary({ settings });
  const client = new pg.Client(embedded.login);
  await client.connect();
  await client.query(
    "create role landlord login createrole createdb password 'pw'; create role guest login password 'pw'",
  );
  await client.end();
  return { embedded, url: `postgresql://landlord:pw@/postgres?host=${encodeURIComponent(embedded.socketDir)}` };
}

test('an external server is provisioned by a login that is no superuser, and used again', async () => {
  const { embedded, url } = await server();
  const options = { external: { url, secrets: temporary() }, migrations: [things], prefix: 'sg_', log };
  for (const round of [1, 2]) {
    const store = await openStore(options);
    await store.ready();
    await store.segment('clinical').query(1, insertThing, [1, round, null]);
    assert.equal((await store.segment('clinical').query(1, allThings)).length, round);
    await store.close();
  }
  // A secrets file that was lost: the roles get new passwords.
  const store = await openStore({ ...options, external: { url, secrets: temporary() } });
  assert.equal((await store.segment('clinical').query(1, allThings)).length, 2);
  await store.close();
  await embedded.stop();
});

test('a login that may not make what lacks is told which right it needs', async () => {
  const { embedded, url } = await server();
  const external = { url: url.replace('landlord', 'guest'), secrets: temporary() };
  await assert.rejects(openStore({ external, migrations: [], log }), /needs CREATEROLE and CREATEDB/);
  const wrong = { url: url.replace(':pw@', ':no@'), secrets: temporary() };
  await assert.rejects(
    openStore({ external: wrong, migrations: [], log }),
    (error) => isFault(error) && error.kind === 'unavailable',
  );
  await embedded.stop();
});

test('TLS: the certificate must be of a known authority and name the host', async (t) => {
  const folder = temporary();
  const key = join(folder, 'key.pem');
  const cert = join(folder, 'cert.pem');
  const made = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
    ...['-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert],
  ]);
  if (made.status !== 0) return t.skip('no openssl here to make a certificate with');
  const port = await freePort();
  const probe = await startTemporary();
  const owner = statSync(probe.cluster);
  await probe.stop();
  chmodSync(key, 0o600);
  chmodSync(folder, 0o755);
  if (process.getuid?.() === 0) chownSync(key, owner.uid, owner.gid);
  const tls = { listen_addresses: '127.0.0.1', port: String(port), ssl: 'on', ssl_key_file: key, ssl_cert_file: cert };
  const { embedded } = await server(tls);
  const open = (host: string, ca?: string) => {
    const url = `postgresql://landlord:pw@${host}:${port}/postgres?sslmode=verify-full`;
    return openStore({ external: { url, secrets: temporary(), ...(ca ? { ca } : {}) }, migrations: [], log });
  };
  await (await open('localhost', cert)).close();
  await assert.rejects(open('localhost'), /self-signed certificate/);
  await assert.rejects(open('127.0.0.1', cert), /does not match|altnames/);
  await embedded.stop();
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
