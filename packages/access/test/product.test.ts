import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '@safeguard/http';
import { administratorActions, operatorActions, roleActions, selfActions, workforceActions } from '../index.ts';
import { makeStanding } from '../policy/sealed-standing.ts';
import type { Holding, OpenStanding } from '../standing/types.ts';
import { access, client, patients, user } from './world.ts';

const { decide } = access;
const roles = ['administrator'] as const;
const app = '0f2d3c4b-5a69-4788-9796-a5b4c3d2e1f0';
const operator = client([], { kind: 'operator', tenant: 0 });

test('operator actions: the operator, on their own type only; nothing else is an operator’s', () => {
  for (const [action, type] of operatorActions) {
    assert.equal(decide(operator, action, { type }).permit, true);
    for (const other of ['Patient', 'Observation']) {
      assert.equal(decide(operator, action, { type: other }).permit, other === type, `${action} ${other}`);
    }
    // What anybody of the workforce does for themselves is theirs by another table.
    const anybodys = roleActions.has(action) && roleActions.get(action)?.roles === undefined;
    const strangers = [client(['system/*.cruds']), client([], { kind: 'anonymous' }), user(['user/*.cruds'])];
    for (const stranger of strangers) {
      const { permit, rule } = decide(stranger, action, { type });
      assert.equal(permit, anybodys && stranger.kind === 'user', action);
      assert.notEqual(rule, 'operator', action);
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
        user([], { roles, view: 'deidentified' }),
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
    assert.equal(may(user([], { view: 'limited' })), false, action);
    assert.equal(may(user([], { assurance: { level: 1, at: 0, methods: [] } })), false, action);
    assert.equal(may(user([], { within: [patients.mine] })), false, action);
    assert.equal(may(user([scope], { client: app, within: [patients.mine] })), false, action);
    assert.equal(may(client(['system/*.cruds', 'safeguard/accounts'])), false, action);
    assert.equal(may(client([scope], { patient: patients.mine })), false, action);
    assert.equal(may(user([]), 'Patient'), false, action);
    assert.equal(administratorActions.has(action), false, action);
  }
});

const at = Date.parse('2026-11-22T12:00:00Z');
/** What programs may look at of the programme; they start checks too, as after a deployment. */
const programmeLooks = [
  ...['control-list', 'control-read', 'posture-read', 'check-run', 'evidence-list', 'evidence-read'],
  ...['parameter-list', 'document-list', 'document-read', 'document-acknowledgements', 'decision-list', 'waiver-list'],
  ...['inheritance-read', 'report-list', 'report-read', 'oscal-read'],
];
const grant = '5a2d3c4b-5a69-4788-9796-a5b4c3d2e1f0';

/** Somebody who holds these roles by grants at this moment. */
function holder(holdings: readonly (Partial<Holding> & { readonly role: string })[], more: Partial<Principal> = {}) {
  const all = holdings.map((one): Holding => ({ kind: 'standing', grant, until: at + 1, ...one }));
  const standing = makeStanding({ holdings: all, at } as unknown as OpenStanding);
  return user([], { account: 'workforce', standing, ...more });
}
const may = (principal: Principal, action: string, type = `${roleActions.get(action)?.types[0]}`): boolean =>
  decide(principal, action, { type }).permit;

test('access itself: whoever is of the workforce asks, officers hold offices; patients and proxies neither', () => {
  for (const [action, { roles: needed, types, scope }] of roleActions) {
    const holds = needed?.map((role) => holder([{ role }])) ?? [user([]), holder([])];
    for (const one of holds) {
      assert.equal(may(one, action), true, action);
      assert.equal(may({ ...one, view: 'deidentified' }, action), true, `${action}: an office shows no record`);
      assert.equal(may({ ...one, client: app }, action), false, `${action} through an app without the scope`);
      assert.equal(may({ ...one, client: app, scopes: ['user/*.cruds'] }, action), false, action);
      assert.equal(may({ ...one, client: app, scopes: [scope] }, action), true, `${action} through an app with it`);
      assert.equal(may({ ...one, within: [patients.mine] }, action), false, `${action} by a patient`);
      assert.equal(may({ ...one, within: [], client: app, scopes: [scope] }, action), false, action);
      assert.equal(may({ ...one, account: 'proxy' }, action), false, action);
      assert.equal(may({ ...one, tenant: 0 }, action), false, action);
      assert.equal(may({ ...one, assurance: { level: 1, at: 0, methods: [] } }, action), false, action);
      assert.equal(may(one, action, 'Coverage'), false, `${action} on another type`);
      assert.equal(decide(one, action).permit, false, action);
    }
    assert.equal(types.length, 1);
    assert.equal(administratorActions.has(action) || workforceActions.has(action) || selfActions.has(action), false);
  }
});

test('an office is held by a grant in force for the whole tenant, or not at all', () => {
  for (const [action, { roles: needed = [] }] of roleActions) {
    if (needed.length === 0) continue;
    const [role = ''] = needed;
    const not: readonly Principal[] = [
      user([]),
      holder([]),
      holder([{ role: 'clinician' }, { role: `${role} ` }]),
      holder([{ role, until: at }]),
      holder([{ role, until: at - 1 }]),
      holder([{ role, kind: 'break-glass' }]),
      holder([{ role, patients: [patients.mine] }]),
      { ...holder([{ role }]), standing: { kind: 'standing', holdings: [{ role }] } as never },
      { ...holder([{ role }]), standing: JSON.parse(JSON.stringify(holder([{ role }]).standing)) },
    ];
    for (const [index, one] of not.entries()) assert.equal(may(one, action), false, `${action} no ${index}`);
    assert.equal(may(holder([{ role, kind: 'elevation' }]), action), true, action);
    assert.equal(may(holder([{ role: 'clinician' }, { role }]), action), true, action);
    assert.equal(may(user([], { roles: ['administrator'] }), action), needed.includes('administrator'), action);
  }
  for (const action of ['who-can-see', 'consent-notes'])
    assert.equal(may(user([], { roles: ['administrator'] }), action), false);
  assert.equal(may(holder([{ role: 'auditor' }]), 'consent-notes'), false);
});

test('programs look with the scope; they ask, decide, open and end nothing', () => {
  const looks = new Set([
    ...['access-request-list', 'access-request-read', 'access-explain', 'grant-list', 'grant-read'],
    ...['break-glass-list', 'policy-list', 'policy-read', 'policy-simulate', 'review-list', 'review-read'],
    ...[
      'who-can-see',
      'who-did',
      'audit-read',
      'audit-search',
      'consent-notes',
      'access-hold-list',
      'access-hold-read',
    ],
    ...programmeLooks,
  ]);
  for (const [action, { scope }] of roleActions) {
    assert.equal(may(client([scope]), action), looks.has(action), action);
    for (const one of [
      client(['system/*.cruds', 'safeguard/accounts']),
      client([scope], { patient: patients.mine }),
      client([scope], { view: 'deidentified' }),
      client([scope], { tenant: 0 }),
      client([scope], { roles: ['privacy-officer', 'administrator'] as never, patient: patients.mine }),
    ]) {
      assert.equal(may(one, action), false, action);
    }
  }
});

test('an office opens no record', () => {
  const officer = holder([{ role: 'privacy-officer' }, { role: 'auditor' }], { scopes: [] });
  for (const action of ['read', 'search-type', 'update', 'account-list', 'ledger-read']) {
    for (const type of ['Patient', 'Account', 'Ledger']) {
      assert.equal(decide(officer, action, { type }).permit, false, `${action} ${type}`);
    }
  }
});
