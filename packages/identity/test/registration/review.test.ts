import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Principal } from '@safeguard/http';
import { newId } from '@safeguard/kernel';
import {
  activeAccount,
  administrator,
  approve,
  asked,
  backend,
  browserApp,
  type House,
  openHouse,
  person,
  principalOf,
  type Served,
  token,
} from './house.ts';

let house: House;
let dev: Principal;
let admin: Principal;
before(async () => {
  house = await openHouse();
  dev = await person(house);
  admin = await administrator(house);
});
after(() => house.close());

const secretOf = async (served: Pick<Served, 'api'>, id: string, as = dev): Promise<string> =>
  (await served.api('POST', `/applications/${id}/rotate-secret`, { as, body: {} })).json.client_secret;

const read = async (id: string, as = dev) => (await house.api('GET', `/applications/${id}`, { as })).json;
const scopesOf = async (id: string) => (await house.oauth.clients.byId(id))?.scopes;

test('drafted, asked for, approved with fewer scopes, in force: the whole way, and its history', async () => {
  const { id, made, sent } = await asked(house, dev);
  assert.equal(made.status, 201, made.text);
  assert.equal(made.json.state, 'draft');
  assert.equal(sent.json.state, 'pending');
  assert.equal(sent.json.in_force, null);
  const refused = await approve(house, admin, id, 1, { scopes: ['system/*.rs'] });
  assert.equal(refused.status, 400, 'more than was asked');
  const done = await approve(house, admin, id, 1, {
    scopes: ['system/Observation.r'],
    reason: 'Reading one is enough.',
  });
  assert.equal(done.status, 200, done.text);
  assert.deepEqual(done.json.in_force, { version: 1, scopes: ['system/Observation.r'] });
  const secret = await secretOf(house, id);
  assert.match(secret, /^sgs_/);
  const got = await token(house, id, secret);
  assert.equal(got.status, 200, got.text);
  assert.equal(got.json.scope, 'system/Observation.r');
  const history = await house.api('GET', `/applications/${id}/history`, { as: dev });
  assert.deepEqual(
    history.json.items.map(({ kind, actor, reason }: Record<string, unknown>) => [kind, actor, reason]),
    [
      ['create', dev.id, null],
      ['submit', dev.id, null],
      ['approve', admin.id, 'Reading one is enough.'],
    ],
  );
  const decided = house.events.findLast(({ action }) => action === 'application-decide');
  assert.deepEqual(decided?.targets, [{ type: 'Application', id }]);
  assert.equal(decided?.outcome, 'permit');
});

/** Before an approval nothing of a patient can be had, whatever was asked for and whichever secret is shown. */
async function nothingBefore(served: Served, afterwards: (id: string) => Promise<unknown> = async () => undefined) {
  const { id } = await asked(served, dev);
  assert.deepEqual(await scopesOf(id), ['openid', 'launch']);
  const early = await served.api('POST', `/applications/${id}/rotate-secret`, { as: dev, body: {} });
  assert.equal(early.status, 409);
  // Even with a secret, as dynamic registration gives one.
  const { client_secret } = await house.oauth.clients.rotateSecret(id);
  await afterwards(id);
  for (const scope of [undefined, 'system/Observation.rs']) {
    const got = await token(served, id, client_secret, scope);
    assert.equal(got.status, 401, got.text);
    assert.equal(got.json.error, 'invalid_client');
  }
  const page = await served.send('GET', `/oauth2/authorize?client_id=${id}&response_type=code&scope=openid`);
  assert.ok(page.status >= 400, 'no code either');
}

test('an app without approval gets no token and no right, whatever it asked for', () => nothingBefore(house));

test('negative control: with the state set past the review the same test fails; still no rights', async () => {
  let seen = '';
  const forced = (id: string) => {
    seen = id;
    return house.sql(`set safeguard.tenant = 0; update identity.client set state = 'approved' where id = '${id}'`);
  };
  await assert.rejects(nothingBefore(house, forced));
  assert.deepEqual(await scopesOf(seen), ['openid', 'launch'], 'the second fence: rights come with a decision alone');
});

