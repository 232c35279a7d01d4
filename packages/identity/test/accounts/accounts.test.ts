import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newId } from '@safeguard/kernel';
import fc from 'fast-check';
import { isLogin } from '../../accounts/check.ts';
import type { NewAccount } from '../../accounts/types.ts';
import { activeAccount, type House, openHouse, outcome, somebody } from './house.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

test('an account is made, found by id and by login in any case, and listed in the order of making', async () => {
  const { accounts, other } = house;
  const patient = newId();
  const asked = somebody({ tenant: other, kind: 'patient', login: 'Ünal.Öz@Clinic.example', patients: [patient] });
  const made = await accounts.create({ ...asked, fhir_user: `Patient/${patient}` });
  const { login, name } = asked;
  const wanted = { login, name, state: 'invited', kind: 'patient', scopes: ['patient/*.rs'], patients: [patient] };
  assert.deepEqual({ ...made, ...wanted }, made);
  assert.deepEqual(await accounts.byId(other, made.id), made);
  assert.deepEqual(await accounts.byLogin(other, 'ÜNAL.öz@clinic.EXAMPLE'), made);
  const more = [made];
  for (let index = 0; index < 4; index += 1) more.push(await accounts.create(somebody({ tenant: other })));
  const first = await accounts.list(other, { count: 2 });
  const rest = await accounts.list(other, { after: first.at(-1)?.id ?? '' });
  assert.deepEqual([...first, ...rest], more);
});

test('what is wrong is said field by field, and nothing of it is repeated', async () => {
  const bad: Partial<NewAccount> = {
    kind: 'patient',
    login: 'no address',
    name: 'line\nbreak',
    scopes: ['system/*.cruds'],
    patients: [newId(), newId()],
    fhir_user: 'Device/1',
    roles: ['administrator'],
  };
  const refused = await house.accounts.create(somebody(bad)).catch((error: unknown) => error);
  const { kind, issues, message } = refused as { kind: string; issues: { at: string }[]; message: string };
  assert.equal(kind, 'invalid');
  const fields = ['login', 'name', 'fhir_user', 'scopes', 'roles', 'patients'];
  assert.deepEqual(issues.map(({ at }) => at).sort(), fields.sort());
  assert.doesNotMatch(JSON.stringify([issues, message]), /no address|system|Device\/1|break/);
});

test('who stands for whom: one patient, one or more, none', async () => {
  const ids = [newId(), newId()];
  const asked = async (kind: NewAccount['kind'], patients: string[]) => {
    const made = await outcome(house.accounts.create(somebody({ kind, patients })));
    return typeof made === 'string' ? made : made.patients.length;
  };
  assert.deepEqual(
    [
      await asked('patient', []),
      await asked('patient', ids.slice(1)),
      await asked('patient', ids),
      await asked('proxy', []),
      await asked('proxy', ids),
      await asked('workforce', []),
      await asked('workforce', ids),
    ],
    ['invalid', 1, 'invalid', 'invalid', 2, 0, 'invalid'],
  );
});

test('a login belongs to one account of a tenant for ever: also when it ended or changed it', async () => {
  const { accounts, other } = house;
  const one = await accounts.create(somebody({ login: 'Same@clinic.example' }));
  assert.equal(await outcome(accounts.create(somebody({ login: 'same@CLINIC.example' }))), 'conflict');
  await accounts.create(somebody({ login: 'same@clinic.example', tenant: other }));
  await accounts.change(1, one.id, { login: 'changed@clinic.example' });
  assert.equal(await outcome(accounts.create(somebody({ login: 'same@clinic.example' }))), 'conflict');
  const two = await accounts.create(somebody());
  assert.equal(await outcome(accounts.change(1, two.id, { login: 'same@clinic.example' })), 'conflict');
  assert.equal((await accounts.change(1, one.id, { login: 'same@clinic.example' })).login, 'same@clinic.example');
  await accounts.terminate(1, one.id);
  assert.equal(await outcome(accounts.create(somebody({ login: 'changed@clinic.example' }))), 'conflict');
  assert.equal((await accounts.byLogin(1, 'same@clinic.example'))?.state, 'terminated');
});

