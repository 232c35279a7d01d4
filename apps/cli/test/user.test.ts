import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fakeAdmin } from './fake-admin.ts';

const user = {
  id: '4f0c5a52-6a0e-4a53-9a0c-3a4a55b1f0de',
  login: 'ada@clinic.example',
  name: 'Ada Byron',
  kind: 'workforce',
  state: 'active',
  roles: ['administrator'],
  scopes: ['user/*.rs'],
  patients: [],
  fhir_user: null,
  source: 'scim',
  external: true,
  created_at: 0,
};
const link = {
  purpose: 'invitation',
  url: 'https://localhost:8443/join/sgl_x',
  expires_at: '2026-11-29T12:00:00.000Z',
};

test('user create says what was asked for, and prints the link', async (t) => {
  const { safeguard, asked } = await fakeAdmin(t, () => ({ account: user, invitation: link }));
  const line = ['user', 'create', 'ada@clinic.example', '--name', 'Ada Byron', '--scopes', 'user/*.rs, patient/*.r'];
  const { status, out } = await safeguard(...line, '--role', 'administrator', '--tenant', 'north');
  assert.equal(status, 0);
  assert.match(out, /id +4f0c5a52-\S+\nlink +https:\S+\/join\/sgl_x\nuntil +2026-11-29T12:00:00\.000Z\nWorks once/);
  assert.deepEqual(asked, [
    {
      line: 'POST /users',
      body: {
        login: 'ada@clinic.example',
        name: 'Ada Byron',
        tenant: 'north',
        scopes: ['user/*.rs', 'patient/*.r'],
        roles: ['administrator'],
      },
    },
  ]);
  assert.deepEqual(JSON.parse((await safeguard(...line, '--json')).out).invitation, link);
  const nameless = await safeguard('user', 'create', 'a@b.example');
  assert.equal(nameless.status, 2);
  assert.match(nameless.err, /--name is needed/);
});

test('a patient’s account names its Patient', async (t) => {
  const { safeguard, asked } = await fakeAdmin(t, () => ({ account: user, invitation: link }));
  await safeguard('user', 'create', 'p@mail.example', '--name', 'Pat', '--kind', 'patient', '--patient', user.id);
  assert.deepEqual(asked[0]?.body, { login: 'p@mail.example', name: 'Pat', kind: 'patient', patients: [user.id] });
});

test('user list asks for every page; show tells factors and sessions', async (t) => {
  const page = Array.from({ length: 200 }, (_, at) => ({ ...user, id: `id-${at}` }));
  const { safeguard, asked } = await fakeAdmin(t, ({ line }) => {
    if (line === 'GET /users') return { users: page };
    if (line === 'GET /users?after=id-199') return { users: [user] };
    const factors = [{ kind: 'totp', label: 'Phone' }];
    return { account: user, factors, sessions: [{ device: 'Firefox on Linux', last_used_at: 0 }] };
  });
  const { out } = await safeguard('user', 'list');
  assert.equal(out.split('\n').length, 203);
  assert.match(out, /^id +login +name +kind +state +roles\n/);
  assert.match(out, /ada@clinic\.example +Ada Byron +workforce +active +administrator/);
  const shown = await safeguard('user', 'show', 'ada@clinic.example');
  assert.match(shown.out, /source +scim \(single sign-on alone\)/);
  assert.match(shown.out, /factor +totp Phone\nsigned in +Firefox on Linux, last used 1970-01-01/);
  assert.deepEqual(asked.at(-1), { line: 'POST /users/find', body: { who: 'ada@clinic.example' } });
  assert.ok(
    asked.every(({ line }) => !line.includes('@')),
    'no login stands in an address',
  );
});

test('suspend, resume and terminate; terminating asks to be sure', async (t) => {
  const { safeguard, asked } = await fakeAdmin(t, ({ line }) => ({ ...user, state: line.split('/').at(-1) }));
  assert.equal((await safeguard('user', 'suspend', 'ada@clinic.example')).out, 'suspend\n');
  assert.equal((await safeguard('user', 'resume', user.id, '--tenant', 'north')).status, 0);
  const unsure = await safeguard('user', 'terminate', user.id);
  assert.equal(unsure.status, 1);
  assert.match(unsure.err, /Nothing was done.*--yes/);
  assert.equal((await safeguard('user', 'terminate', user.id, '--yes')).status, 0);
  assert.deepEqual(
    asked.map(({ line, body }) => [line, body.tenant ?? null]),
    [
      ['POST /users/suspend', null],
      ['POST /users/resume', 'north'],
      ['POST /users/terminate', null],
    ],
  );
});

