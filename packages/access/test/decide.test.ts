import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '@safeguard/http';
import { isFault } from '@safeguard/kernel';
import fc from 'fast-check';
import type { Decide } from '../index.ts';
import { mayAct } from './oracle.ts';
import {
  access,
  anyAction,
  anyPrincipal,
  anyScope,
  anyType,
  client,
  goodScope,
  lettersByAction,
  patients,
  types,
  user,
} from './world.ts';

const { decide, guard, narrows } = access;

const scopes = fc.array(fc.oneof(goodScope, anyScope), { maxLength: 4 });
const asked = scopes.chain((list) => fc.tuple(anyPrincipal(list), anyAction, anyType));

function holdsOracle(judge: Decide): void {
  fc.assert(
    fc.property(asked, ([principal, action, type]) => {
      fc.pre(principal.kind !== 'operator');
      const target = type === undefined ? {} : { type };
      assert.equal(judge(principal, action, target).permit, mayAct(principal, action, type));
    }),
    { numRuns: 15_000, seed: 20261122 },
  );
}

test('nothing is permitted that no scope permits, and everything that one does', () => holdsOracle(decide));

test('negative control: a careless decide fails the same property', () => {
  const careless: Record<string, Decide> = {
    'history of a type counted as reading': (principal, action, target) =>
      decide(principal, action === 'history-type' ? 'read' : action, target),
    'unknown types fall under the wildcard': (principal, action, target) =>
      decide(principal, action, types.has(target?.type ?? '') ? target : { type: 'Group' }),
    'patch forgotten: taken for a read': (principal, action, target) =>
      decide(principal, action === 'patch' ? 'read' : action, target),
    'default permit': (principal, action, target) => {
      const decision = decide(principal, action, target);
      return decision.reason === 'unknown action' ? { ...decision, permit: true } : decision;
    },
    'a person is taken for a client': (principal, action, target) =>
      decide(
        { ...principal, kind: 'client', scopes: principal.scopes.map((it) => it.replace(/^\w+/, 'system')) },
        action,
        target,
      ),
    'the assurance is not looked at': (principal, action, target) =>
      decide({ ...principal, assurance: { level: 2, at: 0, methods: [] } }, action, target),
    'the patient need not be one of theirs': ({ within, ...principal }, action, target) =>
      decide(principal, action, target),
    'a patient in context is not asked for': (principal, action, target) =>
      decide({ patient: patients.mine, ...principal }, action, target),
  };
  for (const [name, judge] of Object.entries(careless)) assert.throws(() => holdsOracle(judge), name);
});

test('narrowing never adds rights, and dropping a scope never does', () => {
  const lists = fc
    .tuple(fc.array(goodScope, { minLength: 1, maxLength: 4 }), goodScope, anyAction, anyType)
    .chain(([granted, one, action, type]) => fc.tuple(fc.constant({ granted, one, action, type }), anyPrincipal([])));
  fc.assert(
    fc.property(lists, ([{ granted, one, action, type }, principal]) => {
      const may = (list: readonly string[]): boolean =>
        decide({ ...principal, scopes: list }, action, type === undefined ? {} : { type }).permit;
      if (narrows(one, granted)) assert.ok(may(granted) || !may([one]));
      assert.ok(may(granted) || !may(granted.slice(1)));
    }),
    { numRuns: 6000, seed: 7 },
  );
});

const everything = ['system/*.cruds', 'user/*.cruds', 'patient/*.cruds'];

