import assert from 'node:assert/strict';
import { createHash, createHmac, type KeyObject, sign } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { Principal } from '@safeguard/http';
import { newId } from '@safeguard/kernel';
import { compactVerify, SignJWT } from 'jose';
import { trustedLeaf } from '../../registration/udap/chain.ts';
import { type Issued, issue } from './certificate.ts';
import { administrator, approve, type House, openHouse, type Served } from './house.ts';

const member = 'https://labs.example/udap';
const root = issue({ name: 'Community root', ca: true, pathLength: 1 });
const middle = issue({ name: 'Community issuing', issuer: root, ca: true, pathLength: 0 });
const leaf = issue({ name: 'Northern Labs', issuer: middle, uris: [member, 'https://labs.example/other'] });
const foreignRoot = issue({ name: 'Community root', ca: true });

let house: House;
let admin: Principal;
before(async () => {
  house = await openHouse();
  admin = await administrator(house);
  await house.tenants.configure(1, { udapAnchors: [root.pem] });
});
after(() => house.close());

interface Sending {
  readonly claims?: object;
  readonly header?: object;
  readonly by?: Issued;
  readonly chain?: readonly Issued[];
  readonly key?: KeyObject;
  readonly alg?: string;
  /** Signed without the library, which refuses a short key. */
  readonly byHand?: boolean;
}

const seconds = () => Math.floor(house.clock.now() / 1000);
const claimsOf = (more: object = {}) => ({
  iss: member,
  sub: member,
  aud: `${house.url}/oauth2/register/default`,
  iat: seconds(),
  exp: seconds() + 300,
  jti: newId(),
  client_name: 'Northern Labs importer',
  contacts: ['mailto:dev@labs.example'],
  grant_types: ['client_credentials'],
  token_endpoint_auth_method: 'private_key_jwt',
  scope: 'system/Observation.rs',
  ...more,
});

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

async function statement({
  claims,
  header,
  by = leaf,
  chain = [by, middle],
  key,
  alg = 'RS256',
  byHand,
}: Sending = {}) {
  const first = { alg, x5c: chain.map(({ x5c }) => x5c), ...header };
  const signer = key ?? by.privateKey;
  if (byHand !== true) return new SignJWT(claimsOf(claims)).setProtectedHeader(first).sign(signer);
  const input = `${part(first)}.${part(claimsOf(claims))}`;
  return `${input}.${sign('sha256', Buffer.from(input), signer).toString('base64url')}`;
}

const send = (software_statement: string, served: Pick<Served, 'send'> = house, tenant = 'default') =>
  served.send('POST', `/oauth2/register/${tenant}`, { body: { udap: '1', software_statement } });
const register = async (sending: Sending = {}, served?: Pick<Served, 'send'>) => send(await statement(sending), served);

const assertion = (client_id: string, by: Issued, url: string) =>
  new SignJWT({ iss: client_id, sub: client_id, aud: `${url}/oauth2/token`, jti: newId(), exp: seconds() + 60 })
    .setProtectedHeader({ alg: 'RS256', kid: thumbprint(by), x5c: [by.x5c] })
    .sign(by.privateKey);
const thumbprint = (by: Issued) => createHash('sha256').update(by.certificate.raw).digest('base64url');
const tokenOf = async (client_id: string, by: Issued) =>
  house.send('POST', '/oauth2/token', {
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await assertion(client_id, by, house.url),
    }),
  });

test('a member registers, waits, is approved, and proves itself by its certificate’s key', async () => {
  const sent = await statement();
  const made = await send(sent);
  assert.equal(made.status, 201, made.text);
  const { client_id } = made.json;
  assert.equal(made.json.software_statement, sent);
  assert.equal((await tokenOf(client_id, leaf)).status, 401, 'not approved');
  const shown = await house.api('GET', `/applications/${client_id}`, { as: admin });
  assert.equal(shown.json.publisher, member);
  assert.equal(shown.json.source, 'udap');
  assert.equal((await approve(house, admin, client_id)).status, 200);
  const got = await tokenOf(client_id, leaf);
  assert.equal(got.status, 200, got.text);
  assert.equal(got.json.scope, 'system/Observation.rs');
  const event = house.events.findLast(({ action }) => action === 'udap-register');
  assert.deepEqual([event?.tenant, event?.targets], [1, [{ type: 'Client', id: client_id }]]);

  const renewed = issue({ name: 'Northern Labs', issuer: middle, uris: [member] });
  const again = await register({ by: renewed, claims: { scope: 'system/Observation.r' } });
  assert.equal(again.status, 200, again.text);
  assert.equal(again.json.client_id, client_id, 'the same member, the same client');
  assert.equal((await tokenOf(client_id, leaf)).status, 401, 'its key was replaced');
  assert.equal((await tokenOf(client_id, renewed)).json.scope, 'system/Observation.r');

  const wider = await register({ by: renewed, claims: { scope: 'system/*.cruds' } });
  assert.equal(wider.status, 200);
  assert.deepEqual((await house.oauth.clients.byId(client_id))?.scopes, ['system/Observation.r'], 'waits');

  const gone = await register({ by: renewed, claims: { grant_types: [] } });
  assert.equal(gone.status, 200, gone.text);
  assert.deepEqual(gone.json.grant_types, []);
  assert.equal((await tokenOf(client_id, renewed)).status, 401);
  const fresh = await register();
  assert.equal(fresh.status, 201, 'and may come again, as another');
  assert.notEqual(fresh.json.client_id, client_id);
});

