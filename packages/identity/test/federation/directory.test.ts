import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Segment } from '@safeguard/store';
import { externalIdOf } from '../../federation/oidc/person.ts';
import { createProviderRows } from '../../federation/providers/rows.ts';
import type { FederationDeps, NewProvider } from '../../federation/types.ts';
import { createIdentity, type IdentityDeps } from '../../index.ts';
import { createNamed } from '../../scim/users/named.ts';
import { createUserStore } from '../../scim/users/store.ts';
import { createUsers } from '../../scim/users/users.ts';
import { createBrowser } from './browser.ts';
import { administrator, type House, openHouse, outcome, person, watched } from './house.ts';
import { attribute, samlProvider } from './saml-idp.ts';
import { enabled, walk } from './walk.ts';

let house: House;
let users: ReturnType<typeof createUsers>;
let federation: ReturnType<House['process']>;
let directory: NonNullable<FederationDeps['directory']>;
before(async () => {
  house = await openHouse();
  await administrator(house);
  const store = createUserStore(house.deps);
  const { accounts, deps } = house;
  users = createUsers({ ...deps, accounts, guard: () => undefined, singleSignOn: async () => true }, store);
  directory = createNamed(store);
  federation = house.process({ directory });
});
after(() => house.close());

let count = 0;
/** As a directory makes them by SCIM. */
async function scimUser(externalId: string, tenant = 1) {
  count += 1;
  const { account } = await users.create(tenant, { userName: `scim${count}@clinic.example`, externalId });
  return account;
}

const claim = 'employee';
/** The one provider of its tenant that says who is who in the directory. */
async function speaking(more: object = {}, tenant = 1): Promise<string> {
  for (const { id, settings } of await house.federation.providers.list(tenant)) {
    if (settings.directory !== 'none') await house.federation.providers.change(tenant, id, { directory: 'none' });
  }
  return enabled(house, samlProvider({ accounts: 'linked', directory: { claim }, ...more }), tenant);
}

let strangers = 0;
const stranger = (): string => `subject-${++strangers}`;
const as = (nameId: string, externalId: string | undefined, address = 'x@y.example') => ({
  nameId,
  attributes: attribute('email', address) + (externalId === undefined ? '' : attribute(claim, externalId)),
});
interface How {
  readonly tenant?: number;
  readonly federation?: ReturnType<House['process']>;
}
const come = (id: string, said: object, { tenant = 1, ...how }: How = {}) =>
  walk(createBrowser(house), id, () => said, { federation, tenant, ...how });
const links = async (account: string, tenant = 1) =>
  (await house.federation.identities.list(tenant, account)).map(({ provider }) => provider);

test('who SCIM made signs in at the provider, and is linked once, by the directory’s own id', async () => {
  const ada = await scimUser('00u-ada');
  const plain = await enabled(house, samlProvider({ accounts: 'linked' }));
  assert.equal((await come(plain, as('ada', '00u-ada', ada.login))).found.reason, 'account not known');
  const eager = await enabled(house, samlProvider());
  assert.equal((await come(eager, as('ada', '00u-ada', ada.login))).found.reason, 'login taken');
  const id = await speaking();
  const first = await come(id, as('ada', '00u-ada'));
  assert.deepEqual([first.location, first.found.action], ['/sign-in/enrol', 'federation-join']);
  assert.deepEqual(first.found.targets?.[1], { type: 'Account', id: ada.id });
  assert.deepEqual(await links(ada.id), [id]);
  const again = await come(id, as('ada', undefined));
  assert.deepEqual([again.location, again.found.action], ['/sign-in/enrol', undefined]);
  assert.equal(again.found.targets?.[1]?.id, ada.id);
});

test('the NameID stands for it where the tenant says so; never a passing one, or an address', async () => {
  const format = (name: string) => `urn:oasis:names:tc:SAML:${name}`;
  const bob = await scimUser('00u-bob');
  const id = await speaking({ directory: { claim: 'NameID' }, claims: { subject: 'stable' } });
  const said = (name: string, nameId = '00u-bob') => ({
    ...{ nameId, format: format(name) },
    attributes: attribute('stable', stranger()),
  });
  for (const bad of ['2.0:nameid-format:transient', '1.1:nameid-format:emailAddress']) {
    assert.equal((await come(id, said(bad))).found.reason, 'account not known', bad);
  }
  assert.equal((await come(id, said('2.0:nameid-format:persistent'))).found.targets?.[1]?.id, bob.id);
});

