import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { codeFor, redeem, token, worth } from './flow.ts';
import { base, fhir, type House, openHouse, type Process } from './house.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

const now_s = (): number => Math.floor(Date.now() / 1000);
const ath = (value: string): string => createHash('sha256').update(value).digest('base64url');

async function keyPair(alg = 'ES256') {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, privateKey, jwk: await exportJWK(publicKey) };
}
type Pair = Awaited<ReturnType<typeof keyPair>>;

interface Changes {
  readonly claims?: Record<string, unknown>;
  readonly header?: Record<string, unknown>;
  readonly key?: CryptoKey;
}

function proof(
  { alg, privateKey, jwk }: Pair,
  claims: Record<string, unknown>,
  { header, key, ...more }: Changes = {},
) {
  const all = { jti: randomUUID(), iat: now_s(), ...claims, ...more.claims };
  const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return new SignJWT(given).setProtectedHeader({ typ: 'dpop+jwt', alg, jwk, ...header }).sign(key ?? privateKey);
}

const atToken = (pair: Pair, more?: Changes) => proof(pair, { htm: 'POST', htu: `${base}/oauth2/token` }, more);
const resource = `${fhir}/Patient/1`;
const atResource = (pair: Pair, value: string, more?: Changes) =>
  proof(pair, { htm: 'GET', htu: resource, ath: ath(value) }, more);

async function bound(pair: Pair, on: Process = house) {
  const [app, who] = [await house.app({ auth_method: 'none' }), await house.person()];
  const given = await codeFor(on, app, who.cookie);
  const form = {
    grant_type: 'authorization_code',
    code: given.code,
    code_verifier: given.verifier,
    redirect_uri: 'https://app.example/callback',
  };
  const { status, body } = await token(on, app, form, { dpop: await atToken(pair) });
  assert.equal(status, 200, JSON.stringify(body));
  return { app, who, ...(body as { access_token: string; refresh_token: string; token_type: string }) };
}

const ask = (value: string, dpop: string | undefined, on: Process = house, scheme = 'DPoP') =>
  worth(on, value, { authorization: `${scheme} ${value}`, ...(dpop === undefined ? {} : { dpop }) });

test('a bound token works with its key, and is worth nothing without it', async () => {
  const pair = await keyPair();
  const { access_token, token_type, who } = await bound(pair);
  assert.equal(token_type, 'DPoP');
  assert.equal((await ask(access_token, await atResource(pair, access_token))).id, who.id);
  assert.equal(await ask(access_token, undefined, house, 'Bearer'), 401);
  assert.equal(await ask(access_token, await atResource(pair, access_token), house, 'Bearer'), 401);
  assert.equal(await ask(access_token, undefined), 401);
});

test('proofs that are wrong are refused', async () => {
  const pair = await keyPair();
  const thief = await keyPair();
  const { access_token, who } = await bound(pair);
  const made = (claims: Record<string, unknown>) => atResource(pair, access_token, { claims });
  const header = JSON.stringify({ typ: 'dpop+jwt', alg: 'none', jwk: pair.jwk });
  const unsigned = Buffer.from(header).toString('base64url');
  const wrong: Record<string, string> = {
    'another key': await atResource(thief, access_token),
    'another key that names this one': await atResource(pair, access_token, { key: thief.privateKey }),
    'for another method': await made({ htm: 'DELETE' }),
    'for another method in lower case': await made({ htm: 'get' }),
    'for another address': await made({ htu: `${fhir}/Patient/2` }),
    'for another server': await made({ htu: 'https://other.example/fhir/R4/Patient/1' }),
    'for the plain scheme': await made({ htu: resource.replace('https', 'http') }),
    'for no address': await made({ htu: undefined }),
    'for another token': await made({ ath: ath('sgt_other') }),
    'for no token': await made({ ath: undefined }),
    'too old': await made({ iat: now_s() - 120 }),
    'from the future': await made({ iat: now_s() + 120 }),
    'of no time': await made({ iat: undefined }),
    'without a name': await made({ jti: undefined }),
    'with an empty name': await made({ jti: '' }),
    'of another type': await atResource(pair, access_token, { header: { typ: 'JWT' } }),
    'with the private key in it': await atResource(pair, access_token, {
      header: { jwk: (await exportJWK(pair.privateKey)) as JWK },
    }),
    'alg none': `${unsigned}.${(await made({})).split('.')[1]}.`,
    'two at once': `${await made({})}, ${await made({})}`,
    nonsense: 'a.b.c',
  };
  for (const [name, dpop] of Object.entries(wrong)) assert.equal(await ask(access_token, dpop), 401, name);
  assert.equal((await ask(access_token, await made({ htu: `${resource}?x=1#y` }))).id, who.id, 'query and fragment');
});

test('a proof works once, in any process', async () => {
  const other = await house.process();
  const pair = await keyPair();
  const { access_token } = await bound(pair);
  const dpop = await atResource(pair, access_token);
  const answers = await Promise.all([house, other, house, other].map((each) => ask(access_token, dpop, each)));
  assert.equal(answers.filter((answer) => answer !== 401).length, 1);
});

test('negative control: where proofs are not remembered, one works twice', async () => {
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
  const pair = await keyPair();
  const { access_token, who } = await bound(pair, broken);
  const dpop = await atResource(pair, access_token);
  for (const _round of [1, 2]) assert.equal((await ask(access_token, dpop, broken)).id, who.id);
});

test('an unbound token is no DPoP token; a bound refresh token of a public client needs its key', async () => {
  const pair = await keyPair();
  const [app, who] = [await house.app(), await house.person()];
  const { body } = await redeem(house, app, await codeFor(house, app, who.cookie));
  assert.equal(await ask(body.access_token, await atResource(pair, body.access_token)), 401);
  const given = await bound(pair);
  const form = { grant_type: 'refresh_token', refresh_token: given.refresh_token };
  assert.equal((await token(house, given.app, form)).status, 400);
  const thief = await keyPair();
  assert.equal((await token(house, given.app, form, { dpop: await atToken(thief) })).status, 400);
  assert.equal((await token(house, given.app, form, { dpop: await atToken(pair) })).status, 200);
});

test('a client that must bind gets nothing unbound; where nonces are asked for, one is given and taken', async () => {
  const must = await house.app({ dpop_bound: true });
  const who = await house.person();
  assert.equal((await redeem(house, must, await codeFor(house, must, who.cookie))).status, 400);
  const strict = await house.process({ settings: { dpop_nonce: true } });
  const other = await house.process({ settings: { dpop_nonce: true } });
  const service = await house.app({ grant_types: ['client_credentials'], redirect_uris: [], scopes: ['system/*.rs'] });
  const pair = await keyPair('ES384');
  const form = { grant_type: 'client_credentials' };
  const first = await token(strict, service, form, { dpop: await atToken(pair) });
  assert.deepEqual([first.status, first.body.error], [400, 'use_dpop_nonce']);
  const nonce = first.headers.get('dpop-nonce');
  assert.ok(nonce);
  const second = await token(other, service, form, { dpop: await atToken(pair, { claims: { nonce } }) });
  assert.deepEqual([second.status, second.body.token_type], [200, 'DPoP'], JSON.stringify(second.body));
  const made = await token(strict, service, form, { dpop: await atToken(pair, { claims: { nonce: 'mine' } }) });
  assert.equal(made.body.error, 'use_dpop_nonce');
});