test('whoever is nobody, below the second factor, or of the platform is denied everything but the public', () => {
  const strangers: Principal[] = [
    client(everything, { kind: 'anonymous' }),
    client(everything, { tenant: 0 }),
    client(everything, { tenant: Number.NaN }),
    client(everything, { kind: 'operator' }),
    client([]),
    client(['user/*.cruds', 'patient/*.cruds', 'openid', 'system/*'], { patient: patients.mine }),
    user(['system/*.cruds'], { patient: patients.mine }),
    user(everything, { tenant: 0 }),
    user(everything, { assurance: { level: 1, at: Date.now(), methods: ['pwd'] } }),
    user(everything, { assurance: undefined as never }),
    user(everything, { within: [], patient: patients.mine }),
    user(['patient/*.cruds']),
    user(['patient/*.cruds'], { patient: patients.mine, within: [patients.other] }),
    user([], { roles: ['administrator'] }),
  ];
  for (const [index, principal] of strangers.entries()) {
    for (const action of [...Object.keys(lettersByAction), 'search-system', 'transaction', 'batch']) {
      assert.equal(decide(principal, action, { type: 'Patient' }).permit, false, `${index} ${action}`);
    }
    assert.equal(decide(principal, 'capabilities').permit, true);
  }
  const unsure = user(everything, { assurance: { level: 1, at: 0, methods: [] } });
  assert.equal(decide(unsure, 'read', { type: 'Patient' }).reason, 'second factor required');
});

test('a person’s rights: user/ without a patient, patient/ with one, the whole system with * alone', () => {
  const may = (principal: Principal, action: string, type?: string): boolean =>
    decide(principal, action, type === undefined ? undefined : { type }).permit;
  assert.equal(may(user(['user/Patient.rs']), 'read', 'Patient'), true);
  assert.equal(may(user(['patient/Patient.rs'], { patient: patients.mine }), 'read', 'Patient'), true);
  assert.equal(may(user(['user/Patient.rs']), 'search-system'), false);
  assert.equal(may(user(['user/*.rs']), 'search-system'), true);
  assert.equal(may(user(['patient/*.rs']), 'search-system'), false);
  assert.equal(may(user(['patient/*.rs'], { patient: patients.mine }), 'history-system'), true);
  assert.equal(may(user(['user/*.r']), 'batch'), true);
});

test('an envelope needs a scope, and a decision names the rule', () => {
  assert.deepEqual(decide(client(['system/Patient.read']), 'search-type', { type: 'Patient' }), {
    permit: true,
    reason: 'scope',
    rule: 'system/Patient.rs',
  });
  assert.equal(
    decide(user(['user/Observation.rs?category=a'], {}), 'read', { type: 'Observation' }).rule,
    'user/Observation.rs?category=a',
  );
  assert.equal(decide(client(['system/Patient.r']), 'transaction').reason, 'each entry is decided on its own');
  assert.equal(decide(client(['system/Foo.r']), 'transaction').reason, 'no scopes');
});

test('a list that can change is compiled anew: taking a scope out takes effect', () => {
  const list = ['system/Patient.r'];
  const principal: Principal = { ...client([]), scopes: list };
  assert.equal(decide(principal, 'read', { type: 'Patient' }).permit, true);
  list.pop();
  assert.equal(decide(principal, 'read', { type: 'Patient' }).permit, false);
});

test('guard throws forbidden in fixed words that hold nothing of the request', () => {
  const secret = 'Zaphod';
  assert.doesNotThrow(() => guard(client(['system/*.r']), 'read', { type: 'Patient' }));
  assert.throws(
    () => guard(client(['system/*.r'], { id: secret }), secret, { type: secret }),
    (error) => isFault(error) && error.kind === 'forbidden' && !error.message.includes(secret),
  );
});

test('a decision costs well under 2 microseconds', () => {
  const principals = [
    client(['system/Patient.rs', 'system/Observation.cruds', 'system/*.r']),
    user(['user/Patient.rs', 'patient/Observation.cruds', 'patient/Observation.rs?category=a'], {
      patient: patients.mine,
      within: [patients.mine],
    }),
  ];
  const target = { type: 'Observation' };
  for (const principal of principals) {
    for (let warm = 0; warm < 20_000; warm++) decide(principal, 'create', target);
    const start = process.cpuUsage();
    for (let round = 0; round < 500_000; round++) decide(principal, 'create', target);
    const { user: own, system } = process.cpuUsage(start);
    assert.ok((own + system) / 500_000 < 2, `${(own + system) / 500_000} microseconds a decision`);
  }
});