test('no value, an empty one, two, an address, other letters: nobody', async () => {
  const eve = await scimUser('00u-Eve');
  await scimUser('eve@clinic.example');
  const id = await speaking();
  const two = { nameId: stranger(), attributes: attribute('email', 'x@y.example') + attribute(claim, '00u-Eve', 'b') };
  for (const said of [
    as(stranger(), undefined, eve.login),
    as(stranger(), ''),
    as(stranger(), '   '),
    as(stranger(), 'eve@clinic.example'),
    as(stranger(), '00u-eve'),
    as(stranger(), '00u-Eve0'),
    two,
  ]) {
    assert.equal((await come(id, said)).found.reason, 'account not known', JSON.stringify(said));
  }
  assert.deepEqual(await links(eve.id), []);
  assert.equal((await come(id, as(stranger(), '00u-Eve'))).location, '/sign-in/enrol', 'control: the value itself');
});

test('another provider, or another tenant’s, that names somebody’s id gets nobody', async () => {
  const fay = await scimUser('00u-fay');
  const own = await speaking();
  const silent = await enabled(house, samlProvider({ accounts: 'linked' }));
  assert.equal((await come(silent, as(stranger(), '00u-fay'))).found.reason, 'account not known');
  const second = house.federation.providers.create(1, samlProvider({ directory: { claim } }));
  assert.match(String(await outcome(second)), /^conflict: Another provider/);
  const changed = house.federation.providers.change(1, silent, { directory: { claim } });
  assert.match(String(await outcome(changed)), /^conflict: Another provider/);
  const foreign = await speaking({}, house.other);
  assert.equal((await come(foreign, as(stranger(), '00u-fay'), { tenant: house.other })).status, 403);
  const same = await scimUser('00u-fay', house.other);
  const there = await come(foreign, as(stranger(), '00u-fay'), { tenant: house.other });
  assert.equal(there.found.targets?.[1]?.id, same.id, 'each tenant has its own directory');

  // Two changes that passed the check at the same moment: nobody is certain any more, and nobody is linked.
  const rows = createProviderRows(house.segment, house.deps.vault);
  const raced = await rows.one(silent);
  assert.ok(raced);
  const settings = { ...raced.settings, directory: { claim } };
  await rows.change(raced, { settings, enabled: true }, house.clock.now());
  for (const id of [own, silent]) {
    assert.equal((await come(id, as(stranger(), '00u-fay'))).found.reason, 'directory not certain');
  }
  assert.deepEqual(await links(fay.id), []);
  await house.federation.providers.enable(1, silent, false);
  assert.equal(
    (await come(own, as(stranger(), '00u-fay'))).found.reason,
    'directory not certain',
    'off, it still says so',
  );
  await house.federation.providers.change(1, silent, { directory: 'none' });
  assert.equal((await come(own, as(stranger(), '00u-fay'))).found.targets?.[1]?.id, fay.id, 'control');
});

/** A product that asks less of the account. */
const careless = (segment: Segment, drop: string): Segment => {
  const bent = (statement: { name: string; text: string }) =>
    statement.name === 'identity.federation_identity.adopt'
      ? { name: `${statement.name} without ${drop}`, text: statement.text.replace(drop, 'true') }
      : statement;
  return {
    name: segment.name,
    query: (tenant, statement, values) => segment.query(tenant, bent(statement), values),
    transaction: (tenant, work) =>
      segment.transaction(tenant, (connection) =>
        work({ query: (statement, values) => connection.query(bent(statement), values) }),
      ),
  };
};

/** The directory writes an id on an account that is not its own. */
async function named(externalId: string, account: { id: string; tenant: number }) {
  const store = createUserStore(house.deps);
  const attributes = { externalId };
  const written = { attributes, version: 1, inactive: false };
  const sealed = await store.seal(account.tenant, account.id, written, new Date(house.clock.now()));
  await house.segment.transaction(0, (connection) => store.write(connection, sealed));
}