test('ES384, a whole chain with its root, an anchor that issued the leaf itself', async () => {
  const uri = 'https://ec.example/';
  const ec = issue({ name: 'EC', issuer: middle, uris: [uri], kind: 'ec' });
  const of = { iss: uri, sub: uri };
  assert.equal((await register({ by: ec, alg: 'ES384', claims: of })).status, 201);
  assert.equal((await register({ by: ec, alg: 'ES384', claims: of, chain: [ec, middle, root] })).status, 200);
  const direct = issue({ name: 'Direct', issuer: root, uris: ['https://direct.example/'] });
  const own = { iss: 'https://direct.example/', sub: 'https://direct.example/' };
  assert.equal((await register({ by: direct, chain: [direct], claims: own })).status, 201);
});

const now = Date.now();
const hour_ms = 3_600_000;
const at = (more: object) => issue({ name: 'Mallory', issuer: middle, uris: [member], ...more });
const childOf = (issuer: Issued) => issue({ name: 'Mallory', issuer, uris: [member] });

/** What is wrong with the certificates: each a path that no member has. */
const paths: readonly [string, () => Sending][] = [
  ['expired leaf', () => ({ by: at({ until: now - hour_ms }) })],
  ['leaf of tomorrow', () => ({ by: at({ from: now + hour_ms }) })],
  ['self-signed', () => ({ by: issue({ name: 'Mallory', uris: [member] }), chain: [] })],
  [
    'self-signed authority',
    () => ({ by: issue({ name: 'Mallory', ca: true, uris: [member], usage: 0x84 }), chain: [] }),
  ],
  [
    'foreign root of the same name',
    () => {
      const other = issue({ name: 'Community issuing', issuer: foreignRoot, ca: true });
      return { by: childOf(other), chain: [other, foreignRoot] };
    },
  ],
  [
    'issuer of the same name with another key',
    () => {
      const other = issue({ name: 'Community issuing', ca: true });
      return { by: childOf(other), chain: [middle] };
    },
  ],
  [
    'an authority as the leaf',
    () => ({ by: issue({ name: 'Sub', issuer: root, ca: true, uris: [member], usage: 0x84 }), chain: [] }),
  ],
  ['a leaf that issues', () => ({ by: childOf(leaf), chain: [leaf, middle] })],
  [
    'beyond the path length',
    () => {
      const deep = issue({ name: 'Deep', issuer: middle, ca: true });
      return { by: childOf(deep), chain: [deep, middle] };
    },
  ],
  [
    'an authority that may not issue',
    () => {
      const mute = issue({ name: 'Mute', issuer: root, ca: true, usage: 0x80 });
      return { by: childOf(mute), chain: [mute] };
    },
  ],
  [
    'expired authority',
    () => {
      const old = issue({ name: 'Old', issuer: root, ca: true, until: now - hour_ms });
      return { by: childOf(old), chain: [old] };
    },
  ],
  ['a leaf that may not sign', () => ({ by: at({ usage: 0x20 }) })],
  ['an unknown critical extension', () => ({ by: at({ unknownCritical: true }) })],
  ['SHA-1', () => ({ by: at({ sha1: true }) })],
  ['a short key', () => ({ by: at({ bits: 1024 }), byHand: true })],
  ['the chain left out', () => ({ by: leaf, chain: [] })],
  ['the chain out of order', () => ({ by: leaf, chain: [root, middle] })],
];

async function refusesPath(name: string, sending: Sending, served: Served) {
  const { by = leaf, chain = [middle] } = sending;
  const before = (await house.registration.applications.list(1)).length;
  const answer = await register({ ...sending, by, chain: [by, ...chain] }, served);
  assert.equal(answer.status, 400, `${name}: ${answer.text}`);
  assert.equal(answer.json.error, 'unapproved_software_statement', name);
  assert.equal((await house.registration.applications.list(1)).length, before);
}

test('certificates that lead to no anchor, or should not: refused, each', async () => {
  for (const [name, make] of paths) await refusesPath(name, make(), house);
});