test('of many who take one login at once, one gets it', async () => {
  const processes = await Promise.all([house.another(), house.another()]);
  for (let round = 0; round < 5; round += 1) {
    const login = `race${round}@clinic.example`;
    const tries = processes.flatMap(({ accounts }) => [0, 1].map(() => outcome(accounts.create(somebody({ login })))));
    const made = (await Promise.all(tries)).filter((each) => typeof each !== 'string');
    assert.equal(made.length, 1);
  }
});

test('a change keeps what it does not name; two at once both count', async () => {
  const { accounts } = house;
  const made = await activeAccount(house, { fhir_user: 'Practitioner/1', scopes: ['user/*.rs'] });
  const again = (await house.another()).accounts;
  await Promise.all([
    accounts.change(1, made.id, { name: 'New Name' }),
    again.change(1, made.id, { scopes: ['user/Patient.read'] }),
  ]);
  const after = await accounts.byId(1, made.id);
  assert.deepEqual(after, { ...made, name: 'New Name', scopes: ['user/Patient.rs'] });
  assert.equal((await accounts.change(1, made.id, { fhir_user: null })).fhir_user, null);
  assert.equal(await outcome(accounts.change(1, made.id, { name: '' })), 'invalid');
  assert.equal(await outcome(accounts.change(1, newId(), { name: 'x' })), 'missing');
  assert.equal(await outcome(accounts.change(house.other, made.id, { name: 'x' })), 'missing');
});

test('states: invited, active, suspended, terminated; the end is for good and twice is once', async () => {
  const { accounts } = house;
  const { id } = await accounts.create(somebody());
  assert.equal((await accounts.suspend(1, id)).state, 'suspended');
  assert.equal((await accounts.resume(1, id)).state, 'invited', 'nothing was set up: it is an invitation still');
  const active = await accounts.activate(1, id);
  assert.deepEqual([active.state, active.verified_at], ['active', house.clock.at]);
  assert.equal((await accounts.suspend(1, id)).state, 'suspended');
  assert.equal(await outcome(accounts.activate(1, id)), 'conflict');
  assert.equal((await accounts.resume(1, id)).state, 'active');
  const ended = await accounts.terminate(1, id);
  assert.deepEqual([ended.state, ended.ended_at], ['terminated', house.clock.at]);
  assert.deepEqual(await accounts.terminate(1, id), ended);
  for (const verb of [accounts.activate, accounts.suspend, accounts.resume]) {
    assert.equal(await outcome(verb(1, id)), 'conflict');
  }
  assert.equal(await outcome(accounts.change(1, id, { name: 'x' })), 'conflict');
  assert.equal(await outcome(accounts.suspend(1, newId())), 'missing');
  assert.equal(await outcome(accounts.suspend(1, 'x')), 'missing');
  const external = await accounts.create(somebody({ external: true, source: newId() }));
  assert.deepEqual([external.state, external.verified_at], ['active', house.clock.at]);
});

test('a prepared account is written by the transaction of its caller, whole or not at all', async () => {
  const { accounts, segment } = house;
  const prepared = JSON.parse(JSON.stringify(await accounts.prepare(somebody({ roles: ['administrator'] }))));
  const write = (fails: boolean) =>
    segment.transaction(0, async (connection) => {
      await accounts.within(connection).create(prepared);
      await accounts.within(connection).activate(1, prepared.id);
      if (fails) throw new Error('the power went');
    });
  await assert.rejects(write(true), /power/);
  assert.equal(await accounts.byId(1, prepared.id), undefined);
  await write(false);
  assert.equal((await accounts.byId(1, prepared.id))?.state, 'active');
  assert.equal(await outcome(write(false)), 'conflict');
});

test('any text is a login or is refused in fixed words', async () => {
  const { accounts } = house;
  const texts = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.emailAddress());
  await fc.assert(
    fc.asyncProperty(texts, async (login) => {
      const found = await accounts.byLogin(1, login);
      assert.equal(found, undefined);
      if (!isLogin(login)) return;
      assert.ok(login.length <= 254 && login.split('@').length === 2 && !/\p{Cc}|\s/u.test(login));
    }),
    { numRuns: 200 },
  );
});