test('an account that SCIM did not make, an administrator’s, one that is off: never, whatever is written', async () => {
  const id = await speaking();
  const jit = { source: 'provider', external: true };
  const cases: readonly (readonly [string, () => Promise<{ id: string; tenant: number }>])[] = [
    ["a.source = 'scim'", () => person(house, jit)],
    ['a.external', () => person(house, { source: 'scim' })],
    ["a.roles = '{}'", () => person(house, { source: 'scim', external: true, roles: ['administrator'] })],
  ];
  for (const [condition, make] of cases) {
    const externalId = stranger();
    const account = await make();
    await named(externalId, account);
    const end = await come(id, as(stranger(), externalId));
    assert.deepEqual([end.status, end.found.reason], [403, 'account not active'], condition);
    assert.deepEqual(await links(account.id), []);
    const broken = house.process({ directory, segment: careless(house.segment, condition) });
    await come(id, as(stranger(), externalId), { federation: broken });
    assert.deepEqual(await links(account.id), [id], `negative control: ${condition}`);
  }
  const off = await scimUser('00u-off');
  await house.accounts.suspend(1, off.id);
  assert.equal((await come(id, as(stranger(), '00u-off'))).found.reason, 'account not active');
  await house.accounts.resume(1, off.id);
  assert.equal((await come(id, as(stranger(), '00u-off'))).location, '/sign-in/enrol', 'control: it is on again');
});

test('whom the directory switched off gets no new account in its place', async () => {
  const id = await speaking({ accounts: 'provisioned' });
  const gil = await scimUser('00u-gil');
  await house.accounts.suspend(1, gil.id);
  const end = await come(id, as(stranger(), '00u-gil', 'gil-again@clinic.example'));
  assert.deepEqual([end.status, end.found.reason], [403, 'account not active']);
  assert.equal(await house.accounts.byLogin(1, 'gil-again@clinic.example'), undefined);
  const nobody = await come(id, as(stranger(), '00u-nobody', 'new@clinic.example'));
  assert.equal(nobody.location, '/sign-in/enrol', 'whom the directory does not know is made just in time');
});

test('two accounts of one id, and a second subject of one account: nobody', async () => {
  const id = await speaking();
  const [one, two] = [await scimUser('00u-twice'), await scimUser('00u-twice')];
  assert.equal((await come(id, as(stranger(), '00u-twice'))).found.reason, 'directory not certain');
  assert.deepEqual([await links(one.id), await links(two.id)], [[], []]);
  const hal = await scimUser('00u-hal');
  assert.equal((await come(id, as('hal', '00u-hal'))).location, '/sign-in/enrol');
  const mallory = await come(id, as('mallory', '00u-hal'));
  assert.deepEqual([mallory.status, mallory.found.reason], [403, 'account has another link']);
  assert.equal((await come(id, as('hal', undefined))).found.targets?.[1]?.id, hal.id);
});

/** Who writes: a program. */
const directoryItself = {
  by: { kind: 'client', id: 'b7b6a7f6-0b5e-4d0f-8d0c-3a4a55b1f0de' },
  held: () => undefined,
} as const;

test('a link stays whose it is when the directory writes another id', async () => {
  const id = await speaking();
  const [ida, joe] = [await scimUser('00u-ida'), await scimUser('00u-joe')];
  assert.equal((await come(id, as('ida', '00u-ida'))).location, '/sign-in/enrol');
  const rename = async (account: string, externalId: string) => {
    const before = await users.read(1, account);
    await users.replace(1, before, { userName: before.account.login, externalId }, directoryItself);
  };
  await rename(ida.id, '00u-ida-2');
  await rename(joe.id, '00u-ida');
  assert.equal((await come(id, as('ida', '00u-ida'))).found.targets?.[1]?.id, ida.id, 'the subject is the key');
  assert.deepEqual(await links(joe.id), []);
  const other = await come(id, as(stranger(), '00u-ida-2'));
  assert.equal(other.found.reason, 'account has another link');
  assert.equal((await come(id, as('joe', '00u-ida'))).found.targets?.[1]?.id, joe.id, 'who has it now is linked by it');
});

