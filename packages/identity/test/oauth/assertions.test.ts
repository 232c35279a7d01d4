import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, mock, test } from 'node:test';
import { localAuthority } from '@safeguard/http';
import { systemClock } from '@safeguard/kernel';
import { type CryptoKey, decodeProtectedHeader, exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT } from 'jose';
import { Provider } from 'oidc-provider';
import { createAttempts } from '../../attempts.ts';
import type { NewApp, RegisteredApp } from '../../types.ts';
import { bend, type Doctored, doctored, type Open } from './doctored.ts';
import { post, worth } from './flow.ts';
import { base, type House, openHouse, type Process } from './house.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const audience = `${base}/oauth2/token`;
const now_s = (): number => Math.floor(Date.now() / 1000);

async function keyPair(alg: string, kid = 'k1') {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, kid, privateKey, publicKey, jwk: { ...(await exportJWK(publicKey)), kid, alg } as JWK };
}
type Pair = Awaited<ReturnType<typeof keyPair>>;

const service = (jwk: JWK, more: Partial<NewApp> = {}) =>
  house.app({
    auth_method: 'private_key_jwt',
    grant_types: ['client_credentials'],
    redirect_uris: [],
    scopes: ['system/*.rs'],
    jwks: { keys: [jwk as Record<string, unknown>] },
    ...more,
  });

interface Made {
  readonly claims?: Record<string, unknown>;
  readonly header?: Record<string, unknown>;
  readonly key?: CryptoKey;
}

/** A sound assertion, and what a test changes in it; undefined takes a claim out. */
function assertion({ client_id }: RegisteredApp, { alg, kid, privateKey }: Pair, { claims, header, key }: Made = {}) {
  const all = {
    ...{ iss: client_id, sub: client_id, aud: audience, exp: now_s() + 240, iat: now_s(), jti: randomUUID() },
    ...claims,
  };
  const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return new SignJWT(given).setProtectedHeader({ alg, kid, typ: 'JWT', ...header }).sign(key ?? privateKey);
}

const ask = (client_assertion: string, on: Process = house, more: Record<string, string> = {}) =>
  post(on, '/oauth2/token', {
    grant_type: 'client_credentials',
    scope: 'system/Patient.rs',
    client_assertion,
    client_assertion_type: type,
    ...more,
  });

test('each algorithm of SMART and its neighbours proves a backend service', async () => {
  for (const alg of ['RS384', 'ES384', 'RS256', 'ES256', 'PS256', 'EdDSA']) {
    const pair = await keyPair(alg);
    const app = await service(pair.jwk);
    for (const aud of [audience, base]) {
      const { status, body } = await ask(await assertion(app, pair, { claims: { aud } }));
      assert.equal(status, 200, `${alg} ${JSON.stringify(body)}`);
      assert.deepEqual([body.token_type, body.scope], ['Bearer', 'system/Patient.rs']);
      assert.equal((await worth(house, body.access_token)).id, app.client_id);
    }
  }
});

test('an assertion works once, in any process', async () => {
  const other = await house.process();
  const pair = await keyPair('ES384');
  const app = await service(pair.jwk);
  const given = await assertion(app, pair);
  const answers = await Promise.all([house, other, house, other].map((each) => ask(given, each)));
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
  for (const { status, body } of answers.filter((each) => each.status !== 200)) {
    assert.deepEqual([status, body.error], [401, 'invalid_client']);
  }
});

test('negative control: where a replay is not remembered, it works twice', async () => {
  const { segment } = house;
  const broken = await house.process({
    segment: {
      ...segment,
      query: async (tenant, statement, values) =>
        statement.name === 'identity.replay.insert'
          ? ([{ tenant: 1 }] as never)
          : segment.query(tenant, statement, values),
    },
  });
  const pair = await keyPair('ES384');
  const app = await service(pair.jwk);
  const given = await assertion(app, pair);
  assert.equal((await ask(given, broken)).status, 200);
  assert.equal((await ask(given, broken)).status, 200);
});

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