test('negative control: where any leaf is trusted every one of these gets in', async () => {
  const trusting = await house.serve({
    registration: { leafOf: ([leaf]) => leaf && { leaf, anchor: root.certificate } },
  });
  for (const [name, make] of paths) {
    await assert.rejects(
      refusesPath(name, { ...make(), claims: { aud: `${trusting.url}/oauth2/register/default` } }, trusting),
      name,
    );
  }
});

test('what the statement says is held against its certificate, its address and its time', async () => {
  const wrong: [string, Sending][] = [
    ['another URI', { claims: { iss: 'https://mallory.example/', sub: 'https://mallory.example/' } }],
    ['a prefix of the URI', { claims: { iss: 'https://labs.example/', sub: 'https://labs.example/' } }],
    ['another subject', { claims: { sub: 'https://mallory.example/' } }],
    ['another audience', { claims: { aud: 'https://elsewhere.example/oauth2/register/default' } }],
    ['another tenant’s audience', { claims: { aud: `${house.url}/oauth2/register/other` } }],
    ['several audiences', { claims: { aud: [`${house.url}/oauth2/register/default`] } }],
    ['expired', { claims: { iat: seconds() - 600, exp: seconds() - 301 } }],
    ['of tomorrow', { claims: { iat: seconds() + 3600, exp: seconds() + 3700 } }],
    ['too long a life', { claims: { exp: seconds() + 3600 } }],
    ['no end', { claims: { exp: undefined } }],
    ['no jti', { claims: { jti: undefined } }],
    ['signed by another', { key: middle.privateKey }],
    ['a critical header', { header: { crit: ['b64'], b64: true } }],
  ];
  for (const [name, sending] of wrong) {
    const answer = await register(sending);
    assert.equal(answer.status, 400, `${name} ${answer.text}`);
    assert.equal(answer.json.error, 'invalid_software_statement', name);
  }
});

/** The certificates lead where they should; of the leaf one thing is not as it is. */
const bentLeaf = (bend: object): NonNullable<Parameters<House['serve']>[0]>['registration'] & object => ({
  leafOf: (...given) => {
    const trusted = trustedLeaf(...given);
    for (const [name, value] of Object.entries(bend)) {
      if (trusted !== undefined) Object.defineProperty(trusted.leaf, name, { value });
    }
    return trusted;
  },
});

test('negative control: each of these is taken where what it is held against is bent alike', async () => {
  const mallory = 'https://mallory.example/';
  const prefix = 'https://labs.example/';
  const clock = (ahead_s: number) => ({ clock: { now: () => house.clock.now() + ahead_s * 1000 } });
  const bent: [string, Sending, Parameters<House['serve']>[0]][] = [
    [
      'another URI',
      { claims: { iss: mallory, sub: mallory } },
      { registration: bentLeaf({ subjectAltName: `URI:${mallory}` }) },
    ],
    [
      'a prefix',
      { claims: { iss: prefix, sub: prefix } },
      { registration: bentLeaf({ subjectAltName: `URI:${prefix}` }) },
    ],
    ['expired', { claims: { iat: seconds() - 600, exp: seconds() - 301 } }, { registration: clock(-400) }],
    ['of tomorrow', { claims: { iat: seconds() + 3600, exp: seconds() + 3700 } }, { registration: clock(3600) }],
    [
      'signed by another',
      { key: middle.privateKey },
      { registration: bentLeaf({ publicKey: middle.certificate.publicKey }) },
    ],
  ];
  for (const [name, sending, broken] of bent) {
    const served = await house.serve(broken);
    const claims = { ...sending.claims, aud: `${served.url}/oauth2/register/default` };
    const answer = await register({ ...sending, claims }, served);
    assert.ok(answer.status < 300, `${name} ${answer.text}`);
  }
  // The audience: at the address that it names, where the same community is trusted.
  await house.tenants.configure(house.other, { udapAnchors: [root.pem] });
  const there = await statement({ claims: { aud: `${house.url}/oauth2/register/other` } });
  assert.equal((await send(there)).status, 400);
  assert.equal((await send(there, house, 'other')).status, 201);
  await house.tenants.configure(house.other, { udapAnchors: [] });
});