test('at the same moment: one subject is linked once, of two subjects one', async () => {
  const id = await speaking();
  const kay = await scimUser('00u-kay');
  const both = await Promise.all([come(id, as('kay', '00u-kay')), come(id, as('kay', '00u-kay'))]);
  assert.deepEqual(
    both.map(({ location, found }) => [location, found.targets?.[1]?.id]),
    [
      ['/sign-in/enrol', kay.id],
      ['/sign-in/enrol', kay.id],
    ],
  );
  const leo = await scimUser('00u-leo');
  const rivals = await Promise.all([come(id, as('leo', '00u-leo')), come(id, as('not-leo', '00u-leo'))]);
  assert.deepEqual(rivals.map(({ status }) => status).sort(), [303, 403]);
  assert.deepEqual(await links(leo.id), [id]);
});

test('what changes between looking and linking counts', async () => {
  const id = await speaking();
  const mia = await scimUser('00u-mia');
  const meanwhile = (change: () => Promise<unknown>) =>
    house.process({
      async directory(tenant, externalId) {
        const found = await directory(tenant, externalId);
        await change();
        return found;
      },
    });
  const renamed = meanwhile(async () => {
    const before = await users.read(1, mia.id);
    await users.replace(1, before, { userName: before.account.login, externalId: '00u-mia-2' }, directoryItself);
  });
  const first = await come(id, as(stranger(), '00u-mia'), { federation: renamed });
  assert.equal(first.found.reason, 'account not active');
  const silenced = meanwhile(() => house.federation.providers.change(1, id, { directory: 'none' }));
  const second = await come(id, as(stranger(), '00u-mia-2'), { federation: silenced });
  assert.equal(second.found.reason, 'provider does not exist');
  assert.deepEqual(await links(mia.id), []);
});

test('a process that dies while it links leaves no link', async () => {
  const id = await speaking();
  const ned = await scimUser('00u-ned');
  const dying = watched(house.segment, (name) => {
    if (name === 'identity.federation_identity.adopt-at') throw new Error('killed');
  });
  await assert.rejects(come(id, as('ned', '00u-ned'), { federation: house.process({ directory, segment: dying }) }));
  assert.deepEqual(await links(ned.id), []);
  assert.equal((await come(id, as('ned', '00u-ned'))).found.targets?.[1]?.id, ned.id);
});

test('as it is wired: SCIM’s account is found by single sign-on', async () => {
  const id = await speaking();
  const olga = await scimUser('00u-olga');
  const unused = new Proxy({}, { get: () => undefined });
  const sessions = { idle_s: 900, absolute_s: 43_200 };
  const settings = { token_lifetime_s: 300, sessions, fetch_allow: [] };
  const deps = { ...house.deps, guard: () => undefined, patients: unused, settings };
  const identity = createIdentity(deps as unknown as IdentityDeps);
  try {
    const end = await walk(createBrowser(house), id, () => as('olga', '00u-olga'), { federation: identity });
    assert.deepEqual([end.location, end.found.targets?.[1]?.id], ['/sign-in/enrol', olga.id]);
  } finally {
    await identity.close();
  }
});

test('of OpenID Connect only the signed claim counts, as text', () => {
  const settings = (name: string) => ({ directory: { claim: name } }) as never;
  const read = (name: string, signed: object) => externalIdOf(settings(name), signed as never);
  assert.equal(read('sub', { sub: '00u-ada' }), '00u-ada');
  assert.equal(read('oid', { sub: 'x', oid: 'aaaa-bbbb' }), 'aaaa-bbbb');
  for (const oid of [undefined, '', ' ', 4711, ['aaaa'], { a: 1 }, null, true, 'a@b.example', 'x'.repeat(257)]) {
    assert.equal(read('oid', { sub: '00u-ada', oid }), undefined, String(oid));
  }
  assert.equal(read('toString', { sub: '00u-ada' }), undefined);
  assert.equal(externalIdOf({ directory: 'none' } as never, { sub: '00u-ada', none: '00u-ada' }), undefined);
});

test('an address or a chosen name is not taken for the directory’s claim', async () => {
  const names = [
    'email',
    'mail',
    'preferred_username',
    'upn',
    'name',
    'displayName',
    'urn:oid:0.9.2342.19200300.100.1.3',
  ];
  const entra = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress';
  for (const name of [...names, entra, '']) {
    const provider = samlProvider({ directory: { claim: name } }) as NewProvider;
    const made = String(await outcome(house.federation.providers.create(house.other, provider)));
    assert.match(made, /^invalid: "directory" is/, name);
  }
});