async function forgeries(app: RegisteredApp, pair: Pair): Promise<Record<string, string>> {
  const [header = '', payload = '', signature = ''] = (await assertion(app, pair)).split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const fresh = () => encoded({ ...claims, jti: randomUUID() });
  const stranger = await keyPair(pair.alg);
  const hmac = (key: string | Buffer, head: string, body: string): string =>
    `${head}.${body}.${createHmac('sha256', key).update(`${head}.${body}`).digest('base64url')}`;
  const hs = (more = {}) => encoded({ alg: 'HS256', kid: 'k1', typ: 'JWT', ...more });
  const body = fresh();
  return {
    'alg none': `${encoded({ alg: 'none', kid: 'k1' })}.${fresh()}.`,
    'alg None': `${encoded({ alg: 'None', kid: 'k1' })}.${fresh()}.`,
    'alg none with the old signature': `${encoded({ alg: 'none', kid: 'k1' })}.${fresh()}.${signature}`,
    'no signature': `${header}.${fresh()}.`,
    'another payload under the signature': `${header}.${fresh()}.${signature}`,
    'HS256 with the public key as PEM': hmac(await exportSPKI(pair.publicKey), hs(), body),
    'HS256 with the public key as JWK': hmac(JSON.stringify(pair.jwk), hs(), body),
    'HS256 with an empty key': hmac('', hs(), body),
    'HS256 with the client id': hmac(app.client_id, hs(), body),
    'a key of one’s own in the header': await assertion(app, pair, {
      header: { jwk: stranger.jwk },
      key: stranger.privateKey,
    }),
    'a key set of one’s own in the header': await assertion(app, pair, {
      header: { jku: 'https://evil.example/jwks.json' },
      key: stranger.privateKey,
    }),
    'a certificate of one’s own in the header': await assertion(app, pair, {
      header: { x5u: 'https://evil.example/cert.pem', x5c: ['MIIB'] },
      key: stranger.privateKey,
    }),
    'a kid that is a path': await assertion(app, pair, {
      header: { kid: '../../../../dev/null' },
      key: stranger.privateKey,
    }),
    'a kid that is SQL': await assertion(app, pair, { header: { kid: "k1' or '1'='1" }, key: stranger.privateKey }),
    'a kid of nobody': await assertion(app, pair, { header: { kid: 'other' } }),
    'no kid': await assertion(app, pair, { header: { kid: undefined } }),
    'signed by another key under this kid': await assertion(app, pair, { key: stranger.privateKey }),
    'an unknown critical header': `${encoded({ alg: pair.alg, kid: 'k1', crit: ['x'], x: 1 })}.${fresh()}.${signature}`,
    'not a JWT': 'x.y.z',
    nothing: '',
  };
}

test('forged assertions are refused, each with the same words', async () => {
  const pair = await keyPair('ES384');
  const app = await service(pair.jwk);
  const texts = new Set<string>();
  for (const [name, forged] of Object.entries(await forgeries(app, pair))) {
    const { status, body } = await ask(forged);
    assert.ok(status === 401 || status === 400, name);
    assert.ok(['invalid_client', 'invalid_request'].includes(body.error), name);
    if (status === 401) texts.add(`${body.error} ${body.error_description}`);
  }
  assert.equal(texts.size, 1);
});

/** Reads who an assertion says it is, and asks for nothing that would show it. */
const credulous: Doctored = {
  once: ({ Client }) =>
    bend(Client, (found) => {
      let asked = 0;
      // The way is right, and then there is nothing to show on it.
      const get = () => (asked++ === 1 ? 'none' : 'private_key_jwt');
      Object.defineProperty(found, 'clientAuthMethod', { get, configurable: true });
    }),
};

/** Whatever the header says is how it is verified, with the keys given. */
const verifying = (keys: (header: Open) => object): Doctored => ({
  once: ({ Client }) =>
    bend(Client, (found) => {
      const header = () => decodeProtectedHeader(Provider.ctx?.oidc.params?.client_assertion as string);
      Object.defineProperty(found, 'clientAuthSigningAlg', { get: () => header().alg, configurable: true });
      const store = { selectForVerify: () => [keys(header())], getKeyObject: async (key: object) => key };
      Object.assign(found.asymmetricKeyStore, store);
    }),
});

test('negative control: where nothing is verified each forgery that names its client gets in', async () => {
  const pair = await keyPair('ES384');
  const app = await service(pair.jwk);
  const broken = await doctored(house, credulous);
  const { 'not a JWT': _none, nothing: _nothing, ...named } = await forgeries(app, pair);
  for (const [name, forged] of Object.entries(named)) assert.equal((await ask(forged, broken)).status, 200, name);
});

