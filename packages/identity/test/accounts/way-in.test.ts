import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '@safeguard/kernel';
import { createAccounts } from '../../accounts/accounts.ts';
import type { WayIn } from '../../accounts/way-in.ts';
import { createFederation } from '../../federation/federation.ts';
import { createUserStore } from '../../scim/users/store.ts';
import { createUsers } from '../../scim/users/users.ts';
import { administrator, type House, openHouse, person, scopes } from '../federation/house.ts';
import { samlProvider } from '../federation/saml-idp.ts';

let house: House;
let admin: string;
let told: WayIn[];
let fails = false;
let world: ReturnType<typeof listening>;

/** The same packages, with somebody who listens in the transaction. */
function listening() {
  const onWayIn = async (_connection: unknown, way: WayIn): Promise<string[]> => {
    told.push(way);
    if (fails) throw new Error('the hold could not be written');
    return ['held'];
  };
  const accounts = createAccounts({ ...house.deps, scopes, onWayIn });
  const federation = createFederation({ ...house.deps, accounts, onWayIn });
  const store = createUserStore(house.deps);
  const users = createUsers({ ...house.deps, accounts, onWayIn, guard: () => undefined }, store);
  return { accounts, federation, users };
}

before(async () => {
  house = await openHouse();
  told = [];
  ({ id: admin } = await administrator(house));
  world = listening();
});
after(() => house.close());

const by = () => ({ kind: 'user', id: admin }) as const;
const ways = () => told.splice(0).map(({ cause, by: who, accounts }) => [cause, who?.id, accounts.map(({ id }) => id)]);

test('a link tells when it is made, by whom, and when it is used', async () => {
  const { accounts } = world;
  const { id } = await person(house);
  const made = await accounts.links.make('recovery', 1, id, by());
  assert.equal(made.held, true);
  const [way] = told;
  assert.deepEqual([way?.about, way?.administrators], [made.id, [admin]]);
  assert.deepEqual(ways(), [['recovery-link', admin, [id]]]);
  assert.equal(await accounts.links.use(made.secret), true);
  assert.deepEqual(ways(), [['recovery-used', undefined, [id]]]);
  const invited = await accounts.create({ tenant: 1, kind: 'workforce', login: 'inv@clinic.example', name: 'I' });
  await accounts.links.make('invitation', 1, invited.id, by());
  assert.deepEqual(ways(), [['invitation', admin, [invited.id]]]);
});

test('another login tells; a name, a scope and the same login do not', async () => {
  const { accounts } = world;
  const { id, login } = await person(house);
  await accounts.change(1, id, { name: 'Other', login, scopes: ['user/Patient.r'] }, by());
  assert.deepEqual(ways(), []);
  let held = 0;
  const count = (): void => {
    held += 1;
  };
  await accounts.change(1, id, { login: login.toUpperCase() }, by(), count);
  assert.deepEqual([ways(), held], [[['login', admin, [id]]], 1]);
});

test('a linked identity tells once; a provider that is believed anew, of everybody linked', async () => {
  const { federation } = world;
  const { id } = await person(house);
  const provider = (await federation.providers.create(1, samlProvider({}))).id;
  assert.equal(await federation.identities.link(1, provider, id, 'subject-1', by()), true);
  assert.equal(await federation.identities.link(1, provider, id, 'subject-1', by()), false);
  assert.deepEqual(ways(), [['identity', admin, [id]]]);
  const read = await federation.providers.read(1, provider);
  assert.ok(read.settings.kind === 'saml');
  await federation.providers.change(1, provider, { label: 'Another', certificates: read.settings.certificates }, by());
  assert.deepEqual(ways(), []);
  await federation.providers.change(1, provider, { claims: { subject: 'employee' } }, by());
  assert.deepEqual(ways(), [['provider', admin, [id]]]);
});

test('a directory tells by another login and another externalId, and by nothing else', async () => {
  const { users } = world;
  const program = { kind: 'client', id: newId() } as const;
  let held = 0;
  const count = (): void => {
    held += 1;
  };
  const changing = { by: program, held: count };
  const user = await users.create(1, { userName: 'scim@clinic.example', externalId: 'a' });
  const { id } = user.account;
  const put = async (wanted: object) => users.replace(1, await users.read(1, id), wanted as never, changing);
  await put({ userName: 'scim@clinic.example', externalId: 'a', displayName: 'Scim' });
  assert.deepEqual(ways(), []);
  await put({ userName: 'scim2@clinic.example', externalId: 'a' });
  await put({ userName: 'scim2@clinic.example', externalId: 'b' });
  const expected = ['login', 'directory'].map((cause) => [cause, program.id, [id]]);
  assert.deepEqual([ways(), held], [expected, 2]);
});

test('where the hold cannot be written, nothing is opened', async () => {
  const { accounts, federation } = world;
  const { id, login } = await person(house);
  const provider = (await federation.providers.create(1, samlProvider({}))).id;
  fails = true;
  try {
    await assert.rejects(accounts.links.make('recovery', 1, id, by()));
    await assert.rejects(accounts.change(1, id, { login: 'taken-over@clinic.example' }, by()));
    await assert.rejects(federation.identities.link(1, provider, id, 'subject-2', by()));
  } finally {
    fails = false;
  }
  assert.equal((await accounts.byId(1, id))?.login, login);
  assert.deepEqual(await federation.identities.list(1, id), []);
  const links = await house.sql('select id from identity.link where account = $1', [id]);
  assert.deepEqual(links, []);
  assert.equal(ways().length, 3);
});
