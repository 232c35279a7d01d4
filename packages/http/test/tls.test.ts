import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { systemClock } from '@safeguard/kernel';
import { makeAuthority, makeServerPair } from '../certificate.ts';
import { type LocalAuthority, localAuthority, ownCertificate, type Route } from '../index.ts';
import { fhir, raw, type Served, serve } from './serve.ts';

const route: Route = {
  ...fhir,
  method: 'GET',
  path: '/fhir/R4/plain',
  action: 'read',
  handle: () => ({ status: 200, body: 'plain' }),
};
const day_ms = 86_400_000;

function get(url: string, ca: string | undefined): Promise<{ status: number; hsts: string | undefined }> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { ...(ca === undefined ? {} : { ca }), agent: false }, (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, hsts: response.headers['strict-transport-security'] });
    });
    asked.on('error', reject).end();
  });
}

const handshake = (options: ConnectionOptions): Promise<TLSSocket> =>
  new Promise((resolve, reject) => {
    const socket = connect(options, () => resolve(socket));
    socket.on('error', reject);
  });

describe('the local authority', () => {
  let directory: string;
  let authority: LocalAuthority;
  let served: Served;
  let ca: string;
  before(async () => {
    directory = join(await mkdtemp(join(tmpdir(), 'safeguard-tls-')), 'tls');
    authority = await localAuthority({ directory, hosts: [], clock: systemClock });
    served = await serve([route], { tls: authority, host: 'localhost' });
    ca = await readFile(authority.caFile, 'utf8');
  });
  after(async () => {
    await served.http.close();
    await rm(join(directory, '..'), { recursive: true });
  });

  test('a client that trusts only the authority connects, by name and by address, and is told HSTS', async () => {
    assert.equal(served.url, `https://localhost:${served.port}`);
    for (const host of ['localhost', '127.0.0.1']) {
      const { status, hsts } = await get(`https://${host}:${served.port}/healthz`, ca);
      assert.deepEqual([status, hsts], [200, 'max-age=63072000']);
    }
  });

  test('HSTS names subdomains where the operator says so, and nowhere else', async () => {
    const named = await serve([route], { tls: authority, host: 'localhost', tls_hsts_subdomains: 'on' });
    try {
      for (const path of ['/healthz', '/fhir/R4/plain', '/nothing']) {
        const { hsts } = await get(`https://localhost:${named.port}${path}`, ca);
        assert.equal(hsts, 'max-age=63072000; includeSubDomains', path);
      }
      assert.equal((await get(`https://localhost:${served.port}/healthz`, ca)).hsts, 'max-age=63072000');
    } finally {
      await named.http.close();
    }
  });

  test('a client that does not trust it refuses', async () => {
    await assert.rejects(get(`https://localhost:${served.port}/healthz`, undefined), /self-signed|unable to verify/i);
  });

  test('TLS 1.1 is refused; 1.2 and 1.3 speak http/1.1 with forward secrecy', async () => {
    const base = { host: '127.0.0.1', port: served.port, ca, servername: 'localhost' };
    await assert.rejects(
      handshake({ ...base, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
    );
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const socket = await handshake({
        ...base,
        minVersion: version,
        maxVersion: version,
        ALPNProtocols: ['h2', 'http/1.1'],
      });
      assert.deepEqual([socket.getProtocol(), socket.alpnProtocol], [version, 'http/1.1']);
      assert.match(socket.getCipher().name, /GCM|POLY1305/);
      socket.destroy();
    }
    await assert.rejects(handshake({ ...base, maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA' }));
  });

  test('plain HTTP at the TLS port gets no answer', async () => {
    const said = await raw(served.port, 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n', 2000);
    assert.doesNotMatch(said, /HTTP|ok/);
  });

  test('keys are for the owner alone; the certificates say what they are for', async () => {
    const mode = async (name: string): Promise<number> => (await stat(join(directory, name))).mode & 0o777;
    assert.deepEqual([await mode('.'), await mode('ca.key'), await mode('server.key')], [0o700, 0o600, 0o600]);
    const server = new X509Certificate(authority.cert);
    assert.ok(server.validToDate.getTime() - server.validFromDate.getTime() <= 397 * day_ms);
    assert.equal(new X509Certificate(ca).ca, true);
  });

  test('the authority cannot vouch for another site (name constraints)', async () => {
    const pair = { cert: ca, key: await readFile(join(directory, 'ca.key'), 'utf8') };
    const forged = await makeServerPair(pair, ['bank.example'], Date.now());
    const other = await serve([route], { tls: { current: () => forged, renew: async () => false } });
    const to = { host: '127.0.0.1', port: other.port, servername: 'bank.example', ca };
    await assert.rejects(handshake(to), /permitted subtree violation/i);
    await other.http.close();
  });

  test('negative control: an authority bound to that site can', async () => {
    const pair = await makeAuthority(['bank.example'], Date.now());
    const made = await makeServerPair(pair, ['bank.example'], Date.now());
    const other = await serve([route], { tls: { current: () => made, renew: async () => false } });
    const socket = await handshake({ host: '127.0.0.1', port: other.port, servername: 'bank.example', ca: pair.cert });
    assert.equal(socket.authorized, true);
    socket.destroy();
    await other.http.close();
  });

  test('a second start keeps everything; the certificate is renewed before its end, the authority stays', async () => {
    let now = Date.now();
    const again = await localAuthority({ directory, hosts: [], clock: { now: () => now } });
    assert.deepEqual([again.cert, again.made], [authority.cert, false]);
    assert.equal(await again.renew(), false);
    now += 380 * day_ms;
    assert.equal(await again.renew(), true);
    assert.notEqual(again.cert, authority.cert);
    assert.equal(await readFile(again.caFile, 'utf8'), ca);
  });

  test('a running server shows its renewed certificate to new connections', async (context) => {
    context.mock.timers.enable({ apis: ['setInterval'] });
    const issuer = { cert: ca, key: await readFile(join(directory, 'ca.key'), 'utf8') };
    let pair = await makeServerPair(issuer, ['localhost'], Date.now());
    const tls = {
      current: () => pair,
      async renew() {
        pair = await makeServerPair(issuer, ['localhost'], Date.now());
        return true;
      },
    };
    const other = await serve([route], { tls });
    const shown = async (): Promise<string> => {
      const socket = await handshake({ host: '127.0.0.1', port: other.port, servername: 'localhost', ca });
      const { serialNumber } = socket.getPeerCertificate();
      socket.destroy();
      return serialNumber;
    };
    const serialNumber = (): string => new X509Certificate(pair.cert).serialNumber;
    const [first, firstShown] = [serialNumber(), await shown()];
    context.mock.timers.tick(7 * 3_600_000);
    for (let round = 0; serialNumber() === first && round < 100; round += 1) await sleep(10);
    await sleep(10);
    assert.deepEqual([firstShown, await shown()], [first, serialNumber()]);
    assert.notEqual(first, serialNumber());
    await other.http.close();
  });

  test('other hosts: a new authority, bound to them', async () => {
    const hosts = ['ehr.example.org', '10.0.0.5', '2001:db8::7'];
    const moved = await localAuthority({ directory, hosts, clock: systemClock });
    assert.equal(moved.made, true);
    const certificate = new X509Certificate(moved.cert);
    assert.ok(
      certificate.checkHost('ehr.example.org') && certificate.checkIP('10.0.0.5') && certificate.checkIP('2001:db8::7'),
    );
    const other = await serve([route], { tls: moved });
    const trusted = await readFile(moved.caFile, 'utf8');
    const socket = await handshake({ host: '127.0.0.1', port: other.port, servername: 'ehr.example.org', ca: trusted });
    assert.equal(socket.authorized, true);
    socket.destroy();
    await other.http.close();
    const again = await localAuthority({ directory, hosts: [...hosts].reverse(), clock: systemClock });
    assert.equal(again.made, false);
  });
});

describe('an own certificate', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'safeguard-own-'));
  });
  after(() => rm(directory, { recursive: true }));

  async function files(key: string, cert: string, mode = 0o600) {
    const [key_file, cert_file] = [join(directory, 'own.key'), join(directory, 'own.pem')];
    await writeFile(key_file, key);
    await chmod(key_file, mode);
    await writeFile(cert_file, cert);
    return { key_file, cert_file, clock: systemClock };
  }

  test('is taken when sound, and read again at a renewal', async () => {
    const authority = await makeAuthority([], Date.now());
    const first = await makeServerPair(authority, ['localhost'], Date.now());
    const own = await ownCertificate(await files(first.key, first.cert));
    assert.equal(own.current().cert, first.cert);
    assert.equal(await own.renew(), false);
    const second = await makeServerPair(authority, ['localhost'], Date.now());
    await files(second.key, second.cert);
    assert.equal(await own.renew(), true);
    assert.equal(own.current().cert, second.cert);
    await files(first.key, second.cert);
    await assert.rejects(own.renew(), { kind: 'invalid' });
    assert.equal(own.current().cert, second.cert, 'the sound pair stays');
  });

  test('is refused when the key is another or readable by others, when it has expired, when it is no PEM', async () => {
    const authority = await makeAuthority([], Date.now());
    const [one, other] = [
      await makeServerPair(authority, ['localhost'], Date.now()),
      await makeServerPair(authority, ['localhost'], Date.now()),
    ];
    const old = await makeServerPair(
      await makeAuthority([], Date.now() - 800 * day_ms),
      ['localhost'],
      Date.now() - 500 * day_ms,
    );
    await assert.rejects(ownCertificate(await files(one.key, other.cert)), /does not belong/);
    await assert.rejects(ownCertificate(await files(old.key, old.cert)), /expired/);
    await assert.rejects(ownCertificate(await files(one.key, one.cert, 0o644)), /read by others/);
    await assert.rejects(ownCertificate(await files('x', one.cert)), /no unencrypted PEM/);
    await assert.rejects(ownCertificate(await files(one.key, 'x')), /no PEM certificate/);
  });
});