test('negative control: where the header chooses algorithm or key, it is confused, or brings its own', async () => {
  const pair = await keyPair('ES384');
  const app = await service(pair.jwk);
  const asText = { kty: 'oct', k: Buffer.from(await exportSPKI(pair.publicKey)).toString('base64url') };
  const forged = await forgeries(app, pair);
  const confused = await doctored(
    house,
    verifying(() => asText),
  );
  assert.equal((await ask(forged['HS256 with the public key as PEM'] ?? '', confused)).status, 200);
  const led = await doctored(
    house,
    verifying((header) => header.jwk),
  );
  assert.equal((await ask(forged['a key of one’s own in the header'] ?? '', led)).status, 200);
  const blind = await doctored(
    house,
    verifying(() => pair.jwk),
  );
  assert.equal((await ask(forged['a kid of nobody'] ?? '', blind)).status, 200);
  const otherwise = await ask(forged['signed by another key under this kid'] ?? '', blind);
  assert.equal(otherwise.status, 401, 'the signature holds by itself');
});

/** What of a check of claims is left out, by itself. */
const without: Record<'ours' | 'audience' | 'time' | 'proof', Doctored> = {
  ours: { once: (_provider, configuration) => (configuration.assertJwtClientAuthClaimsAndHeader = async () => {}) },
  audience: { each: ({ oidc }) => (oidc.clientJwtAuthExpectedAudience = () => ({ has: () => true })) },
  time: { once: (_provider, configuration) => (configuration.clockTolerance = 86_400) },
  proof: credulous,
};

type Wrong = Record<string, readonly [claims: Record<string, unknown>, control?: keyof typeof without]>;

test('claims that are wrong are refused; negative control: without the check that they are meant for', async () => {
  const pair = await keyPair('RS384');
  const app = await service(pair.jwk);
  const other = await service((await keyPair('RS384')).jwk);
  const wrong: Wrong = {
    'issuer: another client': [{ iss: other.client_id }, 'proof'],
    'issuer: us': [{ iss: base }, 'proof'],
    'no issuer': [{ iss: undefined }, 'proof'],
    'subject: another client': [{ sub: other.client_id }, 'proof'],
    'no subject': [{ sub: undefined }],
    'audience: another server': [{ aud: 'https://other.example/oauth2/token' }, 'audience'],
    'audience: our FHIR server': [{ aud: `${base}/fhir/R4` }, 'audience'],
    'audience: nearly us': [{ aud: `${base}/` }, 'audience'],
    'audience: among strangers only': [{ aud: ['https://a.example', 'https://b.example'] }, 'audience'],
    'no audience': [{ aud: undefined }, 'proof'],
    expired: [{ exp: now_s() - 60 }, 'time'],
    'lives too long': [{ exp: now_s() + 3_600 }, 'ours'],
    'lives for ever': [{ exp: Number.MAX_SAFE_INTEGER }, 'proof'],
    'no end': [{ exp: undefined }, 'proof'],
    'an end that is a text': [{ exp: '9999999999' }, 'proof'],
    'from the future': [{ iat: now_s() + 3_600 }, 'ours'],
    'not yet': [{ nbf: now_s() + 3_600 }, 'time'],
    'no jti': [{ jti: undefined }, 'proof'],
    'a jti that is a number': [{ jti: 7 }, 'proof'],
    'a jti without end': [{ jti: 'x'.repeat(5_000) }, 'proof'],
  };
  const broken = new Map<string, Process>();
  for (const [name, variant] of Object.entries(without)) broken.set(name, await doctored(house, variant));
  for (const [name, [claims, control]] of Object.entries(wrong)) {
    const given = await assertion(app, pair, { claims });
    const { status, body } = await ask(given);
    assert.ok(status === 401 || status === 400, `${name} ${status}`);
    assert.ok(['invalid_client', 'invalid_request'].includes(body.error), `${name} ${body.error}`);
    // Without a subject nobody is named, and there is nobody to let in.
    const on = broken.get(control ?? '');
    if (on !== undefined) assert.equal((await ask(given, on)).status, 200, `${name} without ${control}`);
  }
});