test('algorithms: no HMAC under the public key, no none, nothing beside the list', async () => {
  const x5c = [leaf.x5c, middle.x5c];
  const made = (alg: string, signature: (input: string) => string) => {
    const input = `${part({ alg, x5c })}.${part(claimsOf())}`;
    return `${input}.${signature(input)}`;
  };
  const pem = leaf.certificate.publicKey.export({ type: 'spki', format: 'pem' });
  const hmac = made('HS256', (input) => createHmac('sha256', pem).update(input).digest('base64url'));
  const other = await statement({ alg: 'PS256' });
  // Negative control: the library takes them where nobody says which algorithms, and with which kind of key.
  const taken = async (given: string, key: Parameters<typeof compactVerify>[1]) =>
    (await compactVerify(given, key)).payload.length > 0;
  assert.deepEqual([await taken(hmac, Buffer.from(pem)), await taken(other, leaf.certificate.publicKey)], [true, true]);
  for (const forged of [hmac, made('none', () => ''), made('RS256', () => ''), other]) {
    const answer = await send(forged);
    assert.equal(answer.json.error, 'invalid_software_statement', answer.text);
  }
  for (const broken of ['', 'x', 'a.b.c', `${'A'.repeat(70_000)}.e30.e30`]) {
    assert.equal((await send(broken)).status >= 400, true);
  }
});

async function onceOnly(served: Served) {
  const sent = await statement({ claims: { aud: `${served.url}/oauth2/register/default` } });
  const first = await send(sent, served);
  assert.ok(first.status < 300, first.text);
  const again = await send(sent, served);
  assert.equal(again.status, 400, again.text);
  assert.equal(again.json.error, 'invalid_software_statement');
}

test('a statement counts once', () => onceOnly(house));

test('negative control: where what was seen is forgotten the same test fails', async () => {
  const forgetful: House['segment'] = {
    ...house.segment,
    query: (tenant, statement_, values) =>
      statement_.name === 'identity.replay.insert'
        ? (Promise.resolve([{ tenant: 1 }]) as never)
        : house.segment.query(tenant, statement_, values),
  };
  await assert.rejects(onceOnly(await house.serve({ registration: { segment: forgetful } })), /200/);
});

/** A second community that is trusted as well certifies the URI of the first one's member. */
async function takesOverNothing(served: Served) {
  const audience = { aud: `${served.url}/oauth2/register/default` };
  const first = await register({ claims: audience }, served);
  await house.tenants.configure(1, { udapAnchors: [root.pem, foreignRoot.pem] });
  const impostor = issue({ name: 'Mallory', issuer: foreignRoot, uris: [member] });
  const second = await register({ by: impostor, chain: [impostor], claims: audience }, served);
  await house.tenants.configure(1, { udapAnchors: [root.pem] });
  assert.equal(second.status, 201, second.text);
  assert.notEqual(second.json.client_id, first.json.client_id);
}

test('a community takes over no client of another’s', () => takesOverNothing(house));

test('negative control: where all anchors are taken for one, the same test fails', async () => {
  const careless = await house.serve({
    registration: {
      leafOf: (...given) => {
        const trusted = trustedLeaf(...given);
        return trusted && { ...trusted, anchor: root.certificate };
      },
    },
  });
  await assert.rejects(takesOverNothing(careless));
});

test('each tenant’s own address: nothing where nobody is trusted; an anchor of one is none of another', async () => {
  const of = (tenant: string) => statement({ claims: { aud: `${house.url}/oauth2/register/${tenant}` } });
  for (const tenant of ['other', 'nowhere']) {
    const answer = await send(await of(tenant), house, tenant);
    assert.equal(answer.status, 404);
    assert.equal((await house.send('GET', `/.well-known/udap?tenant=${tenant}`)).status, 404);
  }
  await house.tenants.configure(house.other, { udapAnchors: [foreignRoot.pem] });
  assert.equal((await send(await of('other'), house, 'other')).json.error, 'unapproved_software_statement');
  const told = await house.send('GET', '/.well-known/udap');
  assert.equal(told.json.registration_endpoint, `${house.url}/oauth2/register/default`);
  assert.deepEqual((await house.send('GET', '/fhir/R4/.well-known/udap')).json, told.json);
  const plain = await house.send('POST', '/oauth2/register/default', { body: { software_statement: 'x' } });
  assert.equal(plain.json.error, 'invalid_client_metadata');
});

test('what it asks is checked as every client’s', async () => {
  const wrong: [object, string][] = [
    [{ token_endpoint_auth_method: 'client_secret_basic' }, 'invalid_client_metadata'],
    [{ grant_types: ['authorization_code', 'client_credentials'] }, 'invalid_client_metadata'],
    [{ grant_types: ['authorization_code'] }, 'invalid_client_metadata'],
    [
      { grant_types: ['authorization_code'], response_types: ['code'], redirect_uris: ['http://labs.example/'] },
      'invalid_redirect_uri',
    ],
    [{ scope: 'system/Nothing.rs' }, 'invalid_client_metadata'],
    [{ contacts: [] }, 'invalid_client_metadata'],
  ];
  for (const [claims, error] of wrong)
    assert.equal((await register({ claims })).json.error, error, JSON.stringify(claims));
});
