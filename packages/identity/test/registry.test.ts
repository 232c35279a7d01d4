import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isFault, newId } from '@safeguard/kernel';
import fc from 'fast-check';
import type { Identity, NewClient } from '../index.ts';
import { openWorld, shown, type World, wanted } from './world.ts';

let world: World;
let identity: Identity;
before(async () => {
  world = await openWorld();
  identity = world.identity;
});
after(() => world.close());

const naughty = [
  '',
  ' ',
  "'; drop table identity.client; --",
  "' or '1'='1",
  '$1',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\u202e',
  'x'.repeat(100_000),
  '../../etc/passwd',
  '%00',
  '{{7*7}}',
  'NaN',
  '𝕏'.repeat(200),
];

/** A Fault that is the caller's: nothing that `http` would answer with a 5xx. */
const callersFault = (error: unknown): boolean => isFault(error) && !['internal', 'unavailable'].includes(error.kind);

async function settles(work: () => Promise<unknown>, what: string): Promise<void> {
  try {
    await work();
  } catch (error) {
    const expected = callersFault(error) || (error as { expected?: boolean }).expected === true;
    assert.ok(expected, `${what}: ${String(error)}`);
  }
}

test('tenant 1 is the default, however often and at once it is made', async () => {
  await Promise.all([1, 2, 3, 4].map(() => identity.tenants.ensureDefault()));
  assert.deepEqual(
    (await identity.tenants.list()).map(({ id, name }) => [id, name]),
    [[1, 'default']],
  );
});

test('a tenant has a slug for a name, of which there is one', async () => {
  const made = await identity.tenants.create('st-marys-2');
  assert.ok(made.id > 1);
  assert.deepEqual(await identity.tenants.byName('st-marys-2'), made);
  assert.equal(await identity.tenants.byName('nobody'), undefined);
  await assert.rejects(identity.tenants.create('st-marys-2'), { kind: 'conflict' });
  for (const name of [...naughty, 'Upper', '1st', '-a', 'a_b', 'a'.repeat(64), 'default\n']) {
    await assert.rejects(identity.tenants.create(name), { kind: 'invalid' }, name.slice(0, 20));
    assert.equal(await identity.tenants.byName(name), undefined);
  }
});

test('a client is listed without its secret, in its tenant', async () => {
  const tenant = await identity.tenants.create('listed');
  const { client_id } = await identity.clients.create(wanted({ tenant: tenant.id, name: 'Größe 日本' }));
  assert.deepEqual(await identity.clients.list(tenant.id), [
    {
      client_id,
      tenant: tenant.id,
      name: 'Größe 日本',
      scopes: ['system/*.cruds'],
      view: 'full',
      patient: null,
      permissions: [],
      type: 'confidential',
      state: 'approved',
      auth_method: 'client_secret_basic',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      created_at: world.clock.at,
      revoked_at: null,
    },
  ]);
  assert.deepEqual(await identity.clients.list(Number.NaN), []);
  assert.ok((await identity.clients.list()).length > 0);
});

test('a client may be limited to one patient and given permissions, and its token says so', async () => {
  const patient = '4f0c5a52-6a0e-4a53-9a0c-3a4a55b1f0de';
  const client = await identity.clients.create(wanted({ patient, permissions: ['purge', 'purge'] }));
  const token = await identity.tokens.issue(client, '127.0.0.1');
  const principal = await identity.authenticate(shown(`Bearer ${token.access_token}`, '127.0.0.1'));
  assert.equal(principal.patient, patient);
  assert.deepEqual(principal.permissions, ['purge']);
  await assert.rejects(identity.clients.create(wanted({ patient: 'Patient/1' })), /id of a Patient/);
  await assert.rejects(identity.clients.create(wanted({ permissions: ['all'] })), /A permission is one of purge/);
});