test('nobody approves what they asked for: refused in words, and in the database as well', async () => {
  const single = await administrator(house);
  const { id } = await asked(house, single);
  const own = await approve(house, single, id);
  assert.equal(own.status, 403);
  assert.match(own.json.detail, /Nobody approves what they asked for.*another administrator.*operator on the machine/);
  assert.equal((await read(id, single)).state, 'pending');
  const decided = await house.registration.applications.decide({ kind: 'operator', tenant: 1 }, id, {
    approve: true,
    version: 1,
  });
  assert.equal(decided.state, 'approved', 'the operator can, on the machine’s socket');
});

test('negative control: past the check in the code the database refuses an approval of one’s own', async () => {
  const single = await administrator(house);
  const { id } = await asked(house, single);
  const told = `insert into identity.application_event (application, tenant, number, at, kind, actor_kind, actor,
    revision, scopes) values ('${id}', 1, 3, now(), 'approve', 'user', '${single.id}', 1, '{system/*.cruds}')`;
  await assert.rejects(
    house.sql(`set role safeguard_identity; set safeguard.tenant = 0; ${told};
      select identity.settle_application('${id}')`),
    /nobody approves what they asked for/,
  );
  // The same by somebody else goes through: it is this check that refused.
  await house.sql(`set role safeguard_identity; set safeguard.tenant = 0; ${told.replace(single.id, admin.id)};
    select identity.settle_application('${id}')`);
  assert.deepEqual(await scopesOf(id), ['system/*.cruds']);
});

test('the runtime role changes no history, no revision, no rights', async () => {
  for (const text of [
    `update identity.application_event set sealed = null`,
    'delete from identity.application_event',
    `update identity.application_revision set content = '{}'`,
    'delete from identity.application_revision',
    'delete from identity.application',
    `update identity.application set requester = null`,
    `update identity.client set scopes = '{system/*.cruds}'`,
    `update identity.client set redirect_uris = '{https://evil.example/}'`,
  ]) {
    const run = house.sql(`set role safeguard_identity; set safeguard.tenant = 0; ${text}`);
    await assert.rejects(run, /permission denied/, text);
  }
});

/** A reviewer saw version 1; what is approved must be that, or nothing. */
async function replay(served: Served) {
  const { id } = await asked(served, dev, browserApp());
  const { version } = await read(id, admin);
  const changed = await served.api('PATCH', `/applications/${id}`, {
    as: dev,
    body: { redirect_uris: ['https://evil.example/'], scopes: ['patient/*.cruds'] },
  });
  assert.equal(changed.json.state, 'draft', 'a changed proposal has to be asked for again');
  await served.api('POST', `/applications/${id}/submit`, { as: dev });
  const late = await approve(served, admin, id, version);
  assert.equal(late.status, 412, late.text);
  assert.equal((await read(id)).in_force, null);
}

test('an approval is of the version that was shown: a change in between makes it stale', () => replay(house));

test('negative control: a decision that takes the newest version for the one shown fails the same test', async () => {
  const careless = await house.serve({
    wrap: (real) => ({
      ...real,
      applications: {
        ...real.applications,
        decide: async (actor, id, decision) => {
          const { version = 0 } = (await real.applications.byId(actor.tenant, id)) ?? {};
          return real.applications.decide(actor, id, { ...decision, version });
        },
      },
    }),
  });
  await assert.rejects(replay(careless), /200/);
});

