import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '@safeguard/http';
import { administratorActions, operatorActions, selfActions, workforceActions } from '../index.ts';
import { access, client, patients, user } from './world.ts';

const { decide } = access;
const roles = ['administrator'] as const;
const app = '0f2d3c4b-5a69-4788-9796-a5b4c3d2e1f0';
const operator = client([], { kind: 'operator', tenant: 0 });

test('operator actions: the operator, on their own type only; nothing else is an operator’s', () => {
  for (const [action, type] of operatorActions) {
    assert.equal(decide(operator, action, { type }).permit, true);
    assert.equal(decide(operator, action, { type: 'Patient' }).permit, false);
    for (const stranger of [client(['system/*.cruds']), client([], { kind: 'anonymous' }), user(['user/*.cruds'])]) {
      assert.equal(decide(stranger, action, { type }).permit, false);
    }
  }
  for (const action of [...selfActions, 'launch-create', 'scim-create', 'read']) {
    assert.equal(decide(operator, action, { type: 'Account', id: operator.id }).permit, false, action);
  }
});

test('an administrator’s actions: the role at our own pages, the scope through an app, or as a client', () => {
  for (const [action, { types, scope }] of administratorActions) {
    for (const type of types) {
      const may = (principal: Principal): boolean => decide(principal, action, { type }).permit;
      const yes = [
        user([], { roles }),
        user([scope], { roles, client: app }),
        client([scope]),
        client(['system/Patient.r', scope]),
      ];
      const no = [
        user([]),
        user([scope]),
        user([scope], { client: app }),
        user([], { roles, client: app }),
        user([], { roles, assurance: { level: 1, at: 0, methods: ['pwd'] } }),
        user([], { roles, tenant: 0 }),
        user([], { roles, within: [patients.mine] }),
        user([scope], { roles, within: [], client: app }),
        user([], { roles: ['Administrator', 'clinician'] }),
        user([], { roles, view: 'deidentified' }),
        client([], { roles }),
        client(['system/*.cruds']),
        client([scope], { tenant: 0 }),
        client([scope], { patient: patients.mine }),
        client([scope], { view: 'deidentified' }),
        client([scope], { kind: 'anonymous' }),
        client(['safeguard/launch']),
      ];
      for (const [index, one] of yes.entries()) assert.equal(may(one), true, `${action} ${type} yes ${index}`);
      for (const [index, one] of no.entries()) assert.equal(may(one), false, `${action} ${type} no ${index}`);
    }
    for (const type of ['Patient', 'Ledger', undefined]) {
      const target = type === undefined ? {} : { type };
      assert.equal(decide(user([], { roles }), action, target).permit, false, `${action} on another type`);
    }
  }
});

test('one scope opens its own actions and no other’s', () => {
  const allowed = (scope: string): string[] =>
    [...administratorActions].flatMap(([action, { types }]) =>
      decide(client([scope]), action, { type: `${types[0]}` }).permit ? [action.split('-')[0] ?? ''] : [],
    );
  assert.deepEqual(new Set(allowed('safeguard/clients')), new Set(['client', 'application', 'invitation']));
  assert.deepEqual([...new Set(allowed('safeguard/scim'))], ['scim']);
  assert.ok(!allowed('safeguard/accounts').some((noun) => noun === 'client' || noun === 'scim'));
  assert.deepEqual(allowed('safeguard/launch'), []);
});

test('an administrator opens no record by the role, and a product scope opens none either', () => {
  for (const principal of [user([], { roles }), client(['safeguard/accounts', 'safeguard/scim', 'safeguard/launch'])]) {
    for (const action of ['read', 'search-type', 'create', 'transaction', 'search-system']) {
      assert.equal(decide(principal, action, { type: 'Patient' }).permit, false, action);
    }
    assert.equal(access.visible(principal, 'Patient'), 'none');
  }
});

test('what is one’s own: the person alone, surely, never through an app, and nobody else’s', () => {
  for (const action of selfActions) {
    const may = (principal: Principal, id: string, type = 'Account'): boolean =>
      decide(principal, action, { type, id }).permit;
    const me = user([]);
    assert.equal(may(me, me.id), true, action);
    assert.equal(may({ ...me, within: [patients.mine] }, me.id), true, action);
    assert.equal(may(me, patients.mine), false, action);
    assert.equal(may(me, me.id, 'Client'), false, action);
    assert.equal(decide(me, action, { type: 'Account' }).permit, false, action);
    assert.equal(may({ ...me, client: app }, me.id), false, action);
    assert.equal(may(user([], { assurance: { level: 1, at: 0, methods: [] } }), me.id), false, action);
    assert.equal(may(client(['safeguard/accounts']), me.id), false, action);
  }
});

test('workforce start apps and ask for registrations at our own pages, or with the scope', () => {
  assert.ok(workforceActions.has('launch-create') && workforceActions.has('application-create'));
  for (const [action, { types, scope }] of workforceActions) {
    const [own = ''] = types;
    const may = (principal: Principal, type = own): boolean => decide(principal, action, { type }).permit;
    assert.equal(may(user([])), true, action);
    assert.equal(may(user([scope], { client: app })), true, action);
    assert.equal(may(client([scope])), true, action);
    assert.equal(may(user([], { client: app })), false, action);
    assert.equal(may(user([], { assurance: { level: 1, at: 0, methods: [] } })), false, action);
    assert.equal(may(user([], { within: [patients.mine] })), false, action);
    assert.equal(may(user([scope], { client: app, within: [patients.mine] })), false, action);
    assert.equal(may(client(['system/*.cruds', 'safeguard/accounts'])), false, action);
    assert.equal(may(client([scope], { patient: patients.mine })), false, action);
    assert.equal(may(user([]), 'Patient'), false, action);
    assert.equal(administratorActions.has(action), false, action);
  }
});