test('settings of a tenant: defaults, changes that keep the rest, bad values refused', async () => {
  const { id } = await identity.tenants.create('settled');
  const defaults = {
    updateAsCreate: false,
    conditionalDelete: 'single',
    profiles: {},
    brand: {},
    dynamicRegistration: false,
    udapAnchors: [],
    test: false,
  };
  assert.deepEqual(await identity.tenants.settings(id), defaults);
  await identity.tenants.configure(id, { updateAsCreate: true });
  await identity.tenants.configure(id, { profiles: { Patient: ['http://example.org/p'] } });
  assert.deepEqual(await identity.tenants.settings(id), {
    ...defaults,
    updateAsCreate: true,
    profiles: { Patient: ['http://example.org/p'] },
  });
  await assert.rejects(identity.tenants.configure(999_999, { updateAsCreate: true }), /does not exist/);
  const wrongs = [
    { updateAsCreate: 'on' },
    { conditionalDelete: 'all' },
    { profiles: { Patient: 'x' } },
    { unknown: true },
    { brand: { name: 'a\u0007b' } },
    { brand: { logo: { type: 'image/png', data: Buffer.from('<svg onload=alert(1)>').toString('base64') } } },
    { brand: { logo: { type: 'image/svg+xml', data: 'PHN2Zz4=' } } },
    { udapAnchors: ['not a certificate'] },
  ];
  for (const wrong of wrongs) {
    await assert.rejects(identity.tenants.configure(id, wrong as object), /is|are/);
  }
  assert.equal((await identity.tenants.settings(id)).updateAsCreate, true);
});

test('a client of no tenant, of the platform, without scopes or with a wrong view is not made', async () => {
  const refused: [Partial<NewClient>, string][] = [
    [{ tenant: 999_999 }, 'missing'],
    [{ tenant: 0 }, 'missing'],
    [{ tenant: -1 }, 'missing'],
    [{ tenant: 1.5 }, 'missing'],
    [{ tenant: 2 ** 40 }, 'missing'],
    [{ scopes: [] }, 'invalid'],
    [{ scopes: new Array(201).fill('system/*.r') }, 'invalid'],
    [{ view: 'partial' as 'full' }, 'invalid'],
  ];
  const before = (await identity.clients.list()).length;
  for (const [part, kind] of refused) await assert.rejects(identity.clients.create(wanted(part)), { kind });
  assert.equal((await identity.clients.list()).length, before);
});

test('revoke and rotate know no client that is none', async () => {
  for (const id of [newId(), ...naughty]) {
    await assert.rejects(identity.clients.revoke(id), { kind: 'missing' });
    await assert.rejects(identity.clients.rotateSecret(id), { kind: 'missing' });
  }
  const { client_id } = await identity.clients.create(wanted());
  for (const overlap_s of [-1, 0.5, Number.NaN, 1e12]) {
    await assert.rejects(identity.clients.rotateSecret(client_id, { overlap_s }), { kind: 'invalid' });
  }
});

test('rotations of one client at once leave two secrets valid at most', async () => {
  const first = await identity.clients.create(wanted());
  const made = await Promise.all([1, 2, 3, 4, 5].map(() => identity.clients.rotateSecret(first.client_id)));
  const tried = await Promise.allSettled([first, ...made].map((each) => identity.tokens.issue(each, '192.0.2.9')));
  assert.equal(tried.filter(({ status }) => status === 'fulfilled').length, 2);
});

test('nothing that is sent in any field is a failure of ours', async () => {
  const text = fc.oneof(fc.constantFrom(...naughty), fc.string({ unit: 'binary', maxLength: 60 }));
  const good = await identity.clients.create(wanted());
  await fc.assert(
    fc.asyncProperty(text, text, async (one, two) => {
      const said = JSON.stringify([one, two]).slice(0, 80);
      await settles(() => identity.tenants.create(one), said);
      await settles(() => identity.clients.create(wanted({ name: one, scopes: [two] })), said);
      await settles(() => identity.clients.create(wanted({ name: one })), said);
      await settles(() => identity.tokens.issue({ client_id: one, client_secret: two }, one, two), said);
      await settles(() => identity.tokens.issue(good, two, one), said);
      await settles(() => identity.tokens.revoke(good, two, one), said);
      await settles(async () => identity.authenticate(shown(one, two)), said);
      await settles(async () => identity.authenticate(shown(`Bearer ${one}`, two)), said);
    }),
    { numRuns: 150, seed: 11 },
  );
  assert.ok((await identity.clients.list()).some(({ client_id }) => client_id === good.client_id));
});