test('what widens waits and the old one works on; what narrows holds at once', async () => {
  const { id } = await asked(house, dev, browserApp());
  await approve(house, admin, id);
  const patch = (body: object) => house.api('PATCH', `/applications/${id}`, { as: dev, body });
  const effective = async () => {
    const client = await house.oauth.clients.byId(id);
    return [client?.state, client?.scopes, client?.redirect_uris, client?.name];
  };
  const before = await effective();
  for (const body of [
    { redirect_uris: ['https://app.example/callback', 'https://evil.example/'] },
    { redirect_uris: ['https://evil.example/'] },
    { scopes: ['patient/*.cruds'] },
    { scopes: ['patient/Observation.rs', 'user/Observation.rs'] },
    { publisher: 'Somebody else' },
    { name: 'Harbor Clinic sign-in' },
    { purpose: 'Selling it.' },
    { auth_method: 'private_key_jwt', jwks_uri: 'https://evil.example/keys' },
    { client_uri: 'https://evil.example' },
    { logo: { type: 'image/png', data: 'iVBORw0KGgo=' } },
    { view: 'without-identity' },
  ]) {
    const changed = await patch(body);
    assert.equal(changed.json.state, 'pending', `${JSON.stringify(body)} ${changed.text}`);
    assert.deepEqual(await effective(), before, JSON.stringify(body));
    const back = await house.api('POST', `/applications/${id}/withdraw`, { as: dev });
    assert.equal(back.json.state, 'approved');
    assert.equal(back.json.version, 1);
  }
  const narrowed = await patch({ scopes: ['patient/Observation.r'], redirect_uris: ['https://app.example/callback'] });
  assert.equal(narrowed.json.state, 'approved', narrowed.text);
  assert.deepEqual(await effective(), [
    'approved',
    ['patient/Observation.r'],
    ['https://app.example/callback'],
    'Growth chart',
  ]);
  const wider = await patch({ scopes: ['patient/Observation.rs'] });
  assert.equal(wider.json.state, 'pending', 'what was given up has to be asked for again');
  await approve(house, admin, id, wider.json.version);
  assert.deepEqual(await scopesOf(id), ['patient/Observation.rs']);
});

test('a refusal leaves what is in force, and needs a reason', async () => {
  const { id } = await asked(house, dev);
  const mute = await house.api('POST', `/applications/${id}/decision`, {
    as: admin,
    body: { decision: 'refuse', version: 1 },
  });
  assert.equal(mute.status, 400);
  const body = { decision: 'refuse', version: 1, reason: 'No agreement yet.' };
  const refused = await house.api('POST', `/applications/${id}/decision`, { as: admin, body });
  assert.equal(refused.json.state, 'refused');
  assert.equal((await approve(house, admin, id)).status, 409, 'what is refused waits no more');
  const again = await house.api('PATCH', `/applications/${id}`, {
    as: dev,
    body: { purpose: 'Only quality control.' },
  });
  assert.equal(again.json.state, 'draft');
});

test('narrowing ends tokens that hold more, at once', async () => {
  const { id } = await asked(house, dev);
  await approve(house, admin, id);
  const secret = await secretOf(house, id);
  const wide = (await token(house, id, secret)).json.access_token;
  const alive = async (): Promise<boolean> =>
    (await house.sql(`select 1 from identity.token where hash = sha256('${wide}') and revoked_at is null`)).length > 0;
  assert.equal(await alive(), true);
  await house.api('PATCH', `/applications/${id}`, { as: dev, body: { scopes: ['system/Observation.rs'] } });
  assert.equal(await alive(), false);
  assert.deepEqual((await token(house, id, secret)).json.scope, 'system/Observation.rs');
});

test('revoking ends client and tokens, by the requester or an administrator, and nothing comes after it', async () => {
  const { id } = await asked(house, dev);
  await approve(house, admin, id);
  const secret = await secretOf(house, id);
  assert.equal((await token(house, id, secret)).status, 200);
  const ended = await house.api('POST', `/applications/${id}/revoke`, {
    as: admin,
    body: { reason: 'Contract over.' },
  });
  assert.equal(ended.json.state, 'revoked');
  assert.equal((await token(house, id, secret)).status, 401);
  for (const verb of ['submit', 'withdraw', 'rotate-secret']) {
    const late = await house.api('POST', `/applications/${id}/${verb}`, {
      as: dev,
      ...(verb === 'rotate-secret' ? { body: {} } : {}),
    });
    assert.equal(late.status, 409, verb);
  }
  assert.equal((await house.api('PATCH', `/applications/${id}`, { as: dev, body: { name: 'x' } })).status, 409);
});