test('one way to prove oneself, the one that was registered', async () => {
  const pair = await keyPair('ES384');
  const keyed = await service(pair.jwk);
  const bound = await service(pair.jwk, { auth_alg: 'RS384' });
  const secret = await house.app({ grant_types: ['client_credentials'], redirect_uris: [], scopes: ['system/*.rs'] });
  const grant = { grant_type: 'client_credentials' };
  const both = await ask(await assertion(keyed, pair), house, { client_secret: 'x' });
  assert.equal(both.body.error, 'invalid_request');
  assert.equal((await post(house, '/oauth2/token', { ...grant, client_id: keyed.client_id })).status, 401);
  assert.equal((await post(house, '/oauth2/token', { ...grant, client_id: secret.client_id })).status, 401);
  assert.equal((await ask(await assertion(secret, pair))).status, 401);
  assert.equal((await ask(await assertion(bound, pair))).status, 401);
});

test('keys are rotated with an overlap: the old one beside the new one, then the new one alone', async () => {
  const [old, young] = [await keyPair('ES384', 'old'), await keyPair('ES384', 'young')];
  const app = await service(old.jwk);
  const set = (...keys: JWK[]) => house.oauth.clients.replaceKeys(app.client_id, { jwks: { keys: keys as never } });
  const works = async (pair: Pair) => (await ask(await assertion(app, pair))).status === 200;
  assert.deepEqual([await works(old), await works(young)], [true, false]);
  await set(old.jwk, young.jwk);
  assert.deepEqual([await works(old), await works(young)], [true, true]);
  await set(young.jwk);
  assert.deepEqual([await works(old), await works(young)], [false, true]);
  await assert.rejects(set(await exportJWK(young.privateKey)), { kind: 'invalid' });
  await assert.rejects(house.oauth.clients.replaceKeys(randomUUID(), { jwks: { keys: [old.jwk as never] } }), {
    kind: 'missing',
  });
});

test('failed proofs are limited, whatever the way: ten a minute from one network', async () => {
  const limited = await house.process({ change: { attempts: createAttempts(house.clock) } });
  const pair = await keyPair('ES384');
  const app = await service(pair.jwk);
  const stranger = await keyPair('ES384');
  const guess = async () => ask(await assertion(app, pair, { key: stranger.privateKey }), limited);
  for (let round = 0; round < 10; round++) assert.equal((await guess()).status, 401);
  const { status, headers } = await guess();
  assert.equal(status, 429);
  assert.ok(Number(headers.get('retry-after')) > 0);
  assert.equal((await ask(await assertion(app, pair), limited)).status, 429);
  const other = await service(pair.jwk);
  assert.equal((await ask(await assertion(other, pair), limited)).status, 200);
});

test('keys by address are fetched, again when they are old', async () => {
  const directory = join(tmpdir(), `safeguard-jwks-${process.pid}`);
  const authority = await localAuthority({ directory, hosts: ['keys.example'], clock: systemClock });
  const [first, second] = [await keyPair('ES384', 'one'), await keyPair('RS384', 'two')];
  let keys = [first.jwk];
  const server = createServer(authority.current(), (_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const on = await house.process({
    settings: { fetch_allow: [`keys.example:${port}`], fetch_ca: [await readFile(authority.caFile, 'utf8')] },
    change: { resolve: async () => [{ address: '127.0.0.1', family: 4 }] },
  });
  const app = await service(first.jwk, { jwks: undefined, jwks_uri: `https://keys.example:${port}/jwks` } as never);
  const works = async (pair: Pair) => (await ask(await assertion(app, pair), on)).status;
  assert.deepEqual([await works(first), await works(second)], [200, 401]);
  keys = [second.jwk];
  mock.timers.enable({ apis: ['Date'], now: Date.now() + 61_000 });
  try {
    assert.deepEqual([await works(first), await works(second)], [401, 200]);
  } finally {
    mock.timers.reset();
    server.close();
  }
});

test('keys by address are never fetched from inside our network', async () => {
  const pair = await keyPair('ES384');
  const jwks_uri = 'https://keys.example/jwks.json';
  const app = await service(pair.jwk, { jwks: undefined, jwks_uri } as never);
  const asked: string[] = [];
  const inside = await house.process({
    change: {
      resolve: async (host) => {
        asked.push(host);
        return [{ address: '169.254.169.254', family: 4 }];
      },
    },
  });
  const { status, body } = await ask(await assertion(app, pair), inside);
  assert.deepEqual([status, body.error], [401, 'invalid_client']);
  assert.ok(!JSON.stringify(body).includes('169'));
  assert.deepEqual(asked, ['keys.example']);
});