test('links of three purposes, and usage errors that say which', async (t) => {
  const { safeguard, asked } = await fakeAdmin(t, ({ body }) => ({ ...link, purpose: body.purpose }));
  assert.match((await safeguard('user', 'link', 'recovery', 'ada@clinic.example')).out, /^link +https:/);
  assert.equal((await safeguard('user', 'link', 'administrator', '--tenant', 'north')).status, 0);
  assert.deepEqual(
    asked.map(({ body }) => body),
    [
      { purpose: 'recovery', who: 'ada@clinic.example' },
      { purpose: 'administrator', tenant: 'north' },
    ],
  );
  for (const [args, words] of [
    [['recover', 'x'], /"recover" is no link: invitation, recovery, administrator/],
    [['recovery'], /For whom\?/],
    [['administrator', 'x'], /has no login yet/],
  ] as const) {
    const { status, err } = await safeguard('user', 'link', ...args);
    assert.equal(status, 2);
    assert.match(err, words);
  }
});

test('refusals come in the words of the instance', async (t) => {
  const { safeguard } = await fakeAdmin(t, () => undefined);
  const { status, err } = await safeguard('user', 'show', 'nobody@clinic.example');
  assert.deepEqual([status, err], [1, 'safeguard: No such user in this tenant\n']);
});

test('client create makes an app when it is asked for one', async (t) => {
  const { safeguard, asked, data } = await fakeAdmin(t, () => ({
    client_id: 'c1',
    authorize_url: 'https://x/authorize',
  }));
  const create = ['client', 'create', 'app', '--scopes', 'patient/*.rs'];
  const made = await safeguard(...create, '--public', '--redirect-uri', 'https://a.example/cb http://127.0.0.1/cb');
  assert.equal(made.out, 'client_id      c1\nauthorize_url  https://x/authorize\n');
  const jwks = { keys: [{ kty: 'EC' }] };
  await writeFile(join(data, 'keys.json'), JSON.stringify(jwks));
  await safeguard(...create, '--jwks', join(data, 'keys.json'));
  await safeguard(...create, '--jwks', 'https://a.example/jwks.json', '--grant', 'client_credentials');
  await safeguard(...create, '--redirect-uri', 'https://a.example/cb');
  const common = { name: 'app', scopes: ['patient/*.rs'], view: 'full' };
  const code = ['authorization_code', 'refresh_token'];
  assert.deepEqual(
    asked.map(({ line, body }) => [line, body]),
    [
      {
        auth_method: 'none',
        grant_types: code,
        redirect_uris: ['https://a.example/cb', 'http://127.0.0.1/cb'],
      },
      { auth_method: 'private_key_jwt', grant_types: ['client_credentials'], jwks },
      { auth_method: 'private_key_jwt', grant_types: ['client_credentials'], jwks_uri: 'https://a.example/jwks.json' },
      { auth_method: 'client_secret_basic', grant_types: code, redirect_uris: ['https://a.example/cb'] },
    ].map((more) => ['POST /apps', { ...common, ...more }]),
  );
  await writeFile(join(data, 'no.json'), '[]');
  for (const [args, words] of [
    [['--public'], /--redirect-uri is needed/],
    [['--public', '--redirect-uri', 'https://a.example', '--jwks', 'x'], /--public has no keys/],
    [['--jwks', join(data, 'no.json')], /no JWK set/],
  ] as const) {
    const { status, err } = await safeguard(...create, ...args);
    assert.equal(status, 2);
    assert.match(err, words);
  }
  assert.equal((await safeguard(...create, '--jwks', join(data, 'absent.json'))).status, 1);
});

test('client show and rotate', async (t) => {
  const client = {
    client_id: 'c1',
    name: 'app',
    tenant: 1,
    scopes: ['patient/*.rs'],
    view: 'full',
    patient: null,
    permissions: [],
    type: 'public',
    state: 'approved',
    auth_method: 'none',
    grant_types: ['authorization_code'],
    redirect_uris: ['https://a.example/cb'],
    created_at: 0,
    revoked_at: null,
  };
  const { safeguard, asked } = await fakeAdmin(t, ({ line }) =>
    line.startsWith('GET') ? client : { client_id: 'c1', client_secret: 'sgs_x' },
  );
  const { out } = await safeguard('client', 'show', 'c1');
  for (const line of [/type +public/, /state +approved/, /redirect_uris +https:\/\/a\.example\/cb/])
    assert.match(out, line);
  assert.match((await safeguard('client', 'rotate', 'c1', '--overlap', '0')).out, /client_secret +sgs_x/);
  assert.deepEqual(asked.at(-1), { line: 'POST /clients/c1/rotate', body: { overlap_s: 0 } });
  await safeguard('client', 'rotate', 'c1');
  assert.deepEqual(asked.at(-1)?.body, {});
});