test('an application of somebody else’s is like none; of another tenant’s too', async () => {
  const { id } = await asked(house, dev);
  const stranger = await person(house);
  const foreign = await administrator(house, { tenant: house.other });
  const patient = principalOf(house, await activeAccount(house, { kind: 'patient', patients: [newId()] }));
  const decision = { decision: 'approve', version: 1 };
  const calls: [string, string, unknown?][] = [
    ['GET', ''],
    ['GET', '/history'],
    ['GET', '/proofs'],
    ['PATCH', '', { name: 'Mallory' }],
    ['POST', '/submit'],
    ['POST', '/withdraw'],
    ['POST', '/revoke', {}],
    ['POST', '/rotate-secret', {}],
    ['POST', '/decision', decision],
  ];
  for (const [method, path, body] of calls) {
    const call = (as: Principal, of = id) =>
      house.api(method, `/applications/${of}${path}`, { as, ...(body === undefined ? {} : { body }) });
    const isDecision = path === '/decision';
    assert.equal((await call(stranger)).status, isDecision ? 403 : 404, `${method} ${path}`);
    assert.equal((await call(foreign)).status, 404, `${method} ${path} of another tenant`);
    assert.equal((await call(patient)).status, 403, `${method} ${path} by a patient`);
    const [mine, nobody] = [await call(foreign), await call(foreign, newId())];
    assert.equal(mine.json.detail, nobody.json.detail, 'nothing tells that it exists');
  }
  assert.equal((await read(id)).state, 'pending');
  assert.deepEqual((await house.api('GET', '/applications', { as: stranger })).json.items, []);
  assert.deepEqual((await house.api('GET', '/applications', { as: foreign })).json.items, []);
});

test('a program or an app decides nothing, and nobody without a fresh factor', async () => {
  const { id } = await asked(house, dev);
  const program: Principal = { tenant: 1, kind: 'client', id: newId(), scopes: ['safeguard/clients'], view: 'full' };
  const throughApp = { ...admin, scopes: ['safeguard/clients'], client: newId() };
  const stale = { ...admin, assurance: { level: 2 as const, at: house.clock.now() - 600_000, methods: ['pwd'] } };
  assert.equal((await approve(house, program, id)).status, 403);
  assert.equal((await approve(house, throughApp, id)).status, 403);
  assert.equal((await approve(house, stale, id)).status, 401);
  assert.equal((await approve(house, dev, id)).status, 403);
  assert.equal((await house.api('POST', '/applications', { as: program, body: backend() })).status, 403);
  assert.equal((await read(id)).state, 'pending');
});

test('fields are checked one by one; addresses as every client’s; pictures by their bytes', async () => {
  const wrong: [object, string][] = [
    [{ redirect_uris: ['http://app.example/'] }, '/redirect_uris'],
    [{ redirect_uris: ['https://app.example/#x'] }, '/redirect_uris'],
    [{ redirect_uris: ['https://*.example/'] }, '/redirect_uris'],
    [{ redirect_uris: [] }, '/redirect_uris'],
    [{ scopes: ['patient/Nothing.rs'] }, '/scopes'],
    [{ client_uri: 'javascript:alert(1)' }, '/client_uri'],
    [{ policy_uri: 'http://app.example/policy' }, '/policy_uri'],
    [{ grant_types: ['client_credentials'], redirect_uris: [] }, '/grant_types'],
    [{ auth_method: 'private_key_jwt' }, '/jwks'],
    [{ name: 'a\u202eb' }, '/name'],
    [{ publisher: ' ' }, '/publisher'],
    [{ logo: { type: 'image/png', data: Buffer.from('<svg/>').toString('base64') } }, '/logo'],
    [{ logo_uri: 'https://app.example/logo.png' }, '/logo_uri'],
    [{ request_uris: ['https://app.example/r'] }, '/request_uris'],
    [{ state: 'approved' }, '/state'],
    [{ requester: newId() }, '/requester'],
  ];
  for (const [more, at] of wrong) {
    const answer = await house.api('POST', '/applications', { as: dev, body: browserApp(more) });
    assert.equal(answer.status, 400, JSON.stringify(more));
    assert.ok(
      answer.json.errors.some((one: { at?: string }) => one.at === at),
      `${at} ${answer.text}`,
    );
    assert.ok(!answer.text.includes('evil') && !answer.text.includes('svg'));
  }
});
