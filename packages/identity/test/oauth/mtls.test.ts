import assert from 'node:assert/strict';
import { webcrypto, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createHttp, createLog, type Http, localAuthority } from '@safeguard/http';
import { systemClock } from '@safeguard/kernel';
import { exportJWK, importX509 } from 'jose';
import { type House, httpSettings, openHouse } from './house.ts';

// It needs the polyfill that `http` brings: only then it can be loaded.
const x509 = await import('@peculiar/x509');

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const day_ms = 86_400_000;

interface Shown {
  readonly key: string;
  readonly cert: string;
}
type Issuer = { readonly name: string; readonly keys: webcrypto.CryptoKeyPair; readonly pem: string };

const keysOf = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
const times = { notBefore: new Date(Date.now() - day_ms), notAfter: new Date(Date.now() + day_ms) };

async function authority(name: string): Promise<Issuer> {
  const keys = (await keysOf()) as webcrypto.CryptoKeyPair;
  const made = await x509.X509CertificateGenerator.createSelfSigned(
    {
      ...{ name: `CN=${name}`, serialNumber: '01', ...times, keys, signingAlgorithm: algorithm },
      extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
    },
    webcrypto,
  );
  return { name: `CN=${name}`, keys, pem: made.toString('pem') };
}

/** A client's certificate, of an authority or of its own. */
async function certificate(dns: string, by?: Issuer, more: object = {}): Promise<Shown> {
  const keys = await keysOf();
  const made = await x509.X509CertificateGenerator.create(
    {
      ...{ serialNumber: '02', subject: `CN=${dns}`, issuer: by?.name ?? `CN=${dns}`, ...times },
      ...{ publicKey: keys.publicKey, signingKey: by?.keys.privateKey ?? keys.privateKey, signingAlgorithm: algorithm },
      extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: dns }])],
      ...more,
    },
    webcrypto,
  );
  const key = x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { key, cert: made.toString('pem') };
}

let house: House;
let http: Http;
let url: string;
let ca: string;
let trusted: Issuer;
before(async () => {
  [house, trusted] = [await openHouse(), await authority('trusted')];
  const on = await house.process({ settings: { mtls: { authorities: [trusted.pem] } } });
  const tls = await localAuthority({
    directory: join(tmpdir(), `safeguard-mtls-${process.pid}`),
    hosts: [],
    clock: systemClock,
  });
  ca = await readFile(tls.caFile, 'utf8');
  const { public_url: _public, ...settings } = httpSettings;
  http = createHttp({
    routes: on.routes,
    ports: { authenticate: on.oauth.authenticate, record: async () => undefined },
    settings: { ...settings, host: 'localhost', tls_client_certificates: 'ask' },
    ...{ tls, log: createLog({ level: 'fatal' as 'error' }), health: { ready: async () => undefined } },
  });
  ({ url } = await http.listen());
});
after(async () => {
  await http.close();
  await house.close();
});

function call(path: string, shown: Shown | undefined, form?: Record<string, string>, headers = {}) {
  // biome-ignore lint/suspicious/noExplicitAny: an answer of the server, which a test looks into
  return new Promise<{ status: number; body: any }>((resolve, reject) => {
    const asked = request(
      `${url}${path}`,
      {
        ...{ ca, agent: false, method: form === undefined ? 'GET' : 'POST', ...shown },
        headers: { ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }), ...headers },
      },
      (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text || '{}') }));
      },
    );
    asked.on('error', reject).end(form === undefined ? undefined : new URLSearchParams(form).toString());
  });
}

const own = { grant_types: ['client_credentials'] as const, redirect_uris: [], scopes: ['system/*.rs'] };
const grant = { grant_type: 'client_credentials' };
const token = (client_id: string, shown: Shown | undefined) => call('/oauth2/token', shown, { ...grant, client_id });
const read = (value: string, shown: Shown | undefined) =>
  call('/fhir/R4/Patient/1', shown, undefined, { authorization: `Bearer ${value}` });

test('a certificate of a trusted authority with the registered name proves the client, no other does', async () => {
  const { client_id } = await house.app({
    ...own,
    auth_method: 'tls_client_auth',
    certificate: { property: 'san_dns', value: 'loader.example' },
  });
  assert.equal((await token(client_id, await certificate('loader.example', trusted))).status, 200);
  const strangers: Record<string, Shown | undefined> = {
    'another name': await certificate('other.example', trusted),
    'a name that begins with it': await certificate('loader.example.evil.example', trusted),
    'signed by itself': await certificate('loader.example'),
    'another authority': await certificate('loader.example', await authority('evil')),
    'an authority of the same name': await certificate('loader.example', await authority('trusted')),
    expired: await certificate('loader.example', trusted, { notAfter: new Date(Date.now() - 3_600_000) }),
    none: undefined,
  };
  for (const [name, shown] of Object.entries(strangers))
    assert.equal((await token(client_id, shown)).status, 401, name);
});

test('a certificate of its own that was registered proves the client, that one alone', async () => {
  const mine = await certificate('self.example');
  const key = await exportJWK(await importX509(mine.cert, 'ES256'));
  const x5c = [new X509Certificate(mine.cert).raw.toString('base64')];
  const jwks = { keys: [{ ...key, kid: 'k', x5c }] };
  const { client_id } = await house.app({ ...own, auth_method: 'self_signed_tls_client_auth', jwks });
  assert.equal((await token(client_id, mine)).status, 200);
  assert.equal((await token(client_id, await certificate('self.example'))).status, 401);
  assert.equal((await token(client_id, undefined)).status, 401);
});

test('a token that is bound to a certificate is worth nothing without it', async () => {
  const mine = await certificate('bound.example');
  const app = await house.app({ ...own, certificate_bound: true });
  const form = { ...grant, client_id: app.client_id, client_secret: app.client_secret ?? '' };
  assert.equal((await call('/oauth2/token', undefined, form)).status, 400);
  const { status, body } = await call('/oauth2/token', mine, form);
  assert.equal(status, 200);
  assert.equal((await read(body.access_token, mine)).status, 200);
  assert.equal((await read(body.access_token, undefined)).status, 401);
  assert.equal((await read(body.access_token, await certificate('bound.example'))).status, 401);
  const told = await call('/oauth2/introspect', mine, { ...form, token: body.access_token });
  assert.ok(told.body.cnf['x5t#S256']);
});

test('where certificates are not asked for, a client that needs one is none', async () => {
  const app = await house.app({ ...own, certificate_bound: true });
  const { post } = await import('./flow.ts');
  assert.equal((await post(house, '/oauth2/token', { ...grant, ...app })).status, 401);
});
